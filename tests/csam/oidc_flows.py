"""What a browser does to sign in with the provider, and what must be true when that was refused."""

import html
import re
from typing import Any
from urllib.parse import urlsplit

from django.contrib.sessions.models import Session
from django.test import Client

from audit.models import AuditEntry
from csam.models import LoginTicket, User
from tenants.models import Person
from tests.csam.oidc_provider import PretendProvider


def claims_of(person: Person, **changes: Any) -> dict[str, Any]:
    """Return what FAS says of a person of the portal."""
    return {
        "egovNRN": person.national_number,
        "givenName": person.given_name,
        "surname": person.family_name,
        "mail": person.email,
        "prefLanguage": person.language,
        **changes,
    }


def begin(client: Client, next_path: str = "") -> str:
    """Choose the provider; return the address of its page, as our own page leads there."""
    answer = client.post("/login/oidc/", {"next": next_path} if next_path else {})
    assert (answer.status_code, answer["Location"]) == (303, "/login/oidc/leave/")
    page = client.get("/login/oidc/leave/")
    assert page.status_code == 200
    found = re.search(r'<meta http-equiv="refresh" content="0; url=([^"]+)">', page.content.decode())
    assert found is not None
    return html.unescape(found[1])


def local(address: str) -> str:
    """Return path and query of an address at the portal."""
    parts = urlsplit(address)
    return f"{parts.path}?{parts.query}"


def go_and_come_back(client: Client, provider: PretendProvider, next_path: str = "") -> Any:
    """Choose the provider, show there who one is; return the answer to the return from there."""
    return client.get(local(provider.visit(begin(client, next_path))))


def sign_in(client: Client, provider: PretendProvider, next_path: str = "") -> Any:
    """Go the whole way; return the answer that made the session."""
    answer = go_and_come_back(client, provider, next_path)
    assert (answer.status_code, answer["Location"]) == (303, "/login/return/"), answer.content.decode()
    return client.get("/login/return/")


def assert_refused(
    client: Client, answer: Any, *, reason: str, status: int, words: str, is_foreign: bool = False
) -> None:
    """No session, no login, one row in the trail with its reason, a page that says it, and the attempt is over.

    `is_foreign`: it is not, because this browser did not ask for what came.
    """
    page = html.unescape(answer.content.decode())
    rows = AuditEntry.objects.filter(event="sign_in:failed")
    assert [row.data for row in rows] == [{"key": "oidc", "reason": reason}]
    assert answer.status_code == status, page
    assert words in page
    assert "There is a problem" in page and 'action="/login/oidc/"' in page  # and one can try again
    assert not Session.objects.exists()
    assert "session" not in client.cookies
    assert not User.objects.exists()
    assert not AuditEntry.objects.filter(event="sign_in:succeeded").exists()
    assert (client.cookies["ticket"].value == "") != is_foreign
    assert not LoginTicket.objects.filter(confirmed_at__isnull=False).exists()
