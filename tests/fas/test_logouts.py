"""When a sign-on ends, and what the service is told of it."""

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

import pytest
from django.contrib.sessions.models import Session
from django.utils import timezone
from joserfc import jwt
from joserfc.jwk import KeySet

from audit.models import AuditEntry
from fas.background import look
from fas.keys import key_set
from fas.models import AccessToken, Client, DeliveryState, Grant, LogoutDelivery, SignOn, Trouble
from fas.operations.logouts import (
    EVENT,
    GIVEN_UP_AFTER,
    LEASE,
    claim,
    deliver,
    due_by_client,
    logout_token,
    send_again,
)
from roles.models import Role, RoleAssignment
from roles.operations.ending import end_assignments
from tenants.acting import ActingContext
from tenants.models import Organisation, Person
from tests.conftest import Cast
from tests.factories import AssignmentFactory, PropertyFactory
from tests.fas.conftest import SignIn
from tests.fas.receiver import Receiver, receiving
from tests.fas.relying_party import ISSUER, RelyingParty
from tests.fas.rows import a_client, a_sign_on

Acting = Callable[..., ActingContext]
pytestmark = [pytest.mark.django_db, pytest.mark.threat(42)]

LOGOUT = "https://service.example/logout"


@pytest.fixture
def client_row(energy: Role) -> Client:
    """The energy portal as a client that wants to know when a sign-on is over."""
    return a_client(energy.services.get(), client_id="energy", name="Energy portal", backchannel_logout_uri=LOGOUT)


def signed_on(party: RelyingParty, organisation: Organisation) -> SignOn:
    """Sign on for an organisation, and let the service ask for the roles."""
    tokens = party.tokens(organisation=organisation.key)
    party.user(tokens["access_token"])
    return SignOn.objects.get(sid=party.id_claims(tokens)["sid"])


def queued() -> list[str]:
    return sorted(row.sign_on.end_reason for row in LogoutDelivery.objects.select_related("sign_on"))


# --- The message ----------------------------------------------------------------------------------------------------


def test_the_message_is_what_the_standard_says(cast: Cast, client_row: Client, now: datetime) -> None:
    sign_on = a_sign_on(cast.anna, client_row, now=now)
    token = jwt.decode(logout_token(sign_on, now=now), KeySet.import_key_set(key_set()), algorithms=["RS256"])  # type: ignore[arg-type]
    assert token.header["typ"] == "logout+jwt"
    assert token.header["kid"] == key_set()["keys"][0]["kid"]
    claims = dict(token.claims)
    number = claims.pop("jti")
    assert len(number) == 36
    assert claims == {
        "iss": ISSUER,
        "aud": "energy",
        "sub": sign_on.sub,
        "sid": sign_on.sid,
        "iat": int(now.timestamp()),
        "exp": int(now.timestamp()) + 120,
        "events": {EVENT: {}},
    }
    again = jwt.decode(logout_token(sign_on, now=now), KeySet.import_key_set(key_set()), algorithms=["RS256"])  # type: ignore[arg-type]
    assert again.claims["jti"] != number


# --- What ends a sign-on --------------------------------------------------------------------------------------------


def test_signing_out_ends_it_and_takes_back_its_tokens(party: RelyingParty, cast: Cast, held: RoleAssignment) -> None:
    row = signed_on(party, cast.dubois)
    assert AccessToken.objects.filter(sign_on=row).exists()
    party.sign_on(organisation=cast.dubois.key)  # and a code that nobody has used
    assert Grant.objects.filter(sign_on=row, used_at__isnull=True).exists()
    party.browser.post("/logout/")
    row.refresh_from_db()
    assert row.end_reason == "signed_out"
    assert not AccessToken.objects.exists()
    assert not Grant.objects.filter(used_at__isnull=True).exists()
    delivery = LogoutDelivery.objects.get()
    assert (delivery.sign_on, delivery.client, delivery.state) == (row, party.client, "queued")


def end_elsewhere(party: RelyingParty) -> None:
    Session.objects.filter(session_key=party.browser.session.session_key).delete()


def run_out(party: RelyingParty) -> None:
    Session.objects.update(expire_date=timezone.now() - timedelta(seconds=1))


def switch_off_the_login(party: RelyingParty) -> None:
    from csam.models import User

    User.objects.filter(person__given_name="Anna").update(is_active=False)


def switch_off_the_person(party: RelyingParty) -> None:
    Person.objects.filter(given_name="Anna").update(is_active=False)


