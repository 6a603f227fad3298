"""S10: ending and extending one assignment."""

from datetime import timedelta

from django.utils import timezone

from roles.models import RoleAssignment
from roles.operations.prolong import extend_assignments
from tests.factories import AssignmentFactory
from tests.screens.stage import LOW, Stage
from tests.screens.states.c4_assignment import page, planned
from tests.screens.table import Answer, state

CCB, FLUVIUS, FINES = "CCB_SAFEONWEBATWORK_EDIT", "FLUVIUS_ENERGY_PORTAL_ADMIN", "JUST_TRAFFIC_FINES"


def end(stage: Stage, row: RoleAssignment, **fields: str) -> Answer:
    """Press the button that ends it."""
    return stage.post(f"/assignments/{row.key}/end/", **fields)


def on(day: str, month: str, year: str) -> dict[str, str]:
    """Return the three fields of a date."""
    return {"until_day": day, "until_month": month, "until_year": year}


@state(
    "roles:end",
    "the only holder",
    template="roles/end.html",
    shows=("Marie Claes is the only one who holds", "Keep the assignment"),
)
def the_only_holder(stage: Stage) -> Answer:
    return page(stage, stage.held("marie", "FIN_OWN_ENTERPRISE"), "end/")


@state("roles:end", "one of several holders", shows="Tom Janssens will no longer have the role")
def one_of_several(stage: Stage) -> Answer:
    AssignmentFactory(role=stage.roles[CCB], assignee=stage.anna, organisation=stage.dubois)
    return page(stage, stage.held("tom", CCB), "end/")


@state("roles:end", "ones own role", who="tom", shows="You will no longer have the role")
def ones_own_role(stage: Stage) -> Answer:
    return page(stage, stage.held("tom", CCB), "end/")


@state("roles:end", "planned already", shows="Its end is planned already:")
def planned_already(stage: Stage) -> Answer:
    row = stage.held("tom", CCB)
    planned(stage, row)
    return page(stage, row, "end/")


@state("roles:end", "with an extension that waits", who="ingrid", shows="which was to go on from it, ends with it.")
def with_an_extension(stage: Stage) -> Answer:
    until = timezone.localdate() + timedelta(days=20)
    held = {"assignee": stage.people["björn"], "organisation": stage.eupen, "valid_until": until}
    row = AssignmentFactory(role=stage.roles[FLUVIUS], **held)
    extend_assignments([row], valid_until=None, acting=stage.acting("ingrid", "eupen"), now=timezone.now())
    return page(stage, row, "end/")


@state("roles:end", "no answer", errors="E30")
def no_answer(stage: Stage) -> Answer:
    return end(stage, stage.held("tom", CCB), note="Elle change de service.")


@state("roles:end", "no date", errors="E13")
def no_date(stage: Stage) -> Answer:
    return end(stage, stage.held("tom", CCB), when="date")


@state("roles:end", "date without a month", errors="E14")
def date_without_a_month(stage: Stage) -> Answer:
    return end(stage, stage.held("tom", CCB), when="date", **on("27", "", "2099"))


@state("roles:end", "date that does not exist", errors="E15")
def date_that_does_not_exist(stage: Stage) -> Answer:
    return end(stage, stage.held("tom", CCB), when="date", **on("31", "2", "2099"))


@state("roles:end", "date in the past", errors="E16")
def date_in_the_past(stage: Stage) -> Answer:
    return end(stage, stage.held("tom", CCB), when="date", **on("1", "1", "2020"))


@state("roles:end", "date after its end", says="The role of Tom Janssens ends on")
def date_after_its_end(stage: Stage) -> Answer:
    return end(stage, stage.held("tom", FLUVIUS), when="date", **on("1", "1", "2099"))


@state("roles:end", "date before its start", says="The role of Noël Hellemans begins on")
def date_before_its_start(stage: Stage) -> Answer:
    day = timezone.localdate() + timedelta(days=2)
    row = stage.held("noël", "BOSA_MERCURIUS_BILLING")
    return end(stage, row, when="date", **on(str(day.day), str(day.month), str(day.year)))


@state("roles:end", "on a date while it waits", who="ingrid", says="The role of Aylin Kaya waits for a confirmation.")
def on_a_date_while_it_waits(stage: Stage) -> Answer:
    return end(stage, stage.held("aylin", FINES, "eupen"), when="date", **on("1", "1", "2099"))


@state("roles:end", "now and a date", says="Choose “on a date” or clear the date")
def now_and_a_date(stage: Stage) -> Answer:
    return end(stage, stage.held("tom", CCB), when="now", **on("1", "1", "2099"))


@state("roles:end", "reason too long", errors=("E24", "E30"))
def reason_too_long(stage: Stage) -> Answer:
    return end(stage, stage.held("tom", CCB), note="Elle change de service." * 14)


@state("roles:end", "number in the reason", says="Take the national register number out of the text")
def number_in_the_reason(stage: Stage) -> Answer:
    return end(stage, stage.held("tom", CCB), when="now", note="85.07.30-033.28")


