"""S6: the access managers of an organisation, appointing and ending one, and writing to those of another one."""

from datetime import timedelta
from typing import Any

from django.test import override_settings
from django.utils import timezone

from tenants.models import AccessManagerAppointment, Employment, Organisation, Person
from tests.factories import AppointmentFactory, AssignmentFactory, EmploymentFactory, OrganisationFactory
from tests.screens.stage import LOW, Stage
from tests.screens.states.e1_ask import CYBER, end_all_appointments, on
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


@state("roles:managers", "of the chief", shows=("Add a co-chief access manager", "This is you"))
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


# --- Appointing -------------------------------------------------------------------------------------------------------


@state("roles:new_manager", "all functions", shows="Takes the place of Jean Dubois, whose function ends at once.")
def new_all(stage: Stage) -> Answer:
    return stage.get(NEW)


@state("roles:new_manager", "co-chief only", shows="Assigns roles of all domains, as the chief does; appoints nobody.")
def new_co_chief(stage: Stage) -> Answer:
    return stage.get(f"{NEW}?action=co_chief")


@state("roles:new_manager", "by a representative", shows="Myself, Jean Dubois")
def new_by_representative(stage: Stage) -> Answer:
    end_all_appointments(stage)
    return stage.get(NEW)


@state("roles:new_manager", "answered before", shows="Appoint an access manager")
def new_answered(stage: Stage) -> Answer:
    appoint(stage, stage.anna, **on("until", timezone.localdate() + timedelta(days=90)))
    return stage.get(NEW)


@state("roles:new_manager", "nothing answered", errors="E37", says="Choose a function")
def new_nothing(stage: Stage) -> Answer:
    end_all_appointments(stage)
    AppointmentFactory(person=stage.anna, organisation=stage.dubois)
    AppointmentFactory(person=stage.jean, organisation=stage.dubois, kind="co_chief")
    return stage.post(NEW, number="")


@state("roles:new_manager", "no function", says="Choose a function")
def no_function(stage: Stage) -> Answer:
    return stage.post(NEW, who="number", number=UNKNOWN_NUMBER)


@state("roles:new_manager", "no number", errors="E04")
def no_number(stage: Stage) -> Answer:
    return stage.post(NEW, function="co_chief", who="number", number="")


@state("roles:new_manager", "number too short", errors="E05")
def short_number(stage: Stage) -> Answer:
    return stage.post(NEW, function="co_chief", who="number", number="85.07.30")


@state("roles:new_manager", "digits do not add up", errors="E06")
def wrong_number(stage: Stage) -> Answer:
    return stage.post(NEW, function="co_chief", who="number", number="85.07.30-033.29")


@state("roles:new_manager", "nobody with this number", says="We cannot find anyone with this number. Check it")
def unknown_number(stage: Stage) -> Answer:
    return stage.post(NEW, function="co_chief", who="number", number=UNKNOWN_NUMBER)


@state("roles:new_manager", "too many look-ups", errors="E08")
def too_many_lookups(stage: Stage) -> Answer:
    with override_settings(NUMBER_LOOKUP_QUOTA=1):
        unknown_number(stage)
        return unknown_number(stage)


@state("roles:new_manager", "half an end date", errors="E14")
def half_a_date(stage: Stage) -> Answer:
    return appoint(stage, stage.anna, until_day=31, until_month="", until_year="")


@state("roles:new_manager", "no such end date", errors="E15")
def no_such_date(stage: Stage) -> Answer:
    return appoint(stage, stage.anna, until_day=31, until_month=2, until_year=2031)


@state("roles:new_manager", "ends today", errors="E16")
def ends_today(stage: Stage) -> Answer:
    return appoint(stage, stage.anna, **on("until", timezone.localdate()))


@state("roles:new_manager", "ends before it starts", errors="E17")
def ends_before(stage: Stage) -> Answer:
    today = timezone.localdate()
    days = {**on("start", today + timedelta(days=9)), **on("until", today + timedelta(days=8))}
    return appoint(stage, stage.anna, **days)


@state("roles:new_manager", "starts in the past", errors="E18")
def starts_in_the_past(stage: Stage) -> Answer:
    return appoint(stage, stage.anna, **on("start", timezone.localdate() - timedelta(days=1)))


