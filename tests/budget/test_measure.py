"""The measuring finds every fault, each on a small bad page, and counts right."""

import pytest

from tests.budget.measure import GZIP_PADDING, compressed, outline, over_budget, static_gzip, weight

HEAD = (
    '<link rel="icon" href="/static/favicon.svg" type="image/svg+xml"><link rel="stylesheet" '
    'href="/static/css/portal.css"><script src="/static/js/portal.js" defer></script>'
)
GOOD = (
    f'<!doctype html><html lang="fr"><head><meta charset="utf-8"><title>Rôles</title>{HEAD}</head><body>'
    '<a href="#main">Aller</a><header>En-tête</header><main id="main"><h1>Rôles</h1>BODY</main>'
    "<footer>Pied</footer></body></html>"
)
GOOD_PARTS = [
    "<h2>a</h2><h3>b</h3><h2>c</h2>",
    '<label for="q">Mot</label><input id="q" name="q" aria-describedby="hint"><p id="hint">Trois lettres</p>',
    '<label>Mot <input type="radio" name="q"></label>',
    '<p id="a">Jour</p><p id="b">de fin</p><input name="day" aria-labelledby="a b">',
    '<textarea name="t" aria-label="Motif"></textarea>',
    '<input type="hidden" name="x" value="1">',
    '<form method="post" action="/"><input type="hidden" name="csrfmiddlewaretoken" value="s"></form>',
    "<form><button>Chercher</button></form>",
    '<a href="/help/#contact"><span class="visually-hidden">Aide</span></a>',
    "<article><header>Une lettre</header><p>Texte<footer>Fin</footer></p></article>",
    '<svg viewBox="0 0 1 1"><path d="M0 0"/></svg>',
    '<a href="https://example.be/">ailleurs</a>',
]
BAD_PARTS = [
    ("<h1>b</h1>", "2 times <h1>, not 1"),
    ("<h3>b</h3>", "<h3> 'b' skips a level after h1"),
    ("<h2> </h2>", "<h2> is empty"),
    ('<p id="a"></p><p id="a"></p>', 'id="a" stands 2 times'),
    ('<input name="q">', '<input name="q"> has no label'),
    ('<input type="checkbox" id="q"><label for="q"> </label>', '<input id="q"> has no label'),
    ("<textarea></textarea>", "<textarea> has no label"),
    ('<input name="q" aria-labelledby="none">', '<input name="q"> aria-labelledby="none" leads nowhere'),
    ('<p aria-describedby="none">a</p>', '<p> aria-describedby="none" leads nowhere'),
    ('<label for="none">Mot</label>', '<label> for="none" is of no field'),
    ('<p id="p"></p><label for="p">Mot</label>', '<label> for="p" is of no field'),
    ('<a href="#none">a</a>', '<a href="#none"> href="#none" leads nowhere'),
    ('<a href="/"> </a>', '<a href="/"> is empty'),
    ("<button></button>", "<button> is empty"),
    ('<main id="other"></main>', "2 times <main>, not 1"),
    ('<form method="POST" action="/x/"></form>', '<form action="/x/"> is sent without a token'),
    ('<form method="post"><input type="hidden" name="csrfmiddlewaretoken" value="s"></form>', "<form> has no action"),
    (
        '<form method="post" action="/"></form><input type="hidden" name="csrfmiddlewaretoken" value="s">',
        '<form action="/"> is sent without a token',
    ),
    ('<a href="/" target="_blank">a</a>', '<a href="/"> opens elsewhere: target'),
    ('<p style="color:red">a</p>', "<p> carries a style or a script: style"),
    ('<button onclick="x()">a</button>', "<button> carries a style or a script: onclick"),
    ('<a href="javascript:x()">a</a>', '<a href="javascript:x()"> carries a style or a script: href'),
    ("<style>p {}</style>", "<style> stands in the page itself"),
    ("<script>x()</script>", "<script> stands in the page itself"),
    ('<script src="//evil.example/x.js"></script>', "<script> asks another host: evil.example"),
    ('<img src="/static/x.png" alt="Logo">', "<img> is a picture or a medium"),
    ("</em>", "</em> closes nothing"),
    ("<div><span>a</div>", "<span> is not closed before </div>"),
]


@pytest.mark.parametrize("part", GOOD_PARTS)
def test_a_good_page_has_no_faults(part: str) -> None:
    assert outline(GOOD.replace("BODY", part)) == []


@pytest.mark.parametrize(("part", "fault"), BAD_PARTS)
def test_each_fault_is_found(part: str, fault: str) -> None:
    assert outline(GOOD.replace("BODY", part)) == [fault]


@pytest.mark.parametrize(
    ("old", "new", "fault"),
    [
        (' lang="fr"', "", "<html> has no lang"),
        ("<title>Rôles</title>", "<title> </title>", "no title"),
        ("<title>Rôles</title>", "", "no title"),
        ("<header>En-tête</header>", "", "0 times <header>, not 1"),
        ("<footer>Pied</footer>", "", "0 times <footer>, not 1"),
        ("<h1>Rôles</h1>", "", "0 times <h1>, not 1"),
        ("</body>", "", "<body> is not closed before </html>"),
        ("</html>", "", "<html> is never closed"),
    ],
)
def test_each_fault_of_the_frame_is_found(old: str, new: str, fault: str) -> None:
    assert fault in outline(GOOD.replace(old, new))


def test_a_page_that_stands_alone_has_no_footer() -> None:
    alone = GOOD.replace("<footer>Pied</footer>", "")
    assert outline(alone, footer=False) == []
    assert outline(GOOD, footer=False) == ["1 times <footer>, not 0"]


def test_the_summary_of_errors_may_stand_before_the_heading() -> None:
    assert outline(GOOD.replace("<h1>", "<section><h2>Il y a un problème</h2></section><h1>")) == []


def test_a_page_is_weighed_with_what_it_asks_for() -> None:
    page = weight(GOOD)
    assert page.raw == len(GOOD.encode())
    assert page.gzip == compressed(GOOD.encode()) + GZIP_PADDING
    assert page.nodes == 13  # html head meta title link link script, body a header main h1 footer
    assert page.files == ("/static/favicon.svg", "/static/css/portal.css", "/static/js/portal.js")
    assert (page.requests_cold, page.requests_warm) == (4, 1)
    assert page.gzip_cold == page.gzip + sum(map(static_gzip, page.files))


def test_what_is_too_much_is_named() -> None:
    assert over_budget(GOOD) == []
    heavy = GOOD.replace("BODY", "<i>x</i>" * 1_488 + "e" * 80_000)
    assert over_budget(heavy) == [f"{len(heavy.encode())} bytes, 80000 allowed", "1501 elements, 1500 allowed"]
    many = HEAD.replace("portal", "administration") + '<img src="/a.svg" alt=""><img src="/b.svg" alt="">'
    page = weight(GOOD.replace("BODY", many.replace("/js/administration.js", "/js/portal.js")))
    assert (page.requests_cold, page.requests_warm) == (7, 3)


def test_a_file_counts_once_and_data_in_the_address_not_at_all() -> None:
    assert weight(GOOD.replace("BODY", HEAD + '<img src="data:image/png;base64,AAAA">')).requests_cold == 4


def test_what_is_not_under_static_is_asked_for_every_time() -> None:
    page = weight(GOOD.replace("BODY", '<img src="/code.svg" alt="">'))
    assert (page.requests_cold, page.requests_warm) == (5, 2)
