"""A small model of the whole life of a role, in plain Python: what DOMAIN 3 and 4 and SCREENS 6 and 8 say, once more.

It knows neither the database nor the product. Each act returns a `Verdict`: the refusals that would be right (none:
it must succeed), and what it must leave behind in the audit trail. `held` and `letters` are what must be there then.
`test_life_model` does the same acts on the real operations and compares.
"""

import calendar
from collections import Counter
from collections.abc import Collection, Iterable
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from itertools import groupby
from zoneinfo import ZoneInfo

BRUSSELS = ZoneInfo("Europe/Brussels")
DAY = timedelta(days=1)
CONFIRM_DAYS, CATCH_UP, UNDO = 14, 6, timedelta(minutes=15)
CURRENT = ("to_confirm", "scheduled", "active")
# DOMAIN 4.2: who confirms what is given to oneself, and to a collaborator.
TABLE = {"normal": ("", ""), "new": ("manager", "holder"), "special": ("manager", "holder")}


def day_of(moment: datetime) -> date:
    """Return the day in Brussels."""
    return moment.astimezone(BRUSSELS).date()


def midnight_after(day: date) -> datetime:
    """Return the moment in which a day is over in Brussels."""
    return datetime.combine(day + DAY, time(), BRUSSELS)


def years_later(day: date, years: int) -> date:
    """Return the same day some years later, or the last of February."""
    return date(day.year + years, day.month, min(day.day, calendar.monthrange(day.year + years, day.month)[1]))


@dataclass(frozen=True)
class Kind:
    """A role that can be given."""

    name: str
    domain: str
    always_asks: bool = False
    years: int | None = None


@dataclass(eq=False)
class Held:
    """One assignment, as the model believes it to be."""

    act: int  # what was given together
    holder: str
    role: Kind
    giver: str
    at: datetime
    first: date
    last: date | None
    asked: str = ""  # who confirms: nobody, the "holder", or another "manager"
    answer: str = ""  # "yes" or "no"
    answered_by: str = ""
    end: datetime | None = None
    undone: bool = False
    follows: "Held | None" = None

    @property
    def before(self) -> date | None:
        """The first day on which it is too late to confirm."""
        return day_of(self.at) + CONFIRM_DAYS * DAY if self.asked else None

    @property
    def last_day(self) -> date | None:
        """The last day on which it works as things stand."""
        if self.end is None:
            return self.last
        planned = day_of(self.end - timedelta(microseconds=1))
        return planned if self.last is None else min(planned, self.last)

    def state(self, moment: datetime) -> str:
        """Return the state at a moment: the table of DOMAIN 4.1, first match."""
        day = day_of(moment)
        waits = bool(self.asked) and self.answer != "yes"
        over = self.end is not None and self.end <= moment
        if over and (waits or self.undone or day_of(self.end or moment) < self.first):
            return "cancelled"  # never became usable, or is taken to have never been given
        if self.answer == "no":
            return "refused"
        if over:
            return "ended"
        if waits:
            return "to_confirm" if day < (self.before or day) else "expired"
        if self.last is not None and self.last < day:
            return "expired"
        return "scheduled" if day < self.first else "active"

    def has_lapsed(self, moment: datetime) -> bool:
        """Whether nobody answered in time."""
        return self.state(moment) == "expired" and bool(self.asked) and not self.answer

    def takes(self, first: date, last: date | None, *, now: datetime) -> bool:
        """Whether it holds one of these days. What ends on a day leaves that day free."""
        if self.answer == "no" or self.has_lapsed(now):
            return False
        own_last = self.last or date.max
        if self.end is not None:
            own_last = min(own_last, day_of(self.end) - DAY)
        return self.first <= own_last and first <= own_last and self.first <= (last or date.max)


@dataclass(eq=False)
class Mandate:
    """Somebody is access manager: "chief", "co_chief", or of one domain."""

    person: str
    kind: str
    domain: str = ""
    last: date | None = None
    ended: bool = False


@dataclass(eq=False)
class Letter:
    """A letter to somebody, which leaves at a moment unless it is taken back before."""

    kind: str
    to: str
    leaves: datetime
    act: int = 0  # the one with which it is taken back, if any
    fate: str = "queued"  # then "sent" or "withdrawn"


@dataclass
class Verdict:
    """What must come of an act. Without refusals it succeeds; with some, one of them is raised."""

    refusals: set[str] = field(default_factory=set)
    audit: Counter[tuple[str, Held]] = field(default_factory=Counter)

    def note(self, event: str, rows: Iterable[Held]) -> None:
        """Expect one entry about each."""
        self.audit.update((f"assignment:{event}", row) for row in rows)


