"""Dutch: 21 november 2026, 14.05 uur."""

DATE_FORMAT = "j F Y"
SHORT_DATE_FORMAT = "d/m/Y"
TIME_FORMAT = "G.i \\u\\u\\r"
DATETIME_FORMAT = "j F Y \\o\\m G.i \\u\\u\\r"
SHORT_DATETIME_FORMAT = "d/m/Y G.i \\u\\u\\r"
MONTH_DAY_FORMAT = "j F"
YEAR_MONTH_FORMAT = "F Y"
