"""S21 and everything under it: one's own data, the address for messages, the code by app, the sessions."""

from datetime import timedelta
from functools import cache
from typing import Any

from django.contrib.auth.hashers import make_password
from django.test import override_settings
from django.utils import timezone

from audit.record import record
from csam.events import SignInEvent
from csam.models import AddressChange, AppKey, OpenSession, User
from csam.operations.address import ADDRESS_CHANGE
from csam.operations.app_keys import code_of_step, step_of
from tenants.middleware import PROVED_AT
from tests.screens.stage import HIGH, LOW, SUBSTANTIAL, Stage
from tests.screens.states.b_login import LONG_AGO
from tests.screens.table import Answer, state
from vault import throttle

NEW = "jean@new.example"
CODE = "12345678"


@cache
def hashed_code() -> str:
    """Return the hash of a code; it takes a while, so it is made once."""
    return make_password(CODE)


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
    open_session(stage, stage.client, "Chrome, Windows")
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
    "csam:profile_check", "first sign-in", who="olivier", shows=("Check your details", "(optional)", "Save and go on")
)
def first_check(stage: Stage) -> Answer:
    return stage.get("/profile/check/?next=/my-roles/")


@state("csam:profile_check", "by a low key", who="olivier", level=LOW, shows="after signing in again with a sure key")
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


# --- A new address ---------------------------------------------------------------------------------------------------


def used_up(person: Any) -> None:
    """Let a person have had sent all the codes of the hour."""
    for _time in range(5):
        throttle.take("csam.address_codes", person.key, limit=5, per=timedelta(hours=1), now=timezone.now())


def change(stage: Stage, *, address: str = NEW, minutes: int = 0, **values: Any) -> AddressChange:
    """Let the browser on the stage have asked for a new address so many minutes ago."""
    sent_at = timezone.now() - timedelta(minutes=minutes)
    row: AddressChange = AddressChange.objects.create(
        person=stage.jean,
        address=address,
        code_hash=hashed_code(),
        sent_at=sent_at,
        expires_at=sent_at + timedelta(minutes=10),
        **values,
    )
    session = stage.client.session
    session[ADDRESS_CHANGE] = row.key
    session.save()
    return row


@state(
    "csam:address", "first visit", shows=("Change the e-mail address for messages", "We write to you at jean.dubois")
)
def address(stage: Stage) -> Answer:
    return stage.get("/profile/email/")


@state("csam:address", "none yet", who="olivier", shows="We have no address for you yet.")
def address_none(stage: Stage) -> Answer:
    stage.olivier.__class__.objects.filter(pk=stage.olivier.pk).update(email="", email_key="")
    return stage.get("/profile/email/")


@state("csam:address", "empty", errors="E34")
def address_empty(stage: Stage) -> Answer:
    return stage.post("/profile/email/", email="")


@state("csam:address", "not an address", errors="E34")
def address_wrong(stage: Stage) -> Answer:
    return stage.post("/profile/email/", email="jean.dubois@")


@state("csam:address", "the same", says="We already write to you at this address")
def address_same(stage: Stage) -> Answer:
    return stage.post("/profile/email/", email="jean.dubois@boulangerie-dubois.example")


@state("csam:address", "too many codes", status=429, errors="E08")
def address_too_many(stage: Stage) -> Answer:
    used_up(stage.jean)
    return stage.post("/profile/email/", email=NEW)


@state("csam:address", "shown too long ago", status=403, shows="Show again who you are")
def address_not_fresh(stage: Stage) -> Answer:
    return stage.becomes("jean", **{PROVED_AT: LONG_AGO}).get("/profile/email/")


@state("csam:address", "shown too long ago, typed", status=403, shows="What you just typed has not been saved.")
def address_not_fresh_typed(stage: Stage) -> Answer:
    return stage.becomes("jean", **{PROVED_AT: LONG_AGO}).post("/profile/email/", email=NEW)


@state("csam:address", "key too low", level=LOW, status=403, shows="This page needs a surer key")
def address_low(stage: Stage) -> Answer:
    return stage.get("/profile/email/")


@state("csam:address_code", "code sent", shows=("Enter the security code", NEW))
def address_code(stage: Stage) -> Answer:
    return stage.post("/profile/email/", email=NEW)


@state("csam:profile", "code waits", shows=(f"A code has been sent to {NEW}.", "Enter the code"))
def address_code_waits(stage: Stage) -> Answer:
    change(stage)
    return stage.get("/profile/")


@state("csam:address_code", "empty", says="Fill in “Security code”")
def address_code_empty(stage: Stage) -> Answer:
    change(stage)
    return stage.post("/profile/email/code/", code="")


@state("csam:address_code", "wrong", errors="E35")
def address_code_wrong(stage: Stage) -> Answer:
    change(stage)
    return stage.post("/profile/email/code/", code="00000000")


@state("csam:address_code", "wrong, one attempt left", says="You have 1 attempt left")
def address_code_wrong_again(stage: Stage) -> Answer:
    change(stage, tries=3)
    return stage.post("/profile/email/code/", code="00000000")


@state("csam:address_code", "wrong too often", status=429, errors="E08")
def address_code_too_many(stage: Stage) -> Answer:
    change(stage, tries=5)
    return stage.post("/profile/email/code/", code=CODE)


