"""Sending, sending again, cancelling, expiring: who may, what is written, what is refused."""

import re
from collections.abc import Callable
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

import pytest
from django.utils.translation import override

from audit.models import AuditEntry
from outbox.delivery import deliver_due
from outbox.models import OutgoingEmail
from outbox.rendering import render
from roles.errors import CannotAssign, DraftChanged, DraftFinished, NotAllowed, OwnInvitation, QuotaReached, TooLate
from roles.invitations import ALPHABET, bare, is_addressed_to, new_code, spaced
from roles.models import Invitation, Role
from roles.operations.answer_invitation import accept_invitation, decline_invitation
from roles.operations.invitations import (
    cancel_invitation,
    expire_invitations,
    resend_invitation,
    start_invitation,
)
from roles.reasons import on_day
from tenants.acting import ActingContext
from tenants.models import AccessManagerAppointment, Organisation, Person
from tenants.periods import local_day
from tests.conftest import Cast
from tests.factories import PersonFactory
from tests.roles.invites import NORA, PAUL, Sending, code_of, invite

Acting = Callable[..., ActingContext]
Catalogue = dict[str, Role]
pytestmark = pytest.mark.django_db

ENERGY, FINANCE, CYBER, HIGH_ONLY = (
    "FLUVIUS_ENERGY_PORTAL_ADMIN",
    "FIN_FATCA",
    "CCB_SAFEONWEBATWORK_EDIT",
    "FIN_MANDATE_HOLDER",
)


def events_of(row: Invitation) -> list[str]:
    return [entry.event for entry in AuditEntry.objects.about(row.key).order_by("id")]


# --- Codes and names -------------------------------------------------------------------------------------------------


@pytest.mark.asvs(38)
def test_a_code_has_eight_signs_that_nobody_confuses(db: None) -> None:
    codes = {new_code() for _ in range(200)}
    assert len(codes) == 200
    assert all(re.fullmatch(rf"[{ALPHABET}]{{8}}", code) for code in codes)
    assert len(set(ALPHABET)) == 32 and not set("01OI") & set(ALPHABET)  # 5 bits a sign: 40 bits


def test_a_code_is_read_with_and_without_dash_and_case() -> None:
    assert spaced("K7QD3MXP") == "K7QD-3MXP"
    assert {bare(typed) for typed in ("K7QD-3MXP", "k7qd3mxp", " k7qd – 3mxp ", "K7QD 3MXP.")} == {"K7QD3MXP"}


@pytest.mark.parametrize(
    ("written", "known", "fits"),
    [
        ("Vandenbroucke", "VANDENBROUCKE", True),
        ("Hellemans", "Hëllemans", True),
        ("Van den Broeck", "Broeck", True),
        ("De Smet", "Desmet", True),
        ("Martin Dupont", "Martin-Dupont", True),
        ("D’Hondt", "d'hondt", True),
        ("Peeters", "Claes", False),
        ("Peeters", "Peeterss", False),
        ("Λάμπρου", "Λάμπρου", True),
        ("Λάμπρου", "Иванов", False),
        ("Λάμπρου", "Peeters", False),
    ],
)
def test_family_names_fit_whatever_their_spelling(written: str, known: str, fits: bool) -> None:
    row, person = Invitation(family_name=written), Person(family_name=known)
    assert is_addressed_to(row, person) is fits


# --- Sending ---------------------------------------------------------------------------------------------------------


def test_each_person_gets_an_invitation_a_code_and_a_letter_of_their_own(
    cast: Cast, catalogue: Catalogue, acting_as: Acting, now: datetime
) -> None:
    roles = [catalogue[ENERGY], catalogue[CYBER]]
    rows = invite(acting_as(cast.jean), cast.dubois, [NORA, PAUL], roles, now=now)
    year = local_day(now).year
    assert [row.reference for row in rows] == [f"IN-{year}-000001-1", f"IN-{year}-000001-2"]
    assert [[invited.role.code for invited in row.invited_roles.all()] for row in rows] == [[ENERGY, CYBER]] * 2
    assert {row.answer_before for row in rows} == {local_day(now) + timedelta(days=30)}
    assert len({code_of(row) for row in rows}) == 2
    for row in rows:
        assert Invitation.objects.with_code(code_of(row)).get() == row
        assert events_of(row) == ["invitation:sent"]
    letters = OutgoingEmail.objects.order_by("id")
    assert [(letter.to, letter.language) for letter in letters] == [(NORA[2], "nl"), (PAUL[2], "de")]
    entry = AuditEntry.objects.about(rows[0].key).get()
    assert (entry.actor_key, entry.data["roles"]) == (cast.jean.key, [ENERGY, CYBER])


