"""A cursor is good for whom it was given, again and again, for thirty days."""

from datetime import timedelta

import pytest
from django.conf import settings as portal_settings
from django.utils import timezone

from fas.cursors import Cursor, write_cursor
from fas.models import Client, RoleChange
from fas.operations.changes import KEPT, forget_old_changes, seal_changes
from roles.models import RoleAssignment
from tests.fas.api.asking import Asker
from tests.fas.api.test_access import problem_of
from tests.fas.api.test_feed import Give, kinds

pytestmark = pytest.mark.django_db


def test_a_cursor_is_good_again_and_again(asker: Asker, give: Give) -> None:
    cursor = asker.begin()
    row = give()
    seal_changes(now=timezone.now())
    for _time in range(3):
        assert kinds(asker.changes(cursor)) == [("granted", row.reference)]


def test_a_changed_cursor_is_none(asker: Asker) -> None:
    cursor = asker.begin()
    for place in range(0, len(cursor), 5):
        other = "B" if cursor[place] == "A" else "A"
        problem_of(asker.feed(after=cursor[:place] + other + cursor[place + 1 :]), 400, "badRequest")


def test_a_cursor_holds_for_the_service_of_its_day(asker: Asker, neighbour: Asker) -> None:
    cursor = asker.begin()
    Client.objects.filter(pk=asker.client.pk).update(service=neighbour.client.service)
    problem_of(asker.feed(after=cursor), 400, "badRequest")


def test_who_stays_away_for_too_long_begins_anew(asker: Asker, give: Give) -> None:
    cursor, now = asker.begin(), timezone.now()
    asker.feed(after=cursor)
    old = write_cursor(asker.client, Cursor(0, timezone.localdate() - KEPT - timedelta(days=1)))
    problem_of(asker.feed(after=old), 410, "cursorTooOld")
    first = give()
    seal_changes(now=now - KEPT - timedelta(seconds=1))
    RoleAssignment.objects.filter(pk=first.pk).update(valid_until=timezone.localdate())
    seal_changes(now=now)
    assert forget_old_changes(now=now) == 1
    problem_of(asker.feed(after=cursor), 410, "cursorTooOld")  # its day is young, but what followed is gone
    assert asker.begin()


def test_a_cursor_of_before_a_restored_backup_is_too_old(asker: Asker, give: Give) -> None:
    give()
    seal_changes(now=timezone.now())
    cursor = asker.begin()
    RoleChange.objects.all().delete()
    problem_of(asker.feed(after=cursor), 410, "cursorTooOld")


def test_the_newest_change_stays_so_that_positions_go_on(asker: Asker, give: Give) -> None:
    now = timezone.now()
    row = give()
    seal_changes(now=now - 2 * KEPT)
    assert forget_old_changes(now=now) == 0
    RoleAssignment.objects.filter(pk=row.pk).update(valid_until=timezone.localdate())
    seal_changes(now=now)
    assert list(RoleChange.objects.order_by("position").values_list("position", flat=True)) == [1, 2]


def test_the_jobs_run_with_the_worker() -> None:
    for name in ("seal_changes", "forget_old_changes"):
        assert f"fas.operations.changes.{name}" in portal_settings.PERIODIC_JOBS
