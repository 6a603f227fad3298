"""Every part of the look in a real browser: axe, reflow, targets, both schemes (SCREENS 11 and 14)."""

import mimetypes
from datetime import UTC, date, datetime
from pathlib import Path
from types import SimpleNamespace

import pytest
from axe_playwright_python.sync_playwright import Axe
from django import forms
from django.template import engines
from django.test import RequestFactory
from django.utils import translation
from playwright.sync_api import Browser, Page, Route

from tenants.date_field import DateTripleField
from tenants.widgets import CheckboxChoices, RadioChoices

pytestmark = pytest.mark.browser

HOST = "http://portal.test"
STATIC = Path(__file__).parents[2] / "static"
LANGUAGES = [("fr", "Français"), ("nl", "Nederlands"), ("de", "Deutsch"), ("en", "English")]
TEXT_SPACING = "* { line-height: 1.5 !important; letter-spacing: .12em !important; word-spacing: .16em !important }"
MAY_BE_UNSURE: set[str] = set()  # rules that axe may leave undecided, each with its reason


class Parts(forms.Form):
    """One field of each kind."""

    number = forms.CharField(label="Rijksregisternummer", help_text="85.07.30-033.28")
    duration = forms.ChoiceField(
        label="Dauer",
        choices=[("u", "Unbegrenzte Dauer"), ("l", "Begrenzte Dauer")],
        widget=RadioChoices(hints={"u": "Hint"}),
    )
    regions = forms.MultipleChoiceField(label="Regionen", choices=[("a", "A"), ("b", "B")], widget=CheckboxChoices)
    until = DateTripleField(label="Enddatum", help_text="27 3 2028")
    message = forms.CharField(label="Nachricht", widget=forms.Textarea(attrs={"rows": 3}))
    myself = forms.BooleanField(label="Ich selbst", required=False)


# What the frame reads of an acting context.
ACTING = SimpleNamespace(
    person="Jean-Baptiste Vandenbroucke-Schmitz",
    organisation=SimpleNamespace(name="Eupener Werkstätten GmbH", name_lang="de", formatted_number="0999.999.922"),
    links=(1, 2),
    can_change=True,
    is_manager=True,
    signed_in_at=datetime(2026, 11, 21, 13, 5, tzinfo=UTC),
)


def gallery(language: str, *, with_errors: bool) -> str:
    request = RequestFactory().get("/my-roles/")
    request.acting = ACTING
    context = {
        "simulation": True,
        "demo_instance": True,
        "portal_languages": LANGUAGES,
        "form": Parts({"until_day": "31", "until_month": "2", "until_year": "2027"}) if with_errors else Parts(),
        "page": SimpleNamespace(
            number=2, has_previous=True, has_next=True, previous_page_number=1, next_page_number=3, paginator=None
        ),
        "states": [("Active", "green", "active"), ("Scheduled", "blue", "scheduled"), ("Ended", "grey", "ended")],
        "today": date(2026, 11, 21),
        "start": date(2026, 5, 1),
        "end": date(2027, 12, 31),
        "back": "/",
    }
    source = (Path(__file__).parent / "gallery.html").read_text(encoding="utf-8")
    with translation.override(language):
        return engines["django"].from_string(source).render(context, request)


def open_gallery(
    browser: Browser, *, width: int = 1280, language: str = "en", with_errors: bool = False, **options
) -> Page:
    html = gallery(language, with_errors=with_errors)

    def answer(route: Route) -> None:
        path = route.request.url.removeprefix(HOST)
        if path.startswith("/static/"):
            file = STATIC / path.removeprefix("/static/")
            route.fulfill(body=file.read_bytes(), content_type=mimetypes.guess_type(file.name)[0] or "text/plain")
        else:
            route.fulfill(body=html, content_type="text/html; charset=utf-8")

    page = browser.new_context(viewport={"width": width, "height": 800}, bypass_csp=True, **options).new_page()
    page.route(f"{HOST}/**", answer)
    page.goto(HOST)
    return page


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [1280, 320])
@pytest.mark.parametrize("with_errors", [False, True])
def test_axe_finds_nothing(browser, scheme, width, with_errors):
    page = open_gallery(browser, width=width, color_scheme=scheme, with_errors=with_errors)
    found = Axe().run(page).response
    assert [(rule["id"], rule["nodes"][0]["html"]) for rule in found["violations"]] == []
    assert {rule["id"] for rule in found["incomplete"]} <= MAY_BE_UNSURE


@pytest.mark.parametrize("language", ["de", "fr", "nl", "en"])
def test_nothing_runs_off_the_side_however_wide_the_letters(browser, language):
    page = open_gallery(browser, language=language, with_errors=True)
    off = {}
    for spacing in ("", TEXT_SPACING):
        page.add_style_tag(content=spacing or "*{}")
        for width in (320, 640, 896, 1280):
            page.set_viewport_size({"width": width, "height": 800})
            off[width, bool(spacing)] = page.evaluate("document.documentElement.scrollWidth - window.innerWidth")
    assert {where: by for where, by in off.items() if by > 0} == {}


