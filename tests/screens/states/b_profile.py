"""S21: one’s own data and sessions, and the page on which a newcomer checks them."""

from typing import Any

from django.utils import timezone

from audit.record import record
from csam.events import SignInEvent
from csam.models import AppKey, OpenSession, User
from csam.operations import confirm_attempt
from tenants.models import RegisteredPerson
from tests.screens.keys import app_key, attempt, used_up
from tests.screens.stage import HIGH, LOW, NOBODY, Stage
from tests.screens.table import Answer, state

# --- S21 -------------------------------------------------------------------------------------------------------------


@state("csam:profile", "access manager", shows=("My profile", "masked number", "One daily message", "Not activated"))
def profile(stage: Stage) -> Answer:
    AppKey.objects.filter(person=stage.jean).delete()
    return stage.get("/profile/")


@state("csam:profile", "employee", who="anna", shows=("My profile", "Anna Peeters"))
def profile_of_employee(stage: Stage) -> Answer:
    return stage.get("/profile/")


@state("csam:profile", "without an address", who="olivier", shows=("None. You receive no messages.", "Not possible"))
def profile_without_address(stage: Stage) -> Answer:
    stage.olivier.__class__.objects.filter(pk=stage.olivier.pk).update(email="", email_key="")
    return stage.get("/profile/")


@state(
    "csam:profile",
    "sign-ins and sessions",
    shows=("Failed attempt", "This session", "End this session", "Active since"),
)
def profile_with_sessions(stage: Stage) -> Answer:
    app_key(stage, active=True)
    for event, days in ((SignInEvent.SUCCEEDED, 2), (SignInEvent.FAILED, 1)):
        record(event, actor=None, subject=stage.jean, now=stage.ago(days=days), key="eid")
    for device in ("Firefox, Linux", "Safari, iPhone"):
        other = stage.browser("jean", sign_in_key="itsme")
        open_session(stage, other, device)
    open_session(stage, stage.becomes("jean", sign_in_key="eid").client, "Chrome, Windows")
    return stage.get("/profile/")


def open_session(stage: Stage, client: Any, device: str) -> OpenSession:
    """Let the profile know of a browser's session."""
    return OpenSession.objects.create(
        user=User.objects.get(person=stage.jean),
        session_id=client.session.session_key,
        device=device,
        opened_at=timezone.now(),
    )


@state("csam:profile", "saved", shows="Your preferences are saved.")
def profile_saved(stage: Stage) -> Answer:
    return stage.post("/profile/", language=stage.language, digest="no")


@state("csam:profile", "nothing chosen", says=("Choose a language", "Choose “Yes” or “No”"))
def profile_nothing_chosen(stage: Stage) -> Answer:
    return stage.post("/profile/")


@state("csam:profile", "one answer missing", says="Choose “Yes” or “No”")
def profile_one_missing(stage: Stage) -> Answer:
    return stage.post("/profile/", language="fr")


@state("csam:profile", "another session ended", shows="The session was ended.")
def session_ended(stage: Stage) -> Answer:
    row = open_session(stage, stage.browser("jean"), "Firefox, Linux")
    return stage.post(f"/profile/sessions/{row.key}/end/")


@state("csam:end_session", "session of others", status=404, shows="Page not found")
def session_of_others(stage: Stage) -> Answer:
    return stage.post("/profile/sessions/no-such-key-anywhere00/end/")


@state("csam:logout", "signed out everywhere", shows=("You are signed out", "2 sessions were ended."))
def signed_out_everywhere(stage: Stage) -> Answer:
    open_session(stage, stage.browser("jean"), "Firefox, Linux")
    open_session(stage, stage.client, "Chrome, Windows")
    return stage.post("/profile/sessions/end/")


# --- The first sign-in -----------------------------------------------------------------------------------------------


@state(
    "csam:profile_check",
    "first sign-in",
    template="csam/profile_check.html",
    who=NOBODY,
    shows=("Check your details", "Nora Vandenbroucke", "(optional)", "Save and go on"),
)
def first_check(stage: Stage) -> Answer:
    newcomer = RegisteredPerson.objects.get(given_name="Nora")
    ticket, now = attempt(stage, "eid", next_path="/my-roles/"), timezone.now()
    confirm_attempt(ticket, register_key=newcomer.key, level=HIGH, proved_at=now, now=now)
    return stage.get("/login/return/")


@state(
    "csam:profile_check",
    "by a low key",
    who="olivier",
    level=LOW,
    shows="after signing in again with a key of a high level",
)
def first_check_low(stage: Stage) -> Answer:
    return stage.get("/profile/check/")


@state("csam:profile_check", "address not right", who="olivier", errors="E34")
def first_check_wrong_address(stage: Stage) -> Answer:
    return stage.post("/profile/check/", email="olivier", language="en")


@state("csam:profile_check", "no language", who="olivier", says="Choose a language")
def first_check_no_language(stage: Stage) -> Answer:
    return stage.post("/profile/check/", email="olivier.lambert@post.example")


@state("csam:profile_check", "too many codes", who="olivier", errors="E08")
def first_check_too_many(stage: Stage) -> Answer:
    used_up(stage.olivier)
    return stage.post("/profile/check/", email="olivier@new.example", language="en")
