"""Which language a page speaks, and how the choice is kept (SCREENS, 1.1)."""

import pytest
from django.test import Client

pytestmark = pytest.mark.urls("tests.rolemgmt.sample_urls")


def spoken(client: Client, **headers: str) -> str:
    return client.get("/sample/language/", headers=headers).content.decode()


@pytest.mark.parametrize(
    ("accepted", "language"),
    [("fr-BE,fr;q=0.9", "fr"), ("nl", "nl"), ("de-DE", "de"), ("en-GB", "en"), ("es,it", "en"), ("", "en")],
)
def test_a_first_visit_speaks_what_the_browser_prefers(client, accepted, language):
    assert spoken(client, **{"Accept-Language": accepted}) == language


def test_the_choice_is_kept_in_a_cookie_and_leaves_the_address(client):
    response = client.get("/sample/language/?language=nl&page=2&status=a&status=b")
    assert response.status_code == 302
    assert response.headers["Location"] == "/sample/language/?page=2&status=a&status=b"
    cookie = response.cookies["language"]
    assert (cookie.value, cookie["httponly"], cookie["samesite"], cookie["path"]) == ("nl", True, "Lax", "/")
    assert spoken(client, **{"Accept-Language": "fr"}) == "nl"


@pytest.mark.parametrize("value", ["es", "", "fr-BE", "../x", "FR"])
def test_an_unknown_language_is_dropped_from_the_address_and_not_kept(client, value):
    response = client.get("/sample/language/", {"language": value})
    assert response.headers["Location"] == "/sample/language/"
    assert "language" not in response.cookies


def test_a_forged_cookie_does_not_count(client):
    client.cookies["language"] = "xx"
    assert spoken(client, **{"Accept-Language": "de"}) == "de"


@pytest.mark.asvs(24)
def test_the_way_back_never_leaves_the_site(client):
    response = client.get("/", query_params={"language": "fr"}, PATH_INFO="//evil.example/")
    assert response.headers["Location"].startswith("/%2Fevil.example/")


def test_a_post_does_not_choose_a_language(client):
    response = client.post("/sample/language/?language=fr", headers={"Accept-Language": "nl"})
    assert response.content == b"nl"
    assert "language" not in response.cookies


def test_the_answer_says_its_language(client):
    response = client.get("/sample/language/", headers={"Accept-Language": "de"})
    assert response.headers["Content-Language"] == "de"
    assert "Accept-Language" in response.headers["Vary"]


def test_a_signed_in_persons_own_language_comes_before_the_browsers(cast, sign_in):
    browser = sign_in(cast.ingrid)
    assert spoken(browser, **{"Accept-Language": "fr"}) == "de"
    browser.cookies["language"] = "nl"
    assert spoken(browser, **{"Accept-Language": "fr"}) == "nl"


def test_the_choice_is_kept_on_the_person_too(cast, sign_in):
    browser = sign_in(cast.ingrid)
    browser.get("/sample/language/?language=en")
    cast.ingrid.refresh_from_db()
    assert cast.ingrid.language == "en"
    assert spoken(sign_in(cast.ingrid), **{"Accept-Language": "fr"}) == "en"


@pytest.mark.asvs(23)
def test_asking_for_the_headers_only_keeps_no_choice(cast, sign_in):
    browser = sign_in(cast.ingrid)
    response = browser.head("/sample/language/?language=en")
    cast.ingrid.refresh_from_db()
    assert cast.ingrid.language == "de"
    assert "language" not in response.cookies
