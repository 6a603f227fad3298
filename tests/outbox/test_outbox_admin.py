"""Letters in the admin are there to read, without codes, and the list counts nothing."""

from typing import Any

import pytest
from django.contrib import admin
from django.db import connection
from django.test.utils import CaptureQueriesContext

from outbox.models import OutgoingEmail
from tests.admin_reader import changelist, request_to
from tests.outbox.conftest import Write


@pytest.fixture
def letters(db: None, write: Write) -> None:
    for number in range(60):
        write(f"p{number:02}@example.be", secrets={"code": "K7QD-3MXP"})


def test_nothing_can_be_added_changed_or_removed() -> None:
    page: Any = admin.site.get_model_admin(OutgoingEmail)
    request = request_to()
    assert page.has_view_permission(request)
    assert not page.has_add_permission(request)
    assert not page.has_change_permission(request)
    assert not page.has_delete_permission(request)


def test_the_list_counts_nothing_and_opens_no_seal(letters: None) -> None:
    with CaptureQueriesContext(connection) as queries:
        page = changelist(OutgoingEmail)
        rows = list(page.result_list)
    assert len(rows) == 50
    assert page.paginator.num_pages == 2
    assert not [q for q in queries.captured_queries if "COUNT(" in q["sql"].upper()]
    assert rows[0].get_deferred_fields() >= {"secrets", "demo_text", "context"}


def test_no_field_of_the_page_of_a_letter_is_sealed() -> None:
    page: Any = admin.site.get_model_admin(OutgoingEmail)
    assert not {"secrets", "demo_text", "context"} & set(page.get_fields(request_to()))


@pytest.mark.parametrize(("term", "found"), [("p07@", 1), ("p0", 10), ("test_letter", 50), ("tom", 0)])
def test_it_is_searched_by_name_and_receiver(letters: None, term: str, found: int) -> None:
    assert len(list(changelist(OutgoingEmail, q=term).result_list)) == found


@pytest.mark.threat(17)
def test_a_national_number_is_not_searched_for(letters: None) -> None:
    with CaptureQueriesContext(connection) as queries:
        assert list(changelist(OutgoingEmail, q="85073003328").result_list) == []
    assert not [q for q in queries.captured_queries if "85073003328" in q["sql"]]
