"""The digital keys as data: how surely each shows who somebody is, and where the login page shows it."""

from dataclasses import dataclass

from django.conf import settings
from django.db import models
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from tenants.acting import Level


class KeyName(models.TextChoices):
    """The names under which keys stand in addresses, sessions and rows."""

    EID = "eid", _("eID with card reader")
    ITSME = "itsme", _("itsme")
    EMAIL = "email", _("Security code by e-mail")
    APP = "app", _("Security code via mobile app")


class KeyGroup(models.TextChoices):
    """The two groups of the login page."""

    CARD = "card", _("Keys with eID or itsme")
    CODE = "code", _("Keys with a security code")


@dataclass(frozen=True)
class DigitalKey:
    """One way to show who one is.

    `level` is the assurance level of FAS (DOMAIN 6). `is_built` says whether this release knows the key;
    whether it can be used here also depends on the deployment: `is_available`.
    """

    name: KeyName
    description: Promise
    level: int
    group: KeyGroup
    is_built: bool

    @property
    def title(self) -> str:
        """Its name in words; no logo anywhere."""
        return str(self.name.label)

    @property
    def is_available(self) -> bool:
        """Whether somebody can sign in with it here. So far all are pretended."""
        return self.is_built and bool(settings.CSAM_MOCK)

    @property
    def idp_url_name(self) -> str:
        """The name of the address at the identity provider to which the browser is sent."""
        return f"idp:{self.name.value}"


KEYS: tuple[DigitalKey, ...] = (
    DigitalKey(
        KeyName.EID,
        _("With your identity card, its PIN and a card reader."),
        Level.HIGH,
        KeyGroup.CARD,
        is_built=True,
    ),
    DigitalKey(
        KeyName.ITSME,
        _("With the itsme app on your phone."),
        Level.ITSME,
        KeyGroup.CARD,
        is_built=False,
    ),
    DigitalKey(
        KeyName.EMAIL,
        _("With a code that we send to your e-mail address. You can see your roles, but not give any."),
        Level.LOW,
        KeyGroup.CODE,
        is_built=True,
    ),
    DigitalKey(
        KeyName.APP,
        _("With a code that an app on your phone shows."),
        Level.SUBSTANTIAL,
        KeyGroup.CODE,
        is_built=False,
    ),
)


def find_key(name: str) -> DigitalKey | None:
    """Return the key of this name, or None."""
    return next((key for key in KEYS if key.name == name), None)