@pytest.mark.parametrize(
    ("act", "reason"),
    [
        (end_elsewhere, "session_over"),
        (run_out, "session_over"),
        (switch_off_the_login, "person_off"),
        (switch_off_the_person, "person_off"),
    ],
)
def test_what_ends_without_a_sign_out_is_seen_at_the_next_look(
    party: RelyingParty, cast: Cast, held: RoleAssignment, act: Callable[[RelyingParty], None], reason: str
) -> None:
    row = signed_on(party, cast.dubois)
    assert look(now=timezone.now()) == 0
    act(party)
    assert look(now=timezone.now()) == 1
    assert queued() == [reason]
    assert not AccessToken.objects.filter(sign_on=row).exists()
    assert look(now=timezone.now()) == 0


def test_who_does_not_want_to_know_is_told_nothing(party: RelyingParty, cast: Cast, held: RoleAssignment) -> None:
    Client.objects.update(backchannel_logout_uri="")
    signed_on(party, cast.dubois)
    party.browser.post("/logout/")
    assert SignOn.objects.get().ended_at is not None
    assert not LogoutDelivery.objects.exists()


# --- Roles that work no more ----------------------------------------------------------------------------------------


def end_it(held: RoleAssignment, cast: Cast, acting_as: Acting) -> None:
    end_assignments([held], acting=acting_as(cast.jean, cast.dubois), now=timezone.now())


def test_a_role_that_is_ended_while_they_watch(
    party: RelyingParty, cast: Cast, held: RoleAssignment, acting_as: Acting
) -> None:
    row = signed_on(party, cast.dubois)
    assert look(now=timezone.now()) == 0
    end_it(held, cast, acting_as)
    assert look(now=timezone.now()) == 1
    assert queued() == ["role_lost"]
    entry = AuditEntry.objects.filter(event="sign_on:ended").get()
    assert (entry.data["reason"], entry.actor_key) == ("role_lost", "")
    assert not AccessToken.objects.filter(sign_on=row).exists()


def run_out_by_date(held: RoleAssignment, cast: Cast, acting_as: Acting) -> None:
    RoleAssignment.objects.update(
        valid_from=timezone.localdate() - timedelta(days=9), valid_until=timezone.localdate() - timedelta(days=1)
    )


def stop_the_organisation(held: RoleAssignment, cast: Cast, acting_as: Acting) -> None:
    Organisation.objects.filter(pk=cast.dubois.pk).update(status=Organisation.Status.STOPPED)


def take_from_the_service(held: RoleAssignment, cast: Cast, acting_as: Acting) -> None:
    held.role.services.clear()


def change_the_answers(held: RoleAssignment, cast: Cast, acting_as: Acting) -> None:
    RoleAssignment.objects.update(properties={"QUESTION": False})


@pytest.mark.parametrize("act", [run_out_by_date, stop_the_organisation, take_from_the_service, change_the_answers])
def test_a_role_that_is_lost_in_other_ways(
    party: RelyingParty, cast: Cast, held: RoleAssignment, acting_as: Acting, act: Callable[..., None]
) -> None:
    PropertyFactory(role=held.role, code="QUESTION")
    RoleAssignment.objects.update(properties={"QUESTION": True})
    signed_on(party, cast.dubois)
    act(held, cast, acting_as)
    assert look(now=timezone.now()) == 1
    assert queued() == ["role_lost"]


def nothing(held: RoleAssignment, cast: Cast) -> None:
    pass


def extend(held: RoleAssignment, cast: Cast) -> None:
    """The old row ends, a new one with the same right takes its place, under another reference."""
    RoleAssignment.objects.update(reference="AR-2020-000001-1", valid_until=timezone.localdate() + timedelta(days=900))


def gain_another(held: RoleAssignment, cast: Cast) -> None:
    AssignmentFactory(
        role=held.role, assignee=cast.marie, organisation=cast.dubois, assigned_by=cast.jean, properties={}
    )


def lose_one_of_another_service(held: RoleAssignment, cast: Cast) -> None:
    role = Role.objects.get(code="CCB_SAFEONWEBATWORK_EDIT")
    AssignmentFactory(
        role=role,
        assignee=cast.anna,
        organisation=cast.dubois,
        properties={},
        valid_from=timezone.localdate() - timedelta(days=2),
        valid_until=timezone.localdate() - timedelta(days=1),
    )


def rename_the_organisation(held: RoleAssignment, cast: Cast) -> None:
    Organisation.objects.filter(pk=cast.dubois.pk).update(name_fr="Autre")


@pytest.mark.parametrize("act", [nothing, extend, gain_another, lose_one_of_another_service, rename_the_organisation])
def test_whoever_loses_nothing_stays(
    party: RelyingParty, cast: Cast, held: RoleAssignment, act: Callable[..., None]
) -> None:
    signed_on(party, cast.dubois)
    act(held, cast)
    assert look(now=timezone.now()) == 0
    assert queued() == []


