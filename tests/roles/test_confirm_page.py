"""S9, confirm or refuse: a page that shows, and a button that acts."""

from datetime import datetime, timedelta
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from audit.models import AuditEntry
from outbox.models import OutgoingEmail
from roles.models import RoleAssignment
from tests.factories import AssignmentFactory, EmploymentFactory, RoleFactory
from tests.roles.pages import errors_of, heading_of, in_english, text_of, words_of

LATE = "This role no longer waits for an answer"
CHOOSE = "Choose “confirm” or “refuse”"


@pytest.fixture
def own(cast: Any) -> RoleAssignment:
    """Klaus's role, which he has to confirm himself."""
    return waiting(cast, assignee=cast.klaus, assigned_by=cast.ingrid, confirmer="assignee")


@pytest.fixture
def others(cast: Any) -> RoleAssignment:
    """Ingrid's role, given by herself, which another manager has to confirm."""
    return waiting(cast, assignee=cast.ingrid, assigned_by=cast.ingrid, confirmer="manager")


def waiting(cast: Any, **values: Any) -> RoleAssignment:
    """Store a role that waits for an answer, until the day after tomorrow."""
    given = {
        "role": RoleFactory(name_en="Example role"),
        "organisation": cast.eupen,
        "confirm_before": timezone.localdate() + timedelta(days=2),
    }
    return AssignmentFactory(**{**given, **values})


def url(row: RoleAssignment) -> str:
    """Return the address of the page."""
    return f"/assignments/{row.key}/confirm/"


def answers(client: Client, row: RoleAssignment, answer: str, **data: Any) -> Any:
    """Send an answer."""
    return client.post(url(row), {"answer": answer, **data})


def facts(row: RoleAssignment) -> tuple[bool, bool, str]:
    """Return whether it is confirmed, whether it is refused, and the reason."""
    row.refresh_from_db()
    return row.confirmed_at is not None, row.refused_at is not None, row.refusal_note


def test_the_page_shows_the_role_and_no_answer_is_chosen(cast: Any, own: RoleAssignment, open_as: Any) -> None:
    page = open_as(cast.klaus).get(url(own))
    assert heading_of(page) == "Confirm this role?"
    words = words_of(page)
    assert "Your answer is needed before" in words
    assert "This role does not work yet." in words
    assert "Role Example role" in words
    assert "Assigned by Ingrid Schmitz" in words
    assert " checked" not in text_of(page)
    assert f'<a href="/assignments/{own.key}/">Back</a>' in text_of(page)


@pytest.mark.threat(8)
def test_opening_it_a_hundred_times_changes_nothing(cast: Any, own: RoleAssignment, open_as: Any) -> None:
    client = open_as(cast.klaus)
    for _turn in range(50):
        assert client.get(url(own)).status_code == 200
        assert client.head(url(own)).status_code == 200
    assert facts(own) == (False, False, "")
    assert not AuditEntry.objects.exists()


@pytest.mark.threat(8)
def test_signed_out_nothing_can_be_answered(client: Client, own: RoleAssignment) -> None:
    assert in_english(client).get(url(own)).url == f"/login/?next={url(own)}"
    assert answers(client, own, "confirm").status_code == 302
    assert facts(own) == (False, False, "")


@pytest.mark.threat(8)
def test_without_a_token_nothing_can_be_answered(cast: Any, own: RoleAssignment, sign_in: Any) -> None:
    strict = sign_in(cast.klaus, client=Client(enforce_csrf_checks=True))
    assert answers(strict, own, "confirm").status_code == 403
    assert facts(own) == (False, False, "")


def test_the_holder_confirms_with_any_key(cast: Any, own: RoleAssignment, open_as: Any) -> None:
    client = open_as(cast.klaus, 300)
    answer = answers(client, own, "confirm")
    assert (answer.status_code, answer.url) == (303, f"/assignments/{own.key}/")
    assert facts(own)[0]
    words = words_of(client.get(answer.url))
    assert "The role is confirmed" in words
    assert "Active" in words
    assert AuditEntry.objects.get(event="assignment:confirmed").actor_label == "Klaus Lennertz"


def test_the_holder_refuses_with_a_reason(cast: Any, own: RoleAssignment, open_as: Any) -> None:
    client = open_as(cast.klaus)
    answer = answers(client, own, "refuse", note="  I have   left ")
    assert facts(own) == (False, True, "I have left")
    assert "The role is refused" in words_of(client.get(answer.url))
    assert OutgoingEmail.objects.get(name="role_refused").to == cast.ingrid.email


def test_another_manager_confirms_and_the_holder_is_told(cast: Any, others: RoleAssignment, open_as: Any) -> None:
    client = open_as(cast.klaus)
    assert "Your answer is needed before" in words_of(client.get(url(others)))
    assert answers(client, others, "confirm").status_code == 303
    assert facts(others)[0]
    assert OutgoingEmail.objects.get(name="role_given").to == cast.ingrid.email


@pytest.mark.asvs(35)
def test_a_manager_with_a_low_session_steps_up_first(cast: Any, others: RoleAssignment, open_as: Any) -> None:
    client = open_as(cast.klaus, 300)
    for answer in (client.get(url(others)), answers(client, others, "confirm")):
        assert answer.status_code == 403
        assert "does not prove well enough who you are" in words_of(answer)
    assert f'href="/login/?next={url(others)}"' in text_of(client.get(url(others)))
    assert facts(others) == (False, False, "")


@pytest.mark.asvs(14)
def test_nobody_confirms_a_role_given_to_oneself(cast: Any, others: RoleAssignment, open_as: Any) -> None:
    client = open_as(cast.ingrid)
    for answer in (client.get(url(others)), answers(client, others, "confirm")):
        assert (answer.status_code, answer.url) == (303, f"/assignments/{others.key}/")
    assert facts(others) == (False, False, "")


