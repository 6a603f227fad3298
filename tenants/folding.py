"""Folding: the form in which names are compared, so that "noel" finds "Noël" and "anne marie" finds "Anne-Marie".

It is done in Python on saving and on asking, never by the database: both engines then agree to the letter, and an
index on the stored key serves every search as a range (SPEED, section 2).
"""

import re
import unicodedata

# What NFKD leaves alone but people type differently.
_LETTERS = str.maketrans({"ß": "ss", "œ": "oe", "æ": "ae", "ø": "o", "ł": "l", "đ": "d", "ı": "i"})
_GAPS = re.compile(r"[^0-9a-z@._+]+")
_E_MAIL_JUNK = re.compile(r"\s+")

# Words in front of a Belgian surname by which nobody looks a person up: "smet" must find "De Smet".
PARTICLES = frozenset(  # noqa: SIM905
    (
        "de den der des du d la le les l van vande vanden vander ver von zu zur ten ter te t s "  # Belgian and German
        "di del della da el al"
    ).split()
)


def fold(text: str) -> str:
    """Return `text` without case, accents and punctuation, its words divided by one space.

    The result holds only a-z, 0-9 and the characters of e-mail addresses, so its order is the same everywhere.
    """
    plain = unicodedata.normalize("NFKD", text.casefold().translate(_LETTERS))
    plain = "".join(character for character in plain if not unicodedata.combining(character))
    return _GAPS.sub(" ", plain.casefold()).strip()


def fold_email(address: str) -> str:
    """Return the address in the form in which two spellings count as one mailbox."""
    return _E_MAIL_JUNK.sub("", unicodedata.normalize("NFC", address)).casefold()


def without_particles(folded_name: str) -> str:
    """Return a folded surname from its first word of its own: "van den broeck" gives "broeck"."""
    words = folded_name.split(" ")
    while len(words) > 1 and words[0] in PARTICLES:
        words.pop(0)
    return " ".join(words)


def word_starts(folded_name: str) -> list[str]:
    """Return the name from each of its words to the end, so that a range scan also finds inner words."""
    words = folded_name.split(" ")
    return [" ".join(words[start:]) for start in range(len(words))] if folded_name else []


def prefix_range(prefix: str) -> tuple[str, str]:
    """Return the half-open range `[low, high)` of all folded keys that start with `prefix`, which is not empty.

    Folded keys are plain ASCII below "{", so appending a character above every one of theirs gives the bound.
    """
    return prefix, prefix + "\x7f"


def clean_name(text: str) -> str:
    """Return a name as it is stored: composed (NFC), without control or direction characters, single spaces."""
    kept = "".join(
        character if unicodedata.category(character) not in {"Cc", "Cf", "Cs", "Zl", "Zp"} else " "
        for character in unicodedata.normalize("NFC", text)
    )
    return " ".join(kept.split())
