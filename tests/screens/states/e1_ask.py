"""S13: asking for a role, from the list of roles to the page that says what happens next."""

from datetime import date, timedelta
from typing import Any

from django.test import override_settings
from django.utils import timezone

from roles.models import AssignmentDraft
from tenants.acting import SELF
from tenants.models import AccessManagerAppointment, Organisation, Person
from tests.factories import AssignmentFactory
from tests.roles.pages import ANSWERED
from tests.roles.requests import address, approve, ask, request_draft
from tests.screens.stage import LOW, Stage
from tests.screens.table import Answer, state

BEGIN = "/my-roles/request/"
CYBER, FINANCE, ENERGY = "CCB_SAFEONWEBATWORK_EDIT", "FIN_FATCA", "FLUVIUS_ENERGY_PORTAL_ADMIN"
# One that lasts two years at most.
SHORT = "FIN_URBAIN_USER_RO"


def begun(stage: Stage, *codes: str, **values: Any) -> AssignmentDraft:
    """Store a draft of Anna's."""
    roles = [stage.roles[code] for code in codes]
    return request_draft(stage.anna, stage.dubois, roles, now=timezone.now(), **values)


def answered(stage: Stage, *codes: str, **values: Any) -> AssignmentDraft:
    """Store a draft of Anna's that only has to be sent."""
    return begun(stage, *(codes or (CYBER,)), **{**ANSWERED, **values})


def press(stage: Stage, draft: AssignmentDraft, step: str, action: str = "next", **fields: Any) -> Answer:
    """Press a button of a page that asks for roles."""
    answer = stage.post(address(draft, step), **{"version": draft.version, "action": action, **fields})
    stage.sent = fields
    return answer


def on(name: str, day: date) -> dict[str, Any]:
    """Return the three boxes of a date."""
    return {f"{name}_day": day.day, f"{name}_month": day.month, f"{name}_year": day.year}


def wish(stage: Stage, **fields: Any) -> Answer:
    """Press "Next step" on the second page."""
    return press(stage, begun(stage, CYBER), "reason", **{"start": "today", **fields})


def end_all_appointments(stage: Stage, besides: Person | None = None) -> None:
    """Leave nobody at Dubois who gives roles, or one person."""
    rows = AccessManagerAppointment.objects.filter(organisation=stage.dubois)
    rows.exclude(person=besides).update(ended_at=timezone.now())


# --- The roles --------------------------------------------------------------------------------------------------------


@state("roles:ask", "first visit", who="anna", level=LOW, shows="Ask for a role – step 1 of 3: roles")
def first_visit(stage: Stage) -> Answer:
    return stage.get(BEGIN)


@state("roles:ask", "with several organisations", who="tom", shows="Organisation: Boulangerie Dubois SRL")
def several_organisations(stage: Stage) -> Answer:
    return stage.get(BEGIN)


@state("roles:ask", "by a link with a role", who="anna", shows="Chosen roles (1)")
def linked_role(stage: Stage) -> Answer:
    return stage.get(f"{BEGIN}?role={FINANCE}")


@state("roles:ask", "by a link with a role that is asked for", who="anna", shows="You cannot ask for this role now.")
def linked_role_asked(stage: Stage) -> Answer:
    ask(stage.acting("anna"), stage.dubois, [stage.roles[FINANCE]], now=timezone.now())
    return stage.get(f"{BEGIN}?role={FINANCE}")


@state("roles:ask", "by a link with a role that is held", who="anna", shows="You already hold this role")
def linked_role_held(stage: Stage) -> Answer:
    AssignmentFactory(role=stage.roles[FINANCE], organisation=stage.dubois, assignee=stage.anna)
    return stage.get(f"{BEGIN}?role={FINANCE}")


@state("roles:ask", "one role held, one held until a day", who="anna", shows="You hold it until")
def roles_held(stage: Stage) -> Answer:
    last = timezone.localdate() + timedelta(days=20)
    AssignmentFactory(role=stage.roles[FINANCE], organisation=stage.dubois, assignee=stage.anna)
    AssignmentFactory(role=stage.roles[ENERGY], organisation=stage.dubois, assignee=stage.anna, valid_until=last)
    return stage.get(BEGIN)


