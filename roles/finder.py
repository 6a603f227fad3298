"""The role finder: from what one wants to do to the role it takes, in whole sentences of any of the four languages."""

from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from itertools import groupby

from roles.matching import as_written, beginning, words_of
from roles.models import Role
from tenants.folding import fold

# Words that say nothing about a role, folded; all languages at once, for people write in the one they think in.
_FILLERS = frozenset(
    # French
    "ai aimerais ainsi aller alors au aux avec avoir avons bonjour ca ce cela ces cet cette cherche chercher "  # noqa: SIM905
    "cherchons chez comme comment consulte consulter consultons dans de des desire dois doit doivent donc dont du "
    "elle elles en entreprise est et etre faire faut il ils je la laisser le les leur leurs lui ma mais merci mes "
    "moi mon nos notre nous on ont organisation organisations ou oui par pas peut peux pour pourrais pouvoir "
    "pouvons qu quand que quel quelle quelles quels quest qui sa sans se ses si societe son sont souhaite "
    "souhaitons suis sur ta tes ton tous tout toute toutes trouver tu un une utiliser vers veulent veut veux voir "
    "voit vos votre voudrais voudrions voulons vous y "
    # Dutch
    "aan alle alles als bedankt bedrijf bekijk bekijken ben bent bij dag dan dat de deze die dit doen door dus "
    "een en er gebruiken geen graag had hallo heb hebben hebt heeft het hier hij hoe ik in is jij jullie kan "
    "kijken kunnen laten maar mag me met mij mijn moet moeten mogen naar niet nodig nu of om onder onderneming "
    "ons onze ook op opzoeken organisatie organisaties over raadpleeg raadplegen te tot u uit uw van vinden voor "
    "waar wat we welk welke wie wij wil wilde willen wilt worden wordt zal ze zelf zich zie zien zij zijn zo zoek "
    "zoeken zonder zou zouden "
    # German
    "alle alles als am an anschauen ansehen auch auf aus bei bin bitte brauche brauchen braucht da damit danke "
    "dann das dass dem den der des die diese diesen dieser doch durch ein eine einem einen einer eines einsehen "
    "er es finde finden firma fur gern gerne habe haben hat hatte ich ihr ihre im in ist kann konnen konnte "
    "lassen man mein meine meinem meinen meiner meines mich mir mit mochte mochten muss musse mussen nach "
    "nachsehen nicht noch nur ob oder ohne schauen sehe sehen sein sich sie siehe sind soll sollen suche suchen "
    "uber um und uns unser unsere unserem unseren unserer unseres unter unternehmen unternehmens vom von vor war "
    "was welche welchen welcher wer werden wie will wir wird wo wollen wollte worden zu zum zur "
    # English
    "a about all am an and any are as at be been but by can cannot check company consult could did do does doesn "
    "doing don done find for from get got had has have having he hello help her here hi him his how if in into is "
    "isn it its just know let like ll look looking may me might must my need needed needs no not now of on one or "
    "organization our ours out people please re search see seeing seek shall she should show so some than thanks "
    "that the their them then there these they this those to up us use using ve view viewing want wanted wants "
    "was we were what when where which who why will wish with without would yes you your".split()
)
# Of plurals and the like, in all four languages: "taxes" means "tax", "Steuern" the words that begin with "Steuer".
_ENDINGS = ("s", "n", "e", "es", "en")
_LONG = 4  # letters from which a word says enough to be compared by less than the whole of it


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
    """Return the roles in which all telling words stand, else those in which most of them do; whole words come first.

    People write sentences here ("I want to sign the VAT return"): words that say nothing do not count, and where
    there are no others, nothing is found.
    """
    standing = _standing(roles)
    telling = _telling(words, standing)
    fitting: Counter[Role] = Counter()
    whole: Counter[Role] = Counter()
    for word in telling:
        fitting.update({role for known in _meant(word, standing) for role in standing[known]})
        whole.update(standing.get(word, ()))
    most = max(fitting.values(), default=0)
    best = _in_order(role for role, count in fitting.items() if count == most)
    return Answer(sorted(best, key=lambda find: -whole[find.role]), is_exact=0 < most == len(telling))


def _standing(roles: Iterable[Role]) -> Mapping[str, set[Role]]:
    """Return the words by which people look for roles, each with the roles in which it stands."""
    standing: defaultdict[str, set[Role]] = defaultdict(set)
    for role in roles:
        for word in role.search_words:
            if len(word) > 1 and word not in _FILLERS:
                standing[word].add(role)
    return dict(standing)


def _telling(words: str, known: Collection[str]) -> list[str]:
    """Return the words that say something, each once. What stands as one word is one."""
    typed = as_written(words_of(words), known)
    return [word for word in dict.fromkeys(typed) if len(word) > 1 and word not in _FILLERS]


def _meant(word: str, known: Collection[str]) -> list[str]:
    """Return the known words that a typed word means: those it begins, else its stem, else what it begins with.

    So "Energie" finds "Energieportal" and "Energieverbrauch" finds "Energie"; what stands inside a word is not found.
    """
    if len(word) < _LONG:
        return beginning(word, known) if len(word) == _LONG - 1 else [entry for entry in known if entry == word]
    stems = [word.removesuffix(ending) for ending in _ENDINGS if word.endswith(ending)]
    for stem in (word, *(stem for stem in stems if len(stem) > _LONG or stem in known)):
        if begun := beginning(stem, known):
            return begun
    longest = max((entry for entry in known if len(entry) >= _LONG and word.startswith(entry)), key=len, default="")
    return beginning(longest, known) if longest else []


def _in_order(roles: Iterable[Role]) -> list[Find]:
    return [find for subject in by_subject(roles) for find in subject.finds]


def _find(role: Role) -> Find:
    names = sorted((service.name for service in role.services.all()), key=fold)
    return Find(role, role.tasks, ", ".join(names))
