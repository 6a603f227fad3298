"""Both guides to their last page: in the portal from the first click, and on to the service that lets people in."""

import re
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from fas.models import SignOn
from rolemgmt.demo.cast import CAST
from rolemgmt.demo.clients import introduce_services
from roles.models import RoleAssignment, RoleRequest
from tests.demo_services.conftest import serve
from tests.journeys.conftest import Visitor
from tests.plugins.postgres import free_port

ANNA = next(person for person in CAST if person.given_name == "Anna")
SIGN_IN = "Sign in with the federal service"


@pytest.fixture
def services(portal: str, settings: Any, tmp_path: Path) -> Iterator[str]:
    """The address of the two demo services, as clients of the portal."""
    settings.FAS_ISSUER = f"{portal}/fas/oauth2"
    settings.OAUTH2_PROVIDER = {**settings.OAUTH2_PROVIDER, "OIDC_ISS_ENDPOINT": settings.FAS_ISSUER}
    port = free_port()
    file = tmp_path / "demo-services.json"
    introduce_services(file, address=f"http://127.0.0.1:{port}")
    with serve(file, port) as address:
        yield address


@pytest.fixture
def guest(visit: Callable[..., Visitor], services: str) -> Callable[..., Visitor]:
    """Return a function that opens a browser in which the services speak English, as the portal does."""

    def make(**options: Any) -> Visitor:
        visitor = visit("en", **options)
        visitor.context.add_cookies([{"name": "services_language", "value": "en", "url": services}])
        return visitor

    return make


def show_card(visitor: Visitor, name: str) -> None:
    """Show an eID on the portal's login page, wherever one came from."""
    visitor.page.locator('form[action="/login/eid/"] button').click()
    visitor.page.get_by_label(name, exact=True).check()
    visitor.page.locator("input[type=password]").fill("1234")
    visitor.page.locator("main form button.button").click()


def arrive(visitor: Visitor, address: str) -> str:
    """Wait until the browser is on a page of the services, by whatever steps; return its heading."""
    visitor.page.wait_for_url(re.compile(rf"^{re.escape(address)}(#.*)?$"))
    return visitor.heading


def give_anna_the_energy_role(jean: Visitor) -> None:
    """Follow the guide of Fluvius."""
    jean.sign_in("Jean Dubois")
    jean.press("Assign a role via national register number")
    jean.page.locator("#id_number").fill(ANNA.digits)
    jean.press("Add", exact=True)
    jean.press("Next step")
    jean.page.locator("#id_q").fill("energy")
    jean.press("Search", exact=True)
    jean.tick("Mijn.Fluvius energy portal administrator")
    jean.press("Next step")
    jean.tick("Unlimited duration")
    jean.press("Next step")
    jean.press("Finish direct role assignment")
    assert jean.heading == "Assignment finished"


@pytest.mark.parametrize("javascript", [True, False], ids=["with JavaScript", "without"])
def test_the_guide_of_fluvius_ends_inside_and_a_role_that_ends_is_seen(
    guest: Callable[..., Visitor], services: str, javascript: bool
) -> None:
    home = f"{services}/fluvius/"
    jean = guest(javascript=javascript)
    give_anna_the_energy_role(jean)

    anna = guest(javascript=javascript)
    anna.page.goto(home)
    anna.press(SIGN_IN)
    show_card(anna, "Anna Peeters")
    assert anna.heading == "What the service receives"
    anna.press("Agree and go on")
    assert arrive(anna, home) == "Boulangerie Dubois SRL"
    row = RoleAssignment.objects.get(assignee__given_name="Anna", assignee__family_name="Peeters")
    assert row.reference in anna.text and "FLUVIUS_ENERGY_PORTAL_ADMIN" in anna.text
    assert ANNA.digits not in anna.page.content()

    # The role ends while Anna watches.
    jean.open(f"/assignments/{row.key}/")
    jean.page.locator('main a[href$="/end/"]').click()
    jean.page.locator('input[name="when"]').first.check()
    jean.page.locator("main button.button-ending").click()
    jean.settle()
    row.refresh_from_db()
    assert row.ended_at is not None
    anna.press("Check again")
    assert arrive(anna, home) == "You have no access yet"
    assert "Your roles have changed." in anna.text


