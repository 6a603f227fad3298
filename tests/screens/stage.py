"""The stage on which a state of a screen is set up: the portal's demo, its people, and one browser of theirs.

Everything is taken back when the next state has its turn, so a state may do whatever a person could.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from typing import Any

from django.contrib.auth.hashers import Argon2PasswordHasher
from django.db import transaction
from django.test import Client
from django.utils import timezone

from csam.models import User
from rolemgmt.demo.cast import CAST
from rolemgmt.demo.organisations import ORGANISATIONS
from rolemgmt.demo.seed import seed_demo
from roles.models import AssignmentDraft, Role, RoleAssignment
from tenants.acting import ActingContext, acting_context
from tenants.middleware import LEVEL, SIGNED_IN_AT
from tenants.models import Organisation, Person
from tenants.models.person import number_index
from tenants.periods import local_day
from tests.roles import pages
from tests.roles.pages import ANSWERED
from tests.roles.passes import Pass, an_order

NOBODY = "nobody"
HIGH, SUBSTANTIAL, LOW = 500, 400, 300
# Whoever belongs to more than one organisation has chosen one.
ACTS_FOR = {"tom": "dubois"}


class QuickHasher(Argon2PasswordHasher):
    """Hashes codes in no time: what is slow on purpose shows on no page."""

    time_cost, memory_cost, parallelism = 1, 8, 1


@contextmanager
def undone() -> Iterator[None]:
    """Take back whatever happens inside; for the code inside it is as if no transaction were open."""
    block = transaction.atomic()
    block._from_testcase = True  # type: ignore[attr-defined]
    with block:
        yield
        transaction.set_rollback(True)


class Stage:
    """The demo in the database: `stage.jean`, `stage.dubois`, `stage.roles["FIN_FATCA"]`; and `stage.client`."""

    client: Client

    def __init__(self) -> None:
        self.now: datetime = timezone.now()
        seed_demo(now=self.now)
        # Everybody by first name; where several have it, the one of the cast.
        self.people: dict[str, Person] = {
            person.given_name.lower(): person for person in Person.objects.order_by("-id")
        }
        for entry in CAST:
            found = Person.objects.get(national_number_index=number_index(entry.digits))
            self.people[entry.given_name.lower()] = found
        self.places: dict[str, Organisation] = {
            entry.slug: Organisation.objects.get(enterprise_number=entry.enterprise_number) for entry in ORGANISATIONS
        }
        self.roles: dict[str, Role] = {role.code: role for role in Role.objects.for_page()}
        self.language = "en"
        # What was sent last: the fields of a form, for the question whether they are kept.
        self.sent: dict[str, Any] = {}

    def __getattr__(self, name: str) -> Any:
        for found in (self.__dict__.get("people", {}), self.__dict__.get("places", {})):
            if name in found:
                return found[name]
        raise AttributeError(name)

    # --- Browsers -----------------------------------------------------------------------------------------------------

    def browser(self, who: str, level: int = HIGH, **session: Any) -> Client:
        """Return a fresh browser; `who` is signed in with a key of this level, or is nobody."""
        client = Client(raise_request_exception=False)
        client.cookies["language"] = self.language
        if who == NOBODY:
            return client
        client.force_login(User.objects.get(person=self.people[who]))
        values = {LEVEL: level, SIGNED_IN_AT: timezone.now().isoformat(), **session}
        if who in ACTS_FOR:
            values.setdefault("acting_for", self.places[ACTS_FOR[who]].key)
        stored = client.session
        stored.update(values)
        stored.save()
        return client

    def becomes(self, who: str, level: int = HIGH, **session: Any) -> "Stage":
        """Let somebody else sit down; for states of two people."""
        self.client = self.browser(who, level, **session)
        return self

    def get(self, path: str) -> Any:
        """Open an address, and follow where it leads."""
        self.sent = {}
        return self.client.get(path, follow=True)

    def post(self, path: str, **fields: Any) -> Any:
        """Send a form, and follow where it leads. The fields are remembered."""
        self.sent = fields
        return self.client.post(path, fields, follow=True)

    # --- The wizard ---------------------------------------------------------------------------------------------------

    def draft(
        self,
        *persons: Person,
        roles: tuple[str, ...] = (),
        owner: str = "jean",
        place: str | None = "dubois",
        answered: bool = False,
        **values: Any,
    ) -> AssignmentDraft:
        """Store a draft of an assignment, as the wizard would have left it."""
        return pages.draft_of(
            self.people[owner],
            persons=persons,
            organisation=self.places[place] if place else None,
            roles=[self.roles[code] for code in roles],
            now=self.now,
            **({**ANSWERED, **values} if answered else values),
        )

    def step(self, draft: AssignmentDraft, step: str, query: str = "") -> Any:
        """Open a step of the wizard."""
        return self.get(pages.address(draft, step, query))

    def press(self, draft: AssignmentDraft, step: str, action: str = "", query: str = "", **fields: Any) -> Any:
        """Press a button of a step, with what stands in its fields."""
        draft.refresh_from_db(fields=["version"])
        hidden = {"version": draft.version, **({"action": action} if action else {})}
        answer = self.post(pages.address(draft, step, query), **{**hidden, **fields})
        self.sent = fields
        return answer

    # --- Assignments --------------------------------------------------------------------------------------------------

    def held(self, holder: str, code: str, place: str = "dubois") -> RoleAssignment:
        """Return what somebody of the demo holds, or held first."""
        rows = RoleAssignment.objects.filter(assignee=self.people[holder], role__code=code)
        return rows.filter(organisation=self.places[place]).order_by("id")[0]

    def acting(self, who: str, place: str = "dubois") -> ActingContext:
        """Return who acts, for operations that a state calls itself."""
        key, now = self.places[place].key, timezone.now()
        return acting_context(self.people[who], day=local_day(now), level=HIGH, acting_for=key, signed_in_at=now)

    def give(
        self, *persons: Person, roles: tuple[str, ...], who: str = "jean", place: str = "dubois", **values: Any
    ) -> Pass:
        """Give everybody every role, as the last press of the wizard would; `now` may be another moment."""
        now = values.pop("now", timezone.now())
        order = an_order(self.places[place], list(persons), [self.roles[code] for code in roles], now=now, **values)
        done = Pass(order, acting=self.acting(who, place), now=now)
        done.press()
        done.draft.refresh_from_db()
        return done

    def submit(self, path: str, action: str = "", **fields: Any) -> Any:
        """Open a page, take over its hidden fields, fill in the others and press its button."""
        page = self.client.get(path, follow=True)
        hidden = pages.hidden_fields(page)
        answer = self.client.post(path, {**hidden, **({"action": action} if action else {}), **fields}, follow=True)
        self.sent = fields
        return answer

    def ago(self, **time: float) -> datetime:
        """Return a moment before now: `ago(days=2)`."""
        return self.now - timedelta(**time)
