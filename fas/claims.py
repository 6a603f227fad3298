"""What a service learns about a person: claims by the names of FAS, computed now (DOMAIN 11).

Nothing of it is kept between the sign-on and the question: a role that has just ended is not in the answer.
"""

import json
from collections.abc import Callable, Collection
from datetime import datetime
from typing import Any

from fas.models import Client, RolesAs, SignOn
from fas.scopes import ENTERPRISE, NUMBER, PROFILE, ROLES
from roles.models import RoleAssignment
from roles.service_view import FORMAT, Entry, entries

Claims = dict[str, Any]

# How the claim `roles` is written. Services of FAS have been seen to expect one or the other; more can be added.
SERIALISERS: dict[str, Callable[[list[Entry]], Any]] = {
    RolesAs.LIST: list,
    RolesAs.STRING: lambda found: json.dumps(found, ensure_ascii=False),
}


def roles_of(sign_on: SignOn, *, now: datetime) -> list[Entry]:
    """Return the roles that the service may see: active, of its own, for the organisation chosen. One query."""
    if sign_on.organisation is None:
        return []
    rows = RoleAssignment.objects.delivered_to(
        sign_on.client.service, sign_on.user.person, sign_on.organisation, now=now
    )
    return entries(rows)


def personal_claims(sign_on: SignOn, scopes: Collection[str], *, now: datetime) -> Claims:
    """Return the claims that these scopes bring, beside `sub`. The national register number is opened here only.

    A client that may no longer ask a scope gets nothing for it, whatever its token says.
    """
    asked = set(scopes) & sign_on.client.allowed_scopes
    person, organisation = sign_on.user.person, sign_on.organisation
    claims: Claims = {}
    if PROFILE in asked:
        claims |= {
            "givenName": person.given_name,
            "surname": person.family_name,
            "prefLanguage": person.language,
        }
        if person.email:
            claims["mail"] = person.email
    if NUMBER in asked:
        claims["egovNRN"] = str(person.national_number)  # read and opened here: tokens are found without it
    if organisation is not None and asked & {ROLES, ENTERPRISE}:
        claims |= {"enterpriseNumber": organisation.enterprise_number, "enterpriseName": organisation.name}
    if ROLES in asked:
        claims |= {"roles": roles_of(sign_on, now=now), "roles_format": FORMAT}
    return claims


def as_written_for(client: Client, claims: Claims) -> Claims:
    """Return the claims with the roles written as this client reads them."""
    if "roles" not in claims:
        return claims
    return {**claims, "roles": SERIALISERS[client.roles_as](claims["roles"])}
