"""Finding persons by name, first name, e-mail address or organisation.

Every way of reading the words is one range over one index, in the order of that index, cut off after a page or five.
Nothing is counted and nothing large is sorted, so the cost does not grow with the register (SPEED, section 2).

All readings go to the database in one statement, because asking ten times costs ten times more than finding. It is
written in SQL: building it with the ORM would take longer than the answer. `tests/tenants/test_search_plans.py` holds
that each reading uses its index, on both databases.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.db import connection

from tenants.folding import fold, fold_email, prefix_range
from tenants.models import Organisation, Person

MOST = 100
SHORTEST = 3
LONGEST = 100
_ORGANISATIONS = 10
_MOST_CUTS = 6  # of a name in many words: where the first name may end


@dataclass(frozen=True)
class Found:
    """The persons found, best first: at most `MOST`, and whether there are more."""

    ids: list[int]
    has_more: bool


def is_too_short(words: str) -> bool:
    """Whether there are fewer letters and digits than a search needs."""
    return len(fold(words).replace(" ", "")) < SHORTEST


def search_persons(words: str, *, within: tuple[Organisation, ...] | None = None, day: date | None = None) -> Found:
    """Return the active persons whom `words` may mean, surnames first.

    `within` limits them to those who work for one of these organisations; None searches the whole register. Only work
    on `day` counts; without a day, former and future work does, too. Words that are too short find nobody. At most two
    statements.
    """
    if is_too_short(words):
        return Found([], False)
    scope = None if within is None else [organisation.pk for organisation in within]
    names, places = list(_names(words, scope, day)), list(_places(words))
    named = {place.organisation: _organisations(place.organisation, scope) for place in places}
    found = _ask([*names, *named.values()])
    ids = dict.fromkeys(pk for pks in found[: len(names)] for pk in pks)
    if len(ids) <= MOST:
        employers = dict(zip(named, found[len(names) :], strict=True))
        workers = [way for place in places for way in _workers(place, employers[place.organisation], day)]
        ids |= dict.fromkeys(pk for pks in _ask(workers) for pk in pks)
    return Found(list(ids)[:MOST], len(ids) > MOST)


def search_names(words: str, *, within: tuple[Organisation, ...] | None = None) -> Found:
    """Return the active persons of this name or e-mail address, as `search_persons`; employers are not asked.

    `within` limits them to those who work, worked or will work for one of these organisations. One statement.
    """
    if is_too_short(words):
        return Found([], False)
    scope = None if within is None else [organisation.pk for organisation in within]
    ids = dict.fromkeys(pk for pks in _ask(list(_names(words, scope, None))) for pk in pks)
    return Found(list(ids)[:MOST], len(ids) > MOST)


def persons_in_order(ids: Iterable[int]) -> list[Person]:
    """Return the persons of these ids in their order. One query; their national numbers stay sealed."""
    wanted = list(ids)
    by_id = Person.objects.defer("national_number").in_bulk(wanted)
    return [by_id[pk] for pk in wanted if pk in by_id]


# --- How the words can be read --------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Place:
    """A reading by which `organisation` begins the name of an employer, and `person` one of the names of a person."""

    organisation: str
    person: str | None = None


def _cuts(words: str) -> Iterator[tuple[str, str]]:
    """Yield the ways to cut folded words in two, each in both orders."""
    tokens = words.split(" ")
    for cut in range(1, min(len(tokens), _MOST_CUTS + 1)):
        before, after = " ".join(tokens[:cut]), " ".join(tokens[cut:])
        yield before, after
        yield after, before


def _names(words: str, scope: list[int] | None, day: date | None) -> Iterator["Way"]:
    """Yield the readings by which the words are a name or an e-mail address, the likeliest first."""
    if "@" in words:
        yield _person_way("email_key", scope, day, email_key=fold_email(words))
        return
    whole = fold(words)
    yield _name_way("last_key, first_key", scope, day, last_key=whole)
    yield _person_way("last_tail_key, first_key", scope, day, last_tail_key=whole)
    yield _name_way("first_key, last_key", scope, day, first_key=whole)
    for first, last in _cuts(whole):
        yield _name_way("last_key, first_key", scope, day, last_key=last, first_key=first)
        yield _person_way("last_tail_key, first_key", scope, day, last_tail_key=last, first_key=first)
    if not whole.replace(" ", "").isalpha():  # no name holds a figure or a dot
        yield _person_way("email_key", scope, day, email_key=whole.replace(" ", ""))


def _places(words: str) -> Iterator[Place]:
    """Yield the readings by which the words are the name of an employer, perhaps with that of a person."""
    if "@" in words:
        return
    whole = fold(words)
    yield Place(whole)
    for person, organisation in _cuts(whole):
        if len(organisation) >= SHORTEST:
            yield Place(organisation, person)


# --- One reading in SQL -----------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Way:
    """One reading: what to select, from where, in which order. Only the columns written here, never the words."""

    select: str
    where: tuple[str, ...]
    order: str
    values: tuple[Any, ...]
    most: int = MOST + 1

    def sql(self, number: int) -> str:
        """Return the statement; it also selects `number`, by which `_ask` knows whose rows they are."""
        where = " AND ".join(self.where)
        inner = f"SELECT {number} AS way, {self.select} WHERE {where} ORDER BY {self.order} LIMIT {self.most}"  # noqa: S608
        # SQLite takes ORDER BY and LIMIT in a union only from inside.
        return f"SELECT * FROM ({inner}) AS way_{number}"  # noqa: S608


def _ask(ways: list[Way]) -> list[list[int]]:
    """Return the ids that each way finds, in its order. One statement.

    It must never be prepared on the server: a plan made for any words is bad for these (SPEED, section 2).
    """
    found: list[list[int]] = [[] for _way in ways]
    if ways:
        statement = " UNION ALL ".join(way.sql(number) for number, way in enumerate(ways))
        with connection.cursor() as cursor:
            cursor.execute(statement, [value for way in ways for value in way.values])
            for number, pk in cursor.fetchall():
                found[number].append(pk)
    return found


def _starts(prefixes: dict[str, str]) -> tuple[list[str], list[Any]]:
    """Return the conditions by which each column begins with its prefix, and their values."""
    where: list[str] = []
    values: list[Any] = []
    for column, prefix in prefixes.items():
        where.append(f"{column} >= %s AND {column} < %s")
        values += prefix_range(prefix)
    return where, values


def _one_of(column: str, ids: list[int]) -> str:
    return f"{column} IN ({', '.join(['%s'] * len(ids))})" if ids else "1 = 0"


def _works_for(employers: list[int], day: date | None) -> tuple[list[str], list[Any]]:
    """Return the conditions on employments: one of these employers, and on this day."""
    where, values = [_one_of("organisation_id", employers)], list[Any](employers)
    if day is not None:
        where += ["valid_from <= %s", "(valid_until IS NULL OR valid_until >= %s)"]
        values += [connection.ops.adapt_datefield_value(day)] * 2
    return where, values


def _person_way(order: str, scope: list[int] | None, day: date | None, **prefixes: str) -> Way:
    """Return the range over an index of persons; `scope` then asks of each whether one of these employs them."""
    where, values = _starts(prefixes)
    # The words of the partial indexes, which SQLite wants to see.
    where += [f"NOT ({column} = '')" for column in ("last_tail_key", "email_key") if column in prefixes]
    if "last_key" in prefixes and len(prefixes.get("first_key", "")) >= SHORTEST:
        # The bucket column puts the first letters of the first name in front of the surname in one index.
        where.append("first_bucket = %s")
        values.append(prefixes["first_key"][:SHORTEST])
    if scope is not None:
        conditions, more = _works_for(scope, day)
        where.append(f"id IN (SELECT person_id FROM tenants_employment WHERE {' AND '.join(conditions)})")  # noqa: S608
        values += more
    return Way("id FROM tenants_person", ("is_active", *where), f"{order}, id", tuple(values))


def _name_way(order: str, scope: list[int] | None, day: date | None, **prefixes: str) -> Way:
    """Return the range over names: of everybody, or straight over those of the employees of `scope`."""
    if scope is None:
        return _person_way(order, None, None, **prefixes)
    return _job_way(order, scope, day, **prefixes)


def _job_way(order: str, employers: list[int], day: date | None, **prefixes: str) -> Way:
    """Return the range over an index of employments, which hold a copy of the names."""
    where, values = _works_for(employers, day)
    starts, more = _starts(prefixes)
    # Not a join, which would take the planner twice as long for the same work.
    is_active = "(SELECT is_active FROM tenants_person WHERE id = person_id)"
    return Way(
        "person_id FROM tenants_employment", (*where, *starts, is_active), f"{order}, person_id", (*values, *more)
    )


def _organisations(prefix: str, scope: list[int] | None) -> Way:
    """Return the range over the words of the names of organisations."""
    where, values = _starts({"name_key": prefix})
    if scope is not None:
        where.append(_one_of("organisation_id", scope))
        values += scope
    select = "organisation_id FROM tenants_organisationnamekey"
    return Way(select, tuple(where), "name_key, organisation_id", tuple(values), _ORGANISATIONS)


def _workers(place: Place, employers: list[int], day: date | None) -> Iterator[Way]:
    """Yield the people of the organisations found; all of one are in the order of its index, whatever its size."""
    employers = list(dict.fromkeys(employers))
    if place.person is None:
        yield from (_job_way("last_key, first_key", [employer], day) for employer in employers)
    elif employers:
        yield _job_way("last_key, first_key", employers, day, last_key=place.person)
        yield _job_way("first_key, last_key", employers, day, first_key=place.person)
