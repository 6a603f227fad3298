"""Config OP: plan oidcc-config-certification-test-plan, and the rotation of keys of the dynamic plan."""

from pathlib import Path

import pytest
from django.conf import settings
from django.test import Client as Browser
from django.test import override_settings

from rolemgmt.signing import write_key_if_absent
from tests.fas.conformance import missing
from tests.fas.relying_party import BASE, RelyingParty

pytestmark = [pytest.mark.django_db, pytest.mark.asvs(59)]

MODULES = "oidcc-discovery-endpoint-verification oidcc-discovery-issuer oidcc-server-rotate-keys"


def test_every_module_is_here() -> None:
    assert missing(MODULES, globals()) == []


def test_oidcc_discovery_endpoint_verification() -> None:
    found = Browser().get(f"{BASE}/.well-known/openid-configuration").json()
    for name in ("authorization_endpoint", "token_endpoint", "userinfo_endpoint", "jwks_uri"):
        assert found[name].startswith(found["issuer"] + "/"), name
    assert "openid" in found["scopes_supported"]
    assert found["response_types_supported"]
    assert set(found["subject_types_supported"]) <= {"public", "pairwise"}
    assert "RS256" in found["id_token_signing_alg_values_supported"]
    assert "sub" in found["claims_supported"]
    keys = Browser().get(f"{BASE}/connect/jwk_uri").json()["keys"]
    assert len({key["kid"] for key in keys}) == len(keys) >= 1
    assert all(key["kty"] == "RSA" and "d" not in key for key in keys)


def test_oidcc_discovery_issuer(party: RelyingParty) -> None:
    """The issuer is the address before `/.well-known`, to the letter, in discovery as in the ID token."""
    found = Browser().get(f"{BASE}/.well-known/openid-configuration").json()
    assert found["issuer"] == f"{settings.PORTAL_BASE_URL}{BASE}"
    assert party.id_claims(party.tokens())["iss"] == found["issuer"]


def test_oidcc_server_rotate_keys(party: RelyingParty, tmp_path: Path) -> None:
    before = party.keys()["keys"][0]["kid"]
    party.tokens()
    write_key_if_absent(tmp_path / "new.pem")
    newer = (tmp_path / "new.pem").read_text()
    with override_settings(FAS_SIGNING_KEYS=[newer, *settings.FAS_SIGNING_KEYS]):
        kids = [key["kid"] for key in party.keys()["keys"]]
        assert kids[1:] == [before] and kids[0] != before
        party.id_claims(party.tokens())
