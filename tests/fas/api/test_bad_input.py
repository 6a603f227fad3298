"""What is not as the document says is refused with a problem, and never repeated."""

import io
import json
from typing import Any

import pytest
from django.db import OperationalError, connection
from django.test import Client as Browser
from django.test.utils import CaptureQueriesContext

from rolemgmt.demo.numbers import enterprise_number, national_number
from tests.fas.api.asking import FEED, LOOKUPS, Asker
from tests.fas.api.test_access import problem_of

pytestmark = [pytest.mark.django_db, pytest.mark.threat(41)]
SSIN, NUMBER = national_number(8_000), enterprise_number(999_000)
GOOD = {"ssin": SSIN, "enterpriseNumber": NUMBER}


def wrong(answer: Any, name: str, kind: str = "schemaViolation") -> str:
    """Check that one thing is said to be wrong, and nothing repeated; return what is said of it."""
    told = problem_of(answer, 400, "badRequest")
    (issue,) = told["issues"]
    assert issue.get("name", "") == name
    assert issue["type"] == f"urn:problem-type:belgif:input-validation:{kind}"
    assert SSIN not in answer.content.decode()
    return str(issue["detail"])


@pytest.mark.parametrize(
    "value",
    [
        *(
            "",
            " ",
            "8507300332",
            "850730033288",
            "85.07.30-033.28",
            "8507300332a",
            "\u0661" * 11,
            SSIN + "\n",
            " " + SSIN,
        ),
        *(int(SSIN), None, True, [SSIN], {"ssin": SSIN}, "\x00" * 11, "\ud800" * 11, "9" * 3000, 1e308),
    ],
)
def test_a_malformed_number_is_refused_and_not_repeated(asker: Asker, value: Any) -> None:
    wrong(asker.post({**GOOD, "ssin": value}), "ssin")


@pytest.mark.asvs(9)
@pytest.mark.parametrize("value", ["85073003329", "00000000000", "99999999999", "85139903328"])
def test_a_number_that_cannot_be_is_refused_and_not_repeated(asker: Asker, value: str) -> None:
    answer = asker.post({**GOOD, "ssin": value})
    assert wrong(answer, "ssin", "invalidInput").startswith("ssin: the ")
    assert value not in answer.content.decode()


@pytest.mark.parametrize("value", ["", "999999922", "BE0999999922", "0999.999.922", 999999922, None, ["0999999922"]])
def test_a_malformed_enterprise_number_is_refused(asker: Asker, value: Any) -> None:
    wrong(asker.post({**GOOD, "enterpriseNumber": value}), "enterpriseNumber")


@pytest.mark.parametrize("value", ["0999999923", "2999999922", "0000000000"])
def test_an_enterprise_number_that_cannot_be_is_refused(asker: Asker, value: str) -> None:
    wrong(asker.post({**GOOD, "enterpriseNumber": value}), "enterpriseNumber", "invalidInput")


def test_missing_fields_are_named(asker: Asker) -> None:
    told = problem_of(asker.post({}), 400, "badRequest")
    assert [issue["name"] for issue in told["issues"]] == ["ssin", "enterpriseNumber"]
    assert told["issues"][0]["detail"] == "ssin is missing"
    assert {issue["in"] for issue in told["issues"]} == {"body"}


@pytest.mark.asvs(70)
def test_unknown_fields_are_refused_without_their_names(asker: Asker) -> None:
    """A name can be a number, too."""
    wrong(asker.post({**GOOD, SSIN: 1}), "", "unknownInput")


@pytest.mark.parametrize("body", [[], [GOOD], "text", 7, None, True])
def test_anything_but_an_object_is_refused(asker: Asker, body: Any) -> None:
    problem_of(asker.post(body), 400, "badRequest")


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"{",
        b"\xff\xfe\x00",
        b"[" * 4000,
        b'{"a":' * 700,
        json.dumps(GOOD).encode() + b"x",
        b'{"ssin": NaN, "enterpriseNumber": Infinity}',
        b"\x00",
        b"ssin=1&enterpriseNumber=2",
    ],
)
def test_what_is_no_json_is_refused(asker: Asker, body: bytes) -> None:
    problem_of(asker.post(body), 400, "badRequest")


@pytest.mark.asvs(71)
def test_a_name_that_comes_twice_is_refused(asker: Asker) -> None:
    body = f'{{"ssin": "{SSIN}", "ssin": "{SSIN}", "enterpriseNumber": "{NUMBER}"}}'.encode()
    wrong(asker.post(body), "")


@pytest.mark.parametrize(
    "content_type",
    ["text/plain", "application/x-www-form-urlencoded", "application/xml", "multipart/form-data; boundary=x", ""],
)
def test_another_type_than_json_is_refused(asker: Asker, content_type: str) -> None:
    problem_of(asker.post(json.dumps(GOOD).encode(), content_type=content_type), 415, "unsupportedMediaType")


