"""The pages between a service and its answer: signing in, for whom one acts, what the service receives."""

from datetime import timedelta
from typing import Any

import pytest
from django.conf import settings
from django.test import Client as Browser
from django.utils import timezone

from csam.models import User
from fas.models import Client, Consent, Grant, SignOn
from roles.models import OnlineService, Role, RoleAssignment
from tenants.middleware import PROVED_AT, SIGNED_IN_AT
from tests.conftest import LOW, Cast
from tests.csam.flows import begin, card_of, insert_card
from tests.factories import AssignmentFactory, EmploymentFactory
from tests.fas.conftest import SignIn
from tests.fas.relying_party import RelyingParty, told, where_to
from tests.fas.rows import a_client
from tests.roles.pages import in_english

pytestmark = pytest.mark.django_db
LEVEL_500 = "urn:be:fedict:iam:fas:Level500"


def through_the_login_page(browser: Browser, person: Any, address: str) -> Any:
    """Sign in with the eID on the way to where the login page leads, and return the page behind it."""
    page = browser.get(address)
    assert page.status_code == 200
    next_path = page.context["next"]
    assert begin(browser, "eid", next_path).status_code == 303
    card = card_of(person)
    assert insert_card(browser, card).url == "/login/return/"
    return browser.get(browser.get("/login/return/").url)


# --- Signing in ----------------------------------------------------------------------------------------------------


def test_whoever_is_not_signed_in_signs_in_first_and_goes_on(
    client_row: Client, cast: Cast, held: RoleAssignment
) -> None:
    party = RelyingParty(client_row, Browser())
    answer = party.ask()
    assert answer.url.startswith("/login/?next=%2Ffas%2Fsign-in%2F")
    assert "Energy portal" not in answer.url and party.state not in answer.url
    answer = party.walk(through_the_login_page(party.browser, cast.anna, answer.url))
    tokens = party.token(told(where_to(answer))["code"]).json()
    assert party.id_claims(tokens)["amr"] == ["eid"]
    row = SignOn.objects.get()
    assert row.user == User.objects.get(person=cast.anna)
    assert row.session is not None


def test_the_language_of_a_service_lasts_through_the_login_page(client_row: Client, cast: Cast) -> None:
    party = RelyingParty(client_row, Browser())
    step = through_the_login_page(party.browser, cast.anna, party.ask(ui_locales="de").url)
    assert '<html lang="de"' in party.browser.get(step.url).content.decode()


def test_somebody_of_several_organisations_is_not_asked_twice_for_whom(client_row: Client, cast: Cast) -> None:
    party = RelyingParty(client_row, Browser())
    answer = through_the_login_page(party.browser, cast.tom, party.ask().url)
    assert answer.url.endswith("/organisation/")


def test_a_low_key_steps_up_where_the_service_asks_more(client_row: Client, cast: Cast, sign_in: SignIn) -> None:
    party = RelyingParty(client_row, sign_in(cast.anna, level=LOW))
    answer = party.walk(party.ask(acr_values=LEVEL_500))
    assert answer.url.startswith("/login/?next=")
    page = party.browser.get(answer.url).content.decode()
    assert "needs a key of a higher level" in page
    assert "Cancel, and go back to the service" in page
    assert "Security code by e-mail" not in page
    answer = party.walk(through_the_login_page(party.browser, cast.anna, answer.url))
    claims = party.id_claims(party.token(told(where_to(answer))["code"]).json())
    assert claims["acr"] == LEVEL_500


def test_the_level_that_the_client_always_asks_counts_too(client_row: Client, cast: Cast, sign_in: SignIn) -> None:
    Client.objects.update(minimum_level=450)
    party = RelyingParty(client_row, sign_in(cast.anna, level=LOW))
    assert party.walk(party.ask()).url.startswith("/login/?next=")
    high = RelyingParty(client_row, sign_in(cast.anna))
    assert "code" in high.sign_on()


def test_a_lower_level_in_the_address_opens_nothing(client_row: Client, cast: Cast, sign_in: SignIn) -> None:
    party = RelyingParty(client_row, sign_in(cast.anna, level=LOW))
    address = party.ask(acr_values=LEVEL_500).url
    for other in (address.replace("500-0", "0-0"), address.replace("500-0", "300-0"), address.replace("500-0", "x")):
        assert party.browser.get(other).url.startswith("/login/?next="), other


