"""The feed: whatever changes for a service is told to it once at least, and to nobody else."""

from collections.abc import Callable
from datetime import date, datetime, time, timedelta
from typing import Any

import pytest
from django.utils import timezone

from fas.cursors import Cursor, write_cursor
from fas.feed import midnight, read_changes
from fas.models import Client, RoleChange
from fas.operations.changes import seal_changes
from fas.subjects import subject_of
from roles.models import Role, RoleAssignment
from roles.operations.confirm import confirm_assignment, refuse_assignment
from roles.operations.ending import end_assignments
from roles.operations.extend import extend_row
from tenants.acting import ActingContext
from tenants.models import Organisation, Person
from tests.conftest import Cast
from tests.fas.api.asking import Asker, digits_of
from tests.fas.api.test_access import problem_of
from tests.fas.rows import a_client

pytestmark = pytest.mark.django_db
Acting = Callable[..., ActingContext]
Give = Callable[..., RoleAssignment]


def kinds(entries: list[dict[str, Any]]) -> list[tuple[str, str]]:
    """Return what was told of which assignment."""
    return [(entry["kind"], entry["reference"]) for entry in entries]


def read_all(client: Client, after: str, *, now: datetime, limit: int = 100) -> list[dict[str, Any]]:
    """Read on from a cursor at some moment."""
    found: list[dict[str, Any]] = []
    while True:
        page = read_changes(client, after, limit=limit, now=now)
        found, after = found + page.entries, page.cursor
        if not page.has_more:
            return found


def test_the_first_page_is_empty_and_marks_this_moment(asker: Asker, give: Give) -> None:
    give()
    seal_changes(now=timezone.now())
    page = asker.feed().json()
    assert (page["changes"], page["hasMore"]) == ([], False)
    assert asker.changes(page["next"]) == []


def test_a_role_that_is_given_is_told(asker: Asker, give: Give, cast: Cast) -> None:
    cursor = asker.begin()
    row = give()
    assert asker.changes(cursor) == []  # not sealed yet
    now = timezone.now()
    assert seal_changes(now=now) == 1
    assert asker.changes(cursor) == [
        {
            "reference": row.reference,
            "role": "FLUVIUS_ENERGY_PORTAL_ADMIN",
            "enterpriseNumber": cast.dubois.enterprise_number,
            "kind": "granted",
            "effectiveOn": timezone.localdate(now).isoformat(),
            "at": timezone.localtime(now).isoformat(timespec="seconds"),
            "sub": subject_of(cast.anna, asker.client),
        }
    ]


@pytest.mark.threat(43)
def test_neither_the_neighbour_nor_another_client_of_it_is_told(asker: Asker, neighbour: Asker, give: Give) -> None:
    cursor, foreign = asker.begin(), neighbour.begin()
    give()
    seal_changes(now=timezone.now())
    assert neighbour.changes(foreign) == []
    wrong = neighbour.feed(after=cursor)
    assert problem_of(wrong, 400, "badRequest")["issues"][0]["name"] == "after"


def test_two_services_know_a_person_by_two_names(asker: Asker, neighbour: Asker, give: Give, energy: Role) -> None:
    energy.services.add(neighbour.client.service)
    cursors = asker.begin(), neighbour.begin()
    give()
    seal_changes(now=timezone.now())
    (one,), (other,) = asker.changes(cursors[0]), neighbour.changes(cursors[1])
    assert one["reference"] == other["reference"]
    assert one["sub"] != other["sub"]


@pytest.mark.asvs(70)
def test_numbers_are_for_clients_that_may_read_them(asker: Asker, give: Give, cast: Cast) -> None:
    Client.objects.update(scopes="roles:changes egovnrn")
    cursor = asker.begin()
    give()
    seal_changes(now=timezone.now())
    (entry,) = asker.changes(cursor)
    assert entry["ssin"] == digits_of(cast.anna)
    assert "sub" not in entry


