"""Help, accessibility, privacy, and the pages for what went wrong."""

import gzip
import re
from pathlib import Path

import pytest
from django.core.paginator import Paginator
from django.template.loader import get_template
from django.test import Client, RequestFactory
from django.utils import translation

from csam.cookies import ticket_cookie_name
from rolemgmt.measured import measured_rows
from tenants.templatetags.portal import page_numbers

FLOORS = ("vault", "audit", "outbox", "tenants", "csam", "roles", "rolemgmt")


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("path", "heading"),
    [("/help/", "Help"), ("/accessibility/", "Accessibility statement"), ("/privacy/", "Privacy")],
)
def test_everybody_can_read_them_without_signing_in(client, path, heading):
    response = client.get(path, headers={"Accept-Language": "en"})
    page = response.content.decode()
    assert response.status_code == 200
    assert re.findall(r"<h1>(.*?)</h1>", page) == [heading]
    assert f"<title>{heading} – " in page
    assert client.post(path).status_code == 405


QUESTIONS = {
    "I need access": ["access-manager", "roles", "ask", "not-active", "invitation"],
    "I give access": ["assign", "not-found", "abroad", "leaver", "change", "draft"],
    "Signing in, and what I may do": ["keys", "not-allowed", "history", "contact"],
}


@pytest.mark.django_db
def test_help_sorts_its_questions_by_who_asks_and_answers_them_in_that_order(client):
    page = client.get("/help/", headers={"Accept-Language": "en"}).content.decode()
    contents = page[page.index('<nav aria-label="Questions"') :]
    groups = re.findall(r"<strong>(.*?)</strong></p>\s*<ul>(.*?)</ul>", contents, re.S)
    assert {name: re.findall(r'href="#([a-z-]+)"', links) for name, links in groups} == QUESTIONS
    anchors = re.findall(r'<h[23] id="([a-z-]+)" tabindex="-1">', page)
    assert anchors == [anchor for group in QUESTIONS.values() for anchor in group]


@pytest.mark.django_db
def test_every_question_reads_the_same_in_the_contents_and_above_its_answer(client):
    page = client.get("/help/", headers={"Accept-Language": "en"}).content.decode()
    asked = dict(re.findall(r'<li><a href="#([a-z-]+)">(.*?)</a>', page))
    answered = dict(re.findall(r'<h[23] id="([a-z-]+)" tabindex="-1">(.*?)</h', page))
    assert asked == answered
    assert len(asked) == 15


@pytest.mark.django_db
def test_every_answer_leads_to_the_page_where_it_is_done(client):
    page = client.get("/help/", headers={"Accept-Language": "en"}).content.decode()
    parts = re.split(r'<h3 id="([a-z-]+)"', page.split("</nav>")[-1])[1:]
    answers = dict(zip(parts[::2], parts[1::2], strict=True))
    assert [name for name, answer in answers.items() if 'href="/' not in answer] == []
    assert 'href="/help/roles/"' in answers["roles"]
    for path in ("/assignments/", "/access-managers/"):
        assert f'href="{path}"' in answers["leaver"]


@pytest.mark.django_db
def test_every_anchor_that_pages_link_to_is_on_the_help_page(client):
    page = client.get("/help/", headers={"Accept-Language": "en"}).content.decode()
    templates = Path(__file__).parents[2] / "templates"
    linked = {
        anchor
        for path in templates.rglob("*.html")
        for anchor in re.findall(r"(?:/help/|{% url 'help' %})#([a-z-]+)", path.read_text(encoding="utf-8"))
    }
    assert {"access-manager", "keys", "contact"} <= linked
    assert [anchor for anchor in linked if f'id="{anchor}"' not in page] == []


@pytest.mark.django_db
@pytest.mark.parametrize("path", ["/", "/help/", "/accessibility/", "/privacy/"])
@pytest.mark.parametrize("language", ["fr", "nl", "de", "en"])
def test_pages_of_words_are_light(client, path, language):
    page = client.get(path, headers={"Accept-Language": language}).content
    assert len(page) <= 80_000
    assert len(gzip.compress(page)) <= 10_000


@pytest.mark.django_db
@pytest.mark.parametrize("path", ["/help/", "/accessibility/", "/privacy/"])
def test_pages_of_words_ask_the_database_for_nothing(client, path, django_assert_num_queries):
    with django_assert_num_queries(0):
        client.get(path)


@pytest.mark.django_db
def test_the_start_page_says_what_one_can_do_and_what_one_needs(client):
    page = client.get("/", headers={"Accept-Language": "en"}).content.decode()
    items = re.findall(r"<span>([^<]*)</span></a></li>", page)
    assert items[:4] == ["assign a role", "see your roles", "approve a request", "invite somebody"]
    assert 'href="/help/roles/"' in page
    main = page[page.index("<main") :]
    assert re.findall(r'<(?:a|button|input)[^>]*class="([^"]*)"', main)[0] == "button"


@pytest.mark.django_db
def test_the_statement_carries_its_date_and_its_standard(client):
    page = client.get("/accessibility/", headers={"Accept-Language": "en"}).content.decode()
    assert "21 November 2026" in page
    assert "EN 301 549" in page
    assert "partially conformant" in page