@state("roles:new_manager", "has the function already", says="Tom Janssens already has this function")
def has_it_already(stage: Stage) -> Answer:
    return appoint(stage, stage.tom)


@state("roles:new_manager", "chief from outside", errors="E39")
def chief_from_outside(stage: Stage) -> Answer:
    return appoint(stage, stage.carine, "chief")


@state("roles:new_manager", "next chief begins later", says="The next chief access manager must begin today")
def chief_later(stage: Stage) -> Answer:
    return appoint(stage, stage.tom, "chief", **on("start", timezone.localdate() + timedelta(days=1)))


@state("roles:new_manager", "not the chief", who="marie", status=403, shows="Jean Dubois (chief access manager)")
def not_the_chief(stage: Stage) -> Answer:
    return stage.get(NEW)


@state("roles:new_manager", "not a representative", who="marie", status=403, shows="Jean Dubois (legal representative)")
def not_a_representative(stage: Stage) -> Answer:
    return stage.get(f"{NEW}?action=chief")


@state("roles:new_manager", "key too low", level=LOW, status=403, shows="Sign in with another key")
def new_key_too_low(stage: Stage) -> Answer:
    return stage.get(NEW)


@state("roles:check_manager", "a co-chief", shows=("Check before you appoint this person", "masked number, ends with"))
def check_co_chief(stage: Stage) -> Answer:
    return appoint(stage, stage.anna)


@state("roles:check_manager", "of a domain, for a time", shows="Access manager for the domain")
def check_domain(stage: Stage) -> Answer:
    today = timezone.localdate()
    days = {**on("start", today + timedelta(days=3)), **on("until", today + timedelta(days=40))}
    return appoint(stage, stage.anna, "domain-ENERGY", **days)


@state("roles:check_manager", "oneself", shows="This is you")
def check_oneself(stage: Stage) -> Answer:
    end_all_appointments(stage)
    return appoint(stage, None, "chief")


@state("roles:check_manager", "in one's own place", shows="Your own function as chief access manager ends at once.")
def check_own_place(stage: Stage) -> Answer:
    return appoint(stage, stage.tom, "chief")


@state("roles:check_manager", "in the place of another", who="anna", shows="The function of Jean Dubois as chief")
def check_place_of_another(stage: Stage) -> Answer:
    represents(stage.anna, stage.dubois)
    return appoint(stage, stage.tom, "chief")


@state("roles:check_manager", "asked a second time", shows="You will no longer be able to assign roles")
def check_again(stage: Stage) -> Answer:
    appoint(stage, stage.tom, "chief")
    return stage.submit(CHECK)


@state("roles:check_manager", "overtaken by another tab", says="Something has changed since you opened this page.")
def check_overtaken(stage: Stage) -> Answer:
    appoint(stage, stage.anna)
    return stage.post(CHECK, once="old", seen="")


@state("roles:managers", "just appointed", shows="Anna Peeters has this function from")
def just_appointed(stage: Stage) -> Answer:
    appoint(stage, stage.anna)
    return stage.submit(CHECK)


@state("roles:managers", "pressed twice", shows="Nothing was done")
def pressed_twice(stage: Stage) -> Answer:
    return stage.post(CHECK, once="old", seen="")


# --- Ending -----------------------------------------------------------------------------------------------------------


@state("roles:end_manager", "of another", shows=("End this function?", "Marie Claes"))
def end_of_another(stage: Stage) -> Answer:
    return stage.get(end(stage.marie))


@state("roles:end_manager", "of oneself", who="marie", shows="End this function?")
def end_of_oneself(stage: Stage) -> Answer:
    return stage.get(end(stage.marie))


@state("roles:end_manager", "of the chief, who represents", shows="is then left without a chief access manager.")
def end_of_the_chief(stage: Stage) -> Answer:
    return stage.get(end(stage.jean))


@state("roles:end_manager", "asked a second time", who="marie", shows="You will no longer be able to assign roles")
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


# --- Who is my access manager? ----------------------------------------------------------------------------------------


