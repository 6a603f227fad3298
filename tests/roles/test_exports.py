"""The CSV writer: what a spreadsheet reads is what was meant, and nothing in it is calculated."""

import csv
import io

import pytest

from roles.exports import NumberInExport, csv_answer


def cells_of(response) -> list[list[str]]:
    """Read a file back as a spreadsheet would."""
    text = response.content.decode("utf-8-sig")
    return list(csv.reader(io.StringIO(text, newline=""), delimiter=";"))


@pytest.mark.asvs("1.2.10")
@pytest.mark.threat(30)
@pytest.mark.parametrize("first", ["=", "+", "-", "@", "\t", "\r", "\n", "\0"])
def test_a_cell_that_could_be_a_formula_gets_an_apostrophe(first):
    """Also in the head: a role can have any name."""
    formula = f"{first}HYPERLINK(1)"
    response = csv_answer("roles.csv", [formula], [[formula]])
    assert cells_of(response) == [["'" + formula], ["'" + formula]]


@pytest.mark.parametrize(
    "text", ["", "Anna", "a=b", "Peeters-Claes", "'quoted'", 'say "yes"', "a;b,c", "two\r\nlines", "é–€"]
)
def test_every_other_text_is_read_back_as_it_was(text):
    """Quotes, separators and lines inside a cell stay inside it."""
    assert cells_of(csv_answer("roles.csv", ["A", "B"], [[text, "end"]])) == [["A", "B"], [text, "end"]]


def test_a_separator_in_a_name_cannot_begin_a_cell_with_a_formula():
    """Every cell is quoted, also where it need not be."""
    content = csv_answer("roles.csv", ["Name"], [['Anna";=1+1']]).content.decode("utf-8-sig")
    assert content == '"Name"\r\n"Anna"";=1+1"\r\n'


@pytest.mark.threat(17)
@pytest.mark.parametrize("number", ["85073003328", "85.07.30-033.28", "see 85 07 30 033 28 there", "8507 3003 328"])
def test_a_national_register_number_is_never_exported(number):
    """Whatever its spelling; and the error does not repeat it."""
    with pytest.raises(NumberInExport) as refusal:
        csv_answer("roles.csv", ["Name"], [["Anna"], [number]])
    assert number not in str(refusal.value)
    with pytest.raises(NumberInExport):
        csv_answer("roles.csv", [number], [])


def test_references_moments_and_enterprise_numbers_are_not_taken_for_one():
    """What lists do hold."""
    row = ["AR-2026-004821-1", "2026-11-21 14:05", "0999.999.922"]
    assert cells_of(csv_answer("roles.csv", ["A", "B", "C"], [row]))[1] == row


def test_the_answer_is_a_file_that_no_cache_keeps():
    """Excel knows the alphabet by the byte order mark."""
    response = csv_answer("history-2026-11.csv", ["Name"], iter([["Zoé"]]))
    assert response.content == b'\xef\xbb\xbf"Name"\r\n"Zo\xc3\xa9"\r\n'
    assert response.headers["Content-Type"] == "text/csv; charset=utf-8"
    assert response.headers["Content-Disposition"] == 'attachment; filename="history-2026-11.csv"'
    assert response.headers["Cache-Control"] == "no-store"


@pytest.mark.parametrize(
    "name", ["Anna Peeters.csv", "roles", "roles.CSV", "a/b.csv", 'a".csv', "85073003328.csv", ".csv"]
)
def test_a_file_name_says_what_not_whom(name):
    """No capitals, spaces, quotes or numbers of people."""
    with pytest.raises(ValueError, match="file name"):
        csv_answer(name, ["Name"], [])


def test_a_row_of_another_length_is_refused():
    """A shifted row would put a name under another column."""
    with pytest.raises(ValueError, match="cells"):
        csv_answer("roles.csv", ["A", "B"], [["only one"]])
