"""What the administration finds by a few words. Every way is a short range of an index: nothing is counted.

Unlike the search of access managers it also finds persons who are switched off, and the exact keys of the audit trail.
"""

import re
from typing import Any

from django.db.models import QuerySet
from django.utils.translation import gettext_lazy as _

from tenants.folding import fold, fold_email, prefix_range
from tenants.identifiers import ENTERPRISE_LENGTH
from tenants.models import Organisation, OrganisationNameKey, Person
from tenants.search import search_persons

MOST = 200
PARTIES_HELP = _("A name, the beginning of an enterprise number, or a key in full")

_NUMBER = re.compile(r"(?:BE)?[\s.]*(\d[\d.\s]*)", re.IGNORECASE)
_NAME_ORDERS = (
    ("last_key", "first_key", "id"),
    ("first_key", "last_key", "id"),
    ("last_tail_key", "first_key", "id"),
)


def person_ids(words: str) -> list[int]:
    """Return the ids of the persons whom `words` may mean: a key, a name, an e-mail address or an organisation."""
    ids: dict[int, None] = dict.fromkeys(Person.objects.filter(key=words).values_list("pk", flat=True))
    ids.update(dict.fromkeys(search_persons(words).ids))
    whole = fold(words)
    if whole:
        for order in _NAME_ORDERS:
            ids.update(dict.fromkeys(_starting({order[0]: whole}, order)))
    if address := fold_email(words):
        ids.update(dict.fromkeys(_starting({"email_key": address}, ("email_key",))))
    tokens = whole.split()
    for cut in range(1, len(tokens)):
        before, after = " ".join(tokens[:cut]), " ".join(tokens[cut:])
        for first, last in ((before, after), (after, before)):
            ids.update(dict.fromkeys(_starting({"last_key": last, "first_key": first}, _NAME_ORDERS[0])))
    return list(ids)


def organisation_ids(words: str) -> list[int]:
    """Return the ids of the organisations whom `words` may mean: a key, the beginning of a number or of a name."""
    ids: dict[int, None] = dict.fromkeys(Organisation.objects.filter(key=words).values_list("pk", flat=True))
    if number := _NUMBER.fullmatch(words):
        digits = re.sub(r"\D", "", number.group(1))[:ENTERPRISE_LENGTH]
        low, high = digits.ljust(ENTERPRISE_LENGTH, "0"), digits.ljust(ENTERPRISE_LENGTH, "9")
        rows = Organisation.objects.filter(enterprise_number__gte=low, enterprise_number__lte=high)
        ids.update(dict.fromkeys(rows.order_by("enterprise_number").values_list("pk", flat=True)[:MOST]))
    if whole := fold(words):
        low, high = prefix_range(whole)
        keys = OrganisationNameKey.objects.filter(name_key__gte=low, name_key__lt=high).order_by("name_key")
        ids.update(dict.fromkeys(keys.values_list("organisation_id", flat=True)[:MOST]))
    return list(ids)


def _starting(prefixes: dict[str, str], order: tuple[str, ...]) -> list[int]:
    conditions: dict[str, str] = {}
    for column, prefix in prefixes.items():
        conditions[f"{column}__gte"], conditions[f"{column}__lt"] = prefix_range(prefix)
    return list(Person.objects.filter(**conditions).order_by(*order).values_list("pk", flat=True)[:MOST])


def of_parties(queryset: QuerySet[Any], words: str, *, person: str = "person_id") -> QuerySet[Any]:
    """Keep the rows of the persons and organisations whom `words` mean, the newest first: two ranges of an index."""
    ids: set[int] = set()
    for column, found in ((person, person_ids(words)), ("organisation_id", organisation_ids(words))):
        rows = queryset.model.objects.filter(**{f"{column}__in": found}).order_by("-pk")
        ids.update(rows.values_list("pk", flat=True)[:MOST])
    return queryset.filter(pk__in=ids)