@pytest.mark.django_db
def test_the_statement_shows_each_number_beside_its_target_and_day(client):
    page = client.get("/accessibility/", headers={"Accept-Language": "de"}).content.decode()
    rows = re.findall(r'<tr role="row"><th role="rowheader".*?</tr>', page)
    assert len(rows) == len(measured_rows()) >= 5
    for row in rows:
        assert len(re.findall(r'<td role="cell" data-label="[^"]+">[^<]+</td>', row)) == 3
        assert re.search(r">\d\d\.\d\d\.\d{4}</td>", row)


def test_the_statement_names_whom_to_complain_to_in_turn(client):
    page = client.get("/accessibility/", headers={"Accept-Language": "en"}).content.decode()
    places = [page.index(words) for words in ("contact on the help page", "organisation that runs", "ombudsman")]
    assert places == sorted(places)


@pytest.mark.django_db
def test_privacy_names_the_rights_and_where_to_complain(client):
    page = client.get("/privacy/", headers={"Accept-Language": "en"}).content.decode()
    for words in ("ask for a copy", "Have them corrected", "within one month", "Data Protection Authority"):
        assert words in page


@pytest.mark.django_db
def test_privacy_counts_the_cookies_that_the_code_sets(client, settings):
    page = client.get("/privacy/", headers={"Accept-Language": "en"}).content.decode()
    named = page[page.index("There are four cookies") :].split("</dl>")[0].count("<dt>")
    names = {
        settings.SESSION_COOKIE_NAME,
        settings.CSRF_COOKIE_NAME,
        settings.LANGUAGE_COOKIE_NAME,
        ticket_cookie_name(),
    }
    assert named == len(names) == 4
    root = Path(__file__).parents[2]
    sources = [path for folder in FLOORS for path in (root / folder).rglob("*.py")]
    ours = [path for path in sources if root / "rolemgmt/demo/services" not in path.parents]  # these are other sites
    setting = [path.name for path in ours if ".set_cookie(" in path.read_text(encoding="utf-8")]
    assert sorted(setting) == ["cookies.py", "middleware.py"]


@pytest.mark.django_db
def test_privacy_names_invited_people_reasons_and_who_reads_them(client):
    page = client.get("/privacy/", headers={"Accept-Language": "en"}).content.decode()
    for words in (
        "Of a person who is invited: the name, language and e-mail address",
        "The reasons and messages that people write",
        "read its history with the reasons that were given",
        "they receive your name and e-mail address",
        "“My activity”, in your profile, shows you what others did that concerns you",
    ):
        assert words in page


@pytest.mark.django_db
def test_an_unknown_address_is_a_page_with_a_way_on(client):
    response = client.get("/no-such-page/", headers={"Accept-Language": "en"})
    page = response.content.decode()
    assert response.status_code == 404
    assert "<h1>Page not found</h1>" in page
    assert '<a href="/">My open tasks</a>' in page


@pytest.mark.django_db
def test_a_form_without_its_cookie_is_told_so_and_that_cookies_are_needed():
    response = Client(enforce_csrf_checks=True).post("/logout/", headers={"Accept-Language": "en"})
    page = response.content.decode()
    assert response.status_code == 403
    assert "<h1>This page was open too long. Reload it and try again</h1>" in page
    assert "Your browser sent no cookie." in page  # this one has none
    assert "draft" not in page  # nobody is signed in


@pytest.mark.parametrize(
    ("number", "of", "offered"),
    [
        (1, 1, [1]),
        (1, 13, [1, 2, None, 13]),
        (7, 13, [1, None, 6, 7, 8, None, 13]),
        (13, 13, [1, None, 12, 13]),
        (2, 4, [1, 2, 3, 4]),
    ],
)
def test_of_many_pages_those_around_this_one_are_offered_and_the_ends(number, of, offered):
    assert page_numbers(Paginator(range(of), 1).page(number)) == offered


def test_a_draft_that_is_gone_says_how_long_drafts_live(settings):
    settings.DRAFT_HOURS = 24
    request = RequestFactory().get("/")
    request.acting = None
    with translation.override("en"):
        page = get_template("410.html").render({"portal_languages": []}, request)
    assert "Drafts are kept for 24 hours." in page


@pytest.mark.parametrize("name", ["400.html", "500.html", "503.html"])
def test_pages_without_database_say_it_in_four_languages_and_load_nothing_that_a_release_renames(name):
    page = get_template(name).render({})
    assert re.findall(r'<div lang="(\w+)">', page) == ["fr", "nl", "de", "en"]
    assert page.count("<h1") == 1
    assert set(re.findall(r'(?:href|src)="([^"]+)"', page)) == {"/", "/static/favicon.svg", "/static/css/portal.css"}
    assert "{{" not in page
    assert "Référence" not in page
    # Who sent something unreadable mends it alone; anything else can be told with its reference.
    assert ("abc123" in get_template(name).render({"reference": "abc123"})) is (name != "400.html")
