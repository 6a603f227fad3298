"""The two public guides, followed to the letter, from the login page to "Actif"."""

from collections.abc import Callable

from playwright.sync_api import expect

from rolemgmt.demo.cast import CAST
from roles.models import RoleAssignment
from tests.journeys.conftest import Visitor

ANNA = next(person for person in CAST if person.given_name == "Anna")


def test_the_safeonweb_guide_leads_to_actif_without_javascript(
    visit: Callable[..., Visitor], post: Callable[..., int]
) -> None:
    jean = visit("fr", javascript=False)
    jean.open("/")
    jean.press("S’identifier")
    jean.page.locator('form[action="/login/eid/"] button').click()
    jean.page.get_by_label("Jean Dubois", exact=True).check()
    jean.page.locator("input[type=password]").fill("1234")
    jean.press("Confirmer avec la carte")
    assert jean.heading == "Mes tâches ouvertes"

    jean.press("Attribuer un rôle à un utilisateur")
    jean.page.locator("#id_q").fill("anna peeters")
    jean.press("Rechercher")
    jean.tick("Anna Peeters")
    jean.press("Ajouter les personnes sélectionnées")
    jean.press("Étape suivante")

    assert "étape 3 sur 5" in jean.page.title()
    jean.page.locator("#id_q").fill("CCB SAFEONWEBATWORK EDIT")
    jean.press("Rechercher")
    jean.tick("CCB SAFEONWEBATWORK EDIT")
    jean.press("Ajouter les rôles sélectionnés")
    jean.press("Étape suivante")

    jean.page.locator('input[name="duration"][value="one_year"]').check()
    jean.press("Étape suivante")

    assert "L’attribution n’est pas encore faite." in jean.text
    assert not RoleAssignment.objects.filter(assignee__given_name="Anna").exists()
    jean.press("Terminer l’attribution directe de rôle")
    assert jean.heading == "Attribution terminée"
    expect(jean.page.locator("main .tag")).to_have_text("Actif")
    assert "Ces messages partent à" in jean.text
    assert post() == 0
    assert post(minutes=15) == 2

    anna = visit("nl", javascript=False)
    anna.open("/mailbox/")
    assert "U hebt een rol gekregen voor Boulangerie Dubois SRL" in anna.text
    anna.sign_in("Anna Peeters")
    anna.press("Mijn roltoekenningen")
    assert "CCB SAFEONWEBATWORK EDIT" in anna.text
    expect(anna.page.locator("table .tag")).to_have_text("Actief")


def test_the_fluvius_guide_by_number_takes_at_most_six_pages_and_twelve_actions(
    visit: Callable[..., Visitor],
) -> None:
    jean = visit("fr")
    jean.sign_in("Jean Dubois")
    jean.actions, pages = 0, {jean.page.url}

    jean.press("Attribuer un rôle via numéro de registre national")
    pages.add(jean.page.url.split("#")[0])
    jean.type("Quel est le numéro de registre national ?", f"{ANNA.digits[:6]}-{ANNA.digits[6:9]}.{ANNA.digits[9:]}")
    jean.press("Ajouter", exact=True)
    assert "Anna Peeters" in jean.text
    assert ANNA.digits not in jean.page.content()
    jean.press("Étape suivante")
    pages.add(jean.page.url.split("#")[0])
    jean.actions += 1
    jean.page.locator("#id_q").fill("énergie")
    jean.press("Rechercher", exact=True)
    jean.tick("Administrateur du portail énergie Mijn.Fluvius")
    jean.press("Étape suivante")
    pages.add(jean.page.url.split("#")[0])
    jean.tick("Durée illimitée")
    jean.press("Étape suivante")
    pages.add(jean.page.url.split("#")[0])
    jean.press("Terminer l’attribution directe de rôle")
    pages.add(jean.page.url.split("#")[0])

    assert jean.heading == "Attribution terminée"
    assert (len(pages), jean.actions) <= (6, 12)
    row = RoleAssignment.objects.get(assignee__given_name="Anna", assignee__family_name="Peeters")
    assert (row.role.code, row.valid_until) == ("FLUVIUS_ENERGY_PORTAL_ADMIN", None)


def test_the_whole_wizard_with_the_keyboard_alone(visit: Callable[..., Visitor]) -> None:
    jean = visit("fr")
    jean.sign_in("Jean Dubois")
    page, keyboard, presses = jean.page, jean.page.keyboard, 0

    presses += jean.tab_to(page.locator("form:has(input[value=number]) button"))
    keyboard.press("Enter")
    page.wait_for_url("**/number/")
    presses += jean.tab_to(page.locator("#id_number"))
    keyboard.type(ANNA.digits)
    keyboard.press("Enter")
    page.wait_for_url("**#chosen")
    presses += jean.tab_to(page.locator("button[value=next]"))
    keyboard.press("Enter")
    page.wait_for_url("**/roles/")
    presses += jean.tab_to(page.locator("#id_q"))
    keyboard.type("energie")
    keyboard.press("Enter")
    page.wait_for_url("**#results")
    presses += jean.tab_to(page.locator("#role-FLUVIUS_ENERGY_PORTAL_ADMIN"))
    keyboard.press("Space")
    presses += jean.tab_to(page.locator("button[value=next]"))
    keyboard.press("Enter")
    page.wait_for_url("**/properties/")
    presses += jean.tab_to(page.locator('input[name="duration"]').first)
    keyboard.press("Space")
    presses += jean.tab_to(page.locator("button[value=next]"))
    keyboard.press("Enter")
    page.wait_for_url("**/review/")
    presses += jean.tab_to(page.locator("button[value=finish]"))
    keyboard.press("Enter")
    page.wait_for_url("**/done/")

    assert jean.heading == "Attribution terminée"
    # Numbers and words typed are not counted; Enter and Space are ten more.
    assert presses + 10 <= 120
