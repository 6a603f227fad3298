"""What follows an assignment, and what goes differently: confirming, stepping up, two tabs, coming back."""

import re
from collections.abc import Callable

from django.contrib.sessions.models import Session
from playwright.sync_api import expect

from outbox.models import OutgoingEmail
from roles.models import RoleAssignment
from tests.journeys.conftest import Visitor


def give_myself(visitor: Visitor, role: str) -> None:
    """Walk through the wizard for oneself: one role, without an end."""
    visitor.open("/assignments/new/?role=" + role)
    visitor.page.locator("main form:has(input[value=search]) button").click()
    visitor.page.locator("#myself").check()
    visitor.page.locator("button[value=next]").click()
    visitor.page.locator("button[value=next]").click()
    visitor.page.locator('input[name="duration"][value="unlimited"]').check()
    visitor.page.locator("button[value=next]").click()


def test_what_a_chief_of_a_new_organisation_gives_herself_is_confirmed_by_her_colleague(
    visit: Callable[..., Visitor], post: Callable[..., int]
) -> None:
    ingrid = visit("de")
    ingrid.sign_in("Ingrid Schmitz")
    give_myself(ingrid, "CCB_SAFEONWEBATWORK_EDIT")
    assert "Klaus Lennertz muss" in ingrid.text
    ingrid.page.locator("button[value=finish]").click()
    expect(ingrid.page.locator("main .tag")).to_have_text("Zu bestätigen")
    row = RoleAssignment.objects.latest("id")
    post()

    klaus = visit("de")
    klaus.open("/mailbox/")
    assert "Bestätigen Sie die Rolle von Ingrid Schmitz" in klaus.text
    klaus.sign_in("Klaus Lennertz")
    klaus.page.locator(f'a[href="/assignments/{row.key}/confirm/"]').click()
    klaus.page.locator("main button.button").click()
    assert "Wählen Sie" in klaus.page.locator(".error-summary").inner_text()
    klaus.page.locator("#answer-confirm").check()
    klaus.page.locator("main button.button").click()
    expect(klaus.page.locator("main .tag").first).to_have_text("Aktiv")
    assert "Rolle bestätigt" in klaus.text

    ingrid.open("/my-roles/")
    assert "Aktiv" in ingrid.page.locator("tr", has_text="CCB SAFEONWEBATWORK EDIT").inner_text()
    row.refresh_from_db()
    assert row.confirmed_by is not None and row.confirmed_by.given_name == "Klaus"


def test_a_code_by_e_mail_shows_roles_and_asks_for_a_higher_key_before_giving_any(
    visit: Callable[..., Visitor], post: Callable[..., int]
) -> None:
    jean = visit("en", javascript=False)
    jean.open("/assignments/new/?role=CCB_SAFEONWEBATWORK_EDIT")
    jean.press("Sign in")
    jean.page.locator('form[action="/login/email/"] button').click()
    jean.page.locator("input[name=address]").first.fill("jean.dubois@boulangerie-dubois.example")
    jean.page.locator("main form").first.locator("button").click()
    post()
    letter = OutgoingEmail.objects.get(name="security_code")
    code = re.search(r"\b\d{8}\b", letter.demo_text or "")
    assert code is not None and code[0] not in letter.kept_text
    jean.page.locator("input[name=code]").fill(code[0])
    jean.page.locator("main button.button").first.click()

    assert jean.heading == "You cannot do this (yet)"
    jean.open("/my-roles/")
    assert jean.heading == "My role assignments"
    jean.open("/assignments/new/?role=CCB_SAFEONWEBATWORK_EDIT")
    jean.press("Sign in with another key")
    jean.page.locator('form[action="/login/eid/"] button').click()
    jean.page.get_by_label("Jean Dubois", exact=True).check()
    jean.page.locator("input[type=password]").fill("1234")
    jean.page.locator("main form button.button").click()
    assert jean.heading == "Assign a role"
    assert "CCB SAFEONWEBATWORK EDIT" in jean.text


