"""The demo cards, with what each person is, read with a fixed number of queries."""

from dataclasses import dataclass
from datetime import date
from functools import cached_property
from typing import cast

from django.core.paginator import Paginator
from django.db.models import QuerySet
from django.utils.translation import gettext as _

from tenants.folding import fold
from tenants.models import AccessManagerAppointment, Employment, Person, RegisteredPerson

PAGE_SIZE = 10
COUNT_UP_TO = 500
MAX_WORDS = 5


@dataclass(frozen=True)
class Card:
    """A card one can insert: key, name, functions in words, address for messages."""

    key: str
    name: str
    functions: tuple[str, ...]
    email: str


class CappedPaginator(Paginator):
    """Pages of a list that may be long: it is counted up to a bound only."""

    @cached_property
    def count(self) -> int:
        """Return the number of rows, or the bound where there are more."""
        rows = cast(QuerySet[RegisteredPerson], self.object_list)
        return rows.order_by()[:COUNT_UP_TO].count()


def find_cards(words: str) -> QuerySet[RegisteredPerson]:
    """Return the cards whose holder's name holds every word, the standing cast first."""
    cards = RegisteredPerson.objects.order_by("position", "search_key", "id")
    for word in fold(words).split()[:MAX_WORDS]:
        cards = cards.filter(search_key__contains=word)
    return cards


def describe(entries: list[RegisteredPerson], *, day: date, shows_app: bool = False) -> list[Card]:
    """Return the cards of these entries with their functions on `day`; on request, who has a code via app.

    Three queries.
    """
    indexes = [entry.national_number_index for entry in entries]
    people = {
        person.national_number_index: person
        for person in Person.objects.filter(national_number_index__in=indexes)
        .select_related("user", "app_key")
        .defer("app_key__secret")
    }
    appointments = AccessManagerAppointment.objects.filter(person__in=people.values()).live(day).for_page()
    jobs = Employment.objects.filter(person__in=people.values()).live(day).select_related("organisation")
    functions: dict[int, list[str]] = {person.pk: [] for person in people.values()}
    for appointment in appointments:
        functions[appointment.person_id].append(
            _("%(function)s, %(organisation)s")
            % {"function": appointment.title, "organisation": appointment.organisation.name}
        )
    managers = {pk for pk, lines in functions.items() if lines}
    for job in jobs.order_by("id"):
        if job.person_id not in managers:
            functions[job.person_id].append(
                _("%(function)s, %(organisation)s")
                % {"function": job.get_kind_display(), "organisation": job.organisation.name}
            )
    return [_card(entry, people.get(entry.national_number_index), functions, shows_app=shows_app) for entry in entries]


def _card(entry: RegisteredPerson, person: Person | None, functions: dict[int, list[str]], *, shows_app: bool) -> Card:
    if person is None:
        return Card(entry.key, str(entry), (_("not known to the portal yet"),), entry.email)
    lines = functions[person.pk]
    user = getattr(person, "user", None)
    if user is not None and user.is_staff:
        lines = [*lines, _("administrator of the portal")]
    key = getattr(person, "app_key", None)
    if shows_app and key is not None and key.activated_at is not None:
        lines = [*lines, _("code via app: active")]
    return Card(entry.key, person.full_name, tuple(lines or [_("no organisation")]), person.email)
