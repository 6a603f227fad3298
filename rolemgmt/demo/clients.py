"""Registers the two demo services as clients of the portal, and writes down for them what they are registered as.

The file it writes holds secrets and private keys: readable by its owner only. A second run keeps them.
"""

import json
import os
import secrets
import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from django.conf import settings
from django.contrib.auth.hashers import check_password
from joserfc.jwk import RSAKey

from fas.hashers import new_secret
from fas.models import Client
from rolemgmt.demo.services.sites import SITES, Site
from rolemgmt.dotenv_file import DEFAULT_PORT
from roles.models import OnlineService

SCOPES = "openid profile egovnrn roles enterprise"
KEY_BITS = 2048


@dataclass(frozen=True)
class Kept:
    """What one site keeps to itself."""

    client_secret: str
    request_key: RSAKey


def missing_clients() -> int:
    """Add the clients that are not there, with secrets that nobody knows yet, and return how many that were."""
    sites = {client_id_of(site): site for site in SITES.values()}
    for known in Client.objects.filter(client_id__in=sites):
        del sites[known.client_id]
    for client_id, site in sites.items():
        client = Client(client_id=client_id, client_secret=new_secret())
        _fill_in(client, site, services_address=next_door())
        client.save()
    return len(sites)


def introduce_services(file: Path, *, address: str) -> None:
    """Make clients and services know each other: addresses below `address`, a secret, a key for requests of roles.

    What `file` holds and the portal still accepts stays. Run it before the services start.
    """
    kept = _kept(file)
    missing_clients()
    registrations = {}
    for site in SITES.values():
        client = Client.objects.get(client_id=client_id_of(site))
        own = kept.get(site.slug) or Kept(new_secret(), RSAKey.generate_key(KEY_BITS, {"kid": secrets.token_hex(8)}))
        before = vars(client).copy()
        _fill_in(client, site, services_address=address)
        client.request_jwks = {"keys": [own.request_key.as_dict(private=False, use="sig", alg="RS256")]}
        if not check_password(own.client_secret, client.client_secret):
            client.client_secret = own.client_secret
        if vars(client) != before:
            client.full_clean(exclude=["client_secret"], validate_constraints=False)
            client.save()
        registrations[site.slug] = {
            "client_id": client.client_id,
            "client_secret": own.client_secret,
            "request_key": own.request_key.as_dict(private=True),
        }
    _write(
        file,
        {
            "secret_key": secrets.token_urlsafe(50),
            "address": address,
            "portal": settings.PORTAL_BASE_URL,
            "issuer": settings.FAS_ISSUER,
            "registrations": registrations,
        },
    )


def next_door() -> str:
    """Return where `manage.py demo` serves the services: at the portal's host, on the next port."""
    parts = urlsplit(settings.PORTAL_BASE_URL)
    return f"{parts.scheme}://{parts.hostname}:{(parts.port or DEFAULT_PORT) + 1}"


def client_id_of(site: Site) -> str:
    """Return the name by which the portal knows a site."""
    return f"demo-{site.slug}"


def _fill_in(client: Client, site: Site, *, services_address: str) -> None:
    """Give a client the addresses of its site, and what it may ask."""
    here = f"{services_address}/{site.slug}"
    client.name = str(site.name)
    client.service = OnlineService.objects.get(code=site.service)
    client.redirect_uris = f"{here}/callback/"
    client.post_logout_redirect_uris = f"{here}/signed-out/"
    client.request_return_uris = f"{here}/return/"
    client.backchannel_logout_uri = f"{here}/backchannel-logout/"
    client.scopes = SCOPES
    client.minimum_level = site.level
    client.roles_as = site.roles_as


def _kept(file: Path) -> dict[str, Kept]:
    """Return what a former run wrote down; nothing where there is no such file, or it is of no use."""
    try:
        entries = json.loads(file.read_text("utf-8"))["registrations"]
        return {
            slug: Kept(entry["client_secret"], RSAKey.import_key(entry["request_key"]))
            for slug, entry in entries.items()
        }
    except (OSError, ValueError, TypeError, KeyError, AttributeError):
        return {}


def _write(file: Path, said: dict[str, Any]) -> None:
    """Replace the file as a whole, readable by its owner only."""
    file.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    descriptor, draft = tempfile.mkstemp(dir=file.parent)  # mode 600
    with os.fdopen(descriptor, "w", encoding="utf-8") as open_file:
        json.dump(said, open_file, indent=1)
    os.replace(draft, file)
