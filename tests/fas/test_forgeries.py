"""Forged tokens are believed nowhere (TRUST, line 58: 30 forgeries, none accepted)."""

from urllib.parse import urlencode

import pytest

from fas.models import SignOn
from tests.fas.forgeries import FORGERIES, by_us
from tests.fas.relying_party import BASE, RelyingParty, told
from tests.fas.rows import SIGNED_OUT

pytestmark = [pytest.mark.django_db, pytest.mark.asvs(58), pytest.mark.threat(42)]


def test_there_are_enough_of_them() -> None:
    assert len(FORGERIES) >= 30


@pytest.mark.parametrize("name", FORGERIES)
def test_a_forged_token_opens_and_ends_nothing(party: RelyingParty, name: str) -> None:
    good = party.tokens()["id_token"]
    forged = FORGERIES[name](good)
    assert forged != good
    query = urlencode({"id_token_hint": forged, "post_logout_redirect_uri": SIGNED_OUT})
    assert party.browser.get(f"{BASE}/connect/endSession?{query}").status_code == 400
    assert party.browser.get("/my-roles/").status_code == 200
    assert SignOn.objects.open().exists()
    error = told(party.ask(prompt="none", id_token_hint=forged).url).get("error")
    # One about another person is no error of the service: that person is not signed in here.
    assert error == ("login_required" if name == "another person, signed by us" else "invalid_request")
    assert party.userinfo(forged).status_code == 401
    assert party.introspect(forged) == {"active": False}
    # The good one is good still.
    assert party.browser.get(f"{BASE}/connect/endSession?id_token_hint={good}").status_code == 303


def test_a_token_that_ran_out_is_a_hint_still_and_opens_nothing(party: RelyingParty) -> None:
    good = party.tokens()["id_token"]
    old = by_us(good, exp=1, iat=1, auth_time=1)
    assert party.userinfo(old).status_code == 401
    assert party.browser.get(f"{BASE}/connect/endSession?id_token_hint={old}").status_code == 303
