"""Finding persons by name, first name, e-mail address or organisation.

Every way of reading the words is one range over one index, cut off after a page or five; the ways are joined in the
order of how likely they are meant, surnames first. Nothing is counted and nothing large is sorted, so the cost does
not grow with the register (SPEED, section 2).
"""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass

from django.db.models import Q, QuerySet

from tenants.folding import fold, fold_email, prefix_range
from tenants.models import Employment, Organisation, OrganisationNameKey, Person

MOST = 100
SHORTEST = 3
LONGEST = 100
_ORGANISATIONS = 20


@dataclass(frozen=True)
class Found:
    """The persons found, best first: at most `MOST`, and whether there are more."""

    ids: list[int]
    has_more: bool


def is_too_short(words: str) -> bool:
    """Whether there are fewer letters and digits than a search needs."""
    return len(fold(words).replace(" ", "")) < SHORTEST


def search_persons(words: str, *, within: tuple[Organisation, ...] | None = None) -> Found:
    """Return the active persons whom `words` may mean.

    `within` limits them to those who work for one of these organisations; None searches the whole register. Words
    that are too short find nobody.
    """
    if is_too_short(words):
        return Found([], False)
    ids: dict[int, None] = {}
    for way in _ways(words, within):
        ids.update(dict.fromkeys(way(MOST + 1)))
        if len(ids) > MOST:
            break
    found = list(ids)
    return Found(found[:MOST], len(found) > MOST)


def persons_in_order(ids: Iterable[int]) -> list[Person]:
    """Return the persons of these ids in their order. One query."""
    wanted = list(ids)
    by_id = {person.pk: person for person in Person.objects.filter(pk__in=wanted)}
    return [by_id[pk] for pk in wanted if pk in by_id]


Way = Callable[[int], Iterable[int]]


def _ways(words: str, within: tuple[Organisation, ...] | None) -> Iterator[Way]:
    """Yield the readings of the words, the likeliest first, each as a function of how many ids it may return."""
    if "@" in words:
        yield _persons(_starts("email_key", fold_email(words)), ("email_key",), within)
        return
    tokens = fold(words).split(" ")
    whole = " ".join(tokens)
    if within is None:
        yield _persons(_starts("last_key", whole), ("last_key", "first_key", "id"), None)
        yield _persons(_starts("last_tail_key", whole), ("last_tail_key", "first_key", "id"), None)
        yield _persons(_starts("first_key", whole), ("first_key", "last_key", "id"), None)
    else:
        yield _colleagues(within, _starts("last_key", whole))
        yield _persons(_starts("last_tail_key", whole), ("last_tail_key", "first_key", "id"), within)
        yield _colleagues(within, _starts("first_key", whole))
    for cut in range(1, len(tokens)):
        before, after = " ".join(tokens[:cut]), " ".join(tokens[cut:])
        for first, last in ((before, after), (after, before)):
            yield from _full_names(first, last, within)
    yield _workers_of(whole, None, within)
    for cut in range(1, len(tokens)):
        before, after = " ".join(tokens[:cut]), " ".join(tokens[cut:])
        yield _workers_of(after, before, within)
        yield _workers_of(before, after, within)
    if "." in whole or "_" in whole:
        yield _persons(_starts("email_key", whole.replace(" ", "")), ("email_key",), within)


def _full_names(first: str, last: str, within: tuple[Organisation, ...] | None) -> Iterator[Way]:
    """Yield first name and surname together: both as prefixes, the surname also without its particle."""
    if within is not None:
        yield _colleagues(within, _starts("last_key", last) & _starts("first_key", first))
    else:
        order = ("last_key", "first_key", "id")
        condition = _starts("last_key", last) & _starts("first_key", first)
        if len(first) >= SHORTEST:
            # The bucket column puts the first letters of the first name in front of the surname in one index.
            condition &= Q(first_bucket=first[:SHORTEST])
        yield _persons(condition, order, None)
    tail = _starts("last_tail_key", last) & _starts("first_key", first)
    yield _persons(tail, ("last_tail_key", "first_key", "id"), within)


def _starts(field: str, prefix: str) -> Q:
    low, high = prefix_range(prefix)
    return Q(**{f"{field}__gte": low, f"{field}__lt": high})


def _persons(condition: Q, order: tuple[str, ...], within: tuple[Organisation, ...] | None) -> Way:
    rows: QuerySet[Person] = Person.objects.filter(condition, is_active=True)
    if within is not None:
        rows = rows.filter(pk__in=Employment.objects.filter(organisation__in=within).values("person_id"))
    return lambda limit: rows.order_by(*order).values_list("pk", flat=True)[:limit]


def _colleagues(organisations: tuple[Organisation, ...], condition: Q) -> Way:
    rows = Employment.objects.filter(condition, organisation__in=organisations, person__is_active=True)
    ordered = rows.order_by("last_key", "first_key", "person_id").values_list("person_id", flat=True)
    return lambda limit: ordered[:limit]


def _workers_of(organisation: str, person: str | None, within: tuple[Organisation, ...] | None) -> Way:
    """Return the people of organisations whose name has a word like this, perhaps with a name of their own."""

    def read(limit: int) -> Iterable[int]:
        if len(organisation) < SHORTEST:
            return []
        low, high = prefix_range(organisation)
        keys = OrganisationNameKey.objects.filter(name_key__gte=low, name_key__lt=high).order_by("name_key")
        if within is not None:
            keys = keys.filter(organisation__in=within)
        found = set(keys.values_list("organisation_id", flat=True)[:_ORGANISATIONS])
        if not found:
            return []
        condition = Q()
        if person is not None:
            condition = _starts("last_key", person) | _starts("first_key", person)
        jobs = Employment.objects.filter(condition, organisation__in=found, person__is_active=True)
        return jobs.order_by("last_key", "first_key", "person_id").values_list("person_id", flat=True)[:limit]

    return read
