"""W6: the record of what was done and what happens next."""

from datetime import timedelta
from typing import Any

from django.utils import timezone

from roles.operations.ending import end_assignments
from roles.operations.undo import undo_assignments
from tenants.models import AccessManagerAppointment, Person
from tests.roles.passes import Pass
from tests.screens.stage import Stage
from tests.screens.table import Answer, state

CCB, FLUVIUS = "CCB_SAFEONWEBATWORK_EDIT", "FLUVIUS_ENERGY_PORTAL_ADMIN"


def given(stage: Stage, *persons: Person, **values: Any) -> Pass:
    """Give Anna one role, or others other ones."""
    return stage.give(*(persons or (stage.anna,)), **{"roles": (CCB,), **values})


def done(stage: Stage, act: Pass) -> Answer:
    """Open the page of a pass."""
    return stage.step(act.draft, "done")


@state(
    "roles:wizard_done",
    "just finished",
    template="roles/wizard/done.html",
    shows=("you can undo the whole assignment", "What happens now"),
)
def just_finished(stage: Stage) -> Answer:
    return done(stage, given(stage))


@state("roles:wizard_done", "several people and roles", shows=("Scheduled", "Olivier Lambert – "))
def several(stage: Stage) -> Answer:
    start = timezone.localdate() + timedelta(days=30)
    return done(stage, given(stage, stage.anna, stage.olivier, roles=(CCB, FLUVIUS), valid_from=start))


@state(
    "roles:wizard_done",
    "to be confirmed",
    who="ingrid",
    shows=("Klaus Lennertz must confirm before", "Aylin Kaya must"),
)
def to_be_confirmed(stage: Stage) -> Answer:
    act = given(stage, stage.ingrid, stage.people["aylin"], who="ingrid", place="eupen")
    return done(stage, act)


@state("roles:wizard_done", "too late to undo", shows="Each person receives an e-mail. You receive a receipt.")
def too_late_to_undo(stage: Stage) -> Answer:
    return done(stage, given(stage, now=timezone.now() - timedelta(minutes=20)))


@state("roles:wizard_done", "opened later", shows="Status today")
def opened_later(stage: Stage) -> Answer:
    return done(stage, given(stage, now=timezone.now() - timedelta(days=3)))


@state("roles:wizard_done", "somebody without an address", shows="Anna Peeters has no e-mail address here")
def without_an_address(stage: Stage) -> Answer:
    Person.objects.filter(pk=stage.anna.pk).update(email="")
    stage.anna.refresh_from_db()
    answer = done(stage, given(stage))
    stage.anna.email = "anna.peeters@boulangerie-dubois.example"
    return answer


@state("roles:wizard_done", "undone", shows=("The assignment is undone", "It has no effect any more."))
def undone(stage: Stage) -> Answer:
    return stage.post(f"/assignments/new/{given(stage).draft.key}/undo/")


@state("roles:wizard_done", "undone before", shows="Assignment undone")
def undone_before(stage: Stage) -> Answer:
    act = given(stage, stage.anna, stage.olivier)
    undo_assignments(act.draft, acting=act.acting, now=timezone.now())
    return done(stage, act)


@state("roles:wizard_done", "nothing left to undo", shows="Nothing is left of this assignment to undo")
def nothing_left_to_undo(stage: Stage) -> Answer:
    act = given(stage)
    undo_assignments(act.draft, acting=act.acting, now=timezone.now())
    return stage.post(f"/assignments/new/{act.draft.key}/undo/")


@state("roles:wizard_done", "undone too late", shows="This can no longer be undone. You can still end the assignments")
def undone_too_late(stage: Stage) -> Answer:
    act = given(stage, now=timezone.now() - timedelta(minutes=20))
    return stage.post(f"/assignments/new/{act.draft.key}/undo/")


@state("roles:wizard_done", "all of it is over", shows="Nothing of this assignment counts any more.")
def all_of_it_is_over(stage: Stage) -> Answer:
    act = given(stage, now=timezone.now() - timedelta(days=3))
    end_assignments(act.rows, last_day=None, note="", acting=act.acting, now=timezone.now())
    return done(stage, act)


@state("roles:wizard_done", "right ended", status=403, shows="Your function for Boulangerie Dubois SRL ended on")
def right_ended(stage: Stage) -> Answer:
    act = given(stage)
    AccessManagerAppointment.objects.filter(person=stage.jean).update(ended_at=timezone.now())
    return done(stage, act)


@state("roles:undo", "right ended", status=403, shows="Nothing was changed.")
def undo_after_the_right_ended(stage: Stage) -> Answer:
    act = given(stage)
    AccessManagerAppointment.objects.filter(person=stage.jean).update(ended_at=timezone.now())
    return stage.post(f"/assignments/new/{act.draft.key}/undo/")


@state("roles:undo", "of somebody else", status=404, shows="Page not found")
def undo_of_somebody_else(stage: Stage) -> Answer:
    act = given(stage, who="tom")
    return stage.post(f"/assignments/new/{act.draft.key}/undo/")


@state("roles:wizard_done", "pressed twice", shows=("Assignment finished", "you can undo the whole assignment"))
def pressed_twice(stage: Stage) -> Answer:
    act = given(stage)
    return stage.press(act.draft, "review", "finish", shown="")