@state("roles:end", "key too low", level=LOW, status=403, shows="Sign in with another key")
def end_with_a_low_key(stage: Stage) -> Answer:
    return page(stage, stage.held("tom", CCB), "end/")


@state("roles:end", "of the neighbour", status=404, shows="Page not found")
def end_of_the_neighbour(stage: Stage) -> Answer:
    return page(stage, stage.held("carine", CCB, "peeters"), "end/")


@state("roles:assignment", "ended just now", shows="The assignment has ended")
def ended_just_now(stage: Stage) -> Answer:
    return end(stage, stage.held("tom", CCB), when="now", note="Elle change de service.")


@state("roles:assignment", "end planned just now", shows="The end of the assignment is planned")
def end_planned_just_now(stage: Stage) -> Answer:
    return end(stage, stage.held("tom", CCB), when="date", **on("1", "1", "2099"))


@state("roles:assignment", "over already", shows="This role is over already")
def over_already(stage: Stage) -> Answer:
    return page(stage, stage.held("fatima", FINES), "end/")


# --- Extending --------------------------------------------------------------------------------------------------------


def extend(stage: Stage, row: RoleAssignment, **fields: str) -> Answer:
    """Press the button that extends it."""
    return stage.post(f"/assignments/{row.key}/extend/", **fields)


@state(
    "roles:extend",
    "first visit",
    template="roles/extend.html",
    shows=("is its last day now.", "How long should it last?"),
)
def extend_page(stage: Stage) -> Answer:
    return page(stage, stage.held("tom", FLUVIUS), "extend/")


def limited(stage: Stage) -> RoleAssignment:
    """Return an assignment of a role with a maximum duration."""
    until = timezone.localdate() + timedelta(days=20)
    held = {"assignee": stage.anna, "organisation": stage.dubois, "assigned_by": stage.jean}
    return AssignmentFactory(role=stage.roles["FIN_URBAIN_USER_RO"], valid_until=until, **held)


@state("roles:extend", "a role with a maximum duration", shows="“Unlimited duration” is not offered:")
def extend_a_limited_role(stage: Stage) -> Answer:
    return page(stage, limited(stage), "extend/")


@state("roles:extend", "no duration chosen", errors="E12")
def no_duration(stage: Stage) -> Answer:
    return extend(stage, stage.held("tom", FLUVIUS))


@state("roles:extend", "no date", errors="E13")
def extend_without_a_date(stage: Stage) -> Answer:
    return extend(stage, stage.held("tom", FLUVIUS), duration="until")


@state("roles:extend", "date in the past", errors="E16")
def extend_into_the_past(stage: Stage) -> Answer:
    return extend(stage, stage.held("tom", FLUVIUS), duration="until", **on("1", "1", "2020"))


@state("roles:extend", "not longer", says="Choose a date after")
def not_longer(stage: Stage) -> Answer:
    day = timezone.localdate() + timedelta(days=5)
    typed = on(str(day.day), str(day.month), str(day.year))
    return extend(stage, stage.held("tom", FLUVIUS), duration="until", **typed)


@state("roles:extend", "lasts too long", errors="E19")
def extend_too_long(stage: Stage) -> Answer:
    return extend(stage, limited(stage), duration="until", **on("1", "1", "2099"))


@state("roles:extend", "a later one stands in the way", errors="E28")
def a_later_one(stage: Stage) -> Answer:
    start = timezone.localdate() + timedelta(days=60)
    AssignmentFactory(role=stage.roles[FLUVIUS], assignee=stage.tom, organisation=stage.dubois, valid_from=start)
    return extend(stage, stage.held("tom", FLUVIUS), duration="unlimited")


@state(
    "roles:extend", "its holder", who="anna", status=403, shows="You are not an access manager for Boulangerie Dubois"
)
def extend_by_its_holder(stage: Stage) -> Answer:
    return page(stage, limited(stage), "extend/")


@state("roles:extend", "key too low", level=LOW, status=403, shows="Sign in with another key")
def extend_with_a_low_key(stage: Stage) -> Answer:
    return page(stage, stage.held("tom", FLUVIUS), "extend/")


@state("roles:assignment", "extended just now", shows=("The assignment is extended", "It goes on from AR-"))
def extended_just_now(stage: Stage) -> Answer:
    return extend(stage, stage.held("tom", FLUVIUS), duration="one_year")


@state("roles:assignment", "extension to be confirmed", who="ingrid", shows="The extension waits for a confirmation")
def extension_to_be_confirmed(stage: Stage) -> Answer:
    until = timezone.localdate() + timedelta(days=20)
    held = {"assignee": stage.people["björn"], "organisation": stage.eupen, "valid_until": until}
    return extend(stage, AssignmentFactory(role=stage.roles[FLUVIUS], **held), duration="one_year")


@state("roles:assignment", "cannot be extended", shows="Only a role that works and has an end date can be extended")
def cannot_be_extended(stage: Stage) -> Answer:
    return page(stage, stage.held("tom", CCB), "extend/")