def test_the_same_person_keeps_what_is_for_another_organisation_or_another_service(
    party: RelyingParty, cast: Cast, held: RoleAssignment, acting_as: Acting, sign_in: SignIn
) -> None:
    signed_on(party, cast.dubois)
    other = a_sign_on(cast.anna, a_client(backchannel_logout_uri=LOGOUT), now=timezone.now(), organisation=cast.dubois)
    neighbour = a_sign_on(cast.carine, party.client, now=timezone.now(), organisation=cast.peeters)
    SignOn.objects.filter(pk__in=[other.pk, neighbour.pk]).update(session=Session.objects.first())
    end_it(held, cast, acting_as)
    assert look(now=timezone.now()) == 1
    assert SignOn.objects.open().count() == 2


def test_a_service_that_is_not_to_be_told_sees_it_when_it_asks(
    party: RelyingParty, cast: Cast, held: RoleAssignment, acting_as: Acting
) -> None:
    Client.objects.update(backchannel_logout_uri="")
    tokens = party.tokens(organisation=cast.dubois.key)
    assert len(party.user(tokens["access_token"])["roles"]) == 1
    end_it(held, cast, acting_as)
    assert look(now=timezone.now()) == 0
    assert party.user(tokens["access_token"])["roles"] == []


def test_a_role_that_the_service_has_not_seen_ends_nothing(
    party: RelyingParty, cast: Cast, held: RoleAssignment, acting_as: Acting
) -> None:
    party.tokens(organisation=cast.dubois.key)  # and no userinfo
    end_it(held, cast, acting_as)
    assert look(now=timezone.now()) == 0


def test_a_service_that_has_asked_anew_is_told_all_the_same(
    party: RelyingParty, cast: Cast, held: RoleAssignment, acting_as: Acting
) -> None:
    tokens = party.tokens(organisation=cast.dubois.key)
    assert len(party.user(tokens["access_token"])["roles"]) == 1
    end_it(held, cast, acting_as)
    assert party.user(tokens["access_token"])["roles"] == []
    assert look(now=timezone.now()) == 1


def test_the_person_may_come_back_and_is_known_without_the_role(
    party: RelyingParty, cast: Cast, held: RoleAssignment, acting_as: Acting
) -> None:
    first = signed_on(party, cast.dubois)
    end_it(held, cast, acting_as)
    look(now=timezone.now())
    tokens = party.tokens(organisation=cast.dubois.key)
    assert party.user(tokens["access_token"])["roles"] == []
    assert party.id_claims(tokens)["sid"] != first.sid
    assert look(now=timezone.now()) == 0


def test_what_was_told_is_kept_as_marks_only(party: RelyingParty, cast: Cast, held: RoleAssignment) -> None:
    row = signed_on(party, cast.dubois)
    (mark,) = row.told_roles
    assert len(mark) == 16
    assert held.role.code not in str(row.told_roles)


def test_looking_takes_the_same_number_of_queries_however_many_are_signed_on(
    cast: Cast, client_row: Client, held: RoleAssignment, django_assert_max_num_queries: Any
) -> None:
    kept = Session.objects.create(session_key="x" * 32, expire_date=timezone.now() + timedelta(hours=1))
    for number in range(30):
        a_sign_on(
            cast.anna,
            client_row,
            now=timezone.now(),
            organisation=cast.dubois,
            browser=f"b{number}",
            session=kept,
            told_roles=["x"],
        )
    SignOn.objects.update(told_roles=[])
    with django_assert_max_num_queries(4):
        assert look(now=timezone.now()) == 0
    from fas.operations.lost_roles import mark_of
    from roles.service_view import entries

    SignOn.objects.update(told_roles=[mark_of(entry) for entry in entries([held])])
    with django_assert_max_num_queries(5):
        assert look(now=timezone.now()) == 0


# --- A client that is switched off ----------------------------------------------------------------------------------


def test_an_agreement_that_is_taken_back_is_told(party: RelyingParty, cast: Cast, held: RoleAssignment) -> None:
    from fas.models import Consent

    signed_on(party, cast.dubois)
    party.browser.post(f"/profile/services/{Consent.objects.get().key}/end/")
    assert queued() == ["withdrawn"]


# --- Answers --------------------------------------------------------------------------------------------------------


@pytest.fixture
def ended(cast: Cast, client_row: Client, now: datetime) -> LogoutDelivery:
    """A message that waits."""
    return waiting(cast, client_row, now)


def waiting(cast: Cast, client: Client, now: datetime) -> LogoutDelivery:
    row = a_sign_on(cast.anna, client, now=now, ended_at=now, end_reason="signed_out")
    return LogoutDelivery.objects.create(sign_on=row, client=client, queued_at=now, next_at=now)


