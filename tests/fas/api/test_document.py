"""docs/openapi.json says what the interface does: every answer in it occurs, and no other."""

import json
import os
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from django.db import OperationalError
from django.test import Client as Browser
from django.utils import timezone

from fas.api.interface import api
from fas.api.problems import KINDS
from fas.api.shapes import Changes, ProblemDetails, RoleLookup, Roles
from fas.cursors import Cursor, write_cursor
from fas.models import Client
from fas.operations.changes import KEPT, seal_changes
from fas.operations.use import Allowances
from roles.models import RoleAssignment
from tests.conftest import Cast
from tests.fas.api.asking import FEED, LOOKUPS, Asker
from tests.fas.api.test_bad_input import GOOD
from tests.fas.api.test_feed import Give

FILE = Path(__file__).parents[3] / "docs" / "openapi.json"
OPERATIONS = {"role-lookups": (LOOKUPS, "post"), "changes": (FEED, "get")}
pytestmark = pytest.mark.django_db


def written() -> dict[str, Any]:
    """Return the document as it is committed."""
    return dict(json.loads(FILE.read_text(encoding="utf-8")))


def test_the_file_is_what_the_code_says() -> None:
    """UPDATE_OPENAPI=1 writes it anew."""
    text = json.dumps(api.get_openapi_schema(), indent=2, ensure_ascii=False) + "\n"
    if os.environ.get("UPDATE_OPENAPI"):
        FILE.write_text(text, encoding="utf-8")
    assert FILE.read_text(encoding="utf-8") == text


def test_it_holds_together() -> None:
    document = written()
    assert document["openapi"] == "3.1.0"
    for reference in re.findall(r'"\$ref": "#/([^"]+)"', FILE.read_text(encoding="utf-8")):
        place: Any = document
        for step in reference.split("/"):
            place = place[step]
        assert place
    flow = document["components"]["securitySchemes"]["ServiceToken"]["flows"]["clientCredentials"]
    asked = [operation["security"] for path in document["paths"].values() for operation in path.values()]
    assert asked == [[{"ServiceToken": ["roles:lookup"]}], [{"ServiceToken": ["roles:changes"]}]]
    assert set(flow["scopes"]) == {"roles:lookup", "roles:changes"}


def test_its_examples_are_right() -> None:
    document = written()
    body = document["paths"][LOOKUPS]["post"]["requestBody"]["content"]["application/json"]["example"]
    RoleLookup.model_validate(body)
    for path in document["paths"].values():
        for operation in path.values():
            for status, answer in operation["responses"].items():
                for content in answer["content"].values():
                    for example in content.get("examples", {}).values():
                        assert str(ProblemDetails.model_validate(example["value"]).status) == status


def test_its_curl_lines_are_answered(client_row: Client) -> None:
    """The addresses and fields in the text are those of the interface."""
    text = written()["info"]["description"] + written()["paths"][LOOKUPS]["post"]["description"]
    assert "https://portal.example/fas/oauth2/access_token" in text
    assert f"https://portal.example{LOOKUPS}" in text
    sent = re.search(r"--json '([^']+)'", text)
    assert sent and Asker.of(client_row).post(json.loads(sent[1])).status_code == 200


# --- Every status -----------------------------------------------------------------------------------------------------

Call = Callable[[Asker], Any]


def ask(asker: Asker, operation: str, **headers: str) -> Any:
    """Send a right request."""
    address, method = OPERATIONS[operation]
    if method == "get":
        return asker.browser.get(address, headers={**asker.headers, **headers})
    return asker.post(GOOD, **headers)


def every_answer(asker: Asker, operation: str, monkeypatch: pytest.MonkeyPatch) -> dict[int, Any]:
    """Bring about each answer of an operation; return them by status."""
    address, method = OPERATIONS[operation]
    found = [ask(asker, operation), Browser().generic(method.upper(), address), asker.browser.put(address)]
    found.append(asker.browser.generic(method.upper(), address, b" " * 5000, headers=asker.headers))
    if operation == "role-lookups":
        found += [asker.post({}), asker.post(GOOD, content_type="text/plain")]
    else:
        old = write_cursor(asker.client, Cursor(0, timezone.localdate() - 2 * KEPT))
        found += [asker.feed(limit=0), asker.feed(after=old)]
    found.append(ask(Asker.of(asker.client, "openid"), operation))
    with monkeypatch.context() as patch:
        for error in (RuntimeError, OperationalError):
            patch.setattr("fas.api.access.find_token", lambda _token, error=error: (_ for _ in ()).throw(error()))
            found.append(ask(asker, operation))
    with monkeypatch.context() as patch:
        patch.setattr("fas.api.access.allowances", Allowances())
        Client.objects.update(requests_per_minute=1)
        found += [ask(asker, operation), ask(asker, operation)]
    return {answer.status_code: answer for answer in found}


