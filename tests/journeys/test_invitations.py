"""An invitation from the first button to the role: Jean invites, a newcomer accepts, somebody else is turned away."""

import re
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import expect

from outbox.models import OutgoingEmail
from roles.models import Invitation, RoleAssignment
from tenants.models import Person
from tests.journeys.conftest import Visitor
from tests.journeys.test_screens import LOOKS, OPTIONS, Look

CYBER = "CCB_SAFEONWEBATWORK_EDIT"
CODE = re.compile(r"\b[2-9A-HJ-NP-Z]{4}-[2-9A-HJ-NP-Z]{4}\b")


def write_down(visitor: Visitor, given: str, family: str, email: str, language: str, button: str) -> None:
    """Fill in the first page for one person and press a button."""
    page = visitor.page
    page.locator("#id_given_name").fill(given)
    page.locator("#id_family_name").fill(family)
    page.locator("#id_email").fill(email)
    page.locator(f'input[name="language"][value="{language}"]').check()
    page.locator(f"button[value={button}]").click()


def code_for(email: str) -> str:
    """Return the code of the newest letter to a mailbox, as the demo mailbox shows it."""
    letter = OutgoingEmail.objects.filter(name="invitation", to=email).latest("id")
    found = CODE.search(letter.demo_text or "")
    assert found is not None and found[0] not in letter.kept_text
    return found[0]


@pytest.mark.parametrize("language", ["fr", "de"])
def test_two_people_are_invited_one_accepts_and_a_forwarded_code_opens_nothing(
    visit: Callable[..., Visitor], post: Callable[[], int], language: str
) -> None:
    post()  # the invitation of the demonstration
    jean = visit(language)
    jean.sign_in("Jean Dubois")
    jean.page.locator('main a[href="/invitations/"]').click()
    jean.page.locator('form[action="/invitations/new/"] button').click()
    jean.page.locator("button[value=next]").click()
    expect(jean.page.locator(".error-summary li")).to_have_count(4)
    write_down(jean, "Nora", "Vandenbroucke", "nora@post.example", "nl", "add")
    assert "Nora Vandenbroucke" in jean.text
    write_down(jean, "Ruth", "Plumanns", "ruth@post.example", "de", "next")
    jean.page.locator("#id_q").fill("safeonweb")
    jean.page.locator("button[value=search]").click()
    jean.page.locator(f'input[name="role"][value="{CYBER}"]').check()
    jean.page.locator("button[value=next]").click()
    jean.page.locator('input[name="duration"][value="one_year"]').check()
    jean.page.locator("#id_message").fill("Willkommen, bienvenue")
    jean.page.locator("button[value=next]").click()
    assert jean.page.url.endswith("/review/")
    for words in ("Nora Vandenbroucke", "Ruth Plumanns", "nora@post.example", "Willkommen, bienvenue"):
        assert words in jean.text
    jean.page.locator("button[value=send]").click()
    jean.page.wait_for_url("**/done/")
    expect(jean.page.locator("main .task .tag")).to_have_count(2)
    assert post() == 2

    # The code is forwarded to somebody with another name.
    olivier = visit(language)
    olivier.open("/invitation/")
    olivier.sign_in("Olivier Lambert", path="/login/?next=/invitation/")
    olivier.page.locator("#id_code").fill(code_for("nora@post.example"))
    olivier.page.locator("main button.button").click()
    assert "Nora Vandenbroucke" in olivier.text and "Olivier Lambert" in olivier.text
    assert "Boulangerie" not in olivier.text

    # Nora has a card, and has never been here; the letter told her where to go.
    nora = visit(language, width=320)
    nora.open("/")
    nora.page.locator('main a[href="/invitation/"]').click()
    nora.page.locator('form[action="/login/eid/"] button').click()
    nora.page.get_by_label("Nora Vandenbroucke", exact=True).check()
    nora.page.locator("input[type=password]").fill("1234")
    nora.page.locator("main form button.button").click()
    nora.page.locator(f'main input[value="{language}"]').check()  # what a first sign-in asks
    nora.page.locator("main button.button").click()
    nora.page.wait_for_url("**/invitation/")
    assert nora.overflow == 0
    nora.page.locator("#id_code").fill("ABCD-EFGH")
    nora.page.locator("main button.button").click()
    expect(nora.page.locator(".error-summary")).to_be_visible()
    nora.page.locator("#id_code").fill(code_for("nora@post.example").replace("-", "").lower())
    nora.page.locator("main button.button").click()
    assert "Jean Dubois" in nora.heading
    for words in ("Boulangerie Dubois SRL", "CCB SAFEONWEBATWORK EDIT", "Willkommen, bienvenue"):
        assert words in nora.text
    assert nora.overflow == 0
    nora.page.locator("main button.button").click()
    expect(nora.page.locator(".error-summary li")).to_have_count(1)
    nora.page.locator("#answer-accept").check()
    nora.page.locator("main button.button").click()
    expect(nora.page.locator("main .task .tag")).to_have_count(1)
    assert nora.overflow == 0
    role = RoleAssignment.objects.get(assignee__family_name="Vandenbroucke")
    assert (role.role.code, role.assigned_by.given_name, role.origin) == (CYBER, "Jean", "invitation")

    # The inviter sees it, sends the other one again, then cancels it.
    letters: dict[str, Any] = {}
    assert post() == 2
    for letter in OutgoingEmail.objects.filter(name__in=("role_given", "invitation_answered")):
        letters[letter.name] = letter.to
    assert set(letters) == {"role_given", "invitation_answered"}
    assert letters["role_given"] == Person.objects.get(family_name="Vandenbroucke").email
    row = Invitation.objects.get(family_name="Plumanns")
    jean.open("/invitations/")
    jean.page.locator(f'a[href="/invitations/{row.key}/"]').click()
    old = code_for("ruth@post.example")
    jean.page.locator(f'form[action="/invitations/{row.key}/send-again/"] button').click()
    expect(jean.page.locator(".banner")).to_be_visible()
    post()
    assert code_for("ruth@post.example") != old
    jean.page.locator(f'a[href="/invitations/{row.key}/cancel/"]').click()
    jean.page.locator("button.button-ending").click()
    expect(jean.page.locator(".banner")).to_be_visible()
    row.refresh_from_db()
    assert row.status == "cancelled"
    assert post() == 1


