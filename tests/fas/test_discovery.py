"""What services read before they begin, and the settings behind it (STACK 2.4)."""

import stat
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.serialization import load_pem_private_key
from django.conf import settings
from django.test import Client as Browser
from django.test import override_settings
from oauth2_provider.settings import DEFAULTS, oauth2_settings

from rolemgmt.signing import write_key_if_absent
from tests.fas.relying_party import BASE, ISSUER, RelyingParty, verified

pytestmark = [pytest.mark.django_db, pytest.mark.asvs(59)]


def test_the_description_says_what_is_there_and_no_more() -> None:
    answer = Browser().get(f"{BASE}/.well-known/openid-configuration")
    assert answer.headers["Content-Type"] == "application/json"
    found = answer.json()
    addresses = {
        "authorization_endpoint": "authorize",
        "token_endpoint": "access_token",
        "userinfo_endpoint": "userinfo",
        "introspection_endpoint": "introspect",
        "revocation_endpoint": "revoke",
        "end_session_endpoint": "connect/endSession",
        "jwks_uri": "connect/jwk_uri",
    }
    assert found["issuer"] == ISSUER
    for name, path in addresses.items():
        assert found[name] == f"{ISSUER}/{path}"
    assert found["response_types_supported"] == ["code"]
    assert found["grant_types_supported"] == ["authorization_code", "client_credentials"]
    assert found["code_challenge_methods_supported"] == ["S256"]
    assert found["pkce_required"] is True
    assert found["pkce_exceptions_per_client"] is True
    assert found["subject_types_supported"] == ["pairwise"]
    assert found["id_token_signing_alg_values_supported"] == ["RS256"]
    assert found["userinfo_signing_alg_values_supported"] == ["RS256"]
    assert found["acr_values_supported"][-1] == "urn:be:fedict:iam:fas:Level500"
    assert {"egovNRN", "surname", "givenName", "prefLanguage", "roles", "acr", "amr"} <= set(found["claims_supported"])
    assert {"openid", "profile", "egovnrn", "roles", "citizen", "enterprise"} <= set(found["scopes_supported"])
    assert not found["request_parameter_supported"]
    assert not found["claims_parameter_supported"]


def test_the_description_does_not_follow_the_host_header() -> None:
    found = Browser().get(f"{BASE}/.well-known/openid-configuration", headers={"host": "localhost"}).json()
    assert found["issuer"] == ISSUER


def test_every_switch_of_the_security_practice_is_on() -> None:
    switches = [name for name in DEFAULTS if name.startswith("COMPLIANT_BCP_RFC9700_")]
    assert len(switches) == 10
    assert {name for name in switches if getattr(oauth2_settings, name) is not True} == set()
    assert oauth2_settings.ACCESS_TOKEN_EXPIRE_SECONDS == oauth2_settings.ID_TOKEN_EXPIRE_SECONDS == 300
    assert oauth2_settings.AUTHORIZATION_CODE_EXPIRE_SECONDS == 60


def test_the_key_set_holds_public_halves_only() -> None:
    keys = Browser().get(f"{BASE}/connect/jwk_uri").json()["keys"]
    assert len(keys) == 1
    assert set(keys[0]) == {"kty", "n", "e", "kid", "use", "alg"}
    assert (keys[0]["kty"], keys[0]["use"], keys[0]["alg"]) == ("RSA", "sig", "RS256")


@pytest.fixture
def newer(tmp_path: Path) -> str:
    """A newer key."""
    write_key_if_absent(tmp_path / "2027.pem")
    return (tmp_path / "2027.pem").read_text()


def test_after_a_rotation_the_new_key_signs_and_the_old_one_is_still_believed(party: RelyingParty, newer: str) -> None:
    old = party.tokens()["id_token"]
    with override_settings(FAS_SIGNING_KEYS=[newer, *settings.FAS_SIGNING_KEYS]):
        keys = party.keys()
        assert len(keys["keys"]) == 2
        tokens = party.tokens()
        assert party.id_claims(tokens)["aud"] == "energy"
        verified(old, audience="energy", keys=keys)
        # The portal believes it, too: a service signs out with the token it has.
        assert party.browser.get(f"{BASE}/connect/endSession?id_token_hint={old}").status_code == 303
    with override_settings(FAS_SIGNING_KEYS=[newer]):
        assert party.browser.get(f"{BASE}/connect/endSession?id_token_hint={old}").status_code == 400


def test_a_key_is_made_once_for_its_owner_only(tmp_path: Path) -> None:
    path = tmp_path / "keys" / "1.pem"
    assert write_key_if_absent(path) is True
    text = path.read_text()
    assert write_key_if_absent(path) is False
    assert path.read_text() == text
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert stat.S_IMODE(path.parent.stat().st_mode) == 0o700
    assert load_pem_private_key(text.encode(), password=None).key_size == 2048  # type: ignore[union-attr]
    assert [entry.name for entry in path.parent.iterdir()] == ["1.pem"]
