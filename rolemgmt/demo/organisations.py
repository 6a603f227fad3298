"""The invented organisations of the demonstration.

Legal forms are the codes of the Crossroads Bank: 610 SRL/BV/GmbH, 014 SA/NV/AG, 011 SNC/VOF, 017 ASBL/VZW,
706 SC/CV, 411 commune; a natural person has none. Streets and names are made up.
"""

from dataclasses import dataclass, field
from datetime import date

from rolemgmt.demo.numbers import demo_enterprise_number, establishment_number


@dataclass(frozen=True)
class Address:
    """Where a seat or a unit is."""

    street: str = ""
    house_number: str = ""
    postal_code: str = ""
    municipality: str = ""
    box: str = ""


@dataclass(frozen=True)
class Unit:
    """An establishment unit; `index` gives its number."""

    index: int
    name: str
    address: Address

    @property
    def number(self) -> str:
        """Ten bare digits."""
        return establishment_number(self.index)


@dataclass(frozen=True)
class DemoOrganisation:
    """An organisation; `index` gives its number, `names` holds a name per language it has one in.

    `joined` is the day of its first employments and appointments.
    """

    slug: str
    index: int
    names: dict[str, str]
    legal_form: str
    started_on: date
    address: Address = Address()
    status: str = "normal"
    juridical_situation: str = "000"
    mail_domain: str = ""
    units: tuple[Unit, ...] = ()
    joined: date = field(default=date(2023, 9, 1))

    @property
    def enterprise_number(self) -> str:
        """Ten bare digits."""
        return demo_enterprise_number(self.index)


