"""S5: where links of service owners arrive, and where a draft begins. And what meets whoever comes too late for one."""

from datetime import timedelta

from django.utils import timezone

from roles.models import AssignmentDraft
from tenants.models import AccessManagerAppointment
from tests.screens.stage import LOW, NOBODY, SUBSTANTIAL, Stage
from tests.screens.table import Answer, state

NEW = "/assignments/new/"
CCB = "CCB_SAFEONWEBATWORK_EDIT"


@state(
    "roles:new_assignment", "two ways in", template="roles/new_assignment.html", shows="If you have the person’s number"
)
def two_ways(stage: Stage) -> Answer:
    return stage.get(NEW)


@state("roles:new_assignment", "with drafts", shows=("Your drafts", "Anna Peeters", "Nobody chosen yet", "step 3 of 5"))
def with_drafts(stage: Stage) -> Answer:
    stage.draft(stage.anna)
    stage.draft()
    stage.draft(stage.anna, stage.marie, roles=(CCB,), answered=True)
    return stage.get(NEW)


@state("roles:new_assignment", "for a role", shows="You are here for this role:")
def for_a_role(stage: Stage) -> Answer:
    return stage.get(f"{NEW}?role={CCB}")


@state("roles:new_assignment", "for an unknown role", shows="We do not know the role NO_SUCH_ROLE.")
def for_an_unknown_role(stage: Stage) -> Answer:
    return stage.get(f"{NEW}?role=NO_SUCH_ROLE")


@state("roles:new_assignment", "for a role of another domain", who="marie", shows="ask Jean Dubois, Tom Janssens")
def for_a_role_of_another_domain(stage: Stage) -> Answer:
    return stage.get(f"{NEW}?role={CCB}")


@state("roles:new_assignment", "for a role that needs a surer key", level=SUBSTANTIAL, shows="with eID or itsme")
def for_a_role_that_needs_a_surer_key(stage: Stage) -> Answer:
    return stage.get(f"{NEW}?role=JUST_CRIMINAL_OFFENCES")


@state("roles:new_assignment", "signed out", who=NOBODY, shows=("You come back to this page.", "for this role:"))
def signed_out(stage: Stage) -> Answer:
    return stage.get(f"{NEW}?role={CCB}")


@state("roles:new_assignment", "not a manager", who="anna", status=403, shows="Jean Dubois (chief access manager)")
def not_a_manager(stage: Stage) -> Answer:
    return stage.get(NEW)


@state("roles:new_assignment", "no organisation", who="olivier", status=403, shows="not linked to any organisation")
def no_organisation(stage: Stage) -> Answer:
    return stage.get(NEW)


@state("roles:new_assignment", "organisation stopped", who="rudi", status=403, shows="The organisation has stopped")
def organisation_stopped(stage: Stage) -> Answer:
    return stage.get(NEW)


@state("roles:new_assignment", "key too low", level=LOW, status=403, shows="Sign in with one of these keys:")
def key_too_low(stage: Stage) -> Answer:
    return stage.get(NEW)


@state("roles:delete_draft", "of somebody else", status=404, shows="Page not found")
def delete_of_somebody_else(stage: Stage) -> Answer:
    return stage.post(f"{NEW}{stage.draft(stage.anna, owner='ingrid', place='eupen').key}/delete/")


@state("roles:new_assignment", "draft deleted", shows=("If you have the person’s number", "The draft has been deleted"))
def draft_deleted(stage: Stage) -> Answer:
    return stage.post(f"{NEW}{stage.draft(stage.anna).key}/delete/")


# --- Any step ---------------------------------------------------------------------------------------------------------


@state("roles:wizard_persons", "of somebody else", status=404, shows="Page not found")
def of_somebody_else(stage: Stage) -> Answer:
    return stage.step(stage.draft(owner="ingrid", place="eupen"), "persons")


@state("roles:wizard_review", "draft gone", status=410, shows="Drafts are kept for 24 hours.")
def draft_gone(stage: Stage) -> Answer:
    draft = stage.draft(stage.anna, roles=(CCB,), answered=True)
    AssignmentDraft.objects.filter(pk=draft.pk).update(updated_at=stage.ago(days=2))
    return stage.step(draft, "review")


@state("roles:wizard_done", "draft gone", status=410, shows="This draft no longer exists")
def draft_gone_before_it_was_done(stage: Stage) -> Answer:
    return stage.step(stage.draft(stage.anna, deleted_at=stage.now), "done")


@state("roles:wizard_roles", "key too low", level=LOW, status=403, shows="Your draft is kept.")
def step_with_a_low_key(stage: Stage) -> Answer:
    return stage.step(stage.draft(stage.anna), "roles")


@state(
    "roles:wizard_roles",
    "right ended",
    status=403,
    shows=("Dubois SRL ended on", "Tom Janssens"),
)
def right_ended(stage: Stage) -> Answer:
    over = {"ended_at": timezone.now(), "valid_until": timezone.localdate() - timedelta(days=1)}
    AccessManagerAppointment.objects.filter(person=stage.jean).update(**over)
    return stage.step(stage.draft(stage.anna), "roles")


@state("roles:wizard_roles", "right ended on a press", status=403, shows="Nothing was changed.")
def right_ended_on_a_press(stage: Stage) -> Answer:
    AccessManagerAppointment.objects.filter(person=stage.jean).update(ended_at=timezone.now())
    return stage.press(stage.draft(stage.anna), "roles", "next")


@state("roles:wizard_roles", "organisation stopped", status=403, shows="has stopped, according to the Crossroads Bank")
def step_for_a_stopped_organisation(stage: Stage) -> Answer:
    draft = stage.draft(stage.anna, owner="rudi", place="vandersteen")
    return stage.becomes("rudi").step(draft, "roles")


@state(
    "roles:wizard_roles",
    "session ended",
    status=403,
    shows="A draft is kept for 24 hours after",
)
def session_ended(stage: Stage) -> Answer:
    draft = stage.draft(stage.anna)
    stage.becomes("jean", seen_at=stage.ago(minutes=31).isoformat())
    return stage.step(draft, "roles")


@state("roles:wizard_roles", "session ended before a press", status=403, shows="Your session has ended")
def session_ended_before_a_press(stage: Stage) -> Answer:
    draft = stage.draft(stage.anna)
    stage.becomes("jean", seen_at=stage.ago(minutes=31).isoformat())
    return stage.press(draft, "roles", "next")
