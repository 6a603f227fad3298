"""National register numbers in the administration: masked, found by POST only, never in an address, log or history."""

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import pytest
from django.contrib.admin.models import LogEntry
from django.contrib.sessions.models import Session
from django.test import Client

from audit.models import AuditEntry
from rolemgmt.demo.numbers import national_number
from tenants.models import Organisation, Person, RegisteredPerson
from tenants.operations import LookupLimitReached, find_person_by_number
from tests.admin.pages import address
from tests.conftest import Cast
from vault.numbers import holds_national_number

SPELLINGS = ["85073003328", "85.07.30-033.28", "850730 033 28", "85/07/30/033/28"]
PERSON = {"given_name": "Noor", "family_name": "Van Acker", "email": "noor@post.example", "language": "nl"}
pytestmark = pytest.mark.threat(17)


def spellings(digits: str) -> list[str]:
    return [digits, f"{digits[:2]}.{digits[2:4]}.{digits[4:6]}-{digits[6:9]}.{digits[9:]}"]


def valid_number() -> str:
    """Return the number of somebody whom the portal does not know."""
    return national_number(4_800)


@pytest.mark.parametrize("spelling", SPELLINGS)
@pytest.mark.parametrize(
    "where", ["tenants/person", "tenants/organisation", "audit/auditentry", "roles/roleassignment"]
)
def test_a_search_for_a_number_is_led_away_from_its_address(sofie: Client, where: str, spelling: str) -> None:
    answer = sofie.get(f"/admin/{where}/", {"q": spelling, "p": "1"})
    assert answer.status_code == 303
    assert answer.url == f"/admin/{where}/"  # type: ignore[attr-defined]
    page = sofie.get(answer.url).content.decode()  # type: ignore[attr-defined]
    assert "messagelist" in page
    assert spelling not in page


def test_a_number_in_the_filters_of_a_list_is_led_away_too(sofie: Client, cast: Cast) -> None:
    answer = sofie.get(address(Person, "change", cast.anna.pk), {"_changelist_filters": "q=85%2F07%2F30%2F033%2F28"})
    assert answer.status_code == 303
    assert answer.url == address(Person, "change", cast.anna.pk)  # type: ignore[attr-defined]


def test_a_number_does_not_travel_to_the_login_page(db: None, client: Client) -> None:
    answer = client.get("/admin/tenants/person/?q=85073003328")
    assert answer.status_code == 303
    assert answer.url == "/admin/tenants/person/"  # type: ignore[attr-defined]
    login = client.get(answer.url)  # type: ignore[attr-defined]
    assert login.url == "/login/?next=/admin/tenants/person/"  # type: ignore[attr-defined]


def test_typing_a_number_into_a_chooser_finds_nothing_and_stays_nowhere(sofie: Client) -> None:
    where = "/admin/autocomplete/?app_label=tenants&model_name=employment&field_name=person&term=85073003328"
    answer = sofie.get(where)
    assert answer.status_code == 303
    assert answer.url == "/admin/autocomplete/"  # type: ignore[attr-defined]


def test_a_number_in_a_path_is_nothing(sofie: Client) -> None:
    answer = sofie.get("/admin/tenants/person/85073003328/change/")
    assert answer.status_code == 404
    assert not [row for row in Session.objects.all() if "850730" in str(row.get_decoded())]


def test_references_and_dates_are_no_numbers(sofie: Client) -> None:
    for words in ("AR-2026-004821-1", "0999.999.922", "21/11/2026"):
        assert sofie.get("/admin/roles/roleassignment/", {"q": words}).status_code == 200


@pytest.mark.parametrize("where", ["changelist", "change", "history"])
def test_no_page_of_a_person_shows_the_number(sofie: Client, cast: Cast, where: str) -> None:
    arguments = () if where == "changelist" else (cast.anna.pk,)
    page = sofie.get(address(Person, where, *arguments)).content.decode()
    for spelling in spellings(cast.anna.national_number):
        assert spelling not in page
    if where != "history":
        assert f"••.••.••-•••.{cast.anna.national_number[-2:]}" in page


def test_a_person_is_found_by_the_exact_number(sofie: Client, cast: Cast, newest: Callable[[], Any]) -> None:
    for spelling in spellings(cast.anna.national_number):
        answer = sofie.post("/admin/tenants/person/number/", {"number": spelling})
        assert answer.status_code == 303
        assert answer.url == address(Person, "change", cast.anna.pk)  # type: ignore[attr-defined]
    entry = newest()
    assert (entry.event, entry.actor_key, entry.subject_key) == ("person:looked_up", cast.sofie.key, cast.anna.key)
    assert entry.data == {"by_staff": True, "found": True}


def test_the_number_of_nobody_is_said_so_and_recorded(sofie: Client, newest: Callable[[], Any]) -> None:
    answer = sofie.post("/admin/tenants/person/number/", {"number": valid_number()})
    assert answer.status_code == 200
    assert list(answer.context["form"].errors) == ["number"]
    assert newest().event == "person:looked_up"
    assert newest().data["found"] is False


@pytest.mark.parametrize("typed", ["", "85073003329", "abc", "8507300332", "850730033281"])
def test_what_is_no_number_is_said_so_and_not_looked_up(sofie: Client, typed: str) -> None:
    answer = sofie.post("/admin/tenants/person/number/", {"number": typed})
    assert answer.status_code == 200
    assert list(answer.context["form"].errors) == ["number"]
    assert not AuditEntry.objects.filter(event="person:looked_up").exists()


