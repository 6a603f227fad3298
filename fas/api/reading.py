"""Reading what services send: small, one value a name, and nothing that is not asked."""

import json
from typing import Any

from django.http import HttpRequest
from django.utils.datastructures import MultiValueDict
from ninja.parser import Parser

from fas.api.problems import BAD_REQUEST, NOT_JSON, Issue, Problem

LARGEST = 4096  # bytes of a body

_WORDS = {
    "missing": "is missing",
    "string_type": "is not text",
    "string_pattern_mismatch": "is not of the form that the document gives",
    "string_too_long": "is too long",
    "int_parsing": "is not a whole number",
    "greater_than_equal": "is too small",
    "less_than_equal": "is too large",
}


class StrictParser(Parser):
    """JSON without doubled names or impossible numbers; queries without doubled parameters."""

    def parse_body(self, request: HttpRequest) -> Any:
        """Return what the body says. Raises Problem."""
        if request.content_type != "application/json":
            raise Problem(NOT_JSON)
        try:
            return json.loads(request.body, object_pairs_hook=_once_each, parse_constant=_refuse)
        except (ValueError, RecursionError):
            raise Problem(BAD_REQUEST, Issue("", "The body is not JSON that can be read")) from None

    def parse_querydict(self, data: MultiValueDict, list_fields: list[str], request: HttpRequest) -> dict[str, Any]:
        """Return the parameters. Raises Problem."""
        for values in data.lists():
            if len(values[1]) > 1:
                raise Problem(BAD_REQUEST, Issue("", "A parameter comes more than once", where="query"))
        return super().parse_querydict(data, list_fields, request)


def _once_each(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) < len(pairs):
        raise ValueError("a name comes more than once")
    return found


def _refuse(text: str) -> None:
    raise ValueError("no number of JSON")


def issue_of(error: dict[str, Any]) -> Issue:
    """Return an error of pydantic in our words. The names of fields that nobody asked are not repeated."""
    where, *path = error["loc"]
    if error["type"] == "extra_forbidden":
        return Issue("", "There is a field that is not known", "unknownInput", str(where))
    words = _WORDS.get(error["type"], "is not of the form that the document gives")
    name = str(path[-1]) if len(path) > (where == "body") else ""
    return Issue(name, f"{name or 'The body'} {words}", where=str(where))