@state("roles:ask", "already asked", who="anna", shows="You already asked for this role on", notes="E42")
def role_asked(stage: Stage) -> Answer:
    ask(stage.acting("anna"), stage.dubois, [stage.roles[FINANCE]], now=timezone.now())
    return stage.get(BEGIN)


@state("roles:ask", "nobody decides on some roles", who="anna", shows="Nobody can decide on this role yet")
def nobody_for_some(stage: Stage) -> Answer:
    end_all_appointments(stage, besides=stage.marie)
    return stage.get(BEGIN)


@state("roles:ask", "no manager known", who="anna", shows="You can send them this text:")
def no_manager(stage: Stage) -> Answer:
    end_all_appointments(stage)
    return stage.get(BEGIN)


@state("roles:ask", "the only manager", shows="You can assign the role to yourself")
def only_manager(stage: Stage) -> Answer:
    end_all_appointments(stage, besides=stage.jean)
    return stage.get(BEGIN)


@state("roles:ask", "none chosen", who="anna", errors="E10")
def none_chosen(stage: Stage) -> Answer:
    return stage.submit(BEGIN, "next")


@state("roles:ask", "of no organisation", who="olivier", status=403, shows="You are not linked to any organisation.")
def no_organisation(stage: Stage) -> Answer:
    return stage.get(BEGIN)


@state("roles:ask", "in the own name only", who="tom", status=403, shows="Choose the organisation for which")
def own_name(stage: Stage) -> Answer:
    return stage.becomes("tom", acting_for=SELF).get(BEGIN)


@state("roles:ask", "organisation stopped", who="anna", status=403, shows="The organisation has stopped")
def stopped(stage: Stage) -> Answer:
    Organisation.objects.filter(pk=stage.dubois.pk).update(status="stopped")
    return stage.get(BEGIN)


@state("roles:request_roles", "two chosen", template="roles/request/roles.html", who="anna", shows="Chosen roles (2)")
def two_chosen(stage: Stage) -> Answer:
    return stage.get(address(begun(stage, FINANCE, ENERGY), "roles"))


@state("roles:request_roles", "some found", who="anna", shows="found for “energy”")
def some_found(stage: Stage) -> Answer:
    return press(stage, begun(stage), "roles", "search", q="energy")


@state("roles:request_roles", "none found", who="anna", shows="No role for “zzzz”")
def none_found(stage: Stage) -> Answer:
    return press(stage, begun(stage), "roles", "search", q="zzzz")


@state("roles:request_roles", "second page", who="anna", shows="roles available")
def second_page(stage: Stage) -> Answer:
    return stage.get(address(begun(stage, role_page=2), "roles"))


@state("roles:request_roles", "search too long", who="anna", errors="E24")
def search_too_long(stage: Stage) -> Answer:
    return press(stage, begun(stage), "roles", "search", q="z" * 600)


@state("roles:request_roles", "none ticked to add", who="anna", errors="E10")
def none_ticked(stage: Stage) -> Answer:
    return press(stage, begun(stage), "roles", "add")


@state("roles:request_roles", "none chosen", who="anna", errors="E10")
def none_chosen_again(stage: Stage) -> Answer:
    return press(stage, begun(stage), "roles")


@state("roles:request_roles", "asked in another tab", who="anna", says="You already asked for FATCA. Remove this role")
def asked_meanwhile(stage: Stage) -> Answer:
    draft = begun(stage)
    ask(stage.acting("anna"), stage.dubois, [stage.roles[FINANCE]], now=timezone.now())
    answer = press(stage, draft, "roles", role=FINANCE)
    stage.sent = {}  # a box that is gone keeps no tick
    return answer


@state("roles:request_roles", "changed in another tab", who="anna", errors="E27")
def roles_changed(stage: Stage) -> Answer:
    return press(stage, begun(stage, version=2), "roles", version=1)


@state("roles:request_roles", "draft gone", who="anna", status=410, shows="This draft no longer exists")
def roles_gone(stage: Stage) -> Answer:
    old = stage.ago(days=2)
    return stage.get(address(begun(stage, created_at=old, updated_at=old), "roles"))


@state("roles:request_roles", "draft of somebody else", who="tom", status=404, shows="Page not found")
def roles_of_another(stage: Stage) -> Answer:
    return stage.get(address(begun(stage), "roles"))


