"""Names as frequent as they are in Belgium: a few that everybody knows, and a long tail of rare ones.

First names and the common surnames are real words; the tail is put together from syllables, so it belongs to nobody.
"""

from itertools import accumulate, product

_FIRST_NAMES = {
    "nl": (
        "Marc Jan Luc Ann Peter Koen Els Tom Bart An Dirk Wim Kristof Sofie Katrien Jozef Lotte Emma Nele Stijn Hilde "
        "Karel Ilse Griet Bram Pieter Joris Lies Geert Veerle Hanne Jef Pieter-Jan Leen Annelies Wout Sander Tine Fien "
        "Maarten Inge Robbe Femke Seppe Liesbeth Jolien Anneleen Roel Goedele Bieke"
    ),
    "fr": (
        "Marie Jean Michel Philippe Anne Nathalie Isabelle Catherine Thomas Nicolas Pierre Julie Céline Olivier Sophie "
        "Benoît Noël Hélène Jean-Pierre Anne-Marie François Amélie Stéphanie Bénédicte Vincent Loïc Chloé Lucas Louis "
        "Camille Élodie Xavier Grégory Aurélie Marie-Claire Jean-Luc Fabienne Thierry Cédric Joëlle Manon Gaëlle "
        "Mohamed Fatima Youssef Nadia Karim Samira Mehmet Giulia"
    ),
    "de": "Ingrid Klaus Jürgen Björn Ursula Heinz Günther Gisela Helmut Karin",
    "en": "Sarah David Emily Kofi Siobhán James Agnieszka Grace Daniel Aisha",
}
_SHARES = {"nl": 0.56, "fr": 0.40, "de": 0.01, "en": 0.03}

_COMMON_SURNAMES = (
    "Peeters|Janssens|Maes|Jacobs|Mertens|Willems|Claes|Goossens|Wouters|De Smet|Dubois|Lambert|Martin|Dupont|"
    "Hermans|Pauwels|Vermeulen|Aerts|Michiels|Martens|De Clercq|Van den Broeck|Leroy|Simon|De Vos|Laurent|Hendrickx|"
    "Stevens|Segers|Cools|Desmet|Smets|Verhoeven|De Backer|Lemmens|Leclercq|Van Damme|Thys|Renard|Van de Velde|"
    "Bogaerts|Denis|Wauters|Lejeune|Gérard|De Wolf|Baert|Verstraete|Diallo|Yilmaz|Nguyen|El Amrani|Benali|Bah|"
    "D’Hondt|Mathieu|Grégoire|Noël|’t Kindt|Van der Auwera"
)
_HEADS = "Bra Bru Cle Cor Dam Del Der Du Fla Ger Gil Hae Hey Hoo Jan Ker Lam Lie Mee Mol Nij Oos Per Rae Roo".split()
_HEADS += "Sche Ser Sla Ste Tem Ver Wae Wil Wou Zwa".split()
_MIDDLES = "nn d ff g ld lm m mb nck nd ns p r rd rm rt s st t v".split()
_TAILS = "aert aux eau eck elaer ens ère ers et ier in ings isse man oen oot".split()
_PARTICLES = ("", "", "", "", "Van ", "", "De ", "", "Van den ", "")


def _first_names() -> tuple[list[tuple[str, str]], list[float]]:
    """Return (name, language) with their weights: the order above is the order of frequency."""
    names, weights = [], []
    for language, words in _FIRST_NAMES.items():
        listed = words.split()
        ranks = [1 / (rank + 8) for rank in range(len(listed))]
        names += [(name, language) for name in listed]
        weights += [_SHARES[language] * rank / sum(ranks) for rank in ranks]
    return names, list(accumulate(weights))


def _surnames() -> tuple[list[str], list[float]]:
    tail = [
        _PARTICLES[place % len(_PARTICLES)] + head + middle + end
        for place, (end, middle, head) in enumerate(product(_TAILS, _MIDDLES, _HEADS))
    ]
    listed = _COMMON_SURNAMES.split("|") + tail
    # Of a Zipf law with this shift the first name has about 0.3 %, as Peeters does.
    return listed, list(accumulate(1 / (rank + 50) for rank in range(len(listed))))


FIRST_NAMES, FIRST_NAME_WEIGHTS = _first_names()
SURNAMES, SURNAME_WEIGHTS = _surnames()

TRADES = {
    "fr": "Boulangerie Garage Pharmacie Menuiserie Toitures Cabinet Imprimerie Transports Librairie Brasserie".split(),
    "nl": "Bakkerij Garage Apotheek Schrijnwerkerij Dakwerken Drukkerij Transport Boekhandel Brouwerij Bouw".split(),
}
FORMS = {"fr": ("SRL", "SA", "SC", "ASBL"), "nl": ("BV", "NV", "CV", "VZW")}
FORM_CODES = ("610", "014", "706", "017")
PLACES = (
    ("1000", "Bruxelles"),
    ("2000", "Antwerpen"),
    ("3000", "Leuven"),
    ("4000", "Liège"),
    ("5000", "Namur"),
    ("6000", "Charleroi"),
    ("7000", "Mons"),
    ("8000", "Brugge"),
    ("9000", "Gent"),
    ("4700", "Eupen"),
)
