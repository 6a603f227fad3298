"""The trail of whole stories: each act leaves exactly one entry, and no national number gets out of its column."""

import json
import logging
import re
from collections.abc import Callable
from typing import Any

import pytest
from django.apps import apps
from django.contrib.sessions.models import Session
from django.db import connection
from django.test import Client

from audit.models import AuditEntry
from outbox.models import OutgoingEmail
from outbox.rendering import render
from rolemgmt.demo.numbers import national_number
from roles.events import RoleEvent
from roles.models import AssignmentDraft, Role, RoleAssignment
from tenants.events import TenantEvent
from tests.conftest import Cast
from tests.roles.pages import address, hidden

SignIn = Callable[..., Client]
Catalogue = dict[str, Role]
pytestmark = pytest.mark.django_db

CYBER, FINANCE = "CCB_SAFEONWEBATWORK_EDIT", "FIN_FATCA"
UNKNOWN = national_number(9_900)


class Story:
    """A browser, and what the trail gained with each of its requests."""

    def __init__(self, browser: Client) -> None:
        self.browser = browser
        self.draft: AssignmentDraft | None = None
        self.answers: list[Any] = []

    def _new(self, act: Callable[[], Any]) -> list[AuditEntry]:
        last = AuditEntry.objects.order_by("-id").values_list("id", flat=True).first() or 0
        answer = act()
        self.answers.append(answer)
        entries = list(AuditEntry.objects.filter(id__gt=last).order_by("id"))
        assert {entry.request_id for entry in entries} <= {answer.headers["X-Request-ID"]}
        return entries

    def get(self, path: str) -> list[str]:
        """Open a page; return the events that this left."""
        return [entry.event for entry in self._new(lambda: self.browser.get(path))]

    def post(self, path: str, **data: Any) -> list[str]:
        """Send a form; return the events that this left."""
        return [entry.event for entry in self._new(lambda: self.browser.post(path, data))]

    def begin(self, variant: str = "search") -> list[str]:
        """Begin a draft."""
        events = self.post("/assignments/new/", variant=variant)
        self.draft = AssignmentDraft.objects.order_by("-id").first()
        return events

    def step(self, step: str, action: str = "", **data: Any) -> list[str]:
        """Press a button of a step."""
        assert self.draft is not None
        self.draft.refresh_from_db()
        if action:
            data["action"] = action
        return self.post(address(self.draft, step), version=self.draft.version, **data)

    def finish(self, before: Callable[[], Any] | None = None) -> list[str]:
        """Look at the check page, let something happen, and press the last button."""
        assert self.draft is not None
        page = self.browser.get(address(self.draft, "review"))
        self.answers.append(page)
        shown = {"version": hidden(page, "version"), "shown": hidden(page, "shown")}
        if before:
            before()
        return self.post(address(self.draft, "review"), action="finish", **shown)

    @property
    def status(self) -> int:
        """The status of the last answer."""
        return int(self.answers[-1].status_code)


def to_review(story: Story, *persons: Any, role: str = CYBER) -> None:
    """Go from a fresh draft to the check page."""
    story.step("persons", "next", person=[person.key for person in persons])
    story.step("roles", "next", role=[role])
    story.step("properties", duration="unlimited", start="today")