@pytest.mark.asvs(40)
def test_the_code_stands_nowhere_but_sealed_in_the_letter_and_is_wiped_when_that_has_left(
    cast: Cast, catalogue: Catalogue, acting_as: Acting, now: datetime, settings: Any
) -> None:
    settings.DEMO_INSTANCE = False
    (row,) = invite(acting_as(cast.jean), cast.dubois, [NORA], [catalogue[ENERGY]], now=now)
    code = code_of(row)
    assert code not in str(Invitation.objects.values().get()) and spaced(code) not in str(row.__dict__)
    assert all(code not in str(entry.data) for entry in AuditEntry.objects.all())
    assert deliver_due(worker="test", now=now) == 1
    letter = OutgoingEmail.objects.get()
    assert letter.secrets is None and letter.demo_text is None
    assert spaced(code) not in letter.kept_text and "••••••••" in letter.kept_text


@pytest.mark.parametrize(
    ("language", "subject", "words", "not_there"),
    [
        ("fr", "Jean Dubois vous invite", "Français", "Français :"),
        ("nl", "Jean Dubois nodigt u uit", "Uw uitnodigingscode", "Nederlands:"),
        ("de", "Jean Dubois lädt Sie ein", "Ihr Einladungscode", "Deutsch:"),
        ("en", "Jean Dubois invites you to take on a role", "Your invitation code", "English:"),
    ],
)
def test_the_letter_speaks_the_chosen_language_and_points_to_the_three_others(
    cast: Cast,
    catalogue: Catalogue,
    acting_as: Acting,
    now: datetime,
    language: str,
    subject: str,
    words: str,
    not_there: str,
) -> None:
    somebody = ("Nora", "Vandenbroucke", "nora@post.example", language)
    until = local_day(now) + timedelta(days=200)
    (row,) = invite(
        acting_as(cast.jean), cast.dubois, [somebody], [catalogue[ENERGY]], now=now, valid_until=until, message="Hallo!"
    )
    letter = render(OutgoingEmail.objects.get())
    assert len(letter.subject) <= 60
    assert spaced(code_of(row)) in letter.text and row.reference in letter.text
    assert "Jean Dubois" in letter.text and "Hallo!" in letter.text
    pointers = {"fr": "Français : allez", "nl": "Nederlands: ga", "de": "Deutsch: Gehen", "en": "English: go"}
    assert {key for key, start in pointers.items() if start in letter.text} == set(pointers) - {language}
    assert not_there not in letter.text
    links = set(re.findall(r'href="([^"]*)"', letter.html))
    assert links == {"http://127.0.0.1:8000/"}
    if language == "en":  # the other catalogues are filled elsewhere
        assert letter.subject.startswith(subject) and words in letter.text


def test_letters_name_the_same_day_in_the_same_way_as_pages(
    cast: Cast, catalogue: Catalogue, acting_as: Acting, now: datetime
) -> None:
    Person.objects.filter(pk=cast.jean.pk).update(language="en")
    nora = ("Nora", "Vandenbroucke", "nora@post.example", "en")
    (row,) = invite(acting_as(Person.objects.get(pk=cast.jean.pk)), cast.dubois, [nora], [catalogue[ENERGY]], now=now)
    with override("en"):
        day = on_day(row.answer_before)
    letter = render(OutgoingEmail.objects.get()).text
    assert f"Each code works once. The answer must come before {day}." in letter
    assert f"Do nothing. The invitation expires on {day}." in letter
    expire_invitations(now=now + timedelta(days=30))
    about_expiry = render(OutgoingEmail.objects.get(name="invitation_expired")).text
    assert f"Nobody answered your invitation for Nora Vandenbroucke before {day}." in about_expiry


