"""Dates and hours as people of each language write them (SCREENS, 1.5)."""

from datetime import datetime
from zoneinfo import ZoneInfo

import pytest
from django.template import Context, Template
from django.utils import translation

from tenants.days import written

MOMENT = datetime(2026, 11, 21, 14, 5, tzinfo=ZoneInfo("Europe/Brussels"))


@pytest.mark.parametrize(
    ("language", "day", "hour", "short"),
    [
        ("fr", "21 novembre 2026", "14\u00a0h\u00a005", "21/11/2026"),
        ("nl", "21 november 2026", "14.05 uur", "21/11/2026"),
        ("de", "21. November 2026", "14:05 Uhr", "21.11.2026"),
        ("en", "21 November 2026", "14:05", "21/11/2026"),
    ],
)
def test_dates_and_hours(language, day, hour, short):
    template = Template('{{ m|date:"DATE_FORMAT" }}|{{ m|time:"TIME_FORMAT" }}|{{ m|date:"SHORT_DATE_FORMAT" }}')
    with translation.override(language):
        assert template.render(Context({"m": MOMENT})) == f"{day}|{hour}|{short}"


@pytest.mark.parametrize(
    ("language", "text"),
    [("fr", "1er décembre 2026"), ("nl", "1 december 2026"), ("de", "1. Dezember 2026"), ("en", "1 December 2026")],
)
def test_the_first_of_a_month_is_an_ordinal_in_french_only(language, text):
    first = MOMENT.replace(month=12, day=1)
    with translation.override(language):
        assert Template('{{ m|date:"DATE_FORMAT" }}').render(Context({"m": first})) == text
        assert written(first.date()) == text
        # The year, the hour and other days keep their ones.
        assert "1er" not in Template('{{ m|date:"DATE_FORMAT" }}').render(Context({"m": first.replace(day=11)}))
        assert "1er" not in Template('{{ m|date:"SHORT_DATE_FORMAT" }}').render(Context({"m": first}))


@pytest.mark.parametrize(
    ("language", "text"),
    [
        ("fr", "21 novembre 2026 à 14 h 05"),
        ("nl", "21 november 2026 om 14.05 uur"),
        ("de", "21. November 2026 um 14:05 Uhr"),
        ("en", "21 November 2026 at 14:05"),
    ],
)
def test_moments(language, text):
    with translation.override(language):
        assert Template('{{ m|date:"DATETIME_FORMAT" }}').render(Context({"m": MOMENT})) == text