def test_two_tabs_with_two_drafts_never_mix(visit: Callable[..., Visitor]) -> None:
    tom = visit("en")
    tom.sign_in("Tom Janssens")
    tom.page.locator("main input[type=radio]").first.check()
    tom.page.locator("main button").first.click()
    first, second = tom.page, tom.context.new_page()
    for page, name, role in ((first, "anna peeters", "EMCS"), (second, "marie claes", "FATCA")):
        page.goto(tom.base + "/")
        page.locator("form:has(input[value=search]) button").click()
        page.locator("#id_q").fill(name)
        page.locator("button[value=search]").click()
        page.locator("input[name=person]").first.check()
        page.locator("button[value=next]").click()
        page.locator("button[value=next]").click()
        page.locator("#id_q").fill(role)
        page.locator("button[value=search]").click()
        page.locator("input[name=role]").first.check()
    # Each tab goes on after the other one was used.
    for page in (first, second):
        page.locator("button[value=next]").click()
        page.locator('input[name="duration"][value="one_year"]').check()
        page.locator("button[value=next]").click()
    for page in (first, second):
        page.locator("button[value=finish]").click()
        page.wait_for_url("**/done/")
    given = RoleAssignment.objects.order_by("-id")[:2]
    assert {(row.assignee.given_name, row.role.code) for row in given} == {
        ("Anna", "CUSTOMS_EMCS"),
        ("Marie", "FIN_FATCA"),
    }


def test_a_session_that_ends_in_step_3_loses_nothing(visit: Callable[..., Visitor]) -> None:
    jean = visit("en")
    jean.sign_in("Jean Dubois")
    jean.press("Assign a role to a user")
    jean.page.locator("#id_q").fill("claes")
    jean.page.locator("button[value=search]").click()
    jean.page.locator("input[name=person]").first.check()
    jean.page.locator("button[value=next]").click()
    step_3 = jean.page.url
    for session in Session.objects.all():
        store = session.get_session_store_class()(session.session_key)
        store.update({"seen_at": "2026-01-01T00:00:00+00:00", "signed_in_at": "2026-01-01T00:00:00+00:00"})
        store.save()
    jean.page.locator("button[value=search]").click()
    assert jean.heading == "Your session has ended"
    jean.press("Sign in")
    jean.page.locator('form[action="/login/eid/"] button').click()
    jean.page.get_by_label("Jean Dubois", exact=True).check()
    jean.page.locator("input[type=password]").fill("1234")
    jean.page.locator("main form button.button").click()
    assert jean.page.url == step_3
    assert "Marie Claes" in jean.text


def test_somebody_the_portal_does_not_know_signs_in_for_the_first_time(visit: Callable[..., Visitor]) -> None:
    nora = visit("nl")
    nora.sign_in("Nora Vandenbroucke")
    assert nora.page.url.endswith("/profile/") or "/profile/" in nora.page.url
    nora.page.locator("main button.button").click()
    assert nora.heading == "Mijn openstaande taken"
    assert "U kunt nog geen rollen toekennen" in nora.text


def test_pressing_the_last_button_twice_gives_the_role_once(visit: Callable[..., Visitor]) -> None:
    jean = visit("en", javascript=False)
    jean.sign_in("Jean Dubois")
    give_myself(jean, "CUSTOMS_EMCS")
    second = jean.context.new_page()
    second.goto(jean.page.url)
    jean.page.locator("button[value=finish]").click()
    second.locator("button[value=finish]").click()
    assert second.url == jean.page.url
    assert second.url.endswith("/done/")
    assert RoleAssignment.objects.filter(assignee__given_name="Jean", role__code="CUSTOMS_EMCS").count() == 1
    jean.page.go_back()
    jean.page.reload()
    assert jean.page.url.endswith("/done/")
