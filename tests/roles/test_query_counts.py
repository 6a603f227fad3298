"""Every page answers with the same number of queries, however many rows there are."""

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from audit.record import record
from outbox.models import OutgoingEmail
from roles.models import AssignmentDraft, Role, RoleAssignment
from tenants.models import Person
from tests.factories import (
    AppointmentFactory,
    AssignmentFactory,
    EmploymentFactory,
    OrganisationFactory,
    PersonFactory,
    PropertyFactory,
    RequestFactory,
    RoleFactory,
    UserFactory,
)
from tests.roles.pages import ANSWERED, address, draft_of, finish
from tests.roles.requests import request_draft

FEW, MANY = 3, 30
Page = Callable[[int], tuple[Client, str]]


@pytest.fixture
def same_cost(open_as: Any) -> Callable[[Page], None]:
    """Return a function that builds a page at two sizes and holds the numbers of queries equal."""

    def compare(page: Page) -> None:
        costs = []
        for size in (FEW, MANY):
            client, url = page(size)
            # Once to warm up: content types, prepared statements, the first message of a session.
            assert client.get(url).status_code == 200
            with CaptureQueriesContext(
                connection,
            ) as queries:
                answer = client.get(url)
            assert answer.status_code == 200
            costs.append([query["sql"] for query in queries])
        few, many = costs
        assert len(few) == len(many), "\n".join(sql for sql in many if sql not in few)

    return compare


@pytest.fixture
def chief(cast: Any) -> Callable[[], Person]:
    """Return a function that makes a chief of a new organisation, with a login."""

    def make() -> Person:
        person = PersonFactory()
        organisation = OrganisationFactory()
        EmploymentFactory(person=person, organisation=organisation, kind="legal_representative")
        AppointmentFactory(person=person, organisation=organisation)
        UserFactory(person=person)
        return person

    return make


def place_of(person: Person) -> Any:
    """Return the person's organisation."""
    return person.appointments.get().organisation


def roles_of(count: int) -> list[Role]:
    """Store roles, each with a question."""
    found = RoleFactory.create_batch(count)
    for role in found:
        PropertyFactory(role=role)
    return found


def answered(draft: AssignmentDraft) -> AssignmentDraft:
    """Answer every question of the chosen roles."""
    for row in draft.chosen_roles.all():
        row.properties = {question.code: True for question in row.role.properties.all()}
        row.save(update_fields=["properties"])
    return draft


def colleagues(person: Person, count: int) -> list[Person]:
    """Store people who work with somebody."""
    found = PersonFactory.create_batch(count, family_name="Zwaenepoel")
    for one in found:
        EmploymentFactory(person=one, organisation=place_of(person))
        EmploymentFactory(person=one, organisation=OrganisationFactory())
    return found


def soon() -> Any:
    """Return a day by which to confirm."""
    return timezone.localdate() + timedelta(days=3)


def test_home(same_cost: Any, chief: Any, open_as: Any, now: datetime) -> None:
    def page(size: int) -> tuple[Client, str]:
        person = chief()
        for role in roles_of(size):
            common = {"role": role, "organisation": place_of(person), "confirm_before": soon()}
            AssignmentFactory(assignee=person, confirmer="assignee", **common)
            AssignmentFactory(confirmer="manager", **common)
            draft_of(person, persons=PersonFactory.create_batch(2), roles=[role], now=now, **ANSWERED)
        return open_as(person), "/"

    same_cost(page)


def test_start_page(same_cost: Any, cast: Any) -> None:
    def page(size: int) -> tuple[Client, str]:
        roles_of(size)
        return Client(), "/"

    same_cost(page)


@pytest.mark.parametrize("query", ["", "?status=past"])
def test_my_roles(same_cost: Any, chief: Any, open_as: Any, catalogue: Any, query: str) -> None:
    def page(size: int) -> tuple[Client, str]:
        person = chief()
        for role in roles_of(size):
            common = {"role": role, "organisation": OrganisationFactory(), "assigned_by": PersonFactory()}
            AssignmentFactory(assignee=person, confirmer="manager", confirm_before=soon(), **common)
            AssignmentFactory(
                assignee=person, confirmer="assignee", confirm_before=soon(), refused_at=timezone.now(),
                refused_by=person, **common,
            )  # fmt: skip
            EmploymentFactory(person=person, organisation=OrganisationFactory(), kind="legal_representative")
        return open_as(person), f"/my-roles/{query}"

    same_cost(page)