def test_a_charset_makes_no_difference(asker: Asker) -> None:
    assert asker.post(GOOD, content_type="application/json; charset=utf-8").status_code == 200


@pytest.mark.parametrize("size", [4097, 900_000, 3_000_000])
def test_a_large_body_is_refused_unread(asker: Asker, size: int) -> None:
    with CaptureQueriesContext(connection) as queries:
        problem_of(asker.post(b" " * size), 413, "payloadTooLarge")
    assert len(queries) == 0


@pytest.mark.parametrize(("size", "status"), [(0, 200), (4097, 413)])
def test_a_body_that_comes_in_pieces_is_read_as_far_as_it_may_go(asker: Asker, size: int, status: int) -> None:
    content = json.dumps(GOOD).encode() + b" " * size
    pieces: dict[str, Any] = {"CONTENT_TYPE": "application/json", "HTTP_TRANSFER_ENCODING": "chunked"}
    pieces |= {"wsgi.input": io.BytesIO(content), "wsgi.input_terminated": True}
    answer = asker.browser.generic(
        "POST", LOOKUPS, b"", content_type="application/json", headers=asker.headers, **pieces
    )
    assert answer.status_code == status


def test_the_largest_body_is_read(asker: Asker) -> None:
    assert asker.post(json.dumps(GOOD).encode().ljust(4096)).status_code == 200


@pytest.mark.parametrize(
    ("query", "name", "kind"),
    [
        ({"after": "!"}, "after", "schemaViolation"),
        ({"after": "a" * 201}, "after", "schemaViolation"),
        ({"after": "\x00"}, "after", "schemaViolation"),
        ({"after": "abc"}, "after", "invalidInput"),
        ({"after": "MS4yLjMuNC41"}, "after", "invalidInput"),
        ({"limit": "0"}, "limit", "schemaViolation"),
        ({"limit": "501"}, "limit", "schemaViolation"),
        ({"limit": "many"}, "limit", "schemaViolation"),
        ({"limit": "9" * 30}, "limit", "schemaViolation"),
        ({"ssin": SSIN}, "", "unknownInput"),
        ({"language": "fr"}, "language", "unknownInput"),
        ({"limit": ["1", "2"]}, "", "schemaViolation"),
    ],
)
def test_a_wrong_parameter_is_refused(asker: Asker, query: dict[str, Any], name: str, kind: str) -> None:
    answer = asker.browser.get(FEED, query, headers=asker.headers)
    wrong(answer, name, kind)
    assert answer.json()["issues"][0]["in"] == "query"


@pytest.mark.asvs(28)
@pytest.mark.parametrize("address", [LOOKUPS, FEED])
def test_other_methods_are_refused_with_a_problem(asker: Asker, address: str) -> None:
    wanted = "POST" if address == LOOKUPS else "GET"
    for method in {"GET", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "TRACE", "PROPFIND"} - {wanted}:
        answer = asker.browser.generic(method, address, headers=asker.headers)
        problem_of(answer, 405, "methodNotAllowed")
        assert wanted in answer.headers["Allow"], method


def test_looking_at_the_head_is_looking(asker: Asker) -> None:
    answer = asker.browser.head(FEED, headers=asker.headers)
    assert (answer.status_code, answer.content) == (200, b"")
    assert asker.browser.head(LOOKUPS, headers=asker.headers).status_code == 405
    assert Browser().head(FEED).status_code == 401


@pytest.mark.parametrize("path", ["", "v1/", "v1", "v1/role-lookups/", "v1/changes/x", "v2/changes", "v1/openapi.json"])
def test_unknown_addresses_are_problems(asker: Asker, path: str) -> None:
    problem_of(asker.browser.get(f"/fas/api/{path}", headers=asker.headers), 404, "resourceNotFound")


def test_a_fault_of_ours_is_a_problem_without_details(asker: Asker, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(*_a: Any, **_k: Any) -> None:
        raise RuntimeError(SSIN)

    monkeypatch.setattr("fas.api.interface.look_up", fail)
    answer = asker.post(GOOD)
    problem_of(answer, 500, "internalServerError")
    assert SSIN not in answer.content.decode()
    assert answer.headers["X-Request-ID"]


def test_a_database_that_is_away_is_a_problem_with_a_time(asker: Asker, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(*_a: Any, **_k: Any) -> None:
        raise OperationalError("away")

    monkeypatch.setattr("fas.api.access.find_token", fail)
    answer = asker.post(GOOD)
    problem_of(answer, 503, "serviceUnavailable")
    assert answer.headers["Retry-After"] == "10"


def test_with_debug_a_fault_is_still_a_problem(asker: Asker, settings: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    settings.DEBUG = True
    monkeypatch.setattr("fas.api.interface.look_up", lambda *a, **k: 1 / 0)
    problem_of(asker.post(GOOD), 500, "internalServerError")
    problem_of(asker.post(b"{"), 400, "badRequest")