def test_a_long_name_does_not_push_the_verb_out_of_the_subject(
    cast: Cast, catalogue: Catalogue, acting_as: Acting, now: datetime
) -> None:
    Person.objects.filter(pk=cast.jean.pk).update(given_name="Jean-Sébastien", family_name="Van der Auwermeulen-Smets")
    cast.jean.refresh_from_db()
    invite(acting_as(cast.jean), cast.dubois, [("Nora", "Aerts", "n@post.example", "en")], [catalogue[ENERGY]], now=now)
    subject = render(OutgoingEmail.objects.get()).subject
    assert subject.endswith("invites you to take on a role") and len(subject) <= 60


def test_an_invitation_to_roles_that_end_soon_is_open_no_longer_than_they_are_worth(
    cast: Cast, catalogue: Catalogue, acting_as: Acting, now: datetime
) -> None:
    until = local_day(now) + timedelta(days=5)
    (row,) = invite(acting_as(cast.jean), cast.dubois, [NORA], [catalogue[ENERGY]], now=now, valid_until=until)
    assert row.answer_before == until


def test_a_second_press_finds_the_work_done(cast: Cast, catalogue: Catalogue, acting_as: Acting, now: datetime) -> None:
    sending = Sending(acting_as(cast.jean), cast.dubois, [NORA], [catalogue[ENERGY]], now=now)
    sending.press()
    with pytest.raises(DraftFinished):
        sending.press()
    assert Invitation.objects.count() == OutgoingEmail.objects.count() == 1


def test_a_draft_that_changed_meanwhile_sends_nothing(
    cast: Cast, catalogue: Catalogue, acting_as: Acting, now: datetime
) -> None:
    sending = Sending(acting_as(cast.jean), cast.dubois, [NORA], [catalogue[ENERGY]], now=now)
    with pytest.raises(DraftChanged):
        sending.press(seen_version=sending.draft.version + 1)
    assert not Invitation.objects.exists() and not OutgoingEmail.objects.exists()


def objections(sending: Sending, **changes: Any) -> list[str]:
    with pytest.raises(CannotAssign) as refusal:
        sending.press(**changes)
    assert not Invitation.objects.exists() and not OutgoingEmail.objects.exists()
    sending.draft.refresh_from_db()
    assert sending.draft.submitted_at is None
    return [str(objection.code) for objection in refusal.value.objections]


def test_of_two_roles_one_of_another_domain_stops_all(
    cast: Cast, catalogue: Catalogue, acting_as: Acting, now: datetime
) -> None:
    roles = [catalogue[FINANCE], catalogue[ENERGY]]
    assert objections(Sending(acting_as(cast.marie), cast.dubois, [NORA], roles, now=now)) == ["other_domain"]


def test_the_neighbour_the_employee_and_the_outsider_invite_nobody(
    cast: Cast, catalogue: Catalogue, acting_as: Acting, now: datetime
) -> None:
    for person, code in ((cast.carine, "other_organisation"), (cast.anna, "not_manager"), (cast.olivier, "not_linked")):
        sending = Sending(acting_as(person), cast.dubois, [NORA], [catalogue[ENERGY]], now=now)
        assert objections(sending) == [code]
        with pytest.raises(NotAllowed):
            start_invitation(acting=acting_as(person), organisation=cast.dubois, now=now)


def test_a_right_withdrawn_since_the_page_sends_nothing(
    cast: Cast, catalogue: Catalogue, acting_as: Acting, now: datetime
) -> None:
    sending = Sending(acting_as(cast.tom, cast.dubois), cast.dubois, [NORA], [catalogue[CYBER]], now=now)
    AccessManagerAppointment.objects.filter(person=cast.tom).update(ended_at=now)
    assert objections(sending) == ["not_manager"]


def test_a_role_withdrawn_since_the_page_sends_nothing(
    cast: Cast, catalogue: Catalogue, acting_as: Acting, now: datetime
) -> None:
    sending = Sending(acting_as(cast.jean), cast.dubois, [NORA], [catalogue[CYBER]], now=now)
    Role.objects.filter(code=CYBER).update(is_assignable=False)
    assert objections(sending) == ["role_withdrawn"]


