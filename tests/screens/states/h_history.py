"""S20: the history of an organisation, and one's own activity."""

from typing import Any

from django.utils import timezone

from audit.models import AuditEntry
from audit.record import record
from rolemgmt.demo.numbers import national_number
from roles.operations.invitations import cancel_invitation
from tenants.models import Person
from tests.factories import AppointmentFactory, PersonFactory
from tests.screens.stage import LOW, Stage
from tests.screens.states.f1_invitations import CYBER, FINANCE, NORA, invited
from tests.screens.table import Answer, state

# Indexes of numbers that nobody of the demonstration has.
FIRST = 7_000
HISTORY, ACTIVITY = "/history/", "/profile/activity/"


def happened(stage: Stage, who: str, event: str, **values: Any) -> AuditEntry:
    """Write an entry of something that somebody did at Dubois."""
    return record(event, actor=stage.people[who], organisation=stage.dubois, **{"now": timezone.now(), **values})


def filtered(stage: Stage, words: str, **fields: str) -> Answer:
    """Filter by person."""
    return stage.post(HISTORY, person=words, **fields)


@state(
    "roles:history",
    "of the organisation",
    template="roles/history.html",
    shows=("Events", "assigned the role", "Month by month"),
)
def of_the_organisation(stage: Stage) -> Answer:
    cancel_invitation(invited(stage, NORA, CYBER, FINANCE), acting=stage.acting("tom"), now=timezone.now())
    happened(stage, "jean", "number:looked_up", subject=stage.olivier)
    happened(stage, "tom", "persons:searched", words="zwaenepoel", found=2, more=False)
    return stage.get(HISTORY)


@state("roles:history", "a name is lost", shows="Name not available assigned the role")
def a_name_is_lost(stage: Stage) -> Answer:
    newest = AuditEntry.objects.filter(event="assignment:granted", organisation_key=stage.dubois.key).latest("id")
    kept = {name: getattr(newest, name) for name in ("event", "actor_key", "organisation_key", "data")}
    about = {name: getattr(newest, name) for name in ("subject_type", "subject_key", "subject_label")}
    AuditEntry.objects.create(occurred_at=timezone.now(), **kept, **about)
    return stage.get(HISTORY)


@state("roles:history", "nothing", who="olivier", shows="Nothing in the history.")
def nothing(stage: Stage) -> Answer:
    AppointmentFactory(person=stage.olivier, organisation__name_fr="Atelier du Pont SRL")
    return stage.get(HISTORY)


@state("roles:history", "of a domain", who="marie", shows="You see what is about the roles of your domain")
def of_a_domain(stage: Stage) -> Answer:
    return stage.get(HISTORY)


@state("roles:history", "of one month", shows=("All months", "assigned the role"))
def of_one_month(stage: Stage) -> Answer:
    return stage.get(f"{HISTORY}?month={stage.ago(days=200):%Y-%m}")


@state("roles:history", "nothing in a month", shows="Nothing in the history for this month.")
def nothing_in_a_month(stage: Stage) -> Answer:
    return stage.get(f"{HISTORY}?month=2019-03")


@state("roles:history", "first of two pages", shows="Next")
def first_page(stage: Stage) -> Answer:
    for _number in range(26):
        happened(stage, "tom", "persons:searched", words="", found=2, more=False)
    return stage.get(HISTORY)


@state("roles:history", "last page", shows="First page")
def last_page(stage: Stage) -> Answer:
    newest = AuditEntry.objects.filter(organisation_key=stage.dubois.key).latest("id")
    return stage.get(f"{HISTORY}?after={newest.pk}")


@state("roles:history", "of a person", shows=("Events with “Tom”", "Clear filters"))
def of_a_person(stage: Stage) -> Answer:
    return filtered(stage, "Tom")


@state("roles:history", "of a person, nothing", shows="Nothing in the history matches “Zwaenepoel”.")
def of_a_person_nothing(stage: Stage) -> Answer:
    return filtered(stage, "Zwaenepoel")


@state("roles:history", "of very many people", shows="Many people have this name, and not all of them were looked for.")
def of_many_people(stage: Stage) -> Answer:
    people = [PersonFactory.build(given_name="Pascaline") for _number in range(101)]
    for number, person in enumerate(people):
        person.set_national_number(national_number(FIRST + number))
        person.fill_keys()
    Person.objects.bulk_create(people)
    return filtered(stage, "Pascaline")


@state("roles:history", "too few letters", errors="E02")
def too_few(stage: Stage) -> Answer:
    return filtered(stage, "To", month="2025-11")


@state("roles:history", "number as a filter", says="Search by name. The number cannot be used as a filter")
def number(stage: Stage) -> Answer:
    return filtered(stage, "85.07.30-033.28")


@state("roles:history", "too many letters", errors="E24")
def too_many(stage: Stage) -> Answer:
    return filtered(stage, "Zwaenepoel" * 13)


@state("roles:history", "not a manager", who="anna", status=403, shows="You are not an access manager")
def not_a_manager(stage: Stage) -> Answer:
    return stage.get(HISTORY)


@state("roles:history", "key too low", level=LOW, status=403, shows="Sign in with another key")
def key_too_low(stage: Stage) -> Answer:
    return stage.get(HISTORY)


@state(
    "roles:activity",
    "what others did about one",
    template="roles/activity.html",
    who="anna",
    shows="Tom Janssens looked up Anna Peeters",
)
def activity(stage: Stage) -> Answer:
    happened(stage, "tom", "number:looked_up", subject=stage.anna)
    return stage.get(ACTIVITY)


@state("roles:activity", "first of two pages", who="tom", level=LOW, shows="Next")
def activity_pages(stage: Stage) -> Answer:
    for _number in range(26):
        happened(stage, "tom", "persons:searched", words="", found=2, more=False)
    return stage.get(ACTIVITY)


@state("roles:activity", "nothing", who="olivier", shows="Nothing has been recorded about you yet.")
def activity_nothing(stage: Stage) -> Answer:
    return stage.get(ACTIVITY)
