"""How a service asks, in tests."""

import json
from dataclasses import dataclass, field
from typing import Any

from django.test import Client as Browser
from django.utils import timezone

from fas.models import Client
from fas.operations.codes import give_access_token
from rolemgmt.demo.cast import CAST
from tenants.models import Organisation, Person

LOOKUPS, FEED = "/fas/api/v1/role-lookups", "/fas/api/v1/changes"
EVERYTHING = "roles:lookup roles:changes"


def digits_of(person: Person) -> str:
    """Return the national register number of one of the cast."""
    (found,) = (entry.digits for entry in CAST if entry.given_name == person.given_name)
    return found


@dataclass
class Asker:
    """A service with a token of its own."""

    client: Client
    token: str
    browser: Browser = field(default_factory=lambda: Browser(raise_request_exception=False))

    @classmethod
    def of(cls, client: Client, scope: str = EVERYTHING) -> "Asker":
        """Give the client a token."""
        token = f"token-of-{client.client_id}-{timezone.now().timestamp()}"
        give_access_token(token, client, scope=scope, now=timezone.now())
        return cls(client, token)

    @property
    def headers(self) -> dict[str, str]:
        """The header that carries the token."""
        return {"authorization": f"Bearer {self.token}"}

    def post(self, body: Any, **headers: str) -> Any:
        """Send a body to the look-ups: bytes as they are, anything else as JSON."""
        content = body if isinstance(body, bytes) else json.dumps(body).encode()
        kind = headers.pop("content_type", "application/json")
        return self.browser.post(LOOKUPS, content, content_type=kind, headers={**self.headers, **headers})

    def look_up(self, person: Person, organisation: Organisation) -> Any:
        """Ask which roles one of the cast holds."""
        return self.post({"ssin": digits_of(person), "enterpriseNumber": organisation.enterprise_number})

    def feed(self, **query: Any) -> Any:
        """Ask what has changed."""
        return self.browser.get(FEED, query, headers=self.headers)

    def begin(self) -> str:
        """Return a cursor that marks this moment."""
        return str(self.feed().json()["next"])

    def changes(self, after: str, **query: Any) -> list[dict[str, Any]]:
        """Return all that follows a cursor, page after page."""
        found: list[dict[str, Any]] = []
        for _page in range(200):
            answer = self.feed(after=after, **query)
            assert answer.status_code == 200, answer.content
            page = answer.json()
            found += page["changes"]
            after = page["next"]
            if not page["hasMore"]:
                return found
        raise AssertionError("the feed never ends")
