"""The letters about assignments, as they are read: facts, words, links, and nothing glued (SCREENS 8)."""

import html
import json
import re
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from django.utils import translation
from django.utils.formats import date_format
from django.utils.translation import gettext

from outbox.models import OutgoingEmail
from outbox.rendering import SUBJECT_LENGTH, Rendered, render
from roles.models import ConfirmationRule, Role
from roles.operations.confirm import confirm_assignment, refuse_assignment
from tenants.acting import ActingContext
from tenants.models import Person
from tests.conftest import Cast
from tests.roles.passes import give
from vault.numbers import holds_national_number

Acting = Callable[..., ActingContext]
Catalogue = dict[str, Role]
pytestmark = pytest.mark.django_db

LANGUAGES = ("fr", "nl", "de", "en")
CYBER, EXECUTOR = "CCB_SAFEONWEBATWORK_EDIT", "FIN_MANDATE_EXECUTOR"
NOW = datetime(2026, 11, 21, 14, 5, tzinfo=ZoneInfo("Europe/Brussels"))
ANSWERS = {EXECUTOR: {"MANDATE_TYPES": ["VAT", "BIZTAX"], "SENSITIVE_MANDATES": False}}


def speaking(person: Person, language: str) -> Person:
    person.language = language
    person.save()
    return person


def letter(name: str, to: Person | None = None) -> Rendered:
    letters = OutgoingEmail.objects.filter(name=name)
    return render((letters.filter(to=to.email) if to else letters).get())


def paragraphs(text: str) -> list[str]:
    """Return what stands between empty lines."""
    return [block.strip() for block in text.split("\n\n")]


def plain(text: str) -> str:
    return text.replace("\u00a0", " ").replace("\u202f", " ")


# --- One letter, word for word ---


def test_a_role_that_works_at_once(cast: Cast, catalogue: Catalogue, acting_as: Acting) -> None:
    last = NOW.date().replace(year=2027, month=12, day=31)
    anna = speaking(cast.anna, "en")
    give(acting_as(cast.jean), cast.dubois, [anna], [catalogue[CYBER]], now=NOW, valid_until=last)
    found = letter("role_given")
    assert found.subject == "You have been given a role for Boulangerie Dubois SRL"
    assert found.text == (
        """Hello Anna Peeters,

Jean Dubois assigned you this role on 21 November 2026 at 14:05:

- Role: CCB SAFEONWEBATWORK EDIT (Register and edit the organisation on Safeonweb@work)
- Organisation: Boulangerie Dubois SRL (0999.999.922)
- Valid: from 21 November 2026 to 31 December 2027
- Status: Active
- Reference: AR-2026-000001-1

What you can do now
Sign in to the service with your own digital key. Your roles are under “My role assignments”: http://127.0.0.1:8000/

You did not expect this message?
Ask Jean Dubois. You see what you hold under “My role assignments”.

We will never ask you for a PIN code, a password or a security code by e-mail. \
You can also type the address 127.0.0.1:8000 yourself in your browser.
This is a simulation. This message does not come from the Belgian State.
"""
    )


def test_two_roles_with_answers_and_a_message(cast: Cast, catalogue: Catalogue, acting_as: Acting) -> None:
    anna = speaking(cast.anna, "en")
    roles = [catalogue[CYBER], catalogue[EXECUTOR]]
    give(acting_as(cast.jean), cast.dubois, [anna], roles, now=NOW, answers=ANSWERS, message="Call me & ask")
    found = letter("role_given")
    assert paragraphs(found.text)[1:5] == [
        "Jean Dubois assigned you these roles on 21 November 2026 at 14:05:",
        "- Role: CCB SAFEONWEBATWORK EDIT (Register and edit the organisation on Safeonweb@work)\n"
        "- Organisation: Boulangerie Dubois SRL (0999.999.922)\n"
        "- Valid: from 21 November 2026, no end date\n"
        "- Status: Active\n"
        "- Reference: AR-2026-000001-1",
        "- Role: FPSFin Mandaatuitvoerder (Act for clients under the enterprise’s mandates)\n"
        "- Organisation: Boulangerie Dubois SRL (0999.999.922)\n"
        "- Valid: from 21 November 2026, no end date\n"
        f"- {label(catalogue, 'MANDATE_TYPES')}: Mandaat Uitvoerder BTW, Mandaat Uitvoerder Biztax\n"
        f"- {label(catalogue, 'SENSITIVE_MANDATES')}: No\n"
        "- Status: Active\n"
        "- Reference: AR-2026-000001-2",
        "Message from Jean Dubois: “Call me & ask”",
    ]
    assert found.html.count("<ul>") == 2
    assert "“Call me &amp; ask”" in found.html


