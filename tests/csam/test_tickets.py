"""The ticket: one browser, one use, ten minutes; and the session id that changes."""

from datetime import timedelta

import pytest
from django.db import IntegrityError, transaction
from django.db.models import F
from django.test import Client
from django.utils import timezone

from audit.models import AuditEntry
from csam.backends import DigitalKeyBackend
from csam.models import LoginTicket, User
from csam.operations import confirm_attempt, forget_old_attempts, redeem_attempt, start_attempt
from tenants.models import Person, RegisteredPerson
from tests.csam.flows import begin, card_of, insert_card, key_named, sign_in_with_card
from tests.factories import PersonFactory
from tests.parallel import at_once


def test_a_ticket_is_used_once(client: Client, card: RegisteredPerson) -> None:
    begin(client, "eid")
    secret = client.cookies["ticket"].value
    insert_card(client, card)
    assert client.get("/login/return/").status_code == 303
    assert client.cookies["ticket"].value == ""
    thief = Client()
    thief.cookies["ticket"] = secret
    answer = thief.get("/login/return/")
    assert answer.status_code == 400
    assert "This sign-in attempt is no longer valid" in answer.content.decode()
    assert "_auth_user_id" not in thief.session


def test_the_ticket_of_another_browser_is_refused(client: Client, card: RegisteredPerson) -> None:
    begin(client, "eid")
    insert_card(client, card)
    other = Client()
    assert other.get("/login/return/").status_code == 400
    other.cookies["ticket"] = LoginTicket.objects.get().secret_hash
    assert other.get("/login/return/").status_code == 400
    assert not User.objects.exists()


def test_an_unconfirmed_ticket_signs_nobody_in(client: Client, card: RegisteredPerson) -> None:
    begin(client, "eid")
    assert client.get("/login/return/").status_code == 400
    assert not User.objects.exists()


def test_a_ticket_ends_after_ten_minutes(client: Client, card: RegisteredPerson) -> None:
    begin(client, "eid")
    ticket = LoginTicket.objects.get()
    assert ticket.expires_at - ticket.created_at == timedelta(minutes=10)
    insert_card(client, card)
    LoginTicket.objects.update(created_at=F("created_at") - timedelta(hours=1), expires_at=timezone.now())
    assert client.get("/login/return/").status_code == 400
    begin(client, "eid")
    LoginTicket.objects.update(created_at=F("created_at") - timedelta(hours=1), expires_at=timezone.now())
    page = client.get("/idp/eid/")
    assert page.status_code == 400
    assert "This sign-in attempt has ended" in page.content.decode()


def test_a_second_card_cannot_replace_the_confirmed_one(client: Client, card: RegisteredPerson, chief: Person) -> None:
    other = card_of(PersonFactory())
    begin(client, "eid")
    insert_card(client, card)
    assert insert_card(client, other).status_code == 400
    client.get("/login/return/")
    assert User.objects.get().person == chief


@pytest.mark.django_db(transaction=True)
def test_of_many_parallel_returns_one_gets_the_ticket(card: RegisteredPerson) -> None:
    now = timezone.now()
    ticket, secret = start_attempt(key_named("eid"), next_path="", minimum_level=0, purpose="sign_in", now=now)
    assert confirm_attempt(ticket, register_key=card.key, level=500, proved_at=now, now=now)
    redeemed = at_once(lambda _number: redeem_attempt(secret, now=now), times=20, threads=5)
    assert sum(each is not None for each in redeemed) == 1


@pytest.mark.django_db(transaction=True)
def test_of_many_parallel_first_sign_ins_one_person_and_one_login_come(newcomer: RegisteredPerson) -> None:
    now = timezone.now()

    def sign_in(_number: int) -> int:
        ticket, secret = start_attempt(key_named("eid"), next_path="", minimum_level=0, purpose="sign_in", now=now)
        confirm_attempt(ticket, register_key=newcomer.key, level=500, proved_at=now, now=now)
        user = DigitalKeyBackend().authenticate(None, ticket=redeem_attempt(secret, now=now), now=now)
        assert user is not None
        return user.pk

    assert len(set(at_once(sign_in, times=10, threads=5))) == 1
    assert Person.objects.count() == User.objects.count() == 1
    assert AuditEntry.objects.filter(event="person:created").count() == 1


