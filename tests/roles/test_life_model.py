"""Random acts on the real operations, against the small model of the rules in `life_model`.

After every act: it succeeded or was refused as the model says, it left the audit rows the model says and no others,
every letter ever written waits, was sent or was taken back as the model says, and every assignment is in the model's
state, by both forms of the rule, now and on other days.

LIFE_ROUNDS says how many lives are lived, each another one; without it a few, always the same.
"""

import os
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from random import Random
from typing import Any

import pytest
from django.core import mail
from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import Max
from hypothesis import HealthCheck, Phase, note, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    rule,
    run_state_machine_as_test,
)
from pytest_django import Settings

from audit.models import AuditEntry
from outbox.delivery import deliver_due
from outbox.models import OutgoingEmail, Status
from roles.errors import CannotAssign, DomainError
from roles.models import Role, RoleAssignment
from roles.operations.confirm import confirm_assignment, refuse_assignment
from roles.operations.ending import end_assignments
from roles.operations.prolong import extend_assignments
from roles.operations.reminders import send_end_notices, send_reminders
from roles.operations.stopped import end_roles_of_stopped
from roles.operations.undo import undo_assignments
from roles.states import state_of
from tenants.acting import ActingContext, acting_context
from tenants.models import AccessManagerAppointment, Domain, Organisation, Person
from tenants.operations import appoint_access_manager, end_appointment, replace_chief
from tests.factories import (
    AppointmentFactory,
    DomainFactory,
    EmploymentFactory,
    OrganisationFactory,
    PersonFactory,
    RoleFactory,
)
from tests.roles.life_model import BRUSSELS, CURRENT, DAY, Held, Kind, Life, Mandate, Verdict, day_of, midnight_after
from tests.roles.passes import Pass, an_order

ROUNDS = int(os.environ.get("LIFE_ROUNDS", "0"))
FEW = 4
STEPS = 40

# Ordinary days, and the eves of a change of clocks, of 29 February and of a new year.
STARTS = [
    datetime(year, month, day, hour, 5, tzinfo=BRUSSELS)
    for year, month, day, hour in ((2027, 5, 12, 9), (2027, 3, 27, 23), (2027, 10, 30, 23), (2028, 2, 28, 7))
]
STARTS.append(datetime(2026, 12, 31, 23, 50, tzinfo=BRUSSELS))

KINDS = [
    Kind("plain", "ENERGY"),
    Kind("money", "FINANCE"),
    Kind("asks", "ENERGY", always_asks=True),
    Kind("year", "FINANCE", years=1),
]
# Bob has no e-mail address; the neighbour is chief, but elsewhere, and works elsewhere.
MANAGERS = ["chief", "co", "finance"]
PEOPLE = [*MANAGERS, "representative", "anna", "bob", "neighbour"]
HOLDERS = [
    ["anna"],
    ["bob"],
    ["chief"],
    ["co"],
    ["anna", "bob"],
    ["co", "chief"],
    ["anna", "chief"],
    ["representative", "finance"],
]

# How often each thing happens, out of all of these together.
HAPPENINGS = [
    name
    for name, often in {
        "give": 6,
        "press": 1,
        "answer": 5,
        "end": 4,
        "undo": 3,
        "extend": 4,
        "appoint": 1,
        "withdraw_right": 1,
        "replace_the_chief": 1,
        "change_status": 2,
        "minutes_pass": 2,
        "days_pass": 1,
        "a_special_day_comes": 3,
        "the_worker_works": 1,
    }.items()
    for _ in range(often)
]
Choose = Callable[[Sequence[Any]], Any]
LASTS = [None, None, None, 0, 1, 2, 6, 7, 8, 13, 14, 20, 30, 31, 37, 60, 365, 366, 400]  # days
MOSTLY = [True, True, True, True, False]
ONE_IN_THREE = [True, False, False]


@dataclass
class World:
    """The rows behind the model's names, made once for all lives."""

    organisation: Organisation
    people: dict[str, Person]
    roles: dict[str, Role]

    @property
    def names(self) -> dict[str, str]:
        """Names by address, for letters."""
        return {person.email: name for name, person in self.people.items() if person.email}


