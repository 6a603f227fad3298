"""The error messages of the wizard, as SCREENS 7.2 words them, on the pages of all four languages."""

import re
from collections.abc import Callable
from datetime import datetime
from typing import Any

import pytest
from django.conf import settings
from django.test import Client

from roles.models import AssignmentDraft, Role
from tests.factories import AssignmentFactory, PropertyFactory, RoleFactory
from tests.roles.pages import ANSWERED, address, draft_of, press, text_of

LANGUAGES = ("fr", "nl", "de", "en")

# Id of the message: French, Dutch, German, English.
MESSAGES: dict[str, tuple[str, str, str, str]] = {
    "E01": (
        "Choisissez au moins une personne",
        "Kies minstens één persoon",
        "Wählen Sie mindestens eine Person",
        "Choose at least one person",
    ),
    "E02": (
        "Entrez au moins 3 caractères",
        "Vul minstens 3 tekens in",
        "Geben Sie mindestens 3 Zeichen ein",
        "Enter at least 3 characters",
    ),
    "E03": (
        "Anna Peeters est déjà dans la liste",
        "Anna Peeters staat al in de lijst",
        "Anna Peeters steht bereits in der Liste",
        "Anna Peeters is already in the list",
    ),
    "E04": (
        "Entrez un numéro de registre national",
        "Vul een rijksregisternummer in",
        "Geben Sie eine Nationalregisternummer ein",
        "Enter a national register number",
    ),
    "E05": (
        "Le numéro de registre national doit compter 11 chiffres",
        "Het rijksregisternummer moet 11 cijfers tellen",
        "Die Nationalregisternummer muss 11 Ziffern haben",
        "The national register number must have 11 digits",
    ),
    "E06": (
        "Vérifiez le numéro : les chiffres ne correspondent pas",
        "Kijk het nummer na: de cijfers kloppen niet",
        "Prüfen Sie die Nummer: Die Ziffern stimmen nicht",
        "Check the number: the digits do not add up",
    ),
    "E07": (
        "Nous ne trouvons personne avec ce numéro. Vérifiez le numéro ou envoyez une invitation",
        "We vinden niemand met dit nummer. Kijk het nummer na of stuur een uitnodiging",
        "Wir finden niemanden mit dieser Nummer. Prüfen Sie die Nummer oder senden Sie eine Einladung",
        "We cannot find anyone with this number. Check it or send an invitation",
    ),
    "E09": (
        "Choisissez une organisation",
        "Kies een organisatie",
        "Wählen Sie eine Organisation",
        "Choose an organisation",
    ),
    "E10": (
        "Choisissez au moins un rôle",
        "Kies minstens één rol",
        "Wählen Sie mindestens eine Rolle",
        "Choose at least one role",
    ),
    "E11": (
        "Vous ne pouvez pas attribuer Role X pour Boulangerie Dubois SRL",
        "U kunt Role X niet toekennen voor Boulangerie Dubois SRL",
        "Sie können Role X für Boulangerie Dubois SRL nicht zuweisen",
        "You cannot assign Role X for Boulangerie Dubois SRL",
    ),
    "E12": (
        "Choisissez une durée illimitée ou limitée",
        "Kies een onbeperkte of beperkte duur",
        "Wählen Sie eine unbegrenzte oder begrenzte Dauer",
        "Choose unlimited or limited duration",
    ),
    "E13": ("Entrez une date de fin", "Vul een einddatum in", "Geben Sie ein Enddatum ein", "Enter an end date"),
    "E15": (
        "Entrez une date de fin qui existe",
        "Vul een einddatum in die bestaat",
        "Geben Sie ein Enddatum ein, das es gibt",
        "Enter a real end date",
    ),
    "E17": (
        "La date de fin ne peut pas être avant la date de début",
        "De einddatum mag niet vóór de begindatum liggen",
        "Das Enddatum darf nicht vor dem Anfangsdatum liegen",
        "The end date cannot be before the start date",
    ),
    "E18": (
        "La date de début ne peut pas être avant aujourd’hui",
        "De begindatum mag niet vóór vandaag liggen",
        "Das Anfangsdatum darf nicht vor heute liegen",
        "The start date cannot be before today",
    ),
    "E20": (
        "Choisissez « jusqu’à une autre date » ou effacez la date",
        "Kies “tot een andere datum” of wis de datum",
        "Wählen Sie „bis zu einem anderen Datum“ oder löschen Sie das Datum",
        "Choose “until another date” or clear the date",
    ),
    "E21": (
        "Choisissez une réponse pour « Q »",
        "Kies een antwoord voor “Q”",
        "Wählen Sie eine Antwort für „Q“",
        "Choose an answer for “Q”",
    ),
    "E25": (
        "Ces personnes ont déjà ces rôles. Il n’y a rien à attribuer",
        "Deze personen hebben deze rollen al. Er is niets toe te kennen",
        "Diese Personen haben diese Rollen bereits. Es gibt nichts zuzuweisen",
        "These people already hold these roles. There is nothing to assign",
    ),
    "E26": (
        "Role X n’est plus disponible. Retirez ce rôle",
        "Role X is niet meer beschikbaar. Verwijder deze rol uit de lijst",
        "Role X ist nicht mehr verfügbar. Entfernen Sie diese Rolle",
        "Role X is no longer available. Remove this role",
    ),
    "E27": (
        "Ce brouillon a changé dans un autre onglet. Voici la dernière version",
        "Dit concept is gewijzigd in een ander tabblad. Dit is de laatste versie",
        "Dieser Entwurf wurde in einem anderen Tab geändert. Dies ist die letzte Fassung",
        "This draft changed in another tab. This is the latest version",
    ),
}

