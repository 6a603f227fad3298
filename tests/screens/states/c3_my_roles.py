"""S8: what a person holds."""

from datetime import timedelta

from django.utils import timezone

from roles.models import RoleAssignment
from tests.factories import AssignmentFactory
from tests.screens.stage import LOW, Stage
from tests.screens.table import Answer, state

CCB, FLUVIUS = "CCB_SAFEONWEBATWORK_EDIT", "FLUVIUS_ENERGY_PORTAL_ADMIN"


@state(
    "roles:my_roles",
    "a few",
    template="roles/my_roles.html",
    who="tom",
    shows=("Ends in 20 days", "Ask for an extension", "What do the statuses mean?"),
)
def a_few(stage: Stage) -> Answer:
    return stage.get("/my-roles/")


@state("roles:my_roles", "with one from the Crossroads Bank", shows="Assigned automatically, from the Crossroads Bank")
def derived(stage: Stage) -> Answer:
    return stage.get("/my-roles/")


@state("roles:my_roles", "to be confirmed", who="aylin", shows=("This role does not work yet.", "Confirm or refuse"))
def to_be_confirmed(stage: Stage) -> Answer:
    return stage.get("/my-roles/")


@state("roles:my_roles", "to be confirmed by another", who="ingrid", shows="Another access manager must confirm before")
def to_be_confirmed_by_another(stage: Stage) -> Answer:
    return stage.get("/my-roles/")


@state("roles:my_roles", "every current status", who="günther", shows=("Scheduled", "To be confirmed", "Active"))
def every_current_status(stage: Stage) -> Answer:
    today, held = timezone.localdate(), {"assignee": stage.people["günther"], "organisation": stage.eupen}
    AssignmentFactory(role=stage.roles[CCB], valid_until=today + timedelta(days=700), **held)
    AssignmentFactory(role=stage.roles["FIN_UBO_ENTITY"], valid_from=today + timedelta(days=90), **held)
    waits = {"confirmer": "assignee", "confirm_before": today + timedelta(days=9)}
    AssignmentFactory(role=stage.roles[FLUVIUS], **waits, **held)
    return stage.get("/my-roles/")


@state(
    "roles:my_roles",
    "ends soon elsewhere",
    who="olivier",
    shows=("Assigned by Jean Dubois.", "Write to the access managers"),
)
def ends_soon_elsewhere(stage: Stage) -> Answer:
    foreign(stage)
    return stage.get("/my-roles/")


def foreign(stage: Stage) -> RoleAssignment:
    """Let Olivier, who works nowhere, hold a role of Dubois that ends soon."""
    until = timezone.localdate() + timedelta(days=12)
    values = {"assignee": stage.olivier, "organisation": stage.dubois, "assigned_by": stage.jean}
    return AssignmentFactory(role=stage.roles[FLUVIUS], valid_until=until, **values)


@state("roles:my_roles", "past", who="fatima", shows=("My past role assignments", "Expired", "Ended"))
def past(stage: Stage) -> Answer:
    return stage.get("/my-roles/?status=past")


@state("roles:my_roles", "past ones of every status", who="günther", shows=("Refused", "Expired", "Cancelled", "Ended"))
def past_ones_of_every_status(stage: Stage) -> Answer:
    now, today = timezone.now(), timezone.localdate()
    held = {"assignee": stage.people["günther"], "organisation": stage.eupen, "assigned_by": stage.ingrid}
    over = {"ended_at": now, "ended_on": today, "ended_by": stage.ingrid, "end_reason": "manager"}
    AssignmentFactory(role=stage.roles[CCB], valid_from=today - timedelta(days=200), **over, **held)
    AssignmentFactory(role=stage.roles[FLUVIUS], valid_from=today + timedelta(days=20), **over, **held)
    return stage.get("/my-roles/?status=past")


@state("roles:my_roles", "only past ones", who="fatima", shows=("You have no role yet.", "See the past roles (2)"))
def only_past_ones(stage: Stage) -> Answer:
    return stage.get("/my-roles/")


@state("roles:my_roles", "no past ones", who="anna", shows="You have no past roles.")
def no_past_ones(stage: Stage) -> Answer:
    return stage.get("/my-roles/?status=past")


@state("roles:my_roles", "none", who="anna", shows=("You have no role yet.", "Ask your access manager: Jean Dubois"))
def none(stage: Stage) -> Answer:
    return stage.get("/my-roles/")


@state("roles:my_roles", "none and no organisation", who="olivier", shows="Is your organisation missing here?")
def none_and_no_organisation(stage: Stage) -> Answer:
    return stage.get("/my-roles/")


@state("roles:my_roles", "none and no access manager", who="abdelkader", shows="You have no role yet.")
def none_and_no_manager(stage: Stage) -> Answer:
    return stage.get("/my-roles/")


@state("roles:my_roles", "many", who="anna", shows="Active")
def many(stage: Stage) -> Answer:
    for role in list(stage.roles.values())[:14]:
        AssignmentFactory(role=role, assignee=stage.anna, organisation=stage.dubois, assigned_by=stage.jean)
    return stage.get("/my-roles/")


@state("roles:my_roles", "key too low", who="tom", level=LOW, shows="Ends in 20 days")
def key_too_low(stage: Stage) -> Answer:
    return stage.get("/my-roles/")
