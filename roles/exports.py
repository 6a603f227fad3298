"""Lists as files for a spreadsheet: one writer for the whole house."""

import csv
import io
import re
from collections.abc import Iterable

from django.http import HttpResponse

from vault.numbers import holds_national_number

# What a spreadsheet would calculate, or skip before it calculates (TRUST 1.2.10, threat 30).
_BEGINS_A_FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n", "\0")
_FILE_NAME = re.compile(r"[a-z0-9-]{1,60}\.csv")
# Excel takes the byte order mark for "this is UTF-8", and takes another alphabet without it.
_BYTE_ORDER_MARK = "\ufeff"


class NumberInExport(ValueError):
    """A cell holds a national register number; nothing is exported."""


def csv_answer(filename: str, head: list[str], rows: Iterable[list[str]]) -> HttpResponse:
    """Return a list as a CSV file to download: `head` names the columns, `rows` may be read one by one.

    UTF-8 with a byte order mark, lines end with CRLF, every cell is quoted. Cells stand between semicolons: the
    comma is the decimal sign in Belgium, so Excel splits a file at semicolons there, and opens ours by a double click.
    A cell that could be a formula gets an apostrophe in front. `filename` is what the list is called, never whom it
    is about: small letters, digits, dashes, ".csv".

    The file is written in whole before it is sent, so that a refused one sends nothing: the caller bounds the rows.
    Raises NumberInExport for a national register number in any cell, ValueError for another file name and for a row
    with more or fewer cells than the head.
    """
    if not _FILE_NAME.fullmatch(filename) or holds_national_number(filename):
        raise ValueError(f"Not a file name for an export: {filename!r}")
    text = io.StringIO(newline="")
    text.write(_BYTE_ORDER_MARK)
    writer = csv.writer(text, delimiter=";", quoting=csv.QUOTE_ALL, lineterminator="\r\n")
    writer.writerow([_cell(name) for name in head])
    for row in rows:
        if len(row) != len(head):
            raise ValueError(f"A row has {len(row)} cells, the head {len(head)}")
        writer.writerow([_cell(value) for value in row])
    return HttpResponse(
        text.getvalue(),
        content_type="text/csv; charset=utf-8",
        headers={"Content-Disposition": f'attachment; filename="{filename}"', "Cache-Control": "no-store"},
    )


def _cell(value: str) -> str:
    """Return a value as a spreadsheet may have it. Raises NumberInExport."""
    if holds_national_number(value):
        raise NumberInExport("A national register number must not leave by a file")
    return f"'{value}" if value.startswith(_BEGINS_A_FORMULA) else value
