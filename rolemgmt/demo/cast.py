"""The standing cast: the nine people by whom the portal is shown and tested (DESIGN, section 6).

`at` says where somebody belongs: organisations by their slug, each followed by functions. `employee` and
`representative` (by law) are employments; `chief`, `co_chief` and a domain code are appointments as access manager;
`former` and `former_chief` are over, and `ending_co_chief` ends in thirty days.
"""

from dataclasses import dataclass

from rolemgmt.demo.numbers import national_number


@dataclass(frozen=True)
class DemoPerson:
    """Somebody invented. `index` gives the national number; `email` is made from the name where it is empty."""

    given_name: str
    family_name: str
    language: str
    at: str = ""
    index: int = -1
    email: str = ""

    @property
    def digits(self) -> str:
        """The national number, bare."""
        return national_number(self.index)

    @property
    def functions(self) -> list[tuple[str, tuple[str, ...]]]:
        """Each organisation's slug, with the functions there."""
        places = [place.split() for place in self.at.split(";") if place.strip()]
        return [(slug, tuple(functions)) for slug, *functions in places]


CAST = (
    DemoPerson("Jean", "Dubois", "fr", "dubois representative chief", 0, "jean.dubois@boulangerie-dubois.example"),
    DemoPerson(
        "Tom",
        "Janssens",
        "nl",
        "dubois employee co_chief; peeters employee ENERGY",
        1,
        "tom.janssens@boulangerie-dubois.example",
    ),
    DemoPerson("Marie", "Claes", "fr", "dubois employee FINANCE", 2, "marie.claes@boulangerie-dubois.example"),
    DemoPerson("Anna", "Peeters", "nl", "dubois employee", 3, "anna.peeters@boulangerie-dubois.example"),
    DemoPerson("Carine", "Peeters", "fr", "peeters employee chief", 4, "carine.peeters@peeters-fils.example"),
    DemoPerson("Ingrid", "Schmitz", "de", "eupen employee chief", 5, "ingrid.schmitz@eupener-werkstaetten.example"),
    DemoPerson("Klaus", "Lennertz", "de", "eupen employee co_chief", 6, "klaus.lennertz@eupener-werkstaetten.example"),
    DemoPerson("Olivier", "Lambert", "en", "", 7, "olivier.lambert@post.example"),
    DemoPerson("Sofie", "De Smet", "nl", "", 8, "sofie.desmet@portal.example"),
)
ADMIN = CAST[-1]
