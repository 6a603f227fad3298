"""The role finder: from what one wants to do to the role it takes. The words are compared as in the wizard's search."""

from collections.abc import Iterable
from dataclasses import dataclass
from itertools import groupby

from roles.models import Role
from tenants.folding import fold

# Words that say nothing about a role, folded; all languages at once, for people write in the one they think in.
_FILLERS = frozenset(
    "a an and as at by for from have how i in into is it like me my need of on or our the to want we what which with "  # noqa: SIM905
    "would au aux avec ce ces comme comment dans de des du en est et je la le les ma mes mon nos notre nous ou par "
    "pour qu que quel quelle qui sur un une veux voudrais vos votre aan als bij dat de die een graag het hoe ik in "
    "kan met mijn moet naar nodig of om onze ons op te van voor wat we welke wij wil als am an auf aus bei das dem "
    "den der des die ein eine einem einen einer fur ich im in ist mein meine mit mochte muss oder und uns unser "
    "unsere unseren vom von was welche wie wir zu zum zur".split()
)


@dataclass(frozen=True)
class Find:
    """A role as the finder shows it: what one can do with it, and the names of its services in a row."""

    role: Role
    tasks: list[str]
    services: str


@dataclass(frozen=True)
class Subject:
    """A domain with its roles, those of one service next to each other."""

    code: str
    name: str
    finds: list[Find]


@dataclass(frozen=True)
class Answer:
    """What was found; not `is_exact`: no role holds all the words, and these hold the most of them."""

    finds: list[Find]
    is_exact: bool


def offered_roles() -> list[Role]:
    """Return the roles that somebody can give or ask for, with what the finder shows of them. Three queries."""
    return [role for role in Role.objects.for_page() if role.is_assignable or role.is_requestable]


def by_subject(roles: Iterable[Role]) -> list[Subject]:
    """Return the roles by domain and service, all in the order of the alphabet."""
    finds = sorted(
        (_find(role) for role in roles),
        key=lambda find: (
            fold(find.role.domain.name),
            find.role.domain.code,
            fold(find.services),
            [fold(task) for task in find.tasks],
            find.role.code,
        ),
    )
    return [
        Subject(domain.code.lower(), domain.name, list(found))
        for domain, found in groupby(finds, key=lambda find: find.role.domain)
    ]


def find_roles(words: str, roles: Iterable[Role]) -> Answer:
    """Return the roles in which all words stand, else those with the most of them, at least half.

    People write sentences here ("I want to sign the VAT return"): words that say nothing do not count.
    """
    roles = list(roles)
    tokens = fold(words).split()
    telling = [token for token in tokens if token not in _FILLERS] or tokens
    exact = [role for role in roles if role.matches(telling)]
    if exact and telling:
        return Answer(_in_order(exact), is_exact=True)
    hits = {role: sum(role.matches([token]) for token in telling) for role in roles}
    most = max(hits.values(), default=0)
    closest = [role for role, count in hits.items() if count == most] if most and most * 2 >= len(telling) else []
    return Answer(_in_order(closest), is_exact=False)


def _in_order(roles: list[Role]) -> list[Find]:
    return [find for subject in by_subject(roles) for find in subject.finds]


def _find(role: Role) -> Find:
    names = sorted((service.name for service in role.services.all()), key=fold)
    return Find(role, role.tasks, ", ".join(names))
