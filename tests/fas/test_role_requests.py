"""A service sends somebody here to ask for its role: signed, once, for its own role, and back to its own address."""

import json
import time
from typing import Any
from urllib.parse import urlencode

import pytest
from django.test import Client as Browser
from django.urls import reverse
from joserfc.jwk import OctKey

from fas.models import Client
from roles.models import AssignmentDraft, OnlineService, RoleRequest
from tests.csam.oidc_provider import unsigned
from tests.fas.role_tokens import ARRIVAL, EC_KEY, ENERGY, KEY, OTHER_KEY, RETURN, claims_of, signed
from tests.fas.rows import a_client
from tests.roles.pages import heading_of, in_english, words_of

pytestmark = pytest.mark.django_db

CYBER = "CCB_SAFEONWEBATWORK_EDIT"


@pytest.fixture
def service(catalogue: Any) -> Client:
    """Mijn Fluvius as a client that may send people here."""
    keys = {"keys": [KEY.as_dict(private=False), EC_KEY.as_dict(private=False)]}
    return a_client(
        OnlineService.objects.get(code="mijn-fluvius"),
        client_id="fluvius",
        name="A client",
        request_return_uris=f"https://other.example/\n{RETURN}",
        request_jwks=keys,
    )


def arrive(browser: Browser, token: str, **more: str) -> Any:
    return browser.get(f"{ARRIVAL}?{urlencode({'request': token, **more})}")


# --- From the service to the request ---------------------------------------------------------------------------------


def test_a_signed_request_leads_to_a_filled_in_request(service, settings, cast, sign_in):
    anna = in_english(sign_in(cast.anna))
    page = anna.get(arrive(anna, signed(claims_of()))["Location"])
    assert page.status_code == 200
    for words in ("Mijn Fluvius sent you here", "Mijn.Fluvius energy portal administrator", cast.dubois.name,
                  "Anna Peeters", "Nothing has been sent yet."):  # fmt: skip
        assert words in words_of(page)
    assert not AssignmentDraft.objects.exists()  # opening it changes nothing
    answer = anna.post(page.request["PATH_INFO"])
    draft = AssignmentDraft.objects.get()
    assert answer["Location"] == reverse("roles:request_from_service", args=[draft.key])
    assert (draft.owner, draft.came_from, draft.return_to) == (cast.anna, service.service, RETURN)
    assert draft.organisation == cast.dubois
    assert [role.code for role in draft.roles.all()] == [ENERGY]
    assert not RoleRequest.objects.exists()
    assert anna.get(answer["Location"]).status_code == 303  # nothing to ask or say: on to the first open step


def test_who_is_not_signed_in_signs_in_first_and_comes_back_to_it(service, settings, outsider):
    browser = Browser()
    answer = arrive(browser, signed(claims_of()))
    page = browser.get(answer["Location"])
    assert page.status_code == 302 and page["Location"].startswith("/login/?next=/fas/request-role/")


def test_the_first_press_counts_and_the_second_leads_to_the_same_request(service, settings, cast, sign_in):
    anna = sign_in(cast.anna)
    token = signed(claims_of())
    place = arrive(anna, token)["Location"]
    first = anna.post(place)["Location"]
    assert anna.post(place)["Location"] == first
    assert anna.get(place)["Location"] == first
    assert arrive(anna, token)["Location"] == place  # Back and reload
    assert AssignmentDraft.objects.count() == 1


def test_a_request_signed_on_an_elliptic_curve_counts_too(service, settings, cast, sign_in):
    token = signed(claims_of(), EC_KEY, alg="ES256", kid="e1")
    assert arrive(sign_in(cast.anna), token).status_code == 303


def test_without_an_organisation_the_portal_asks_for_one(service, settings, cast, sign_in):
    tom = in_english(sign_in(cast.tom))
    place = arrive(tom, signed(claims_of(enterpriseNumber=None)))["Location"]
    assert "You choose it on the page after this one." in words_of(tom.get(place))
    page = tom.get(tom.post(place)["Location"])
    assert heading_of(page) == "For which organisation do you need this role?"


