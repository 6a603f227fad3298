"""Pages travel compressed, and what a page keeps secret cannot be guessed from its length (SCREENS 14, row 10)."""

import gzip
import re

import pytest
from django.middleware.gzip import GZipMiddleware
from django.test import Client, RequestFactory

from roles.exports import csv_answer
from tests.conftest import Cast

GZIP = {"Accept-Encoding": "gzip, deflate, br"}


def opened(answer) -> str:
    """Return the text of a compressed answer."""
    assert answer.headers["Content-Encoding"] == "gzip"
    assert int(answer.headers["Content-Length"]) == len(answer.content)
    return gzip.decompress(answer.content).decode()


@pytest.mark.parametrize("path", ["/", "/login/", "/help/", "/no/such/page/"])
def test_a_page_is_compressed_for_browsers_that_can_open_it(client: Client, db: None, path: str) -> None:
    packed = client.get(path, headers=GZIP)
    page = opened(packed)
    assert "</html>" in page
    assert len(packed.content) < len(page.encode()) * 0.6
    assert "Accept-Encoding" in packed.headers["Vary"]
    assert packed.headers["Cache-Control"] == "no-store"
    plain = client.get(path)
    assert "Content-Encoding" not in plain.headers
    assert "Accept-Encoding" in plain.headers["Vary"]


@pytest.mark.urls("tests.rolemgmt.sample_urls")
@pytest.mark.parametrize(("path", "status"), [("/sample/broken/", 500), ("/sample/database-away/", 503)])
def test_the_static_pages_for_what_went_wrong_are_too(path: str, status: int) -> None:
    answer = Client(raise_request_exception=False).get(path, headers=GZIP)
    assert answer.status_code == status
    assert "</html>" in opened(answer)


def test_a_browser_that_cannot_open_it_gets_it_plain(client: Client, db: None) -> None:
    assert b"</html>" in client.get("/login/", headers={"Accept-Encoding": "identity"}).content


def test_an_answer_without_words_stays_as_it_is(client: Client, db: None) -> None:
    answer = client.get("/profile/", headers=GZIP)
    assert answer.status_code == 302
    assert "Content-Encoding" not in answer.headers


def test_asking_for_the_head_only_tells_the_same(client: Client, db: None) -> None:
    answer = client.head("/login/", headers=GZIP)
    assert (answer.status_code, answer.headers["Content-Encoding"], answer.content) == (200, "gzip", b"")


def test_a_list_to_download_is_the_same_list() -> None:
    listing = csv_answer("list.csv", ["Name", "Role"], [["Zoé", f"role {n}"] for n in range(40)])
    plain = listing.content
    packed = GZipMiddleware(lambda _request: listing)(RequestFactory().get("/", headers=GZIP))
    assert packed.headers["Content-Type"] == "text/csv; charset=utf-8"
    assert packed.headers["Content-Disposition"] == 'attachment; filename="list.csv"'
    assert opened(packed).encode() == plain


def test_the_administration_is_compressed(cast: Cast, sign_in) -> None:
    assert "</html>" in opened(sign_in(cast.sofie).get("/admin/", headers=GZIP))


def test_the_token_of_a_form_looks_different_each_time_and_so_does_the_length(cast: Cast, sign_in) -> None:
    jean = sign_in(cast.jean)
    answers = [jean.get("/profile/", headers=GZIP) for _time in range(8)]
    pages = [opened(answer) for answer in answers]
    tokens = {re.search(r'name="csrfmiddlewaretoken" value="(\w+)"', page)[1] for page in pages}
    assert len(tokens) == len(pages)
    assert len({len(page) for page in pages}) == 1
    assert len({len(answer.content) for answer in answers}) > 1
