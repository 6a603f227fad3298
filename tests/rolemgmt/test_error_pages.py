"""500 and 503 need neither database nor language; the others speak the reader's. These tests open no database."""

import re
from datetime import timedelta

import pytest
from django.db import OperationalError
from django.test import Client

pytestmark = pytest.mark.urls("tests.rolemgmt.sample_urls")


def languages_on(page: str) -> set[str]:
    return set(re.findall(r'lang="([a-z]{2})"', page))


def get(path: str) -> object:
    return Client(raise_request_exception=False).get(path)


@pytest.mark.asvs(74)
def test_a_fault_gives_a_plain_page_in_four_languages_with_a_reference():
    response = get("/sample/broken/")
    page = response.content.decode()
    assert response.status_code == 500
    assert languages_on(page) >= {"fr", "nl", "de", "en"}
    assert response.headers["X-Request-ID"] in page
    assert "RuntimeError" not in page
    assert "85.07.30" not in page


@pytest.mark.threat(37)
@pytest.mark.parametrize("path", ["/sample/database-away/", "/sample/connection-lost/"])
def test_without_database_the_answer_is_503_with_the_time_to_come_back(path):
    response = get(path)
    page = response.content.decode()
    assert response.status_code == 503
    assert timedelta(seconds=int(response.headers["Retry-After"])) <= timedelta(minutes=1)
    assert languages_on(page) >= {"fr", "nl", "de", "en"}


def test_a_database_that_fails_in_a_middleware_is_503_as_well(monkeypatch):
    def away(*_args, **_kwargs):
        raise OperationalError("server closed the connection")

    monkeypatch.setattr("django.contrib.sessions.backends.db.SessionStore.load", away)
    client = Client(raise_request_exception=False)
    client.cookies["session"] = "a" * 32
    response = client.get("/sample/language/")
    assert response.status_code == 503
    assert "Content-Security-Policy" in response.headers


def test_an_unknown_host_is_refused_without_database():
    response = Client(raise_request_exception=False, headers={"Host": "evil.example"}).get("/sample/language/")
    assert response.status_code == 400
    assert b"evil.example" not in response.content


@pytest.mark.parametrize(("language", "html"), [("fr", "fr"), ("nl", "nl"), ("de", "de"), ("en", "en")])
def test_an_unknown_address_is_404_in_the_readers_language(db, language, html):
    client = Client()
    client.cookies["language"] = language
    response = client.get("/no-such-page/")
    assert response.status_code == 404
    assert f'<html lang="{html}"' in response.content.decode()


def test_what_django_refuses_is_403(db, client):
    assert client.get("/sample/forbidden/").status_code == 403


@pytest.mark.asvs(23)
def test_a_form_without_its_token_is_refused_with_a_page(db):
    response = Client(enforce_csrf_checks=True).post("/sample/language/", {"x": "1"})
    assert response.status_code == 403
    assert "<h1" in response.content.decode()
