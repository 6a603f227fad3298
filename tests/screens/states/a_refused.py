"""S22: what somebody may not do (yet), in each of its kinds, on pages where they are met; and the mailbox, S27."""

from datetime import timedelta
from typing import Any

from django.test import override_settings
from django.utils import timezone

from outbox.compose import compose
from outbox.models import OutgoingEmail, Status
from tenants.models import AccessManagerAppointment, Employment, Organisation
from tests.factories import AppointmentFactory, EmploymentFactory, RequestFactory
from tests.screens.stage import LOW, NOBODY, SUBSTANTIAL, Stage
from tests.screens.table import Answer, state

# --- S22 -------------------------------------------------------------------------------------------------------------


@state(
    "roles:assignments",
    "S22 no organisation",
    template="roles/not_allowed.html",
    who="olivier",
    status=403,
    shows="Is your organisation missing here?",
)
def no_organisation(stage: Stage) -> Answer:
    return stage.get("/assignments/")


@state(
    "roles:assignments",
    "S22 not a manager",
    who="anna",
    status=403,
    shows=("not an access manager for Boulangerie Dubois SRL", "Ask one of these people", "Jean Dubois (chief"),
)
def not_a_manager(stage: Stage) -> Answer:
    return stage.get("/assignments/")


@state("roles:history", "S22 nobody is", who="anna", status=403, shows=("Nobody is access manager", "Jean Dubois"))
def nobody_is(stage: Stage) -> Answer:
    AccessManagerAppointment.objects.filter(organisation=stage.dubois).delete()
    return stage.get("/history/")


@state(
    "roles:assignments",
    "S22 wrong organisation",
    status=403,
    shows=("You are access manager of this organisation", "Change"),
)
def wrong_organisation(stage: Stage) -> Answer:
    EmploymentFactory(person=stage.jean, organisation=stage.peeters)
    return stage.becomes("jean", acting_for=stage.peeters.key).get("/assignments/")


@state(
    "roles:assignments", "S22 wrong organisation, several", status=403, shows="access manager of these organisations"
)
def wrong_organisation_of_several(stage: Stage) -> Answer:
    EmploymentFactory(person=stage.jean, organisation=stage.peeters)
    AppointmentFactory(person=stage.jean, organisation=stage.eupen, kind="co_chief")
    return stage.becomes("jean", acting_for=stage.peeters.key).get("/assignments/")


@state("roles:ask", "S22 own name only", status=403, who="tom", shows=("in your own name only", "Change"))
def own_name_only(stage: Stage) -> Answer:
    return stage.becomes("tom", acting_for="self").get("/my-roles/request/")


@state("roles:assignments", "S22 key too low", level=LOW, status=403, shows=("Sign in with one of these keys", "eID"))
def key_too_low(stage: Stage) -> Answer:
    return stage.get("/assignments/")


@state("roles:wizard_persons", "S22 key too low", level=LOW, status=403, shows="Your draft is kept.")
def key_too_low_in_a_draft(stage: Stage) -> Answer:
    return stage.step(stage.draft(stage.anna), "persons")


@state("roles:history", "S22 no key is enough", level=LOW, status=403, shows="No key of this portal reaches the level")
def no_key_is_enough(stage: Stage) -> Answer:
    with override_settings(CSAM_MOCK=False, OIDC=None):
        return stage.get("/history/")


@state("roles:request", "S22 role needs a high key", level=SUBSTANTIAL, status=403, shows="Sign in with eID or itsme")
def role_needs_high(stage: Stage) -> Answer:
    role = next(role for role in stage.roles.values() if role.minimum_level > SUBSTANTIAL and role.is_assignable)
    row = RequestFactory(role=role, organisation=stage.dubois, requester=stage.anna)
    return stage.post(f"/requests/{row.key}/", decision="approve")


@state(
    "roles:wizard_roles",
    "S22 organisation stopped",
    status=403,
    shows=("has stopped, according to the Crossroads Bank", "Nobody can act for it any more."),
)
def stopped(stage: Stage) -> Answer:
    draft = stage.draft(stage.anna)
    Organisation.objects.filter(pk=stage.dubois.pk).update(status="stopped")
    return stage.step(draft, "roles")


