"""Dates and hours as people of each language write them (SCREENS, 1.5)."""

from datetime import datetime
from zoneinfo import ZoneInfo

import pytest
from django.template import Context, Template
from django.utils import translation

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
