"""S18: answering an invitation, by the code of its letter; and every way in which it can be over."""

from datetime import timedelta
from typing import Any

from django.utils import timezone

from roles.invitations import spaced
from roles.models import Invitation, Role
from roles.operations.invitations import cancel_invitation, resend_invitation
from tenants.models import Organisation
from tests.factories import AssignmentFactory, PersonFactory
from tests.roles.invites import NORA, code_of
from tests.screens.stage import LOW, Stage
from tests.screens.states.f1_invitations import (
    ANSWERS,
    CYBER,
    ENERGY,
    EXECUTOR,
    OLIVIER,
    accept,
    decline,
    expire,
    invited,
)
from tests.screens.table import Answer, state

CODE, ANSWER = "/invitation/", "/invitation/answer/"


def proved(stage: Stage, *codes: str, **values: Any) -> Invitation:
    """Let Olivier type the code of an invitation of Jean's."""
    row = invited(stage, OLIVIER, *(codes or (ENERGY,)), **values)
    stage.post(CODE, code=spaced(code_of(row)))
    return row


def wrong_codes(stage: Stage, times: int) -> Answer:
    """Type wrong codes, one after the other; return the last page."""
    pages = [stage.post(CODE, code=f"AAAA-AAA{number + 2}") for number in range(times)]
    return pages[-1]


# --- The code ---------------------------------------------------------------------------------------------------------


@state(
    "roles:answer_code",
    "first visit",
    template="roles/answer/code.html",
    who="klaus",
    level=LOW,
    shows="Invitation code",
)
def code_first(stage: Stage) -> Answer:
    return stage.get(CODE)


@state(
    "roles:answer_code", "an invitation waits", who="olivier", shows="Jean Dubois invites you for Boulangerie Dubois"
)
def code_waiting(stage: Stage) -> Answer:
    invited(stage, OLIVIER)
    return stage.get(CODE)


@state("roles:answer_code", "no code", who="olivier", errors="E23")
def code_empty(stage: Stage) -> Answer:
    return stage.post(CODE, code="")


@state("roles:answer_code", "unknown code", who="olivier", errors="E33")
def code_unknown(stage: Stage) -> Answer:
    return wrong_codes(stage, 1)


@state("roles:answer_code", "five wrong codes", who="olivier", status=429, errors="E08")
def code_too_many(stage: Stage) -> Answer:
    return wrong_codes(stage, 6)


@state(
    "roles:answer_code",
    "in another name",
    template="roles/answer/over.html",
    who="olivier",
    status=403,
    shows="You are signed in as Olivier Lambert.",
)
def code_of_another(stage: Stage) -> Answer:
    return stage.post(CODE, code=spaced(code_of(invited(stage, NORA))))


# --- The answer -------------------------------------------------------------------------------------------------------


@state(
    "roles:answer",
    "one role",
    template="roles/answer/answer.html",
    who="olivier",
    level=LOW,
    shows="Invitation from Jean Dubois",
)
def answer_one(stage: Stage) -> Answer:
    proved(stage)
    return stage.get(ANSWER)


@state("roles:answer", "three roles, questions, a message", who="olivier", shows="Welkom bij ons")
def answer_three(stage: Stage) -> Answer:
    last = timezone.localdate() + timedelta(days=400)
    proved(stage, ENERGY, CYBER, EXECUTOR, answers=ANSWERS, message="Welkom bij ons", valid_until=last)
    return stage.get(ANSWER)


@state("roles:answer", "one role held already", who="olivier", shows="It stays as it is.")
def answer_held(stage: Stage) -> Answer:
    AssignmentFactory(role=stage.roles[CYBER], organisation=stage.dubois, assignee=stage.olivier)
    proved(stage, ENERGY, CYBER)
    return stage.get(ANSWER)


@state("roles:answer", "no answer", who="olivier", errors="E31")
def no_answer(stage: Stage) -> Answer:
    proved(stage)
    return stage.post(ANSWER, note="I do not know you")


@state("roles:answer", "reason too long", who="olivier", errors="E24")
def reason_too_long(stage: Stage) -> Answer:
    proved(stage)
    return stage.post(ANSWER, answer="refuse", note="x" * 301)


@state(
    "roles:answer", "no answer, number in the reason", who="olivier", errors="E31", says="Take the national register"
)
def number_in_reason(stage: Stage) -> Answer:
    proved(stage)
    return stage.post(ANSWER, note="I am 85.07.30-033.28")


@state(
    "roles:answer",
    "accepted",
    template="roles/answer/result.html",
    who="olivier",
    shows=("You accepted this invitation", "Your roles as they are now"),
)
def accepted(stage: Stage) -> Answer:
    AssignmentFactory(role=stage.roles[CYBER], organisation=stage.dubois, assignee=stage.olivier)
    proved(stage, ENERGY, CYBER)
    return stage.post(ANSWER, answer="accept")


@state("roles:answer", "refused", who="olivier", shows=("You refused this invitation", "You receive no role."))
def refused(stage: Stage) -> Answer:
    proved(stage)
    return stage.post(ANSWER, answer="refuse", note="I do not know you")


@state("roles:answer", "answered a second time", who="olivier", shows="your first answer stands")
def answered_twice(stage: Stage) -> Answer:
    decline(stage, proved(stage))
    return stage.post(ANSWER, answer="accept")


# --- Over -------------------------------------------------------------------------------------------------------------


@state("roles:answer", "used", who="olivier", shows="This invitation was used")
def used(stage: Stage) -> Answer:
    row = proved(stage)
    stage.people["olivier"], olivier = PersonFactory(given_name="Lotte", family_name="Lambert"), stage.olivier
    accept(stage, row)
    stage.people["olivier"] = olivier
    return stage.get(ANSWER)


@state("roles:answer", "expired", who="olivier", shows="This invitation has expired")
def over_expired(stage: Stage) -> Answer:
    expire(proved(stage))
    return stage.get(ANSWER)


@state("roles:answer", "cancelled", who="olivier", shows="Tom Janssens cancelled it.")
def over_cancelled(stage: Stage) -> Answer:
    cancel_invitation(proved(stage), acting=stage.acting("tom"), now=timezone.now())
    return stage.get(ANSWER)


@state("roles:answer", "sent again", who="olivier", shows="This code no longer works")
def over_sent_again(stage: Stage) -> Answer:
    row = proved(stage, now=timezone.now() - timedelta(minutes=5))
    resend_invitation(row, seen_sent_at=row.sent_at, acting=stage.acting("jean"), now=timezone.now())
    return stage.get(ANSWER)


@state("roles:answer", "role no longer given", who="olivier", shows="Jean Dubois can no longer assign this role.")
def over_not_given(stage: Stage) -> Answer:
    proved(stage)
    Role.objects.filter(code=ENERGY).update(is_assignable=False)
    return stage.get(ANSWER)


@state("roles:answer", "organisation stopped", who="olivier", shows="Boulangerie Dubois SRL has stopped")
def over_stopped(stage: Stage) -> Answer:
    proved(stage)
    Organisation.objects.filter(pk=stage.dubois.pk).update(status="stopped")
    return stage.get(ANSWER)


@state("roles:answer", "own invitation", status=403, shows="You sent this invitation yourself.")
def own_invitation(stage: Stage) -> Answer:
    row = invited(stage, ("Jean", "Dubois", "jean@other.example", "fr"))
    stage.post(CODE, code=spaced(code_of(row)))
    return stage.get(ANSWER)
