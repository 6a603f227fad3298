"""An employee asks for roles; those who may decide do: in Dutch with a shorter time, in French with a refusal."""

from collections.abc import Callable
from datetime import timedelta

from django.utils import timezone
from playwright.sync_api import expect

from roles.models import RoleAssignment, RoleRequest
from tests.journeys.conftest import Visitor

ENERGY, FINANCE = "FLUVIUS_ENERGY_PORTAL_ADMIN", "FIN_FATCA"


def ask(anna: Visitor, role: str, *, why: str) -> RoleRequest:
    """Ask for a role without an end, from the list of one's own roles; return the request."""
    anna.open("/my-roles/")
    anna.page.locator('main a[href="/my-roles/request/"]').click()
    anna.page.locator("#id_q").fill(role)
    anna.page.locator("button[value=search]").click()
    anna.page.locator(f"#role-{role}").check()
    anna.page.locator("button[value=next]").click()
    anna.page.locator('input[name="duration"][value="unlimited"]').check()
    anna.page.locator("#id_motivation").fill(why)
    anna.page.locator("button[value=next]").click()
    anna.page.locator("button[value=send]").click()
    anna.page.wait_for_url("**/done/")
    return RoleRequest.objects.latest("id")


def test_a_request_is_approved_for_a_shorter_time_by_a_manager_who_may(
    visit: Callable[..., Visitor], post: Callable[[], int]
) -> None:
    anna = visit("nl")
    anna.sign_in("Anna Peeters")
    row = ask(anna, ENERGY, why="Voor de meterstanden")
    assert anna.heading == "Aanvraag verstuurd"
    assert "Wie beslist: Jean Dubois of Tom Janssens" in anna.text
    assert row.reference.rsplit("-", 1)[0] in anna.text

    # Marie is access manager of another domain: no letter, nothing in her list, no page.
    post()
    marie = visit("fr")
    marie.open("/mailbox/")
    assert "Anna Peeters vraagt een rol aan" in marie.text and "marie.claes" not in marie.text
    marie.sign_in("Marie Claes")
    marie.open("/requests/")
    assert "Aucune demande à traiter." in marie.text
    marie.open(f"/requests/{row.key}/")
    assert marie.heading == "Page introuvable"

    tom = visit("nl")
    tom.sign_in("Tom Janssens")
    tom.page.locator("main input[type=radio]").first.check()
    tom.page.locator("main button").first.click()
    tom.open("/requests/")
    tom.press("Anna Peeters")
    assert tom.heading == "Aanvraag van Anna Peeters"
    assert "Voor de meterstanden" in tom.text
    tom.page.locator("main button.button").click()
    assert 'Kies "goedkeuren" of "weigeren"' in tom.page.locator(".error-summary").inner_text()
    last = timezone.localdate() + timedelta(days=100)
    tom.tick("Goedkeuren")
    tom.page.locator('input[name="duration"][value="until"]').check()
    for part in ("day", "month", "year"):
        tom.page.locator(f"#id_until_{part}").fill(str(getattr(last, part)))
    tom.page.locator("main button.button").click()
    expect(tom.page.locator("main .tag").first).to_have_text("Goedgekeurd")
    given = RoleAssignment.objects.latest("id")
    assert (given.assignee.given_name, given.role.code, given.valid_until) == ("Anna", ENERGY, last)

    post()
    anna.open("/mailbox/")
    assert "Uw rolaanvraag is goedgekeurd" in anna.text
    anna.open("/my-roles/")
    assert "Actief" in anna.page.locator("tr", has_text="Mijn.Fluvius").inner_text()
    anna.open("/requests/?status=mine")
    assert "Tom Janssens heeft de aanvraag goedgekeurd op" in anna.text


def test_a_refusal_says_why_and_a_request_can_be_withdrawn(
    visit: Callable[..., Visitor], post: Callable[[], int]
) -> None:
    anna = visit("fr", javascript=False)
    anna.sign_in("Anna Peeters")
    row = ask(anna, FINANCE, why="Pour la déclaration")
    assert anna.heading == "Demande envoyée"

    marie = visit("fr", width=320)
    marie.sign_in("Marie Claes")
    marie.open("/requests/")
    assert "À traiter (1)" in marie.text and marie.overflow == 0
    marie.press("Anna Peeters")
    assert marie.heading == "Demande envoyée par Anna Peeters" and marie.overflow == 0
    marie.tick("Refuser")
    marie.page.locator("main button.button").click()
    assert "Dites pourquoi vous refusez" in marie.page.locator(".error-summary").inner_text()
    marie.page.locator("#id_note").fill("Jean s’en occupe déjà")
    marie.page.locator("main button.button").click()
    expect(marie.page.locator("main .tag").first).to_have_text("Refusé")

    post()
    anna.open("/mailbox/")
    assert "Uw rolaanvraag is geweigerd" in anna.text  # the language that Anna chose for letters
    anna.open(f"/requests/{row.key}/")
    assert "Raison de la décision : Jean s’en occupe déjà" in anna.text.replace("\u00a0", " ")

    again = ask(anna, FINANCE, why="")
    anna.open(f"/requests/{again.key}/")
    anna.press("Retirer ma demande")
    assert "Votre demande est retirée" in anna.text
    marie.open("/requests/")
    assert "Aucune demande à traiter." in marie.text