def test_a_stopped_organisation_invites_nobody(
    cast: Cast, catalogue: Catalogue, acting_as: Acting, now: datetime
) -> None:
    sending = Sending(acting_as(cast.jean), cast.dubois, [NORA], [catalogue[CYBER]], now=now)
    Organisation.objects.filter(pk=cast.dubois.pk).update(status="stopped")
    assert objections(sending) == ["organisation_stopped"]


def test_nobody_invites_their_own_address(cast: Cast, catalogue: Catalogue, acting_as: Acting, now: datetime) -> None:
    own = ("Jean", "Dubois", cast.jean.email.upper(), "fr")
    assert objections(Sending(acting_as(cast.jean), cast.dubois, [own], [catalogue[CYBER]], now=now)) == ["own_address"]


def test_a_weak_key_invites_nobody(cast: Cast, catalogue: Catalogue, acting_as: Acting, now: datetime) -> None:
    sending = Sending(acting_as(cast.jean, level=300), cast.dubois, [NORA], [catalogue[CYBER]], now=now)
    assert objections(sending) == ["level_too_low"]


@pytest.mark.asvs(15)
def test_the_day_has_an_end_for_the_person_and_for_the_address(
    cast: Cast, catalogue: Catalogue, acting_as: Acting, now: datetime, settings: Any
) -> None:
    settings.INVITATION_QUOTA, settings.INVITATION_QUOTA_PER_ADDRESS = 4, 2
    jean, role = acting_as(cast.jean), [catalogue[CYBER]]
    for _ in range(2):
        invite(jean, cast.dubois, [NORA], role, now=now)
    with pytest.raises(QuotaReached) as refusal:
        invite(acting_as(cast.carine), cast.peeters, [NORA], role, now=now)  # the address, whoever writes to it
    assert refusal.value.retry_at == now + timedelta(days=1)
    two, three = [PAUL, ("A", "Aerts", "a@post.example", "fr")], ("B", "Baert", "b@post.example", "fr")
    with pytest.raises(QuotaReached):
        invite(jean, cast.dubois, [*two, three], role, now=now)
    invite(jean, cast.dubois, two, role, now=now)  # what was refused whole did not count
    with pytest.raises(QuotaReached):
        invite(jean, cast.dubois, [three], role, now=now)
    invite(jean, cast.dubois, [NORA, three], role, now=now + timedelta(days=1, seconds=1))
    assert Invitation.objects.count() == 6


# --- Sending again ---------------------------------------------------------------------------------------------------


@pytest.fixture
def sent(cast: Cast, catalogue: Catalogue, acting_as: Acting, now: datetime) -> Invitation:
    """Jean's invitation to Nora, for a role of the domain Energy."""
    (row,) = invite(acting_as(cast.jean), cast.dubois, [NORA], [catalogue[ENERGY]], now=now)
    return row


def test_sending_again_makes_a_new_code_and_the_old_one_stops(
    sent: Invitation, cast: Cast, acting_as: Acting, now: datetime
) -> None:
    old, later = code_of(sent), now + timedelta(days=10)
    row = resend_invitation(sent, seen_sent_at=sent.sent_at, acting=acting_as(cast.jean), now=later)
    new = code_of(row)
    assert new != old and not Invitation.objects.with_code(old).exists()
    assert row.answer_before == local_day(later) + timedelta(days=30)
    assert events_of(row) == ["invitation:sent", "invitation:resent"]
    # The letter that had not left would have carried a dead code.
    assert list(OutgoingEmail.objects.order_by("id").values_list("status", flat=True)) == ["withdrawn", "queued"]


def test_whoever_sends_it_again_is_the_inviter_from_then_on(
    sent: Invitation, cast: Cast, acting_as: Acting, now: datetime
) -> None:
    tom = acting_as(cast.tom, cast.dubois)
    row = resend_invitation(sent, seen_sent_at=sent.sent_at, acting=tom, now=now + timedelta(hours=1))
    assert row.invited_by == cast.tom
    assert "Tom Janssens" in render(OutgoingEmail.objects.latest("id")).text


