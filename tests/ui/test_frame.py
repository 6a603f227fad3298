"""The frame of every page: titles, languages, navigation, who acts for whom (SCREENS 1.2 and 1.3)."""

import re
from dataclasses import dataclass, field
from datetime import UTC, datetime

import pytest
from django import forms
from django.template import engines
from django.test import RequestFactory
from django.utils import translation

from csam.session_end import SessionEnd

LANGUAGES = [("fr", "Français"), ("nl", "Nederlands"), ("de", "Deutsch"), ("en", "English")]


@dataclass
class Company:
    name: str = "Boulangerie Dubois SRL"
    name_lang: str = ""
    formatted_number: str = "0999.999.922"


@dataclass
class Acting:
    """Just what the frame reads of an acting context."""

    person: str = "Jean Dubois"
    organisation: Company | None = field(default_factory=Company)
    links: tuple[int, ...] = (1,)
    can_change: bool = False
    is_manager: bool = True
    signed_in_at: datetime = datetime(2026, 11, 21, 13, 5, tzinfo=UTC)


PAGE = (
    '{% extends "base.html" %}{% block title %}Who & what?{% endblock %}{% block content %}<p>Content</p>{% endblock %}'
)


def draw(path="/my-roles/", *, acting=None, source=PAGE, language="en", **context):
    request = RequestFactory().get(path)
    request.acting = acting
    base = {"simulation": False, "demo_instance": False, "portal_languages": LANGUAGES, "session_end": None}
    with translation.override(language):
        return engines["django"].from_string(source).render({**base, **context}, request)


def in_engine(page: str) -> str:
    return re.sub(r"\s+", " ", page)


def test_title_and_heading_say_the_same_and_stand_once():
    page = draw()
    assert "<title>Who & what? – Role management</title>" in page
    assert re.findall(r"<h1>(.*?)</h1>", page) == ["Who & what?"]


def test_the_heading_that_repeats_the_title_is_escaped_once():
    page = draw(source=PAGE.replace("Who & what?", "{{ name }}"), name="<b>")
    assert re.findall(r"<h1>(.*?)</h1>", page) == ["&lt;b&gt;"]


def test_a_page_with_errors_says_so_in_its_title_and_first_in_main():
    page = draw(error_list=[("#id_q", "Enter at least 3 characters")])
    assert "<title>Error: Who & what?" in page
    main = page[page.index("<main") :]
    assert main.index("There is a problem") < main.index("<h1>")
    assert '<a href="#id_q">Enter at least 3 characters</a>' in main
    assert re.search(
        r'<section class="error-summary" aria-labelledby="error-summary-title" tabindex="-1" autofocus>', main
    )


def test_an_invalid_form_fills_the_summary_by_itself():
    class Search(forms.Form):
        q = forms.CharField(error_messages={"required": "Enter at least 3 characters"})

    page = draw(form=Search({}))
    assert "<title>Error: " in page
    assert '<a href="#id_q">Enter at least 3 characters</a>' in page
    assert "There is a problem" not in draw(form=Search())


def test_the_skip_link_comes_first_and_leads_to_main():
    page = draw()
    assert re.search(r'<body>\s*<a class="skip-link" href="#main-content">Skip to main content</a>', page)
    assert re.search(r'<main[^>]* id="main-content" tabindex="-1">', page)


def test_the_current_language_is_text_and_the_others_are_links_in_their_own_language():
    page = draw(language="nl")
    assert '<html lang="nl">' in page
    page = page.replace('<span class="short">NL </span>', "").replace('<span class="short">DE </span>', "")  # on phones
    assert '<span lang="nl" aria-current="true"><span class="long">Nederlands</span></span>' in page
    assert '<a href="?language=de" lang="de" hreflang="de"><span class="long">Deutsch</span></a>' in page
    assert page.count("hreflang=") == 3


def test_a_change_of_language_keeps_the_rest_of_the_address():
    assert 'href="?role=CCB&amp;language=fr"' in draw("/assignments/new/?role=CCB")


@pytest.mark.parametrize(("simulation", "shown"), [(True, 1), (False, 0)])
def test_the_simulation_is_announced_while_pretend_keys_are_on(simulation, shown):
    page = draw(simulation=simulation)
    assert page.count("Simulation: this is not an official website of the Belgian State") == shown


@pytest.mark.parametrize(("demo", "shown"), [(True, 1), (False, 0)])
def test_the_mailbox_is_linked_in_a_demo_only(demo, shown):
    assert draw(simulation=True, demo_instance=demo).count('href="/mailbox/"') == shown


def test_signed_out_there_is_no_person_and_no_navigation():
    page = draw()
    assert "Sign out" not in page
    assert "service-nav" not in page
    assert "acting for" not in page