@pytest.mark.asvs(73)
@pytest.mark.threat(25)
def test_each_act_of_the_issue_leaves_its_one_entry(
    cast: Cast, catalogue: Catalogue, sign_in: SignIn, settings: Any
) -> None:
    jean = Story(sign_in(cast.jean))
    seen: list[str] = []

    def after(events: list[str], *expected: str) -> None:
        assert events == list(expected)
        seen.extend(events)

    # Looking leaves nothing.
    for path in ("/", "/my-roles/", "/assignments/", "/assignments/new/", "/help/", "/history/", "/profile/activity/"):
        after(jean.get(path))
    # By search.
    after(jean.begin(), "draft:started")
    after(jean.step("persons", "search", q="peeters"), "persons:searched")
    after(jean.step("persons", "search", q="pe"))
    after(jean.step("persons", "add", person=[cast.anna.key]), "person:chosen")
    after(jean.step("persons", "next"))
    after(jean.step("roles", "next", role=[CYBER]))
    after(jean.step("properties", duration="unlimited", start="today"))
    after(jean.finish(), "assignment:granted")
    # By number.
    after(jean.begin("number"), "draft:started")
    after(jean.step("number", "add", number="123"))
    after(jean.step("number", "add", number=cast.marie.national_number), "number:looked_up", "person:chosen")
    after(jean.step("number", "add", number=UNKNOWN), "number:looked_up")
    after(jean.step("number", "next"))
    after(jean.step("roles", "next", role=[CYBER, FINANCE]))
    after(jean.step("properties", duration="unlimited", start="today"))
    # Refused at the last moment: one entry for the act, none for its parts.
    retire = Role.objects.filter(code=FINANCE)
    after(jean.finish(lambda: retire.update(is_assignable=False)), "assignment:denied")
    after(jean.step("review", "delete"), "draft:deleted")
    # Too many tries.
    settings.NUMBER_LOOKUP_MISSES = 1
    after(jean.begin("number"), "draft:started")
    after(jean.step("number", "add", number=UNKNOWN), "lookup:denied")
    settings.PERSON_SEARCH_QUOTA = 1
    after(jean.begin(), "draft:started")
    after(jean.step("persons", "search", q="claes"), "lookup:denied")
    # Not allowed.
    anna = Story(sign_in(cast.anna))
    after(anna.get("/assignments/"), "access:denied")
    after(anna.get("/assignments/new/"), "access:denied")
    after(anna.post("/assignments/new/", variant="search"), "access:denied")
    # Not there: nothing to tell.
    after(anna.get("/assignments/no-such-key/"))
    # To be confirmed, confirmed, refused, lapsed.
    ingrid = Story(sign_in(cast.ingrid))
    after(ingrid.begin(), "draft:started")
    to_review(ingrid, cast.anna, cast.marie, cast.olivier)
    after(ingrid.finish(), *["assignment:granted"] * 3)
    waiting = RoleAssignment.objects.filter(organisation=cast.eupen)
    annas, maries, oliviers = (waiting.get(assignee=person) for person in (cast.anna, cast.marie, cast.olivier))
    after(anna.get(f"/assignments/{annas.key}/confirm/"))
    after(anna.post(f"/assignments/{annas.key}/confirm/", answer="confirm"), "assignment:confirmed")
    after(anna.post(f"/assignments/{annas.key}/confirm/", answer="confirm"))
    marie = Story(sign_in(cast.marie))
    after(marie.post(f"/assignments/{maries.key}/confirm/", answer="refuse"), "assignment:refused")
    RoleAssignment.objects.filter(pk=oliviers.pk).update(confirm_before="2026-01-01")
    after(ingrid.begin(), "draft:started")
    to_review(ingrid, cast.olivier)
    after(ingrid.finish(), "assignment:lapsed", "assignment:granted")
    # Lists taken away.
    after(jean.get("/history/?format=csv"), "history:exported")
    after(jean.get("/profile/activity/?format=csv"), "activity:exported")
    # For whom one acts.
    tom = Story(sign_in(cast.tom))
    after(tom.post("/acting-for/", organisation=cast.peeters.key), str(TenantEvent.ACTING_CHOSEN))
    # What else this floor records is the doing of staff and of commands, or has stories of its own.
    others = {str(event) for event in RoleEvent} - set(seen)
    told_elsewhere = ("request:", "invitation:", "assignments:exported", *LIFE_AFTER_THE_GRANT)
    others = {event for event in others if not event.startswith(told_elsewhere)}
    assert {event for event in others if not event.endswith((":added", ":changed", ":loaded"))} == set()


LIFE_AFTER_THE_GRANT = tuple(
    f"assignment:{verb}" for verb in ("ended", "end_planned", "extended", "undone", "reminded", "stopped")
)


def test_a_denial_says_who_what_and_why_without_the_query(cast: Cast, sign_in: SignIn) -> None:
    story = Story(sign_in(cast.anna))
    assert story.get("/assignments/?after=85073003328") == ["access:denied"]
    assert story.status == 403
    entry = AuditEntry.objects.get(event="access:denied")
    assert (entry.actor_key, entry.organisation_key) == (cast.anna.key, cast.dubois.key)
    assert entry.data == {"reason": "not_manager", "path": "/assignments/", "level": 500}


def test_a_draft_whose_key_reads_like_a_number_can_be_denied(cast: Cast, catalogue: Catalogue, sign_in: SignIn) -> None:
    draft = AssignmentDraft.objects.create(
        owner=cast.anna,
        key="0a1b2c3d-4e5f-4a6b-8c7d-a85073003328",
        created_at="2026-11-21T12:00Z",
        updated_at="2026-11-21T12:00Z",
    )
    story = Story(sign_in(cast.anna))
    assert story.get(address(draft, "persons")) == ["access:denied"]
    assert story.status == 403