@state(
    "roles:assignments",
    "S22 right ended",
    who="marie",
    status=403,
    shows="Your function for Boulangerie Dubois SRL ended on",
)
def right_ended(stage: Stage) -> Answer:
    ended(stage)
    return stage.get("/assignments/")


@state("roles:wizard_roles", "S22 right ended meanwhile", who="marie", status=403, shows="Nothing was changed.")
def right_ended_meanwhile(stage: Stage) -> Answer:
    draft = stage.draft(stage.anna, owner="marie", roles=("FIN_FATCA",))
    ended(stage)
    return stage.press(draft, "roles", "next")


@state(
    "roles:assignments", "S22 works nowhere any more", who="marie", status=403, shows="not linked to any organisation"
)
def works_nowhere(stage: Stage) -> Answer:
    ended(stage)
    Employment.objects.filter(person=stage.marie).delete()
    return stage.get("/assignments/")


def ended(stage: Stage) -> None:
    """Let Marie's function be ended by Jean."""
    AccessManagerAppointment.objects.filter(person=stage.marie).update(ended_at=stage.now, ended_by=stage.jean)


# --- S27: the demo mailbox -------------------------------------------------------------------------------------------


def letter(stage: Stage, *, to: str = "", status: str = Status.SENT, **changes: Any) -> OutgoingEmail:
    """Put a letter into the mailbox: by default one that was sent."""
    row = compose(
        "security_code",
        to=to or stage.jean.email,
        language="fr",
        context={"name": "Jean Dubois", "expires_at": stage.now},
        secrets={"code": "12345678"},
        now=stage.now,
    )
    if status != Status.QUEUED:
        kept = {"kept_subject": "Votre code", "kept_text": "Voici votre code :\n\n    ••••••••", "secrets": None}
        changes = {**kept, "sent_at": stage.now if status == Status.SENT else None, **changes}
    OutgoingEmail.objects.filter(pk=row.pk).update(status=status, **changes)
    return row


@state("outbox:mailbox", "outside a demo", who=NOBODY, status=404, shows="Page not found")
def mailbox_no_demo(stage: Stage) -> Answer:
    with override_settings(DEMO_INSTANCE=False):
        return stage.get("/mailbox/")


@state("outbox:mailbox", "empty", template="outbox/mailbox.html", who=NOBODY, shows=("Demo mailbox", "No message."))
def mailbox_empty(stage: Stage) -> Answer:
    OutgoingEmail.objects.all().delete()
    return stage.get("/mailbox/")


@state(
    "outbox:mailbox", "letters", who=NOBODY, shows=("Messages, newest first", "waiting", "could not be sent", "undone")
)
def mailbox(stage: Stage) -> Answer:
    letter(stage)
    letter(stage, status=Status.FAILED)
    letter(stage, status=Status.QUEUED)
    letter(stage, status=Status.QUEUED, not_before=timezone.now() + timedelta(minutes=12), batch="AR-2026-000001")
    letter(stage, status=Status.QUEUED, not_before=timezone.now() + timedelta(minutes=12))
    return stage.get("/mailbox/")


@state("outbox:mailbox", "one receiver", shows="You see only the messages to anna.peeters")
def mailbox_filtered(stage: Stage) -> Answer:
    letter(stage)
    letter(stage, to=stage.anna.email)
    return stage.post("/mailbox/", receiver=stage.anna.email)


@state("outbox:mailbox", "older letters", who=NOBODY, shows=("Newest messages", "Older messages"))
def mailbox_older(stage: Stage) -> Answer:
    rows = [letter(stage) for _number in range(2)]
    row = OutgoingEmail.objects.get(pk=rows[0].pk)
    OutgoingEmail.objects.bulk_create(
        OutgoingEmail(
            name=row.name,
            to=row.to,
            language=row.language,
            status=row.status,
            not_before=row.not_before,
            created_at=row.created_at,
            sent_at=row.sent_at,
            message_id=f"<{number}@example.be>",
            kept_subject=row.kept_subject,
            kept_text=row.kept_text,
        )
        for number in range(60)
    )
    newest = OutgoingEmail.objects.order_by("-id")[24]
    return stage.get(f"/mailbox/?after={newest.pk}")
