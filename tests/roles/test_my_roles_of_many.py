""" "My role assignments" of somebody who has held more roles than the page shows."""

from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone

from roles.views import mine
from tests.factories import AssignmentFactory, RoleFactory
from tests.roles.pages import words_of


@pytest.fixture
def long_service(cast: Any, monkeypatch: pytest.MonkeyPatch) -> Any:
    """Anna got two roles long ago that still work, and since then five that are over; the page shows three."""
    monkeypatch.setattr(mine, "MOST", 3)
    today = timezone.localdate()
    for name in ("First", "Second"):
        AssignmentFactory(assignee=cast.anna, organisation=cast.dubois, role=RoleFactory(name_en=f"{name} old role"))
    for number in range(5):
        AssignmentFactory(
            assignee=cast.anna,
            organisation=cast.dubois,
            role=RoleFactory(name_en=f"Past role {number}"),
            valid_from=today - timedelta(days=9),
            valid_until=today - timedelta(days=2),
        )
    return cast.anna


def test_what_still_works_is_shown_however_much_is_over(long_service: Any, open_as: Any) -> None:
    words = words_of(open_as(long_service).get("/my-roles/"))
    assert "First old role" in words and "Second old role" in words
    assert "Past role" not in words
    assert "See the past roles (5)" in words


def test_the_newest_of_what_is_over_are_shown(long_service: Any, open_as: Any) -> None:
    words = words_of(open_as(long_service).get("/my-roles/?status=past"))
    assert [f"Past role {number}" in words for number in range(5)] == [False, False, True, True, True]
    assert "old role" not in words
