"""The authorisation matrix: every route of the portal, every kind of person, every kind of object (TRUST, 1 and 2).

The table is written by hand in tests/matrix.txt; the routes come from the resolver. A route without a line in the
table fails, and so does a line without a route.
"""

import re
import uuid
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import timedelta
from functools import cache
from pathlib import Path
from typing import Any

import pytest
from django.contrib.sessions.backends.db import SessionStore
from django.db import connection, transaction
from django.test import Client
from django.urls import URLPattern, URLResolver, get_resolver, reverse
from django.utils import timezone

from csam.idp.operations import ask_phone
from csam.models import OpenSession, PhoneRequest
from fas.models import Consent
from roles.models import Role, RoleAssignment, RoleRequest
from tenants.models import AccessManagerAppointment, Organisation, Person
from tenants.paths import local_path
from tests.conftest import Cast
from tests.csam.flows import attempt_with, card_of
from tests.factories import AppointmentFactory, AssignmentFactory, RequestFactory
from tests.fas.relying_party import RelyingParty
from tests.fas.rows import a_client
from tests.roles.invites import NORA, an_invitation, invite_draft
from tests.roles.pages import ANSWERED, draft_of
from tests.roles.requests import request_draft

SignIn = Callable[..., Client]
pytestmark = [pytest.mark.django_db, pytest.mark.asvs(51)]

TABLE = Path(__file__).parent / "matrix.txt"
PEOPLE = ("nobody", "anna", "marie", "jean", "carine", "olivier", "sofie")
# Their objects are nobody's: one is known or not.
OPEN_TO_ALL = ("csam:login_key", "idp:phone", "fas:cancel")
# Services call these themselves, or send a browser there with what they ask: no form of ours, nothing of a session.
FOR_SERVICES = {f"fas:{name}" for name in "authorize access_token userinfo introspect revoke end_session".split()} | {
    "fas:discovery",
    "fas:jwk_uri",
    "fas_api:role_lookups",
    "fas_api:changes",
}
OTHER_METHODS = ("PUT", "DELETE", "OPTIONS", "TRACE")
ABSENT_DRAFT, ABSENT_KEY = uuid.UUID(int=7), "no-such-key-anywhere00"
ENERGY, FINANCE, CYBER = "FLUVIUS_ENERGY_PORTAL_ADMIN", "FIN_FATCA", "CCB_SAFEONWEBATWORK_EDIT"


# --- Routes and the table --------------------------------------------------------------------------------------------


@cache
def routes() -> dict[str, str]:
    """Return every route by its name with namespaces, and its pattern."""
    found: dict[str, str] = {}

    def walk(resolver: URLResolver, names: str, path: str) -> None:
        for pattern in resolver.url_patterns:
            here = path + str(pattern.pattern)
            if isinstance(pattern, URLResolver):
                walk(pattern, names + (f"{pattern.namespace}:" if pattern.namespace else ""), here)
            elif isinstance(pattern, URLPattern):
                found[names + (pattern.name or here)] = here

    walk(get_resolver(), "", "/")
    return found


def is_admin(name: str) -> bool:
    return name.startswith(("admin:", "/admin/"))


Cell = tuple[str, str, str]  # route, object, method


@cache
def table() -> dict[Cell, dict[str, int]]:
    """Read the written matrix: route, object, method, then one status per person."""
    lines: dict[Cell, dict[str, int]] = {}
    for line in TABLE.read_text().splitlines():
        if not line.strip() or line.startswith("#"):
            continue
        route, thing, method, *statuses = line.split()
        assert len(statuses) == len(PEOPLE), line
        assert (route, thing, method) not in lines, line
        lines[route, thing, method] = dict(zip(PEOPLE, map(int, statuses), strict=True))
    return lines


def test_every_route_is_in_the_table_and_every_line_has_a_route() -> None:
    portal = {name for name in routes() if not is_admin(name)}
    assert {route for route, _thing, _method in table()} == portal
    for name in portal:
        methods = {(thing, method) for route, thing, method in table() if route == name}
        things = {thing for thing, _method in methods}
        assert methods == {(thing, method) for thing in things for method in ("GET", "POST")}, name
        if "<" in routes()[name]:
            assert {"foreign", "absent"} <= things or name in OPEN_TO_ALL, name


# --- The scene -------------------------------------------------------------------------------------------------------