def screens(jean: Visitor, nora: Visitor, post: Callable[[], int]) -> Iterator[tuple[Visitor, str]]:
    """Lead two visitors from screen to screen; yield the name of each when it is open."""
    nora.sign_in("Nora Vandenbroucke")
    nora.page.locator("main button.button").click()
    jean.sign_in("Jean Dubois")
    jean.open("/invitations/")
    yield jean, "list"
    jean.page.locator('form[action="/invitations/new/"] button').click()
    jean.page.locator("button[value=next]").click()
    yield jean, "people-error"
    write_down(jean, "Nora", "Vandenbroucke", "nora@werkstaetten-und-handelsgesellschaft.example", "de", "add")
    yield jean, "people"
    jean.page.locator("button[value=next]").click()
    yield jean, "roles"
    jean.page.locator("#role-FIN_MANDATE_EXECUTOR").check()
    jean.page.locator("button[value=next]").click()
    jean.page.locator("button[value=next]").click()
    yield jean, "properties-error"
    jean.page.locator('input[name="duration"][value="one_year"]').check()
    for box in jean.page.locator('input[value="yes"], input[type="checkbox"]').all():
        box.check()
    jean.page.locator("button[value=next]").click()
    yield jean, "review"
    jean.page.locator("button[value=send]").click()
    jean.page.wait_for_url("**/done/")
    yield jean, "done"
    post()
    row = Invitation.objects.get(family_name="Vandenbroucke")
    jean.open(f"/invitations/{row.key}/")
    yield jean, "invitation"
    jean.open(f"/invitations/{row.key}/cancel/")
    yield jean, "cancel"
    jean.open("/invitation/")
    jean.page.locator("#id_code").fill(code_for(row.email))
    jean.page.locator("main button.button").click()
    yield jean, "for-another"
    nora.open("/invitation/")
    nora.page.locator("main button.button").click()
    yield nora, "code-error"
    nora.page.locator("#id_code").fill(code_for(row.email))
    nora.page.locator("main button.button").click()
    nora.page.locator("main button.button").click()
    yield nora, "answer-error"
    nora.page.locator("#answer-accept").check()
    nora.page.locator("main button.button").click()
    yield nora, "result"
    jean.open(f"/invitations/{row.key}/")
    yield jean, "accepted"


@pytest.mark.parametrize("look", LOOKS[:2], ids=lambda look: f"{look.language}-{look.width}-{look.scheme}")
def test_every_screen_of_invitations_is_accessible_and_fits(
    visit: Callable[..., Visitor], post: Callable[[], int], look: Look
) -> None:
    jean, nora = (visit(look.language, width=look.width, scheme=look.scheme) for _ in range(2))
    post()
    axe, problems, seen = Axe(), [], []
    for visitor, name in screens(jean, nora, post):
        seen.append(name)
        page = visitor.settle()
        if visitor.overflow:
            problems.append(f"{name}: {visitor.overflow} px wider than the window")
        if page.locator("h1").count() != 1 or visitor.heading.strip() not in page.title():
            problems.append(f"{name}: heading {visitor.heading!r}, title {page.title()!r}")
        result = axe.run(page, options=OPTIONS).response
        for kind in ("violations", "incomplete"):
            for finding in result[kind]:
                nodes = [node["html"][:150] for node in finding["nodes"][:3]]
                problems.append(f"{name}: {kind} {finding['id']} {nodes}")
    assert len(seen) == 14
    assert not problems, "\n".join(problems)