@state("roles:manager_contact", "of an employee", who="anna", shows="Marie Claes (access manager for the domain")
def contact_employee(stage: Stage) -> Answer:
    return stage.get(CONTACT)


@state("roles:manager_contact", "with several organisations", who="tom", shows="Peeters & Fils SA")
def contact_several(stage: Stage) -> Answer:
    return stage.get(CONTACT)


@state("roles:manager_contact", "with very many organisations", who="anna", shows="And 5 more.")
def contact_many(stage: Stage) -> Answer:
    for number in range(24):
        EmploymentFactory(person=stage.anna, organisation__name_fr=f"Atelier {number}")
    return stage.get(CONTACT)


@state("roles:manager_contact", "of no organisation", who="olivier", level=LOW, shows="You are not linked to any")
def contact_outsider(stage: Stage) -> Answer:
    return stage.get(CONTACT)


@state("roles:manager_contact", "holds a role elsewhere", who="olivier", shows="given by Jean Dubois")
def contact_elsewhere(stage: Stage) -> Answer:
    role = stage.roles[CYBER]
    AssignmentFactory(assignee=stage.olivier, role=role, organisation=stage.dubois, assigned_by=stage.jean)
    return stage.get(CONTACT)


@state("roles:manager_contact", "without an address", who="olivier", shows="We have no e-mail address for you")
def contact_without_address(stage: Stage) -> Answer:
    Person.objects.filter(pk=stage.olivier.pk).update(email="", email_key="")
    return stage.get(CONTACT)


def write(stage: Stage, number: str = DUBOIS, message: str = "Who can help me?") -> Answer:
    """Send a message."""
    return stage.post(CONTACT, number=number, message=message)


@state("roles:manager_contact", "just sent", who="olivier", shows="Your message has been sent to")
def contact_sent(stage: Stage) -> Answer:
    return write(stage)


@state("roles:manager_contact", "sent twice", who="olivier", shows="it was not sent again")
def contact_sent_twice(stage: Stage) -> Answer:
    write(stage)
    return write(stage)


@state("roles:managers", "asked for by number", who="anna", shows="This is your own organisation")
def contact_own(stage: Stage) -> Answer:
    return write(stage)


@state("roles:manager_contact", "no number", who="olivier", says="Enter an enterprise number")
def contact_no_number(stage: Stage) -> Answer:
    return write(stage, "")


@state("roles:manager_contact", "wrong number", who="olivier", says="This is not an enterprise number.")
def contact_wrong_number(stage: Stage) -> Answer:
    return write(stage, "0999.999.923")


@state(
    "roles:manager_contact", "unknown number", who="olivier", says="We cannot find an organisation with this number."
)
def contact_unknown(stage: Stage) -> Answer:
    return write(stage, "0403.019.261")


@state("roles:manager_contact", "organisation stopped", who="olivier", says="has stopped, according to the Crossroads")
def contact_stopped(stage: Stage) -> Answer:
    return write(stage, stage.vandersteen.formatted_number)


@state("roles:manager_contact", "message too long", who="olivier", errors="E24")
def contact_too_long(stage: Stage) -> Answer:
    return write(stage, message="x" * 301)


@state("roles:manager_contact", "number in the message", who="olivier", says="Take the national register number out")
def contact_number(stage: Stage) -> Answer:
    return write(stage, message="I am 85.07.30-033.28")


@state("roles:manager_contact", "too many today", who="olivier", says="You have sent as many messages as a day allows.")
def contact_too_many(stage: Stage) -> Answer:
    with override_settings(MANAGER_CONTACT_QUOTA=1):
        write(stage)
        return write(stage, message="One more")


@state("roles:manager_contact", "organisation without managers", who="olivier", shows="Your message was not sent")
def contact_nobody(stage: Stage) -> Answer:
    place = OrganisationFactory(name_fr="Atelier du Pont SRL", name_nl="")
    return write(stage, place.enterprise_number)


@state("roles:manager_contact", "managers without an address", who="olivier", shows="have no e-mail address in this")
def contact_no_address(stage: Stage) -> Answer:
    Person.objects.filter(pk__in=[stage.jean.pk, stage.tom.pk]).update(email="", email_key="")
    return write(stage)