def test_who_does_not_belong_there_does_not_learn_whose_number_it_is(service, settings, cast, sign_in):
    carine = in_english(sign_in(cast.carine))
    place = arrive(carine, signed(claims_of()))["Location"]
    page = carine.get(place)
    assert "0999.999.922" in words_of(page) and cast.dubois.name not in words_of(page)
    page = carine.get(carine.post(place)["Location"])
    assert cast.dubois.name not in words_of(page)


@pytest.mark.parametrize("number", [None, "0999999922", "0999999999"])
def test_who_belongs_to_no_organisation_reads_so_at_once(service, settings, cast, sign_in, number):
    olivier = in_english(sign_in(cast.olivier))
    page = olivier.get(arrive(olivier, signed(claims_of(enterpriseNumber=number)))["Location"])
    assert page.status_code == 403
    assert "You are not linked to any organisation." in words_of(page)
    assert "Back to Mijn Fluvius" in words_of(page) and f'href="{RETURN}"' in page.content.decode()
    assert "You choose it on the page after this one." not in words_of(page)
    assert olivier.post(page.request["PATH_INFO"]).status_code == 403
    assert not AssignmentDraft.objects.exists()


@pytest.mark.parametrize("number", ["0999999999", "0999999823"], ids=["nobody’s", "another’s"])
def test_a_number_that_is_not_theirs_is_not_exchanged_for_their_own(service, settings, cast, sign_in, number):
    klaus = in_english(sign_in(cast.klaus))
    place = arrive(klaus, signed(claims_of(enterpriseNumber=number)))["Location"]
    page = klaus.get(klaus.post(place)["Location"])
    assert heading_of(page) == "For which organisation do you need this role?"
    assert AssignmentDraft.objects.get().organisation is None


def test_a_language_may_come_along(service, settings, cast, sign_in):
    anna = in_english(sign_in(cast.anna))
    answer = arrive(anna, signed(claims_of()), ui_locales="xx nl-BE fr")
    assert '<html lang="nl"' in anna.get(answer["Location"]).content.decode()
    assert '<html lang="en"' in anna.get("/profile/").content.decode()


# --- What is no request ----------------------------------------------------------------------------------------------


def refused(answer: Any) -> bool:
    return answer.status_code == 400 and RETURN not in answer.content.decode()


def test_it_counts_once_and_in_one_browser(service, settings, cast, sign_in):
    token = signed(claims_of())
    assert arrive(sign_in(cast.anna), token).status_code == 303
    assert refused(arrive(sign_in(cast.tom), token))
    assert refused(arrive(Browser(), token))


WRONG = {
    "another issuer": {"iss": "nobody"},
    "no issuer": {"iss": None},
    "another audience": {"aud": "https://evil.example"},
    "two audiences": {"aud": ["https://evil.example", "x"]},
    "no audience": {"aud": None},
    "no end": {"exp": None},
    "ended": {"exp": 1_700_000_000},
    "lasts too long": {"exp": int(time.time()) + 4_000},
    "from the future": {"iat": int(time.time()) + 600},
    "not yet": {"nbf": int(time.time()) + 600},
    "times in words": {"exp": "soon"},
    "no number": {"jti": None},
    "an empty number": {"jti": ""},
    "a number that is none": {"jti": ["x"]},
    "role of another service": {"role": CYBER},
    "unknown role": {"role": "NO_SUCH_ROLE"},
    "no role": {"role": None},
    "unlisted address": {"return_to": "https://evil.example/"},
    "longer address": {"return_to": f"{RETURN}more"},
    "address with a question": {"return_to": f"{RETURN}?x=1"},
    "both addresses": {"return_to": f"https://other.example/\n{RETURN}"},
    "no address": {"return_to": None},
    "enterprise in words": {"enterpriseNumber": "Dubois"},
    "enterprise a number": {"enterpriseNumber": 999999922},
}


