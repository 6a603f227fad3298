"""What access managers search for: the mixed load of SPEED, section 2."""

from collections.abc import Callable
from functools import partial
from random import Random

from django.utils import timezone

from rolemgmt.demo import name_stock
from tenants.folding import fold
from tenants.models import Organisation, Person
from tenants.search import Found, search_persons

_OF_EACH = 40

Search = Callable[[], Found]


def words(random: Random) -> list[tuple[str, str]]:
    """Return (kind, words), as many of each kind, about people and organisations that exist."""
    persons = list(Person.objects.exclude(email="").order_by("id").values_list("last_key", "first_key", "email"))
    sample = random.sample(persons, _OF_EACH)
    names = Organisation.objects.order_by("id").values_list("name_fr", "name_nl")
    places = [fold(fr or nl) for fr, nl in random.sample(list(names), _OF_EACH)]
    return [
        *(("common surname", fold(name)) for name in name_stock.SURNAMES[:_OF_EACH]),
        *(("surname and first letters", f"{last} {first[:2]}") for last, first, _email in sample),
        *(("3 and 3 letters", f"{first[:3]} {last[:3]}") for last, first, _email in sample),
        *(
            ("e-mail prefix", email.partition("@")[0][:-1] + "@" * (place % 2))
            for place, (_l, _f, email) in enumerate(sample)
        ),
        *(("organisation", " ".join(place.split(" ")[:2])) for place in places),
    ]


def searches(random: Random) -> list[tuple[str, Search]]:
    """Return the same as things to do."""
    day = timezone.localdate()
    return [(kind, partial(search_persons, asked, day=day)) for kind, asked in words(random)]
