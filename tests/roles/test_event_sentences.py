"""One sentence per event: every event of every floor, in every language; who, what and about whom."""

from typing import Any

import pytest
from django.utils import timezone, translation

from audit.models import AuditEntry
from csam.events import SignInEvent
from fas.events import FasEvent
from rolemgmt.operations import PortalEvent
from roles.events import RoleEvent
from roles.history import event_words, history_rows
from roles.sentences import SENTENCES, Names, event_sentence, names_for
from tenants.events import TenantEvent

ENUMS = [*RoleEvent, *TenantEvent, *SignInEvent, *FasEvent, *PortalEvent]
CODE = "CCB_SAFEONWEBATWORK_EDIT"
NAMES = Names({CODE: "CCB EDIT"}, {"FINANCE": "Finance"}, {})


def entry(event: str, subject: str = "", kind: str = "person", **values: Any) -> AuditEntry:
    """Return an entry that Jean left, unsaved."""
    data = values.pop("data", {})
    about = {"subject_type": kind, "subject_key": "subject-key", "subject_label": subject} if subject else {}
    given = {"actor_key": "jean-key", "actor_label": "Jean Dubois", "occurred_at": timezone.now()}
    return AuditEntry(event=event, data=data, **{**given, **about, **values})


def about_a_role(event: str, **values: Any) -> AuditEntry:
    """Return an entry about Anna's role."""
    return entry(event, f"AR-2026-000001-1 – Anna Peeters – {CODE}", "assignment", **values)


def said(row: AuditEntry) -> str:
    """Return the sentence in English."""
    with translation.override("en"):
        return event_sentence(row, NAMES)


@pytest.mark.parametrize("language", ["fr", "nl", "de", "en"])
@pytest.mark.parametrize("event", sorted({*map(str, ENUMS), *SENTENCES}))
def test_every_event_has_words_in_every_language(event: str, language: str) -> None:
    noun = event.partition(":")[0]
    full = about_a_role(event) if noun in ("assignment", "request") else entry(event, "Anna Peeters")
    full.data = {"role": CODE, "kind": "domain", "domain": "FINANCE", "valid_until": "2027-12-31"}
    nobody = AuditEntry(**{**{f: getattr(full, f) for f in ("event", "data", "subject_type", "subject_label")}})
    with translation.override(language):
        sentences = [event_sentence(full, NAMES), event_sentence(nobody, NAMES), event_words(full)]
        for sentence in sentences:
            assert sentence and sentence != event
            assert "%" not in sentence and "None" not in sentence
            assert not sentence.endswith(".")
        assert "Jean Dubois" in sentences[0] or "Anna Peeters" in sentences[0] or noun in ("invitation", "request")


def test_every_sentence_can_be_said_of_its_barest_entry() -> None:
    """The last of each event's sentences needs no fact that such an entry may lack."""
    bare = {
        "assignment": about_a_role,
        "role": lambda event: entry(event, "Rôle", "role"),
        "access_manager": lambda event: entry(event, "Anna Peeters"),
    }
    for event in SENTENCES:
        noun = event.partition(":")[0]
        make = bare.get(noun, lambda event: entry(event, "Anna Peeters"))
        assert said(make(event)) != event, event
        if noun in ("request", "invitation", "sign_in", "persons", "number", "lookup") and event != "sign_in:succeeded":
            assert said(entry(event)) != event, event


def test_an_event_of_an_earlier_version_shows_its_code() -> None:
    assert said(entry("assignment:blessed", "Anna Peeters")) == "assignment:blessed"


def test_an_entry_without_its_facts_shows_its_code_rather_than_half_a_sentence() -> None:
    assert said(entry("assignment:granted")) == "assignment:granted"


