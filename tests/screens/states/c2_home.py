"""S4: what waits for a person, and what the person can start."""

from datetime import timedelta

from django.utils import timezone

from tenants.acting import SELF
from tenants.models import AccessManagerAppointment, Organisation
from tests.screens.stage import LOW, Stage
from tests.screens.table import Answer, state

CCB, FLUVIUS = "CCB_SAFEONWEBATWORK_EDIT", "FLUVIUS_ENERGY_PORTAL_ADMIN"


@state("roles:home", "chief", shows=("Assign a role via national register number", "1 in 30 days"))
def chief(stage: Stage) -> Answer:
    return stage.get("/")


@state("roles:home", "chief with much to do", who="klaus", shows=("Confirm the role of Ingrid", "Finish your draft"))
def much_to_do(stage: Stage) -> Answer:
    stage.draft(stage.ingrid, owner="klaus", place="eupen")
    stage.draft(stage.ingrid, stage.klaus, roles=(CCB,), owner="klaus", place="eupen", answered=True)
    stage.give(stage.klaus, roles=("JUST_TRAFFIC_FINES",), who="ingrid", place="eupen")
    until = timezone.localdate() + timedelta(days=12)
    stage.give(stage.people["aylin"], roles=(CCB,), who="klaus", place="eupen", valid_until=until)
    return stage.get("/")


@state("roles:home", "chief with nothing to do", who="grégory", shows="Nothing to do. You have no active role.")
def nothing_to_do(stage: Stage) -> Answer:
    return stage.get("/")


@state(
    "roles:home", "employee", who="anna", shows=("You cannot assign roles yet.", "Jean Dubois (chief access manager)")
)
def employee(stage: Stage) -> Answer:
    return stage.get("/")


@state("roles:home", "employee with a role", who="ikram", shows="Nothing to do. You have 1 active role.")
def with_a_role(stage: Stage) -> Answer:
    return stage.get("/")


@state("roles:home", "employee with roles to confirm", who="aylin", shows="Confirm your role Traffic fines")
def with_roles_to_confirm(stage: Stage) -> Answer:
    stage.give(stage.people["aylin"], roles=(CCB, FLUVIUS), who="ingrid", place="eupen")
    return stage.get("/")


@state("roles:home", "domain manager", who="marie", shows=("Manage role assignments", "See who holds which roles for"))
def domain_manager(stage: Stage) -> Answer:
    return stage.get("/")


@state("roles:home", "legal representative", who="luc", shows="You cannot assign roles yet.")
def representative(stage: Stage) -> Answer:
    return stage.get("/")


@state("roles:home", "outsider", who="olivier", shows="Is your organisation missing here?")
def outsider(stage: Stage) -> Answer:
    return stage.get("/")


@state("roles:home", "administrator of the portal", who="sofie", shows="Administration")
def administrator(stage: Stage) -> Answer:
    return stage.get("/")


@state("roles:home", "nobody is access manager", who="abdelkader", shows=("You can send them this text:", "Bénédicte"))
def nobody_is_access_manager(stage: Stage) -> Answer:
    return stage.get("/")


@state("roles:home", "organisation stopped", who="rudi", shows="has stopped, according to the Crossroads Bank")
def organisation_stopped(stage: Stage) -> Answer:
    return stage.get("/")


@state("roles:home", "in ones own name", who="tom", shows="You are access manager of these organisations:")
def in_ones_own_name(stage: Stage) -> Answer:
    return stage.becomes("tom", acting_for=SELF).get("/")


@state("roles:home", "manager elsewhere", who="tom", shows="You are access manager of this organisation: Peeters")
def manager_elsewhere(stage: Stage) -> Answer:
    here = AccessManagerAppointment.objects.filter(person=stage.tom, organisation=stage.dubois)
    here.update(ended_at=timezone.now())
    return stage.get("/")


@state("roles:home", "key too low", level=LOW, shows="Sign in with one of these keys:")
def key_too_low(stage: Stage) -> Answer:
    stage.draft(stage.anna)
    return stage.get("/")


@state("roles:home", "long name of an organisation", who="xavier", shows="Société coopérative pour le logement social")
def long_name(stage: Stage) -> Answer:
    Organisation.objects.filter(pk=stage.logement.pk).update(name_en=stage.logement.name_fr)
    return stage.get("/")
