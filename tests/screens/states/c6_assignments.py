"""S11: who holds what in an organisation; filters, pages, and several at once."""

from datetime import timedelta
from urllib.parse import urlencode

from django.utils import timezone

from roles.models import RoleAssignment
from tenants.acting import SELF
from tests.factories import AssignmentFactory, PersonFactory
from tests.screens.stage import LOW, Stage
from tests.screens.table import Answer, state

HERE = "/assignments/"
CCB, FLUVIUS, OWN = "CCB_SAFEONWEBATWORK_EDIT", "FLUVIUS_ENERGY_PORTAL_ADMIN", "FIN_OWN_ENTERPRISE"


@state("roles:assignments", "a few", shows=("Ends in 20 days", "Newest first", "Download the list (CSV)"))
def a_few(stage: Stage) -> Answer:
    return stage.get(HERE)


@state("roles:assignments", "with some to be confirmed", who="ingrid", shows="Klaus Lennertz must confirm before")
def some_to_be_confirmed(stage: Stage) -> Answer:
    return stage.get(HERE)


@state("roles:assignments", "of one domain", who="marie", shows="You see the roles of your domain: Finance.")
def of_one_domain(stage: Stage) -> Answer:
    return stage.get(HERE)


@state("roles:assignments", "of several domains", who="bram", shows="You see the roles of your domains:")
def of_several_domains(stage: Stage) -> Answer:
    return stage.get(HERE)


@state("roles:assignments", "none", who="grégory", shows="Nobody holds a role for Coopérative Terre et Pain SC yet.")
def none(stage: Stage) -> Answer:
    RoleAssignment.objects.filter(organisation=stage.terrepain).delete()
    return stage.get(HERE)


@state("roles:assignments", "by end date", shows="End date")
def by_end_date(stage: Stage) -> Answer:
    return stage.get(f"{HERE}?sort=ends")


def many(stage: Stage) -> Stage:
    """Give a role to more people than a page shows."""
    for person in PersonFactory.create_batch(40):
        AssignmentFactory(role=stage.roles[CCB], assignee=person, organisation=stage.dubois, assigned_by=stage.jean)
    return stage


@state("roles:assignments", "first of several pages", shows="Next")
def first_page(stage: Stage) -> Answer:
    return many(stage).get(HERE)


@state("roles:assignments", "second of several pages", shows="First page")
def second_page(stage: Stage) -> Answer:
    row = list(RoleAssignment.objects.filter(organisation=many(stage).dubois).order_by("-id"))[24]
    return stage.get(f"{HERE}?after={row.key}")


@state("roles:assignments", "only past ones", shows="Ended")
def only_past_ones(stage: Stage) -> Answer:
    return stage.get(f"{HERE}?status=ended")


def filtered(stage: Stage, **fields: str) -> Answer:
    """Press the button of the filter."""
    return stage.post(f"{HERE}filter/", **{"status": "", **fields})


@state(
    "roles:assignments",
    "with every filter",
    shows=("Name: tom", "Role or service: energy", "Ends before", "Clear filters"),
)
def with_every_filter(stage: Stage) -> Answer:
    typed = {"ends_day": "1", "ends_month": "6", "ends_year": "2099"}
    return filtered(stage, name="tom", role="energy", status="current", **typed)


@state("roles:assignments", "none found", shows=("No assignment matches.", "Clear filters"))
def none_found(stage: Stage) -> Answer:
    return filtered(stage, name="zzzz")


@state(
    "roles:filter_assignments",
    "number as a name",
    template="roles/assignments.html",
    says="Search by name. The number cannot be used as a filter",
)
def number_as_a_name(stage: Stage) -> Answer:
    return filtered(stage, name="85.07.30-033.28")


@state("roles:filter_assignments", "words too long", errors="E24")
def words_too_long(stage: Stage) -> Answer:
    return filtered(stage, name="janssens" * 13, role="energie" * 15)


@state("roles:filter_assignments", "date without a year", errors="E14")
def date_without_a_year(stage: Stage) -> Answer:
    return filtered(stage, ends_day="1", ends_month="6", status="current")


@state("roles:filter_assignments", "date that does not exist", errors="E15")
def date_that_does_not_exist(stage: Stage) -> Answer:
    return filtered(stage, ends_day="31", ends_month="2", ends_year="2099")


@state("roles:assignments", "key too low", level=LOW, status=403, shows="Sign in with another key")
def key_too_low(stage: Stage) -> Answer:
    return stage.get(HERE)


@state("roles:assignments", "not a manager", who="anna", status=403, shows="Ask one of these people:")
def not_a_manager(stage: Stage) -> Answer:
    return stage.get(HERE)


@state("roles:assignments", "no organisation", who="olivier", status=403, shows="Is your organisation missing here?")
def no_organisation(stage: Stage) -> Answer:
    return stage.get(HERE)