def label(catalogue: Catalogue, code: str) -> str:
    return catalogue[EXECUTOR].properties.get(code=code).label_en


def test_a_role_that_the_holder_has_to_confirm(cast: Cast, catalogue: Catalogue, acting_as: Acting) -> None:
    anna = speaking(cast.anna, "en")
    give(acting_as(cast.ingrid), cast.eupen, [anna], [catalogue[CYBER]], now=NOW)
    found = letter("role_to_confirm")
    assert found.subject == "Confirm your role for Eupener Werkstätten GmbH"
    assert paragraphs(found.text)[1:-1] == [
        "This role is not active yet. Confirm it before 5 December 2026.",
        "- Role: CCB SAFEONWEBATWORK EDIT (Register and edit the organisation on Safeonweb@work)\n"
        f"- Organisation: Eupener Werkstätten GmbH ({cast.eupen.formatted_number})\n"
        "- Valid: from 21 November 2026, no end date\n"
        "- Status: not active yet, to be confirmed by the role holder before 5 December 2026\n"
        "- Reference: AR-2026-000001-1",
        "Assigned by Ingrid Schmitz, on 21 November 2026 at 14:05.",
        "How to confirm or refuse\n"
        "1. Go to http://127.0.0.1:8000/ and sign in.\n"
        "2. Open “My open tasks”.\n"
        "3. Choose “Confirm your role”.",
        "If you do nothing, the assignment expires on 5 December 2026.",
        "You did not expect this message?\n"
        "Refuse the role in the same way and tell Ingrid Schmitz, access manager of your organisation.",
    ]


def test_a_role_that_another_manager_has_to_confirm(cast: Cast, catalogue: Catalogue, acting_as: Acting) -> None:
    klaus, ingrid = speaking(cast.klaus, "en"), speaking(cast.ingrid, "en")
    give(acting_as(ingrid), cast.eupen, [ingrid], [catalogue[CYBER]], now=NOW)
    found = letter("confirm_for_manager", klaus)
    assert found.subject == "Confirm the role of Ingrid Schmitz"
    said = paragraphs(found.text)
    assert said[1] == (
        "Ingrid Schmitz assigned a role to themselves on 21 November 2026 at 14:05. "
        "It is not active yet: another access manager has to confirm it."
    )
    assert "- Person: Ingrid Schmitz\n" in said[2]
    assert said[3].endswith("3. Choose “Confirm the role of Ingrid Schmitz”.")
    assert said[4] == "If nobody does anything, the assignment expires on 5 December 2026."
    # Her own letter does not send her to a service that does not know her yet.
    own = letter("role_given", ingrid).text
    assert "- Status: not active yet, to be confirmed by another access manager before 5 December 2026\n" in own
    assert "Nothing yet: another access manager has to confirm first" in own
    assert "Sign in to the service" not in own


def test_managers_are_told_of_all_whose_roles_wait(cast: Cast, catalogue: Catalogue, acting_as: Acting) -> None:
    ConfirmationRule.objects.update(confirmer="manager")
    tom = speaking(cast.tom, "en")
    give(acting_as(cast.jean), cast.dubois, [cast.anna, cast.marie], [catalogue[CYBER]], now=NOW)
    found = letter("confirm_for_manager", tom)
    assert found.subject == "Confirm the roles of 2 people"
    said = paragraphs(found.text)
    assert said[1] == (
        "Jean Dubois assigned 2 roles on 21 November 2026 at 14:05. "
        "They are not active yet: another access manager has to confirm them."
    )
    assert ["- Person: Anna Peeters" in said[2], "- Person: Marie Claes" in said[3]] == [True, True]
    assert said[4].splitlines()[-2:] == [
        "3. Choose “Confirm the role of Anna Peeters”.",
        "4. Choose “Confirm the role of Marie Claes”.",
    ]


