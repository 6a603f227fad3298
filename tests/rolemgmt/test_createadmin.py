"""`manage.py createadmin`: the first admin; the number comes from standard input, never from the command line."""

import io

import pytest
from django.core.management import CommandError, call_command

from audit.models import AuditEntry
from csam.models import User
from rolemgmt.demo.numbers import national_number
from tenants.models import Person

NUMBER = national_number(4711)
ANSWERS = f"{NUMBER}\nNora\nMaes\nnora.maes@exemple.be\nnl\n"


@pytest.fixture
def createadmin(db, monkeypatch):
    def run(answers: str) -> str:
        monkeypatch.setattr("sys.stdin", io.StringIO(answers))
        out = io.StringIO()
        call_command("createadmin", stdout=out)
        return out.getvalue()

    return run


def test_a_new_person_is_described_and_becomes_an_admin(createadmin):
    said = createadmin(ANSWERS)
    user = User.objects.get(person__family_name="Maes")
    assert (user.is_staff, user.is_superuser, user.is_active) == (True, True, True)
    assert (user.person.given_name, user.person.email, user.person.language) == ("Nora", "nora.maes@exemple.be", "nl")
    assert not user.has_usable_password()
    assert "Nora Maes is an admin now" in said
    assert NUMBER not in said
    assert AuditEntry.objects.filter(event="admin:made", subject_key=user.person.key).count() == 1


def test_a_second_time_changes_nothing_and_says_so(createadmin):
    createadmin(ANSWERS)
    said = createadmin(f"{NUMBER}\n")
    assert "is an admin already" in said
    assert User.objects.count() == Person.objects.count() == 1
    assert AuditEntry.objects.filter(event="admin:made").count() == 1


def test_a_known_person_is_not_asked_again_and_keeps_their_login(createadmin):
    createadmin(ANSWERS)
    User.objects.update(is_staff=False, is_superuser=False)
    assert "is an admin now" in createadmin(f"{NUMBER[:6]} {NUMBER[6:9]}-{NUMBER[9:]}\n")
    assert User.objects.get().is_superuser


@pytest.mark.parametrize(
    ("answers", "problem"),
    [
        ("", "National register number is missing"),
        ("12345\n", "not a national register number"),
        ("hello\n", "not a national register number"),
        (f"{NUMBER}\n", "First name is missing"),
        (f"{NUMBER}\n\nMaes\nnora@exemple.be\nnl\n", "first name and a last name"),
        (f"{NUMBER}\nNora\nMaes\nnora\nnl\n", "not an e-mail address"),
        (f"{NUMBER}\nNora\nMaes\nnora@exemple.be\nes\n", "fr, nl, de or en"),
    ],
)
def test_what_cannot_be_used_is_refused_and_nothing_is_written(createadmin, answers, problem):
    with pytest.raises(CommandError, match=problem):
        createadmin(answers)
    assert Person.objects.count() == User.objects.count() == 0


def test_the_number_is_no_argument(db):
    with pytest.raises((CommandError, TypeError)):
        call_command("createadmin", NUMBER)