def test_the_number_page_takes_no_number_by_get(sofie: Client) -> None:
    answer = sofie.get("/admin/tenants/person/number/", {"number": "85073003328"})
    assert answer.status_code == 303
    assert sofie.get("/admin/tenants/person/number/").status_code == 200
    assert sofie.put("/admin/tenants/person/number/").status_code == 405


@pytest.mark.threat(15)
def test_the_look_ups_of_an_hour_are_limited_and_the_refusal_recorded(
    cast: Cast, acting_as: Callable[..., Any], newest: Callable[[], Any], settings: Any, sofie: Client
) -> None:
    settings.NUMBER_LOOKUP_QUOTA = 2
    now = datetime(2026, 11, 21, 9, tzinfo=UTC)
    acting = acting_as(cast.sofie)
    for _round in range(2):
        assert find_person_by_number(cast.anna.national_number, acting=acting, now=now) == cast.anna
    with pytest.raises(LookupLimitReached):
        find_person_by_number(cast.anna.national_number, acting=acting, now=now)
    assert newest().event == "person:lookup_refused"
    settings.NUMBER_LOOKUP_QUOTA = 0
    answer = sofie.post("/admin/tenants/person/number/", {"number": cast.anna.national_number})
    assert answer.status_code == 200
    assert answer.context["form"].non_field_errors()


def test_a_new_person_s_number_is_sealed_and_never_seen_again(
    sofie: Client, cast: Cast, newest: Callable[[], Any]
) -> None:
    digits = valid_number()
    answer = sofie.post(address(Person, "add"), {**PERSON, "number": spellings(digits)[1], "is_active": "on"})
    assert answer.status_code == 302
    person = Person.objects.get(given_name="Noor")
    assert person.national_number == digits
    assert Person.objects.with_number(digits).get() == person  # type: ignore[attr-defined]
    entry = newest()
    assert (entry.event, entry.actor_key, entry.subject_key) == ("person:created", cast.sofie.key, person.key)
    assert entry.data["changes"]["number"] is None
    assert entry.data["changes"]["email"] is None
    for where in (address(Person), address(Person, "change", person.pk), address(Person, "history", person.pk)):
        page = sofie.get(where).content.decode()
        assert not [text for text in spellings(digits) if text in page]
    for log in LogEntry.objects.all():
        assert not holds_national_number(f"{log.object_repr} {log.change_message}")
    assert not [row for row in Session.objects.all() if digits in str(row.get_decoded())]


def test_the_number_is_not_changed_later(sofie: Client, cast: Cast) -> None:
    page = sofie.get(address(Person, "change", cast.anna.pk))
    assert "number" not in page.context["adminform"].form.fields
    before = cast.anna.national_number
    sofie.post(
        address(Person, "change", cast.anna.pk),
        {**PERSON, "is_active": "on", "number": valid_number(), "national_number": valid_number(), "key": "x"},
    )
    anna = Person.objects.get(pk=cast.anna.pk)
    assert (anna.national_number, anna.key, anna.given_name) == (before, cast.anna.key, "Noor")


@pytest.mark.parametrize(
    ("typed", "code"), [("", "required"), ("85073003329", "check"), ("8507300332", "length"), ("abcdefghijk", "format")]
)
def test_a_wrong_number_makes_nobody(sofie: Client, typed: str, code: str) -> None:
    answer = sofie.post(address(Person, "add"), {**PERSON, "number": typed})
    assert answer.status_code == 200
    errors = answer.context["adminform"].form.errors.as_data()
    assert [error.code for error in errors["number"]] == [code]
    assert not Person.objects.filter(given_name="Noor").exists()


def test_a_known_number_or_address_makes_nobody(sofie: Client, cast: Cast) -> None:
    answer = sofie.post(address(Person, "add"), {**PERSON, "number": cast.anna.national_number})
    assert list(answer.context["adminform"].form.errors) == ["number"]
    answer = sofie.post(address(Person, "add"), {**PERSON, "email": cast.anna.email.upper(), "number": valid_number()})
    assert list(answer.context["adminform"].form.errors) == ["email"]
    assert not Person.objects.filter(given_name="Noor").exists()


def test_a_card_of_the_pretend_register_works_the_same_way(sofie: Client, newest: Callable[[], Any]) -> None:
    digits = valid_number()
    values = {**PERSON, "position": "10", "number": digits}
    assert sofie.post(address(RegisteredPerson, "add"), values).status_code == 302
    card = RegisteredPerson.objects.get(given_name="Noor")
    assert card.national_number == digits
    assert newest().event == "register_entry:added"
    page = sofie.get(address(RegisteredPerson, "change", card.pk)).content.decode()
    assert digits not in page
    assert f"•••.{digits[-2:]}" in page
    again = sofie.post(address(RegisteredPerson, "add"), values)
    assert list(again.context["adminform"].form.errors) == ["number"]


@pytest.mark.parametrize("spelling", SPELLINGS)
def test_no_text_takes_a_number(sofie: Client, cast: Cast, spelling: str) -> None:
    values = {"name_fr": f"Jean {spelling}", "juridical_situation": "000", "status": "normal"}
    answer = sofie.post(address(Organisation, "change", cast.dubois.pk), values)
    assert answer.status_code == 200
    assert list(answer.context["adminform"].form.errors) == ["name_fr"]