def test_the_guide_of_safeonweb_ends_inside_and_signing_out_there_signs_out_of_the_portal(
    guest: Callable[..., Visitor], services: str
) -> None:
    home = f"{services}/safeonweb/"
    jean = guest()
    jean.open("/")
    jean.press("Sign in")
    show_card(jean, "Jean Dubois")
    jean.press("Assign a role to a user")
    jean.page.locator("#id_q").fill("anna peeters")
    jean.press("Search")
    jean.tick("Anna Peeters")
    jean.press("Add selected people")
    jean.press("Next step")
    jean.page.locator("#id_q").fill("CCB SAFEONWEBATWORK EDIT")
    jean.press("Search")
    jean.tick("CCB SAFEONWEBATWORK EDIT")
    jean.press("Add selected roles")
    jean.press("Next step")
    jean.page.locator('input[name="duration"][value="one_year"]').check()
    jean.press("Next step")
    jean.press("Finish direct role assignment")
    assert jean.heading == "Assignment finished"

    anna = guest()
    anna.sign_in("Anna Peeters")
    anna.press("My role assignments")
    assert "Active" in anna.text
    anna.page.goto(home)
    anna.press(SIGN_IN)
    anna.press("Agree and go on")
    assert arrive(anna, home) == "Boulangerie Dubois SRL"
    assert "CCB_SAFEONWEBATWORK_EDIT" in anna.text

    anna.press("Sign out")
    anna.page.wait_for_url(f"{services}/safeonweb/signed-out/**")
    assert "You are signed out of this service and of the portal." in anna.text
    assert not SignOn.objects.open().exists()
    anna.open("/my-roles/")
    assert anna.page.url.startswith(f"{anna.base}/login/")


def test_who_has_no_role_asks_for_it_from_the_service_and_is_let_in_once_it_is_approved(
    guest: Callable[..., Visitor], services: str
) -> None:
    home = f"{services}/fluvius/"
    anna = guest()
    anna.page.goto(home)
    anna.press(SIGN_IN)
    show_card(anna, "Anna Peeters")
    anna.press("Agree and go on")
    assert arrive(anna, home) == "You have no access yet"

    anna.press("Ask for this role")
    assert anna.heading == "Ask for a role"
    assert "Boulangerie Dubois SRL" in anna.text and "Anna Peeters" in anna.text
    anna.press("Go on")
    anna.page.locator('input[name="duration"][value="unlimited"]').check()
    anna.page.locator("#id_motivation").fill("For the meter readings")
    anna.press("Next step")
    anna.page.locator("button[value=send]").click()
    anna.page.wait_for_url("**/done/")
    row = RoleRequest.objects.latest("id")
    assert row.return_to == f"{services}/fluvius/return/"

    jean = guest()
    jean.sign_in("Jean Dubois")
    jean.open(f"/requests/{row.key}/")
    jean.tick("Approve")
    jean.page.locator("main button.button").click()
    jean.settle()
    row.refresh_from_db()

    anna.open(f"/requests/{row.key}/")
    anna.page.get_by_role("link", name="Back to Mijn Fluvius").click()
    assert arrive(anna, home) == "Boulangerie Dubois SRL"


def test_jean_is_let_in_at_both_with_one_sign_in(guest: Callable[..., Visitor], services: str) -> None:
    jean = guest()
    jean.page.goto(f"{services}/fluvius/")
    jean.press(SIGN_IN)
    show_card(jean, "Jean Dubois")
    jean.press("Agree and go on")
    assert arrive(jean, f"{services}/fluvius/") == "Boulangerie Dubois SRL"
    jean.page.goto(f"{services}/safeonweb/")
    jean.press(SIGN_IN)
    jean.press("Agree and go on")
    assert arrive(jean, f"{services}/safeonweb/") == "Boulangerie Dubois SRL"


def test_who_acts_for_two_organisations_chooses_and_can_change(guest: Callable[..., Visitor], services: str) -> None:
    home = f"{services}/fluvius/"
    tom = guest()
    tom.page.goto(home)
    tom.press(SIGN_IN)
    show_card(tom, "Tom Janssens")
    tom.page.get_by_label("Boulangerie Dubois SRL").check()
    tom.page.locator("main button.button").click()
    tom.press("Agree and go on")
    assert arrive(tom, home) == "Boulangerie Dubois SRL"
    tom.press("Come for another organisation")
    tom.page.get_by_label("Peeters & Fils SA").check()
    tom.page.locator("main button.button").click()
    assert arrive(tom, home) == "Peeters & Fils SA"


def test_who_refuses_is_told_how_to_begin_again(guest: Callable[..., Visitor], services: str) -> None:
    anna = guest()
    anna.page.goto(f"{services}/fluvius/")
    anna.press(SIGN_IN)
    show_card(anna, "Anna Peeters")
    anna.press("Do not sign in there")
    anna.page.wait_for_url(f"{services}/fluvius/callback/**")
    assert anna.heading == "You did not finish signing in"


def test_the_login_page_says_which_keys_are_not_enough_for_the_service(
    guest: Callable[..., Visitor], services: str
) -> None:
    jean = guest()
    not_enough = "Not enough for the page you asked for"
    jean.page.goto(f"{services}/fluvius/")
    jean.press(SIGN_IN)
    assert jean.text.count(not_enough) == 1  # the code by e-mail
    jean.page.goto(f"{services}/safeonweb/")
    jean.press(SIGN_IN)
    assert jean.text.count(not_enough) == 2  # and the code by app