def test_signing_out_is_a_post_with_its_token():
    page = in_engine(draw(acting=Acting()))
    assert re.search(r'<form method="post" action="/logout/"><input type="hidden" name="csrfmiddlewaretoken"', page)
    assert "Jean Dubois" in page


def links(page: str) -> dict[str, str]:
    """Return href -> aria-current of the service navigation."""
    nav = page[page.index('<nav class="service-nav"') :]
    return dict(re.findall(r'<a href="([^"]+)"(?: aria-current="(\w+)")?>', nav[: nav.index("</nav>")]))


def test_a_manager_sees_three_links_and_an_employee_two():
    assert list(links(draw(acting=Acting()))) == ["/", "/my-roles/", "/assignments/"]
    assert list(links(draw(acting=Acting(is_manager=False)))) == ["/", "/my-roles/"]


@pytest.mark.parametrize(
    ("path", "current"),
    [
        ("/", {"/": "page", "/my-roles/": "", "/assignments/": ""}),
        ("/my-roles/", {"/": "", "/my-roles/": "page", "/assignments/": ""}),
        ("/assignments/abc/", {"/": "", "/my-roles/": "", "/assignments/": "true"}),
        ("/history/", {"/": "true", "/my-roles/": "", "/assignments/": ""}),
        ("/access-managers/", {"/": "true", "/my-roles/": "", "/assignments/": ""}),
        ("/access-managers/new/", {"/": "true", "/my-roles/": "", "/assignments/": ""}),
        ("/invitations/", {"/": "true", "/my-roles/": "", "/assignments/": ""}),
        ("/invitation/", {"/": "true", "/my-roles/": "", "/assignments/": ""}),
        ("/assignments/new/", {"/": "true", "/my-roles/": "", "/assignments/": ""}),
        ("/acting-for/", {"/": "", "/my-roles/": "", "/assignments/": ""}),
    ],
)
def test_the_current_page_and_the_parent_of_a_sub_page_are_marked(path, current):
    assert links(draw(path, acting=Acting())) == current


def test_a_view_may_name_the_parent():
    assert links(draw("/assignments/abc/", acting=Acting(), nav="my_roles"))["/my-roles/"] == "true"
    assert links(draw("/assignments/abc/", acting=Acting(), nav="my_roles"))["/assignments/"] == ""


def test_the_organisation_one_acts_for_is_named_and_can_be_changed_with_several():
    one = in_engine(draw(acting=Acting()))
    several = in_engine(draw(acting=Acting(links=(1, 2), can_change=True)))
    assert "You are acting for <strong>Boulangerie Dubois SRL</strong> (0999.999.922)" in one
    assert "/acting-for/" not in one
    assert '<a href="/acting-for/">Change<span class="visually-hidden">' in several
    assert "You are acting in your own name only" in draw(acting=Acting(organisation=None))


def test_the_name_of_the_organisation_is_marked_where_it_is_in_another_language():
    page = in_engine(draw(acting=Acting(organisation=Company(name="Dubois & Fils", name_lang="fr"))))
    assert 'You are acting for <strong><span lang="fr">Dubois &amp; Fils</span></strong> (0999.999.922)' in page


def test_the_footer_tells_when_the_session_ends():
    ends = datetime(2026, 11, 21, 14, 5, tzinfo=UTC)
    assert "Your session ends at 15:05 if you do nothing" in draw(session_end=SessionEnd(ends, is_final=False))
    assert "Your session ends at 15:05. After that," in draw(session_end=SessionEnd(ends, is_final=True))
    assert "Your session" not in draw()


def test_the_notice_of_the_end_holds_its_words_but_shows_none_without_the_script():
    page = draw("/requests/?page=2", session_end=SessionEnd(datetime.now(UTC), is_final=False), session_seconds=1790)
    assert '<section class="session-notice" aria-label="Your session"><div id="session-notice" role="status"' in page
    assert ' data-left="1790"></div></section>' in page
    words = page[page.index("<template") : page.index("</template>")]
    assert "Your session ends in less than two minutes if you do nothing." in words
    assert 'href="/login/"' in words
    assert words.count("Stay signed in") == page.count("Stay signed in") == 1
    assert " data-final></div>" in draw(session_end=SessionEnd(datetime.now(UTC), is_final=True))
    assert "session-notice" not in draw()


@pytest.mark.parametrize("href", ["/help/", "/accessibility/", "/privacy/", "/help/#contact"])
def test_help_and_contact_are_on_every_page(href):
    assert f'<a href="{href}">' in draw()


def test_a_cold_visit_asks_for_four_files_at_most():
    assert len(re.findall(r'(?:href|src)="/static/', draw())) + 1 <= 4


def test_a_back_link_stands_in_its_own_landmark():
    assert re.search(r'<nav class="wrap back" aria-label="Back"><a href="/x/">Back</a></nav>', draw(back="/x/"))
    assert 'class="wrap back"' not in draw()
