"""S13 for somebody whom an online service sent: for which organisation, why not now, and the way back."""

from datetime import timedelta
from typing import Any

from django.utils import timezone

from roles.models import AssignmentDraft, Role, RoleRequest
from roles.operations.from_service import start_request_for_service
from tenants.models import Organisation
from tenants.periods import local_day
from tests.factories import AssignmentFactory, EmploymentFactory, OrganisationFactory
from tests.roles.requests import address, approve, ask, url
from tests.screens.stage import Stage
from tests.screens.states.e1_ask import ENERGY, end_all_appointments
from tests.screens.table import Answer, state

RETURN = "https://mijn.fluvius.example/sign-in/return?state=4f1c"
LATER = "once the role is active."
BACK = ("Back to Mijn Fluvius", "This leads outside the portal, to mijn.fluvius.example")


def begun(stage: Stage, who: str = "anna", place: Organisation | None = None) -> AssignmentDraft:
    """Let the energy portal begin a request."""
    role: Role = stage.roles[ENERGY]
    service = role.services.get()
    number = place.enterprise_number if place else ""
    return start_request_for_service(
        stage.acting(who), role=role, enterprise_number=number, service=service, return_to=RETURN, now=timezone.now()
    )


def arrive(stage: Stage, draft: AssignmentDraft) -> Answer:
    """Come from the service."""
    return stage.get(address(draft, "from-service"))


def choose(stage: Stage, draft: AssignmentDraft, **fields: str) -> Answer:
    """Press a button of the page that asks for the organisation."""
    answer = stage.post(address(draft, "from-service"), **{"version": draft.version, "action": "next", **fields})
    stage.sent = {}
    return answer


def asked(stage: Stage, **values: Any) -> RoleRequest:
    """Let Anna have sent the request."""
    draft, role = begun(stage), stage.roles[ENERGY]
    about = {"came_from": role.services.get(), "return_to": RETURN, "draft": draft}
    (row,) = ask(stage.acting("anna"), stage.dubois, [role], now=timezone.now(), **about, **values)
    return row


def hold(stage: Stage, **values: Any) -> None:
    """Let Anna hold the role."""
    AssignmentFactory(role=stage.roles[ENERGY], organisation=stage.dubois, assignee=stage.anna, **values)


# --- Which organisation -----------------------------------------------------------------------------------------------


@state(
    "roles:request_from_service",
    "several organisations",
    template="roles/request/organisation.html",
    who="tom",
    shows=("Asked from", "Peeters & Fils SA", *BACK),
)
def several_organisations(stage: Stage) -> Answer:
    return arrive(stage, begun(stage, "tom"))


@state("roles:request_from_service", "none chosen", who="tom", errors="E09")
def none_chosen(stage: Stage) -> Answer:
    return choose(stage, begun(stage, "tom"))


@state("roles:request_from_service", "many organisations", who="tom", shows="Search by name or enterprise number")
def many_organisations(stage: Stage) -> Answer:
    for number in range(10):
        place = OrganisationFactory(
            name_fr=f"Garage {number}", name_nl="", status="stopped" if number == 3 else "normal"
        )
        EmploymentFactory(person=stage.tom, organisation=place)
    return arrive(stage, begun(stage, "tom"))


@state("roles:request_from_service", "no organisation found", who="tom", shows="No organisation matches “xyz”")
def none_found(stage: Stage) -> Answer:
    for _number in range(10):
        EmploymentFactory(person=stage.tom, organisation=OrganisationFactory())
    return choose(stage, begun(stage, "tom"), action="search", q="xyz")


@state("roles:request_reason", "sent by a service", who="anna", shows=("You come from", LATER))
def on_the_way(stage: Stage) -> Answer:
    return arrive(stage, begun(stage))


@state("roles:request_roles", "sent by a service", who="anna", shows=("You come from", LATER))
def roles_on_the_way(stage: Stage) -> Answer:
    return stage.get(address(begun(stage), "roles"))


# --- Not now ----------------------------------------------------------------------------------------------------------


@state(
    "roles:request_from_service",
    "role held",
    template="roles/request/not_now.html",
    who="anna",
    shows=("You already hold this role", "Go back to", *BACK),
)
def role_held(stage: Stage) -> Answer:
    hold(stage)
    return arrive(stage, begun(stage))