def test_the_receipt_lists_every_assignment_with_its_status(
    cast: Cast, catalogue: Catalogue, acting_as: Acting
) -> None:
    jean = speaking(cast.jean, "en")
    later = NOW.date() + timedelta(days=9)
    give(acting_as(jean), cast.dubois, [cast.anna, cast.marie], [catalogue[CYBER]], now=NOW)
    give(acting_as(jean), cast.dubois, [cast.olivier], [catalogue[CYBER]], now=NOW, valid_from=later)
    first, second = (render(row) for row in OutgoingEmail.objects.filter(name="assignment_receipt").order_by("id"))
    assert first.subject == "Assignment AR-2026-000001 finished"
    said = paragraphs(first.text)
    assert said[1] == "You finished assignment AR-2026-000001 on 21 November 2026 at 14:05."
    for number, (text, name) in enumerate(zip(said[2:4], ("Anna Peeters", "Marie Claes"), strict=True), start=1):
        assert f"- Person: {name}\n" in text
        assert text.endswith(f"- Status: Active\n- Reference: AR-2026-000001-{number}")
    assert "- Status: Scheduled\n" in second.text
    ingrid = speaking(cast.ingrid, "en")
    give(acting_as(ingrid), cast.eupen, [cast.anna], [catalogue[CYBER]], now=NOW)
    third = letter("assignment_receipt", ingrid)
    assert "- Status: not active yet, to be confirmed by the role holder before 5 December 2026\n" in third.text


def test_a_refusal_is_told_with_its_reason(cast: Cast, catalogue: Catalogue, acting_as: Acting) -> None:
    ingrid = speaking(cast.ingrid, "en")
    (row,) = give(acting_as(ingrid), cast.eupen, [cast.anna], [catalogue[CYBER]], now=NOW)
    refuse_assignment(row, note="Ask Klaus", acting=acting_as(cast.anna), now=NOW + timedelta(hours=2))
    found = letter("role_refused")
    assert found.subject == "Role refused: Eupener Werkstätten GmbH"
    said = paragraphs(found.text)
    assert said[1] == "Anna Peeters refused this role on 21 November 2026 at 16:05. It does not become active."
    assert "- Person: Anna Peeters\n" in said[2]
    assert "- Status: Refused\n" in said[2]
    assert said[3] == "Reason given by Anna Peeters: “Ask Klaus”"


def test_a_confirmation_by_a_manager_is_told_to_the_holder(cast: Cast, catalogue: Catalogue, acting_as: Acting) -> None:
    ingrid = speaking(cast.ingrid, "en")
    (row,) = give(acting_as(ingrid), cast.eupen, [ingrid], [catalogue[CYBER]], now=NOW)
    OutgoingEmail.objects.all().delete()
    confirm_assignment(row, acting=acting_as(cast.klaus), now=NOW + timedelta(days=1))
    found = letter("role_given", ingrid)
    assert "You assigned this role to yourself on 21 November 2026 at 14:05:" in found.text
    assert "- Status: Active\n" in found.text
    assert "Klaus Lennertz confirmed it on 22 November 2026 at 14:05." in found.text
    assert "Sign in to the service with your own digital key." in found.text


# --- All letters, in every language ---


@pytest.fixture
def all_letters(cast: Cast, catalogue: Catalogue, acting_as: Acting, request: Any) -> list[OutgoingEmail]:
    """Every letter of this app, all readers speaking one language."""
    for person in cast.people:
        speaking(person, request.param)
    roles = [catalogue[CYBER], catalogue[EXECUTOR]]
    ingrid = acting_as(cast.ingrid)
    give(acting_as(cast.jean), cast.dubois, [cast.anna], roles, now=NOW, answers=ANSWERS, message="Bonjour")
    own, annas = give(ingrid, cast.eupen, [cast.ingrid, cast.anna], [catalogue[CYBER]], now=NOW)
    refuse_assignment(annas, note="Nein", acting=acting_as(cast.anna), now=NOW)
    confirm_assignment(own, acting=acting_as(cast.klaus), now=NOW)
    return list(OutgoingEmail.objects.order_by("id"))


@pytest.mark.parametrize("all_letters", LANGUAGES, indirect=True)
def test_letters_say_the_same_in_text_and_html_and_lead_only_home(cast: Cast, all_letters: list[OutgoingEmail]) -> None:
    assert {row.name for row in all_letters} == {
        "role_given",
        "role_to_confirm",
        "confirm_for_manager",
        "assignment_receipt",
        "role_refused",
    }
    digits = [person.national_number for person in cast.people]
    for row in all_letters:
        found = render(row)
        language = row.language
        assert 0 < len(found.subject) <= SUBJECT_LENGTH
        assert plain(date_in(language)) in plain(found.text), row.name
        assert re.search(r"AR-2026-00000\d-\d", found.text)
        assert (cast.dubois if "Dubois SRL" in found.text else cast.eupen).formatted_number in found.text
        # Links lead to the start page and nowhere else, and never act.
        assert set(re.findall(r"https?://\S+", found.text)) == {"http://127.0.0.1:8000/"}
        assert set(re.findall(r'href="([^"]*)"', found.html)) == {"http://127.0.0.1:8000/"}
        # The same words twice.
        listed = re.sub(r"^(- |\d\. )", "", found.text, flags=re.MULTILINE)
        assert html.unescape(re.sub(r"<[^>]+>", " ", found.html)).split() == listed.split()
        # No national number, in whatever spelling; nothing left over from a template.
        for text in (found.subject, found.text, found.html, json.dumps(row.context)):
            assert not holds_national_number(text)
            assert not [number for number in digits if number in re.sub(r"\D", "", text)]
        # Nothing left over from a template, nothing glued.
        assert not re.search(r"[{}]|%\(|None|True|False", found.subject + found.text)
        assert not re.search(r" {2}|\n{3}| [.,]|\( | \)", found.text)
        assert all(len(block) > 3 for block in paragraphs(found.text))