def _by_holder(rows: Iterable[Held]) -> dict[str, list[Held]]:
    found: dict[str, list[Held]] = {}
    for row in rows:
        found.setdefault(row.holder, []).append(row)
    return found


def _one_act(rows: Iterable[Held]) -> int:
    """Return the act with which a letter about these is taken back. One that tells of several acts stands (0)."""
    acts = {row.act for row in rows}
    return acts.pop() if len(acts) == 1 else 0


Shown = tuple[date, frozenset[tuple[str, Kind, str]], frozenset[Held]]


@dataclass
class Life:
    """One organisation, its access managers, and everything ever given in its name."""

    now: datetime
    status: str
    mandates: list[Mandate]
    representatives: set[str]
    without_mail: set[str]  # nobody writes to them
    held: list[Held] = field(default_factory=list)
    letters: list[Letter] = field(default_factory=list)
    acts: int = 0
    told: set[object] = field(default_factory=set)  # reminders and announcements written
    ran: dict[str, date] = field(default_factory=dict)  # jobs of a day

    @property
    def today(self) -> date:
        """The day in Brussels."""
        return day_of(self.now)

    def live(self) -> list[Mandate]:
        """Return the mandates that hold today."""
        return [one for one in self.mandates if not one.ended and (one.last is None or self.today <= one.last)]

    def chiefs(self) -> int:
        """Return how many chiefs there are today."""
        return sum(one.kind == "chief" for one in self.live())

    def is_covered(self, wanted: Mandate) -> bool:
        """Whether the person may do all that already, at least as long, by a function that covers all domains."""
        wider = {"co_chief": ("chief",), "domain": ("chief", "co_chief")}[wanted.kind]
        own = [one for one in self.live() if one.person == wanted.person and one.kind in wider]
        return any(one.last is None or (wanted.last is not None and wanted.last <= one.last) for one in own)

    def succeed(self, successor: Mandate) -> None:
        """Put another chief in the place of the present one; who was co-chief is so no more."""
        for one in self.live():
            if one.kind == "chief" or (one.kind == "co_chief" and one.person == successor.person):
                one.ended = True
        self.mandates.append(successor)

    def manages(self, person: str, role: Kind) -> bool:
        """Whether a person may give and end a role."""
        return any(one.person == person and one.domain in ("", role.domain) for one in self.live())

    def seconds(self, holder: str, role: Kind, giver: str) -> set[str]:
        """Return who else could confirm: other managers of the role, else legal representatives."""
        managers = {one.person for one in self.live() if self.manages(one.person, role)}
        return managers - {holder, giver} or self.representatives - {holder, giver}

    def seconds_of(self, row: Held) -> set[str]:
        """Return who could confirm an assignment."""
        return self.seconds(row.holder, row.role, row.giver)

    def asked(self, holder: str, role: Kind, giver: str) -> str:
        """Return who has to confirm."""
        wanted = TABLE[self.status][holder != giver]
        if not wanted and role.always_asks:
            wanted = "manager" if holder == giver else "holder"
        return "holder" if wanted == "manager" and not self.seconds(holder, role, giver) else wanted

    # --- Giving -------------------------------------------------------------------------------------------------------

    def look(self, giver: str, holders: list[str], roles: list[Kind], first: date, last: date | None) -> Shown | None:
        """Return what the check page shows; None where it would refuse."""
        if self._objects(giver, roles, first, last):
            return None
        wanted = [(holder, role) for holder in holders for role in roles]
        taken = {pair: self._takers(*pair, first, last) for pair in wanted}
        new = frozenset((*pair, self.asked(*pair, giver)) for pair in wanted if not taken[pair])
        return self.today, new, frozenset(row for rows in taken.values() for row in rows)

    def give(
        self, giver: str, holders: list[str], roles: list[Kind], first: date, last: date | None, shown: Shown
    ) -> Verdict:
        """Press the last button of the page that showed `shown`."""
        plan = self.look(giver, holders, roles, first, last)
        if plan is None or plan != shown or not plan[1]:
            return Verdict({"CannotAssign"})
        verdict = Verdict()
        self._close_lapsed([(holder, role) for holder in holders for role in roles], verdict)
        wanted = sorted(plan[1], key=lambda one: (one[0], one[1].name))  # so that a life can be lived again
        new = self._add([Held(0, holder, role, giver, self.now, first, last, asked) for holder, role, asked in wanted])
        verdict.note("granted", new)
        # Nobody hears of it before it can no longer be undone.
        self._tell_of_new(new, otherwise="role_given", leaves=self.now + UNDO)
        self._write("assignment_receipt", [giver], leaves=self.now + UNDO, act=new[0].act)
        return verdict

    def _objects(self, giver: str, roles: list[Kind], first: date, last: date | None) -> bool:
        too_long = any(role.years and (last is None or last > years_later(first, role.years)) for role in roles)
        no_right = self.status == "stopped" or not all(self.manages(giver, role) for role in roles)
        return no_right or too_long or first < self.today or (last is not None and last <= max(self.today, first - DAY))

    def _takers(self, holder: str, role: Kind, first: date, last: date | None) -> list[Held]:
        same = (row for row in self.held if (row.holder, row.role) == (holder, role))
        return [row for row in same if row.takes(first, last, now=self.now)]

    def _close_lapsed(self, pairs: list[tuple[str, Kind]], verdict: Verdict) -> None:
        """What nobody confirmed in time is noted when its days are needed, once; its state says it before."""
        lapsed = [row for row in self.held if (row.holder, row.role) in pairs and row.has_lapsed(self.now)]
        fresh = [row for row in lapsed if ("lapsed", row) not in self.told]
        self.told.update(("lapsed", row) for row in fresh)
        verdict.note("lapsed", fresh)

    def _add(self, rows: list[Held]) -> list[Held]:
        self.acts += 1
        for row in rows:
            row.act = self.acts
        self.held += rows
        return rows

    # --- Letters ------------------------------------------------------------------------------------------------------

    def _write(self, kind: str, people: Iterable[str], *, leaves: datetime, act: int = 0) -> None:
        """Write one letter to each."""
        self.letters += [Letter(kind, person, leaves, act) for person in set(people) - self.without_mail]

    def _tell_of_new(self, rows: list[Held], *, otherwise: str, leaves: datetime) -> None:
        """Tell each holder in one letter, and ask each second manager in one."""
        for holder, own in _by_holder(rows).items():
            kind = "role_to_confirm" if any(row.asked == "holder" for row in own) else otherwise
            self._write(kind, [holder], leaves=leaves, act=_one_act(own))
        seconds: dict[str, list[Held]] = {}
        for row in rows:
            for person in self.seconds_of(row) if row.asked == "manager" else ():
                seconds.setdefault(person, []).append(row)
        for person, own in seconds.items():
            self._write("confirm_for_manager", [person], leaves=leaves, act=_one_act(own))

    def _tell_of_end(self, rows: Iterable[Held]) -> None:
        """Tell each holder of what ends, in one letter."""
        for holder, own in _by_holder(rows).items():
            self._write("role_ended", [holder], leaves=self._after_the_news(own), act=_one_act(own))

    def _after_the_news(self, rows: Iterable[Held]) -> datetime:
        """What becomes of roles is not told before what the act that made them has still to tell."""
        return max([self.now, *(one.leaves for one in self._waiting({row.act for row in rows}))])

    def _waiting(self, acts: Collection[int]) -> list[Letter]:
        return [one for one in self.letters if one.act in acts and one.fate == "queued"]

    def _take_back(self, act: int, *kinds: str, to: str = "") -> set[str]:
        """Withdraw letters of an act that have not left: these kinds or all, to one person or all. Return to whom."""
        taken = [one for one in self._waiting({act}) if (not kinds or one.kind in kinds) and to in ("", one.to)]
        for one in taken:
            one.fate = "withdrawn"
        return {one.to for one in taken}

    def _take_back_news(self, ended: Iterable[Held]) -> None:
        """Nobody is told of an act of which nothing counts for him any more, or asked for what waits no longer."""
        for row in ended:
            if not any(one.holder == row.holder and one.state(self.now) in CURRENT for one in self._given_with(row)):
                self._take_back(row.act, "role_given", "role_to_confirm", "role_extended", to=row.holder)
            if row.asked and not row.answer:
                self._take_back_question(row)

    def _take_back_question(self, row: Held) -> None:
        """Whoever was asked about this is left alone, if nothing else of the same act keeps the letter."""
        if row.asked == "holder":
            self._take_back_question_to_holder(row)
        else:
            self._take_back_questions(row)

    def _take_back_questions(self, row: Held) -> None:
        """The second managers are left alone once nothing given together with this waits for one of them."""
        if not any(one.asked == "manager" and one.state(self.now) == "to_confirm" for one in self._given_with(row)):
            self._take_back(row.act, "confirm_for_manager")

    def _take_back_question_to_holder(self, row: Held) -> None:
        """The holder is left alone once nothing waits for him, unless the letter is what tells him of another role."""
        own = [one for one in self._given_with(row) if one.holder == row.holder and one is not row]
        if not any(one.asked != "holder" or one.state(self.now) == "to_confirm" for one in own):
            self._take_back(row.act, "role_to_confirm", to=row.holder)

    def _given_with(self, row: Held) -> list[Held]:
        return [one for one in self.held if one.act == row.act]

    def letters_leave(self) -> None:
        """Send what is due."""
        for one in self.letters:
            if one.fate == "queued" and one.leaves <= self.now:
                one.fate = "sent"

    # --- Answering, ending, taking back, extending --------------------------------------------------------------------

    def answer(self, person: str, row: Held, answer: str) -> Verdict:
        """Confirm ("yes") or refuse ("no")."""
        verdict = Verdict()
        entitled = {"": set(), "holder": {row.holder}, "manager": self.seconds_of(row)}[row.asked]
        if person not in entitled or self.status == "stopped":
            verdict.refusals.add("NotAllowed")
        if row.state(self.now) != "to_confirm":
            verdict.refusals.add("AlreadyAnswered")
        if verdict.refusals:
            return verdict
        row.answer, row.answered_by = answer, person
        verdict.note("confirmed" if answer == "yes" else "refused", [row])
        self._take_back_question(row)
        leaves = self._after_the_news([row])
        if answer == "no":
            self._write("role_refused", {row.giver, row.holder} - {person}, leaves=leaves, act=row.act)
        elif person != row.holder:
            self._write("role_given", [row.holder], leaves=leaves, act=row.act)
        return verdict

    def end(self, person: str, rows: list[Held], last_day: date | None) -> Verdict:
        """End now, or after a last day."""
        verdict = Verdict()
        for row in rows:
            if person != row.holder and not self.manages(person, row.role):
                verdict.refusals.add("NotAllowed")
            if row.state(self.now) not in CURRENT:
                verdict.refusals.add("TooLate")
            if last_day is not None and self._cannot_end(row, last_day):
                verdict.refusals.add("CannotAssign")
        if verdict.refusals:
            return verdict
        going_on = self._going_on_from(rows)
        for row in rows:
            row.end = self.now if last_day is None else midnight_after(last_day)
        for row in going_on:  # whoever leaves does not come back by an extension
            row.end = self.now
        verdict.note("ended" if last_day is None else "end_planned", rows)
        verdict.note("ended", going_on)
        self._take_back_news([*rows, *going_on])
        self._tell_of_end(rows)
        return verdict

    def _cannot_end(self, row: Held, day: date) -> bool:
        """A last day is to come, and earlier than the present one: to put an end off is to extend."""
        too_soon = day <= self.today or day < row.first
        too_late = row.last_day is not None and row.last_day <= day
        return too_soon or too_late or row.state(self.now) == "to_confirm"

    def _going_on_from(self, rows: list[Held]) -> list[Held]:
        """Return the extensions that still count, and those of extensions, whatever became of the links between."""
        chain = list(rows)
        for row in chain:
            chain += [one for one in self.held if one.follows is row and one not in chain]
        return [one for one in chain[len(rows) :] if one.state(self.now) in CURRENT]

    def undo(self, person: str, act: int) -> Verdict:
        """Take back what still counts of an act, and what goes on from it, whoever has extended it."""
        rows = [row for row in self.held if row.act == act]
        standing = [row for row in rows if row.state(self.now) in CURRENT] + self._going_on_from(rows)
        if person != rows[0].giver or self.now >= rows[0].at + UNDO or not standing:
            return Verdict({"TooLate"})
        if not all(self.manages(person, row.role) for row in standing):
            return Verdict({"NotAllowed"})
        verdict = Verdict()
        for row in standing:
            row.end, row.undone = self.now, True
        verdict.note("undone", standing)
        # Who has confirmed knows all the same, and so does who was written to already: they are told.
        never_told = self._take_back(act)
        for row in standing:  # an extension has letters of its own
            self._take_back(row.act)
        self._tell_of_end(row for row in standing if row.holder not in never_told or row.holder == row.answered_by)
        return verdict

    def extend(self, person: str, rows: list[Held], until: date | None) -> Verdict:
        """Let assignments last longer."""
        verdict = Verdict()
        for row in rows:
            if self.status == "stopped" or not self.manages(person, row.role):
                verdict.refusals.add("NotAllowed")
            elif row.state(self.now) != "active":
                verdict.refusals.add("TooLate")
            elif self._cannot_extend(row, until, person):
                verdict.refusals.add("CannotAssign")
        if verdict.refusals:
            return verdict
        for row in rows:
            self._close_lapsed([(row.holder, row.role)], verdict)
        new = [self._extended(row, until, person) for row in rows]
        verdict.note("extended", rows)
        verdict.note("granted", new)
        # The letters are those of the extensions; but they come after what is still to be told of the rows before.
        self._tell_of_new(new, otherwise="role_extended", leaves=self._after_the_news(rows))
        return verdict

    def _cannot_extend(self, row: Held, until: date | None, giver: str) -> bool:
        if row.last_day is None or (until is not None and until <= row.last_day):
            return True
        first = self._first_extended(row, giver)
        if row.role.years and (until is None or until > years_later(self.today, row.role.years)):
            return True
        return any(taker is not row for taker in self._takers(row.holder, row.role, first, until))

    def _first_extended(self, row: Held, giver: str) -> date:
        assert row.last_day is not None
        return row.last_day + DAY if self.asked(row.holder, row.role, giver) else self.today

    def _extended(self, row: Held, until: date | None, giver: str) -> Held:
        first, asked = self._first_extended(row, giver), self.asked(row.holder, row.role, giver)
        if not asked:
            row.end = self.now
        return self._add([Held(0, row.holder, row.role, giver, self.now, first, until, asked, follows=row)])[0]

    # --- What the worker does -----------------------------------------------------------------------------------------

    def end_stopped(self) -> Verdict:
        """End everything where the organisation has stopped."""
        verdict = Verdict()
        rows = [row for row in self.held if row.state(self.now) in CURRENT] if self.status == "stopped" else []
        for row in rows:
            row.end = self.now
        verdict.note("stopped", rows)
        self._take_back_news(rows)
        self._tell_of_end(rows)
        return verdict

    def remind(self) -> Verdict:
        """Ask again after three and after seven days, once each, from six in the morning."""
        verdict = Verdict()
        if not self._runs("remind") or self.status == "stopped":
            return verdict
        for row in self.held:
            waited = (self.today - day_of(row.at)).days
            if row.state(self.now) == "to_confirm" and waited >= 3:
                who = {row.holder} if row.asked == "holder" else self.seconds_of(row)
                kind = "role_to_confirm" if row.asked == "holder" else "confirm_for_manager"
                for person in who:
                    self._once(kind, person, row.act, 7 if waited >= 7 else 3)
        return verdict

    def announce(self) -> Verdict:
        """Announce last days 30 and 7 days before, or up to six days late to who had the role on the day of the notice.

        Not where the role goes on, or its end was told already.
        """
        verdict = Verdict()
        for days in (30, 7) if self._runs("announce") else ():
            for row in self.held:
                if row.last is None or row.end is not None or row.state(self.now) != "active":
                    continue
                day_of_notice = row.last - days * DAY
                due = day_of_notice <= self.today <= day_of_notice + CATCH_UP * DAY and day_of(row.at) <= day_of_notice
                goes_on = any(one.follows is row and one.state(self.now) in CURRENT for one in self.held)
                if due and not goes_on:
                    self._once("role_ends_soon", row.holder, row.act, days)
        return verdict

    def _runs(self, job: str) -> bool:
        if self.now.astimezone(BRUSSELS).hour < 6 or self.ran.get(job) == self.today:
            return False
        self.ran[job] = self.today
        return True

    def _once(self, kind: str, person: str, act: int, occasion: int) -> None:
        if (kind, person, act, occasion) not in self.told:
            self.told.add((kind, person, act, occasion))
            self._write(kind, [person], leaves=self.now)

    # --- What must hold always ----------------------------------------------------------------------------------------

    def holds_twice(self, day: date) -> bool:
        """Whether somebody has the same role twice when a day is over. (What ended that day may be given anew.)"""
        last_second = midnight_after(day) - timedelta(seconds=1)
        active = sorted((row.holder, row.role.name) for row in self.held if row.state(last_second) == "active")
        return any(len(list(same)) > 1 for _pair, same in groupby(active))