class Scene:
    """A browser and a set of objects for each person."""

    def __init__(self, cast: Cast, catalogue: dict[str, Role], sign_in: SignIn) -> None:
        self.cast = cast
        now = timezone.now()
        self.service = a_client(catalogue[ENERGY].services.get())
        self.cookies = {name: sign_in(getattr(cast, name)).cookies for name in PEOPLE if name != "nobody"}
        self.objects: dict[str, dict[str, dict[str, Any]]] = {}
        places = {"carine": cast.peeters}
        for name in PEOPLE[1:]:
            person: Person = getattr(cast, name)
            place: Organisation = places.get(name, cast.dubois)
            chosen = {"persons": [cast.olivier], "organisation": place, "roles": [catalogue[FINANCE]], "now": now}
            done = draft_of(
                person, **chosen, **ANSWERED, submitted_at=now, reference=f"AR-2020-90000{PEOPLE.index(name)}"
            )
            self.given(catalogue["FIN_UBO_ENTITY"], place, person, person, draft=done)
            drafts = {
                "own": draft_of(person, **chosen, **ANSWERED),
                "finished": done,
                "gone": draft_of(person, **{**chosen, "now": now - timedelta(days=2)}, **ANSWERED),
            }
            keys = {
                "own": self.given(catalogue[CYBER], place, person, cast.tom),
                "waiting": self.given(
                    catalogue[ENERGY],
                    place,
                    person,
                    cast.tom,
                    confirmer="assignee",
                    confirm_before=now.date() + timedelta(days=9),
                ),
            }
            asked = request_draft(person, place, [catalogue[FINANCE]], now=now, **ANSWERED)
            sent = request_draft(
                person, place, now=now, submitted_at=now, reference=f"DR-2020-90000{PEOPLE.index(name)}"
            )
            wishes = {
                "own": asked,
                "finished": sent,
                "gone": request_draft(person, place, now=now - timedelta(days=2)),
                "service": draft_of(
                    person,
                    variant="request",
                    roles=[catalogue[ENERGY]],
                    now=now,
                    came_from=catalogue[ENERGY].services.get(),
                    return_to="https://service.example/back",
                ),
            }
            invited = {"organisation": place, "people": [NORA], "roles": [catalogue[FINANCE]], "now": now}
            posted = invite_draft(person, **invited, submitted_at=now, reference=f"IN-2020-90000{PEOPLE.index(name)}")
            an_invitation(cast.tom, now=now, roles=[catalogue[FINANCE]], organisation=place, draft=posted)
            invitees = {
                "own": invite_draft(person, **invited),
                "finished": posted,
                "gone": invite_draft(person, **{**invited, "now": now - timedelta(days=2)}),
            }
            self.objects[name] = {
                "wish": {thing: row.key for thing, row in wishes.items()},
                "request": {"own": self.asked(catalogue[ENERGY], place, person, draft=sent).key},
                "draft": {thing: row.key for thing, row in drafts.items()},
                "invitees": {thing: row.key for thing, row in invitees.items()},
                "key": {thing: row.key for thing, row in keys.items()},
                "session": {"own": self.session_of(person)},
                "agreement": {"own": self.agreement_of(person)},
            }
        shared = {
            "finance": self.given(catalogue["FIN_JMONNET"], cast.dubois, cast.tom, cast.jean),
            "energy": self.given(catalogue[ENERGY], cast.dubois, cast.tom, cast.jean),
            "manager": self.given(
                catalogue["FIN_URBAIN_USER_RO"],
                cast.dubois,
                cast.tom,
                cast.tom,
                confirmer="manager",
                confirm_before=now.date() + timedelta(days=9),
            ),
            "foreign": self.given(catalogue[CYBER], cast.eupen, cast.klaus, cast.ingrid),
        }
        was_one = AppointmentFactory(person=cast.klaus, organisation=cast.dubois, kind="co_chief", ended_at=now)
        managers = {
            "chief": self.appointment(cast.jean, cast.dubois),
            "colleague": self.appointment(cast.tom, cast.dubois),
            "domain": self.appointment(cast.marie, cast.dubois),
            "ended": was_one.key,
            "foreign": self.appointment(cast.klaus, cast.eupen),
        }
        requests = {
            "finance": self.asked(catalogue[FINANCE], cast.dubois, cast.tom),
            "energy": self.asked(catalogue[ENERGY], cast.dubois, cast.tom),
            "foreign": self.asked(catalogue[CYBER], cast.eupen, cast.klaus),
        }
        wish = request_draft(cast.klaus, cast.eupen, [catalogue[CYBER]], now=now)
        invitations = {
            "finance": an_invitation(cast.jean, now=now, roles=[catalogue[FINANCE]], organisation=cast.dubois),
            "energy": an_invitation(cast.jean, now=now, roles=[catalogue[ENERGY]], organisation=cast.dubois),
            "foreign": an_invitation(cast.ingrid, now=now, roles=[catalogue[CYBER]], organisation=cast.eupen),
        }
        by_klaus = invite_draft(cast.klaus, cast.eupen, [NORA], [catalogue[CYBER]], now=now)
        klaus = draft_of(cast.klaus, persons=[cast.anna], organisation=cast.eupen, roles=[catalogue[CYBER]], now=now)
        agreed, self.asked_by_klaus = self.agreement_of(cast.klaus), self.request_of(sign_in(cast.klaus))
        of_klaus, self.phone = self.session_of(cast.klaus), self.phone_of(cast.klaus)
        for things in self.objects.values():
            things["key"] |= {thing: row.key for thing, row in shared.items()} | {"absent": ABSENT_KEY}
            things["draft"] |= {"foreign": klaus.key, "absent": ABSENT_DRAFT}
            things["wish"] |= {"foreign": wish.key, "absent": ABSENT_DRAFT}
            things["request"] |= {thing: row.key for thing, row in requests.items()} | {"absent": ABSENT_KEY}
            things["invitees"] |= {"foreign": by_klaus.key, "absent": ABSENT_DRAFT}
            things["invitation"] = {thing: row.key for thing, row in invitations.items()} | {"absent": ABSENT_KEY}
            things["session"] |= {"foreign": of_klaus, "absent": ABSENT_KEY}
            things["agreement"] |= {"foreign": agreed, "absent": ABSENT_KEY}
            things["appointment"] = {**managers, "absent": ABSENT_KEY}
        self.objects["nobody"] = self.objects["jean"]

    @staticmethod
    def session_of(person: Person) -> str:
        """Return the key of a session in another browser of the person."""
        store = SessionStore()
        store.create()
        row = OpenSession.objects.create(
            user=person.user,  # type: ignore[misc]
            session_id=store.session_key,
            opened_at=timezone.now(),
        )
        return str(row.key)

    def agreement_of(self, person: Person) -> str:
        """Return the key of what the person agreed with a service."""
        row = Consent.objects.create(
            user=person.user,  # type: ignore[misc]
            client=self.service,
            scopes="openid",
            given_at=timezone.now(),
        )
        return str(row.key)

    def request_of(self, browser: Client) -> str:
        """Return the key of a service's request in this browser."""
        return str(RelyingParty(self.service, browser).ask().url.split("/")[3])

    @staticmethod
    def appointment(person: Person, place: Organisation) -> str:
        """Return the key of what somebody is at an organisation."""
        return str(AccessManagerAppointment.objects.get(person=person, organisation=place).key)

    @staticmethod
    def phone_of(person: Person) -> str:
        """Return the key of a phone that is asked."""
        now = timezone.now()
        ask_phone(attempt_with("itsme", now=now), card_of(person), now=now)
        return PhoneRequest.objects.get().key

    @staticmethod
    def given(role: Role, place: Organisation, holder: Person, giver: Person, **values: Any) -> RoleAssignment:
        return AssignmentFactory(role=role, organisation=place, assignee=holder, assigned_by=giver, **values)

    @staticmethod
    def asked(role: Role, place: Organisation, asker: Person, **values: Any) -> RoleRequest:
        return RequestFactory(role=role, organisation=place, requester=asker, **values)

    def browser(self, who: str, **options: Any) -> Client:
        """Return a fresh browser in which the person is signed in."""
        browser = Client(**{"raise_request_exception": False, **options})
        if who != "nobody":
            browser.cookies.load({name: morsel.value for name, morsel in self.cookies[who].items()})
        browser.cookies["language"] = "en"
        return browser

    def address(self, who: str, route: str, thing: str) -> str:
        """Return the address of the object as this person would write it."""
        pattern = routes()[route]
        if "<slug:need>" in pattern:
            absent = f"{ABSENT_KEY}.{self.asked_by_klaus.partition('.')[2]}"  # of the same service
            return reverse(route, args=[{"foreign": self.asked_by_klaus, "absent": absent}[thing], "0-0"])
        if route == "fas:cancel":
            return reverse(route, args=[ABSENT_KEY])
        if "<str:agreement>" in pattern:
            return reverse(route, args=[self.objects[who]["agreement"][thing]])
        if "invitations/" in pattern and "<" in pattern:
            return reverse(route, args=[self.objects[who]["invitees" if "<uuid" in pattern else "invitation"][thing]])
        if "<uuid:draft>" in pattern:
            kind = "wish" if pattern.startswith("/my-roles/request/") else "draft"
            return reverse(route, args=[self.objects[who][kind][thing]])
        if "<str:key>" in pattern:
            kind = "request" if pattern.startswith("/requests/") else "key"
            return reverse(route, args=[self.objects[who][kind][thing]])
        if "<str:asked>" in pattern:  # kept in a browser's session: everybody else's is not there
            return reverse(route, args=[ABSENT_KEY])
        if "<str:appointment>" in pattern:
            return reverse(route, args=[self.objects[who]["appointment"][thing]])
        if "<str:session>" in pattern:
            return reverse(route, args=[self.objects[who]["session"][thing]])
        if "<str:phone>" in pattern:
            return reverse(route, args=[{"known": self.phone, "absent": ABSENT_KEY}[thing]])
        if "<slug:key_name>" in pattern:
            return reverse(route, args=[{"known": "eid", "absent": "no-such-key"}[thing]])
        return reverse(route)


