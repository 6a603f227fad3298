"""Settings of common programs for one client, ready to copy. The secret is left to the service: only it knows it.

tests/release/clients signs in with the first three of them and the command line, as they stand here.
"""

import json
from collections.abc import Callable
from dataclasses import dataclass
from shlex import quote
from urllib.parse import urlsplit

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from fas.models import Client, RolesAs
from fas.scopes import ROLES, SCOPES, acr_of

SECRET = "<client_secret>"  # noqa: S105 - the place for one
SOME_ROLE = "THE_ROLE_CODE"
NO_ADDRESS = "https://service.example/callback"


@dataclass(frozen=True)
class Ready:
    """What to write for one program. `text` is no prose: it stays as it is in every language."""

    program: str
    text: str
    note: str | Promise = ""


@dataclass(frozen=True)
class _Facts:
    issuer: str
    client_id: str
    redirect: str
    signed_out: str
    scope: str
    acr: str
    pkce: bool
    roles_as_text: bool
    role: str

    @property
    def callback_path(self) -> str:
        return urlsplit(self.redirect).path or "/"

    @property
    def site(self) -> str:
        parts = urlsplit(self.redirect)
        return f"{parts.scheme}://{parts.netloc}"


def ready_settings(client: Client, *, issuer: str) -> list[Ready]:
    """Return the settings for each program, in the order in which they are shown."""
    asked = [name for name in SCOPES if name in client.allowed_scopes]
    role = client.service.roles.order_by("code").values_list("code", flat=True).first()
    facts = _Facts(
        issuer=issuer,
        client_id=client.client_id,
        redirect=(client.redirect_uris.split() or [NO_ADDRESS])[0],
        signed_out=(client.post_logout_redirect_uris.split() or [""])[0],
        scope=" ".join(asked),
        acr=acr_of(client.minimum_level),
        pkce=client.requires_pkce,
        roles_as_text=client.roles_as == RolesAs.STRING,
        role=role if role and ROLES in asked else SOME_ROLE,
    )
    notes: dict[str, str | Promise] = {
        "Apache mod_auth_openidc": _(
            "To let people in by role, choose “the same as text” for the way in which roles are sent. "
            "The address for back-channel logout is the redirect address with ?logout=backchannel at its end."
        ),
        "Spring Boot": _(
            "Userinfo is a signed JWT, which Spring does not read by itself: the class below does. "
            "These lines have not been run."
        ),
    }
    makers: dict[str, Callable[[_Facts], str]] = {
        "Apache mod_auth_openidc": _apache,
        "Authlib (Python)": _authlib,
        "openid-client (Node.js)": _node,
        "Spring Boot": _spring,
        "curl": _curl,
    }
    return [Ready(name, make(facts).strip("\n") + "\n", notes.get(name, "")) for name, make in makers.items()]


def _apache(facts: _Facts) -> str:
    # No space, quotes or backslash: Apache reads some other notations as an empty pattern, which everybody matches.
    by_role = f'Require claim roles~"role":."{facts.role}"'
    return f"""
OIDCProviderMetadataURL {facts.issuer}/.well-known/openid-configuration
OIDCClientID {facts.client_id}
OIDCClientSecret "{SECRET}"
OIDCRedirectURI {facts.redirect}
OIDCScope "{facts.scope}"
OIDCAuthRequestParams acr_values={facts.acr.replace(":", "%3A")}
{"OIDCPKCEMethod S256" if facts.pkce else "# This client is registered without PKCE."}
OIDCIDTokenSignedResponseAlg RS256
OIDCUserInfoSignedResponseAlg RS256
OIDCRemoteUserClaim sub
OIDCCryptoPassphrase "<at least 32 random characters>"

<Location "/">
  AuthType openid-connect
  {by_role if facts.roles_as_text else "Require valid-user"}
</Location>
"""