def test_a_sign_in_is_shown_anew_where_the_service_asks_it(party: RelyingParty, cast: Cast) -> None:
    party.sign_on()
    answer = party.walk(party.ask(prompt="login"))
    assert answer.url.startswith("/login/?next=")
    assert "Sign in again with one of these keys" in party.browser.get(answer.url).content.decode()
    before = int(timezone.now().timestamp())
    answer = party.walk(through_the_login_page(party.browser, cast.anna, answer.url))
    claims = party.id_claims(party.token(told(where_to(answer))["code"]).json())
    assert claims["auth_time"] >= before
    assert SignOn.objects.count() == 1


def test_a_session_that_ended_meanwhile_leads_to_a_new_one(client_row: Client, cast: Cast, sign_in: SignIn) -> None:
    old = timezone.now() - settings.SESSION_ABSOLUTE - timedelta(minutes=1)
    party = RelyingParty(client_row, sign_in(cast.anna, **{SIGNED_IN_AT: old.isoformat()}))
    answer = party.ask()
    assert answer.url.startswith("/login/?next=")
    answer = party.walk(through_the_login_page(party.browser, cast.anna, answer.url))
    assert "code" in told(where_to(answer))


def test_the_person_can_cancel_before_signing_in(client_row: Client) -> None:
    party = RelyingParty(client_row, Browser())
    page = party.browser.get(party.ask().url)
    answer = party.browser.get(page.context["decline"])
    assert told(where_to(answer)) == {"error": "access_denied", "state": party.state, "iss": settings.FAS_ISSUER}
    assert party.browser.get(page.context["decline"]).status_code == 404


# --- For whom ------------------------------------------------------------------------------------------------------


@pytest.fixture
def tom(client_row: Client, cast: Cast, sign_in: SignIn, energy: Role) -> RelyingParty:
    """Tom belongs to Dubois and Peeters, and has the role at Peeters."""
    AssignmentFactory(role=energy, assignee=cast.tom, organisation=cast.peeters, assigned_by=cast.carine)
    return RelyingParty(client_row, sign_in(cast.tom))


def page_of(party: RelyingParty, **changes: Any) -> Any:
    """Return the page on which the person chooses an organisation."""
    answer = party.browser.get(party.browser.get(party.ask(**changes).url).url)
    assert answer.templates[0].name == "fas/choose.html"
    return answer


def test_organisations_with_a_role_come_first(tom: RelyingParty, cast: Cast) -> None:
    page = page_of(tom)
    assert [(choice.organisation, choice.has_role) for choice in page.context["choices"]] == [
        (cast.peeters, True),
        (cast.dubois, False),
    ]
    text = page.content.decode()
    assert text.index("You have a role for this service there.") < text.index("You have no role for this service")
    assert "In my own name only" in text


def test_the_service_receives_the_roles_of_the_chosen_organisation_only(tom: RelyingParty, cast: Cast) -> None:
    user = tom.user(tom.tokens(organisation=cast.peeters.key)["access_token"])
    assert [role["enterpriseNumber"] for role in user["roles"]] == [cast.peeters.enterprise_number]
    # Another time, another organisation: the person is asked where the service lets them choose anew.
    user = tom.user(tom.tokens(organisation=cast.dubois.key, prompt="select_account")["access_token"])
    assert (user["enterpriseNumber"], user["roles"]) == (cast.dubois.enterprise_number, [])
    assert SignOn.objects.open().count() == 2


def test_a_choice_that_is_gone_meanwhile_is_not_swapped_for_what_is_left(tom: RelyingParty, cast: Cast) -> None:
    page = page_of(tom)
    chosen = tom.browser.post(page.request["PATH_INFO"], {"organisation": cast.peeters.key})
    cast.tom.employments.filter(organisation=cast.peeters).delete()
    cast.tom.appointments.filter(organisation=cast.peeters).delete()
    RoleAssignment.objects.filter(assignee=cast.tom, organisation=cast.peeters).delete()
    assert tom.browser.get(chosen.url).url.endswith("/organisation/")


def test_for_oneself_there_are_no_roles_and_no_organisation(tom: RelyingParty) -> None:
    user = tom.user(tom.tokens(organisation="self")["access_token"])
    assert user["roles"] == []
    assert "enterpriseNumber" not in user


def test_the_choice_is_remembered_in_this_session(tom: RelyingParty, cast: Cast) -> None:
    tom.sign_on(organisation=cast.peeters.key)
    assert where_to(tom.ask()).startswith("https://service.example/callback?code=")