# Links in a line of text are exempt (WCAG 2.5.8).
ALONE = "a:not(.skip-link, .sheet a), button, input:not([type='hidden'])"
SIZES = """selector => [...document.querySelectorAll(selector)].map(element => {
    const after = getComputedStyle(element, "::after").position === "absolute" ? element.closest("li") : element;
    const box = after.getBoundingClientRect();
    return [element.textContent.trim(), Math.round(box.width * 10) / 10, Math.round(box.height * 10) / 10];
})"""


@pytest.mark.parametrize("width", [1280, 320])
def test_what_can_be_pressed_is_large_enough(browser, width):
    page = open_gallery(browser, width=width, with_errors=True)
    small = [row for row in page.evaluate(SIZES, ALONE) if row[1] < 24 or row[2] < 24]
    assert small == []
    buttons = page.evaluate(
        SIZES, "main :is(.button, .button-secondary, .button-ending, .button-text, .task-link), .choice"
    )
    assert [row for row in buttons if row[2] < 44] == []


def test_a_press_on_the_hint_ticks_the_box(browser):
    page = open_gallery(browser)
    box = page.locator("#r1")
    assert box.is_checked()
    page.locator("#r1-hint").scroll_into_view_if_needed()
    hint = page.locator("#r1-hint").bounding_box()
    page.mouse.click(hint["x"] + 5, hint["y"] + 5)
    assert not box.is_checked()


def test_the_whole_row_of_a_task_is_its_link(browser):
    page = open_gallery(browser)
    box = page.locator(".task").first.bounding_box()
    page.mouse.click(box["x"] + box["width"] * 0.7, box["y"] + box["height"] - 4)
    page.wait_for_url(f"{HOST}/a/")


def test_the_error_summary_takes_focus_and_shows_it(browser):
    page = open_gallery(browser, with_errors=True)
    assert page.evaluate("document.activeElement.className") == "error-summary"
    shown = page.evaluate("getComputedStyle(document.activeElement).outlineStyle")
    assert shown == "solid"


def test_the_first_tab_shows_the_skip_link_and_it_leads_to_main(browser):
    page = open_gallery(browser)
    page.keyboard.press("Tab")
    link = page.locator(".skip-link")
    assert link.bounding_box()["y"] >= 0
    page.keyboard.press("Enter")
    assert page.evaluate("document.activeElement.id") == "main-content"


def test_a_second_click_within_a_moment_sends_nothing(browser):
    page = open_gallery(browser)
    page.evaluate("""() => {
        window.sent = 0;
        document.addEventListener("submit", event => {
            if (!event.defaultPrevented) window.sent += 1;
            event.preventDefault();
        });
    }""")
    button = page.locator(".button-ending")
    button.click()
    button.click()
    assert page.evaluate("sent") == 1


def test_forced_colours_keep_the_edges_of_tags_and_show_the_bars(browser):
    page = open_gallery(browser, forced_colors="active")
    tag = page.evaluate("getComputedStyle(document.querySelector('.tag')).borderTopColor")
    fill = page.evaluate("getComputedStyle(document.querySelector('.bar .now')).fill")
    ground = page.evaluate("getComputedStyle(document.body).backgroundColor")
    assert tag not in {ground, "rgba(0, 0, 0, 0)"}
    assert fill != ground


def test_paper_shows_what_was_done_and_no_buttons(browser):
    page = open_gallery(browser, color_scheme="dark")
    page.emulate_media(media="print")
    assert page.evaluate("getComputedStyle(document.body).backgroundColor") == "rgb(250, 246, 239)"
    assert not page.locator(".button-ending").is_visible()
    assert page.locator(".panel").is_visible()
    assert page.locator(".simulation").is_visible()


@pytest.mark.parametrize("language", ["fr", "nl", "de", "en"])
def test_on_the_narrowest_phone_the_frame_leaves_the_first_screen_to_the_page(browser, language):
    page = open_gallery(browser, width=320, language=language)
    # With a name that takes two lines. One below the other, its parts took 450 px and more.
    assert page.locator(".page-header").bounding_box()["height"] <= 380
    for targets, least in ((".service-nav a, .signed-in button", 44), (".page-header a, .page-footer a", 24)):
        heights = [target.bounding_box()["height"] for target in page.locator(targets).all()]
        assert min(heights) >= least, heights
    # Short to the eye, in full to the ear.
    assert page.locator(".languages .short").first.is_visible()
    assert page.get_by_role("link", name="FR Français" if language != "fr" else "NL Nederlands").count() == 1


def test_on_a_wide_screen_the_languages_have_their_names(browser):
    page = open_gallery(browser)
    assert page.get_by_role("link", name="Français", exact=True).is_visible()
    assert not page.locator(".languages .short").first.is_visible()