def test_an_expired_invitation_can_be_sent_again(
    sent: Invitation, cast: Cast, acting_as: Acting, now: datetime
) -> None:
    later = now + timedelta(days=31)
    assert expire_invitations(now=later) == 1
    row = resend_invitation(sent, seen_sent_at=sent.sent_at, acting=acting_as(cast.jean), now=later)
    assert (row.status, row.closed_at) == ("sent", None)
    assert list(Invitation.objects.open(now=later)) == [row]


def test_a_page_that_is_older_than_the_last_sending_sends_nothing(
    sent: Invitation, cast: Cast, acting_as: Acting, now: datetime
) -> None:
    jean = acting_as(cast.jean)
    resend_invitation(sent, seen_sent_at=sent.sent_at, acting=jean, now=now + timedelta(minutes=1))
    code = code_of(sent)
    with pytest.raises(TooLate):
        resend_invitation(sent, seen_sent_at=now, acting=jean, now=now + timedelta(minutes=2))
    assert code_of(sent) == code and OutgoingEmail.objects.count() == 2


def test_what_was_cancelled_is_not_sent_again(sent: Invitation, cast: Cast, acting_as: Acting, now: datetime) -> None:
    cancel_invitation(sent, acting=acting_as(cast.jean), now=now)
    with pytest.raises(TooLate):
        resend_invitation(sent, seen_sent_at=sent.sent_at, acting=acting_as(cast.jean), now=now)
    assert not Invitation.objects.open(now=now).exists()


def test_roles_whose_end_has_come_are_not_offered_again(
    cast: Cast, catalogue: Catalogue, acting_as: Acting, now: datetime
) -> None:
    until, jean = local_day(now) + timedelta(days=3), acting_as(cast.jean)
    (row,) = invite(jean, cast.dubois, [NORA], [catalogue[ENERGY]], now=now, valid_until=until)
    with pytest.raises(CannotAssign) as refusal:
        resend_invitation(row, seen_sent_at=row.sent_at, acting=jean, now=now + timedelta(days=3))
    assert [objection.code for objection in refusal.value.objections] == ["ends_in_the_past"]


def test_nobody_sends_again_an_invitation_to_themselves(
    cast: Cast, catalogue: Catalogue, acting_as: Acting, now: datetime
) -> None:
    to_tom = ("Tom", "Janssens", cast.tom.email, "nl")
    (row,) = invite(acting_as(cast.jean), cast.dubois, [to_tom], [catalogue[CYBER]], now=now)
    with pytest.raises(OwnInvitation):
        resend_invitation(row, seen_sent_at=row.sent_at, acting=acting_as(cast.tom, cast.dubois), now=now)


# --- Cancelling ------------------------------------------------------------------------------------------------------


def test_cancelling_before_the_letter_left_sends_none(
    sent: Invitation, cast: Cast, acting_as: Acting, now: datetime
) -> None:
    row = cancel_invitation(sent, acting=acting_as(cast.tom, cast.dubois), now=now)
    assert (row.status, row.cancelled_by, row.closed_at) == ("cancelled", cast.tom, now)
    letter = OutgoingEmail.objects.get()
    assert (letter.status, letter.secrets) == ("withdrawn", None)
    assert events_of(row) == ["invitation:sent", "invitation:cancelled"]


def test_cancelling_after_the_letter_left_tells_the_mailbox(
    sent: Invitation, cast: Cast, acting_as: Acting, now: datetime
) -> None:
    deliver_due(worker="test", now=now)
    cancel_invitation(sent, acting=acting_as(cast.tom, cast.dubois), now=now)
    letter = OutgoingEmail.objects.get(name="invitation_cancelled")
    assert (letter.to, letter.language) == (NORA[2], "nl")
    text = render(letter).text
    assert "Tom Janssens" in text and sent.reference in text
    with pytest.raises(TooLate):
        cancel_invitation(sent, acting=acting_as(cast.jean), now=now)
    assert OutgoingEmail.objects.filter(name="invitation_cancelled").count() == 1