def enterprise_of(party: RelyingParty, answer: Any) -> str:
    """Return for which organisation the service learns that the person comes."""
    tokens = party.token(told(where_to(answer))["code"]).json()
    return str(party.user(tokens["access_token"])["enterpriseNumber"])


def test_whoever_went_back_to_the_first_organisation_comes_for_that_one(tom: RelyingParty, cast: Cast) -> None:
    tom.sign_on(organisation=cast.dubois.key)
    for place in (cast.peeters, cast.dubois):
        tom.sign_on(organisation=place.key, prompt="select_account")
    assert enterprise_of(tom, tom.ask()) == cast.dubois.enterprise_number
    page = tom.browser.get("/profile/services/").content.decode()
    assert cast.dubois.name in page
    assert cast.peeters.name not in page


def test_a_hint_says_for_which_organisation_the_service_asks(tom: RelyingParty, cast: Cast) -> None:
    hint = tom.tokens(organisation=cast.dubois.key)["id_token"]
    tom.sign_on(organisation=cast.peeters.key, prompt="select_account")
    assert enterprise_of(tom, tom.ask(prompt="none", id_token_hint=hint)) == cast.dubois.enterprise_number
    # Where the service lets the person choose anew, the hint decides nothing.
    assert page_of(tom, prompt="select_account", id_token_hint=hint)


@pytest.mark.parametrize("chosen", ["", "no-such-key", "eupen"])
def test_nothing_else_can_be_chosen(tom: RelyingParty, cast: Cast, chosen: str) -> None:
    page = page_of(tom)
    sent = cast.eupen.key if chosen == "eupen" else chosen
    answer = tom.browser.post(page.request["PATH_INFO"], {"organisation": sent})
    assert answer.status_code == 200
    assert "Choose an organisation" in answer.content.decode()
    assert not SignOn.objects.exists()


def test_a_stopped_organisation_is_not_offered(tom: RelyingParty, cast: Cast) -> None:
    type(cast.dubois).objects.filter(pk=cast.dubois.pk).update(status="stopped")
    user = tom.user(tom.tokens()["access_token"])
    assert user["enterpriseNumber"] == cast.peeters.enterprise_number


def test_a_role_at_an_organisation_one_does_not_belong_to_counts(
    client_row: Client, cast: Cast, energy: Role, sign_in: SignIn
) -> None:
    AssignmentFactory(role=energy, assignee=cast.olivier, organisation=cast.dubois, assigned_by=cast.jean)
    party = RelyingParty(client_row, sign_in(cast.olivier))
    user = party.user(party.tokens()["access_token"])
    assert [role["enterpriseNumber"] for role in user["roles"]] == [cast.dubois.enterprise_number]


def test_nobody_is_asked_for_whom_where_the_service_does_not_want_to_know(tom: RelyingParty) -> None:
    user = tom.user(tom.tokens(scope="openid profile")["access_token"])
    assert set(user) == {"iss", "aud", "sub", "iat", "givenName", "surname", "mail", "prefLanguage"}


def test_the_outsider_acts_for_nobody_without_being_asked(client_row: Client, cast: Cast, sign_in: SignIn) -> None:
    party = RelyingParty(client_row, sign_in(cast.olivier))
    assert party.user(party.tokens()["access_token"])["roles"] == []


def test_whoever_is_to_choose_does_so_with_one_organisation_too(party: RelyingParty, cast: Cast) -> None:
    party.sign_on()
    page = page_of(party, prompt="select_account")
    assert cast.dubois.name in page.content.decode()
    assert "In my own name only" in page.content.decode()
    answer = party.walk(party.browser.post(page.request["PATH_INFO"], {"organisation": "self"}))
    claims = party.user(party.token(told(where_to(answer))["code"]).json()["access_token"])
    assert "enterpriseNumber" not in claims
    # Where the service does not ask for a choice, there is none to make.
    assert party.browser.get(party.ask(prompt="consent").url).url.endswith("/agree/")


def test_the_outsider_who_is_to_choose_reads_that_there_is_nothing_to_choose(
    client_row: Client, cast: Cast, sign_in: SignIn
) -> None:
    party = RelyingParty(client_row, sign_in(cast.olivier))
    page = page_of(party, prompt="select_account")
    assert "You are not linked to any organisation." in page.content.decode()
    assert page.context["chosen"] == "self"
    answer = party.walk(party.browser.post(page.request["PATH_INFO"], {"organisation": "self"}))
    assert "code" in told(where_to(answer))