def test_a_service_that_may_read_everything_of_everybody_asks_two_queries_more_for_many(
    asker: Asker, give: Give, energy: Role, catalogue: dict[str, Role], django_assert_max_num_queries: Any
) -> None:
    Client.objects.update(scopes="roles:changes egovnrn")
    cursor = asker.begin()
    for code in ("FIN_FATCA", "FIN_UBO_ENTITY", "FIN_JMONNET", "FIN_URBAIN_USER_RO"):
        catalogue[code].services.add(asker.client.service)
        give(role=catalogue[code])
    seal_changes(now=timezone.now())
    with django_assert_max_num_queries(4):  # token, positions, changes, numbers
        assert len(asker.changes(cursor)) == 4


def test_an_end_is_told_and_a_planned_one_twice(asker: Asker, give: Give, cast: Cast, acting_as: Acting) -> None:
    cursor, now = asker.begin(), timezone.now()
    row, today = give(), timezone.localdate(now)
    last_day = today + timedelta(days=5)
    end_assignments([row], last_day=last_day, acting=acting_as(cast.jean, cast.dubois), now=now)
    seal_changes(now=now)
    (entry,) = asker.changes(cursor)
    assert (entry["kind"], entry["effectiveOn"]) == ("changed", (last_day + timedelta(days=1)).isoformat())
    page = read_changes(asker.client, cursor, limit=100, now=now)
    assert read_all(asker.client, page.cursor, now=midnight(last_day)) == []
    over = midnight(last_day + timedelta(days=1))
    (entry,) = read_all(asker.client, page.cursor, now=over)
    assert (entry["kind"], entry["effectiveOn"], entry["at"]) == (
        "ended",
        (last_day + timedelta(days=1)).isoformat(),
        over.isoformat(),
    )


def test_an_end_of_today_is_told_once(asker: Asker, give: Give, cast: Cast, acting_as: Acting) -> None:
    row = give()
    seal_changes(now=timezone.now())
    cursor = asker.begin()
    end_assignments([row], acting=acting_as(cast.jean, cast.dubois), now=timezone.now())
    seal_changes(now=timezone.now())
    assert kinds(asker.changes(cursor)) == [("ended", row.reference)]


@pytest.mark.parametrize("behind", [timedelta(milliseconds=1), timedelta(seconds=20), timedelta(hours=2)])
def test_a_reader_whose_clock_is_behind_is_told_all_the_same(
    asker: Asker, give: Give, cast: Cast, acting_as: Acting, behind: timedelta
) -> None:
    """What its clock calls the future will not be noted a second time."""
    today = timezone.localdate()
    now = midnight(today) + timedelta(hours=3)
    early = now - behind
    cursor = write_cursor(asker.client, Cursor(0, today))
    row = give(assigned_at=now)
    seal_changes(now=now)
    page = read_changes(asker.client, cursor, limit=10, now=early)
    assert kinds(page.entries) == [("granted", row.reference)]
    end_assignments([row], acting=acting_as(cast.jean, cast.dubois), now=now + timedelta(seconds=1))
    seal_changes(now=now)
    assert kinds(read_all(asker.client, page.cursor, now=early)) == [("ended", row.reference)]


def test_a_clock_that_is_still_in_yesterday_is_told_the_next_day(
    asker: Asker, give: Give, cast: Cast, acting_as: Acting
) -> None:
    today = timezone.localdate()
    after, before = midnight(today) + timedelta(seconds=1), midnight(today) - timedelta(seconds=1)
    cursor = write_cursor(asker.client, Cursor(0, today - timedelta(days=1)))
    row = give(assigned_at=after)
    seal_changes(now=after)
    page = read_changes(asker.client, cursor, limit=10, now=before)
    assert page.entries == []
    page = read_changes(asker.client, page.cursor, limit=10, now=after)
    assert kinds(page.entries) == [("granted", row.reference)]
    end_assignments([row], acting=acting_as(cast.jean, cast.dubois), now=after + timedelta(seconds=9))
    seal_changes(now=after)
    assert kinds(read_all(asker.client, cursor, now=before)) == [("ended", row.reference)]