def _authlib(facts: _Facts) -> str:
    roles = 'json.loads(claims.get("roles", "[]"))' if facts.roles_as_text else 'claims.get("roles", [])'
    return f"""
{"import json" if facts.roles_as_text else "# Python 3"}
from authlib.integrations.requests_client import OAuth2Session
from joserfc import jwt
from joserfc.jwk import KeySet
import requests, secrets

ISSUER = "{facts.issuer}"
CLIENT_ID, CLIENT_SECRET = "{facts.client_id}", "{SECRET}"
REDIRECT = "{facts.redirect}"
provider = requests.get(ISSUER + "/.well-known/openid-configuration", timeout=10).json()
service = OAuth2Session(
    CLIENT_ID, CLIENT_SECRET, scope="{facts.scope}", redirect_uri=REDIRECT,
    token_endpoint_auth_method="client_secret_basic"{', code_challenge_method="S256"' if facts.pkce else ""},
)


def begin():
    \"\"\"Return where to send the browser, and what to keep in its session until it comes back.\"\"\"
    kept = {{"nonce": secrets.token_urlsafe(24), "verifier": secrets.token_urlsafe(48)}}
    address, kept["state"] = service.create_authorization_url(
        provider["authorization_endpoint"], nonce=kept["nonce"], acr_values="{facts.acr}",
        {'code_verifier=kept["verifier"],' if facts.pkce else ""}
    )
    return address, kept


def finish(address, kept):
    \"\"\"Return who came back at `address`, with the roles. Anything wrong raises an error.\"\"\"
    tokens = service.fetch_token(
        provider["token_endpoint"], authorization_response=address, state=kept["state"],
        {'code_verifier=kept["verifier"],' if facts.pkce else ""}
    )
    keys = KeySet.import_key_set(requests.get(provider["jwks_uri"], timeout=10).json())
    who = jwt.decode(tokens["id_token"], keys, algorithms=["RS256"]).claims
    must = {{"iss": {{"essential": True, "value": ISSUER}}, "aud": {{"essential": True, "value": CLIENT_ID}}}}
    jwt.JWTClaimsRegistry(leeway=30, **must, nonce={{"essential": True, "value": kept["nonce"]}}).validate(who)
    answer = requests.get(
        provider["userinfo_endpoint"], headers={{"Authorization": "Bearer " + tokens["access_token"]}}, timeout=10
    )
    answer.raise_for_status()
    claims = jwt.decode(answer.text, keys, algorithms=["RS256"]).claims
    jwt.JWTClaimsRegistry(leeway=30, **must, sub={{"essential": True, "value": who["sub"]}}).validate(claims)
    may_enter = any(entry["role"] == "{facts.role}" for entry in {roles})
    return who, claims, may_enter
"""


def _node(facts: _Facts) -> str:
    roles = 'JSON.parse(claims.roles ?? "[]")' if facts.roles_as_text else "claims.roles ?? []"
    local = urlsplit(facts.issuer).scheme == "http"
    options = ", { execute: [client.allowInsecureRequests] }" if local else ""
    return f"""
import * as client from 'openid-client'

const config = await client.discovery(
  new URL('{facts.issuer}'), '{facts.client_id}',
  {{ client_secret: '{SECRET}', userinfo_signed_response_alg: 'RS256' }}, client.ClientSecretBasic('{SECRET}'){options})

// Returns where to send the browser, and what to keep in its session until it comes back.
export async function begin() {{
  const kept = {{ state: client.randomState(), nonce: client.randomNonce(), verifier: client.randomPKCECodeVerifier() }}
  const address = client.buildAuthorizationUrl(config, {{
    redirect_uri: '{facts.redirect}', scope: '{facts.scope}', acr_values: '{facts.acr}',
    state: kept.state, nonce: kept.nonce,{_NODE_PKCE if facts.pkce else ""}
  }})
  return {{ address: address.href, kept }}
}}

// Returns who came back at `address`, with the roles. Anything wrong throws.
export async function finish(address, kept) {{
  const tokens = await client.authorizationCodeGrant(config, new URL(address), {{
    expectedState: kept.state, expectedNonce: kept.nonce,{_NODE_VERIFIER if facts.pkce else ""}
  }})
  const claims = await client.fetchUserInfo(config, tokens.access_token, tokens.claims().sub)
  const mayEnter = ({roles}).some((entry) => entry.role === '{facts.role}')
  return {{ who: tokens.claims(), claims, mayEnter }}
}}
"""


_NODE_PKCE = """
    code_challenge: await client.calculatePKCECodeChallenge(kept.verifier), code_challenge_method: 'S256',"""
_NODE_VERIFIER = " pkceCodeVerifier: kept.verifier,"