@contextmanager
def undone() -> Iterator[None]:
    """Take back whatever happens inside; for the code inside it is as if no transaction were open."""
    block = transaction.atomic()
    block._from_testcase = True  # type: ignore[attr-defined]
    with block:
        yield
        transaction.set_rollback(True)


@pytest.fixture
def scene(cast: Cast, catalogue: dict[str, Role], sign_in: SignIn) -> Scene:
    """The cast with a browser and objects each."""
    return Scene(cast, catalogue, sign_in)


def ask(scene: Scene, who: str, cell: Cell) -> Any:
    """Send the request of a cell and return the answer. What a form does is taken back; what looking does stays."""
    route, thing, method = cell
    browser, address = scene.browser(who), scene.address(who, route, thing)
    if method == "GET":
        return browser.get(address)
    with undone():
        return browser.generic(method, address, content_type="application/x-www-form-urlencoded")


def words(answer: Any) -> str:
    """Return a page without what differs from one request to the next."""
    page = re.sub(r'name="csrfmiddlewaretoken" value="[^"]*"', "", answer.content.decode())
    page = re.sub(r'\b\d{1,2}:\d\d\b|data-left="\d+"', "", page)  # when the session ends
    page = page.replace(answer.headers["X-Request-ID"], "")
    # What an earlier answer had to say, shown on the next page, whichever that is.
    page = re.sub(r'<div class="banner [^>]*><p>.*?</p></div>', "", page)
    page = re.sub(r"\n+", "\n", page)
    # Links that come back to this page, such as those that change the language.
    return page.replace(answer.wsgi_request.path, "")


