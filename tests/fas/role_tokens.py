"""Signed requests for a role, right ones and others, as a service would make them."""

import json
import time
from itertools import count
from typing import Any

from django.conf import settings
from joserfc import jws
from joserfc.jwk import ECKey, RSAKey

ARRIVAL = "/fas/request-role/"
RETURN = "https://service.example/return/"
ENERGY = "FLUVIUS_ENERGY_PORTAL_ADMIN"
DUBOIS = "0999999922"

KEY = RSAKey.generate_key(2048, {"kid": "r1"})
OTHER_KEY = RSAKey.generate_key(2048, {"kid": "r1"})
EC_KEY = ECKey.generate_key("P-256", {"kid": "e1"})

_numbers = count()


def claims_of(**changes: Any) -> dict[str, Any]:
    """Return claims that are in order, but for `changes`; None takes one away."""
    now = int(time.time())
    claims = {
        "iss": "fluvius",
        "aud": settings.FAS_ISSUER,
        "iat": now,
        "exp": now + 300,
        "jti": f"request-{next(_numbers)}",
        "role": ENERGY,
        "enterpriseNumber": DUBOIS,
        "return_to": RETURN,
        **changes,
    }
    return {name: value for name, value in claims.items() if value is not None}


def signed(claims: dict[str, Any], key: Any = KEY, **header: Any) -> str:
    """Return them signed with any key, under any header."""
    header = {"alg": "RS256", "typ": "JWT", "kid": "r1", **header}
    registry = jws.JWSRegistry(algorithms=[header["alg"]], strict_check_header=False)
    return jws.serialize_compact(header, json.dumps(claims).encode(), key, registry=registry)