@state(
    "roles:request_roles", "organisation stopped", who="anna", status=403, shows="Boulangerie Dubois SRL has stopped"
)
def roles_stopped(stage: Stage) -> Answer:
    draft = begun(stage, FINANCE)
    Organisation.objects.filter(pk=stage.dubois.pk).update(status="stopped")
    return stage.get(address(draft, "roles"))


# --- The check page ---------------------------------------------------------------------------------------------------


@state(
    "roles:request_review",
    "one role",
    template="roles/request/review.html",
    who="anna",
    shows="An e-mail goes to Jean Dubois and Tom Janssens.",
)
def review_one(stage: Stage) -> Answer:
    return stage.get(address(answered(stage, message="For the VAT return"), "review"))


@state("roles:request_review", "three roles", who="anna", shows="Jean Dubois, Tom Janssens or Marie Claes")
def review_three(stage: Stage) -> Answer:
    return stage.get(address(answered(stage, CYBER, FINANCE, ENERGY), "review"))


@state("roles:request_review", "a longer time", who="anna", shows="You are asking for a longer time.")
def review_longer(stage: Stage) -> Answer:
    last = timezone.localdate() + timedelta(days=20)
    AssignmentFactory(role=stage.roles[CYBER], organisation=stage.dubois, assignee=stage.anna, valid_until=last)
    return stage.get(address(answered(stage), "review"))


@state("roles:request_review", "managers without an address", who="anna", shows="Tom Janssens")
def review_without_address(stage: Stage) -> Answer:
    Person.objects.filter(pk__in=[stage.jean.pk, stage.tom.pk]).update(email="", email_key="")
    return stage.get(address(answered(stage), "review"))


@state("roles:request_review", "held meanwhile", who="anna", says="You already hold")
def review_held(stage: Stage) -> Answer:
    AssignmentFactory(role=stage.roles[CYBER], organisation=stage.dubois, assignee=stage.anna)
    return press(stage, answered(stage), "review", "send")


@state("roles:request_review", "asked meanwhile", who="anna", says="You already asked for")
def review_asked(stage: Stage) -> Answer:
    ask(stage.acting("anna"), stage.dubois, [stage.roles[CYBER]], now=timezone.now())
    return press(stage, answered(stage), "review", "send")


@state("roles:request_review", "nobody decides any more", who="anna", says="You cannot ask for")
def review_nobody(stage: Stage) -> Answer:
    draft = answered(stage)
    end_all_appointments(stage, besides=stage.marie)
    return press(stage, draft, "review", "send")


@state("roles:request_review", "too many today", who="anna", status=429, errors="E08")
def review_too_many(stage: Stage) -> Answer:
    with override_settings(REQUEST_QUOTA=1):
        ask(stage.acting("anna"), stage.dubois, [stage.roles[FINANCE]], now=timezone.now())
        return press(stage, answered(stage), "review", "send")


@state("roles:request_review", "changed in another tab", who="anna", errors="E27")
def review_changed(stage: Stage) -> Answer:
    return press(stage, answered(stage, version=2), "review", "send", version=1)


@state("roles:request_review", "draft deleted", who="anna", status=410, shows="This draft no longer exists")
def review_deleted(stage: Stage) -> Answer:
    draft = answered(stage)
    press(stage, draft, "review", "delete")
    return stage.get(address(draft, "review"))


# --- Sent -------------------------------------------------------------------------------------------------------------


@state(
    "roles:request_done",
    "one role",
    template="roles/request/done.html",
    who="anna",
    shows=("Request sent", "Who decides: Jean Dubois or Tom Janssens"),
)
def done_one(stage: Stage) -> Answer:
    return press(stage, answered(stage), "review", "send")


@state("roles:request_done", "three roles", who="anna", shows="You can follow your request")
def done_three(stage: Stage) -> Answer:
    return press(stage, answered(stage, CYBER, FINANCE, ENERGY), "review", "send")


@state("roles:request_done", "opened again after the decision", who="anna", shows="Approved")
def done_decided(stage: Stage) -> Answer:
    draft = answered(stage)
    (row,) = ask(stage.acting("anna"), stage.dubois, [stage.roles[CYBER]], now=timezone.now(), draft=draft)
    approve(row, stage.acting("jean"), now=timezone.now())
    return stage.get(address(draft, "roles"))
