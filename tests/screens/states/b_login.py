"""S2 and S7: choosing a digital key, coming back from it, signing out; the sign-in service; S23, the session's end."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from unittest.mock import patch

from django.test import override_settings
from django.utils import timezone

from csam.models import LoginTicket, User
from csam.oidc.config import Provider
from csam.oidc.metadata import Metadata
from csam.oidc.refusals import SignInRefused, Why
from tenants.middleware import PROVED_AT, SIGNED_IN_AT
from tests.screens.keys import LONG_AGO, attempt
from tests.screens.stage import HIGH, LOW, NOBODY, SUBSTANTIAL, Stage
from tests.screens.table import Answer, state

SERVICE = "https://sign-in.example"
METADATA = Metadata(f"{SERVICE}/authorize", f"{SERVICE}/token", f"{SERVICE}/me", f"{SERVICE}/keys", f"{SERVICE}/leave")


def shown_as(stage: Stage, ticket: LoginTicket, who: str, level: int = HIGH) -> Answer:
    """Come back from the identity provider, which has confirmed who it is."""
    now = timezone.now()
    ticket.person, ticket.level, ticket.confirmed_at, ticket.proved_at = stage.people[who], level, now, now
    ticket.save()
    return stage.get("/login/return/")


# --- S2: the keys ----------------------------------------------------------------------------------------------------


@state("csam:login", "first visit", who=NOBODY, shows=("eID with card reader", "itsme", "Security code by e-mail"))
def login(stage: Stage) -> Answer:
    return stage.get("/login/")


@state("csam:login", "asked for a page first", who=NOBODY, shows="Sign in: choose your digital key")
def login_with_next(stage: Stage) -> Answer:
    return stage.get("/my-roles/")


@state("csam:login", "the page needs a surer key", who=NOBODY, shows="Not enough for the page you asked for")
def login_for_a_high_page(stage: Stage) -> Answer:
    return stage.get("/login/?next=/profile/app/")


@state(
    "csam:login",
    "key too low",
    level=LOW,
    shows=("needs a key of a higher level", "Go on without a key of a higher level"),
)
def step_up(stage: Stage) -> Answer:
    return stage.get("/login/?next=/assignments/new/")


@state("csam:login", "shown too long ago", shows=("only shortly after a sign-in", "Go on without signing in again"))
def show_again(stage: Stage) -> Answer:
    return stage.becomes("jean", **{PROVED_AT: LONG_AGO}).get("/login/?next=/profile/app/")


@state("csam:login", "no key set up", who=NOBODY, shows="No digital key is set up on this portal")
def no_key(stage: Stage) -> Answer:
    with override_settings(CSAM_MOCK=False, OIDC=None):
        return stage.get("/login/")


@state("csam:login_high", "signed out", who=NOBODY, shows="Not enough for the page you asked for")
def high_signed_out(stage: Stage) -> Answer:
    return stage.get("/login/high/?next=/my-roles/")


@state("csam:login_high", "key too low", level=SUBSTANTIAL, shows="needs a key of a higher level")
def high(stage: Stage) -> Answer:
    return stage.get("/login/high/?next=/assignments/new/")


@state("csam:login_high", "no key reaches it", level=SUBSTANTIAL, shows="No key of this portal reaches the level")
def high_without_keys(stage: Stage) -> Answer:
    with override_settings(CSAM_MOCK=False, OIDC=None):
        return stage.get("/login/high/?next=/assignments/new/")


@state("csam:login_key", "one key", who=NOBODY, shows=("itsme", "Sign in with another key"))
def one_key(stage: Stage) -> Answer:
    return stage.get("/login/itsme/")


@state("csam:login_key", "this key is too low", level=LOW, shows="needs a key of a higher level")
def one_key_too_low(stage: Stage) -> Answer:
    return stage.get("/login/email/?next=/assignments/new/")


@state("csam:login_key", "unknown key", who=NOBODY, status=404, shows="Page not found")
def unknown_key(stage: Stage) -> Answer:
    return stage.get("/login/nothing/")


# --- S2: back from the identity provider -----------------------------------------------------------------------------


@state("csam:login_return", "attempt over", who=NOBODY, status=400, says="This sign-in attempt is no longer valid")
def attempt_over(stage: Stage) -> Answer:
    return stage.get("/login/return/")


@state(
    "csam:login_return", "too low for the page", level=LOW, status=400, says="does not prove well enough who you are"
)
def too_low(stage: Stage) -> Answer:
    ticket = attempt(stage, "email", next_path="/assignments/new/", minimum_level=SUBSTANTIAL)
    return shown_as(stage, ticket, "jean", level=LOW)


@state("csam:login_return", "switched off", who=NOBODY, status=403, says="your access is switched off")
def switched_off(stage: Stage) -> Answer:
    User.objects.filter(person=stage.anna).update(is_active=False)
    return shown_as(stage, attempt(stage, "eid", next_path="/my-roles/"), "anna")


@state(
    "roles:home",
    "somebody else signed in here",
    template="roles/home.html",
    who="anna",
    shows="You are now signed in as Olivier Lambert",
)
def somebody_else(stage: Stage) -> Answer:
    return shown_as(stage, attempt(stage, "eid"), "olivier")


# --- A real sign-in service (OpenID Connect) -------------------------------------------------------------------------


@contextmanager
def service(name: str = "Federal test service") -> Iterator[None]:
    """Let one sign in with a real provider only, of which the portal knows all it has to."""
    with (
        override_settings(CSAM_MOCK=False, OIDC=Provider(SERVICE, "portal", "secret", name=name)),
        patch("csam.oidc.views.metadata_of", return_value=METADATA),
        patch("csam.oidc.departure.kept_metadata", return_value=METADATA),
    ):
        yield


@state("csam:login", "sign-in service", who=NOBODY, shows=("Sign-in service", "Federal test service"))
def login_with_service(stage: Stage) -> Answer:
    with service():
        return stage.get("/login/")


@state(
    "csam:oidc_leave",
    "on the way",
    template="csam/oidc_leave.html",
    who=NOBODY,
    shows="You are going to Federal test service",
)
def leaving(stage: Stage) -> Answer:
    with service():
        attempt(stage, "oidc")
        return stage.get("/login/oidc/leave/")


@state(
    "csam:oidc_return",
    "being signed in",
    template="csam/oidc_underway.html",
    who=NOBODY,
    shows="You are being signed in",
)
def underway(stage: Stage) -> Answer:
    with service(), patch("csam.oidc.views.check_state"):
        ticket = attempt(stage, "oidc")
        LoginTicket.objects.filter(pk=ticket.pk).update(claimed_at=timezone.now())
        return stage.get("/login/oidc/return/?code=a&state=b")


def refused(stage: Stage, why: Why) -> Answer:
    """Come back from the service with something that is not right."""
    with service(), patch("csam.oidc.views.check_state", side_effect=SignInRefused(why, "test")):
        attempt(stage, "oidc", next_path="/my-roles/")
        return stage.get("/login/oidc/return/")


for _why, _name, _status, _says in (
    (Why.CANCELLED, "cancelled there", 400, "You cancelled the sign-in"),
    (Why.NOT_DONE, "not signed in there", 400, "The sign-in service did not sign you in"),
    (Why.NOT_FRESH, "not asked again", 400, "did not ask again who you are"),
    (Why.UNREACHABLE, "service away", 503, "cannot be reached at the moment"),
    (Why.SLOW, "service too slow", 504, "takes too long to answer"),
    (Why.UNTRUSTED, "answer not trusted", 502, "sent an answer that we do not trust"),
    (Why.CLOCKS, "clocks differ", 502, "The clocks of the sign-in service and of this portal differ"),
    (Why.TOO_LOW, "key too low", 403, "The key you used does not prove well enough who you are"),
    (Why.NO_NUMBER, "no number sent", 403, "did not send your national register number"),
    (Why.NO_NAME, "no name sent", 403, "did not send your name"),
    (Why.UNKNOWN, "person unknown here", 403, "This portal does not know you yet"),
    (Why.OVER, "attempt over", 400, "This sign-in attempt is no longer valid"),
):
    state("csam:oidc_return", _name, who=NOBODY, status=_status, says=_says)(
        lambda stage, why=_why: refused(stage, why)
    )


# --- S7: signing out -------------------------------------------------------------------------------------------------


@state(
    "csam:logout",
    "asked by address",
    template="csam/logout.html",
    shows=("Do you want to sign out?", "No, back to my open tasks"),
)
def sign_out(stage: Stage) -> Answer:
    return stage.get("/logout/")


@state("csam:logout", "signed out", shows=("You are signed out", "Close the browser on a shared computer"))
def signed_out(stage: Stage) -> Answer:
    return stage.post("/logout/")


@state("csam:logout", "still signed in at the service", who=NOBODY, shows="You may still be signed in there")
def signed_out_here_only(stage: Stage) -> Answer:
    with service():
        return stage.get("/logout/")


# --- S23: the session's end ------------------------------------------------------------------------------------------


@state(
    "roles:my_roles",
    "session ended: nothing done",
    template="csam/session_ended.html",
    status=403,
    shows="you did nothing for 30 minutes",
)
def idle(stage: Stage) -> Answer:
    past = (timezone.now() - timedelta(minutes=31)).isoformat()
    return stage.becomes("jean", **{SIGNED_IN_AT: past}).get("/my-roles/")


@state("roles:wizard_roles", "session ended: longest time", status=403, shows="a session lasts 12 hours at most")
def absolute(stage: Stage) -> Answer:
    past = (timezone.now() - timedelta(hours=12)).isoformat()
    return stage.becomes("jean", **{SIGNED_IN_AT: past}).step(stage.draft(stage.anna), "roles")


@state("roles:home", "session ended: switched off", who="anna", status=403, shows="your access was switched off")
def session_switched_off(stage: Stage) -> Answer:
    User.objects.filter(person=stage.anna).update(is_active=False)
    return stage.get("/")


@state("csam:profile", "session ended elsewhere", status=403, shows="it was ended from another browser")
def ended_elsewhere(stage: Stage) -> Answer:
    stage.client.session.delete()
    return stage.get("/profile/")


@state("csam:profile", "session ended: no digital key", status=403, shows="you did not sign in with a digital key")
def incomplete(stage: Stage) -> Answer:
    return stage.becomes("jean", **{SIGNED_IN_AT: ""}).get("/profile/")
