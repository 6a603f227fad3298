"""Who holds what at the start of the demonstration: every state, several organisations.

Days are counted from the day of the first seeding: `given` days ago, `start` and `last` days from it. Anna Peeters
and Olivier Lambert hold nothing.
"""

from dataclasses import dataclass, field
from typing import Any, Literal

# What became of it. "lapsed" is one that nobody confirmed in time, "extended" one that a later row replaces.
Outcome = Literal[
    "none", "confirmed", "waiting", "refused", "lapsed", "ended", "handed_back", "extended", "withdrawn", "stopped"
]


@dataclass(frozen=True)
class DemoAssignment:
    """One assignment. People are named by the first part of their e-mail address.

    `start` counts from today and is by default the day it was given; `last` counts from today too. `after` is how
    many days after the giving the `outcome` came. `mark` tells two rows of the same holder and role apart.
    """

    organisation: str
    holder: str
    role: str
    giver: str
    given: int
    start: int | None = None
    last: int | None = None
    confirmer: Literal["nobody", "assignee", "manager"] = "nobody"
    outcome: Outcome = "none"
    by: str = ""
    after: int = 1
    note: str = ""
    properties: dict[str, Any] = field(default_factory=dict)
    mark: str = ""

    @property
    def slug(self) -> str:
        """What tells it from all others, for ever."""
        return " ".join((self.organisation, self.holder, self.role, self.mark)).strip()


_FLUVIUS = "FLUVIUS_ENERGY_PORTAL_ADMIN"
_CCB = "CCB_SAFEONWEBATWORK_EDIT"
_ONEGATE = "NBB_ONEGATE_ADMIN"
_OWN = "FIN_OWN_ENTERPRISE"
_EXECUTOR = "FIN_MANDATE_EXECUTOR"
_FINES = "JUST_TRAFFIC_FINES"
_BILLING = "BOSA_MERCURIUS_BILLING"
_NO_BEPS13 = {"BEPS13_FILER": False}
_ALL_TAXES = {"MANDATE_TYPES": ["VAT", "BIZTAX", "MYMINFIN"], "SENSITIVE_MANDATES": True}
_VAT_ONLY = {"MANDATE_TYPES": ["VAT"], "SENSITIVE_MANDATES": False}

A = DemoAssignment

_DUBOIS = (
    A("dubois", "jean.dubois", "FIN_UBO_INFORMANT", "jean.dubois", 320),
    A("dubois", "tom.janssens", _FLUVIUS, "jean.dubois", 345, last=20),
    A("dubois", "tom.janssens", _CCB, "jean.dubois", 200),
    A("dubois", "marie.claes", _OWN, "jean.dubois", 200, properties=_NO_BEPS13),
    A("dubois", "marie.claes", "FIN_GKS_RESTAURANT", "marie.claes", 150, last=216),
    A("dubois", "noel.hellemans", _BILLING, "tom.janssens", 5, start=14),
    A("dubois", "fatima.bouzidi", "FIN_GKS_RESTAURANT", "marie.claes", 700, last=-40),
    A("dubois", "fatima.bouzidi", _FINES, "tom.janssens", 90, outcome="handed_back", by="fatima.bouzidi", after=60),
    A("dubois", "emma.vandamme", _ONEGATE, "jean.dubois", 60, start=-30, outcome="withdrawn", by="jean.dubois"),
    A("dubois", "jeanpierre.lecomte", _FLUVIUS, "jean.dubois", 800, outcome="ended", by="jean.dubois", after=480,
      note="A quitté l’entreprise"),
)  # fmt: skip

_PEETERS = (
    A("peeters", "carine.peeters", _CCB, "carine.peeters", 410),
    A("peeters", "tom.janssens", _FLUVIUS, "carine.peeters", 120),
    A("peeters", "helene.gillain", _OWN, "carine.peeters", 365, last=5, properties={"BEPS13_FILER": True}),
    A("peeters", "helene.gillain", "FIN_MANDATE_GIVER", "carine.peeters", 365, last=365),
    A("peeters", "mehmet.demir", "CUSTOMS_PLDA", "annesophie.delvaux", 3, confirmer="assignee", outcome="waiting"),
    A("peeters", "giulia.ferrari", "CUSTOMS_EMCS", "carine.peeters", 95, start=-90, last=-10),
    A("peeters", "benoit.lejeune", _FINES, "annesophie.delvaux", 40),
    A("peeters", "chantal.nzambi", _BILLING, "carine.peeters", 30, start=30, last=395),
)  # fmt: skip

