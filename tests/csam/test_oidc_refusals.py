"""Forged, stale and foreign answers of a provider are refused: no session, one row in the trail, a readable page."""

import time
from datetime import timedelta
from typing import Any

import pytest
from django.db.models import F
from django.test import Client
from django.utils import timezone

from audit.models import AuditEntry
from csam.models import LoginTicket, User
from csam.oidc import metadata, wire
from csam.oidc.config import Provider
from csam.oidc.operations import claim_attempt
from rolemgmt.demo.numbers import national_number
from tenants.models import Person
from tests.csam.oidc_flows import assert_refused, begin, claims_of, go_and_come_back, local, sign_in
from tests.csam.oidc_forgeries import DOWN, OVER, REFUSED, SLOW, TOO_LOW, UNTRUSTED, Bend, answered, changed, without
from tests.csam.oidc_provider import CLIENT_ID, CLIENT_SECRET, FAS_LEVEL, Claims, PretendProvider, reply
from tests.parallel import at_once

# What came was not asked for by this browser: its own attempt goes on.
FOREIGN = ("state", "parameter_twice")


@pytest.fixture
def known(provider: PretendProvider, chief: Person) -> Person:
    """The chief stands in front of the provider."""
    provider.person = claims_of(chief)
    return chief


@pytest.mark.asvs(45)
@pytest.mark.asvs(58)
@pytest.mark.threat(42)
@pytest.mark.parametrize("kind", REFUSED)
def test_what_is_not_right_is_refused(client: Client, provider: PretendProvider, known: Person, kind: str) -> None:
    bend, reason, (status, words) = REFUSED[kind]
    back = provider.visit(begin(client, "/my-roles/"))
    # Bent only now: before the browser left, all was well. What the browser brings along is bent on its way.
    bend(provider)
    if "return" in provider.tamper or provider.cancels:
        back = provider.visit(begin(client, "/my-roles/"))
    people = Person.objects.count()
    answer = client.get(local(back))
    is_foreign = reason in FOREIGN
    assert_refused(client, answer, reason=reason, status=status, words=words, is_foreign=is_foreign)
    assert Person.objects.count() == people
    assert 'name="next" value="/my-roles/"' in answer.content.decode()
    # The same address again is answered without asking the provider, and leaves no second row.
    asked = len(provider.asked)
    assert client.get(local(back)).status_code == 400
    assert len(provider.asked) == asked
    assert AuditEntry.objects.filter(event="sign_in:failed").count() == (2 if is_foreign else 1)


def test_there_are_enough_kinds() -> None:
    assert len(REFUSED) >= 30


@pytest.mark.parametrize(
    ("bend", "reason", "said"),
    [
        (answered("discovery", 503, "text/html", b"down"), "discovery_down", DOWN),
        (answered("discovery", 404, "text/html", b"no"), "discovery_status", UNTRUSTED),
        (answered("discovery", 302, "text/html", b"", Location="http://127.0.0.1:1/"), "discovery_status", UNTRUSTED),
        (answered("discovery", 200, "text/html", b"{}"), "discovery_media_type", UNTRUSTED),
        (answered("discovery", 200, "application/json", b"{"), "discovery_format", UNTRUSTED),
        (answered("discovery", 200, "application/json", b"[" * 100_000), "discovery_format", UNTRUSTED),
        (answered("discovery", 200, "application/json", b" " * 1_000_001), "discovery_too_large", UNTRUSTED),
        (changed("metadata", issuer="https://evil.example"), "discovery_issuer", UNTRUSTED),
        (changed("metadata", token_endpoint="http://evil.example/token"), "discovery_endpoints", UNTRUSTED),
        (changed("metadata", jwks_uri="file:///etc/passwd"), "discovery_endpoints", UNTRUSTED),
        (changed("metadata", authorization_endpoint="javascript:alert(1)"), "discovery_endpoints", UNTRUSTED),
        (changed("metadata", userinfo_endpoint="https://a:b@evil.example/"), "discovery_endpoints", UNTRUSTED),
        (changed("metadata", userinfo_endpoint='https://evil.example/"><script>'), "discovery_endpoints", UNTRUSTED),
        (without("metadata", "userinfo_endpoint"), "discovery_endpoints", UNTRUSTED),
    ],
)
def test_a_provider_that_cannot_say_where_it_is_stops_the_way_there(
    client: Client, provider: PretendProvider, known: Person, bend: Bend, reason: str, said: tuple[int, str]
) -> None:
    bend(provider)
    assert client.post("/login/oidc/").status_code == 303
    answer = client.get("/login/oidc/leave/")
    assert_refused(client, answer, reason=reason, status=said[0], words=said[1])