def test_choosing_takes_the_same_number_of_queries_however_many_organisations(
    tom: RelyingParty, cast: Cast, django_assert_max_num_queries: Any
) -> None:
    page_of(tom)
    for _more in range(10):
        EmploymentFactory(person=cast.tom)
    path = page_of(tom).request["PATH_INFO"]
    with django_assert_max_num_queries(14):
        tom.browser.get(path)


# --- What the service receives -------------------------------------------------------------------------------------


def agree_page_of(party: RelyingParty, **changes: Any) -> Any:
    """Return the page that asks whether the service may receive it."""
    answer = party.browser.get(party.browser.get(party.ask(**changes).url).url)
    assert answer.templates[0].name == "fas/agree.html"
    return answer


def test_the_first_time_the_person_reads_what_the_service_receives(party: RelyingParty) -> None:
    text = agree_page_of(party).content.decode()
    assert "When you sign in at Mijn Fluvius, it receives:" in text
    assert "your name, your e-mail address and your language" in text
    assert "the organisation for which you act, and your roles there for this service" in text
    assert "It does not receive your national register number." in text


def test_the_service_is_called_as_in_the_rest_of_the_portal_in_the_language_of_the_page(
    party: RelyingParty, energy: Role
) -> None:
    energy.services.update(name_fr="Mon énergie", name_de="Meine Energie")
    assert "Meine Energie" in agree_page_of(party, ui_locales="de").content.decode()
    page = party.walk(party.browser.get(party.ask(ui_locales="fr").url))
    assert "Mon énergie" in page.content.decode()
    party.browser.cookies["language"] = "fr"
    party.sign_on()
    page = party.browser.get("/profile/services/").content.decode()
    assert "Mon énergie" in page and "Energy portal" not in page


def test_who_belongs_to_no_organisation_reads_that_none_is_handed_over(
    client_row: Client, cast: Cast, sign_in: SignIn
) -> None:
    party = RelyingParty(client_row, sign_in(cast.olivier))
    assert "In my own name only" in agree_page_of(party).content.decode()


def test_a_service_that_learns_nothing_says_so(party: RelyingParty) -> None:
    assert "and nothing else about you" in agree_page_of(party, scope="openid").content.decode()


def test_whoever_refuses_is_not_signed_in_there(party: RelyingParty) -> None:
    assert party.sign_on(agree=False)["error"] == "access_denied"
    assert not SignOn.objects.exists()
    assert not Consent.objects.exists()
    assert not Grant.objects.exists()


def test_more_than_before_is_asked_again(party: RelyingParty) -> None:
    party.sign_on(scope="openid")
    agree_page_of(party)
    party.sign_on()
    assert Consent.objects.filter(ended_at__isnull=True).get().scopes == "openid profile roles"
    assert Consent.objects.count() == 2


def test_the_service_can_have_it_asked_again(party: RelyingParty) -> None:
    party.sign_on()
    agree_page_of(party, prompt="consent")
    assert "code" in party.sign_on(prompt="consent")
    assert Consent.objects.count() == 1


def test_the_person_can_go_back_to_the_choice(tom: RelyingParty, cast: Cast) -> None:
    page = page_of(tom)
    answer = tom.browser.post(page.request["PATH_INFO"], {"organisation": cast.dubois.key})
    page = tom.browser.get(tom.browser.get(answer.url).url)
    assert page.templates[0].name == "fas/agree.html"
    again = tom.browser.get(page.context["change"])
    assert again.context["chosen"] == cast.dubois.key
    answer = tom.walk(tom.browser.post(again.request["PATH_INFO"], {"organisation": cast.peeters.key}))
    claims = tom.user(tom.token(told(where_to(answer))["code"]).json()["access_token"])
    assert claims["enterpriseNumber"] == cast.peeters.enterprise_number


# --- Whose request it is -------------------------------------------------------------------------------------------


def test_a_request_belongs_to_one_browser(party: RelyingParty, cast: Cast, sign_in: SignIn) -> None:
    address = party.ask().url
    page = in_english(sign_in(cast.jean)).get(address)
    assert page.status_code == 404
    assert "This sign-in is over" in page.content.decode()


def test_a_request_is_answered_once(party: RelyingParty) -> None:
    address = party.ask().url
    assert "code" in told(where_to(party.walk(party.browser.get(address))))
    assert party.browser.get(address).status_code == 404