# A new organisation: what is given waits for its holder, what one gives oneself for another manager.
_EUPEN = (
    A("eupen", "ingrid.schmitz", _FLUVIUS, "ingrid.schmitz", 2, confirmer="manager", outcome="waiting"),
    A("eupen", "klaus.lennertz", _CCB, "klaus.lennertz", 30, confirmer="manager", outcome="confirmed",
      by="ingrid.schmitz", after=2),
    A("eupen", "bjorn.hilgers", _OWN, "ingrid.schmitz", 45, confirmer="assignee", outcome="confirmed",
      by="bjorn.hilgers", after=3, properties=_NO_BEPS13),
    A("eupen", "aylin.kaya", _FINES, "ingrid.schmitz", 9, confirmer="assignee", outcome="waiting"),
    A("eupen", "stephanie.radermacher", _BILLING, "klaus.lennertz", 1, start=10, confirmer="assignee",
      outcome="waiting"),
    A("eupen", "gunther.miessen", _ONEGATE, "klaus.lennertz", 20, confirmer="assignee", outcome="refused",
      by="gunther.miessen", after=2, note="Das macht bei uns Frau Kaya."),
    A("eupen", "gunther.miessen", _FLUVIUS, "ingrid.schmitz", 60, confirmer="assignee", outcome="lapsed", after=14),
    A("eupen", "bjorn.hilgers", _CCB, "ingrid.schmitz", 25, confirmer="assignee", outcome="withdrawn",
      by="ingrid.schmitz", after=4),
)  # fmt: skip

