"""Signing in with a real provider: who it is, how surely, and where the way goes on."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from audit.models import AuditEntry
from csam.models import LoginTicket, OpenSession
from csam.oidc import metadata
from csam.oidc.config import Provider
from csam.oidc.departure import sign_out_address
from rolemgmt.demo.numbers import national_number
from tenants.models import Person
from tests.csam.oidc_flows import begin, claims_of, go_and_come_back, local, sign_in
from tests.csam.oidc_provider import CLIENT_ID, CLIENT_SECRET, FAS_LEVEL, PretendProvider
from tests.factories import PersonFactory

NEWCOMER = {
    "egovNRN": national_number(4_901),
    "givenName": "Noor",
    "surname": "Van Acker",
    "mail": "noor@post.example",
    "prefLanguage": "nl",
}


@pytest.fixture
def known(provider: PretendProvider, chief: Person) -> Person:
    """The chief stands in front of the provider."""
    provider.person = claims_of(chief)
    return chief


def test_somebody_known_signs_in(client: Client, provider: PretendProvider, known: Person) -> None:
    answer = sign_in(client, provider, "/my-roles/")
    assert (answer.status_code, answer["Location"]) == (303, "/my-roles/")
    assert client.session["level"] == 500
    assert client.session["sign_in_key"] == "oidc"
    assert client.cookies["ticket"].value == ""
    entry = AuditEntry.objects.get(event="sign_in:succeeded")
    assert entry.subject_key == known.key
    assert entry.data == {"key": "oidc", "level": 500, "purpose": "sign_in"}
    assert OpenSession.objects.get().user.person == known
    assert client.get("/my-roles/").status_code == 200
    assert provider.asked == ["discovery", "token", "keys", "userinfo_reply"]


def test_the_page_on_the_way_says_where_it_leads_and_needs_no_script(
    client: Client, provider: PretendProvider, known: Person
) -> None:
    address = begin(client)
    answer = client.get("/login/oidc/leave/")
    page = answer.content.decode()
    assert "<h1>You are going to Federal test service</h1>" in page
    assert page.count(address.replace("&", "&amp;")) == 2  # it leads there by itself, and by a link
    assert "form-action 'self';" in answer["Content-Security-Policy"]
    assert client.head("/login/oidc/leave/").status_code == 200


def test_the_request_asks_for_everything_that_is_checked_later(
    client: Client, provider: PretendProvider, known: Person
) -> None:
    client.cookies["language"] = "de"
    address = begin(client)
    provider.visit(address)
    asked = provider.requests[0]
    assert asked["acr_values"] == " ".join(f"{FAS_LEVEL}{level}" for level in (500, 450, 400, 300))
    assert asked["ui_locales"] == "de"
    assert asked["scope"] == "openid profile egovnrn"
    assert "prompt" not in asked and "max_age" not in asked
    secret = client.cookies["ticket"].value
    derived = [asked["state"], asked["nonce"], asked["code_challenge"]]
    assert len({secret, *derived}) == 4
    assert not any(value in address for value in (secret, known.national_number))
    assert begin(Client()) != address


def test_each_attempt_and_each_browser_has_its_own_state(provider: PretendProvider, known: Person) -> None:
    browser = Client()
    for client in (browser, browser, Client()):
        provider.visit(begin(client))
    for name in ("state", "nonce", "code_challenge"):
        assert len({asked[name] for asked in provider.requests}) == 3


def test_somebody_new_is_made_known_and_checks_their_details(
    client: Client, provider: PretendProvider, db: None
) -> None:
    provider.person = NEWCOMER
    answer = sign_in(client, provider, "/my-roles/")
    assert (answer.status_code, answer["Location"]) == (303, "/profile/check/?next=%2Fmy-roles%2F")
    person = Person.objects.get()
    assert (person.given_name, person.family_name) == ("Noor", "Van Acker")
    assert (person.email, person.language, person.national_number) == ("noor@post.example", "nl", NEWCOMER["egovNRN"])
    assert AuditEntry.objects.filter(event="person:created", subject_key=person.key).exists()
    assert sign_in(Client(), provider, "/my-roles/")["Location"] == "/my-roles/"
    assert Person.objects.count() == 1


def test_an_address_or_a_name_of_somebody_else_matches_nobody(
    client: Client, provider: PretendProvider, db: None
) -> None:
    namesake = PersonFactory(given_name="Noor", family_name="Van Acker", email="noor@post.example")
    provider.person = NEWCOMER
    sign_in(client, provider)
    person = Person.objects.exclude(pk=namesake.pk).get()
    assert (person.email, person.national_number) == ("", NEWCOMER["egovNRN"])
    assert OpenSession.objects.get().user.person == person


@pytest.mark.parametrize(
    ("claims", "stored"),
    [
        ({"prefLanguage": "de-BE"}, {"language": "de"}),
        ({"prefLanguage": "EN"}, {"language": "en"}),
        ({"prefLanguage": "it"}, {"language": "fr"}),
        ({"prefLanguage": 7, "mail": ["x"]}, {"language": "fr", "email": ""}),
        ({"mail": "no address"}, {"email": ""}),
        ({"mail": "a" * 300 + "@post.example"}, {"email": ""}),
        ({"givenName": " No\u202eor\x00 \n"}, {"given_name": "No or"}),
        ({"surname": "V" * 300}, {"family_name": "V" * 100}),
    ],
)
def test_what_the_provider_tells_is_stored_clean(
    client: Client, provider: PretendProvider, db: None, claims: dict[str, Any], stored: dict[str, str]
) -> None:
    provider.person = {**NEWCOMER, **claims}
    sign_in(client, provider)
    person = Person.objects.get()
    assert {name: getattr(person, name) for name in stored} == stored


@pytest.mark.parametrize(
    ("said", "counts"),
    [
        *(("Level500", 500), ("Level450", 450), ("Level400", 400), ("Level425", 400), ("Level350", 300)),
        *(("Level300", 300), ("citizen:Level500", 500), ("enterprise:Level450", 450), ("citizen:Level300", 300)),
    ],
)
def test_the_session_has_the_level_that_the_provider_says(
    client: Client, provider: PretendProvider, known: Person, said: str, counts: int
) -> None:
    provider.acr = f"urn:be:fedict:iam:fas:{said}"
    sign_in(client, provider)
    assert client.session["level"] == counts
    assert LoginTicket.objects.get().level == counts


@pytest.mark.asvs(46)
@pytest.mark.threat(14)
def test_the_session_id_changes(client: Client, provider: PretendProvider, known: Person) -> None:
    session = client.session
    session["planted"] = "by somebody else"
    session.save()
    client.cookies["session"] = planted = session.session_key
    sign_in(client, provider)
    assert client.session.session_key != planted
    assert not client.session.exists(planted)


def test_a_surer_key_leads_back_to_the_page_that_needs_it(
    client: Client, provider: PretendProvider, known: Person
) -> None:
    provider.acr = f"{FAS_LEVEL}300"
    sign_in(client, provider)
    before = client.session.session_key
    provider.acr = f"{FAS_LEVEL}500"
    answer = sign_in(client, provider, "/profile/app/")
    assert answer["Location"] == "/profile/app/"
    assert provider.requests[-1]["acr_values"] == f"{FAS_LEVEL}500 {FAS_LEVEL}450"
    assert client.session["level"] == 500
    assert client.session.session_key != before
    assert LoginTicket.objects.latest("id").purpose == "step_up"


def test_a_page_for_who_showed_it_just_now_asks_the_provider_anew(
    client: Client, provider: PretendProvider, known: Person
) -> None:
    provider.auth_time = 3600
    sign_in(client, provider)
    assert client.get("/profile/email/").status_code == 403  # an hour ago is not just now
    provider.auth_time = 0
    assert sign_in(client, provider, "/profile/email/")["Location"] == "/profile/email/"
    assert (provider.requests[-1]["prompt"], provider.requests[-1]["max_age"]) == ("login", "0")
    assert LoginTicket.objects.latest("id").purpose == "fresh"
    assert client.get("/profile/email/").status_code == 200


def test_when_it_was_shown_is_what_the_provider_says(client: Client, provider: PretendProvider, known: Person) -> None:
    provider.auth_time = 120
    sign_in(client, provider)
    proved_at = datetime.fromisoformat(client.session["proved_at"])
    assert timedelta(seconds=119) <= datetime.now(UTC) - proved_at <= timedelta(seconds=130)
    provider.auth_time = None
    other = Client()
    sign_in(other, provider)
    assert other.session["proved_at"] == ""
    assert other.get("/profile/email/").status_code == 403


def test_a_clock_a_little_ahead_does_no_harm(client: Client, provider: PretendProvider, known: Person) -> None:
    provider.clock = 45
    sign_in(client, provider)
    assert datetime.fromisoformat(client.session["proved_at"]) <= timezone.now()
    assert client.get("/profile/email/").status_code == 200
    provider.clock = -45
    sign_in(Client(), provider)


def test_new_keys_of_the_provider_are_found(
    client: Client, provider: PretendProvider, known: Person, monkeypatch: pytest.MonkeyPatch
) -> None:
    sign_in(client, provider)
    provider.kid = "key-2"
    provider.published = [("key-2", provider.key), ("key-1", provider.other_key)]
    monkeypatch.setattr(metadata, "REFETCH_SECONDS", 0)
    sign_in(Client(), provider)
    assert provider.asked.count("keys") == 2
    assert provider.asked.count("discovery") == 1


def test_a_provider_with_one_key_need_not_name_it(client: Client, provider: PretendProvider, known: Person) -> None:
    for what in ("id_token_header", "userinfo_header"):
        provider.tamper[what] = lambda header: {"alg": header["alg"]}
    sign_in(client, provider)


def test_a_provider_that_does_not_name_itself_may(client: Client, provider: PretendProvider, known: Person) -> None:
    provider.tamper["metadata"] = lambda said: {
        name: value for name, value in said.items() if name != "authorization_response_iss_parameter_supported"
    }
    provider.tamper["return"] = lambda given: {name: value for name, value in given.items() if name != "iss"}
    sign_in(client, provider)


def test_whoever_is_switched_off_cannot_sign_in(client: Client, provider: PretendProvider, known: Person) -> None:
    Person.objects.filter(pk=known.pk).update(is_active=False)
    answer = sign_in(client, provider)
    assert answer.status_code == 403
    assert "your access is switched off" in answer.content.decode()
    assert AuditEntry.objects.get(event="sign_in:failed").data == {"key": "oidc", "reason": "switched_off"}


def test_the_browsers_back_button_does_no_harm(client: Client, provider: PretendProvider, known: Person) -> None:
    back = local(provider.visit(begin(client)))
    client.get(back)
    client.get("/login/return/")
    for path in (back, "/login/oidc/leave/"):
        answer = client.get(path)
        assert (answer.status_code, answer["Location"]) == (302, "/")
    assert client.session["level"] == 500


def test_the_number_stands_nowhere_but_with_the_person(
    client: Client, provider: PretendProvider, known: Person, caplog: pytest.LogCaptureFixture
) -> None:
    number = known.national_number
    back = local(provider.visit(begin(client)))
    assert number not in back
    client.get(back)
    client.get("/login/return/")
    assert number not in str(list(AuditEntry.objects.values()))
    assert number not in str(list(LoginTicket.objects.values()))
    assert number not in str(dict(client.session))
    assert number not in caplog.text
    assert not any(token in caplog.text for token in (*provider.tokens, CLIENT_SECRET))


def test_the_way_out_of_the_provider_too(
    client: Client, provider: PretendProvider, known: Person, settings: Any
) -> None:
    assert sign_out_address() == ""  # not asked for yet
    sign_in(client, provider)
    assert sign_out_address() == (
        f"{provider.issuer}/connect/endSession?client_id=role+management%2F1"
        "&post_logout_redirect_uri=http%3A%2F%2F127.0.0.1%3A8000%2Flogout%2F"
    )
    metadata.forget()
    provider.tamper["metadata"] = lambda said: {**said, "end_session_endpoint": "javascript:alert(1)"}
    go_and_come_back(Client(), provider)
    assert sign_out_address() == ""
    settings.OIDC = None
    assert sign_out_address() == ""


def test_what_the_provider_says_of_itself_is_kept_for_an_hour(
    provider: PretendProvider, known: Person, monkeypatch: pytest.MonkeyPatch
) -> None:
    for _time in range(3):
        sign_in(Client(), provider)
    assert (provider.asked.count("discovery"), provider.asked.count("keys")) == (1, 1)
    monkeypatch.setattr(metadata, "METADATA_SECONDS", 0)
    monkeypatch.setattr(metadata, "KEYS_SECONDS", 0)
    sign_in(Client(), provider)
    assert provider.asked.count("discovery") >= 2 and provider.asked.count("keys") >= 2


def test_a_trailing_slash_of_the_issuer_is_kept_where_it_counts(
    client: Client, provider: PretendProvider, known: Person, settings: Any
) -> None:
    settings.OIDC = Provider(f"{provider.issuer}/", CLIENT_ID, CLIENT_SECRET)
    for what in ("metadata", "id_token", "userinfo", "return"):
        name = "issuer" if what == "metadata" else "iss"
        provider.tamper[what] = lambda said, name=name: {**said, name: f"{provider.issuer}/"}
    sign_in(client, provider)


def test_the_signed_out_page_leads_to_signing_out_there_too(
    client: Client, provider: PretendProvider, known: Person
) -> None:
    sign_in(client, provider)
    assert client.post("/logout/").url == "/logout/"
    client.cookies["language"] = "en"
    page = client.get("/logout/").content.decode()
    assert "Did you sign in with Federal test service?" in page
    assert f'href="{provider.issuer}/connect/endSession?client_id=' in page