def send(row: LogoutDelivery, receiver: Receiver | None, now: datetime) -> LogoutDelivery:
    if receiver is not None:
        Client.objects.update(backchannel_logout_uri=receiver.address)
    taken = claim(row.client_id, worker="w1", now=now)
    assert taken == row
    deliver(taken, now=now)
    row.refresh_from_db()
    return row


@pytest.mark.parametrize("status", [200, 204])
def test_a_message_that_is_received_is_done_with(ended: LogoutDelivery, now: datetime, status: int) -> None:
    with receiving(answers=[status]) as receiver:
        row = send(ended, receiver, now)
    assert (row.state, row.last_answer, row.attempts, row.last_trouble) == ("delivered", status, 1, "")
    assert row.delivered_at is not None
    assert due_by_client(now=now + timedelta(days=9)) == {}
    assert receiver.came[0]["headers"]["Content-Type"] == "application/x-www-form-urlencoded"


def test_a_message_that_is_refused_is_given_up(ended: LogoutDelivery, now: datetime) -> None:
    with receiving(answers=[400]) as receiver:
        row = send(ended, receiver, now)
    assert (row.state, row.last_answer, row.last_trouble) == ("failed", 400, "refused")
    assert due_by_client(now=now + timedelta(days=9)) == {}


@pytest.mark.parametrize("status", [201, 302, 307, 401, 404, 429, 500, 503])
def test_any_other_answer_is_tried_again(ended: LogoutDelivery, now: datetime, status: int) -> None:
    with receiving(answers=[status], location="http://127.0.0.1:1/") as receiver:
        row = send(ended, receiver, now)
    assert (row.state, row.last_answer, row.last_trouble) == ("queued", status, "other_answer")
    assert len(receiver.came) == 1
    assert row.next_at - now >= timedelta(seconds=2)


def test_pauses_grow_and_end_after_a_day(ended: LogoutDelivery, now: datetime, monkeypatch: pytest.MonkeyPatch) -> None:
    from fas.outbound import Answer

    monkeypatch.setattr("fas.operations.logouts.post_form", lambda *_a: Answer(None, Trouble.NO_CONNECTION))
    moment, pauses = now, []
    while ended.state != DeliveryState.FAILED:
        send(ended, None, moment)
        pauses.append(round((ended.next_at - moment).total_seconds()))
        moment = ended.next_at
    assert pauses[:-1] == sorted(pauses[:-1])
    assert 15 < ended.attempts < 25
    assert GIVEN_UP_AFTER - timedelta(hours=3) < moment - now <= GIVEN_UP_AFTER
    assert (ended.last_answer, ended.last_trouble) == (None, "no_connection")


def test_a_client_that_has_lost_its_address_is_given_up(ended: LogoutDelivery, now: datetime) -> None:
    Client.objects.update(backchannel_logout_uri="")
    assert send(ended, None, now).state == "failed"
    assert ended.last_trouble == "no_address"


def test_no_token_is_kept(ended: LogoutDelivery, now: datetime) -> None:
    with receiving() as receiver:
        row = send(ended, receiver, now)
    signature = receiver.tokens[0].rpartition(".")[2]
    assert signature not in str(LogoutDelivery.objects.values().get(pk=row.pk))


def test_the_lease_keeps_others_away_until_it_ends(ended: LogoutDelivery, now: datetime) -> None:
    first = claim(ended.client_id, worker="w1", now=now)
    assert first is not None
    assert claim(ended.client_id, worker="w2", now=now + LEASE - timedelta(seconds=1)) is None
    second = claim(ended.client_id, worker="w2", now=now + LEASE)
    assert second is not None
    assert second.attempts == 2
    with receiving(answers=[500]) as receiver:
        Client.objects.update(backchannel_logout_uri=receiver.address)
        deliver(first, now=now + LEASE)  # it had slept, and woke up late: what it has to say no longer counts
        ended.refresh_from_db()
        assert (ended.state, ended.leased_by) == ("sending", "w2")


# --- Again, by hand -------------------------------------------------------------------------------------------------


def test_staff_send_one_again(ended: LogoutDelivery, now: datetime, cast: Cast, acting_as: Acting) -> None:
    with receiving(answers=[400, 200]) as receiver:
        assert send(ended, receiver, now).state == "failed"
        assert send_again(ended, acting=acting_as(cast.sofie), now=now)
        assert not send_again(ended, acting=acting_as(cast.sofie), now=now)
        assert send(ended, receiver, now).state == "delivered"
    entry = AuditEntry.objects.get(event="logout:sent_again")
    assert (entry.actor_key, entry.subject_key, entry.data["by_staff"]) == (cast.sofie.key, ended.key, True)