# What a page may leave behind: sessions, the trail (refusals are recorded), and counters.
UNCOUNTED = {"django_session", "audit_auditentry", "vault_throttle"}


def stored() -> dict[str, list[tuple[Any, ...]]]:
    """Return every row of every table, but for what looking may change."""
    tables = {}
    with connection.cursor() as cursor:
        for name in connection.introspection.table_names(cursor):
            if name not in UNCOUNTED:
                cursor.execute(f'SELECT * FROM "{name}" ORDER BY 1')  # noqa: S608 - our own tables' names
                tables[name] = [tuple(map(str, row)) for row in cursor.fetchall()]
    return tables


@pytest.mark.threat(1)
@pytest.mark.threat(3)
@pytest.mark.threat(8)
@pytest.mark.asvs(23)
@pytest.mark.asvs(52)
@pytest.mark.asvs(53)
@pytest.mark.parametrize("who", PEOPLE)
def test_every_cell_answers_as_written(scene: Scene, who: str) -> None:
    """One walk through all cells of a person shows three things: statuses, no difference between what is foreign
    and what is absent, and no change by looking."""
    before = stored()
    assert len(before["tenants_person"]) == 9
    wrong, pages = [], {}
    for cell, expected in table().items():
        answer = ask(scene, who, cell)
        pages[cell] = answer
        if answer.status_code != expected[who]:
            wrong.append(f"{' '.join(cell)}: {answer.status_code}, not {expected[who]}")
    assert wrong == []
    assert stored() == before
    strangers = [cell for cell in pages if cell[1] == "foreign"]
    assert len(strangers) >= 20
    for route, _thing, method in strangers:
        foreign, absent = pages[route, "foreign", method], pages[route, "absent", method]
        if who == "nobody":
            assert foreign.url.startswith("/login/?next=")
            continue
        assert words(foreign) == words(absent), (route, method)
        assert set(foreign.headers) == set(absent.headers)