@state("roles:request_from_service", "role held later", who="anna", shows=("You already hold this role", "Starts on"))
def role_held_later(stage: Stage) -> Answer:
    hold(stage, valid_from=timezone.localdate() + timedelta(days=5))
    return arrive(stage, begun(stage))


@state("roles:request_from_service", "held at the chosen organisation", who="anna", shows="You already hold this role")
def held_where_chosen(stage: Stage) -> Answer:
    hold(stage)
    EmploymentFactory(person=stage.anna, organisation=stage.peeters)
    return choose(stage, begun(stage), organisation=stage.dubois.key)


@state("roles:request_from_service", "role asked for", who="anna", shows=("You already asked", "See your request"))
def role_asked(stage: Stage) -> Answer:
    ask(stage.acting("anna"), stage.dubois, [stage.roles[ENERGY]], now=timezone.now())
    return arrive(stage, begun(stage))


@state("roles:request_from_service", "not requestable", who="anna", shows="This role cannot be asked for here.")
def not_requestable(stage: Stage) -> Answer:
    Role.objects.filter(code=ENERGY).update(is_requestable=False)
    return arrive(stage, begun(stage))


@state("roles:request_from_service", "no manager known", who="anna", shows="You can send them this text:")
def no_manager(stage: Stage) -> Answer:
    end_all_appointments(stage)
    return arrive(stage, begun(stage))


@state("roles:request_from_service", "the only manager", shows=("Nobody can decide on this role yet", "Assign a role"))
def only_manager(stage: Stage) -> Answer:
    end_all_appointments(stage, besides=stage.jean)
    ended = timezone.now() - timedelta(days=2)
    stage.jean.assignments.filter(role=stage.roles[ENERGY]).update(
        ended_at=ended, ended_on=local_day(ended), end_reason="manager"
    )
    return arrive(stage, begun(stage, "jean"))


@state(
    "roles:request_from_service",
    "of no organisation",
    who="olivier",
    status=403,
    shows=("You are not linked to any organisation.", *BACK),
)
def no_organisation(stage: Stage) -> Answer:
    return arrive(stage, begun(stage, "olivier"))


@state("roles:request_from_service", "organisation stopped", who="anna", status=403, shows=("has stopped", *BACK))
def stopped(stage: Stage) -> Answer:
    draft = begun(stage, place=stage.dubois)
    Organisation.objects.filter(pk=stage.dubois.pk).update(status="stopped")
    return arrive(stage, draft)


@state("roles:request_from_service", "draft of somebody else", status=404, shows="Page not found")
def of_somebody_else(stage: Stage) -> Answer:
    return arrive(stage, begun(stage))


@state("roles:request_from_service", "draft gone", who="anna", status=410, shows="This draft no longer exists")
def gone(stage: Stage) -> Answer:
    draft = begun(stage)
    AssignmentDraft.objects.filter(pk=draft.pk).update(updated_at=stage.ago(days=2))
    return arrive(stage, draft)


# --- The way back -----------------------------------------------------------------------------------------------------


@state("roles:request", "own, from a service", who="anna", shows=("Asked from", LATER))
def own_from_service(stage: Stage) -> Answer:
    return stage.get(url(asked(stage)))


@state("roles:request", "own, from a service, approved", who="anna", shows=BACK)
def own_approved(stage: Stage) -> Answer:
    row = asked(stage)
    approve(row, stage.acting("jean"), now=timezone.now())
    return stage.get(url(row))


@state("roles:request", "to decide, from a service", shows=("Asked from", "Send the decision"))
def to_decide(stage: Stage) -> Answer:
    return stage.get(url(asked(stage, motivation="For the bill")))


@state("roles:requests", "own, with a way back", who="anna", shows=BACK)
def list_with_a_way_back(stage: Stage) -> Answer:
    approve(asked(stage), stage.acting("jean"), now=timezone.now())
    return stage.get("/requests/")


@state("roles:request_done", "from a service, approved", who="anna", shows=BACK)
def done_approved(stage: Stage) -> Answer:
    row = asked(stage)
    approve(row, stage.acting("jean"), now=timezone.now())
    return stage.get(address(row.draft, "done"))
