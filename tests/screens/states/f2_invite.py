"""S17: inviting people, from their names to the page that says what happens next."""

from typing import Any

from django.test import override_settings
from django.utils import timezone

from roles.models import AssignmentDraft, DraftInvitee, Role
from tenants.models import AccessManagerAppointment
from tests.roles.invites import NORA, PAUL, Somebody, invite_draft
from tests.screens.stage import Stage
from tests.screens.states.f1_invitations import ANSWERS, CYBER, ENERGY, EXECUTOR, FINANCE
from tests.screens.table import Answer, state

TYPED = {"given_name": "Paul", "family_name": "Plumanns", "email": "paul@post.example", "language": "de"}
UNANSWERED = {"duration": "", "properties_answered": False}


def address(draft: AssignmentDraft, step: str, query: str = "") -> str:
    """Return the address of a step."""
    return f"/invitations/new/{draft.key}/{step}/{query}"


def begun(stage: Stage, *people: Somebody, codes: tuple[str, ...] = (), who: str = "jean", **values: Any) -> Any:
    """Store a draft whose steps are answered; `UNANSWERED` where the third one is not."""
    roles = [stage.roles[code] for code in codes]
    now = timezone.now()
    return invite_draft(stage.people[who], stage.dubois, list(people), roles, now=now, answers=ANSWERS, **values)


def ready(stage: Stage, **values: Any) -> AssignmentDraft:
    """Store a draft that only has to be sent."""
    return begun(stage, NORA, codes=(ENERGY,), **values)


def press(stage: Stage, draft: AssignmentDraft, step: str, action: str = "next", **fields: Any) -> Answer:
    """Press a button of a step."""
    answer = stage.post(address(draft, step), **{"version": draft.version, "action": action, **fields})
    stage.sent = fields
    return answer


def write_down(stage: Stage, **fields: Any) -> Answer:
    """Press "Add" with Paul's data, some of it wrong, where Nora is in the list."""
    return press(stage, begun(stage, NORA), "people", "add", **{**TYPED, **fields})


def specify(stage: Stage, *codes: str, **fields: Any) -> Answer:
    """Press "Next step" on the third page."""
    return press(stage, begun(stage, NORA, codes=codes or (ENERGY,)), "properties", **{"start": "today", **fields})


# --- People -----------------------------------------------------------------------------------------------------------


@state("roles:invite_people", "first visit", template="roles/invite/people.html", shows="Nobody added yet")
def people_first(stage: Stage) -> Answer:
    return stage.post("/invitations/new/")


@state("roles:invite_people", "two in the list", shows="People to invite (2)")
def people_two(stage: Stage) -> Answer:
    return stage.get(address(begun(stage, NORA, PAUL), "people"))


@state("roles:invite_people", "nothing filled in", errors=("E23", "E34"), says="Choose a language")
def people_nothing(stage: Stage) -> Answer:
    return press(stage, begun(stage), "people", given_name="", family_name="", email="")


@state("roles:invite_people", "no such address", errors="E34")
def wrong_address(stage: Stage) -> Answer:
    return write_down(stage, email="paul")


@state("roles:invite_people", "in the list already", errors="E03")
def listed_already(stage: Stage) -> Answer:
    return write_down(stage, email=NORA[2])


@state("roles:invite_people", "own address", says="This is your own address. You cannot invite yourself")
def own_address(stage: Stage) -> Answer:
    return write_down(stage, email=stage.jean.email)


@state("roles:invite_people", "name too long", errors="E24")
def name_too_long(stage: Stage) -> Answer:
    return write_down(stage, family_name="Plumanns" * 13)


@state("roles:invite_people", "digits in a name", says="A name has no digits. Take them out")
def digits_in_name(stage: Stage) -> Answer:
    return write_down(stage, family_name="Plumanns 2")


@state("roles:invite_people", "number in both names", says="Take the national register number out of the text")
def number_in_names(stage: Stage) -> Answer:
    return write_down(stage, given_name="850730", family_name="033 28")


@state("roles:invite_people", "twenty in the list", says="You can invite 20 people at once.")
def twenty(stage: Stage) -> Answer:
    draft = begun(stage)
    DraftInvitee.objects.bulk_create(
        DraftInvitee(
            draft=draft,
            given_name="Nora",
            family_name="Aerts",
            email=f"nora{number}@post.example",
            email_key=f"nora{number}@post.example",
            language="nl",
        )
        for number in range(20)
    )
    return press(stage, draft, "people", "add", **TYPED)


@state("roles:invite_people", "changed in another tab", errors="E27")
def people_changed(stage: Stage) -> Answer:
    answer = press(stage, begun(stage, NORA, version=2), "people", "add", version=1, **TYPED)
    stage.sent = {}
    return answer


@state("roles:invite_people", "draft gone", status=410, shows="This draft no longer exists")
def people_gone(stage: Stage) -> Answer:
    old = stage.ago(days=2)
    return stage.get(address(begun(stage, NORA, created_at=old, updated_at=old), "people"))