@pytest.mark.asvs(46)
@pytest.mark.threat(14)
def test_the_session_id_changes_at_every_sign_in(client: Client, card: RegisteredPerson) -> None:
    session = client.session
    session["planted"] = "by somebody else"
    session.save()
    client.cookies["session"] = planted = session.session_key
    sign_in_with_card(client, card)
    assert client.session.session_key != planted
    assert not client.session.exists(planted)
    thief = Client()
    thief.cookies["session"] = planted
    assert thief.get("/profile/").status_code == 403  # its session is no more


def test_another_persons_sign_in_leaves_nothing_of_the_first(client: Client, card: RegisteredPerson) -> None:
    sign_in_with_card(client, card)
    session = client.session
    session["level"] = 300  # as after a code by e-mail
    session["acting_for"] = "self"
    session.save()
    sign_in_with_card(client, card_of(PersonFactory()), "/my-roles/")
    assert "acting_for" not in client.session
    assert client.session["level"] == 500


def test_the_way_back_after_all_went_well_leads_home(client: Client, card: RegisteredPerson) -> None:
    sign_in_with_card(client, card)
    answer = client.get("/login/return/")
    assert (answer.status_code, answer.url) == (302, "/")


@pytest.mark.asvs(48)
@pytest.mark.parametrize("what", ["login", "person"])
def test_whoever_is_switched_off_cannot_sign_in(
    client: Client, card: RegisteredPerson, chief: Person, what: str
) -> None:
    user = User.objects.create_for(chief)
    if what == "login":
        User.objects.filter(pk=user.pk).update(is_active=False)
    else:
        Person.objects.filter(pk=chief.pk).update(is_active=False)
    answer = sign_in_with_card(client, card)
    assert answer.status_code == 403
    assert "your access is switched off" in answer.content.decode()
    assert "_auth_user_id" not in client.session
    assert AuditEntry.objects.get(event="sign_in:failed").data["reason"] == "switched_off"


def test_looking_ahead_with_head_uses_nothing_up(client: Client, card: RegisteredPerson) -> None:
    begin(client, "eid")
    insert_card(client, card)
    assert client.head("/login/return/").status_code == 405
    assert client.get("/login/return/").status_code == 303


def test_old_attempts_are_forgotten(card: RegisteredPerson) -> None:
    now = timezone.now()
    start_attempt(key_named("eid"), next_path="", minimum_level=0, purpose="sign_in", now=now - timedelta(days=2))
    start_attempt(key_named("eid"), next_path="", minimum_level=0, purpose="sign_in", now=now)
    assert forget_old_attempts(now=now) == 1
    assert LoginTicket.objects.count() == 1


@pytest.mark.parametrize(
    "values",
    [
        {"secret_hash": "in the clear"},
        {"key_name": "password"},
        {"purpose": "other"},
        {"confirmed_at": timezone.now()},
        {"register_key": "abc"},
        {"used_at": timezone.now()},
        {"expires_at": F("created_at")},
        {"next_path": "//evil.example"},
        {"next_path": "https://evil.example"},
    ],
)
def test_the_database_refuses_a_ticket_that_cannot_be(db: None, values: dict[str, object]) -> None:
    start_attempt(key_named("eid"), next_path="", minimum_level=0, purpose="sign_in", now=timezone.now())
    with pytest.raises(IntegrityError), transaction.atomic():
        LoginTicket.objects.update(**values)


@pytest.mark.asvs(34)
def test_nobody_ever_has_a_password(chief: Person) -> None:
    user = User.objects.create_for(chief)
    assert not user.has_usable_password()
    with pytest.raises(TypeError):
        user.set_password("secret")
    with pytest.raises(TypeError, match="createadmin"):
        User.objects.create_superuser(key="x")
    with pytest.raises(IntegrityError), transaction.atomic():
        User.objects.update(password="argon2$x")