@state("csam:address_code", "too late", errors="E36")
def address_code_late(stage: Stage) -> Answer:
    change(stage, minutes=11)
    return stage.post("/profile/email/code/", code=CODE)


@state("csam:address_code", "new code sent", shows="A new code has been sent.")
def address_new_code(stage: Stage) -> Answer:
    change(stage)
    return stage.post("/profile/email/new/")


@state("csam:address_new_code", "too many codes", status=429, errors="E08")
def address_new_code_too_many(stage: Stage) -> Answer:
    change(stage)
    used_up(stage.jean)
    return stage.post("/profile/email/new/")


@state("csam:address_code", "somebody else’s", says="Somebody else already receives messages at this address")
def address_taken(stage: Stage) -> Answer:
    change(stage, address=stage.anna.email)
    return stage.post("/profile/email/code/", code=CODE)


@state("csam:profile", "address changed", shows=f"We now write to you at {NEW}. We have told the old address.")
def address_changed(stage: Stage) -> Answer:
    change(stage)
    return stage.post("/profile/email/code/", code=CODE)


# --- The code by app -------------------------------------------------------------------------------------------------


def app_key(stage: Stage, *, active: bool) -> AppKey:
    """Let Jean have a code by app, or its secret shown."""
    AppKey.objects.filter(person=stage.jean).delete()
    activated = {"activated_at": stage.ago(days=40), "last_step": 1} if active else {}
    row: AppKey = AppKey.objects.create(
        person=stage.jean, secret="JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP", created_at=timezone.now(), **activated
    )
    return row


@state("csam:app_key", "not activated", shows=("Activate the code by app", "You need an authenticator app."))
def app_none(stage: Stage) -> Answer:
    AppKey.objects.filter(person=stage.jean).delete()
    return stage.get("/profile/app/")


@state(
    "csam:app_key", "secret shown", shows=("read this QR code", "Type this secret into the app", "demo authenticator")
)
def app_secret(stage: Stage) -> Answer:
    app_key(stage, active=False)
    return stage.get("/profile/app/")


@state("csam:app_key", "outside a demo", shows="read this QR code")
def app_secret_no_demo(stage: Stage) -> Answer:
    app_key(stage, active=False)
    with override_settings(DEMO_INSTANCE=False):
        return stage.get("/profile/app/")


@state("csam:app_key", "no code", says="Fill in “Code in the app”")
def app_no_code(stage: Stage) -> Answer:
    app_key(stage, active=False)
    return stage.post("/profile/app/", action="activate", code="")


@state("csam:app_key", "wrong code", errors="E35")
def app_wrong_code(stage: Stage) -> Answer:
    app_key(stage, active=False)
    return stage.post("/profile/app/", action="activate", code="abc")


@state("csam:app_key", "clock ahead", says="The clock of your phone is about 10 minutes ahead")
def app_clock_ahead(stage: Stage) -> Answer:
    code = code_of_step(app_key(stage, active=False).secret, step_of(timezone.now()) + 20)
    return stage.post("/profile/app/", action="activate", code=code)


@state("csam:app_key", "clock behind", says="The clock of your phone is about 10 minutes behind")
def app_clock_behind(stage: Stage) -> Answer:
    code = code_of_step(app_key(stage, active=False).secret, step_of(timezone.now()) - 20)
    return stage.post("/profile/app/", action="activate", code=code)


@state("csam:app_key", "too many codes", status=429, errors="E08")
def app_too_many(stage: Stage) -> Answer:
    app_key(stage, active=False)
    for _time in range(10):
        throttle.take("csam.app_first_code", stage.jean.key, limit=10, per=timedelta(hours=1), now=timezone.now())
    return stage.post("/profile/app/", action="activate", code="123456")


@state("csam:profile", "code by app activated", shows="The code by app is active. You can sign in with it from now on.")
def app_activated(stage: Stage) -> Answer:
    code = code_of_step(app_key(stage, active=False).secret, step_of(timezone.now()))
    return stage.post("/profile/app/", action="activate", code=code)


@state("csam:app_key", "active", shows=("The code by app is active", "You activated it on"))
def app_active(stage: Stage) -> Answer:
    app_key(stage, active=True)
    return stage.get("/profile/app/")


@state("csam:app_key", "key too low", level=SUBSTANTIAL, status=403, shows="This page needs a surer key")
def app_low(stage: Stage) -> Answer:
    return stage.get("/profile/app/")


@state("csam:app_key_remove", "asked", shows=("Remove the code by app?", "Keep it"))
def app_remove(stage: Stage) -> Answer:
    app_key(stage, active=True)
    return stage.get("/profile/app/remove/")


@state("csam:app_key_remove", "shown too long ago", status=403, shows="Show again who you are")
def app_remove_not_fresh(stage: Stage) -> Answer:
    return stage.becomes("jean", HIGH, **{PROVED_AT: LONG_AGO}).get("/profile/app/remove/")


@state("csam:profile", "code by app removed", shows="The code by app was removed. Delete the entry in your app too.")
def app_removed(stage: Stage) -> Answer:
    app_key(stage, active=True)
    return stage.post("/profile/app/remove/")
