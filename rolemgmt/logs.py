"""Log lines without national numbers, query strings or values from the database."""

import logging
import re
from datetime import UTC, datetime
from typing import Any

from django.db import Error as DatabaseError

# Eleven digits in any spelling: 85073003328, 85.07.30-033.28, 85 07 30 033 28, 85/07/30-033/28. A longer run of
# digits (a time in nanoseconds, an identifier) is no national number, and neither is a reference of the portal.
NATIONAL_NUMBER = re.compile(
    r"(?P<reference>\b[A-Z]{2}-\d{4}-\d{6}(?:-\d{1,6})?\b)"
    r"|(?<!\d)\d(?:[\s.\-/\u2010-\u2015\u00b7]{0,3}\d){10}(?!\d)"
)
QUERY_STRING = re.compile(r"(?<=[^\s?])\?[^\s\"'#]*")
MASK = "[number]"


def without_secrets(text: str) -> str:
    """Return the text with national numbers masked and query strings dropped."""
    return NATIONAL_NUMBER.sub(lambda hit: hit["reference"] or MASK, QUERY_STRING.sub("", text))


class PrivacyFilter(logging.Filter):
    """Write the record's text out early, without secrets; also what a handler adds later sees only that."""

    def filter(self, record: logging.LogRecord) -> bool:
        """Clean the record in place; every record passes."""
        try:
            text = record.getMessage()
        except (TypeError, ValueError):
            text = str(record.msg)
        record.msg = without_secrets(text)
        record.args = None
        return True


class PrivateFormatter(logging.Formatter):
    """Format as usual, in UTC, but never with the text of a database error: PostgreSQL puts values into its DETAIL."""

    def formatTime(self, record: logging.LogRecord, datefmt: str | None = None) -> str:
        """Return the moment in UTC, to the millisecond."""
        moment = datetime.fromtimestamp(record.created, UTC)
        return moment.isoformat(timespec="milliseconds").replace("+00:00", "Z")

    def formatException(self, ei: Any) -> str:
        """Return the traceback, with the class instead of the text of a database error."""
        lines = super().formatException(ei)
        error = ei[1]
        seen = set()
        while error is not None and id(error) not in seen:
            seen.add(id(error))
            text = str(error)
            if text and _from_database(error):
                lines = lines.replace(text, "(text of a database error withheld)")
            error = error.__cause__ or error.__context__
        return without_secrets(lines)

    def format(self, record: logging.LogRecord) -> str:
        """Return one line; a line break typed by a person cannot begin a second one."""
        record.message = record.getMessage().replace("\r", "\\r").replace("\n", "\\n")
        line = self._line(record)
        if record.exc_info:
            line += "\n" + self.formatException(record.exc_info)
        return line

    def _line(self, record: logging.LogRecord) -> str:
        record.asctime = self.formatTime(record, self.datefmt)
        return self.formatMessage(record)


def _from_database(error: BaseException) -> bool:
    return isinstance(error, DatabaseError) or type(error).__module__.partition(".")[0] in {"psycopg", "sqlite3"}
