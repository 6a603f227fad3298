"""The validity bar: today at one third, cut at the edges, small (SCREENS 9)."""

import re
from datetime import date

import pytest
from django.utils import translation

from tenants.templatetags.portal import validity_bar, validity_legend, validity_window

TODAY = date(2026, 11, 21)


def rectangle(bar: str) -> tuple[str, float, float] | None:
    """Return (class, left edge, right edge) of the bar, None if there is only the rail."""
    found = re.search(r'<rect class="(\w+)" x="([\d.]+)" y="1.5" width="([\d.]+)" height="7"/>', bar)
    return (found[1], float(found[2]), float(found[2]) + float(found[3])) if found else None


@pytest.mark.parametrize(
    ("start", "end", "left", "right"),
    [
        (date(2026, 11, 21), None, 33.3, 100.0),
        (None, None, 33.3, 100.0),
        (date(2020, 1, 1), None, 0.0, 100.0),
        (date(2025, 11, 21), date(2028, 11, 21), 0.0, 100.0),
        (date(2026, 11, 21), date(2027, 11, 21), 33.3, 66.7),
        (date(2025, 11, 21), date(2026, 11, 21), 0.0, 33.3),
        (date(2027, 11, 21), date(2035, 1, 1), 66.6, 100.0),
    ],
)
def test_the_bar_runs_from_start_to_end_and_stops_at_the_edges(start, end, left, right):
    _kind, begins, ends = rectangle(validity_bar(start, end, "active", TODAY))
    assert begins == pytest.approx(left, abs=0.2)
    assert ends == pytest.approx(right, abs=0.2)
    assert 0 <= begins < ends <= 100.05


def test_a_single_day_is_seen():
    _kind, begins, ends = rectangle(validity_bar(TODAY, TODAY, "active", TODAY))
    assert ends - begins == pytest.approx(1.0)


@pytest.mark.parametrize(("start", "end"), [(date(2020, 1, 1), date(2021, 1, 1)), (date(2030, 1, 1), None)])
def test_what_lies_outside_the_window_leaves_the_rail_only(start, end):
    bar = validity_bar(start, end, "expired", TODAY)
    assert rectangle(bar) is None
    assert 'class="rail"' in bar
    assert 'class="today"' in bar


@pytest.mark.parametrize(
    ("status", "css"),
    [
        ("active", "now"),
        ("scheduled", "next"),
        ("to_confirm", "next"),
        ("expired", "past"),
        ("ended", "past"),
        ("refused", "past"),
        ("cancelled", "past"),
    ],
)
def test_the_fill_follows_the_status(status, css):
    assert rectangle(validity_bar(date(2026, 6, 1), None, status, TODAY))[0] == css


def test_an_unknown_status_is_an_error():
    with pytest.raises(KeyError):
        validity_bar(TODAY, None, "sleeping", TODAY)


@pytest.mark.parametrize("start", [None, date(2026, 1, 12), date(2028, 11, 20)])
@pytest.mark.parametrize("end", [None, date(2027, 3, 27)])
def test_a_row_costs_four_hundred_bytes_at_most_and_says_nothing_to_screen_readers(start, end):
    bar = validity_bar(start, end, "to_confirm", TODAY)
    assert len(bar.encode()) <= 400
    assert bar.startswith('<svg class="bar" viewBox="0 0 100 10" preserveAspectRatio="none" aria-hidden="true"')
    assert "style=" not in bar
    assert "<text" not in bar


def test_today_is_drawn_last_at_one_third_over_its_halo():
    bar = validity_bar(TODAY, None, "active", TODAY)
    assert bar.endswith('<path class="halo" d="M33.3 0V10"/><path class="today" d="M33.3 0V10"/></svg>')


def test_the_window_of_a_leap_day_has_real_days():
    assert validity_window(date(2028, 2, 29)) == (date(2027, 2, 28), date(2030, 2, 28))


def test_the_line_above_names_the_months():
    with translation.override("en"):
        assert validity_legend(TODAY).endswith("from November 2025 to November 2028.")
