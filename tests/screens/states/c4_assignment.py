"""S9: one assignment; confirm or refuse it."""

from datetime import timedelta

from django.utils import timezone

from roles.models import RoleAssignment
from roles.operations.confirm import confirm_assignment
from roles.operations.ending import end_assignments
from roles.operations.prolong import extend_assignments
from roles.operations.reminders import remind_confirmer
from tenants.models import Organisation, Person
from tests.screens.stage import LOW, Stage
from tests.screens.states.c3_my_roles import foreign
from tests.screens.table import Answer, state

CCB, FLUVIUS, FINES = "CCB_SAFEONWEBATWORK_EDIT", "FLUVIUS_ENERGY_PORTAL_ADMIN", "JUST_TRAFFIC_FINES"
GKS, ONEGATE, BILLING = "FIN_GKS_RESTAURANT", "NBB_ONEGATE_ADMIN", "BOSA_MERCURIUS_BILLING"


def page(stage: Stage, row: RoleAssignment, sub: str = "") -> Answer:
    """Open the page of an assignment, or one under it."""
    return stage.get(f"/assignments/{row.key}/{sub}")


# --- The seven statuses -----------------------------------------------------------------------------------------------


@state(
    "roles:assignment", "active", template="roles/assignment.html", shows=("Can be used now.", "Why it works", "Events")
)
def active(stage: Stage) -> Answer:
    return page(stage, stage.held("tom", CCB))


@state("roles:assignment", "active of its holder", who="tom", shows="Give up this role")
def active_of_its_holder(stage: Stage) -> Answer:
    return page(stage, stage.held("tom", CCB))


@state("roles:assignment", "active and ends soon", shows=("Ends in 20 days", "Extend"))
def ends_soon(stage: Stage) -> Answer:
    return page(stage, stage.held("tom", FLUVIUS))


@state("roles:assignment", "active with properties", who="philippe", shows=("Types of mandates", "Sensitive mandates"))
def with_properties(stage: Stage) -> Answer:
    return page(stage, stage.held("nathalie", "FIN_MANDATE_EXECUTOR", "meuse"))


@state("roles:assignment", "active and its end is planned", shows="Can be used until")
def end_is_planned(stage: Stage) -> Answer:
    row = stage.held("tom", CCB)
    planned(stage, row)
    return page(stage, row)


def planned(stage: Stage, row: RoleAssignment) -> None:
    """Plan the end of an assignment in ten days."""
    day = timezone.localdate() + timedelta(days=10)
    end_assignments([row], last_day=day, note="Congé parental", acting=stage.acting("jean"), now=timezone.now())


@state("roles:assignment", "to be confirmed by its holder", who="ingrid", shows="Aylin Kaya must confirm before")
def to_be_confirmed(stage: Stage) -> Answer:
    return page(stage, stage.held("aylin", FINES, "eupen"))


@state(
    "roles:assignment", "to be confirmed by the reader", who="aylin", shows=("Confirm or refuse", "does not work yet")
)
def to_be_confirmed_by_the_reader(stage: Stage) -> Answer:
    return page(stage, stage.held("aylin", FINES, "eupen"))


@state(
    "roles:assignment", "to be confirmed by another manager", who="ingrid", shows="Klaus Lennertz must confirm before"
)
def to_be_confirmed_by_another(stage: Stage) -> Answer:
    return page(stage, stage.held("ingrid", FLUVIUS, "eupen"))


@state(
    "roles:assignment",
    "to be confirmed and the letter waits",
    who="ingrid",
    shows="asks for the confirmation leaves at",
)
def the_letter_waits(stage: Stage) -> Answer:
    return page(stage, stage.give(stage.people["björn"], roles=(CCB,), who="ingrid", place="eupen").rows[0])


@state("roles:assignment", "scheduled", shows=("Starts on", "Why is it not active?"))
def scheduled(stage: Stage) -> Answer:
    return page(stage, stage.held("noël", BILLING))


@state("roles:assignment", "expired", shows="The end date has passed.")
def expired(stage: Stage) -> Answer:
    return page(stage, stage.held("fatima", GKS))


@state("roles:assignment", "never confirmed", who="ingrid", shows="Not confirmed before")
def never_confirmed(stage: Stage) -> Answer:
    return page(stage, stage.held("günther", FLUVIUS, "eupen"))


@state("roles:assignment", "ended", shows=("Jean Dubois ended it on", "Reason for ending it: A quitté l’entreprise"))
def ended(stage: Stage) -> Answer:
    return page(stage, stage.held("jean-pierre", FLUVIUS))


@state("roles:assignment", "given up by its holder", who="fatima", shows="Fatima Bouzidi ended it on")
def given_up(stage: Stage) -> Answer:
    return page(stage, stage.held("fatima", FINES))


