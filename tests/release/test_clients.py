"""The foreign programs of a release: each uses ready settings that exist, and a table says what came of it."""

import pytest

from fas.ready_settings import ready_settings
from tests.fas.rows import a_client
from tests.release.clients.__main__ import Row, as_table
from tests.release.clients.programs import PROGRAMS, OpenidClient


@pytest.mark.django_db
def test_every_program_signs_in_by_settings_that_the_administration_shows() -> None:
    ready = {one.program for one in ready_settings(a_client(), issuer="https://portal.example/fas/oauth2")}
    assert {program.ready for program in PROGRAMS} <= ready
    assert ready - {program.ready for program in PROGRAMS} == {"Spring Boot"}  # which says that nobody has run it


def test_a_program_that_is_not_there_is_listed_with_what_it_needs(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("OPENID_CLIENT", raising=False)
    assert OpenidClient().missing()


@pytest.mark.parametrize(
    ("with_role", "without_role", "after_end", "right"),
    [
        ("let in", "kept out", "keeps no session", True),
        ("let in", "kept out", "out after 3.2 s", True),
        ("let in", "let in", "keeps no session", False),
        ("kept out", "kept out", "keeps no session", False),
        ("let in", "kept out", "still in", False),
        ("let in", "kept out", "was out before", False),
    ],
)
def test_a_program_is_right_that_lets_in_by_role(
    with_role: str, without_role: str, after_end: str, right: bool
) -> None:
    row = Row("one", "1.0", with_role, without_role, after_end)
    assert row.is_right is right
    assert as_table([row]).splitlines()[-1] == f"| one | 1.0 | {with_role} | {without_role} | {after_end} |"