def test_a_confirmation_is_what_grants(asker: Asker, give: Give, cast: Cast, acting_as: Acting) -> None:
    cursor, deadline = asker.begin(), timezone.localdate() + timedelta(days=9)
    row = give(confirmer="assignee", confirm_before=deadline)
    seal_changes(now=timezone.now())
    assert asker.changes(cursor) == []
    confirm_assignment(row, acting=acting_as(cast.anna), now=timezone.now())
    seal_changes(now=timezone.now())
    assert kinds(asker.changes(cursor)) == [("granted", row.reference)]


def test_what_never_worked_is_never_told(asker: Asker, give: Give, cast: Cast, acting_as: Acting) -> None:
    cursor, now = asker.begin(), timezone.now()
    deadline = timezone.localdate() + timedelta(days=9)
    refused = give(confirmer="assignee", confirm_before=deadline)
    refuse_assignment(refused, note="", acting=acting_as(cast.anna), now=now)
    scheduled = give(valid_from=deadline)
    end_assignments([scheduled], acting=acting_as(cast.jean, cast.dubois), now=now)
    lapsed = give(confirmer="assignee", confirm_before=deadline)
    seal_changes(now=now)
    assert asker.changes(cursor) == []
    assert read_all(asker.client, cursor, now=now + timedelta(days=12)) == []
    assert lapsed.state(now=now + timedelta(days=12)) == "expired"


def test_an_extension_ends_one_and_grants_the_next(asker: Asker, give: Give, cast: Cast, acting_as: Acting) -> None:
    today = timezone.localdate()
    row = give(valid_until=today + timedelta(days=4))
    seal_changes(now=timezone.now())
    cursor = asker.begin()
    new = extend_row(row, valid_until=None, acting=acting_as(cast.jean, cast.dubois), now=timezone.now())
    seal_changes(now=timezone.now())
    assert kinds(asker.changes(cursor)) == [("ended", row.reference), ("granted", new.reference)]


# --- By date ----------------------------------------------------------------------------------------------------------


def test_a_first_day_and_the_day_after_the_last_are_told_without_any_job(asker: Asker, give: Give) -> None:
    now, today = timezone.now(), timezone.localdate()
    row = give(valid_from=today + timedelta(days=2), valid_until=today + timedelta(days=4))
    seal_changes(now=now)
    cursor = read_changes(asker.client, asker.begin(), limit=10, now=now).cursor
    told = {}
    for days in range(7):
        moment = midnight(today + timedelta(days=days)) if days else now
        page = read_changes(asker.client, cursor, limit=10, now=moment)
        told[days], cursor = kinds(page.entries), page.cursor
    assert {day: found for day, found in told.items() if found} == {
        2: [("granted", row.reference)],
        5: [("ended", row.reference)],
    }
    assert RoleChange.objects.count() == 1


def test_who_reads_late_learns_how_it_stands_now(asker: Asker, give: Give) -> None:
    now, today = timezone.now(), timezone.localdate()
    cursor = asker.begin()
    row = give(valid_from=today + timedelta(days=2), valid_until=today + timedelta(days=4))
    seal_changes(now=now)
    assert kinds(read_all(asker.client, cursor, now=now + timedelta(days=20))) == [("ended", row.reference)]


@pytest.mark.parametrize("limit", [1, 2, 3, 7, 100])
def test_many_of_one_day_come_page_by_page_each_once(
    asker: Asker, give: Give, catalogue: dict[str, Role], limit: int
) -> None:
    today = timezone.localdate()
    cursor = asker.begin()
    expected = []
    for role in list(catalogue.values())[:7]:
        role.services.add(asker.client.service)
        expected.append(("granted", give(role=role, valid_from=today + timedelta(days=3)).reference))
    RoleChange.objects.all().delete()
    found = read_all(asker.client, cursor, now=midnight(today + timedelta(days=3)), limit=limit)
    assert kinds(found) == expected


