"""The pages on the way to a service that relies on the portal and back, and the list of these services."""

from typing import Any
from urllib.parse import urlencode

from django.utils import timezone

from fas.models import Consent
from roles.models import OnlineService
from tests.fas.relying_party import BASE, RelyingParty
from tests.fas.rows import SIGNED_OUT, a_client, a_sign_on
from tests.screens.stage import NOBODY, Stage
from tests.screens.table import Answer, state


def a_party(stage: Stage, **values: Any) -> RelyingParty:
    """Register Mijn Fluvius as a client, with this state's browser."""
    service = OnlineService.objects.get(roles__code="FLUVIUS_ENERGY_PORTAL_ADMIN")
    party = RelyingParty(a_client(service, client_id="screens", name="A client", **values), stage.client)
    stage.client.cookies["language"] = stage.language
    return party


def asked(stage: Stage, *, values: dict[str, Any] | None = None, **changes: Any) -> Answer:
    """Come from the service."""
    return stage.get(f"{BASE}/authorize?" + _query(a_party(stage, **(values or {})), **changes))


def _query(party: RelyingParty, **changes: Any) -> str:
    return urlencode(party.query(**changes))


# --- On the way in ---------------------------------------------------------------------------------------------------


@state("csam:login", "from a service", who=NOBODY, shows="Cancel, and go back to the service")
def login_from_service(stage: Stage) -> Answer:
    return asked(stage)


@state("csam:login", "a service asks a surer key", level=300, shows="Cancel, and go back to the service")
def step_up_for_service(stage: Stage) -> Answer:
    return asked(stage, acr_values="urn:be:fedict:iam:fas:Level500")


@state(
    "fas:authorize",
    "wrong address",
    template="fas/refused.html",
    status=400,
    shows="Nobody has learnt anything about you.",
)
def refused(stage: Stage) -> Answer:
    return asked(stage, redirect_uri="https://evil.example/")


@state("fas:go_on", "over", template="fas/over.html", status=404, shows="This sign-in is over")
def over(stage: Stage) -> Answer:
    return stage.get("/fas/sign-in/no-such-key-anywhere00/0-0/")


@state("fas:go_on", "over, the service known", who="anna", status=404, shows="Go to Mijn Fluvius")
def over_at_a_service(stage: Stage) -> Answer:
    return stage.get(f"/fas/sign-in/no-such-key-anywhere00.{a_party(stage).client.pk}/0-0/")


@state("fas:choose", "with one organisation", who="anna", shows="In my own name only")
def choose_with_one(stage: Stage) -> Answer:
    return asked(stage, prompt="select_account")


@state("fas:choose", "with no organisation", who="olivier", shows="You are not linked to any organisation.")
def choose_with_none(stage: Stage) -> Answer:
    return asked(stage, prompt="select_account")


@state("fas:cancel", "over", who=NOBODY, status=404, shows="Go back to the service and start again there.")
def cancelled_twice(stage: Stage) -> Answer:
    return stage.get("/fas/sign-in/no-such-key-anywhere00/cancel/")


@state(
    "fas:choose",
    "several organisations",
    template="fas/choose.html",
    who="tom",
    shows=("Sign in at Mijn Fluvius", "In my own name only"),
)
def choose(stage: Stage) -> Answer:
    return asked(stage)


@state("fas:choose", "with a role somewhere", who="tom", shows="You have a role for this service there.")
def choose_with_role(stage: Stage) -> Answer:
    return asked(stage)


@state("fas:choose", "nothing chosen", who="tom", errors="E09")
def choose_nothing(stage: Stage) -> Answer:
    page = asked(stage)
    return stage.post(page.request["PATH_INFO"])


@state(
    "fas:agree",
    "first time",
    template="fas/agree.html",
    who="anna",
    shows=("What the service receives", "It does not receive your national"),
)
def agree(stage: Stage) -> Answer:
    return asked(stage)


@state("fas:agree", "with the number", who="anna", shows="your national register number")
def agree_number(stage: Stage) -> Answer:
    scopes = "openid profile egovnrn roles"
    return asked(stage, values={"scopes": scopes}, scope=scopes)


@state("fas:agree", "nothing but that it is you", who="anna", shows="and nothing else about you")
def agree_nothing(stage: Stage) -> Answer:
    return asked(stage, scope="openid")


@state("fas:agree", "after a choice", who="tom", shows="Change")
def agree_after_choice(stage: Stage) -> Answer:
    page = asked(stage)
    return stage.post(page.request["PATH_INFO"], organisation="self")


@state("fas:go_on", "on the way back", template="fas/leaving.html", who="anna", shows="You go back to Mijn Fluvius")
def leaving(stage: Stage) -> Answer:
    page = asked(stage)
    return stage.post(page.request["PATH_INFO"], action="agree")


# --- On the way out --------------------------------------------------------------------------------------------------


@state(
    "fas:end_session",
    "a known service asks",
    template="fas/sign_out.html",
    who="anna",
    shows="Mijn Fluvius asks to sign you out",
)
def sign_out(stage: Stage) -> Answer:
    a_party(stage)
    return stage.get(f"{BASE}/connect/endSession?client_id=screens&post_logout_redirect_uri={SIGNED_OUT}")


@state("fas:end_session", "somebody asks", who="anna", shows="A service asks to sign you out of this portal.")
def sign_out_unknown(stage: Stage) -> Answer:
    return stage.get(f"{BASE}/connect/endSession")


@state(
    "fas:end_session",
    "wrong token",
    template="fas/sign_out_refused.html",
    who="anna",
    status=400,
    shows="The service cannot sign you out",
)
def sign_out_refused(stage: Stage) -> Answer:
    return stage.get(f"{BASE}/connect/endSession?id_token_hint=x")


# --- The profile -----------------------------------------------------------------------------------------------------


@state("fas:services", "none", template="fas/services.html", who="anna", shows="No service receives data about you")
def no_services(stage: Stage) -> Answer:
    Consent.objects.filter(user__person=stage.anna).delete()
    return stage.get("/profile/services/")


def with_services(stage: Stage) -> None:
    """Let Anna have signed in at a service."""
    party, now = a_party(stage), timezone.now()
    row = a_sign_on(stage.anna, party.client, now=now, organisation=stage.dubois)
    Consent.objects.create(user=row.user, client=party.client, scopes="openid profile roles", given_at=now)


@state("fas:services", "signed in at one", who="anna", shows=("Mijn Fluvius", "Last signed in there"))
def one_service(stage: Stage) -> Answer:
    with_services(stage)
    return stage.get("/profile/services/")


@state("fas:services", "just ended", who="anna", shows="receives nothing about you any more")
def ended_service(stage: Stage) -> Answer:
    with_services(stage)
    key = Consent.objects.get(client__client_id="screens").key
    return stage.post(f"/profile/services/{key}/end/")
