"""The letters about role requests, as they are read, and the line in the daily message."""

from collections.abc import Callable
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from outbox.models import OutgoingEmail
from outbox.rendering import SUBJECT_LENGTH, Rendered, render
from roles.models import Role
from roles.operations.digest import send_digests
from roles.operations.requests import expire_requests, refuse_request
from tenants.acting import ActingContext
from tenants.models import Organisation, Person
from tests.conftest import Cast
from tests.factories import AssignmentFactory
from tests.roles.requests import approve, ask
from vault.numbers import holds_national_number

Acting = Callable[..., ActingContext]
Catalogue = dict[str, Role]
pytestmark = pytest.mark.django_db

LANGUAGES = ("fr", "nl", "de", "en")
CYBER, FINANCE, ENERGY = "CCB_SAFEONWEBATWORK_EDIT", "FIN_FATCA", "FLUVIUS_ENERGY_PORTAL_ADMIN"
NOW = datetime(2026, 11, 21, 14, 5, tzinfo=ZoneInfo("Europe/Brussels"))
LAST = NOW.date().replace(year=2027, month=12, day=31)


def letter(name: str, to: Person, language: str = "en") -> Rendered:
    row = OutgoingEmail.objects.get(name=name, to=to.email)
    row.language = language
    return render(row)


@pytest.fixture
def anna(cast: Cast, acting_as: Acting) -> ActingContext:
    """Anna, who reads English for once."""
    for person in (cast.anna, cast.marie, cast.jean):
        person.language = "en"
        person.save()
    return acting_as(cast.anna)


def test_those_who_may_decide_read_who_asks_for_what_and_why(
    cast: Cast, catalogue: Catalogue, anna: ActingContext
) -> None:
    roles = [catalogue[FINANCE], catalogue[ENERGY]]
    ask(anna, cast.dubois, roles, now=NOW, valid_until=LAST, motivation="For the VAT return")
    found = letter("role_requested", cast.marie)
    assert found.subject == "Anna Peeters asks for a role for Boulangerie Dubois SRL"
    assert found.text.split("We will never")[0] == (
        """Hello Marie Claes,

Anna Peeters asked for this role on 21 November 2026 at 14:05:

- Role: FATCA (File the FATCA return)
- Person: Anna Peeters
- Organisation: Boulangerie Dubois SRL (0999.999.922)
- Valid: from 21 November 2026 to 31 December 2027
- Reference: DR-2026-000001-1

Reason given by Anna Peeters: “For the VAT return”

How to approve or refuse
1. Go to http://127.0.0.1:8000/ and sign in.
2. Open “My open tasks”.
3. Choose “Approve or refuse the role requests”.

If nobody decides before 21 December 2026, the request expires.

"""
    )
    assert "Anna Peeters asked for these roles" in letter("role_requested", cast.jean).text


def test_an_extension_says_what_it_extends(cast: Cast, catalogue: Catalogue, anna: ActingContext) -> None:
    held = AssignmentFactory(
        role=catalogue[FINANCE],
        organisation=cast.dubois,
        assignee=cast.anna,
        valid_from=NOW.date(),
        valid_until=NOW.date() + timedelta(days=10),
    )
    ask(anna, cast.dubois, [catalogue[FINANCE]], now=NOW, valid_until=LAST)
    assert f"- Extends: {held.reference}, until 1 December 2026" in letter("role_requested", cast.marie).text


def test_an_approval_carries_the_role_as_it_was_given(
    cast: Cast, catalogue: Catalogue, anna: ActingContext, acting_as: Acting
) -> None:
    (row,) = ask(anna, cast.dubois, [catalogue[CYBER]], now=NOW, valid_until=LAST)
    shorter = LAST - timedelta(days=31)
    approve(row, acting_as(cast.jean), now=NOW, valid_until=shorter, note="Until we meet again")
    found = letter("request_decided", cast.anna)
    assert found.subject == "Your role request is approved"
    assert found.text.split("We will never")[0] == (
        """Hello Anna Peeters,

Jean Dubois approved your request DR-2026-000001-1 on 21 November 2026 at 14:05. You have been given this role:

- Role: CCB SAFEONWEBATWORK EDIT (Register and edit the organisation on Safeonweb@work)
- Organisation: Boulangerie Dubois SRL (0999.999.922)
- Valid: from 21 November 2026 to 30 November 2027
- Status: Active
- Reference: AR-2026-000001-1

Note from Jean Dubois: “Until we meet again”

What you can do now
Sign in to the service with your own digital key. Your roles are under “My role assignments”: http://127.0.0.1:8000/

"""
    )


def test_an_approval_of_a_role_to_come_says_from_when_it_works(
    cast: Cast, catalogue: Catalogue, anna: ActingContext, acting_as: Acting
) -> None:
    (row,) = ask(anna, cast.dubois, [catalogue[CYBER]], now=NOW, valid_from=NOW.date() + timedelta(days=10))
    approve(row, acting_as(cast.jean), now=NOW)
    text = letter("request_decided", cast.anna).text
    assert "- Status: Scheduled" in text
    assert "Your role works from 1 December 2026 on. From that day, sign in to the service" in text
    assert "\nSign in to the service" not in text


