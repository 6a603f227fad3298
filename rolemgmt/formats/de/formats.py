"""German: 21. November 2026, 14:05 Uhr."""

DATE_FORMAT = "j. F Y"
SHORT_DATE_FORMAT = "d.m.Y"
TIME_FORMAT = "G:i \\U\\h\\r"
DATETIME_FORMAT = "j. F Y \\u\\m G:i \\U\\h\\r"
SHORT_DATETIME_FORMAT = "d.m.Y G:i \\U\\h\\r"
MONTH_DAY_FORMAT = "j. F"
YEAR_MONTH_FORMAT = "F Y"
