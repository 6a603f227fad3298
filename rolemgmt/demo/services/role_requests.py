"""The signed request with which a site sends a person to the portal to ask for a role."""

import secrets
import time
from urllib.parse import urlencode

from joserfc import jwt
from joserfc.jwk import RSAKey

from rolemgmt.demo.services.config import config
from rolemgmt.demo.services.sites import Site

LIFE = 300  # seconds: the longest that the portal takes
PATH = "/fas/request-role/"


def request_address(site: Site, *, enterprise_number: str, language: str) -> str:
    """Return the portal's address that opens a filled-in request; good once, and for five minutes.

    It names the role and the organisation, never the person: who asks is whoever signs in there.
    """
    registration = config().registrations[site.slug]
    now = int(time.time())
    claims = {
        "iss": registration.client_id,
        "aud": config().issuer,
        "iat": now,
        "exp": now + LIFE,
        "jti": secrets.token_urlsafe(24),
        "role": site.role,
        "return_to": f"{config().address}{site.path('return')}",
    }
    if enterprise_number:
        claims["enterpriseNumber"] = enterprise_number
    header = {"alg": "RS256", "kid": registration.request_key["kid"]}
    token = jwt.encode(header, claims, RSAKey.import_key(registration.request_key), algorithms=["RS256"])
    return f"{config().portal}{PATH}?{urlencode({'request': token, 'ui_locales': language})}"
