"""Planned works are announced a week ahead, until they are over."""

from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from django.utils.translation import override

from rolemgmt.outage import Outage, announced

BELGIUM = ZoneInfo("Europe/Brussels")
EVENING = Outage(datetime(2026, 12, 1, 20, tzinfo=BELGIUM), datetime(2026, 12, 1, 22, tzinfo=BELGIUM))
NIGHT = Outage(datetime(2026, 12, 1, 20, tzinfo=BELGIUM), datetime(2026, 12, 2, 6, tzinfo=BELGIUM))
MINUTE = timedelta(minutes=1)


@pytest.mark.parametrize(
    ("language", "sentence"),
    [
        ("fr", "Travaux prévus : vous ne pouvez pas utiliser ce service le 1er décembre 2026 de 20 h 00 à 22 h 00."),
        ("nl", "Geplande werken: u kunt deze dienst niet gebruiken op 1 december 2026 van 20.00 uur tot 22.00 uur."),
        (
            "de",
            "Geplante Arbeiten: Sie können diesen Dienst am 1. Dezember 2026 von 20:00 Uhr bis 22:00 Uhr nicht nutzen.",
        ),
        ("en", "Planned works: you cannot use this service on 1 December 2026 from 20:00 to 22:00."),
    ],
)
def test_works_of_an_evening_are_said_in_one_sentence(language: str, sentence: str) -> None:
    with override(language):
        said = announced(EVENING, now=EVENING.start - MINUTE)
    assert said.replace("\u00a0", " ").replace("\u202f", " ") == sentence


def test_works_of_a_night_name_both_days() -> None:
    with override("en"):
        said = announced(NIGHT, now=NIGHT.start)
    assert said == "Planned works: you cannot use this service from 1 December 2026, 20:00, to 2 December 2026, 6:00."


def test_nothing_is_said_earlier_than_a_week_ahead_or_afterwards() -> None:
    week = timedelta(days=7)
    assert announced(EVENING, now=EVENING.start - week - MINUTE) == ""
    assert announced(EVENING, now=EVENING.start - week) != ""
    assert announced(EVENING, now=EVENING.end - MINUTE) != ""
    assert announced(EVENING, now=EVENING.end) == ""
    assert announced(None, now=EVENING.start) == ""
