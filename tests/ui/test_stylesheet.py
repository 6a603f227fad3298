"""The stylesheet keeps its promises: small, alone, and readable in both schemes (SCREENS 12 and 14)."""

import gzip
import re
from pathlib import Path

import pytest

STATIC = Path(__file__).parents[2] / "static"
CSS = (STATIC / "css" / "portal.css").read_text(encoding="utf-8")

LIGHT, DARK = 0, 1


def tokens() -> dict[str, tuple[str, str]]:
    """Return name -> (light, dark), as the browser gets them."""
    pairs = re.findall(r"--([a-z-]+): light-dark\((#[0-9a-f]{6}), (#[0-9a-f]{6})\);", CSS)
    return {name: (light, dark) for name, light, dark in pairs}


def plain_tokens() -> dict[str, str]:
    """Return the colours for browsers without light-dark()."""
    return dict(re.findall(r"--([a-z-]+): (#[0-9a-f]{6});", CSS))


def luminance(colour: str) -> float:
    """Return the relative luminance of #rrggbb (WCAG 2.2)."""
    channels = [int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5)]
    linear = [value / 12.92 if value <= 0.04045 else ((value + 0.055) / 1.055) ** 2.4 for value in channels]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def contrast(one: str, other: str) -> float:
    """Return the contrast ratio of two colours, 1 to 21 (WCAG 2.2)."""
    brighter, darker = sorted((luminance(one), luminance(other)), reverse=True)
    return (brighter + 0.05) / (darker + 0.05)


GROUNDS = ("paper", "surface", "sunken")
BOTH = (LIGHT, DARK)
PAIRS = [
    *[(text, ground, 4.5, BOTH) for text in ("ink", "soft", "link", "link-hover") for ground in GROUNDS],
    ("on-brand", "brand", 4.5, BOTH),
    ("thread", "brand", 3, BOTH),
    ("button-ink", "button", 4.5, BOTH),
    ("button-ink", "button-hover", 4.5, BOTH),
    *[("button", ground, 3, BOTH) for ground in ("paper", "amber-bg")],
    *[("error", ground, 4.5, BOTH) for ground in ("paper", "surface", "error-bg")],
    ("error-ink", "error", 4.5, BOTH),
    *[("ink", ground, 4.5, BOTH) for ground in ("error-bg", "ok-bg", "blue-bg", "amber-bg")],
    ("ok", "ok-bg", 4.5, BOTH),
    *[(tag, f"{tag}-bg", 4.5, BOTH) for tag in ("green", "amber", "blue", "indigo", "grey")],
    *[(part, ground, 3, BOTH) for part in ("edge", "accent") for ground in GROUNDS],
    *[(bar, "surface", 3, BOTH) for bar in ("bar-now", "bar-next", "bar-past")],
    ("focus-out", "paper", 3, BOTH),
    ("focus-out", "sunken", 3, BOTH),
    ("focus-in", "focus-out", 3, BOTH),
    # On the header bar one of the two rings must stand out: the inner one in light, the outer one in dark.
    ("focus-in", "brand", 3, (LIGHT,)),
    ("focus-out", "brand", 3, (DARK,)),
]


@pytest.mark.parametrize(("front", "ground", "needed", "schemes"), PAIRS, ids=lambda value: str(value))
def test_every_pair_of_colours_has_contrast_enough(front, ground, needed, schemes):
    colours = tokens()
    for scheme in schemes:
        assert contrast(colours[front][scheme], colours[ground][scheme]) >= needed


@pytest.mark.parametrize(
    ("front", "ground", "light", "dark"),
    [
        ("ink", "paper", 15.3, 15.3),
        ("soft", "sunken", 6.2, 9.9),
        ("link", "surface", 9.6, 9.4),
        ("error", "error-bg", 6.7, 8.0),
        ("edge", "sunken", 3.9, 6.1),
        ("bar-past", "surface", 3.8, 4.5),
        ("focus-in", "focus-out", 9.3, 10.0),
    ],
)
def test_the_measured_contrasts_are_those_of_the_design(front, ground, light, dark):
    colours = tokens()
    measured = [contrast(colours[front][scheme], colours[ground][scheme]) for scheme in BOTH]
    assert measured == pytest.approx([light, dark], abs=0.1)


def test_browsers_without_light_dark_get_the_light_colours():
    assert plain_tokens() == {name: light for name, (light, _dark) in tokens().items()}
    assert len(plain_tokens()) == 36


def test_the_stylesheet_is_small():
    assert len(gzip.compress(CSS.encode(), 9)) <= 10_000


def test_the_stylesheet_asks_nobody_for_anything_and_forces_nothing():
    assert "url(" not in CSS
    assert "@import" not in CSS
    assert "@font-face" not in CSS
    assert "!important" not in CSS
    assert "transition" not in CSS


def test_the_layers_are_declared_first_and_in_order():
    first = re.sub(r"/\*.*?\*/", "", CSS, flags=re.DOTALL).strip().splitlines()[0]
    assert first == "@layer reset, tokens, base, layout, components, utilities, print;"


def test_only_tokens_name_colours():
    rules = CSS[CSS.index("@layer base {") :]
    assert re.findall(r"#[0-9a-f]{3,6}\b", rules) == []


def test_paper_is_always_light():
    assert re.search(r"@media print \{\s*:root \{ color-scheme: light; \}", CSS)


def test_sides_are_logical_so_that_no_rule_means_left_or_right():
    assert re.findall(r"\b(?:margin|padding|border)-(?:left|right|top|bottom)\b", CSS) == []


def test_the_script_is_small_and_the_icon_smaller():
    assert len(gzip.compress((STATIC / "js" / "portal.js").read_bytes(), 9)) <= 3_000
    assert len((STATIC / "favicon.svg").read_bytes()) <= 1_000