def _spring(facts: _Facts) -> str:
    scopes = ", ".join(facts.scope.split())
    return f"""
# application.yml
spring:
  security:
    oauth2:
      client:
        registration:
          portal:
            client-id: {json.dumps(facts.client_id)}
            client-secret: {json.dumps(SECRET)}
            client-authentication-method: client_secret_basic
            authorization-grant-type: authorization_code
            redirect-uri: {json.dumps(facts.redirect)}
            scope: [{scopes}]
        provider:
          portal:
            issuer-uri: {facts.issuer}

// PortalUsers.java: for oauth2Login(login -> login.userInfoEndpoint(u -> u.oidcUserService(new PortalUsers()))).
{_SPRING_PKCE if facts.pkce else "// This client is registered without PKCE."}
class PortalUsers implements OAuth2UserService<OidcUserRequest, OidcUser> {{
  public OidcUser loadUser(OidcUserRequest request) {{
    var provider = request.getClientRegistration().getProviderDetails();
    String answer = RestClient.create().get().uri(provider.getUserInfoEndpoint().getUri())
        .headers(headers -> headers.setBearerAuth(request.getAccessToken().getTokenValue()))
        .retrieve().body(String.class);
    var decoder = NimbusJwtDecoder.withJwkSetUri(provider.getJwkSetUri()).build();
    decoder.setJwtValidator(JwtValidators.createDefaultWithIssuer("{facts.issuer}"));
    Jwt claims = decoder.decode(answer);
    if (!claims.getAudience().contains("{facts.client_id}")
        || !claims.getSubject().equals(request.getIdToken().getSubject()))
      throw new OAuth2AuthenticationException("userinfo_of_somebody_else");
    var authorities = new ArrayList<GrantedAuthority>();
    for (Map<String, Object> entry : {_SPRING_TEXT if facts.roles_as_text else _SPRING_LIST})
      authorities.add(new SimpleGrantedAuthority("ROLE_" + entry.get("role")));
    return new DefaultOidcUser(authorities, request.getIdToken(), new OidcUserInfo(claims.getClaims()));
  }}
}}
"""


_SPRING_LIST = '(List<Map<String, Object>>) claims.getClaims().getOrDefault("roles", List.of())'
_SPRING_TEXT = (
    'new ObjectMapper().readValue(claims.getClaimAsString("roles"), new TypeReference<List<Map<String, Object>>>() {})'
)
_SPRING_PKCE = """// PKCE: DefaultOAuth2AuthorizationRequestResolver
//   .setAuthorizationRequestCustomizer(OAuth2AuthorizationRequestCustomizers.withPkce())"""


def _curl(facts: _Facts) -> str:
    challenge = " --data-urlencode code_challenge=$CHALLENGE -d code_challenge_method=S256" if facts.pkce else ""
    verifier = " -d code_verifier=$VERIFIER" if facts.pkce else ""
    make = (
        """VERIFIER=$(openssl rand -hex 32)
CHALLENGE=$(printf %s "$VERIFIER" | openssl dgst -sha256 -binary | basenc --base64url | tr -d =)
"""
        if facts.pkce
        else ""
    )
    return f"""
ISSUER={quote(facts.issuer)}
CLIENT_ID={facts.client_id}
CLIENT_SECRET='{SECRET}'
REDIRECT={quote(facts.redirect)}
{make}STATE=$(openssl rand -hex 16) NONCE=$(openssl rand -hex 16)

# 1. Open this address in a browser, and sign in.
curl -sG -o /dev/null -w '%{{url_effective}}\\n' "$ISSUER/authorize" \\
  -d response_type=code -d client_id=$CLIENT_ID --data-urlencode "redirect_uri=$REDIRECT" \\
  --data-urlencode 'scope={facts.scope}' -d state=$STATE -d nonce=$NONCE{challenge}

# 2. Within a minute: put the code from the address at which the browser arrives here. Its state has to be yours.
CODE=...
TOKENS=$(curl -s -u "$CLIENT_ID:$CLIENT_SECRET" "$ISSUER/access_token" \\
  -d grant_type=authorization_code --data-urlencode code=$CODE --data-urlencode "redirect_uri=$REDIRECT"{verifier})

# 3. Who it is, with the roles: a signed JWT, whose middle part is the claims. A program verifies it first.
curl -s "$ISSUER/userinfo" -H "Authorization: Bearer $(printf %s "$TOKENS" | jq -r .access_token)" \\
  | cut -d. -f2 | tr '_-' '/+' | awk '{{ while (length($0) % 4) $0 = $0 "="; print }}' | base64 -d | jq .
"""
