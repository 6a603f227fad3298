"""S2d and S2e: the pretend identity provider: the codes by e-mail and by app, and the authenticator."""

from datetime import timedelta

from django.test import override_settings
from django.utils import timezone

from csam.idp.operations.app_code import BLOCK, CODE_TRIES
from csam.models import AppKey, LoginTicket, MailCode
from csam.operations import blocks
from csam.operations.app_keys import code_of_step, step_of
from tests.screens.keys import app_key, attempt, card_of, count, hashed_code, idp
from tests.screens.stage import Stage
from tests.screens.table import Answer

# --- S2d: the code by e-mail -----------------------------------------------------------------------------------------


def mail_code(stage: Stage, *, minutes: int = 0, tries: int = 0) -> LoginTicket:
    """Let a code be sent to Jean so many minutes ago, to the browser on the stage."""
    ticket, sent_at = attempt(stage, "email"), timezone.now() - timedelta(minutes=minutes)
    MailCode.objects.create(
        ticket=ticket,
        address=stage.jean.email,
        person=stage.jean,
        code_hash=hashed_code(),
        sent_at=sent_at,
        expires_at=sent_at + timedelta(minutes=10),
        tries=tries,
    )
    return ticket


@idp(
    "email",
    "first visit",
    template="idp/email.html",
    shows=("Security code by e-mail", "Choose a name to send a code", "Jean Dubois"),
)
def email(stage: Stage) -> Answer:
    attempt(stage, "email")
    return stage.get("/idp/email/")


@idp("email", "outside a demo", shows="Security code by e-mail")
def email_no_demo(stage: Stage) -> Answer:
    attempt(stage, "email")
    with override_settings(DEMO_INSTANCE=False):
        return stage.get("/idp/email/")


@idp("email", "empty", errors="E34")
def email_empty(stage: Stage) -> Answer:
    attempt(stage, "email")
    return stage.post("/idp/email/", address="")


@idp("email", "not an address", errors="E34")
def email_wrong(stage: Stage) -> Answer:
    attempt(stage, "email")
    return stage.post("/idp/email/", address="jean.dubois at dubois")


@idp("email", "too many codes", status=429, errors="E08")
def email_too_many(stage: Stage) -> Answer:
    ticket = attempt(stage, "email")
    count("csam.mail_code_attempt", str(ticket.pk), 5, timedelta(minutes=10))
    return stage.post("/idp/email/", address=stage.jean.email)


@idp(
    "email_code",
    "code sent",
    template="idp/email_code.html",
    shows=("Enter the security code", "If this address is known, a code has been sent."),
)
def code(stage: Stage) -> Answer:
    attempt(stage, "email")
    return stage.post("/idp/email/", address=stage.jean.email)


@idp("email_code", "empty", says="Fill in “Security code”")
def code_empty(stage: Stage) -> Answer:
    mail_code(stage)
    return stage.post("/idp/email/code/", code="")


@idp("email_code", "wrong", errors="E35")
def code_wrong(stage: Stage) -> Answer:
    mail_code(stage)
    return stage.post("/idp/email/code/", code="00000000")


@idp("email_code", "wrong too often", status=429, errors="E08")
def code_too_many(stage: Stage) -> Answer:
    mail_code(stage, tries=5)
    return stage.post("/idp/email/code/", code="00000000")


@idp("email_code", "too late", errors="E36")
def code_late(stage: Stage) -> Answer:
    mail_code(stage, minutes=11)
    return stage.post("/idp/email/code/", code="12345678")


@idp("email_new_code", "too many codes", status=429, errors="E08")
def code_too_many_new(stage: Stage) -> Answer:
    ticket = mail_code(stage)
    count("csam.mail_code_attempt", str(ticket.pk), 5, timedelta(minutes=10))
    return stage.post("/idp/email/new/")


@idp("email_code", "attempt over", status=400, shows="This sign-in attempt has ended")
def code_over(stage: Stage) -> Answer:
    return stage.get("/idp/email/code/")


# --- S2e: the code via app --------------------------------------------------------------------------------------------


@idp(
    "app",
    "first visit",
    template="idp/app.html",
    shows=("Security code via mobile app", "code via app: active", "Open the demo authenticator"),
)
def app(stage: Stage) -> Answer:
    attempt(stage, "app")
    app_key(stage, active=True)
    return stage.get("/idp/app/")


@idp("app", "nothing chosen", errors="E37", says="Fill in “Code in the app”")
def app_nothing(stage: Stage) -> Answer:
    attempt(stage, "app")
    return stage.post("/idp/app/", code="")


@idp("app", "not activated", says="This key is not activated. Activate it in your profile")
def app_not_activated(stage: Stage) -> Answer:
    attempt(stage, "app")
    AppKey.objects.filter(person=stage.jean).delete()
    return stage.post("/idp/app/", card=card_of(stage.jean), code="123456")


@idp("app", "wrong code", errors="E35")
def app_wrong(stage: Stage) -> Answer:
    attempt(stage, "app")
    app_key(stage, active=True)
    return stage.post("/idp/app/", card=card_of(stage.jean), code="abc")


@idp("app", "code used before", says="This code has been used. Wait for the next one in the app")
def app_used(stage: Stage) -> Answer:
    attempt(stage, "app")
    key, step = app_key(stage, active=True), step_of(timezone.now())
    AppKey.objects.filter(pk=key.pk).update(last_step=step + 1)
    return stage.post("/idp/app/", card=card_of(stage.jean), code=code_of_step(key.secret, step))


@idp("app", "blocked", status=429, says="This key is blocked until")
def app_blocked(stage: Stage) -> Answer:
    attempt(stage, "app")
    app_key(stage, active=True)
    count(blocks.APP_CODE, card_of(stage.jean), CODE_TRIES, BLOCK)
    return stage.post("/idp/app/", card=card_of(stage.jean), code="123456")


@idp("authenticator", "codes", template="idp/authenticator.html", shows=("Demo authenticator", "Jean Dubois"))
def authenticator(stage: Stage) -> Answer:
    app_key(stage, active=True)
    return stage.get("/idp/authenticator/")


@idp("authenticator", "on the way in", shows="Back to the page that asks for the code")
def authenticator_way_back(stage: Stage) -> Answer:
    app_key(stage, active=True)
    attempt(stage, "app")
    return stage.get("/idp/authenticator/")


@idp("authenticator", "not activated yet", who="jean", shows="Not activated yet: type this code in the profile.")
def authenticator_not_yet(stage: Stage) -> Answer:
    app_key(stage, active=False)
    return stage.get("/idp/authenticator/")


@idp("authenticator", "nobody", shows="Nobody has activated the code via app yet.")
def authenticator_nobody(stage: Stage) -> Answer:
    AppKey.objects.all().delete()
    return stage.get("/idp/authenticator/")
