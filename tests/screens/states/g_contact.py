"""The page “Who is my access manager?”."""

from django.test import override_settings

from tenants.models import Person
from tests.factories import AssignmentFactory, EmploymentFactory, OrganisationFactory
from tests.screens.stage import LOW, Stage
from tests.screens.states.e1_ask import CYBER
from tests.screens.states.g_managers import CONTACT, DUBOIS
from tests.screens.table import Answer, state

# --- Who is my access manager? ----------------------------------------------------------------------------------------


@state(
    "roles:manager_contact",
    "of an employee",
    template="roles/managers/contact.html",
    who="anna",
    shows="Marie Claes (access manager for the domain",
)
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


@state("roles:manager_contact", "holds a role elsewhere", who="olivier", shows="assigned by Jean Dubois")
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


@state(
    "roles:manager_contact",
    "organisation without managers",
    template="roles/managers/nobody.html",
    who="olivier",
    shows="Your message was not sent",
)
def contact_nobody(stage: Stage) -> Answer:
    place = OrganisationFactory(name_fr="Atelier du Pont SRL", name_nl="")
    return write(stage, place.enterprise_number)


@state("roles:manager_contact", "managers without an address", who="olivier", shows="have no e-mail address in this")
def contact_no_address(stage: Stage) -> Answer:
    Person.objects.filter(pk__in=[stage.jean.pk, stage.tom.pk]).update(email="", email_key="")
    return write(stage)