@state("roles:invite_people", "draft of somebody else", who="tom", status=404, shows="Page not found")
def people_of_another(stage: Stage) -> Answer:
    return stage.get(address(begun(stage, NORA), "people"))


# --- Roles ------------------------------------------------------------------------------------------------------------


@state(
    "roles:invite_roles",
    "first visit",
    template="roles/invite/roles.html",
    shows="For Nora Vandenbroucke, Paul Plumanns",
)
def roles_first(stage: Stage) -> Answer:
    return stage.get(address(begun(stage, NORA, PAUL), "roles"))


@state("roles:invite_roles", "one chosen", shows="Chosen roles (1)")
def roles_one(stage: Stage) -> Answer:
    return stage.get(address(ready(stage), "roles"))


@state("roles:invite_roles", "of a domain manager", who="marie", shows="Roles that you cannot assign")
def roles_of_domain(stage: Stage) -> Answer:
    return stage.get(address(begun(stage, NORA, who="marie"), "roles"))


@state("roles:invite_roles", "none found", shows="No role for “zzzz”")
def roles_none_found(stage: Stage) -> Answer:
    return press(stage, begun(stage, NORA), "roles", "search", q="zzzz")


@state("roles:invite_roles", "none chosen", errors="E10")
def roles_none_chosen(stage: Stage) -> Answer:
    return press(stage, begun(stage, NORA), "roles")


@state("roles:invite_roles", "of another domain", who="marie", errors="E11")
def roles_other_domain(stage: Stage) -> Answer:
    answer = press(stage, begun(stage, NORA, who="marie"), "roles", role=ENERGY)
    stage.sent = {}  # there is no box that could keep the tick
    return answer


@state("roles:invite_roles", "changed in another tab", errors="E27")
def roles_changed(stage: Stage) -> Answer:
    return press(stage, begun(stage, NORA, version=2), "roles", version=1)


# --- The check page, and after it -------------------------------------------------------------------------------------


@state(
    "roles:invite_review",
    "one person, one role",
    template="roles/invite/review.html",
    shows="Nothing has been sent yet.",
)
def review_one(stage: Stage) -> Answer:
    return stage.get(address(ready(stage), "review"))


@state("roles:invite_review", "two people, three roles, questions", shows=("Properties", "Welkom bij ons"))
def review_two(stage: Stage) -> Answer:
    draft = begun(stage, NORA, PAUL, codes=(ENERGY, CYBER, EXECUTOR), message="Welkom bij ons")
    return stage.get(address(draft, "review"))


@state("roles:invite_review", "role no longer available", errors="E26")
def review_withdrawn(stage: Stage) -> Answer:
    draft = ready(stage)
    Role.objects.filter(code=ENERGY).update(is_assignable=False)
    return press(stage, draft, "review", "send")


@state("roles:invite_review", "of another domain", who="marie", errors="E11")
def review_other_domain(stage: Stage) -> Answer:
    return stage.get(address(begun(stage, NORA, codes=(ENERGY, FINANCE), who="marie"), "review"))


@state("roles:invite_review", "role needs a surer key", level=400, says="You need to sign in with eID or itsme")
def review_needs_high(stage: Stage) -> Answer:
    Role.objects.filter(code=ENERGY).update(minimum_level=500)
    return stage.get(address(ready(stage), "review"))


@state("roles:invite_review", "too many today", status=429, errors="E08")
def review_too_many(stage: Stage) -> Answer:
    with override_settings(INVITATION_QUOTA=1):
        return press(stage, begun(stage, NORA, PAUL, codes=(ENERGY,)), "review", "send")


@state("roles:invite_review", "changed in another tab", errors="E27")
def review_changed(stage: Stage) -> Answer:
    return press(stage, ready(stage, version=2), "review", "send", version=1)


@state("roles:invite_review", "draft deleted", status=410, shows="This draft no longer exists")
def review_deleted(stage: Stage) -> Answer:
    draft = ready(stage)
    press(stage, draft, "review", "delete")
    return stage.get(address(draft, "review"))


@state(
    "roles:invite_review", "right ended", status=403, shows="You are not an access manager for Boulangerie Dubois SRL"
)
def review_right_ended(stage: Stage) -> Answer:
    draft = ready(stage)
    AccessManagerAppointment.objects.filter(person=stage.jean).update(ended_at=timezone.now())
    return press(stage, draft, "review", "send")


@state("roles:invite_done", "one person", template="roles/invite/done.html", shows="The invitation is sent")
def done_one(stage: Stage) -> Answer:
    return press(stage, ready(stage), "review", "send")


@state("roles:invite_done", "two people", shows=("The invitations are sent", "Each person receives an e-mail"))
def done_two(stage: Stage) -> Answer:
    return press(stage, begun(stage, NORA, PAUL, codes=(ENERGY, CYBER)), "review", "send")
