"""S21, under the profile: a new address for messages, the code via app."""

from datetime import timedelta
from typing import Any

from django.test import override_settings
from django.utils import timezone

from csam.models import AddressChange, AppKey
from csam.operations.address import ADDRESS_CHANGE
from csam.operations.app_keys import code_of_step, step_of
from tenants.middleware import PROVED_AT
from tests.screens.keys import CODE, LONG_AGO, app_key, count, hashed_code, used_up
from tests.screens.stage import HIGH, LOW, SUBSTANTIAL, Stage
from tests.screens.table import Answer, state

NEW = "jean@new.example"


# --- A new address ---------------------------------------------------------------------------------------------------


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
    "csam:address",
    "first visit",
    template="csam/address.html",
    shows=("Change the e-mail address for messages", "We write to you at jean.dubois"),
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


@state("csam:address", "key too low", level=LOW, status=403, shows="This page needs a key of a higher level")
def address_low(stage: Stage) -> Answer:
    return stage.get("/profile/email/")


@state("csam:address_code", "code sent", template="csam/address_code.html", shows=("Enter the security code", NEW))
def address_code(stage: Stage) -> Answer:
    return stage.post("/profile/email/", email=NEW)


@state(
    "csam:profile",
    "code waits",
    template="csam/profile.html",
    shows=(f"A code has been sent to {NEW}.", "Enter the code"),
)
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


# --- The code via app -------------------------------------------------------------------------------------------------


@state(
    "csam:app_key",
    "not activated",
    template="csam/app_key.html",
    shows=("Activate the code via app", "You need an authenticator app."),
)
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
    count("csam.app_first_code", stage.jean.key, 10, timedelta(hours=1))
    return stage.post("/profile/app/", action="activate", code="123456")


@state(
    "csam:profile", "code via app activated", shows="The code via app is active. You can sign in with it from now on."
)
def app_activated(stage: Stage) -> Answer:
    code = code_of_step(app_key(stage, active=False).secret, step_of(timezone.now()))
    return stage.post("/profile/app/", action="activate", code=code)


@state("csam:app_key", "active", shows=("The code via app is active", "You activated it on"))
def app_active(stage: Stage) -> Answer:
    app_key(stage, active=True)
    return stage.get("/profile/app/")


@state("csam:app_key", "key too low", level=SUBSTANTIAL, status=403, shows="This page needs a key of a higher level")
def app_low(stage: Stage) -> Answer:
    return stage.get("/profile/app/")


@state(
    "csam:app_key_remove", "asked", template="csam/app_key_remove.html", shows=("Remove the code via app?", "Keep it")
)
def app_remove(stage: Stage) -> Answer:
    app_key(stage, active=True)
    return stage.get("/profile/app/remove/")


@state(
    "csam:app_key_remove",
    "shown too long ago",
    template="csam/show_again.html",
    status=403,
    shows="Show again who you are",
)
def app_remove_not_fresh(stage: Stage) -> Answer:
    return stage.becomes("jean", HIGH, **{PROVED_AT: LONG_AGO}).get("/profile/app/remove/")


@state("csam:profile", "code via app removed", shows="The code via app was removed. Delete the entry in your app too.")
def app_removed(stage: Stage) -> Answer:
    app_key(stage, active=True)
    return stage.post("/profile/app/remove/")
