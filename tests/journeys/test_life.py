"""The life of a role after it was given: undone, extended, ended on a day, given up, many at once; in two languages."""

from collections.abc import Callable
from datetime import timedelta

from django.utils import timezone
from playwright.sync_api import expect

from outbox.models import OutgoingEmail
from roles.models import RoleAssignment
from tests.journeys.conftest import Visitor

ROLE = "CCB_SAFEONWEBATWORK_EDIT"


def give_anna(visitor: Visitor) -> RoleAssignment:
    """Walk through the wizard: one role for Anna Peeters, for a year."""
    visitor.open("/assignments/new/?role=" + ROLE)
    visitor.page.locator("main form:has(input[value=search]) button").click()
    visitor.page.locator("#id_q").fill("anna peeters")
    visitor.page.locator("button[value=search]").click()
    visitor.page.get_by_label("Anna Peeters").check()
    visitor.page.locator("button[value=next]").click()
    visitor.page.locator("button[value=next]").click()
    visitor.page.locator('input[name="duration"][value="one_year"]').check()
    visitor.page.locator("button[value=next]").click()
    visitor.page.locator("button[value=finish]").click()
    return RoleAssignment.objects.latest("id")


def test_a_mistake_is_undone_with_one_button_and_nobody_is_written_to(
    visit: Callable[..., Visitor], post: Callable[..., int]
) -> None:
    jean = visit("fr")
    jean.sign_in("Jean Dubois")
    row = give_anna(jean)
    jean.open("/mailbox/")
    assert "Ce message part à" in jean.text
    jean.page.go_back()
    second = jean.context.new_page()
    second.goto(jean.page.url)
    jean.page.locator('form[action$="/undo/"] button').click()
    expect(jean.page.locator("main .tag").first).to_have_text("Annulé")
    assert "Attribution annulée" in jean.heading
    row.refresh_from_db()
    assert row.end_reason == "undone"
    # The tab that still shows the button, pressed afterwards.
    second.locator('form[action$="/undo/"] button').click()
    assert "Il ne reste rien à annuler dans cette attribution" in second.locator("main").inner_text()
    assert not OutgoingEmail.objects.filter(status="queued").exists()
    assert not OutgoingEmail.objects.filter(status="sent", batch=row.reference.rpartition("-")[0]).exists()

    anna = visit("nl")
    anna.sign_in("Anna Peeters")
    anna.open("/my-roles/?status=past")
    assert "Geannuleerd" in anna.text


def test_extended_then_ended_on_a_day_then_given_up_by_keyboard(visit: Callable[..., Visitor]) -> None:
    jean = visit("fr")
    jean.sign_in("Jean Dubois")
    row = give_anna(jean)
    jean.open(f"/assignments/{row.key}/")
    assert "Pourquoi ce rôle est actif" in jean.text
    jean.page.locator('main a[href$="/extend/"]').click()
    jean.page.locator('input[name="duration"][value="unlimited"]').check()
    jean.page.locator("main button.button").click()
    longer = RoleAssignment.objects.get(replaces=row)
    assert jean.page.url.endswith(f"/assignments/{longer.key}/")
    assert row.reference in jean.text

    last = timezone.localdate() + timedelta(days=60)
    jean.page.locator('main a[href$="/end/"]').click()
    assert "Anna Peeters" in jean.text
    jean.page.locator("main button.button-ending").click()
    assert "Choisissez quand l’attribution se termine" in jean.page.locator(".error-summary").inner_text()
    jean.page.locator('input[name="when"][value="date"]').check()
    # A whole date in the first field is understood.
    jean.page.locator("#id_until_day").fill(f"{last:%d/%m/%Y}")
    jean.page.locator("#id_note").fill("Elle change de service")
    jean.page.locator("main button.button-ending").click()
    longer.refresh_from_db()
    assert (longer.last_day, longer.end_note) == (last, "Elle change de service")
    expect(jean.page.locator("main .tag").first).to_have_text("Actif")

    anna = visit("nl")
    anna.sign_in("Anna Peeters")
    anna.open(f"/assignments/{longer.key}/")
    anna.page.locator('main a[href$="/end/"]').press("Enter")
    anna.page.locator('input[name="when"][value="now"]').press("Space")
    anna.page.locator("#id_note").press("Tab")
    anna.page.keyboard.press("Enter")
    expect(anna.page.locator("main .tag").first).to_have_text("Stopgezet")
    longer.refresh_from_db()
    assert longer.end_reason == "holder"


def test_several_roles_end_from_the_list_after_a_page_that_asks(visit: Callable[..., Visitor]) -> None:
    marie = visit("fr")
    marie.sign_in("Marie Claes")
    marie.open("/assignments/")
    marie.page.locator("button[value=end]").click()
    assert "Choisissez au moins une attribution" in marie.page.locator(".error-summary").inner_text()
    marie.open("/assignments/?status=active&sort=person")
    ticks = marie.page.locator("input[name=key]")
    chosen = [ticks.nth(number).get_attribute("value") for number in range(2)]
    for number in range(2):
        ticks.nth(number).check()
    marie.page.locator("button[value=end]").click()
    marie.page.locator('input[name="when"][value="now"]').check()
    marie.page.locator("main button.button-ending").click()
    assert marie.page.url.endswith("/assignments/")
    assert RoleAssignment.objects.filter(key__in=chosen, end_reason__in=["manager", "holder"]).count() == 2
    # Back leads to a page that says so and has no such button any more.
    marie.page.go_back()
    assert "Ces attributions sont déjà terminées" in marie.text
    assert marie.page.locator("main button.button-ending").count() == 0
