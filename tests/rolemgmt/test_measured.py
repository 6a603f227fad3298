"""The numbers of the accessibility statement: one file, each with its target, value and day."""

import json
from datetime import date
from pathlib import Path

import pytest
from django.utils import timezone, translation

from rolemgmt.measured import MEASURED, MEASURES, MeasuredError, measured_rows


def written(tmp_path: Path, **entries: object) -> Path:
    path = tmp_path / "measured.json"
    path.write_text(json.dumps(entries), encoding="utf-8")
    return path


@pytest.mark.parametrize("language", ["fr", "nl", "de", "en"])
def test_every_row_has_a_target_a_value_and_a_day_that_has_been(language):
    rows = measured_rows()
    assert len(rows) >= 5
    with translation.override(language):
        for row in rows:
            assert str(row.measure.words)
            assert row.measure.target_in_words()
            assert row.value_in_words
            assert date(2026, 11, 21) <= row.measured_on <= timezone.localdate()


def test_every_number_in_the_statement_reaches_its_target():
    assert [str(row.measure.words) for row in measured_rows() if not row.is_met] == []


def test_the_file_names_only_measures_of_the_table():
    assert json.loads(MEASURED.read_text(encoding="utf-8")).keys() <= MEASURES.keys()


def test_numbers_and_targets_are_written_as_the_reader_writes_them(tmp_path):
    path = written(tmp_path, lcp_seconds={"value": 0.9, "on": "2026-11-21"})
    row = measured_rows(path)[0]
    with translation.override("en"):
        assert (row.measure.target_in_words(), row.value_in_words) == ("at most 1.2", "0.9")
    with translation.override("de"):
        assert row.value_in_words == "0,9"


@pytest.mark.parametrize(
    ("code", "value", "is_met"),
    [
        ("axe_violations", 0, True),
        ("axe_violations", 1, False),
        ("text_contrast", 4.5, True),
        ("text_contrast", 4.4, False),
        ("key_presses", 120, True),
        ("key_presses", 121, False),
        ("without_script", True, True),
        ("without_script", False, False),
    ],
)
def test_a_number_is_held_against_its_target(tmp_path, code, value, is_met):
    assert measured_rows(written(tmp_path, **{code: {"value": value, "on": "2026-11-21"}}))[0].is_met is is_met


def test_rows_stand_in_the_order_of_the_table(tmp_path):
    path = written(
        tmp_path,
        lcp_seconds={"value": 1, "on": "2026-11-21"},
        axe_violations={"value": 0, "on": "2026-11-21"},
    )
    assert [row.measure for row in measured_rows(path)] == [MEASURES["axe_violations"], MEASURES["lcp_seconds"]]


@pytest.mark.parametrize(
    ("entries", "message"),
    [
        ({"beauty": {"value": 1, "on": "2026-11-21"}}, "unknown measures: beauty"),
        ({"overflow": {"value": 0}}, "overflow: give a value and the day it was measured on"),
        ({"overflow": {"value": "none", "on": "2026-11-21"}}, "overflow: the value is a number"),
        ({"overflow": {"value": None, "on": "2026-11-21"}}, "overflow: the value is a number"),
        ({"overflow": {"value": True, "on": "2026-11-21"}}, "overflow: the value is a number"),
        ({"without_script": {"value": 1, "on": "2026-11-21"}}, "without_script: the value is true or false"),
        ({"overflow": {"value": 0, "on": "soon"}}, 'overflow: "soon" is not a day'),
        ({"overflow": {"value": 0, "on": None}}, 'overflow: "None" is not a day'),
    ],
)
def test_nonsense_in_the_file_is_refused_with_its_place(tmp_path, entries, message):
    with pytest.raises(MeasuredError) as refusal:
        measured_rows(written(tmp_path, **entries))
    assert str(refusal.value) == message