def test_a_request_is_over_after_half_an_hour(party: RelyingParty) -> None:
    address = party.ask().url
    session = party.browser.session
    rows = session["service_requests"]
    rows[0]["arrived"] -= 1800
    session["service_requests"] = rows
    session.save()
    assert party.browser.get(address).status_code == 404


def test_five_tabs_are_kept_and_the_oldest_goes(party: RelyingParty) -> None:
    addresses = [party.ask().url for _tab in range(6)]
    assert party.browser.get(addresses[0]).status_code == 404
    assert party.browser.get(addresses[1]).status_code == 303


def test_a_client_that_is_switched_off_meanwhile_gets_no_answer(party: RelyingParty) -> None:
    address = party.ask().url
    Client.objects.update(is_enabled=False)
    assert party.browser.get(address).status_code == 404
    assert not Grant.objects.exists()


def is_over(answer: Any) -> bool:
    """Say whether the page says so, and leads to no service but by the catalogue's own address."""
    text = answer.content.decode()
    return answer.status_code == 404 and "This sign-in is over" in text and "service.example" not in text


@pytest.mark.parametrize("change", [{"redirect_uris": "https://other.example/"}, {"is_enabled": False}])
def test_an_address_taken_off_the_client_meanwhile_gets_no_answer(party: RelyingParty, change: dict[str, Any]) -> None:
    path = agree_page_of(party).request["PATH_INFO"]
    cancel = path.rsplit("/", 3)[0] + "/cancel/"
    Client.objects.update(**change)
    assert is_over(party.browser.get(cancel))
    for action in ("agree", "refuse"):
        assert is_over(party.browser.post(path, {"action": action}))
    assert not Consent.objects.exists()
    assert not Grant.objects.exists()


def test_a_scope_taken_off_the_client_meanwhile_is_agreed_to_by_nobody(party: RelyingParty) -> None:
    path = agree_page_of(party).request["PATH_INFO"]
    Client.objects.update(scopes="openid")
    assert is_over(party.browser.post(path, {"action": "agree"}))
    assert not Consent.objects.exists()


def test_a_sign_in_that_is_over_names_the_service_and_leads_there(party: RelyingParty, cast: Cast) -> None:
    OnlineService.objects.update(url="https://energy.example/start")
    page = agree_page_of(party)
    party.browser.post("/logout/")
    answer = party.browser.post(page.request["PATH_INFO"], {"action": "agree"})
    cancel = party.browser.get(party.browser.get(answer.url).context["decline"])
    again = through_the_login_page(party.browser, cast.anna, answer.url)
    for over in (cancel, again):
        assert is_over(over)
        text = over.content.decode()
        assert f"Sign in at {party.client.service.name}" in text
        assert 'href="https://energy.example/start"' in text
        assert "or you signed out of the portal meanwhile" in text
        assert "You are signed in at the service already" not in text


@pytest.mark.parametrize("key", ["no-such-key", "no-such-key.0", "x.99999999999", "x.\u0664", "x.-1"])
def test_a_key_that_names_no_service_leads_to_none(party: RelyingParty, key: str) -> None:
    answer = party.browser.get(f"/fas/sign-in/{key}/cancel/")
    assert is_over(answer)
    assert "Sign in at" not in answer.content.decode()


def test_looking_at_the_head_signs_nobody_on(party: RelyingParty) -> None:
    party.sign_on()
    grants = Grant.objects.count()
    assert party.browser.head("/fas/oauth2/authorize", party.query()).status_code == 200
    assert Grant.objects.count() == grants


def test_two_services_know_a_person_by_other_names(party: RelyingParty, energy: Role) -> None:
    other = RelyingParty(a_client(energy.services.get()), party.browser)
    one, two = party.id_claims(party.tokens()), other.id_claims(other.tokens())
    assert one["sub"] != two["sub"]
    assert one["sid"] != two["sid"]
    assert len(one["sub"]) == 43


def test_a_sign_in_too_old_for_max_age_is_shown_anew(party: RelyingParty, cast: Cast, sign_in: SignIn) -> None:
    long_ago = timezone.now() - timedelta(minutes=10)
    party.browser = sign_in(cast.anna, **{PROVED_AT: long_ago.isoformat()})
    assert "code" in party.sign_on(max_age="601")
    assert party.walk(party.ask(max_age="599")).url.startswith("/login/?next=")
    # A provider above ours that did not tell when: nobody can say that it was lately.
    party.browser = sign_in(cast.anna, **{PROVED_AT: ""})
    assert party.walk(party.ask(max_age="10000")).url.startswith("/login/?next=")