def test_a_provider_that_is_not_there_is_asked_again_after_a_while_only(
    client: Client, provider: PretendProvider, known: Person, settings: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    honest = settings.OIDC
    settings.OIDC = Provider("http://127.0.0.1:9/", CLIENT_ID, CLIENT_SECRET)  # nobody listens there
    client.post("/login/oidc/")
    answer = client.get("/login/oidc/leave/")
    assert_refused(client, answer, reason="discovery_down", status=503, words=DOWN[1])
    settings.OIDC = honest
    answered("discovery", 500, "text/html", b"")(provider)
    for _time in range(3):
        client.post("/login/oidc/")
        assert client.get("/login/oidc/leave/").status_code == 503
    assert provider.asked.count("discovery") == 1
    provider.replies.clear()
    monkeypatch.setattr(metadata, "FAILURE_SECONDS", 0)
    sign_in(client, provider)


@pytest.mark.parametrize("step", ["discovery", "token", "keys", "userinfo_reply"])
def test_a_silent_provider_does_not_hold_people_up(
    client: Client, provider: PretendProvider, known: Person, monkeypatch: pytest.MonkeyPatch, step: str
) -> None:
    monkeypatch.setattr(wire, "READ_SECONDS", 0.2)
    back = begin(client) if step != "discovery" else ""
    back = provider.visit(back) if back else ""

    def wait() -> tuple[int, dict[str, str], bytes]:
        provider.release.wait(5)
        return reply({})

    provider.replies[step] = wait
    if not back:
        client.post("/login/oidc/")
    began = time.monotonic()
    answer = client.get(local(back) if back else "/login/oidc/leave/")
    assert time.monotonic() - began < 2
    name = step.removesuffix("_reply")
    assert_refused(client, answer, reason=f"{name}_slow", status=504, words=SLOW[1])


@pytest.mark.parametrize("total", [0.4, 0.0])
@pytest.mark.parametrize("what", ["Drip", "Drip-Headers"])
def test_a_provider_that_sends_a_byte_now_and_then_is_given_up(
    client: Client, provider: PretendProvider, known: Person, monkeypatch: pytest.MonkeyPatch, total: float, what: str
) -> None:
    back = provider.visit(begin(client))
    answered("token", 200, "application/json", b" " * 1000, **{what: "0.05"})(provider)
    monkeypatch.setattr(wire, "TOTAL_SECONDS", total)
    began = time.monotonic()
    answer = client.get(local(back))
    assert time.monotonic() - began < 2
    assert_refused(client, answer, reason="token_slow", status=504, words=SLOW[1])


def test_a_level_below_what_the_page_needs_is_refused(client: Client, provider: PretendProvider, known: Person) -> None:
    provider.acr = f"{FAS_LEVEL}300"
    sign_in(client, provider)
    before = client.session.session_key
    provider.acr = f"{FAS_LEVEL}400"
    answer = go_and_come_back(client, provider, "/profile/app/")
    assert answer.status_code == TOO_LOW[0]
    assert TOO_LOW[1] in answer.content.decode()
    assert AuditEntry.objects.get(event="sign_in:failed").data == {"key": "oidc", "reason": "level_too_low"}
    assert (client.session.session_key, client.session["level"]) == (before, 300)
    assert provider.asked[-1] == "token"  # nothing about the person was asked for


@pytest.mark.parametrize(("ago", "reason"), [(120, "not_fresh"), (None, "id_token_auth_time")])
def test_a_provider_that_did_not_ask_anew_is_refused_where_that_counts(
    client: Client, provider: PretendProvider, known: Person, ago: float | None, reason: str
) -> None:
    provider.auth_time = 3600
    sign_in(client, provider)
    provider.auth_time = ago
    answer = go_and_come_back(client, provider, "/profile/email/")
    assert answer.status_code in (400, 502)
    assert AuditEntry.objects.get(event="sign_in:failed").data["reason"] == reason
    assert client.get("/profile/email/").status_code == 403


def test_whom_the_portal_does_not_know_it_need_not_let_in(
    client: Client, provider: PretendProvider, known: Person, settings: Any
) -> None:
    settings.OIDC = Provider(provider.issuer, CLIENT_ID, CLIENT_SECRET, accepts_new_persons=False)
    provider.person = {**claims_of(known), "egovNRN": national_number(4_903)}
    answer = go_and_come_back(client, provider)
    assert_refused(client, answer, reason="unknown_person", status=403, words="This portal does not know you yet")
    assert Person.objects.get() == known
    provider.person = claims_of(known, givenName="", surname="")
    assert sign_in(Client(), provider)["Location"] == "/"


def test_the_answer_for_another_browser_is_refused(provider: PretendProvider, known: Person) -> None:
    attacker, victim = Client(), Client()
    back = provider.visit(begin(attacker))
    begin(victim)
    answer = victim.get(local(back))
    assert_refused(victim, answer, reason="state", status=400, words=OVER[1], is_foreign=True)
    assert provider.asked == ["discovery"]  # the code was not even used


def test_a_forged_answer_does_not_end_the_attempt_that_goes_on(
    client: Client, provider: PretendProvider, known: Person
) -> None:
    back = provider.visit(begin(client, "/my-roles/"))
    assert client.get("/login/oidc/return/?code=x&state=evil").status_code == 400
    assert client.get(local(back)).url == "/login/return/"
    assert client.get("/login/return/").url == "/my-roles/"


def test_an_impatient_reload_waits_for_the_first_answer_and_ends_nothing(
    client: Client, provider: PretendProvider, known: Person
) -> None:
    back = provider.visit(begin(client, "/my-roles/"))
    LoginTicket.objects.update(claimed_at=timezone.now())  # the first request is at it
    answer = client.get(local(back))
    assert answer.status_code == 200 and "You are being signed in" in answer.content.decode()
    assert "token" not in provider.asked
    # Had the first request died, the next one would take over.
    LoginTicket.objects.update(claimed_at=timezone.now() - timedelta(seconds=20))
    assert claim_attempt(LoginTicket.objects.get(), now=timezone.now())
    assert not claim_attempt(LoginTicket.objects.get(), now=timezone.now())
    LoginTicket.objects.update(claimed_at=None)
    assert client.get(local(back)).url == "/login/return/"
    assert client.get(local(back)).url == "/login/return/"  # confirmed meanwhile: on to the end
    assert client.get("/login/return/").url == "/my-roles/"


def test_without_an_attempt_nothing_is_asked_and_nothing_stored(
    client: Client, provider: PretendProvider, known: Person
) -> None:
    back = provider.visit(begin(Client()))
    asked = list(provider.asked)
    for address in (local(back), "/login/oidc/return/", "/login/oidc/leave/"):
        answer = client.get(address)
        assert answer.status_code == 400
        assert OVER[1] in answer.content.decode()
    assert provider.asked == asked
    assert not AuditEntry.objects.exists()


def test_an_attempt_with_another_key_is_none(client: Client, provider: PretendProvider, known: Person) -> None:
    back = provider.visit(begin(client))
    LoginTicket.objects.update(key_name="eid")
    assert client.get(local(back)).status_code == 400
    assert not User.objects.exists()


def test_an_answer_counts_once(client: Client, provider: PretendProvider, known: Person) -> None:
    back = provider.visit(begin(client))
    secret = client.cookies["ticket"].value
    assert client.get(local(back)).status_code == 303
    assert client.get("/login/return/").status_code == 303
    thief = Client()
    thief.cookies["ticket"] = secret
    assert thief.get(local(back)).status_code == 400
    assert thief.get("/login/return/").status_code == 400
    assert "_auth_user_id" not in thief.session


def test_a_code_counts_once_also_for_a_new_attempt(client: Client, provider: PretendProvider, known: Person) -> None:
    used: list[str] = []

    def keep(given: Claims) -> Claims:
        used.append(given["code"])
        return {**given, "code": used[0]}

    provider.tamper["return"] = keep
    sign_in(client, provider)
    other = Client()
    assert go_and_come_back(other, provider).status_code == 400
    assert AuditEntry.objects.get(event="sign_in:failed").data["reason"] == "token_invalid_grant"
    assert "_auth_user_id" not in other.session


def test_the_code_of_another_attempt_is_refused_by_its_verifier(provider: PretendProvider, known: Person) -> None:
    """Somebody else's code, put into one's own answer: PKCE is what notices."""
    victim, attacker = Client(), Client()
    code = provider.visit(begin(victim)).partition("code=")[2].partition("&")[0]
    provider.tamper["return"] = lambda given: {**given, "code": code}
    answer = go_and_come_back(attacker, provider)
    assert_refused(attacker, answer, reason="token_invalid_grant", status=400, words=OVER[1])


def test_head_uses_nothing_up(client: Client, provider: PretendProvider, known: Person) -> None:
    back = local(provider.visit(begin(client)))
    asked = list(provider.asked)
    assert client.head(back).status_code == 405
    assert client.post(back).status_code == 405
    assert provider.asked == asked
    assert client.get(back).status_code == 303


def test_an_attempt_that_took_too_long_is_over(client: Client, provider: PretendProvider, known: Person) -> None:
    back = local(provider.visit(begin(client)))
    LoginTicket.objects.update(created_at=F("created_at") - timedelta(hours=1), expires_at=timezone.now())
    answer = client.get(back)
    assert answer.status_code == 400
    assert OVER[1] in answer.content.decode()
    assert not User.objects.exists()


def test_an_attempt_that_ends_while_the_provider_answers_leaves_nothing(
    client: Client, provider: PretendProvider, known: Person
) -> None:
    provider.person = {**claims_of(known), "egovNRN": national_number(4_904), "mail": "new@post.example"}
    back = local(provider.visit(begin(client)))
    LoginTicket.objects.update(expires_at=timezone.now() + timedelta(seconds=1))

    def late(claims: Claims) -> Claims:
        time.sleep(1.1)
        return claims

    provider.tamper["userinfo"] = late
    answer = client.get(back)
    assert answer.status_code == 400
    assert OVER[1] in answer.content.decode()
    assert Person.objects.get() == known


def test_a_new_key_is_looked_for_twice_a_minute_at_most(provider: PretendProvider, known: Person) -> None:
    sign_in(Client(), provider)
    provider.tamper["id_token_header"] = lambda header: {**header, "kid": "made-up"}
    for _time in range(3):
        assert go_and_come_back(Client(), provider).status_code == 502
    assert provider.asked.count("keys") == 1


@pytest.mark.django_db(transaction=True)
def test_one_answer_sent_many_times_at_once_signs_in_once(provider: PretendProvider, known: Person) -> None:
    client = Client()
    back = local(provider.visit(begin(client)))
    secret = client.cookies["ticket"].value

    def come_back(_number: int) -> int:
        browser = Client()
        browser.cookies["ticket"] = secret
        return int(browser.get(back).status_code)

    # One of them exchanges the code; the others are told to wait, or sent on when it is done.
    statuses = at_once(come_back, times=4, threads=4)
    assert set(statuses) <= {200, 303} and 303 in statuses
    assert provider.asked.count("token") == 1
    assert LoginTicket.objects.filter(confirmed_at__isnull=False).count() == 1
    assert not AuditEntry.objects.filter(event="sign_in:failed").exists()
    assert client.get("/login/return/").status_code == 303
