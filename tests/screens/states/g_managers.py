"""S6: the access managers of an organisation, appointing and ending one, and writing to those of another one."""

from datetime import timedelta
from typing import Any

from django.utils import timezone

from tenants.models import AccessManagerAppointment, Employment, Organisation, Person
from tests.factories import AppointmentFactory, EmploymentFactory
from tests.screens.stage import LOW, Stage
from tests.screens.states.e1_ask import end_all_appointments
from tests.screens.table import Answer, state

LIST, NEW, CHECK = "/access-managers/", "/access-managers/new/", "/access-managers/new/check/"
CONTACT, DUBOIS = "/access-managers/contact/", "0999.999.922"
UNKNOWN_NUMBER = "85.07.30-033.28"


def function_of(person: Person) -> AccessManagerAppointment:
    """Return the first function that somebody had."""
    return AccessManagerAppointment.objects.filter(person=person).earliest("id")


def end(person: Person) -> str:
    """Return the address where a function is ended."""
    return f"{LIST}{function_of(person).key}/end/"


def appoint(stage: Stage, person: Person | None, function: str = "co_chief", **fields: Any) -> Answer:
    """Answer the questions, for oneself where nobody is named."""
    who = {"who": "number", "number": person.national_number} if person else {"who": "myself"}
    return stage.post(NEW, **{"function": function, **who, **fields})


def represents(person: Person, place: Organisation) -> None:
    """Let somebody represent an organisation by law."""
    EmploymentFactory(person=person, organisation=place, kind="legal_representative")


# --- The list ---------------------------------------------------------------------------------------------------------


@state(
    "roles:managers",
    "of the chief",
    template="roles/managers/list.html",
    shows=("Add a co-chief access manager", "This is you"),
)
def of_the_chief(stage: Stage) -> Answer:
    AccessManagerAppointment.objects.filter(person=stage.marie).update(
        valid_until=timezone.localdate() + timedelta(days=20)
    )
    start = timezone.localdate() + timedelta(days=9)
    AppointmentFactory(person=stage.anna, organisation=stage.dubois, kind="co_chief", valid_from=start)
    return stage.get(LIST)


@state("roles:managers", "of somebody who appoints nobody", who="anna", shows="Jean Dubois")
def of_an_employee(stage: Stage) -> Answer:
    return stage.get(LIST)


@state("roles:managers", "of another organisation of one's own", who="tom", shows="To appoint somebody, act for")
def of_another_organisation(stage: Stage) -> Answer:
    represents(stage.tom, stage.peeters)
    return stage.get(f"{LIST}?key={stage.peeters.key}")


@state("roles:managers", "nobody appointed", shows="has no chief access manager.")
def nobody_appointed(stage: Stage) -> Answer:
    end_all_appointments(stage)
    return stage.get(LIST)


@state("roles:managers", "nobody appointed, of an employee", who="anna", shows="Jean Dubois")
def nobody_appointed_for_employee(stage: Stage) -> Answer:
    end_all_appointments(stage)
    return stage.get(LIST)


@state("roles:managers", "nobody appointed, no representative known", who="anna", shows="www.csam.be")
def nobody_known(stage: Stage) -> Answer:
    end_all_appointments(stage)
    Employment.objects.filter(person=stage.jean).update(kind="employee")
    return stage.get(LIST)


@state("roles:managers", "organisation stopped", shows="has stopped")
def organisation_stopped(stage: Stage) -> Answer:
    Organisation.objects.filter(pk=stage.dubois.pk).update(status="stopped")
    return stage.get(LIST)


@state("roles:managers", "key too low", level=LOW, shows="Sign in with one of these keys")
def list_key_too_low(stage: Stage) -> Answer:
    return stage.get(LIST)


@state(
    "roles:managers", "of no organisation", who="olivier", status=403, shows="You are not linked to any organisation."
)
def of_no_organisation(stage: Stage) -> Answer:
    return stage.get(LIST)


@state("roles:managers", "of the neighbour", who="carine", status=404, shows="Page not found")
def of_the_neighbour(stage: Stage) -> Answer:
    return stage.get(f"{LIST}?key={stage.dubois.key}")


# --- Ending -----------------------------------------------------------------------------------------------------------


@state(
    "roles:end_manager", "of another", template="roles/managers/end.html", shows=("End this function?", "Marie Claes")
)
def end_of_another(stage: Stage) -> Answer:
    return stage.get(end(stage.marie))


@state("roles:end_manager", "of oneself", who="marie", shows="End this function?")
def end_of_oneself(stage: Stage) -> Answer:
    return stage.get(end(stage.marie))


@state("roles:end_manager", "of the chief, who represents", shows="is then left without a chief access manager.")
def end_of_the_chief(stage: Stage) -> Answer:
    return stage.get(end(stage.jean))


@state(
    "roles:end_manager",
    "asked a second time",
    template="roles/managers/end_last.html",
    who="marie",
    shows="You will no longer be able to assign roles",
)
def end_asked_again(stage: Stage) -> Answer:
    return stage.post(end(stage.marie))


@state("roles:end_manager", "chief without a successor", who="carine", status=403, notes="E38", shows="Appoint another")
def end_last_chief(stage: Stage) -> Answer:
    return stage.get(end(stage.carine))


@state("roles:end_manager", "not the chief", who="anna", status=403, shows="You cannot do this (yet)")
def end_not_the_chief(stage: Stage) -> Answer:
    return stage.get(end(stage.marie))


@state("roles:end_manager", "of the neighbour", who="carine", status=404, shows="Page not found")
def end_of_the_neighbour(stage: Stage) -> Answer:
    return stage.get(end(stage.marie))


@state("roles:managers", "just ended", shows="Marie Claes no longer has this function")
def just_ended(stage: Stage) -> Answer:
    return stage.post(end(stage.marie))


@state("roles:managers", "ended before", shows="This function has ended already")
def ended_before(stage: Stage) -> Answer:
    end_all_appointments(stage, besides=stage.jean)
    return stage.get(end(stage.marie))
