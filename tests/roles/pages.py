"""What a browser does in the wizard, and what a person reads on its pages."""

import html
import re
from typing import Any

from django.conf import settings
from django.test import Client

from audit.models import AuditEntry
from outbox.models import OutgoingEmail
from roles.models import AssignmentDraft, DraftPerson, DraftRole, ReferenceSeries, Role, RoleAssignment
from tenants.models import Organisation, Person

STEPS = ("persons", "number", "organisation", "roles", "properties", "review", "done")


def in_english(client: Client) -> Client:
    """Let the pages speak English, whatever the language of the person."""
    client.cookies[settings.LANGUAGE_COOKIE_NAME] = "en"
    return client


def text_of(answer: Any) -> str:
    """Return a page as people read its source: entities resolved."""
    return html.unescape(answer.content.decode())


def words_of(answer: Any) -> str:
    """Return what stands in `<main>`, without markup and with single spaces."""
    main = re.search(r"<main.*</main>", answer.content.decode(), re.S)
    assert main is not None
    return " ".join(html.unescape(re.sub(r"<[^>]+>", " ", main[0])).split())


def heading_of(answer: Any) -> str:
    """Return the one H1."""
    found = re.findall(r"<h1[^>]*>(.*?)</h1>", answer.content.decode(), re.S)
    assert len(found) == 1, found
    return " ".join(html.unescape(re.sub(r"<[^>]+>", "", found[0])).split())


def errors_of(answer: Any) -> list[str]:
    """Return the lines of the error summary; each must lead to something that is on the page."""
    assert answer.status_code == 200, answer.status_code
    page = answer.content.decode()
    box = re.search(r'<section class="error-summary".*?</section>', page, re.S)
    if box is None:
        return []
    for href in re.findall(r'<a href="#([^"]*)"', box[0]):
        assert f'id="{href}"' in page, f"#{href} leads nowhere"
    assert "<title>Error: " in page
    lines = re.findall(r"<li>(.*?)</li>", box[0], re.S)
    return [html.unescape(re.sub(r"<[^>]+>", "", line)).strip() for line in lines]


def draft_of(
    owner: Person,
    *,
    variant: str = "search",
    persons: list[Person] | tuple[Person, ...] = (),
    organisation: Organisation | None = None,
    roles: list[Role] | tuple[Role, ...] = (),
    now: Any,
    **values: Any,
) -> AssignmentDraft:
    """Store a draft as the wizard would have left it."""
    draft = AssignmentDraft.objects.create(
        owner=owner, variant=variant, organisation=organisation, **{"created_at": now, "updated_at": now, **values}
    )
    by_number = variant == AssignmentDraft.Variant.NUMBER
    DraftPerson.objects.bulk_create(DraftPerson(draft=draft, person=person, by_number=by_number) for person in persons)
    DraftRole.objects.bulk_create(DraftRole(draft=draft, role=role) for role in roles)
    return draft


ANSWERED = {"duration": "unlimited", "start": "today", "properties_answered": True}


def address(draft: AssignmentDraft, step: str, query: str = "") -> str:
    """Return the address of a step."""
    return f"/assignments/new/{draft.key}/{step}/{query}"


def press(client: Client, draft: AssignmentDraft, step: str, action: str = "", query: str = "", **data: Any) -> Any:
    """Post a step's form with the version that the page shows now, unless another one is given."""
    draft.refresh_from_db(fields=["version"])
    values: dict[str, Any] = {"version": draft.version}
    if action:
        values["action"] = action
    return client.post(address(draft, step, query), {**values, **data})


def hidden(answer: Any, name: str) -> str:
    """Return the value of a hidden field of the page."""
    found = re.search(rf'<input type="hidden" name="{name}" value="([^"]*)"', answer.content.decode())
    assert found is not None, name
    return found[1]


def hidden_fields(answer: Any) -> dict[str, str]:
    """Return the hidden fields of the forms in `<main>`, without the token."""
    main = re.search(r"<main.*</main>", answer.content.decode(), re.S)
    found = re.findall(r'<input type="hidden" name="([^"]+)" value="([^"]*)"', main[0] if main else "")
    return {name: html.unescape(value) for name, value in found if name != "csrfmiddlewaretoken"}


def finish(client: Client, draft: AssignmentDraft, **data: Any) -> Any:
    """Look at the check page, then press its last button."""
    page = client.get(address(draft, "review"))
    assert page.status_code == 200
    return client.post(
        address(draft, "review"),
        {"action": "finish", "version": hidden(page, "version"), "shown": hidden(page, "shown"), **data},
    )


def written() -> dict[str, int]:
    """Count what only the last button may write."""
    return {
        "assignments": RoleAssignment.objects.count(),
        "letters": OutgoingEmail.objects.count(),
        "references": ReferenceSeries.objects.count(),
        "granted": AuditEntry.objects.filter(event="assignment:granted").count(),
    }


def chosen_persons(draft: AssignmentDraft) -> list[str]:
    """Return the names of the people chosen, in their order."""
    return [row.person.full_name for row in draft.chosen_persons.select_related("person")]


def chosen_roles(draft: AssignmentDraft) -> list[str]:
    """Return the codes of the roles chosen, in their order."""
    return [row.role.code for row in draft.chosen_roles.select_related("role")]