@pytest.mark.threat(29)
def test_an_address_that_only_takes_a_form_shows_a_way_on_and_no_sign_in_leads_there(scene: Scene) -> None:
    only_forms = {cell: statuses for cell, statuses in table().items() if cell[2] == "GET" and statuses["jean"] == 405}
    assert len({route for route, _thing, _method in only_forms}) >= 8
    for route, thing, _method in only_forms:
        address = scene.address("jean", route, thing)
        assert local_path(address) == "", route
        page = scene.browser("jean").get(address)
        assert page.headers["Allow"] == "POST", route
        if route in FOR_SERVICES:  # services get no page
            assert page.headers["Content-Type"] in ("application/problem+json", "application/json")
            continue
        assert '<a href="/">My open tasks</a>' in page.content.decode(), route


def test_looking_only_at_the_head_is_looking(scene: Scene) -> None:
    before = stored()
    for route, thing, method in table():
        if method == "GET":
            answer = scene.browser("jean").head(scene.address("jean", route, thing))
            expected = table()[route, thing, "GET"]["jean"]
            # Coming back from the identity provider is for GET alone: a scanner's HEAD must not use the ticket up.
            assert answer.status_code == (405 if route == "csam:login_return" else expected), route
            assert answer.content == b""
    assert stored() == before


@pytest.mark.asvs(28)
def test_unknown_methods_are_not_allowed(scene: Scene) -> None:
    wrong = []
    for route, thing, _method in {(route, thing, "") for route, thing, _method in table()}:
        if thing not in ("-", "own", "known"):
            continue
        for method in OTHER_METHODS:
            for who in ("nobody", "jean") if method == "PUT" else ("jean",):
                found = ask(scene, who, (route, thing, method)).status_code
                # Before signing in, the login page comes first; so does the end of an attempt that is none.
                fine = {405} | ({302} if who == "nobody" else set()) | ({400} if route.startswith("idp:") else set())
                if found not in fine:
                    wrong.append((route, method, who, found))
    assert wrong == []


@pytest.mark.asvs(23)
def test_every_form_needs_its_token(scene: Scene) -> None:
    for route, thing, method in table():
        if method != "POST" or thing not in ("-", "own", "known") or route in {"csp_report", *FOR_SERVICES}:
            continue
        with undone():
            browser = scene.browser("jean", enforce_csrf_checks=True)
            answer = browser.post(scene.address("jean", route, thing))
        if route.startswith("fas:") and table()[route, thing, method]["jean"] == 405:  # no form leads there
            assert answer.status_code == 405, route
            continue
        assert answer.status_code == 403, route
        assert "This page was open too long" in answer.content.decode(), route


# --- The administration ----------------------------------------------------------------------------------------------


def admin_addresses() -> list[str]:
    """Return an address for each route of the administration, with a number in each place for one."""
    return [re.sub(r"<[^>]+>|\(\?P<[^)]*\)", "1", path) for name, path in routes().items() if is_admin(name)]


@pytest.mark.threat(23)
def test_the_administration_exists_for_staff_only(cast: Cast, sign_in: SignIn) -> None:
    addresses = [address for address in admin_addresses() if "(" not in address]
    assert len(addresses) > 100
    # Everybody else stands in tests/admin, page by page.
    browsers = {name: sign_in(getattr(cast, name)) for name in ("jean", "sofie")}
    browsers["nobody"] = Client()
    wrong = []
    for address in addresses:
        for name, browser in browsers.items():
            found = browser.get(address).status_code
            fine = {"nobody": {302}, "jean": {404}, "sofie": {200, 302, 403, 404}}[name]
            if found not in fine:
                wrong.append((address, name, found))
    assert wrong == []