@pytest.mark.parametrize("limit", [1, 2, 3, 100])
def test_days_and_acts_that_meet_lose_nothing(asker: Asker, give: Give, catalogue: dict[str, Role], limit: int) -> None:
    today = timezone.localdate()
    cursor = asker.begin()
    roles = list(catalogue.values())[:9]
    rows = []
    for number, role in enumerate(roles):
        role.services.add(asker.client.service)
        rows.append(give(role=role, valid_from=today + timedelta(days=number % 3)))
    seal_changes(now=timezone.now())
    found = read_all(asker.client, cursor, now=midnight(today + timedelta(days=2)), limit=limit)
    assert set(kinds(found)) == {("granted", row.reference) for row in rows}


@pytest.mark.parametrize("day", [date(2027, 3, 28), date(2027, 10, 31)], ids=["23 hours", "25 hours"])
def test_a_day_of_23_or_25_hours_is_a_day(asker: Asker, give: Give, day: date) -> None:
    row = give(valid_from=day, valid_until=day)
    RoleChange.objects.all().delete()
    cursor = write_cursor(asker.client, Cursor(0, day - timedelta(days=1)))
    last_moment = midnight(day + timedelta(days=1)) - timedelta(seconds=1)
    assert kinds(read_all(asker.client, cursor, now=midnight(day) - timedelta(seconds=1))) == []
    assert kinds(read_all(asker.client, cursor, now=midnight(day))) == [("granted", row.reference)]
    assert kinds(read_all(asker.client, cursor, now=last_moment)) == [("granted", row.reference)]
    assert kinds(read_all(asker.client, cursor, now=last_moment + timedelta(seconds=1))) == [("ended", row.reference)]
    assert midnight(day) == timezone.make_aware(datetime.combine(day, time()))


# --- People and organisations -----------------------------------------------------------------------------------------


def test_whoever_is_switched_off_and_on_again_is_told(asker: Asker, give: Give, cast: Cast) -> None:
    row = give()
    seal_changes(now=timezone.now())
    cursor = asker.begin()
    for is_active, kind in ((False, "ended"), (True, "granted")):
        Person.objects.filter(pk=cast.anna.pk).update(is_active=is_active)
        seal_changes(now=timezone.now())
        page = asker.feed(after=cursor).json()
        cursor = page["next"]
        assert kinds(page["changes"]) == [(kind, row.reference)]


def test_an_organisation_that_stops_is_told_before_any_job_has_ended_its_roles(
    asker: Asker, give: Give, cast: Cast
) -> None:
    row = give()
    seal_changes(now=timezone.now())
    cursor = asker.begin()
    Organisation.objects.filter(pk=cast.dubois.pk).update(status="stopped")
    seal_changes(now=timezone.now())
    assert kinds(asker.changes(cursor)) == [("ended", row.reference)]


def test_other_changes_of_people_and_organisations_note_nothing(asker: Asker, give: Give, cast: Cast) -> None:
    give()
    RoleChange.objects.all().delete()
    Person.objects.update(language="nl")
    Organisation.objects.update(status="new")
    assert not RoleChange.objects.exists()


def test_roles_of_services_without_a_client_are_not_noted(
    asker: Asker, give: Give, catalogue: dict[str, Role], cast: Cast
) -> None:
    give(role=catalogue["FIN_FATCA"])
    assert not RoleChange.objects.exists()
    a_client(catalogue["FIN_FATCA"].services.first(), client_id="finance", is_enabled=False)
    give(role=catalogue["FIN_FATCA"], organisation=cast.peeters)
    assert RoleChange.objects.count() == 1  # a client that is switched off may come back, and misses nothing