def test_a_refusal_carries_its_reason(cast: Cast, catalogue: Catalogue, anna: ActingContext, acting_as: Acting) -> None:
    (row,) = ask(anna, cast.dubois, [catalogue[CYBER]], now=NOW)
    refuse_request(row, note="Ask Marie", acting=acting_as(cast.jean), now=NOW)
    found = letter("request_decided", cast.anna)
    assert found.subject == "Your role request is refused"
    assert "You do not receive this role:" in found.text and "Reason given by Jean Dubois: “Ask Marie”" in found.text
    assert "- Reference: DR-2026-000001-1" in found.text and "Status" not in found.text


def test_an_expiry_says_whom_to_speak_to(cast: Cast, catalogue: Catalogue, anna: ActingContext) -> None:
    ask(anna, cast.dubois, [catalogue[CYBER]], now=NOW)
    expire_requests(now=NOW + timedelta(days=30))
    found = letter("request_expired", cast.anna)
    assert found.subject == "Your role request has expired"
    assert "Nobody decided before 21 December 2026 on the role that you asked for on 21 November 2026." in found.text
    assert "These people can decide: Jean Dubois, Tom Janssens." in found.text


def test_letters_speak_four_languages_shortly_and_without_numbers(
    cast: Cast, catalogue: Catalogue, anna: ActingContext, acting_as: Acting
) -> None:
    Person.objects.filter(pk=cast.anna.pk).update(given_name="Maximilienne-Antoinette", family_name="Vandersmissen")
    Organisation.objects.filter(pk=cast.dubois.pk).update(name_fr="Boulangerie et pâtisserie artisanale Dubois et fils")
    cast.anna.refresh_from_db()
    cast.dubois.refresh_from_db()
    anna = acting_as(cast.anna)
    (first, second) = ask(anna, cast.dubois, [catalogue[CYBER], catalogue[FINANCE]], now=NOW)
    approve(first, acting_as(cast.jean), now=NOW)
    expire_requests(now=NOW + timedelta(days=30))
    rows = list(OutgoingEmail.objects.all())
    assert {row.name for row in rows} == {"role_requested", "request_decided", "request_expired"}
    for row in rows:
        for language in LANGUAGES:
            row.language = language
            found = render(row)
            assert len(found.subject) <= SUBJECT_LENGTH and "None" not in found.text
            assert not holds_national_number(found.text.replace("0999.999.922", ""))
            assert found.text.count("http") == found.text.count("http://127.0.0.1:8000/")
    assert second.reference in str([row.context for row in rows if row.name == "request_expired"])


def test_nobody_without_an_address_gets_a_letter(
    cast: Cast, catalogue: Catalogue, anna: ActingContext, acting_as: Acting
) -> None:
    Person.objects.filter(pk__in=[cast.anna.pk, cast.tom.pk]).update(email="", email_key="")
    (row,) = ask(anna, cast.dubois, [catalogue[CYBER]], now=NOW)
    assert [mail.to for mail in OutgoingEmail.objects.all()] == [cast.jean.email]
    refuse_request(row, note="No", acting=acting_as(cast.jean), now=NOW)
    assert OutgoingEmail.objects.count() == 1


# --- The daily message ---


def test_requests_older_than_a_day_are_in_the_daily_message_of_those_who_decide(
    cast: Cast, catalogue: Catalogue, anna: ActingContext
) -> None:
    ask(anna, cast.dubois, [catalogue[FINANCE]], now=NOW)
    ask(anna, cast.dubois, [catalogue[ENERGY]], now=NOW)
    assert send_digests(now=NOW + timedelta(hours=17)) == 0  # seven o'clock, the next morning
    assert send_digests(now=NOW + timedelta(hours=41)) == 3
    found = letter("daily_digest", cast.marie)
    assert found.subject == "Role requests wait for your decision"
    assert "Waiting for your decision" in found.text
    lines = [line for line in found.text.splitlines() if line.startswith("- ")]
    assert lines == [
        "- Anna Peeters asks for FATCA, for Boulangerie Dubois SRL: decide before 21 December 2026 (DR-2026-000001-1)"
    ]
    assert "DR-2026-000002-1" in letter("daily_digest", cast.jean).text


def test_what_was_decided_or_is_too_late_is_not_in_the_daily_message(
    cast: Cast, catalogue: Catalogue, anna: ActingContext, acting_as: Acting
) -> None:
    (row,) = ask(anna, cast.dubois, [catalogue[FINANCE]], now=NOW)
    ask(anna, cast.dubois, [catalogue[ENERGY]], now=NOW - timedelta(days=29))
    refuse_request(row, note="No", acting=acting_as(cast.jean), now=NOW)
    assert send_digests(now=NOW + timedelta(hours=41)) == 0


def test_a_manager_does_not_read_of_an_own_request(cast: Cast, catalogue: Catalogue, acting_as: Acting) -> None:
    ask(acting_as(cast.tom, cast.dubois), cast.dubois, [catalogue[ENERGY]], now=NOW)
    assert send_digests(now=NOW + timedelta(hours=41)) == 1
    assert OutgoingEmail.objects.get(name="daily_digest").to == cast.jean.email