@state("roles:assignment", "ended with the organisation", who="rudi", shows="Ended on")
def ended_with_the_organisation(stage: Stage) -> Answer:
    return page(stage, stage.held("kristel", "FIN_OWN_ENTERPRISE", "vandersteen"))


@state("roles:assignment", "refused", who="ingrid", shows="Reason for refusing: Das macht bei uns Frau Kaya.")
def refused(stage: Stage) -> Answer:
    return page(stage, stage.held("günther", ONEGATE, "eupen"))


@state("roles:assignment", "cancelled", shows="before it ever worked")
def cancelled(stage: Stage) -> Answer:
    return page(stage, stage.held("emma", ONEGATE))


@state("roles:assignment", "extended", who="els", shows="Extended: see AR-")
def extended(stage: Stage) -> Answer:
    return page(stage, stage.held("liesbeth", "CUSTOMS_EMCS", "hop"))


@state("roles:assignment", "an extension", who="els", shows="It goes on from AR-")
def an_extension(stage: Stage) -> Answer:
    before = stage.held("liesbeth", "CUSTOMS_EMCS", "hop")
    return page(stage, before.extensions.get())


@state("roles:assignment", "just given", shows=("you can undo AR-", "Undo the assignment"))
def just_given(stage: Stage) -> Answer:
    return page(stage, stage.give(stage.anna, roles=(CCB,)).rows[0])


# --- Other readers ----------------------------------------------------------------------------------------------------


@state("roles:assignment", "of another organisation than ones own", who="olivier", shows="Assigned by Jean Dubois.")
def elsewhere(stage: Stage) -> Answer:
    return page(stage, foreign(stage))


@state("roles:assignment", "domain manager", who="marie", shows="Can be used now.")
def domain_manager(stage: Stage) -> Answer:
    return page(stage, stage.held("marie", GKS))


@state("roles:assignment", "of another domain", who="marie", status=404, shows="Page not found")
def of_another_domain(stage: Stage) -> Answer:
    return page(stage, stage.held("tom", CCB))


@state("roles:assignment", "of the neighbour", status=404, shows="Page not found")
def of_the_neighbour(stage: Stage) -> Answer:
    return page(stage, stage.held("carine", CCB, "peeters"))


@state("roles:assignment", "key too low", level=LOW, status=403, shows="Sign in with another key")
def key_too_low(stage: Stage) -> Answer:
    return page(stage, stage.held("tom", CCB))


# --- What the service will see ----------------------------------------------------------------------------------------

SEES = "sees that Tom Janssens holds this role for Boulangerie Dubois SRL"


@state(
    "roles:assignment",
    "what the service sees",
    who="tom",
    shows=("What the service will see", f"Today Safeonweb@work {SEES}"),
)
def what_the_service_sees(stage: Stage) -> Answer:
    return page(stage, stage.held("tom", CCB))


@state(
    "roles:service_view",
    "active",
    template="roles/service_view.html",
    shows=("What the service will see, as data", '"roles_format": "rolemgmt/1"'),
)
def as_data(stage: Stage) -> Answer:
    return page(stage, stage.held("tom", CCB), "service-view/")


@state("roles:service_view", "with properties", who="philippe", shows=("MANDATE_TYPES", "The service receives this"))
def properties_as_data(stage: Stage) -> Answer:
    return page(stage, stage.held("nathalie", "FIN_MANDATE_EXECUTOR", "meuse"), "service-view/")


@state(
    "roles:service_view",
    "to be confirmed",
    who="aylin",
    shows=("The service sees nothing.", "Once the role is confirmed"),
)
def to_confirm_as_data(stage: Stage) -> Answer:
    return page(stage, stage.held("aylin", FINES, "eupen"), "service-view/")


@state("roles:service_view", "over", shows=("The service sees nothing.", '"roles": []'))
def over_as_data(stage: Stage) -> Answer:
    row = stage.held("tom", CCB)
    end_assignments([row], last_day=None, note="", acting=stage.acting("jean"), now=timezone.now())
    return page(stage, row, "service-view/")


@state("roles:service_view", "key too low", level=LOW, status=403, shows="Sign in with another key")
def data_with_a_low_key(stage: Stage) -> Answer:
    return page(stage, stage.held("tom", CCB), "service-view/")


@state("roles:service_view", "of the neighbour", status=404, shows="Page not found")
def data_of_the_neighbour(stage: Stage) -> Answer:
    return page(stage, stage.held("carine", CCB, "peeters"), "service-view/")


# --- Asking again for a confirmation ----------------------------------------------------------------------------------


def remind(stage: Stage, row: RoleAssignment) -> Answer:
    """Press the button that sends the letter again."""
    return stage.post(f"/assignments/{row.key}/remind/")


@state("roles:assignment", "letter sent again", who="ingrid", shows="An e-mail is on its way to Aylin Kaya")
def letter_sent_again(stage: Stage) -> Answer:
    return remind(stage, stage.held("aylin", FINES, "eupen"))