def test_only_those_who_manage_all_its_roles_cancel_or_send_it_again(
    sent: Invitation, cast: Cast, acting_as: Acting, now: datetime
) -> None:
    before = Invitation.objects.values().get()
    for person, reason in (
        (cast.marie, "other_domain"),  # an access manager here, of another domain
        (cast.anna, "not_manager"),
        (cast.carine, "other_organisation"),
        (cast.olivier, "not_linked"),
    ):
        for act in (
            lambda acting: cancel_invitation(sent, acting=acting, now=now),
            lambda acting: resend_invitation(sent, seen_sent_at=sent.sent_at, acting=acting, now=now),
        ):
            with pytest.raises(NotAllowed) as refusal:
                act(acting_as(person))
            assert refusal.value.reason == reason
    with pytest.raises(NotAllowed):
        cancel_invitation(sent, acting=replace(acting_as(cast.jean), level=300), now=now)
    assert Invitation.objects.values().get() == before and OutgoingEmail.objects.count() == 1


# --- Expiring --------------------------------------------------------------------------------------------------------


def test_what_nobody_answers_expires_once_and_the_inviter_is_told(sent: Invitation, cast: Cast, now: datetime) -> None:
    assert expire_invitations(now=now + timedelta(days=29)) == 0
    later = now + timedelta(days=30)
    assert sent.status_now(now=later) == "expired"  # before any job has run
    assert expire_invitations(now=later) == 1
    assert expire_invitations(now=later) == 0
    row = Invitation.objects.get()
    assert (row.status, row.closed_at) == ("expired", later)
    letter = OutgoingEmail.objects.get(name="invitation_expired")
    assert (letter.to, letter.language) == (cast.jean.email, "fr")
    rendered = render(letter)
    assert "Nora Vandenbroucke" in rendered.subject and len(rendered.subject) <= 60
    assert events_of(row) == ["invitation:sent", "invitation:expired"]


def test_an_inviter_without_an_address_is_not_written_to(sent: Invitation, cast: Cast, now: datetime) -> None:
    Person.objects.filter(pk=cast.jean.pk).update(email="", email_key="")
    assert expire_invitations(now=now + timedelta(days=30)) == 1
    assert not OutgoingEmail.objects.filter(name="invitation_expired").exists()


# --- Every letter in every language ----------------------------------------------------------------------------------


@pytest.mark.parametrize("language", ["fr", "nl", "de", "en"])
def test_every_letter_is_whole_in_the_language_of_its_reader(
    cast: Cast, catalogue: Catalogue, acting_as: Acting, now: datetime, language: str
) -> None:
    Person.objects.filter(pk=cast.jean.pk).update(language=language)
    cast.jean.refresh_from_db()
    jean, cyber = acting_as(cast.jean), [catalogue[CYBER]]
    people = [(f"Nora{number}", "Vandenbroucke", f"nora{number}@post.example", language) for number in range(4)]
    rows = invite(jean, cast.dubois, people, cyber, now=now, message="Bonjour")
    deliver_due(worker="test", now=now)
    nora = PersonFactory(family_name="Vandenbroucke", email="own@post.example", language=language)
    accept_invitation(rows[0], seen_sent_at=now, acting=acting_as(nora), now=now)
    decline_invitation(rows[1], seen_sent_at=now, note="Non", acting=acting_as(nora), now=now)
    cancel_invitation(rows[2], acting=jean, now=now)
    expire_invitations(now=now + timedelta(days=30))
    letters = list(OutgoingEmail.objects.exclude(name="invitation"))
    assert sorted(letter.name for letter in letters) == [
        "invitation_answered",
        "invitation_answered",
        "invitation_cancelled",
        "invitation_expired",
        "role_given",
    ]
    for letter in letters:
        assert letter.language == language
        rendered = render(letter)
        assert 10 < len(rendered.subject) <= 60
        assert "Boulangerie Dubois SRL" in rendered.text and "Jean Dubois" in rendered.text
        assert not re.search(r"None|%\(|{{|}}", rendered.subject + rendered.text)
        assert set(re.findall(r'href="([^"]*)"', rendered.html)) <= {"http://127.0.0.1:8000/"}