@state("roles:assignments", "organisation stopped", who="rudi", status=403, shows="Nobody can act for it any more.")
def organisation_stopped(stage: Stage) -> Answer:
    return stage.get(HERE)


@state(
    "roles:assignments", "nobody is access manager", who="abdelkader", status=403, shows="Nobody is access manager for"
)
def nobody_is_manager(stage: Stage) -> Answer:
    return stage.get(HERE)


@state("roles:assignments", "wrong organisation chosen", who="tom", status=403, shows="You are access manager of these")
def wrong_organisation_chosen(stage: Stage) -> Answer:
    return stage.becomes("tom", acting_for=SELF).get(HERE)


# --- Several at once --------------------------------------------------------------------------------------------------


def ticked(stage: Stage, action: str, *rows: RoleAssignment, **fields: str) -> Answer:
    """Press a button under the list, with these rows ticked; with more fields, the button of the page after it."""
    keys = [row.key for row in rows]
    address = f"{HERE}bulk/?" + urlencode({"action": action, "key": keys}, doseq=True)
    if fields:
        answer = stage.post(address, action=action, key=keys, **fields)
        stage.sent = fields
        return answer
    return stage.get(address)


def three(stage: Stage) -> list[RoleAssignment]:
    """Return three roles that work and end."""
    until = timezone.localdate() + timedelta(days=50)
    held = {"organisation": stage.dubois, "assigned_by": stage.jean, "valid_until": until}
    people = (stage.anna, stage.marie, stage.tom)
    return [AssignmentFactory(role=stage.roles["FIN_UBO_ENTITY"], assignee=person, **held) for person in people]


@state(
    "roles:bulk",
    "end several",
    template="roles/bulk.html",
    shows=("End 3 assignments", "are the only ones who hold", "Keep the assignments"),
)
def end_several(stage: Stage) -> Answer:
    return ticked(stage, "end", *three(stage))


@state("roles:bulk", "end one", shows="End 1 assignment")
def end_one(stage: Stage) -> Answer:
    return ticked(stage, "end", stage.held("tom", CCB))


@state("roles:bulk", "extend several", shows="Extend 3 assignments")
def extend_several(stage: Stage) -> Answer:
    return ticked(stage, "extend", *three(stage))


@state("roles:bulk", "some cannot be extended", shows=("no end date", "Go on without these"))
def some_cannot_be_extended(stage: Stage) -> Answer:
    return ticked(stage, "extend", stage.held("tom", CCB), *three(stage))


@state("roles:bulk", "none can be extended", shows=("no end date", "Choose again"))
def none_can_be_extended(stage: Stage) -> Answer:
    return ticked(stage, "extend", stage.held("tom", CCB), stage.held("marie", OWN))


@state("roles:bulk", "some are over", shows="These assignments are over already:")
def some_are_over(stage: Stage) -> Answer:
    return ticked(stage, "end", stage.held("fatima", "JUST_TRAFFIC_FINES"), stage.held("tom", CCB))


@state("roles:bulk", "none ticked", errors="E29")
def none_ticked(stage: Stage) -> Answer:
    return stage.get(f"{HERE}bulk/?action=end")


@state("roles:bulk", "end without an answer", errors=("E24", "E30"))
def end_without_an_answer(stage: Stage) -> Answer:
    return ticked(stage, "end", *three(stage), note="Ils changent de service." * 13)


@state("roles:bulk", "end date in the past", errors="E16")
def end_date_in_the_past(stage: Stage) -> Answer:
    return ticked(stage, "end", *three(stage), when="date", until_day="1", until_month="1", until_year="2020")


@state("roles:bulk", "extend without a duration", errors="E12")
def extend_without_a_duration(stage: Stage) -> Answer:
    return ticked(stage, "extend", *three(stage), until_day="")


@state("roles:bulk", "not longer", says="Choose a date after")
def not_longer(stage: Stage) -> Answer:
    day = timezone.localdate() + timedelta(days=5)
    typed = {"until_day": str(day.day), "until_month": str(day.month), "until_year": str(day.year)}
    return ticked(stage, "extend", *three(stage), duration="until", **typed)


@state("roles:bulk", "of another domain", who="marie", status=404, shows="Page not found")
def bulk_of_another_domain(stage: Stage) -> Answer:
    return ticked(stage, "end", stage.held("tom", CCB))


@state("roles:bulk", "key too low", level=LOW, status=403, shows="Sign in with another key")
def bulk_with_a_low_key(stage: Stage) -> Answer:
    return ticked(stage, "end", stage.held("tom", CCB))


@state("roles:assignments", "several ended", shows="3 assignments have ended")
def several_ended(stage: Stage) -> Answer:
    return ticked(stage, "end", *three(stage), when="now")


@state("roles:assignments", "several extended", shows="3 assignments are extended")
def several_extended(stage: Stage) -> Answer:
    return ticked(stage, "extend", *three(stage), duration="unlimited")