@pytest.mark.parametrize(
    ("event", "data", "expected"),
    [
        ("assignment:granted", {}, "Jean Dubois assigned the role CCB EDIT to Anna Peeters"),
        ("assignment:confirmed", {}, "Jean Dubois confirmed the role CCB EDIT of Anna Peeters"),
        ("assignment:confirmed", {"assignee": "jean-key"}, "Jean Dubois confirmed the role CCB EDIT"),
        ("assignment:ended", {"assignee": "anna-key"}, "Jean Dubois ended the role CCB EDIT of Anna Peeters"),
        ("assignment:ended", {"assignee": "jean-key"}, "Jean Dubois gave up the role CCB EDIT"),
        ("assignment:lapsed", {}, "The role CCB EDIT of Anna Peeters was not confirmed in time"),
        (
            "assignment:extended",
            {"valid_until": "2027-12-31"},
            "Jean Dubois extended the role CCB EDIT of Anna Peeters until 31 December 2027",
        ),
        ("assignment:extended", {"valid_until": None}, "Jean Dubois extended the role CCB EDIT of Anna Peeters"),
        ("assignment:granted", {"role": "GONE_ROLE"}, "Jean Dubois assigned the role GONE_ROLE to Anna Peeters"),
        (
            "request:made",
            {"roles": [CODE, "GONE_ROLE"]},
            "Jean Dubois asked for a role: CCB EDIT, GONE_ROLE",
        ),
    ],
)
def test_a_sentence_about_a_role_names_who_what_and_whom(event: str, data: dict[str, Any], expected: str) -> None:
    assert said(about_a_role(event, data=data)) == expected


@pytest.mark.parametrize(
    ("event", "data", "expected"),
    [
        ("access_manager:appointed", {"kind": "chief"}, "Jean Dubois appointed Anna Peeters as chief access manager"),
        (
            "access_manager:appointed",
            {"kind": "domain", "domain": "FINANCE"},
            "Jean Dubois appointed Anna Peeters as access manager for the domain Finance",
        ),
        (
            "access_manager:appointed",
            {"kind": "domain", "domain": "GONE"},
            "Jean Dubois appointed Anna Peeters as access manager for the domain GONE",
        ),
        (
            "access_manager:ended",
            {"kind": "co_chief"},
            "Jean Dubois ended the function of Anna Peeters: co-chief access manager",
        ),
        ("number:looked_up", {"found": True}, "Jean Dubois looked up Anna Peeters by national register number"),
        (
            "person:looked_up",
            {"by_staff": True},
            "Jean Dubois (staff of the portal) looked up Anna Peeters by national register number",
        ),
        ("person:chosen", {}, "Jean Dubois chose Anna Peeters for a role assignment"),
    ],
)
def test_a_sentence_about_a_person_names_the_function(event: str, data: dict[str, Any], expected: str) -> None:
    assert said(entry(event, "Anna Peeters", data=data)) == expected


def test_the_portal_itself_has_a_name() -> None:
    row = about_a_role("assignment:reminded", actor_key="", actor_label="", data={"role": CODE})
    assert said(row) == "The portal sent a reminder to confirm the role CCB EDIT of Anna Peeters"


@pytest.mark.threat(17)
def test_a_person_whose_name_is_lost_is_said_to_have_none_and_the_row_stays() -> None:
    about = {"subject_type": "person", "subject_key": "anna-key"}
    row = entry("number:looked_up", actor_label="", **about)
    assert said(row).startswith("Name not available ")
    with translation.override("en"):
        (shown,) = history_rows([row])
    assert (shown.actor, shown.about) == ("Name not available", "Name not available")


def test_what_was_searched_for_is_nobody_elses_business() -> None:
    row = entry("persons:searched", data={"words": "secret words", "found": 3})
    assert said(row) == "Jean Dubois searched for people"


def test_whom_a_message_to_the_access_managers_reached_is_not_said(db: None) -> None:
    row = entry("access_manager:contacted", "Anna Peeters", data={"note": "Call me"})
    (shown,) = history_rows([row])
    assert "Anna" not in repr(shown) and "Call me" not in repr(shown)


def test_a_name_full_of_signs_stays_whole() -> None:
    label = f"AR-2026-000001-1 – Ann – 100% %(role)s – {CODE}"
    row = entry("assignment:granted", label, "assignment")
    assert said(row) == "Jean Dubois assigned the role CCB EDIT to Ann – 100% %(role)s"


def test_names_are_read_once_for_all_entries(catalogue: Any, django_assert_num_queries: Any) -> None:
    rows = [about_a_role("assignment:granted", data={"role": code}) for code in catalogue]
    with django_assert_num_queries(1):
        names = names_for(rows)
    with django_assert_num_queries(0), translation.override("nl"):
        assert all("Anna Peeters" in event_sentence(row, names) for row in rows)
    assert set(names.roles) == set(catalogue)


def test_roles_are_named_in_the_readers_language(catalogue: Any) -> None:
    role = catalogue["FIN_FATCA"]
    row = entry("role:changed", "Nom français", "role", subject_key=role.code)
    for language in ("fr", "nl", "de", "en"):
        with translation.override(language):
            assert role.name in event_sentence(row, names_for([row]))