@dataclass
class Page:
    """A check page of the wizard that somebody has looked at."""

    one: Pass
    arguments: dict[str, Any]
    pressed: bool = False


class Lives(RuleBasedStateMachine):
    """One life after the other; `world` is set by the test."""

    world: World

    @initialize(random=st.randoms(use_true_random=True))
    def begin(self, random: Random) -> None:
        """Open a transaction that is rolled back after this life; all that happens in it follows from one number."""
        self.choose: Choose = random.choice
        start, status = random.choice(STARTS), random.choice(["normal", "new", "special"])
        self.transaction: Any = transaction.atomic()
        self.transaction._from_testcase = True  # the counters of `vault.throttle` ask not to be inside another one
        self.transaction.__enter__()
        self.start = start = start.astimezone(UTC)  # as the clock of the portal gives it: minutes are minutes
        mandates = [Mandate("chief", "chief"), Mandate("co", "co_chief"), Mandate("finance", "domain", "FINANCE")]
        self.life = Life(start, status, mandates, {"representative"}, {"bob"})
        self.rows: dict[Held, RoleAssignment] = {}
        self.pages: list[Page] = []
        self.drafts: dict[int, Any] = {}
        self.appointments: dict[Mandate, AccessManagerAppointment] = {}
        for mandate in mandates:
            self._appoint(mandate)
        self._set_status(status)
        self._give("chief", ["anna"], KINDS[:1], self.life.today, None)
        self._give("finance", ["bob", "finance"], KINDS[3:], self.life.today, self.life.today + 60 * DAY)

    def teardown(self) -> None:
        """Look at every day once, and forget this life."""
        if hasattr(self, "transaction"):
            try:
                self._agree_on_every_day()
            finally:
                transaction.set_rollback(True)
                self.transaction.__exit__(None, None, None)

    # --- What happens -------------------------------------------------------------------------------------------------

    @rule()
    def something_happens(self) -> None:
        """One of the methods below. (As rules of their own, some would be left out of most lives.)"""
        what = self.choose(HAPPENINGS)
        note(f"{self.life.now.astimezone(BRUSSELS):%Y-%m-%d %H:%M} {self.life.status}: {what}")
        getattr(self, what)(self.choose)

    def give(self, choose: Choose) -> None:
        """Look at a check page, and mostly press its last button at once."""
        kinds, holders = choose([KINDS[:1], KINDS[1:2], KINDS[2:3], KINDS[3:], KINDS[:2], KINDS[1:3]]), choose(HOLDERS)
        first = self.life.today + choose([0, 0, 0, 0, 1, 5, 20, 45, -1]) * DAY
        ending = [row for row in self.life.held if row.last_day and row.state(self.life.now) in CURRENT]
        if ending and choose([True, False]):  # go on where somebody's days end
            row = choose(ending[-4:])
            kinds, holders, first = (
                [row.role],
                [row.holder],
                max(row.last_day, self.life.today) + choose([0, 1, 3]) * DAY,
            )
        entitled = [name for name in PEOPLE if all(self.life.manages(name, kind) for kind in kinds)]
        giver = choose(entitled) if entitled and choose(MOSTLY) else choose(PEOPLE)
        last = None if (lasts := choose(LASTS)) is None else first + lasts * DAY
        self._give(giver, holders, kinds, first, last, press=choose(MOSTLY))

    def _give(
        self, giver: str, holders: list[str], kinds: list[Kind], first: date, last: date | None, press: bool = True
    ) -> None:
        shown = self.life.look(giver, holders, kinds, first, last)
        order = an_order(
            self.world.organisation,
            [self.world.people[holder] for holder in holders],
            [self.world.roles[kind.name] for kind in kinds],
            now=self.life.now,
            valid_from=first,
            valid_until=last,
        )
        try:
            one = Pass(order, acting=self._acting(giver), now=self.life.now)
        except CannotAssign:
            assert shown is None
            return
        assert shown is not None
        arguments = {"giver": giver, "holders": holders, "roles": kinds, "first": first, "last": last, "shown": shown}
        self.pages.append(Page(one, arguments))
        if press:
            self._press(self.pages[-1])

    def press(self, choose: Choose) -> None:
        """Press the button of a page that has stood open for a while, or was pressed before."""
        self._press(choose([page for page in self.pages if not page.pressed] or self.pages))

    def _press(self, page: Page) -> None:
        verdict = Verdict({"DraftFinished"}) if page.pressed else self.life.give(**page.arguments)
        self._do(verdict, lambda: page.one.press(now=self.life.now))
        if not verdict.refusals:
            page.pressed = True
            self.drafts[self.life.acts] = page.one.draft

    def answer(self, choose: Choose) -> None:
        """Confirm or refuse."""
        waiting = [row for row in self.life.held if row.state(self.life.now) == "to_confirm"]
        row = choose(waiting) if waiting and choose(MOSTLY) else choose(self.life.held)
        entitled = [row.holder] if row.asked == "holder" else sorted(self.life.seconds_of(row))
        person = choose(entitled) if entitled and choose(MOSTLY) else choose(PEOPLE)
        answer = choose(["yes", "yes", "no"])
        operation = confirm_assignment if answer == "yes" else refuse_assignment
        self._do(
            self.life.answer(person, row, answer),
            lambda: operation(self.rows[row], acting=self._acting(person), now=self.life.now),
        )

    def end(self, choose: Choose) -> None:
        """End now or after a last day, by an access manager, or by the holder, who gives up."""
        planned = [row for row in self.life.held if row.end and row.end > self.life.now]
        rows = [choose(planned)] if planned and choose(ONE_IN_THREE) else self._some(choose, *CURRENT)
        person = self._manager_of(rows, choose, rows[0].holder)
        # Now, or counted from today, or from the end that was planned before.
        since = rows[0].last_day if rows[0].end and choose(MOSTLY) else self.life.today
        last_day = None if (lasts := choose(LASTS)) is None else since + (lasts - 1) * DAY
        self._do(
            self.life.end(person, rows, last_day),
            lambda: end_assignments(
                [self.rows[row] for row in rows], last_day=last_day, acting=self._acting(person), now=self.life.now
            ),
        )

    def undo(self, choose: Choose) -> None:
        """Take back an act, mostly the last one and by its giver."""
        if choose(ONE_IN_THREE):
            self.give(choose)
        act = choose(sorted(self.drafts)[-2:]) if choose(MOSTLY) else choose(sorted(self.drafts))
        giver = next(row.giver for row in self.life.held if row.act == act)
        person = giver if choose(MOSTLY) else choose(PEOPLE)
        draft = self.drafts[act]
        draft.refresh_from_db()
        verdict = self.life.undo(person, act)
        self._do(verdict, lambda: undo_assignments(draft, acting=self._acting(person), now=self.life.now))
        if not verdict.refusals:
            kept = OutgoingEmail.objects.filter(batch=draft.reference).exclude(status=Status.WITHDRAWN)
            assert set(kept.values_list("name", flat=True)) <= {"role_ended"}

    def extend(self, choose: Choose) -> None:
        """Let one or two last longer."""
        with_end = [row for row in self.life.held if row.state(self.life.now) == "active" and row.last_day]
        rows = [choose(with_end)] if with_end and choose(MOSTLY) else self._some(choose, "active")
        person = self._manager_of(rows, choose)
        until = None if (longer := choose(LASTS)) is None else (rows[0].last_day or self.life.today) + longer * DAY
        self._do(
            self.life.extend(person, rows, until),
            lambda: extend_assignments(
                [self.rows[row] for row in rows], valid_until=until, acting=self._acting(person), now=self.life.now
            ),
        )

    def appoint(self, choose: Choose) -> None:
        """Give somebody a right that he does not have, for some days or for good; not one that he has by another."""
        name, lasts = choose(PEOPLE), choose(LASTS)
        kind, domain = choose([("co_chief", ""), ("domain", "FINANCE"), ("domain", "ENERGY")])
        open_still = [(one.person, one.kind, one.domain) for one in self.life.mandates if not one.ended]
        if (name, kind, domain) not in open_still:
            mandate = Mandate(name, kind, domain, None if lasts is None else self.life.today + lasts * DAY)
            if self.life.is_covered(mandate):
                with pytest.raises(ValidationError):
                    self._appoint(mandate)
                return
            self._appoint(mandate)
            self.life.mandates.append(mandate)

    def withdraw_right(self, choose: Choose) -> None:
        """End an appointment. That of the chief is not ended, whoever asks."""
        mandate = choose(self.life.live())
        row = self.appointments[mandate]
        if mandate.kind == "chief":
            with pytest.raises(ValidationError):
                end_appointment(row, acting=None, now=self.life.now)
        else:
            assert end_appointment(row, acting=None, now=self.life.now)
            mandate.ended = True
        row.refresh_from_db()
        assert (row.ended_at is not None) is mandate.ended

    def replace_the_chief(self, choose: Choose) -> None:
        """Appoint the next chief: somebody who belongs to the organisation, from today, or nothing changes."""
        (present,) = (one for one in self.life.live() if one.kind == "chief")
        name = choose([person for person in PEOPLE if person != present.person])
        later = choose([0, 0, 1])
        arguments = {
            "organisation": self.world.organisation,
            "person": self.world.people[name],
            "valid_from": self.life.today + later * DAY,
            "acting": None,
            "now": self.life.now,
        }
        if later or name == "neighbour":
            with pytest.raises(ValidationError):
                replace_chief(**arguments)
            return
        mandate = Mandate(name, "chief")
        self.appointments[mandate] = replace_chief(**arguments)
        self.life.succeed(mandate)

    def change_status(self, choose: Choose) -> None:
        """The register says something else of the organisation."""
        self._set_status(choose(["normal", "normal", "new", "special", "stopped"]))

    def minutes_pass(self, choose: Choose) -> None:
        """Time goes on a little."""
        self.life.now += timedelta(minutes=choose([1, 5, 14, 15, 16, 60, 600]))

    def days_pass(self, choose: Choose) -> None:
        """Time goes on."""
        self.life.now += choose([1, 1, 2, 3, 4, 7, 13, 14, 15, 23, 60, 340]) * DAY

    def a_special_day_comes(self, choose: Choose) -> None:
        """It is midnight, six o'clock or noon of a day on which something is due, or over."""
        days = {self.life.today + DAY}
        for row in self.life.held:
            given = day_of(row.at)
            days |= {given + 3 * DAY, given + 7 * DAY, row.before or given, row.first}
            if row.last_day is not None:
                days |= {row.last_day - 30 * DAY, row.last_day - 7 * DAY, row.last_day, row.last_day + DAY}
        day = choose(sorted(day for day in days if day > self.life.today)[:4])
        hour = time(choose([0, 6, 12]))
        self.life.now = datetime.combine(day, hour, BRUSSELS).astimezone(UTC)
        if choose(MOSTLY):
            self.the_worker_works(choose)

    def the_worker_works(self, _choose: Choose) -> None:
        """Letters leave, and the jobs of the worker run; a second time changes nothing."""
        due = OutgoingEmail.objects.filter(status=Status.QUEUED, not_before__lte=self.life.now).count()
        mail.outbox = []
        while deliver_due(worker="test", now=self.life.now, limit=50):
            pass
        assert len(mail.outbox) == due
        self.life.letters_leave()
        assert not OutgoingEmail.objects.exclude(last_error="").exists()
        for _ in range(2):
            self._do(self.life.end_stopped(), lambda: end_roles_of_stopped(now=self.life.now))
            self._do(self.life.remind(), lambda: send_reminders(now=self.life.now))
            self._do(self.life.announce(), lambda: send_end_notices(now=self.life.now))

    # --- What holds always --------------------------------------------------------------------------------------------

    @invariant()
    def every_row_has_the_facts_of_the_model(self) -> None:
        """No row is there that the model does not know, and none says something else."""
        if not hasattr(self, "life"):
            return
        rows = RoleAssignment.objects.select_related("assignee", "role").in_bulk()
        assert len(rows) == len(self.life.held) == len(self.rows)
        for held, row in self.rows.items():
            self.rows[held] = fresh = rows[row.pk]
            closed = fresh.end_reason == "lapsed"
            assert (
                self.world.people[held.holder],
                held.role.name.upper(),
                held.first,
                held.last,
                held.before,
                {"": "nobody", "holder": "assignee", "manager": "manager"}[held.asked],
                held.end,
            ) == (
                fresh.assignee,
                fresh.role.code,
                fresh.valid_from,
                fresh.valid_until,
                fresh.confirm_before,
                fresh.confirmer,
                None if closed else fresh.ended_at,
            )
            assert held.answer == ("yes" if fresh.confirmed_at else "no" if fresh.refused_at else "")
            assert self.rows.get(held.follows) == fresh.replaces if held.follows else fresh.replaces_id is None

    @invariant()
    def every_letter_is_that_of_the_model(self) -> None:
        """To the right people, leaving at the right moment, and taken back when it has nothing to say any more."""
        if not hasattr(self, "life"):
            return
        names = self.world.names
        written = OutgoingEmail.objects.exclude(name__startswith="manager_")
        assert Counter(
            (names[to], name, leaves, status)
            for to, name, leaves, status in written.values_list("to", "name", "not_before", "status")
        ) == Counter((one.to, one.kind, one.leaves, one.fate) for one in self.life.letters)

    @invariant()
    def every_state_is_that_of_the_model(self) -> None:
        """Both forms of the rule say what the model says, now and on days before and after."""
        if not getattr(self, "rows", None):
            return
        now, newest = self.life.now, self.life.held[-1]
        another_day = (-7, 1, 14, 31, 365)[len(self.life.held) % 5]
        moments = {now, now + another_day * DAY}
        for edge in (newest.end, newest.last and midnight_after(newest.last)):
            if edge is not None:
                moments |= {edge, edge - timedelta(seconds=1)}
        for moment in moments:
            self._agree_at(moment)

    @invariant()
    def there_is_one_chief(self) -> None:
        """No act leaves the organisation without one, or with two."""
        if hasattr(self, "life"):
            chiefs = AccessManagerAppointment.objects.filter(organisation=self.world.organisation, kind="chief")
            assert chiefs.live(self.life.today).count() == self.life.chiefs() == 1

    def _agree_at(self, moment: datetime) -> None:
        said = dict(RoleAssignment.objects.with_state(now=moment).values_list("pk", "computed_state"))
        for held, row in self.rows.items():
            assert (state_of(row, now=moment), said[row.pk]) == (held.state(moment),) * 2, (row, moment)
        assert not self.life.holds_twice(day_of(moment))

    def _agree_on_every_day(self) -> None:
        """From a week before this life to a year after it, at noon."""
        day = day_of(self.start) - 7 * DAY
        while day <= self.life.today + 366 * DAY:
            noon = datetime.combine(day, time(12), BRUSSELS)
            for held, row in self.rows.items():
                assert state_of(row, now=noon) == held.state(noon), (row, day)
            assert not self.life.holds_twice(day)
            day += DAY
            if day.day in (1, 15):
                self._agree_at(noon)

    # --- Helpers ------------------------------------------------------------------------------------------------------

    def _do(self, verdict: Verdict, operation: Callable[[], Any]) -> None:
        """Do an act, and compare what came of it with the verdict."""
        note(f"  {dict(verdict.audit) or verdict.refusals}")
        entries, rows = _last(AuditEntry), _last(RoleAssignment)
        outcome = ""
        try:
            operation()
        except DomainError as refusal:
            outcome = type(refusal).__name__
        assert outcome in (verdict.refusals or {""}), (outcome, verdict.refusals)
        self._adopt(list(RoleAssignment.objects.filter(pk__gt=rows).select_related("assignee", "role").order_by("id")))
        written = AuditEntry.objects.filter(pk__gt=entries).values_list("event", "subject_key")
        expected = Counter({(event, self.rows[held].key): count for (event, held), count in verdict.audit.items()})
        assert Counter(written) == expected

    def _adopt(self, fresh: list[RoleAssignment]) -> None:
        """Find the model's assignment of each new row."""
        unknown = [held for held in self.life.held if held not in self.rows]
        for row in fresh:
            pair = (row.assignee, row.role.code)
            (held,) = (one for one in unknown if (self.world.people[one.holder], one.role.name.upper()) == pair)
            self.rows[held] = row

    def _acting(self, name: str) -> ActingContext:
        return acting_context(self.world.people[name], day=self.life.today, level=500)

    def _appoint(self, mandate: Mandate) -> None:
        self.appointments[mandate] = appoint_access_manager(
            organisation=self.world.organisation,
            person=self.world.people[mandate.person],
            kind=mandate.kind,
            domain=Domain.objects.get(code=mandate.domain) if mandate.domain else None,
            valid_from=self.life.today,
            valid_until=mandate.last,
            acting=None,
            now=self.life.now,
        )

    def _set_status(self, status: str) -> None:
        self.life.status = status
        Organisation.objects.filter(pk=self.world.organisation.pk).update(status=status)
        self.world.organisation.refresh_from_db()

    def _some(self, choose: Choose, *states: str) -> list[Held]:
        """Return one or two assignments, mostly in these states."""
        fit = [row for row in self.life.held if row.state(self.life.now) in states]
        rows = fit if fit and choose(MOSTLY) else self.life.held
        if choose([True, False]):  # things happen soon after one another
            rows = rows[-2:]
        return list(dict.fromkeys(choose(rows) for _ in range(choose([1, 1, 2]))))

    def _manager_of(self, rows: list[Held], choose: Choose, *others: str) -> str:
        """Return mostly somebody who manages them, or one of the others."""
        entitled = [name for name in PEOPLE if all(self.life.manages(name, row.role) for row in rows)]
        return str(choose([*entitled, *others]) if choose(MOSTLY) else choose(PEOPLE))


