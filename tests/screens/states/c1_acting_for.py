"""S3: for which organisation one acts."""

from tests.factories import AppointmentFactory, OrganisationFactory
from tests.screens.stage import Stage
from tests.screens.table import Answer, state

ACTING_FOR = "/acting-for/"


@state(
    "tenants:acting_for",
    "chosen before",
    template="tenants/acting_for.html",
    who="tom",
    shows=("You are co-chief access manager", "In my own name only"),
)
def chosen_before(stage: Stage) -> Answer:
    return stage.get(ACTING_FOR)


@state("tenants:acting_for", "first visit", who="tom", shows=("Peeters & Fils SA", "for the domain Energy"))
def first_visit(stage: Stage) -> Answer:
    return stage.becomes("tom", acting_for="").get(f"{ACTING_FOR}?next=/assignments/")


@state("tenants:acting_for", "one has stopped", who="kristel", shows="You cannot act for this organisation: it is no")
def one_has_stopped(stage: Stage) -> Answer:
    AppointmentFactory(person=stage.people["kristel"], organisation=stage.ateliers)
    return stage.becomes("kristel", acting_for=stage.ateliers.key).get(ACTING_FOR)


def with_many(stage: Stage, more: int = 11) -> Stage:
    """Let Jean belong to more organisations than a list shows without a search."""
    for _number in range(more):
        AppointmentFactory(person=stage.jean, organisation=OrganisationFactory())
    return stage.becomes("jean", acting_for=stage.dubois.key)


@state("tenants:acting_for", "more than ten", shows="Name or enterprise number (optional)")
def more_than_ten(stage: Stage) -> Answer:
    return with_many(stage).get(ACTING_FOR)


@state("tenants:acting_for", "more than twenty", shows="more organisations. Search by name or number to see them.")
def more_than_twenty(stage: Stage) -> Answer:
    return with_many(stage, 22).get(ACTING_FOR)


@state("tenants:acting_for", "found by name", shows="Organisations with “dubois”")
def found_by_name(stage: Stage) -> Answer:
    return with_many(stage).post(f"{ACTING_FOR}search/", words="dubois")


@state("tenants:acting_for", "none found", shows="None of your organisations matches.")
def none_found(stage: Stage) -> Answer:
    return with_many(stage).post(f"{ACTING_FOR}search/", words="zzzz")


@state("tenants:acting_for", "none chosen", who="tom", errors="E09")
def none_chosen(stage: Stage) -> Answer:
    return stage.becomes("tom", acting_for="").post(ACTING_FOR)


@state("roles:home", "in another name now", who="tom", shows="See who holds which roles for Peeters & Fils SA")
def in_another_name_now(stage: Stage) -> Answer:
    return stage.post(ACTING_FOR, organisation=stage.peeters.key)
