"""What somebody sees whom a service sent with a signed request for its role."""

from typing import Any

from fas.models import Client
from tests.fas.role_tokens import ARRIVAL, KEY, RETURN, claims_of, signed
from tests.screens.stage import Stage
from tests.screens.table import Answer, state


def arrive(stage: Stage, **changes: Any) -> Answer:
    """Come from the demo's energy portal."""
    keys = {"keys": [KEY.as_dict(private=False)]}
    Client.objects.filter(client_id="demo-fluvius").update(request_jwks=keys, request_return_uris=RETURN)
    return stage.get(f"{ARRIVAL}?request={signed(claims_of(iss='demo-fluvius', **changes))}")


@state(
    "fas:request_role",
    "filled in",
    template="fas/request_role.html",
    who="anna",
    shows=("sent you here", "Boulangerie Dubois SRL", "Anna Peeters"),
)
def filled_in(stage: Stage) -> Answer:
    return arrive(stage)


@state("fas:request_role", "organisation open", who="tom", shows="You choose it on the page after this one.")
def organisation_open(stage: Stage) -> Answer:
    return arrive(stage, enterpriseNumber=None)


@state("fas:request_role", "organisation of others", who="carine", shows="0999.999.922")
def organisation_of_others(stage: Stage) -> Answer:
    return arrive(stage)


@state("fas:request_role", "of no organisation", who="olivier", status=403, shows="Back to Mijn Fluvius")
def of_no_organisation(stage: Stage) -> Answer:
    return arrive(stage)


@state(
    "fas:request_role",
    "over",
    template="fas/role_request_over.html",
    who="anna",
    status=404,
    shows="This request for a role is over",
)
def over(stage: Stage) -> Answer:
    return stage.get(f"{ARRIVAL}no-such-request/")


@state(
    "fas:arrive_for_role",
    "refused",
    template="fas/no_role_request.html",
    who="anna",
    status=400,
    shows="This request for a role cannot be used",
)
def refused(stage: Stage) -> Answer:
    return arrive(stage, role="NO_SUCH_ROLE")