def _last(model: Any) -> int:
    return int(model.objects.aggregate(last=Max("pk"))["last"] or 0)


@pytest.fixture
def world(db: None) -> World:
    """One organisation with a legal representative and employees, four roles of two domains, and the neighbour."""
    organisation = OrganisationFactory()
    start = date(2020, 1, 1)
    people = {name: PersonFactory(email="" if name == "bob" else f"{name}@life.example") for name in PEOPLE}
    for name, person in people.items():
        place = OrganisationFactory() if name == "neighbour" else organisation
        kind = "legal_representative" if name == "representative" else "employee"
        EmploymentFactory(person=person, organisation=place, kind=kind, valid_from=start)
        if name == "neighbour":
            AppointmentFactory(person=person, organisation=place, valid_from=start)
    roles = {
        kind.name: RoleFactory(
            code=kind.name.upper(),
            domain=DomainFactory(code=kind.domain),
            always_confirm=kind.always_asks,
            max_duration_years=kind.years,
        )
        for kind in KINDS
    }
    return World(organisation, people, roles)


@pytest.mark.threat(9)
def test_random_lives_follow_the_model(world: World, settings: Settings) -> None:
    settings.EMAIL_BACKEND = "django.core.mail.backends.locmem.EmailBackend"
    machine = type("LivesInThisWorld", (Lives,), {"world": world})
    run_state_machine_as_test(machine, settings=HOW)


HOW = settings(
    max_examples=ROUNDS or FEW,
    stateful_step_count=STEPS,
    derandomize=not ROUNDS,
    database=None,
    phases=[Phase.generate],
    deadline=None,
    suppress_health_check=list(HealthCheck),
)
