"""By which words roles are found, in the finder and where one chooses them: the beginnings of whole words, folded.

So "energie" finds "Energieportal" and "art" does not find "start". The parts of a code are words, and so is all of it.
"""

import re
from collections.abc import Collection, Iterable

from tenants.folding import fold

_GAPS = re.compile(r"[\s@.+]+")  # what folding leaves inside the words of a sentence; codes keep their "_"


def words_of(text: str) -> list[str]:
    """Return the folded words of a text, in their order."""
    return [word for word in _GAPS.split(fold(text)) if word]


def as_written(words: Iterable[str], known: Collection[str]) -> list[str]:
    """Return folded words, two of them as one where the two are one that is known: "NIS-2" is "nis2"."""
    joined: list[str] = []
    for word in words:
        if joined and joined[-1] + word in known:
            joined[-1] += word
        else:
            joined.append(word)
    return joined


def beginning(start: str, known: Iterable[str]) -> list[str]:
    """Return the known words that begin with `start`."""
    return [word for word in known if word.startswith(start)]
