"""S16: the invitations of an organisation, one of them, sending it again, cancelling it."""

from datetime import timedelta
from typing import Any

from django.test import override_settings
from django.utils import timezone

from roles.models import Invitation, Role
from roles.operations.answer_invitation import accept_invitation, decline_invitation
from roles.operations.invitations import cancel_invitation
from tenants.models import Organisation
from tests.factories import AssignmentFactory
from tests.roles.invites import NORA, PAUL, Somebody, an_invitation, invite, invite_draft
from tests.screens.stage import LOW, Stage
from tests.screens.table import Answer, state

LIST = "/invitations/"
CYBER, FINANCE, ENERGY = "CCB_SAFEONWEBATWORK_EDIT", "FIN_FATCA", "FLUVIUS_ENERGY_PORTAL_ADMIN"
# One that asks two questions, and answers to them.
EXECUTOR = "FIN_MANDATE_EXECUTOR"
ANSWERS = {EXECUTOR: {"MANDATE_TYPES": ["VAT"], "SENSITIVE_MANDATES": False}}
OLIVIER: Somebody = ("Olivier", "Lambert", "olivier.lambert@post.example", "en")


def invited(stage: Stage, somebody: Somebody = NORA, *codes: str, who: str = "jean", **values: Any) -> Invitation:
    """Let somebody of Dubois invite a person for roles, the energy portal unless others are named."""
    roles = [stage.roles[code] for code in codes or (ENERGY,)]
    (row,) = invite(stage.acting(who), stage.dubois, [somebody], roles, **{"now": timezone.now(), **values})
    return row


def accept(stage: Stage, row: Invitation) -> None:
    """Let Olivier accept."""
    accept_invitation(row, seen_sent_at=row.sent_at, acting=stage.acting("olivier"), now=timezone.now())


def decline(stage: Stage, row: Invitation) -> None:
    """Let Olivier refuse."""
    acting = stage.acting("olivier")
    decline_invitation(row, seen_sent_at=row.sent_at, note="I do not know you", acting=acting, now=timezone.now())


def expire(row: Invitation) -> None:
    """Let nobody answer in time."""
    Invitation.objects.filter(pk=row.pk).update(answer_before=timezone.localdate())


def page(row: Invitation, rest: str = "") -> str:
    """Return the address of an invitation."""
    return f"{LIST}{row.key}/{rest}"


def send_again(stage: Stage, row: Invitation) -> Answer:
    """Press "Send again"."""
    return stage.post(page(row, "send-again/"), sent_at=row.sent_at.isoformat())


# --- The list ---------------------------------------------------------------------------------------------------------


@state("roles:invitations", "none", template="roles/invitations/list.html", who="carine", shows="No invitation.")
def none(stage: Stage) -> Answer:
    return stage.get(LIST)


@state("roles:invitations", "one open", shows="Mathéo")
def one(stage: Stage) -> Answer:
    return stage.get(LIST)


@state("roles:invitations", "answered in every way", shows=("Accepted", "Refused", "Cancelled", "Expired"))
def every_way(stage: Stage) -> Answer:
    accept(stage, invited(stage, OLIVIER, ENERGY, CYBER))
    decline(stage, invited(stage, OLIVIER, FINANCE))
    cancel_invitation(invited(stage, NORA), acting=stage.acting("jean"), now=timezone.now())
    expire(invited(stage, PAUL))
    return stage.get(LIST)


@state("roles:invitations", "with drafts", shows=("Your drafts", "For Nora Vandenbroucke, Paul Plumanns"))
def with_drafts(stage: Stage) -> Answer:
    invite_draft(stage.jean, stage.dubois, [NORA, PAUL], [], now=timezone.now())
    return stage.get(LIST)


@state("roles:invitations", "of a domain", who="marie", shows="You see the invitations for roles of your domain")
def of_a_domain(stage: Stage) -> Answer:
    invited(stage, NORA, FINANCE)
    return stage.get(LIST)


@state("roles:invitations", "first of two pages", shows="Next")
def first_page(stage: Stage) -> Answer:
    for _number in range(26):
        an_invitation(stage.jean, now=timezone.now(), organisation=stage.dubois, roles=[stage.roles[ENERGY]])
    return stage.get(LIST)


@state("roles:invitations", "second page", shows="First page")
def second_page(stage: Stage) -> Answer:
    rows = [an_invitation(stage.jean, now=timezone.now(), organisation=stage.dubois, roles=[]) for _number in range(3)]
    return stage.get(f"{LIST}?after={rows[1].key}")


@state("roles:invitations", "not a manager", who="anna", status=403, shows="You are not an access manager")
def not_a_manager(stage: Stage) -> Answer:
    return stage.get(LIST)


@state("roles:invitations", "of no organisation", who="olivier", status=403, shows="You cannot do this (yet)")
def no_organisation(stage: Stage) -> Answer:
    return stage.get(LIST)


