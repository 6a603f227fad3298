"""The table of the accessibility statement: what was measured, against which target, and when (SCREENS 11.3 and 14).

The targets and the words stand here. The numbers and their dates stand in one file, `measured.json`, by the code of
the measure: `{"axe_violations": {"value": 0, "on": "2026-11-21"}, …}`. Whoever measures for a release writes that file;
a measure without an entry is not shown.
"""

import json
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from enum import Enum
from pathlib import Path
from typing import Any

from django.utils.formats import number_format
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

MEASURED = Path(__file__).with_name("measured.json")
Number = int | Decimal


class MeasuredError(ValueError):
    """The file with the numbers holds nonsense; the message says what."""


class Aim(Enum):
    """How a number is compared with its target."""

    EXACTLY = "exactly"
    AT_MOST = "at most"
    AT_LEAST = "at least"
    PASSES = "passes"  # true or false, no number


@dataclass(frozen=True)
class Measure:
    """What is measured. The unit stands in the words, the target in that unit."""

    words: Promise
    aim: Aim
    target: Number = 0

    def is_met_by(self, value: Number | bool) -> bool:
        """Whether the value reaches the target."""
        match self.aim:
            case Aim.PASSES:
                return value is True
            case Aim.AT_MOST:
                return value <= self.target
            case Aim.AT_LEAST:
                return value >= self.target
            case Aim.EXACTLY:
                return value == self.target

    def target_in_words(self) -> str:
        """Return the target as the reader writes numbers."""
        match self.aim:
            case Aim.PASSES:
                return _("possible")
            case Aim.AT_MOST:
                return _("at most %(number)s") % {"number": number_format(self.target)}
            case Aim.AT_LEAST:
                return _("at least %(number)s") % {"number": number_format(self.target)}
            case Aim.EXACTLY:
                return number_format(self.target)


@dataclass(frozen=True)
class MeasuredRow:
    """A measure with its number."""

    measure: Measure
    value: Number | bool
    measured_on: date

    @property
    def value_in_words(self) -> str:
        """The number as the reader writes it."""
        if self.measure.aim is Aim.PASSES:
            return _("possible") if self.value else _("not possible")
        return number_format(self.value)

    @property
    def is_met(self) -> bool:
        """Whether the target is reached."""
        return self.measure.is_met_by(self.value)


MEASURES = {
    "axe_violations": Measure(gettext_lazy("Faults found by the automatic checker axe"), Aim.EXACTLY),
    "axe_undecided": Measure(gettext_lazy("Points that axe left undecided, without a reason"), Aim.EXACTLY),
    "pa11y_errors": Measure(gettext_lazy("Faults found by the automatic checker HTML_CodeSniffer"), Aim.EXACTLY),
    "lighthouse_accessibility": Measure(gettext_lazy("Lighthouse, accessibility, of 100"), Aim.EXACTLY, 100),
    "lighthouse_performance": Measure(gettext_lazy("Lighthouse, speed, of 100"), Aim.EXACTLY, 100),
    "lighthouse_practices": Measure(gettext_lazy("Lighthouse, best practices, of 100"), Aim.EXACTLY, 100),
    "text_contrast": Measure(gettext_lazy("Contrast ratio of text"), Aim.AT_LEAST, Decimal("4.5")),
    "graphics_contrast": Measure(gettext_lazy("Contrast ratio of fields, bars and focus rings"), Aim.AT_LEAST, 3),
    "smallest_target": Measure(gettext_lazy("Smallest button or link, in pixels"), Aim.AT_LEAST, 24),
    "main_button": Measure(gettext_lazy("Lowest main button, in pixels"), Aim.AT_LEAST, 44),
    "overflow": Measure(gettext_lazy("Sideways scrolling on a screen of 320 pixels, in pixels"), Aim.EXACTLY),
    "without_script": Measure(gettext_lazy("Assigning a role without JavaScript"), Aim.PASSES),
    "keyboard_only": Measure(gettext_lazy("Assigning a role with the keyboard only"), Aim.PASSES),
    "key_presses": Measure(gettext_lazy("Key presses to assign a role"), Aim.AT_MOST, 120),
    "task_pages": Measure(gettext_lazy("Pages to assign a role"), Aim.AT_MOST, 6),
    "untranslated": Measure(gettext_lazy("Texts that are not translated"), Aim.EXACTLY),
    "long_sentences": Measure(gettext_lazy("Sentences of more than 25 words"), Aim.EXACTLY),
    "first_visit_kb": Measure(gettext_lazy("Heaviest page on a first visit, in kilobytes"), Aim.AT_MOST, 30),
    "later_visit_kb": Measure(gettext_lazy("Heaviest page afterwards, in kilobytes"), Aim.AT_MOST, 12),
    "lcp_seconds": Measure(gettext_lazy("Seconds until a page shows, on a phone"), Aim.AT_MOST, Decimal("1.2")),
}


def measured_rows(path: Path = MEASURED) -> list[MeasuredRow]:
    """Return the measures that have a number, in the order of the table. Raises MeasuredError for nonsense."""
    entries: dict[str, dict[str, Any]] = json.loads(path.read_text(encoding="utf-8"), parse_float=Decimal)
    if unknown := entries.keys() - MEASURES.keys():
        raise MeasuredError(f"unknown measures: {', '.join(sorted(unknown))}")
    return [_row(code, measure, entries[code]) for code, measure in MEASURES.items() if code in entries]


def _row(code: str, measure: Measure, entry: dict[str, Any]) -> MeasuredRow:
    if entry.keys() != {"value", "on"}:
        raise MeasuredError(f"{code}: give a value and the day it was measured on")
    value, is_passed = entry["value"], measure.aim is Aim.PASSES
    if isinstance(value, bool) is not is_passed or not isinstance(value, int | Decimal):
        raise MeasuredError(f"{code}: the value is {'true or false' if is_passed else 'a number'}")
    try:
        return MeasuredRow(measure, value, date.fromisoformat(entry["on"]))
    except (TypeError, ValueError):
        raise MeasuredError(f'{code}: "{entry["on"]}" is not a day') from None