@pytest.mark.threat(42)
@pytest.mark.parametrize("changes", WRONG.values(), ids=WRONG)
def test_wrong_claims_lead_nowhere(service, settings, changes):
    assert refused(arrive(Browser(), signed(claims_of(**changes))))


FORGERIES = {
    "alg none": lambda claims: unsigned({"kid": "r1"}, claims),
    "by another": lambda claims: signed(claims, OTHER_KEY),
    "unknown key": lambda claims: signed(claims, kid="r2"),
    "no key": lambda claims: signed(claims, OTHER_KEY, kid="", jwk=OTHER_KEY.as_dict(private=False)),
    "brings a key": lambda claims: signed(claims, OTHER_KEY, jwk=OTHER_KEY.as_dict(private=False)),
    "public key as secret": lambda claims: signed(
        claims, OctKey.import_key(json.dumps(KEY.as_dict(private=False))), alg="HS256"
    ),
    "another algorithm": lambda claims: signed(claims, alg="PS256"),
    "key of the other kind": lambda claims: signed(claims, kid="e1"),
    "critical": lambda claims: signed(claims, crit=["alg"]),
    "altered": lambda claims: signed(claims)[:-8] + "AAAAAAAA",
}


@pytest.mark.threat(42)
@pytest.mark.parametrize("forge", FORGERIES.values(), ids=FORGERIES)
def test_a_forged_request_leads_nowhere(service, settings, forge):
    assert refused(arrive(Browser(), forge(claims_of())))


@pytest.mark.parametrize("token", ["", "x", "a.b.c", "é.é.é", "x" * 9_000, "e30.e30.", "..", "\x00"])
def test_what_is_no_token_leads_nowhere(service, token):
    assert refused(arrive(Browser(), token))


def test_a_parameter_must_be_there_once(service, settings):
    token = signed(claims_of())
    assert refused(Browser().get(ARRIVAL))
    assert refused(Browser().get(f"{ARRIVAL}?{urlencode([('request', token), ('request', token)])}"))


@pytest.mark.parametrize("keys", [{}, {"keys": []}, {"keys": ["x", {"kid": "r1"}]}, {"keys": "x"}, []], ids=str)
def test_a_client_without_the_key_sends_nobody_here(service, settings, keys):
    Client.objects.filter(pk=service.pk).update(request_jwks=keys)
    assert refused(arrive(Browser(), signed(claims_of())))


def test_a_client_that_is_switched_off_sends_nobody_here(service, settings, cast, sign_in):
    anna = sign_in(cast.anna)
    place = arrive(anna, signed(claims_of()))["Location"]
    Client.objects.filter(pk=service.pk).update(is_enabled=False)
    assert refused(arrive(Browser(), signed(claims_of())))
    assert anna.get(place).status_code == anna.post(place).status_code == 404


def test_an_address_taken_off_the_list_meanwhile_is_not_kept(service, settings, cast, sign_in):
    anna = sign_in(cast.anna)
    place = arrive(anna, signed(claims_of()))["Location"]
    Client.objects.filter(pk=service.pk).update(request_return_uris="https://other.example/")
    assert anna.post(place).status_code == 404
    assert not AssignmentDraft.objects.exists()


def test_the_place_of_one_browser_is_not_there_in_another(service, settings, cast, sign_in):
    place = arrive(sign_in(cast.anna), signed(claims_of()))["Location"]
    assert sign_in(cast.tom).get(place).status_code == 404


def test_a_look_at_the_address_does_not_use_it_up(service, settings):
    browser = Browser()
    address = f"{ARRIVAL}?{urlencode({'request': signed(claims_of())})}"
    assert browser.head(address).status_code == 200
    assert browser.get(address).status_code == 303


def test_without_keys_of_its_own_the_portal_is_no_provider(service, settings):
    token = signed(claims_of())
    settings.FAS_SIGNING_KEYS = []
    assert arrive(Browser(), token).status_code == 404
