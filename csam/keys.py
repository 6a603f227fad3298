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
    OIDC = "oidc", _("Federal sign-in service")


class KeyGroup(models.TextChoices):
    """The groups of the login page."""

    PROVIDER = "provider", _("Sign-in service")
    CARD = "card", _("Keys with eID or itsme")
    CODE = "code", _("Keys with a security code")


@dataclass(frozen=True)
class DigitalKey:
    """One way to show who one is.

    `level` is the assurance level of FAS (DOMAIN 6); of a real provider, which says it anew at each sign-in, the
    highest it may say. Whether a key can be used depends on the deployment: `is_available`.
    """

    name: KeyName
    description: Promise
    level: int
    group: KeyGroup

    @property
    def title(self) -> str:
        """Its name in words; no logo anywhere."""
        if self.name == KeyName.OIDC and settings.OIDC is not None and settings.OIDC.name:
            return str(settings.OIDC.name)
        return str(self.name.label)

    @property
    def is_available(self) -> bool:
        """Whether somebody can sign in with it here: with a real provider where one is set, with others in a mock."""
        return settings.OIDC is not None if self.name == KeyName.OIDC else bool(settings.CSAM_MOCK)

    @property
    def way_out(self) -> str:
        """The name of the address from which the browser goes on to whoever confirms the key."""
        return "csam:oidc_leave" if self.name == KeyName.OIDC else f"idp:{self.name.value}"


KEYS: tuple[DigitalKey, ...] = (
    DigitalKey(
        KeyName.OIDC,
        _("You go to its website, show there who you are, and come back signed in."),
        Level.HIGH,
        KeyGroup.PROVIDER,
    ),
    DigitalKey(
        KeyName.EID,
        _("With your identity card, its PIN and a card reader."),
        Level.HIGH,
        KeyGroup.CARD,
    ),
    DigitalKey(
        KeyName.ITSME,
        _("With the itsme app on your phone."),
        Level.ITSME,
        KeyGroup.CARD,
    ),
    DigitalKey(
        KeyName.EMAIL,
        _("With a code that we send to your e-mail address. You can see your roles, but not assign any."),
        Level.LOW,
        KeyGroup.CODE,
    ),
    DigitalKey(
        KeyName.APP,
        _("With a code that an app on your phone shows. Activate this key first, in your profile."),
        Level.SUBSTANTIAL,
        KeyGroup.CODE,
    ),
)


def available_keys() -> list[DigitalKey]:
    """Return the keys with which one can sign in here, in the order of the login page."""
    return [key for key in KEYS if key.is_available]


def find_key(name: str) -> DigitalKey | None:
    """Return the available key of this name, or None."""
    return next((key for key in available_keys() if key.name == name), None)
