"""The two sites: what they are called, which role opens them, and how sure of a key they ask for."""

from dataclasses import dataclass

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

Text = str | Promise


@dataclass(frozen=True)
class Site:
    """One pretend service. `service` is its name in the portal's role catalogue, `level` that of FAS it asks for.

    `may` says what the role allows here, one sentence each. `roles_as` is how it wants the claim `roles`.
    """

    slug: str
    service: str
    name: Text
    purpose: Text
    role: str
    role_name: Text
    may: tuple[Text, ...]
    level: int
    roles_as: str = "list"

    def path(self, place: str = "") -> str:
        """Return the path of one of its pages: "return" gives /fluvius/return/."""
        return f"/{self.slug}/{place}/" if place else f"/{self.slug}/"


FLUVIUS = Site(
    slug="fluvius",
    service="mijn-fluvius",
    name=_("Mijn Fluvius (demonstration)"),
    purpose=_("Energy, meters and bills of your organisation in one place."),
    role="FLUVIUS_ENERGY_PORTAL_ADMIN",
    role_name=_("Mijn.Fluvius energy portal administrator"),
    may=(
        _("See what your organisation uses, for each meter."),
        _("Send in meter readings."),
        _("Decide which colleagues see your organisation’s energy."),
    ),
    level=400,
)

SAFEONWEB = Site(
    slug="safeonweb",
    service="safeonweb-at-work",
    name=_("Safeonweb@work (demonstration)"),
    purpose=_("Warnings and advice on the cyber security of your organisation."),
    role="CCB_SAFEONWEBATWORK_EDIT",
    role_name="CCB SAFEONWEBATWORK EDIT",
    may=(
        _("Register your organisation and keep its details up to date."),
        _("Say which domains and networks are yours."),
        _("Read the warnings about them."),
    ),
    level=450,
    roles_as="string",
)

SITES = {site.slug: site for site in (FLUVIUS, SAFEONWEB)}