def test_a_manager_cannot_answer_for_the_holder(cast: Any, own: RoleAssignment, open_as: Any) -> None:
    assert answers(open_as(cast.ingrid), own, "confirm").url == f"/assignments/{own.key}/"
    assert facts(own) == (False, False, "")


@pytest.mark.threat(7)
@pytest.mark.parametrize("who", ["jean", "tom", "marie", "anna", "carine", "olivier", "sofie"])
@pytest.mark.parametrize("which", ["own", "others"])
def test_for_everybody_else_it_does_not_exist(
    cast: Any, own: RoleAssignment, others: RoleAssignment, open_as: Any, who: str, which: str
) -> None:
    row = own if which == "own" else others
    client = open_as(getattr(cast, who))
    assert client.get(url(row)).status_code == 404
    assert answers(client, row, "confirm").status_code == 404
    assert facts(row) == (False, False, "")


def test_a_legal_representative_decides_when_nobody_else_can(cast: Any, others: RoleAssignment, open_as: Any) -> None:
    cast.klaus.appointments.update(ended_at=timezone.now(), valid_until=timezone.localdate() - timedelta(days=1))
    EmploymentFactory(person=cast.olivier, organisation=cast.eupen, kind="legal_representative")
    client = open_as(cast.olivier)
    page = client.get(f"/assignments/{others.key}/")
    assert f'href="{url(others)}"' in text_of(page)
    assert '<a href="/">Back</a>' in text_of(page)
    assert answers(client, others, "confirm").status_code == 303
    assert facts(others)[0]


@pytest.mark.parametrize("answer", ["", "maybe", "CONFIRM"])
def test_without_an_answer_it_asks_again_and_keeps_the_reason(
    cast: Any, own: RoleAssignment, open_as: Any, answer: str
) -> None:
    page = answers(open_as(cast.klaus), own, answer, note="Because")
    assert errors_of(page) == [CHOOSE]
    assert ">Because</textarea>" in text_of(page)
    assert facts(own) == (False, False, "")


@pytest.mark.parametrize(
    ("note", "error"),
    [
        ("x" * 301, "“Reason for refusing” can have at most 300 characters"),
        ("I am 85.07.30-033.28", "Take the national register number out of the text"),
    ],
)
def test_a_reason_that_cannot_be_kept_is_refused(
    cast: Any, own: RoleAssignment, open_as: Any, note: str, error: str
) -> None:
    page = answers(open_as(cast.klaus), own, "refuse", note=note)
    assert errors_of(page) == [error]
    assert 'value="refuse" id="answer-refuse" checked' in text_of(page)
    assert 'id="answer_error"' not in text_of(page)
    assert note in text_of(page)
    assert facts(own) == (False, False, "")


@pytest.mark.asvs(71)
def test_doubled_and_impossible_values_are_refused(cast: Any, own: RoleAssignment, open_as: Any) -> None:
    client = open_as(cast.klaus)
    assert client.post(url(own), {"answer": ["confirm", "refuse"]}).status_code == 400
    assert answers(client, own, "refuse", note=["a", "b"]).status_code == 400
    assert answers(client, own, "refuse", note="a\x00b").status_code == 400
    assert facts(own) == (False, False, "")


@pytest.mark.asvs(13)
def test_a_second_answer_changes_nothing_and_says_so(cast: Any, own: RoleAssignment, open_as: Any) -> None:
    client = open_as(cast.klaus)
    answers(client, own, "confirm")
    client.get("/my-roles/")  # shows the first banner
    for second in ("confirm", "refuse"):
        answer = answers(client, own, second)
        assert (answer.status_code, answer.url) == (303, f"/assignments/{own.key}/")
        assert LATE in words_of(client.get(answer.url))
    assert facts(own) == (True, False, "")
    assert AuditEntry.objects.filter(event__startswith="assignment:").count() == 1


def test_when_the_time_is_over_it_cannot_be_answered(cast: Any, own: RoleAssignment, open_as: Any) -> None:
    RoleAssignment.objects.update(confirm_before=timezone.localdate())
    client = open_as(cast.klaus)
    for answer in (client.get(url(own)), answers(client, own, "confirm")):
        assert (answer.status_code, answer.url) == (303, f"/assignments/{own.key}/")
    words = words_of(client.get(f"/assignments/{own.key}/"))
    assert LATE in words
    assert "Not confirmed before" in words
    assert facts(own) == (False, False, "")


def test_an_ended_role_cannot_be_answered(cast: Any, own: RoleAssignment, open_as: Any, now: datetime) -> None:
    RoleAssignment.objects.update(ended_at=now, ended_on=timezone.localdate(), end_reason="manager")
    assert answers(open_as(cast.klaus), own, "confirm").status_code == 303
    assert facts(own) == (False, False, "")


def test_an_active_role_cannot_be_confirmed(cast: Any, open_as: Any) -> None:
    row = AssignmentFactory(role=RoleFactory(), organisation=cast.dubois, assignee=cast.anna)
    assert open_as(cast.anna).get(url(row)).url == f"/assignments/{row.key}/"
    assert answers(open_as(cast.anna), row, "refuse").status_code == 303
    assert facts(row) == (False, False, "")


@pytest.mark.threat(6)
def test_a_stopped_organisation_confirms_nothing(cast: Any, own: RoleAssignment, open_as: Any) -> None:
    cast.eupen.status = "stopped"
    cast.eupen.save()
    assert answers(open_as(cast.klaus), own, "confirm").status_code == 403
    assert facts(own) == (False, False, "")