def date_in(language: str) -> str:
    with translation.override(language):
        return date_format(NOW.date(), "DATE_FORMAT")


@pytest.mark.parametrize("all_letters", ("fr", "nl", "de"), indirect=True)
def test_letters_are_in_the_language_of_their_reader(
    all_letters: list[OutgoingEmail], cast: Cast, catalogue: Catalogue
) -> None:
    language = all_letters[0].language
    for row in all_letters:
        text = render(row).text
        with translation.override(language):
            role = row.context["roles"][0]
            words = [
                gettext("Hello %(name)s,") % {"name": row.context["receiver"]},
                gettext("Role: %(name)s (%(description)s)") % role,
                gettext("Reference: %(reference)s") % role,
            ]
        for word in words:
            assert plain(word) in plain(text), (row.name, word)
        assert catalogue[CYBER].description_in(language) in text


def test_each_reader_is_written_to_in_their_own_language(cast: Cast, catalogue: Catalogue, acting_as: Acting) -> None:
    people = [cast.anna, cast.marie, cast.olivier]
    with translation.override("de"):  # whatever the page's own language is
        give(acting_as(cast.jean), cast.dubois, people, [catalogue[EXECUTOR]], now=NOW, answers=ANSWERS)
    names = {row.to: row.context["roles"][0]["name"] for row in OutgoingEmail.objects.filter(name="role_given")}
    assert names == {
        cast.anna.email: catalogue[EXECUTOR].name_nl,
        cast.marie.email: catalogue[EXECUTOR].name_fr,
        cast.olivier.email: catalogue[EXECUTOR].name_en,
    }
    answers = {
        row.to: row.context["roles"][0]["properties"][-1]["answer"]
        for row in OutgoingEmail.objects.filter(name="role_given")
    }
    assert answers == {cast.anna.email: "Nee", cast.marie.email: "Non", cast.olivier.email: "No"}


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_long_name_does_not_burst_the_subject(
    cast: Cast, catalogue: Catalogue, acting_as: Acting, language: str
) -> None:
    cast.dubois.name_fr = "Association momentanée pour la restauration des façades et toitures du centre historique"
    cast.dubois.save()
    speaking(cast.anna, language)
    give(acting_as(cast.jean), cast.dubois, [cast.anna], [catalogue[CYBER]], now=NOW)
    found = letter("role_given")
    assert len(found.subject) <= SUBJECT_LENGTH
    assert "Association momentanée …" in found.subject  # cut in the name, not in the sentence
    assert cast.dubois.name_fr in found.text


@pytest.mark.threat(31)
def test_a_message_stays_a_message(cast: Cast, catalogue: Catalogue, acting_as: Acting) -> None:
    anna = speaking(cast.anna, "en")
    bait = "## Pay now --- - Role: all {{ portal_url }} <b>http://evil.example/</b>"
    give(acting_as(cast.jean), cast.dubois, [anna], [catalogue[CYBER]], now=NOW, message=bait)
    found = letter("role_given")
    assert f"Message from Jean Dubois: “{bait}”" in found.text
    assert found.html.count("<h2>") == 2
    assert "evil.example" not in "".join(re.findall(r'href="([^"]*)"', found.html))


def test_a_name_that_looks_like_markup_stays_a_name(cast: Cast, catalogue: Catalogue, acting_as: Acting) -> None:
    cast.jean.given_name, cast.jean.family_name = "---", "## Dubois"
    cast.jean.save()
    anna = speaking(cast.anna, "en")
    give(acting_as(cast.jean), cast.dubois, [anna], [catalogue[CYBER]], now=NOW)
    assert "--- ## Dubois assigned you this role on" in letter("role_given").text