@state("roles:assignment", "no letter to send", shows="No e-mail was sent: nothing waits")
def no_letter_to_send(stage: Stage) -> Answer:
    return remind(stage, stage.held("tom", CCB))


@state(
    "roles:assignment",
    "nobody to send a letter to",
    who="ingrid",
    shows="Nobody who could confirm has an e-mail address",
)
def nobody_to_send_to(stage: Stage) -> Answer:
    Person.objects.filter(given_name="Aylin").update(email="")
    return remind(stage, stage.held("aylin", FINES, "eupen"))


@state("roles:assignment", "too many letters", who="ingrid", shows="Too many attempts. Try again")
def too_many_letters(stage: Stage) -> Answer:
    row = stage.held("aylin", FINES, "eupen")
    for _turn in range(3):
        remind_confirmer(row, acting=stage.acting("ingrid", "eupen"), now=timezone.now())
    return remind(stage, row)


@state("roles:remind", "key too low", who="ingrid", level=LOW, status=403, shows="Sign in with another key")
def remind_with_a_low_key(stage: Stage) -> Answer:
    return remind(stage, stage.held("aylin", FINES, "eupen"))


# --- Confirm or refuse ------------------------------------------------------------------------------------------------


def answered(stage: Stage, row: RoleAssignment, **fields: str) -> Answer:
    """Send an answer."""
    return stage.post(f"/assignments/{row.key}/confirm/", **fields)


@state(
    "roles:confirm",
    "ones own role",
    template="roles/confirm.html",
    who="aylin",
    shows=("Your answer is needed before", "Reason for refusing (optional)"),
)
def ones_own_role(stage: Stage) -> Answer:
    return page(stage, stage.held("aylin", FINES, "eupen"), "confirm/")


@state("roles:confirm", "of another manager", who="klaus", shows=("Confirm this role?", "Ingrid Schmitz"))
def of_another_manager(stage: Stage) -> Answer:
    return page(stage, stage.held("ingrid", FLUVIUS, "eupen"), "confirm/")


@state("roles:confirm", "no answer", who="aylin", errors="E31")
def no_answer(stage: Stage) -> Answer:
    return answered(stage, stage.held("aylin", FINES, "eupen"), note="Das macht Frau Schmitz.")


@state("roles:confirm", "no answer and too long a reason", who="aylin", errors=("E24", "E31"))
def reason_too_long(stage: Stage) -> Answer:
    return answered(stage, stage.held("aylin", FINES, "eupen"), note="Das macht Frau Schmitz." * 14)


@state("roles:confirm", "number in the reason", who="aylin", says="Take the national register number out of the text")
def number_in_the_reason(stage: Stage) -> Answer:
    return answered(stage, stage.held("aylin", FINES, "eupen"), answer="refuse", note="85.07.30-033.28")


@state("roles:confirm", "key too low", who="klaus", level=LOW, status=403, shows="Sign in with another key")
def confirm_with_a_low_key(stage: Stage) -> Answer:
    return page(stage, stage.held("ingrid", FLUVIUS, "eupen"), "confirm/")


@state("roles:confirm", "of somebody else", who="klaus", status=404, shows="Page not found")
def confirm_of_somebody_else(stage: Stage) -> Answer:
    return page(stage, stage.held("mehmet", "CUSTOMS_PLDA", "peeters"), "confirm/")


@state("roles:assignment", "confirmed", who="aylin", shows="The role is confirmed")
def confirmed(stage: Stage) -> Answer:
    return answered(stage, stage.held("aylin", FINES, "eupen"), answer="confirm")


@state("roles:assignment", "refused just now", who="aylin", shows=("The role is refused", "Reason for refusing: Nein"))
def refused_just_now(stage: Stage) -> Answer:
    return answered(stage, stage.held("aylin", FINES, "eupen"), answer="refuse", note="Nein")


@state("roles:assignment", "answered before", who="aylin", shows="This role no longer waits for an answer")
def answered_before(stage: Stage) -> Answer:
    row = stage.held("aylin", FINES, "eupen")
    confirm_assignment(row, acting=stage.acting("aylin", "eupen"), now=timezone.now())
    return page(stage, row, "confirm/")


@state(
    "roles:confirm", "organisation stopped", who="klaus", status=403, shows="has stopped, according to the Crossroads"
)
def organisation_stopped(stage: Stage) -> Answer:
    Organisation.objects.filter(pk=stage.eupen.pk).update(status="stopped")
    return answered(stage, stage.held("ingrid", FLUVIUS, "eupen"), answer="confirm")


@state(
    "roles:assignment", "that was extended meanwhile", shows="That assignment was extended. This is the one that goes"
)
def extended_meanwhile(stage: Stage) -> Answer:
    row = stage.held("tom", FLUVIUS)
    extend_assignments([row], valid_until=None, acting=stage.acting("jean"), now=timezone.now())
    return page(stage, row, "end/")