def test_assignments(same_cost: Any, chief: Any, open_as: Any) -> None:
    def page(size: int) -> tuple[Client, str]:
        person = chief()
        for role in roles_of(size):
            AssignmentFactory(role=role, organisation=place_of(person), confirmer="manager", confirm_before=soon())
        AppointmentFactory(person=PersonFactory(), organisation=place_of(person), kind="co_chief")
        return open_as(person), "/assignments/"

    same_cost(page)


@pytest.mark.parametrize("confirm", ["", "confirm/", "service-view/"])
def test_assignment(same_cost: Any, chief: Any, open_as: Any, confirm: str) -> None:
    def page(size: int) -> tuple[Client, str]:
        person, role = chief(), RoleFactory()
        for _number in range(size):
            PropertyFactory(role=role, code=f"Q{_number}")
            AppointmentFactory(organisation=place_of(person), kind="co_chief")
        answers = {f"Q{number}": True for number in range(size)}
        row = AssignmentFactory(
            role=role, organisation=place_of(person), confirmer="manager", confirm_before=soon(), properties=answers
        )
        return open_as(person), f"/assignments/{row.key}/{confirm}"

    same_cost(page)


def test_new_assignment(same_cost: Any, chief: Any, open_as: Any, catalogue: Any, now: datetime) -> None:
    def page(size: int) -> tuple[Client, str]:
        person = chief()
        for _number in range(size):
            draft_of(person, persons=PersonFactory.create_batch(2), roles=roles_of(2), now=now)
        return open_as(person), "/assignments/new/?role=CCB_SAFEONWEBATWORK_EDIT"

    same_cost(page)


