"""W2: for which organisation."""

from django.utils import timezone

from tenants.models import AccessManagerAppointment
from tests.factories import AppointmentFactory, OrganisationFactory
from tests.screens.stage import Stage
from tests.screens.table import Answer, state


def toms(stage: Stage, place: str | None = None, **values: object) -> object:
    """Return a draft of Tom, who manages two organisations."""
    return stage.draft(stage.anna, owner="tom", place=place, **values)


@state(
    "roles:wizard_organisation",
    "first visit",
    template="roles/wizard/organisation.html",
    who="tom",
    shows=("0999.999.922, Bruxelles", "Peeters & Fils SA"),
)
def first_visit(stage: Stage) -> Answer:
    return stage.step(toms(stage), "organisation")


@state("roles:wizard_organisation", "many people", who="tom", shows="Olivier Lambert and 2 other people")
def many_people(stage: Stage) -> Answer:
    six = (stage.anna, stage.jean, stage.marie, stage.carine, stage.olivier, stage.ingrid, stage.klaus)
    return stage.step(stage.draft(*six, owner="tom", place=None), "organisation")


@state("roles:wizard_organisation", "chosen before", who="tom", shows="For Anna Peeters – Peeters & Fils SA")
def chosen_before(stage: Stage) -> Answer:
    draft = toms(stage, "peeters", roles=("FLUVIUS_ENERGY_PORTAL_ADMIN",), answered=True)
    return stage.step(draft, "organisation", "?return=review")


@state("roles:wizard_organisation", "one has stopped", shows="Stopped, according to the Crossroads Bank")
def one_has_stopped(stage: Stage) -> Answer:
    AppointmentFactory(person=stage.jean, organisation=stage.vandersteen, kind="co_chief")
    stage.becomes("jean", acting_for=stage.dubois.key)
    return stage.step(stage.draft(stage.anna, place=None), "organisation")


def of_many(stage: Stage) -> object:
    """Return a draft of Jean, who now manages more organisations than a list shows without a search."""
    for _number in range(11):
        AppointmentFactory(person=stage.jean, organisation=OrganisationFactory())
    stage.becomes("jean", acting_for=stage.dubois.key)
    return stage.draft(stage.anna, place=None)


@state("roles:wizard_organisation", "more than ten", shows="Search by name or enterprise number")
def more_than_ten(stage: Stage) -> Answer:
    return stage.step(of_many(stage), "organisation")


@state("roles:wizard_organisation", "found by name", shows="Boulangerie Dubois SRL")
def found_by_name(stage: Stage) -> Answer:
    return stage.press(of_many(stage), "organisation", "search", q="dubois")


@state("roles:wizard_organisation", "none found", shows="No organisation matches “zzzz”")
def none_found(stage: Stage) -> Answer:
    return stage.press(of_many(stage), "organisation", "search", q="zzzz")


@state("roles:wizard_organisation", "none chosen", who="tom", errors="E09")
def none_chosen(stage: Stage) -> Answer:
    return stage.press(toms(stage), "organisation", "next")


@state("roles:wizard_organisation", "the one chosen is lost", who="tom", says="You can no longer assign roles for the")
def the_one_chosen_is_lost(stage: Stage) -> Answer:
    AccessManagerAppointment.objects.filter(person=stage.tom, organisation=stage.peeters).update(
        ended_at=timezone.now()
    )
    draft = toms(stage, "peeters", roles=("FLUVIUS_ENERGY_PORTAL_ADMIN",), answered=True)
    return stage.step(draft, "review")


@state("roles:wizard_organisation", "changed in another tab", who="tom", errors="E27")
def changed_in_another_tab(stage: Stage) -> Answer:
    draft = toms(stage, version=3)
    return stage.press(draft, "organisation", "next", organisation=stage.peeters.key, version=2)
