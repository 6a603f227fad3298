"""The services where one signed in, on the profile: what each receives, and its end."""

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from audit.models import AuditEntry
from fas.models import AccessToken, Consent, SignOn
from roles.models import Role
from tests.conftest import Cast
from tests.fas.conftest import SignIn
from tests.fas.relying_party import RelyingParty, told
from tests.fas.rows import a_client, a_sign_on

pytestmark = [pytest.mark.django_db, pytest.mark.asvs(60)]


def test_nobody_has_services_at_first(party: RelyingParty) -> None:
    page = party.browser.get("/profile/services/").content.decode()
    assert "No service receives data about you through this portal now." in page
    assert "/profile/services/" in party.browser.get("/profile/").content.decode()


def test_a_service_stands_there_with_what_it_receives(party: RelyingParty) -> None:
    party.sign_on()
    page = party.browser.get("/profile/services/").content.decode()
    for words in (
        "Mijn Fluvius",
        "your name, your e-mail address",
        "Boulangerie Dubois SRL",
        "Signed in",
        "Agreed on",
    ):
        assert words in page
    party.browser.post("/profile/services/x/end/")


def test_an_end_signs_out_there_and_the_portal_asks_again(party: RelyingParty, cast: Cast) -> None:
    token = party.tokens()["access_token"]
    key = Consent.objects.get().key
    answer = party.browser.post(f"/profile/services/{key}/end/", follow=True)
    assert "Mijn Fluvius receives nothing about you any more." in answer.content.decode()
    assert "No service receives data about you through this portal now." in answer.content.decode()
    assert not AccessToken.objects.exists()
    assert party.userinfo(token).status_code == 401
    assert SignOn.objects.get().end_reason == "withdrawn"
    assert told(party.ask(prompt="none").url)["error"] == "consent_required"
    events = AuditEntry.objects.filter(actor_key=cast.anna.key).order_by("id").values_list("event", flat=True)
    assert list(events) == ["consent:given", "sign_on:started", "consent:withdrawn", "sign_on:ended"]
    # A second press changes nothing.
    party.browser.post(f"/profile/services/{key}/end/")
    assert AuditEntry.objects.filter(event="consent:withdrawn").count() == 1


def test_the_agreement_of_another_person_does_not_exist(party: RelyingParty, cast: Cast, sign_in: SignIn) -> None:
    party.sign_on()
    key = Consent.objects.get().key
    for person in (cast.jean, cast.olivier):
        browser = sign_in(person)
        assert browser.post(f"/profile/services/{key}/end/").status_code == 404
        assert "Mijn Fluvius" not in browser.get("/profile/services/").content.decode()
    assert Consent.objects.get().ended_at is None


def test_the_page_takes_the_same_number_of_queries_however_many_services_and_sign_ons(
    party: RelyingParty, energy: Role, cast: Cast
) -> None:
    party.sign_on()
    now, sizes = timezone.now(), []
    user = Consent.objects.get().user
    for more in (0, 12):
        for _number in range(more):
            client = a_client(energy.services.get())
            Consent.objects.create(user=user, client=client, scopes="openid profile", given_at=now)
            a_sign_on(cast.anna, client, now=now, organisation=cast.dubois)
            a_sign_on(cast.anna, client, now=now, ended_at=now, end_reason="signed_out")
        with CaptureQueriesContext(connection) as queries:
            party.browser.get("/profile/services/")
        sizes.append(len(queries))
    assert sizes[0] == sizes[1]