ORGANISATIONS = (
    DemoOrganisation(
        slug="dubois",
        index=99,  # 0999.999.922
        names={"fr": "Boulangerie Dubois SRL"},
        legal_form="610",
        started_on=date(2010, 1, 4),
        address=Address("Rue du Modèle", "12", "1000", "Bruxelles"),
        mail_domain="boulangerie-dubois.example",
        units=(
            Unit(8, "Boulangerie Dubois", Address("Rue du Modèle", "12", "1000", "Bruxelles")),
            Unit(9, "Boulangerie Dubois – Salon de thé", Address("Place de l’Épi", "3", "1050", "Ixelles")),
        ),
    ),
    DemoOrganisation(
        slug="peeters",
        index=98,
        names={"fr": "Peeters & Fils SA"},
        legal_form="014",
        started_on=date(1987, 3, 16),
        address=Address("Avenue des Tanneurs", "48", "5000", "Namur"),
        mail_domain="peeters-fils.example",
        units=(Unit(10, "Peeters & Fils", Address("Avenue des Tanneurs", "48", "5000", "Namur")),),
    ),
    DemoOrganisation(
        slug="eupen",
        index=97,
        names={"de": "Eupener Werkstätten GmbH"},
        legal_form="610",
        started_on=date(2025, 2, 3),
        address=Address("Am Weberbach", "7", "4700", "Eupen"),
        status="new",
        mail_domain="eupener-werkstaetten.example",
        units=(Unit(11, "Eupener Werkstätten", Address("Am Weberbach", "7", "4700", "Eupen")),),
        joined=date(2025, 2, 3),
    ),
    DemoOrganisation(
        slug="hop",
        index=96,
        names={"nl": "Brouwerij De Gouden Hop NV", "fr": "Brasserie Le Houblon d’Or SA"},
        legal_form="014",
        started_on=date(1994, 5, 2),
        address=Address("Zwarteberglaan", "101", "2800", "Mechelen"),
        mail_domain="goudenhop.example",
        units=(
            Unit(12, "Brouwerij", Address("Zwarteberglaan", "101", "2800", "Mechelen")),
            Unit(13, "Proeflokaal De Hop", Address("Korte Mouterijstraat", "5", "2000", "Antwerpen")),
            Unit(14, "Depot Zaventem", Address("Vrachtweg", "22", "1930", "Zaventem", "B4")),
            Unit(15, "Dépôt de Tournai", Address("Quai aux Fûts", "16", "7500", "Tournai")),
            Unit(16, "Hop & Co", Address("Vismijnkaai", "9", "8400", "Oostende")),
        ),
    ),
    DemoOrganisation(
        slug="linden",
        index=95,
        names={"nl": "Zorggroep Ter Linden VZW"},
        legal_form="017",
        started_on=date(1979, 10, 1),
        address=Address("Lindendreef", "1", "3000", "Leuven"),
        mail_domain="terlinden.example",
        units=(
            Unit(17, "Campus Leuven", Address("Lindendreef", "1", "3000", "Leuven")),
            Unit(18, "Campus Aarschot", Address("Demerpad", "30", "3200", "Aarschot")),
        ),
    ),
    DemoOrganisation(
        slug="meuse",
        index=94,
        names={"fr": "Fiduciaire Meuse et Sambre SRL"},
        legal_form="610",
        started_on=date(2003, 7, 1),
        address=Address("Quai des Registres", "27", "4000", "Liège", "12"),
        mail_domain="meuse-sambre.example",
        units=(Unit(19, "Fiduciaire Meuse et Sambre", Address("Quai des Registres", "27", "4000", "Liège")),),
    ),
    DemoOrganisation(
        slug="lemaire",
        index=93,
        names={"fr": "Transports Lemaire SA"},
        legal_form="014",
        started_on=date(1998, 11, 9),
        address=Address("Chaussée du Canal", "214", "7000", "Mons"),
        status="special",
        juridical_situation="012",
        mail_domain="transports-lemaire.example",
    ),
    DemoOrganisation(
        slug="vandersteen",
        index=92,
        names={"nl": "Atelier Vandersteen VOF"},
        legal_form="011",
        started_on=date(2006, 4, 3),
        address=Address("Oude Vlasgang", "6", "9000", "Gent"),
        status="stopped",
        mail_domain="atelier-vandersteen.example",
    ),
    DemoOrganisation(
        slug="ateliers",
        index=91,
        names={"fr": "Centre culturel Les Ateliers ASBL"},
        legal_form="017",
        started_on=date(2001, 9, 17),
        address=Address("Rue des Verriers", "55", "6000", "Charleroi"),
        mail_domain="les-ateliers.example",
    ),
    DemoOrganisation(
        slug="hogebeek",
        index=90,
        names={"nl": "Gemeente Hogebeek", "fr": "Commune de Hogebeek"},
        legal_form="411",
        started_on=date(1977, 1, 1),
        address=Address("Gemeenteplein", "1", "1755", "Hogebeek"),
        mail_domain="hogebeek.example",
    ),
    DemoOrganisation(
        slug="yilmaz",
        index=89,
        names={"nl": "Huisartsenpraktijk Yılmaz & Aerts BV"},
        legal_form="610",
        started_on=date(2016, 1, 11),
        address=Address("Oude Singellaan", "318", "2140", "Antwerpen", "1"),
        mail_domain="praktijk-yilmaz.example",
    ),
    DemoOrganisation(
        slug="elamrani",
        index=88,
        names={"nl": "Bouwwerken El Amrani BV"},
        legal_form="610",
        started_on=date(2018, 3, 19),
        address=Address("Mijnwerkerslaan", "77", "3600", "Genk"),
        mail_domain="elamrani-bouw.example",
    ),
    DemoOrganisation(
        slug="holzbau",
        index=87,
        names={"de": "Sankt Vither Holzbau GmbH", "fr": "Charpentes de Saint-Vith SRL"},
        legal_form="610",
        started_on=date(2009, 6, 15),
        address=Address("Sägemühlenweg", "14", "4780", "Sankt Vith"),
        mail_domain="holzbau-st-vith.example",
    ),
    DemoOrganisation(
        slug="terrepain",
        index=86,
        names={"fr": "Coopérative Terre et Pain SC"},
        legal_form="706",
        started_on=date(2014, 10, 20),
        address=Address("Sentier des Meuniers", "2", "1340", "Ottignies-Louvain-la-Neuve"),
        mail_domain="terre-et-pain.example",
    ),
    DemoOrganisation(
        slug="mbuyi",
        index=85,
        names={"fr": "Pharmacie Mbuyi SRL"},
        legal_form="610",
        started_on=date(2019, 9, 2),
        address=Address("Chaussée des Herboristes", "140", "1050", "Ixelles"),
        mail_domain="pharmacie-mbuyi.example",
    ),
    DemoOrganisation(
        slug="notaris",
        index=84,
        names={"nl": "Notariskantoor Van den Broeck & D’Hondt BV"},
        legal_form="610",
        started_on=date(2007, 2, 1),
        address=Address("Kantwerkersrei", "19", "8000", "Brugge"),
        mail_domain="notaris-vdbdh.example",
    ),
    # A natural person: no legal form, and no address in the Crossroads Bank.
    DemoOrganisation(
        slug="kowalski",
        index=83,
        names={"fr": "Kowalski Marek"},
        legal_form="",
        started_on=date(2021, 4, 12),
        mail_domain="chez-marek.example",
    ),
    # Long names in three languages, for layouts.
    DemoOrganisation(
        slug="logement",
        index=82,
        names={
            "fr": "Société coopérative pour le logement social et l’habitat durable des deux vallées",
            "nl": "Coöperatieve vennootschap voor sociale huisvesting en duurzaam wonen in de twee valleien",
            "de": "Genossenschaft für sozialen Wohnungsbau und nachhaltiges Wohnen in den zwei Tälern",
        },
        legal_form="706",
        started_on=date(1964, 5, 25),
        address=Address("Boulevard des Deux-Vallées", "201-203", "4800", "Verviers", "A"),
        mail_domain="deux-vallees.example",
    ),
)