Situation = Callable[["Wizard"], Any]


class Wizard:
    """What a situation needs to come about."""

    def __init__(self, jean: Client, tom: Client, cast: Any, role: Role, now: datetime) -> None:
        self.jean, self.tom, self.cast, self.role, self.now = jean, tom, cast, role, now

    def draft(self, **values: Any) -> AssignmentDraft:
        """Store a draft of Jean's for Anna."""
        return draft_of(self.cast.jean, now=self.now, **{"persons": [self.cast.anna], **values})


def number(typed: str) -> Situation:
    """Look up a number."""
    return lambda at: press(at.jean, at.draft(), "number", "add", number=typed)


def properties(**answers: str) -> Situation:
    """Answer step 4."""
    return lambda at: press(at.jean, at.draft(roles=[at.role]), "properties", "next", **{"start": "today", **answers})


def date_of(field: str, day: str = "", month: str = "", year: str = "") -> dict[str, str]:
    """Return the three fields of a date."""
    return {f"{field}_day": day, f"{field}_month": month, f"{field}_year": year}


def with_question(at: Wizard) -> Any:
    """Leave a question of the role without an answer."""
    PropertyFactory(role=at.role, **{f"label_{language}": "Q" for language in LANGUAGES})
    return properties(duration="unlimited")(at)


def held_already(at: Wizard) -> Any:
    """Open the check page of what exists."""
    AssignmentFactory(role=at.role, assignee=at.cast.anna, organisation=at.cast.dubois)
    return at.jean.get(address(at.draft(roles=[at.role], **ANSWERED), "review"))


def withdrawn(at: Wizard) -> Any:
    """Open the check page of a role that is no longer given."""
    Role.objects.update(is_assignable=False)
    return at.jean.get(address(at.draft(roles=[at.role], **ANSWERED), "review"))


def not_mine(at: Wizard) -> Any:
    """Open the check page of a role of another domain."""
    at.cast.dubois.appointments.filter(kind="chief").update(kind="domain", domain=at.cast.other_domain)
    return at.jean.get(address(at.draft(roles=[at.role], **ANSWERED), "review"))


SITUATIONS: dict[str, Situation] = {
    "E01": lambda at: press(at.jean, at.draft(persons=[]), "persons", "next"),
    "E02": lambda at: press(at.jean, at.draft(), "persons", "search", q="ab"),
    "E03": lambda at: number(at.cast.anna.national_number)(at),
    "E04": number(""),
    "E05": number("123"),
    "E06": number("05031795124"),
    "E07": number("05.03.17-951.23"),
    "E09": lambda at: press(at.tom, draft_of(at.cast.tom, persons=[at.cast.anna], now=at.now), "organisation", "next"),
    "E10": lambda at: press(at.jean, at.draft(), "roles", "next"),
    "E11": not_mine,
    "E12": properties(),
    "E13": properties(duration="until"),
    "E15": properties(duration="until", **date_of("until", "31", "2", "2090")),
    "E17": properties(
        **{"duration": "until", "start": "date"},
        **date_of("until", "1", "2", "2090"),
        **date_of("starting", "2", "2", "2090"),
    ),
    "E18": properties(**{"duration": "unlimited", "start": "date"}, **date_of("starting", "1", "1", "2020")),
    "E20": properties(duration="unlimited", **date_of("until", "1", "1", "2090")),
    "E21": with_question,
    "E25": held_already,
    "E26": withdrawn,
    "E27": lambda at: press(at.jean, at.draft(), "persons", "next", version="999"),
}


def plain(text: str) -> str:
    """Return a text with plain spaces, apostrophes and quotation marks, of which each language has its own."""
    for sign, simple in (("\u00a0", " "), ("\u202f", " "), ("’", "'"), ("“", '"'), ("”", '"'), ("„", '"')):
        text = text.replace(sign, simple)
    return text


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("message", MESSAGES)
def test_the_message_is_shown_in_the_language_of_the_page(
    jean: Client, tom: Client, cast: Any, now: datetime, message: str, language: str
) -> None:
    role = RoleFactory(**{f"name_{code}": "Role X" for code in LANGUAGES})
    cast.other_domain = RoleFactory(domain__code="ENERGY").domain
    for client in (jean, tom):
        client.cookies[settings.LANGUAGE_COOKIE_NAME] = language
    answer = SITUATIONS[message](Wizard(jean, tom, cast, role, now))
    assert answer.status_code == 200
    page = text_of(answer)
    assert f'<html lang="{language}">' in page
    box = re.search(r'<section class="error-summary".*?</section>', page, re.S)
    assert box is not None
    assert plain(MESSAGES[message][LANGUAGES.index(language)]) in plain(box[0])
