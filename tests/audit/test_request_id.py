"""Every answer tells the id under which the audit trail knows its request."""

import re

from django.http import HttpRequest, HttpResponse
from django.test import RequestFactory

from audit.context import RequestIdMiddleware, request_id


def test_the_view_and_the_answer_share_one_id_and_the_next_request_has_another(rf: RequestFactory) -> None:
    seen: list[str] = []

    def view(request: HttpRequest) -> HttpResponse:
        seen.append(request_id.get())
        return HttpResponse()

    middleware = RequestIdMiddleware(view)
    answers = [middleware(rf.get("/")).headers["X-Request-ID"] for _ in range(2)]
    assert answers == seen
    assert answers[0] != answers[1]
    assert all(re.fullmatch(r"[0-9a-f]{32}", answer) for answer in answers)
    assert request_id.get() == ""


def test_an_id_from_outside_is_not_believed(rf: RequestFactory) -> None:
    middleware = RequestIdMiddleware(lambda request: HttpResponse())
    answer = middleware(rf.get("/", headers={"X-Request-ID": "forged"}))
    assert answer.headers["X-Request-ID"] != "forged"


def test_an_error_ends_the_request_too(rf: RequestFactory) -> None:
    def broken(request: HttpRequest) -> HttpResponse:
        raise ZeroDivisionError

    try:
        RequestIdMiddleware(broken)(rf.get("/"))
    except ZeroDivisionError:
        assert request_id.get() == ""
    else:
        raise AssertionError("the error was swallowed")