@state("roles:invitations", "key too low", level=LOW, status=403, shows="Sign in with another key")
def key_too_low(stage: Stage) -> Answer:
    return stage.get(LIST)


@state("roles:invite", "key too low", level=LOW, status=403, shows="Sign in with another key")
def begin_key_too_low(stage: Stage) -> Answer:
    return stage.post(f"{LIST}new/")


# --- One --------------------------------------------------------------------------------------------------------------


@state(
    "roles:invitation",
    "sent",
    template="roles/invitations/invitation.html",
    shows=("The answer must come before", "Send again", "Cancel the invitation"),
)
def sent(stage: Stage) -> Answer:
    return stage.get(page(invited(stage, NORA, ENERGY, CYBER)))


@state("roles:invitation", "with questions and a message", shows=("Welkom bij ons", "From the day of the answer to"))
def with_questions(stage: Stage) -> Answer:
    last = timezone.localdate() + timedelta(days=400)
    row = invited(stage, NORA, EXECUTOR, CYBER, message="Welkom bij ons", answers=ANSWERS, valid_until=last)
    return stage.get(page(row))


@state("roles:invitation", "accepted", shows=("Olivier Lambert accepted on", "Result"))
def accepted(stage: Stage) -> Answer:
    row = invited(stage, OLIVIER, ENERGY, CYBER)
    AssignmentFactory(role=stage.roles[CYBER], organisation=stage.dubois, assignee=stage.olivier)
    accept(stage, row)
    return stage.get(page(row))


@state("roles:invitation", "refused", shows=("Olivier Lambert refused on", "Reason for refusing: I do not know you"))
def refused(stage: Stage) -> Answer:
    row = invited(stage, OLIVIER)
    decline(stage, row)
    return stage.get(page(row))


@state("roles:invitation", "expired", shows=("Nobody answered before", "Send again"))
def expired(stage: Stage) -> Answer:
    row = invited(stage)
    expire(row)
    return stage.get(page(row))


@state("roles:invitation", "to an own address", shows="The answer must come before")
def own_address(stage: Stage) -> Answer:
    row = invited(stage, ("Tom", "Janssens", stage.tom.email, "nl"))
    return stage.becomes("tom").get(page(row))


@state("roles:invitation", "organisation stopped", shows="The answer must come before")
def organisation_stopped(stage: Stage) -> Answer:
    row = invited(stage)
    Organisation.objects.filter(pk=stage.dubois.pk).update(status="stopped")
    return stage.get(page(row))


@state("roles:invitation", "just sent again", shows="A new e-mail with a new code goes to nora@post.example")
def just_sent_again(stage: Stage) -> Answer:
    return send_again(stage, invited(stage))


@state("roles:invitation", "changed before it was sent again", shows="This invitation has changed meanwhile.")
def changed_meanwhile(stage: Stage) -> Answer:
    row = invited(stage, now=timezone.now() - timedelta(minutes=5))
    send_again(stage, row)
    return send_again(stage, row)


@state("roles:resend_invitation", "too many today", status=429, errors="E08")
def too_many(stage: Stage) -> Answer:
    row = invited(stage)
    with override_settings(INVITATION_QUOTA=1):
        return send_again(stage, row)


@state("roles:resend_invitation", "role no longer available", errors="E26")
def role_withdrawn(stage: Stage) -> Answer:
    row = invited(stage)
    Role.objects.filter(code=ENERGY).update(is_assignable=False)
    return send_again(stage, row)


@state(
    "roles:cancel_invitation",
    "asked",
    template="roles/invitations/cancel.html",
    shows="The code of Nora Vandenbroucke will no longer work.",
)
def cancel_asked(stage: Stage) -> Answer:
    return stage.get(page(invited(stage, NORA, ENERGY, CYBER), "cancel/"))


@state("roles:invitation", "just cancelled", shows="The invitation is cancelled. Its code no longer works")
def just_cancelled(stage: Stage) -> Answer:
    return stage.post(page(invited(stage), "cancel/"))


@state("roles:invitation", "answered before it was cancelled", shows="This invitation no longer waits for an answer")
def cancelled_too_late(stage: Stage) -> Answer:
    row = invited(stage, OLIVIER)
    accept(stage, row)
    return stage.post(page(row, "cancel/"))


@state("roles:invitation", "of another domain", who="marie", status=404, shows="Page not found")
def other_domain(stage: Stage) -> Answer:
    return stage.get(page(invited(stage)))


@state("roles:invitation", "of the neighbour", who="carine", status=404, shows="Page not found")
def of_the_neighbour(stage: Stage) -> Answer:
    return stage.get(page(invited(stage)))


@state("roles:cancel_invitation", "key too low", level=LOW, status=403, shows="Sign in with another key")
def cancel_key_too_low(stage: Stage) -> Answer:
    return stage.get(page(invited(stage), "cancel/"))
