"""P4: the administration. Most of its pages are Django's own; the states show one of each kind, and those of ours."""

from django.urls import reverse
from django.utils import timezone

from audit.models import AuditEntry
from roles.models import Invitation, Role
from tenants.models import AccessManagerAppointment, Person
from tenants.operations import end_appointment
from tests.screens.stage import SUBSTANTIAL, Stage
from tests.screens.table import Answer, state

NUMBER = reverse("admin:tenants_person_number")


def change(row: Person | Role | AccessManagerAppointment | Invitation | AuditEntry) -> str:
    """Return the address of the page of one row."""
    return reverse(f"admin:{row._meta.app_label}_{row._meta.model_name}_change", args=[row.pk])


def function_of(person: Person) -> AccessManagerAppointment:
    """Return the first function that somebody had."""
    return AccessManagerAppointment.objects.filter(person=person).earliest("id")


def end(person: Person) -> str:
    """Return the address where staff end a function."""
    return reverse("admin:tenants_accessmanagerappointment_end", args=[function_of(person).pk])


# --- Who gets in ------------------------------------------------------------------------------------------------------


@state("csam:login", "on the way to the administration", who="nobody", shows="choose your digital key")
def signed_out(stage: Stage) -> Answer:
    return stage.get("/admin/")


@state(
    "csam:login", "administration needs a surer key", who="sofie", level=SUBSTANTIAL, shows="choose your digital key"
)
def key_too_low(stage: Stage) -> Answer:
    return stage.get("/admin/")


@state("admin:index", "not staff", status=404, shows="Page not found")
def not_staff(stage: Stage) -> Answer:
    return stage.get("/admin/")


# --- Django's own pages -----------------------------------------------------------------------------------------------


@state("admin:index", "all", who="sofie", shows="What can be looked after here", admin=True)
def index(stage: Stage) -> Answer:
    return stage.get("/admin/")


@state(
    "admin:tenants_person_changelist", "first page", who="sofie", shows="Find by national register number", admin=True
)
def list_of_persons(stage: Stage) -> Answer:
    return stage.get("/admin/tenants/person/")


@state("admin:tenants_person_changelist", "some found", who="sofie", shows="Anna Peeters", admin=True)
def list_found(stage: Stage) -> Answer:
    return stage.get("/admin/tenants/person/?q=peeters")


@state("admin:tenants_person_changelist", "none found", who="sofie", shows="0", admin=True)
def list_none_found(stage: Stage) -> Answer:
    return stage.get("/admin/tenants/person/?q=zwaenepoel")


@state(
    "admin:tenants_person_changelist", "number led away", who="sofie", shows="must not stand in an address", admin=True
)
def number_led_away(stage: Stage) -> Answer:
    return stage.get("/admin/tenants/person/?q=85.07.30-033.28")


@state("admin:tenants_person_change", "one person", who="sofie", shows="Anna Peeters", admin=True)
def one_person(stage: Stage) -> Answer:
    return stage.get(change(stage.anna))


@state(
    "admin:tenants_person_add", "nothing filled in", who="sofie", shows="Please correct the errors below", admin=True
)
def person_wrong(stage: Stage) -> Answer:
    return stage.post("/admin/tenants/person/add/", given_name="", number="85.07.30-033.29")


@state("admin:tenants_person_history", "nothing", who="sofie", shows="Anna Peeters", admin=True)
def history(stage: Stage) -> Answer:
    return stage.get(reverse("admin:tenants_person_history", args=[stage.anna.pk]))


@state("admin:roles_role_changelist", "catalogue", who="sofie", shows="FIN_FATCA", admin=True)
def catalogue(stage: Stage) -> Answer:
    return stage.get("/admin/roles/role/")


@state("admin:roles_role_change", "one role with questions", who="sofie", shows="FIN_MANDATE_EXECUTOR", admin=True)
def one_role(stage: Stage) -> Answer:
    return stage.get(change(stage.roles["FIN_MANDATE_EXECUTOR"]))


@state("admin:audit_auditentry_change", "one entry", who="sofie", shows="assignment:granted", admin=True)
def one_entry(stage: Stage) -> Answer:
    return stage.get(change(AuditEntry.objects.filter(event="assignment:granted").latest("id")))


@state("admin:roles_invitation_change", "one invitation", who="sofie", shows="Mathéo", admin=True)
def one_invitation(stage: Stage) -> Answer:
    return stage.get(change(Invitation.objects.latest("id")))


# --- Ours -------------------------------------------------------------------------------------------------------------


@state("admin:tenants_person_number", "first visit", who="sofie", shows="Every look-up is recorded.", admin=True)
def number_first(stage: Stage) -> Answer:
    return stage.get(NUMBER)


@state("admin:tenants_person_number", "wrong number", who="sofie", shows="Find by national register number", admin=True)
def number_wrong(stage: Stage) -> Answer:
    return stage.post(NUMBER, number="85.07.30-033.29")


@state("admin:tenants_person_number", "nobody", who="sofie", shows="The portal knows nobody with this", admin=True)
def number_nobody(stage: Stage) -> Answer:
    return stage.post(NUMBER, number="85.07.30-033.28")


@state("admin:tenants_accessmanagerappointment_change", "one", who="sofie", shows="End this appointment", admin=True)
def one_appointment(stage: Stage) -> Answer:
    return stage.get(change(function_of(stage.marie)))


@state("admin:tenants_accessmanagerappointment_end", "asked", who="sofie", shows="End this appointment?", admin=True)
def end_asked(stage: Stage) -> Answer:
    return stage.get(end(stage.marie))


@state("admin:tenants_accessmanagerappointment_change", "ended", who="sofie", shows="has ended.", admin=True)
def ended(stage: Stage) -> Answer:
    return stage.post(end(stage.marie))


@state(
    "admin:tenants_accessmanagerappointment_change", "ended before", who="sofie", shows="had ended before", admin=True
)
def ended_before(stage: Stage) -> Answer:
    end_appointment(function_of(stage.marie), by_staff=True, acting=stage.acting("sofie"), now=timezone.now())
    return stage.post(end(stage.marie))
