"""What this process is told: one private JSON file, written by `manage.py demo`."""

import json
import os
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

VARIABLE = "DEMO_SERVICES_CONFIG"
DEFAULT_FILE = Path(__file__).resolve().parents[3] / "var" / "demo-services.json"


class ConfigError(Exception):
    """The file is missing, or something in it is."""


@dataclass(frozen=True)
class Registration:
    """What the portal knows one of the sites as. Neither secret shows in `repr`.

    `request_key` is the private RSA key (a JWK with a `kid`) with which the site signs "ask for this role".
    """

    client_id: str
    client_secret: str = field(repr=False)
    request_key: dict[str, Any] = field(repr=False)


@dataclass(frozen=True)
class Config:
    """Where both sites are served, and whom they trust.

    `refetch_seconds` is how long at least they wait before they ask for the provider's keys again.
    """

    secret_key: str = field(repr=False)
    address: str
    portal: str
    issuer: str
    registrations: dict[str, Registration]
    refetch_seconds: float = 30.0

    @property
    def host(self) -> str:
        """The one host name it answers to."""
        return urlsplit(self.address).hostname or ""


def read_config(path: Path) -> Config:
    """Return what the file says. Raises ConfigError."""
    try:
        said = json.loads(path.read_text("utf-8"))
        registrations = {slug: Registration(**entry) for slug, entry in said.pop("registrations").items()}
        return Config(registrations=registrations, **said)
    except OSError:
        raise ConfigError(f"{path} cannot be read: `manage.py demo` writes it.") from None
    except (ValueError, TypeError, KeyError, AttributeError) as error:
        raise ConfigError(f"{path} is not what `manage.py demo` writes: {type(error).__name__}.") from None


@cache
def config() -> Config:
    """Return what this process was started with: the file that the variable DEMO_SERVICES_CONFIG names."""
    return read_config(Path(os.environ.get(VARIABLE) or DEFAULT_FILE))