# --- National numbers ------------------------------------------------------------------------------------------------


def spellings(digits: str) -> list[str]:
    """Return the three spellings people use."""
    parts = digits[:2], digits[2:4], digits[4:6], digits[6:9], digits[9:]
    return [digits, "{}.{}.{}-{}.{}".format(*parts), "{}{}{} {} {}".format(*parts)]


def everything_stored() -> str:
    """Return every text and blob of every table, as a dump would hold it."""
    texts = []
    with connection.cursor() as cursor:
        for table in connection.introspection.table_names(cursor):
            cursor.execute(f'SELECT * FROM "{table}"')  # noqa: S608 - our own tables' names
            for row in cursor.fetchall():
                texts += [
                    bytes(cell).decode("latin-1") if isinstance(cell, bytes | memoryview) else str(cell) for cell in row
                ]
    return "\n".join(texts)


@pytest.mark.asvs(66)
@pytest.mark.threat(17)
def test_no_national_number_leaves_its_column(
    cast: Cast, catalogue: Catalogue, sign_in: SignIn, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    jean = Story(sign_in(cast.jean))
    numbers = {person.national_number for person in cast.people} | {UNKNOWN}
    jean.begin("number")
    for digits in sorted(numbers):
        for spelling in spellings(digits):
            jean.step("number", "add", number=spelling)
    jean.begin()
    for digits in sorted(numbers):
        for spelling in spellings(digits):
            jean.step("persons", "search", q=spelling)
            jean.step("persons", "search", q=f"Anna {spelling}")
            jean.step("persons", "search", q=spelling[:-1])
            jean.get(f"/assignments/{spelling.replace(' ', '')}/")
            jean.get(f"/assignments/?after={spelling}")
            jean.get(f"/assignments/new/?role={spelling}")
            jean.browser.post("/csp-report/", data="{}", content_type="application/json")
    to_review(jean, cast.anna, cast.marie)
    for spelling in spellings(cast.anna.national_number):
        jean.step("review", "back", message=f"Your number is {spelling}")
        jean.step("review", "finish", message=f"Your number is {spelling}", shown="x")
    assert jean.finish() == ["assignment:granted"] * 2
    ingrid = Story(sign_in(cast.ingrid))
    ingrid.begin()
    to_review(ingrid, cast.anna)
    ingrid.finish()
    row = RoleAssignment.objects.get(organisation=cast.eupen)
    anna = Story(sign_in(cast.anna))
    for spelling in spellings(cast.anna.national_number):
        anna.post(f"/assignments/{row.key}/confirm/", answer="refuse", note=f"I am {spelling}")
    anna.post(f"/assignments/{row.key}/confirm/", answer="refuse", note="No")
    row.refresh_from_db()
    assert row.refusal_note == "No"

    stored = everything_stored()
    sent = "\n".join(
        f"{letter.subject}\n{letter.text}\n{letter.html}" for letter in map(render, OutgoingEmail.objects.all())
    )
    kept = json.dumps([session.get_decoded() for session in Session.objects.all()])
    addresses = "\n".join(
        answer.headers.get("Location", "") for story in (jean, ingrid, anna) for answer in story.answers
    )
    for digits in numbers:
        for spelling in spellings(digits):
            for name, text in {"dump": stored, "letters": sent, "sessions": kept, "addresses": addresses}.items():
                assert spelling not in text, name
    # What a handler of ours would write of the same records.
    from rolemgmt.logs import PrivacyFilter, PrivateFormatter

    filtered, formatter = PrivacyFilter(), PrivateFormatter("{asctime} {levelname} {name} {message}", style="{")
    lines = "\n".join(formatter.format(record) for record in caplog.records if filtered.filter(record))
    assert len(lines) > 1_000
    assert not [spelling for digits in numbers for spelling in spellings(digits) if spelling in lines]
    # A page shows a number back to whoever typed it, and else only its end.
    for story in (jean, ingrid, anna):
        for answer in story.answers:
            if answer.wsgi_request.method == "GET" and not answer.wsgi_request.GET:
                page = answer.content.decode()
                assert not [digits for digits in numbers if digits in re.sub(r"[.\- ]", "", page)]


def test_the_numbers_are_there_and_sealed(cast: Cast) -> None:
    stored = everything_stored()
    person = apps.get_model("tenants", "Person").objects.get(pk=cast.anna.pk)
    assert person.national_number == national_number(3)
    assert person.national_number not in stored
    assert person.national_number_index in stored
