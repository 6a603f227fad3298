"""Pages against bare views behind the same middlewares, on the same server in the same run."""

from datetime import datetime
from functools import partial

import pytest
from django.db import connection
from django.test import Client, override_settings
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from roles.models import AssignmentDraft, DraftPerson, DraftRole, Role, RoleAssignment
from tenants.models import Organisation, Person
from tests.benchmarks.conftest import Country, cookie_of
from tests.benchmarks.measure import Report, Row, clock, quantile
from tests.benchmarks.questions import words
from tests.benchmarks.server import Server

pytestmark = pytest.mark.benchmark

TIMES = 25
KNOWN = {
    "wizard: roles": "each request reads the whole catalogue; it is not yet held in the process (SPEED, section 3)",
    "wizard: review": "the plan, and the words about it, both ask who may confirm",
}


def draft_of(owner: Person, *, now: datetime, **values: object) -> AssignmentDraft:
    """Store a draft, as the wizard would have."""
    return AssignmentDraft.objects.create(owner=owner, variant="search", created_at=now, updated_at=now, **values)


def step(draft: AssignmentDraft, name: str) -> str:
    """Return the address of a step."""
    return f"/assignments/new/{draft.key}/{name}/"


def answered(server: Server, path: str, cookie: str) -> None:
    """Get a page that must be there."""
    status = server.get(path, cookie)
    assert status == 200, (path, status)


def test_search_result_page_against_the_page_of_one_person(country: Country, server: Server, report: Report) -> None:
    manager = country.chief(country.small())
    cookie = cookie_of(manager)
    random = country.random
    asked = [asked for _kind, asked in random.sample(words(random), 40)]
    pages = [draft_of(manager, now=country.now, person_query=query) for query in asked]
    one = Person.objects.exclude(email="").order_by("id")[17]
    alone = draft_of(manager, now=country.now, person_query=one.email)

    results, single = clock(
        [partial(answered, server, step(draft, "persons"), cookie) for draft in pages],
        [partial(answered, server, step(alone, "persons"), cookie)] * len(pages),
    )
    report.compare(
        Row(
            "search result page p95 / page of one person p95",
            quantile(results, 0.95),
            quantile(single, 0.95),
            limit=1.25,
            known="up to twenty people with their workplaces, and a second statement of the search",
        )
    )


def test_my_roles_against_a_signed_in_hello(country: Country, server: Server, report: Report) -> None:
    for roles, limit in ((4, 2), (25, None)):
        holder = country.holder(4) if roles == 4 else with_roles(country, 25)
        cookie = cookie_of(holder)
        mine, bare = clock(
            [partial(answered, server, "/my-roles/", cookie)],
            [partial(answered, server, "/signed-in-hello/", cookie)],
            times=TIMES * 4,
        )
        report.compare(Row(f"my roles, {roles} of them / signed-in hello", mine[0], bare[0], limit=limit))
        report.note(f"My roles, {roles} of them: {100 * bare[0] / mine[0]:.0f} % of a signed-in hello's requests/s.")
    extra = queries(holder, "/my-roles/") - queries(holder, "/signed-in-hello/")
    report.note(f"My roles asks {extra} queries more than a signed-in hello (limit 3).")
    assert extra <= 3


def with_roles(country: Country, count: int) -> Person:
    """Give somebody more roles than anybody has."""
    person = country.holder(5) if RoleAssignment.objects.count() > 5 else country.holder(1)
    held = RoleAssignment.objects.filter(assignee=person)
    pattern = held.first()
    roles = Role.objects.filter(is_assignable=True).exclude(pk__in=held.values("role"))[: count - held.count()]
    RoleAssignment.objects.bulk_create(
        RoleAssignment(
            reference=f"GP-2021-{place:06d}-1",
            role=role,
            organisation=pattern.organisation,
            assignee=person,
            assigned_by=pattern.assigned_by,
            assigned_at=country.now,
            valid_from=timezone.localdate(country.now),
        )
        for place, role in enumerate(roles)
    )
    return person


def queries(person: Person, path: str) -> int:
    """Count what a page asks the database."""
    client = Client(headers={"cookie": cookie_of(person)})
    with override_settings(ROOT_URLCONF="tests.benchmarks.urls"), CaptureQueriesContext(connection) as found:
        assert client.get(path).status_code == 200
    return len(found)


def test_list_of_a_large_organisation_against_a_small_one(country: Country, server: Server, report: Report) -> None:
    cookies = [cookie_of(country.chief(place)) for place in (country.largest(), country.small())]
    large, small = clock(
        *([partial(answered, server, "/assignments/", cookie)] for cookie in cookies),
        times=TIMES * 2,
    )
    count = RoleAssignment.objects.filter(organisation=country.largest()).count()
    report.compare(Row(f"assignments of {count} / of a few", large[0], small[0], limit=1.15))


def test_every_page_against_hello(country: Country, server: Server, report: Report) -> None:
    organisation: Organisation = country.largest()
    manager = country.chief(organisation)
    cookie = cookie_of(manager)
    draft = draft_of(manager, now=country.now, person_query="peeters", duration="unlimited", properties_answered=True)
    people = Person.objects.filter(employments__organisation=organisation)
    DraftPerson.objects.bulk_create(DraftPerson(draft=draft, person=person) for person in people[:5])
    roles = Role.objects.filter(is_assignable=True, properties=None, max_duration_years=None)
    DraftRole.objects.bulk_create(DraftRole(draft=draft, role=role) for role in roles[:3])
    assignment = RoleAssignment.objects.filter(organisation=organisation).first()
    steps = ("persons", "number", "roles", "properties", "review")
    paths = {
        **{path: path for path in ("/", "/my-roles/", "/assignments/", "/help/", "/mailbox/", "/profile/")},
        "/assignments/new/": "/assignments/new/",
        "one assignment": f"/assignments/{assignment.key}/",
        **{f"wizard: {name}": step(draft, name) for name in steps},
    }
    bare, *pages = clock(
        [partial(answered, server, "/hello/", "")],
        *([partial(answered, server, path, cookie)] for path in paths.values()),
        times=TIMES,
    )
    slowest_first = sorted(zip(paths, pages, strict=True), key=lambda pair: -pair[1][0])
    report.compare(
        *(
            Row(f"page {name} / hello", time, bare[0], limit=30, known=KNOWN.get(name, ""))
            for name, (time,) in slowest_first
        )
    )