_OTHERS = (
    A("hop", "els.vandenbroeck", _CCB, "els.vandenbroeck", 500),
    A("hop", "koen.maes", _FLUVIUS, "koen.maes", 260),
    A("hop", "youssef.benali", "CUSTOMS_EMCS", "els.vandenbroeck", 300, last=65),
    A("hop", "liesbeth.goossens", "CUSTOMS_EMCS", "youssef.benali", 720, outcome="extended", by="youssef.benali",
      after=400, last=-30),
    A("hop", "liesbeth.goossens", "CUSTOMS_EMCS", "youssef.benali", 320, last=410, mark="extension"),
    A("hop", "dries.dhondt", "CUSTOMS_PLDA", "youssef.benali", 80, confirmer="assignee", outcome="confirmed",
      by="dries.dhondt"),
    A("hop", "amelie.fontaine", _BILLING, "els.vandenbroeck", 12, last=25),
    A("hop", "kofi.mensah", "CUSTOMS_PLDA", "youssef.benali", 1, confirmer="assignee", outcome="waiting"),
    A("linden", "griet.jacobs", _OWN, "katrien.debacker", 365, last=28, properties=_NO_BEPS13),
    A("linden", "wim.vanderauwera", _FLUVIUS, "katrien.debacker", 610),
    A("linden", "saida.ouali", _CCB, "katrien.debacker", 610),
    A("linden", "bram.lemmens", _ONEGATE, "katrien.debacker", 610, last=120),
    A("linden", "bram.lemmens", _BILLING, "bram.lemmens", 100),
    A("linden", "an.mertens", _BILLING, "bram.lemmens", 100, last=265),
    A("linden", "nele.claeys", _BILLING, "bram.lemmens", 100, last=265),
    A("linden", "zeynep.arslan", _FINES, "mohamed.elkhattabi", 220),
    A("linden", "joris.pauwels", _FLUVIUS, "wim.vanderauwera", 35, last=330),
    A("linden", "marleen.hendrickx", _FLUVIUS, "wim.vanderauwera", 35, last=330),
    A("linden", "agnieszka.nowak", "FIN_MYRENT_USER", "griet.jacobs", 50),
    A("linden", "rachid.amrani", _CCB, "saida.ouali", 15, start=20, last=384),
    A("linden", "marieclaire.mukendi", _ONEGATE, "bram.lemmens", 500, last=-135),
    A("linden", "emre.yildiz", "JUST_CRIMINAL_OFFENCES", "katrien.debacker", 70),
    A("linden", "dirk.desmedt", "FIN_CADASTRAL_EXTRACTS", "griet.jacobs", 400, outcome="ended", by="griet.jacobs",
      after=350),
    A("linden", "jan.peeters", _FINES, "mohamed.elkhattabi", 10),
    A("meuse", "philippe.gregoire", "FIN_MANDATE_HOLDER", "philippe.gregoire", 900),
    A("meuse", "nathalie.kabongo", _EXECUTOR, "philippe.gregoire", 640, properties=_ALL_TAXES),
    A("meuse", "marie.dupont", _EXECUTOR, "philippe.gregoire", 365, last=15, properties=_ALL_TAXES),
    A("meuse", "francois.dumoulin", _EXECUTOR, "marie.dupont", 130, last=235, properties=_VAT_ONLY),
    A("meuse", "rosaria.esposito", "FIN_MANDATE_EXECUTOR_TREASURY", "marie.dupont", 75,
      properties={"MANDATE_TYPES": ["UBO"]}),
    A("meuse", "loic.piron", _EXECUTOR, "marie.dupont", 6, start=3, last=368, properties=_VAT_ONLY),
    A("lemaire", "vincent.lemaire", _OWN, "gerard.lemaire", 4, confirmer="assignee", outcome="waiting",
      properties=_NO_BEPS13),
    A("lemaire", "aurelie.descamps", "FIN_UBO_INFORMANT", "gerard.lemaire", 40, confirmer="assignee",
      outcome="confirmed", by="aurelie.descamps"),
    A("lemaire", "salvatore.greco", _FINES, "vincent.lemaire", 26, confirmer="assignee", outcome="refused",
      by="salvatore.greco", after=5),
    A("vandersteen", "kristel.baert", _OWN, "rudi.vandersteen", 700, outcome="stopped", after=560,
      properties=_NO_BEPS13),
    A("hogebeek", "stefaan.blomme", "FIN_URBAIN_MANAGER", "tine.deridder", 380),
    A("hogebeek", "eline.rottiers", "FIN_URBAIN_USER_RW", "stefaan.blomme", 370),
    A("hogebeek", "karel.demeyer", "FIN_URBAIN_USER_RO", "stefaan.blomme", 370, last=359),
    A("hogebeek", "naima.chaoui", _FINES, "naima.chaoui", 33),
    A("yilmaz", "jolien.vangestel", _CCB, "selin.yilmaz", 45, last=320),
    A("elamrani", "ikram.elamrani", _OWN, "hassan.elamrani", 520, properties=_NO_BEPS13),
    A("holzbau", "marlene.thelen", _OWN, "helmut.schroder", 180, last=185, properties=_NO_BEPS13),
    A("terrepain", "lucie.servranckx", _FLUVIUS, "gregory.mathieu", 55),
    A("mbuyi", "grace.ilunga", _BILLING, "dieudonne.mbuyi", 21, start=-14),
    A("notaris", "ruben.declercq", "FIN_UBO_ENTITY", "lieven.vandenbroeck", 240, last=125),
    A("kowalski", "ewa.kowalska", "FIN_GKS_RESTAURANT", "marek.kowalski", 160, last=8),
    A("logement", "doris.vondendriesch", _FLUVIUS, "xavier.dehalleux", 290),
    A("logement", "siobhan.oconnor", _OWN, "xavier.dehalleux", 290, last=75, properties=_NO_BEPS13),
)  # fmt: skip

# Whoever tries the two demo services first is let in.
_SERVICES = (
    A("dubois", "jean.dubois", _FLUVIUS, "jean.dubois", 330),
    A("dubois", "jean.dubois", _CCB, "jean.dubois", 205),
)

ASSIGNMENTS = (*_DUBOIS, *_PEETERS, *_EUPEN, *_OTHERS, *_SERVICES)
