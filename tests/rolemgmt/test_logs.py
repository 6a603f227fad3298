"""No national number, query string or database value reaches a log line or an error report (threat 17)."""

import io
import logging
import re
from datetime import UTC, datetime, timedelta

import pytest
from django.conf import settings
from django.db import IntegrityError
from django.test import Client, RequestFactory

from rolemgmt.logs import PrivacyFilter, PrivateFormatter, without_secrets
from rolemgmt.reports import PrivateReporterFilter

SPELLINGS = [
    "85073003328",
    "85.07.30-033.28",
    "85 07 30 033 28",
    "85/07/30-033/28",
    "850730 03328",
    "85 .07 .30 - 033 .28",
    "85\u00a007\u00a030\u00a0033\u00a028",
]


@pytest.fixture
def written():
    """Return a logger and the text that the portal's own handler writes for it."""
    stream = io.StringIO()
    handler = logging.StreamHandler(stream)
    handler.addFilter(PrivacyFilter())
    handler.setFormatter(PrivateFormatter(settings.LOGGING["formatters"]["line"]["format"], style="{"))
    logger = logging.Logger("sample", level=logging.INFO)
    logger.addHandler(handler)
    return logger, stream


@pytest.mark.threat(17)
@pytest.mark.parametrize("spelling", SPELLINGS)
def test_a_national_number_is_masked_in_every_spelling(written, spelling):
    logger, stream = written
    logger.info("looked for %s in the register", spelling)
    logger.info(f"looked for {spelling} in the register")
    assert stream.getvalue().count("looked for [number] in the register") == 2
    assert spelling not in stream.getvalue()


@pytest.mark.parametrize("kept", ["AR-2026-004821-1", "0999.999.922", "1763697600123456789", "took 1234567890 ns"])
def test_other_figures_stay(kept):
    assert without_secrets(kept) == kept


def test_query_strings_are_dropped(written):
    logger, stream = written
    logger.warning("Not Found: /admin/tenants/person/?q=anna+peeters&o=1")
    logger.warning('"GET /x/?next=/my-roles/ HTTP/1.1" 200')
    assert "/admin/tenants/person/\n" in stream.getvalue()
    assert '"GET /x/ HTTP/1.1" 200' in stream.getvalue()
    assert "anna" not in stream.getvalue()


def test_the_text_of_a_database_error_is_withheld(written):
    logger, stream = written
    try:
        try:
            raise IntegrityError("duplicate key DETAIL: Key (email_key)=(anna@exemple.be) already exists.")
        except IntegrityError as error:
            raise RuntimeError("the row was refused") from error
    except RuntimeError:
        logger.exception("could not store")
    assert "anna@exemple.be" not in stream.getvalue()
    assert "IntegrityError" in stream.getvalue()
    assert "the row was refused" in stream.getvalue()


def test_a_line_break_cannot_forge_a_second_line(written):
    logger, stream = written
    logger.info("name: %s", "Anna\n2026-11-21 INFO sample all is well\r")
    assert stream.getvalue().count("\n") == 1


@pytest.mark.asvs(73)
def test_the_time_is_utc(written):
    logger, stream = written
    logger.info("now")
    assert re.match(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z INFO sample now$", stream.getvalue())
    stamp = datetime.fromisoformat(stream.getvalue().split(" ", 1)[0].replace("Z", "+00:00"))
    assert abs(datetime.now(UTC) - stamp) < timedelta(minutes=1)


def test_a_bad_format_does_not_lose_the_line(written):
    logger, stream = written
    logger.info("only %s of %s", "one")
    assert "only" in stream.getvalue()


@pytest.mark.urls("tests.rolemgmt.sample_urls")
@pytest.mark.parametrize("path", ["/sample/broken/?q=85073003328", "/sample/database-away/?q=85073003328"])
def test_a_failing_request_leaves_no_number_in_the_log(written, monkeypatch, path):
    logger, stream = written
    django = logging.getLogger("django.request")
    monkeypatch.setattr(django, "handlers", logger.handlers)
    monkeypatch.setattr(django, "propagate", False)
    Client(raise_request_exception=False).get(path)
    assert "Traceback" in stream.getvalue()
    assert "85073003328" not in stream.getvalue()
    assert "85.07.30" not in stream.getvalue().replace('number = "85.07.30-033.28"', "")


def test_every_handler_of_the_portal_is_private():
    for handler in settings.LOGGING["handlers"].values():
        assert handler["filters"] == ["private"]
        assert handler["formatter"] == "line"
    assert settings.ADMINS == []


def test_error_reports_name_fields_and_variables_but_hold_no_value():
    request = RequestFactory().post("/x/", {"number": "85073003328"})
    request.COOKIES["session"] = "abc"
    hidden = PrivateReporterFilter()
    assert "85073003328" not in str(hidden.get_post_parameters(request))
    assert "number" in hidden.get_post_parameters(request)
    assert "abc" not in str(hidden.get_safe_cookies(request))
    secret = "85073003328"  # noqa: F841 - read through the frame
    try:
        raise RuntimeError
    except RuntimeError as error:
        variables = dict(hidden.get_traceback_frame_variables(request, error.__traceback__.tb_frame))
    assert "85073003328" not in str(variables)
    assert "secret" in variables