@pytest.mark.parametrize("operation", OPERATIONS)
def test_every_answer_of_the_document_occurs_and_no_other(
    asker: Asker, operation: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    address, method = OPERATIONS[operation]
    said = written()["paths"][address][method]["responses"]
    found = every_answer(asker, operation, monkeypatch)
    assert set(map(str, found)) == set(said)
    for status, answer in found.items():
        kind = answer.headers["Content-Type"].partition(";")[0]
        assert set(said[str(status)]["content"]) == {kind}
        promised = set(said[str(status)]["headers"]) - {"X-Request-ID"}
        assert promised <= set(answer.headers), (status, promised)
        if status >= 400:
            told = ProblemDetails.model_validate_json(answer.content)
            examples = said[str(status)]["content"][kind]["examples"].values()
            assert told.type in {example["value"]["type"] for example in examples}
            assert set(answer.json()) <= set(ProblemDetails.model_fields)


def test_the_names_of_problems_never_change() -> None:
    assert sorted(kind.type for kind in KINDS) == [
        "urn:problem-type:belgif:badRequest",
        "urn:problem-type:belgif:internalServerError",
        "urn:problem-type:belgif:invalidAccessToken",
        "urn:problem-type:belgif:missingScope",
        "urn:problem-type:belgif:noAccessToken",
        "urn:problem-type:belgif:payloadTooLarge",
        "urn:problem-type:belgif:resourceNotFound",
        "urn:problem-type:belgif:serviceUnavailable",
        "urn:problem-type:belgif:tooManyRequests",
        "urn:problem-type:rolemgmt:cursorTooOld",
        "urn:problem-type:rolemgmt:methodNotAllowed",
        "urn:problem-type:rolemgmt:unsupportedMediaType",
    ]


def fields_of(shape: Any) -> set[str]:
    """Return the names in a shape."""
    return {field.alias or name for name, field in shape.model_fields.items()}


def test_answers_have_the_shapes_of_the_document(asker: Asker, held: RoleAssignment, cast: Cast) -> None:
    """They are written without pydantic, so it reads them here."""
    text = asker.look_up(cast.anna, cast.dubois).content
    read = Roles.model_validate_json(text, strict=True)
    assert json.loads(text) == read.model_dump()
    assert len(read.roles) == 1


@pytest.mark.parametrize("scopes", ["roles:changes", "roles:changes egovnrn"])
def test_the_feed_has_the_shape_of_the_document(asker: Asker, give: Give, scopes: str) -> None:
    Client.objects.update(scopes=scopes)
    cursor = asker.begin()
    give()
    seal_changes(now=timezone.now())
    text = asker.feed(after=cursor).content
    read = Changes.model_validate_json(text, strict=True)
    assert json.loads(text) == read.model_dump(exclude_none=True)
    assert len(read.changes) == 1


# --- In the browser ---------------------------------------------------------------------------------------------------


@pytest.mark.asvs(65)
def test_elsewhere_than_in_a_demonstration_only_staff_reads_it(cast: Cast, sign_in: Any, settings: Any) -> None:
    settings.DEMO_INSTANCE = settings.DEBUG = False
    pages = ("/fas/api/docs/", "/fas/api/docs/openapi.json")
    statuses = {
        name: {browser.get(page).status_code for page in pages}
        for name, browser in {
            "nobody": Browser(),
            "jean": sign_in(cast.jean),
            "olivier": sign_in(cast.olivier),
            "sofie": sign_in(cast.sofie),
        }.items()
    }
    assert statuses == {"nobody": {404}, "jean": {404}, "olivier": {404}, "sofie": {200}}
    settings.DEMO_INSTANCE = True
    assert Browser().get(pages[0]).status_code == 200


def test_the_page_is_dark_where_people_ask_for_it() -> None:
    dark = Path("static/css/api-docs.css").read_text().partition("@media (prefers-color-scheme: dark)")[2]
    assert "filter: invert" in dark and "color-scheme: dark" in dark
    assert 'href="/static/css/api-docs.css"' in Browser().get("/fas/api/docs/").content.decode()


def test_the_page_brings_its_own_files_and_no_script_of_its_own() -> None:
    page = Browser().get("/fas/api/docs/").content.decode()
    assert set(re.findall(r'(?:src|href)="(/?[^/"]*)/', page)) == {"/static"}
    assert re.findall(r"<script(?! src=)[^>]*>", page) == ['<script id="swagger-settings" type="application/json">']
    assert "style=" not in page
    assert Browser().get("/fas/api/docs/openapi.json").json() == written()