def test_step_persons(same_cost: Any, chief: Any, open_as: Any, now: datetime) -> None:
    def page(size: int) -> tuple[Client, str]:
        person = chief()
        people = colleagues(person, size)
        draft = draft_of(person, persons=people[: size // 2], now=now, person_query="zwaenepoel")
        return open_as(person), address(draft, "persons")

    same_cost(page)


def test_step_persons_with_many_words(same_cost: Any, chief: Any, open_as: Any, now: datetime) -> None:
    def page(size: int) -> tuple[Client, str]:
        person = chief()
        words = " ".join("abcdefghijklmnopqrstuvwxyzabcdefghijklmnopqrstuvwxyz"[: max(10, size)])
        draft = draft_of(person, now=now, person_query=words[:100])
        return open_as(person), address(draft, "persons")

    same_cost(page)


def test_step_number(same_cost: Any, chief: Any, open_as: Any, now: datetime) -> None:
    def page(size: int) -> tuple[Client, str]:
        person = chief()
        draft = draft_of(person, variant="number", persons=colleagues(person, size), now=now)
        return open_as(person), address(draft, "number")

    same_cost(page)


def test_step_organisation(same_cost: Any, chief: Any, open_as: Any, now: datetime) -> None:
    def page(size: int) -> tuple[Client, str]:
        person = chief()
        AppointmentFactory.create_batch(size, person=person)
        draft = draft_of(person, persons=PersonFactory.create_batch(size), now=now)
        return open_as(person), address(draft, "organisation")

    same_cost(page)


def test_step_roles(same_cost: Any, chief: Any, open_as: Any, now: datetime) -> None:
    def page(size: int) -> tuple[Client, str]:
        person = chief()
        people, roles = colleagues(person, size), roles_of(size)
        for one, role in zip(people, roles, strict=True):
            AssignmentFactory(role=role, assignee=one, organisation=place_of(person))
        roles_of(size)
        draft = draft_of(person, persons=people, roles=roles[: size // 2], now=now)
        return open_as(person), address(draft, "roles")

    same_cost(page)


def test_step_roles_of_other_domains(same_cost: Any, chief: Any, open_as: Any, now: datetime) -> None:
    def page(size: int) -> tuple[Client, str]:
        person = chief()
        place_of(person).appointments.update(kind="domain", domain=RoleFactory(domain__code="ENERGY").domain)
        roles_of(size)
        for _number in range(size):
            AppointmentFactory(organisation=person.appointments.get().organisation, kind="co_chief")
        draft = draft_of(person, persons=[PersonFactory()], now=now)
        return open_as(person), address(draft, "roles")

    same_cost(page)


def test_step_properties(same_cost: Any, chief: Any, open_as: Any, now: datetime) -> None:
    def page(size: int) -> tuple[Client, str]:
        person = chief()
        draft = draft_of(person, persons=PersonFactory.create_batch(size), roles=roles_of(size), now=now)
        return open_as(person), address(draft, "properties")

    same_cost(page)


def reviewed(person: Person, size: int, now: datetime) -> AssignmentDraft:
    """Store a draft for many people and roles, some of which are held already."""
    people, roles = colleagues(person, size), roles_of(size)
    AssignmentFactory(role=roles[0], assignee=people[0], organisation=place_of(person))
    return answered(draft_of(person, persons=people, roles=roles, now=now, **ANSWERED))


@pytest.mark.parametrize("status", ["normal", "new"])
def test_step_review(same_cost: Any, chief: Any, open_as: Any, now: datetime, status: str) -> None:
    def page(size: int) -> tuple[Client, str]:
        person = chief()
        type(place_of(person)).objects.filter(pk=place_of(person).pk).update(status=status)
        return open_as(person), address(reviewed(person, size, now), "review")

    same_cost(page)


def test_done(same_cost: Any, chief: Any, open_as: Any, now: datetime) -> None:
    def page(size: int) -> tuple[Client, str]:
        person = chief()
        type(place_of(person)).objects.filter(pk=place_of(person).pk).update(status="new")
        draft = draft_of(person, persons=colleagues(person, size)[:20], roles=roles_of(3), now=now, **ANSWERED)
        client = open_as(person)
        finish(client, answered(draft))
        assert RoleAssignment.objects.filter(draft=draft).count() == 3 * min(size, 20)
        return client, address(draft, "done")

    same_cost(page)


def test_acting_for(same_cost: Any, chief: Any, open_as: Any) -> None:
    def page(size: int) -> tuple[Client, str]:
        person = chief()
        for _number in range(size):
            organisation = OrganisationFactory()
            EmploymentFactory(person=person, organisation=organisation)
            AppointmentFactory(person=person, organisation=organisation)
            AppointmentFactory(
                person=person, organisation=organisation, kind="domain",
                domain=RoleFactory(domain__code=f"DOMAIN{_number}").domain,
            )  # fmt: skip
        return open_as(person), "/acting-for/"

    same_cost(page)


def test_mailbox(same_cost: Any, chief: Any, open_as: Any, now: datetime) -> None:
    def page(size: int) -> tuple[Client, str]:
        person = chief()
        client = open_as(person)
        OutgoingEmail.objects.all().delete()
        draft = draft_of(person, persons=colleagues(person, size)[:20], roles=roles_of(1), now=now, **ANSWERED)
        finish(client, answered(draft))
        return client, "/mailbox/"

    same_cost(page)


def test_refusal_page(same_cost: Any, chief: Any, open_as: Any, cast: Any) -> None:
    """It writes an audit row, and names everybody who can help."""
    costs = []
    for size in (FEW, MANY):
        person = chief()
        for _number in range(size):
            AppointmentFactory(organisation=place_of(person), kind="co_chief")
        client = open_as(person, 300)
        client.get("/assignments/")
        with CaptureQueriesContext(connection) as queries:
            assert client.get("/assignments/").status_code == 403
        costs.append(len(queries))
    assert costs[0] == costs[1]


@pytest.mark.django_db
@pytest.mark.parametrize("query", ["", "?sort=person&status=current", "?format=csv"])
def test_managing_costs_the_same_however_many_there_are(open_as: Any, same_cost: Any, query: str) -> None:
    def build(size: int) -> tuple[Client, str]:
        chief = UserFactory().person
        place = OrganisationFactory()
        AppointmentFactory(person=chief, organisation=place)
        for _number in range(size):
            AssignmentFactory(organisation=place, role=RoleFactory(), assigned_by=PersonFactory())
        return open_as(chief), f"/assignments/{query}"

    same_cost(build)


def a_trail(person: Person, count: int) -> None:
    """Write that many entries about roles that the person gave and got, and as many about the person."""
    place = place_of(person)
    for role in roles_of(count):
        for holder in (PersonFactory(), person):
            row = AssignmentFactory(role=role, organisation=place, assigned_by=person, assignee=holder)
            record("assignment:granted", actor=person, subject=row, organisation=place, role=role.code)
        record("person:chosen", actor=PersonFactory(), subject=person, organisation=OrganisationFactory())


@pytest.mark.parametrize("query", ["", "?format=csv"])
def test_history(same_cost: Any, chief: Any, open_as: Any, query: str) -> None:
    def page(size: int) -> tuple[Client, str]:
        person = chief()
        a_trail(person, size)
        return open_as(person), f"/history/{query}"

    same_cost(page)


def test_history_of_one_person(same_cost: Any, chief: Any, open_as: Any) -> None:
    def page(size: int) -> tuple[Client, str]:
        person = chief()
        colleagues(person, size)
        a_trail(person, size)
        browser = open_as(person)
        assert browser.post("/history/", {"person": "Zwaenepoel"}).status_code == 303
        return browser, "/history/"

    same_cost(page)


@pytest.mark.parametrize("query", ["", "?format=csv"])
def test_activity(same_cost: Any, chief: Any, open_as: Any, query: str) -> None:
    def page(size: int) -> tuple[Client, str]:
        person = chief()
        a_trail(person, size)
        return open_as(person), f"/profile/activity/{query}"

    same_cost(page)


@pytest.mark.parametrize("status", ["to_decide", "decided", "mine"])
def test_requests(same_cost: Any, chief: Any, open_as: Any, now: datetime, status: str) -> None:
    def page(size: int) -> tuple[Client, str]:
        person = chief()
        over = {"status": "refused", "decided_at": now, "decision_note": "No"} if status == "decided" else {}
        for role in roles_of(size):
            asker = person if status == "mine" else PersonFactory()
            decided_by = {"decided_by": PersonFactory()} if over else {}
            RequestFactory(role=role, organisation=place_of(person), requester=asker, **over, **decided_by)
        return open_as(person), f"/requests/?status={status}"

    same_cost(page)


def test_requests_with_a_way_back(same_cost: Any, chief: Any, open_as: Any, now: datetime) -> None:
    def page(size: int) -> tuple[Client, str]:
        person, decider = chief(), PersonFactory()
        for role in roles_of(size):
            common = {"role": role, "organisation": place_of(person)}
            given = AssignmentFactory(assignee=person, assigned_by=decider, **common)
            way = {"came_from": role.services.get(), "return_to": "https://service.example/back"}
            decided = {"status": "approved", "decided_at": now, "decided_by": decider, "assignment": given}
            RequestFactory(requester=person, **common, **way, **decided)
        return open_as(person), "/requests/?status=mine"

    same_cost(page)


def test_arriving_from_a_service(same_cost: Any, chief: Any, open_as: Any, now: datetime) -> None:
    def page(size: int) -> tuple[Client, str]:
        person, (role,) = chief(), roles_of(1)
        for _number in range(size):
            EmploymentFactory(person=person, organisation=OrganisationFactory())
        way = {"came_from": role.services.get(), "return_to": "https://service.example/back"}
        draft = draft_of(person, variant="request", roles=[role], now=now, **way)
        return open_as(person), f"/my-roles/request/{draft.key}/from-service/"

    same_cost(page)


def test_request_to_decide(same_cost: Any, chief: Any, open_as: Any) -> None:
    def page(size: int) -> tuple[Client, str]:
        person, (role,) = chief(), roles_of(1)
        PropertyFactory.create_batch(size, role=role)
        AppointmentFactory.create_batch(size, organisation=place_of(person), kind="co_chief")
        row = RequestFactory(role=role, organisation=place_of(person))
        return open_as(person), f"/requests/{row.key}/"

    same_cost(page)


def test_asking(same_cost: Any, chief: Any, open_as: Any) -> None:
    def page(size: int) -> tuple[Client, str]:
        person = chief()
        AppointmentFactory(organisation=place_of(person), kind="co_chief")
        for role in roles_of(size):
            RequestFactory(role=role, organisation=place_of(person), requester=person)
        roles_of(size)
        return open_as(person), "/my-roles/request/"

    same_cost(page)


@pytest.mark.parametrize("step", ["roles", "reason", "review"])
def test_steps_of_asking(same_cost: Any, chief: Any, open_as: Any, now: datetime, step: str) -> None:
    def page(size: int) -> tuple[Client, str]:
        person = chief()
        AppointmentFactory.create_batch(size, organisation=place_of(person), kind="co_chief")
        draft = request_draft(person, place_of(person), roles_of(size), now=now, **ANSWERED)
        return open_as(person), f"/my-roles/request/{draft.key}/{step}/"

    same_cost(page)


def test_request_sent(same_cost: Any, chief: Any, open_as: Any, now: datetime) -> None:
    def page(size: int) -> tuple[Client, str]:
        person = chief()
        reference = f"DR-2020-9{person.pk:05d}"
        draft = request_draft(person, place_of(person), now=now, submitted_at=now, reference=reference)
        for role in roles_of(size):
            RequestFactory(role=role, organisation=place_of(person), requester=person, draft=draft)
        return open_as(person), f"/my-roles/request/{draft.key}/done/"

    same_cost(page)
