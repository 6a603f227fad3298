"""A client: one online service as it speaks the protocol."""

from typing import Any

from django.core.exceptions import ValidationError
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _
from oauth2_provider.models import AbstractApplication, ApplicationManager

from audit.record import Snapshot
from fas.addresses import why_not_these
from fas.hashers import ALGORITHM
from fas.scopes import ALL_SCOPES, NUMBER, OPENID, SERVICE_SCOPES
from roles.models import OnlineService
from tenants.acting import Level
from tenants.periods import one_of


class RolesAs(models.TextChoices):
    """How the claim `roles` is written."""

    LIST = "list", _("a list")
    STRING = "string", _("the same as text")


class Client(AbstractApplication):
    """One online service as it speaks the protocol: where answers may go, and what it may learn.

    It has a secret, which is kept hashed, and signs nobody in but by an authorization code. What the toolkit offers
    beside that is fixed by constraints. Addresses stand one a line and count to the letter.
    """

    RolesAs = RolesAs

    # The toolkit's owner of a client, and what only other kinds of clients need.
    user = None

    service = models.ForeignKey(
        OnlineService, on_delete=models.PROTECT, related_name="clients", verbose_name=_("online service")
    )
    is_enabled = models.BooleanField(_("switched on"), default=True)
    requires_pkce = models.BooleanField(
        _("must use PKCE"),
        default=True,
        help_text=_("Off only for a client that cannot: a code stolen on its way can then be used."),
    )
    roles_as = models.CharField(_("roles are sent as"), max_length=6, choices=RolesAs, default=RolesAs.LIST)
    scopes = models.CharField(_("scopes it may ask"), max_length=200, default="openid profile roles enterprise citizen")
    minimum_level = models.PositiveSmallIntegerField(_("level it always asks"), default=int(Level.LOW))
    requests_per_minute = models.PositiveIntegerField(_("look-ups a minute"), default=600)
    backchannel_logout_uri = models.CharField(_("address for back-channel logout"), max_length=500, blank=True)
    request_return_uris = models.TextField(
        _("addresses to come back to after asking for a role"), blank=True, help_text=_("One per line.")
    )
    request_jwks = models.JSONField(_("public keys for requests of roles"), default=dict, blank=True)

    objects = ApplicationManager()

    class Meta:
        verbose_name = _("client")
        verbose_name_plural = _("clients")
        ordering = ["name", "client_id"]
        constraints = [
            one_of("roles_as", RolesAs, "client_roles_as_known"),
            models.CheckConstraint(
                condition=Q(client_type="confidential", hash_client_secret=True)
                & Q(client_secret__startswith=f"{ALGORITHM}$"),
                name="client_has_a_hashed_secret",
            ),
            models.CheckConstraint(
                condition=Q(authorization_grant_type="authorization-code", algorithm="RS256"),
                name="client_signs_in_by_code",
            ),
            models.CheckConstraint(condition=Q(skip_authorization=False), name="client_asks_consent"),
            models.CheckConstraint(
                condition=Q(minimum_level__in=[int(level) for level in Level]), name="client_minimum_level_known"
            ),
            models.CheckConstraint(condition=Q(requests_per_minute__gte=1), name="client_has_a_limit"),
            models.CheckConstraint(condition=~Q(name=""), name="client_has_a_name"),
        ]

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        """Make a client of the one kind there is, unless said otherwise."""
        if not args:
            kwargs.setdefault("client_type", self.CLIENT_CONFIDENTIAL)
            kwargs.setdefault("authorization_grant_type", self.GRANT_AUTHORIZATION_CODE)
            kwargs.setdefault("algorithm", self.RS256_ALGORITHM)
        super().__init__(*args, **kwargs)

    def __str__(self) -> str:
        return str(self.name)

    def clean(self) -> None:
        """Refuse scopes that are unknown and addresses that are none, each at its field."""
        problems: dict[str, str] = {}
        unknown = sorted(set(self.scopes.split()) - set(ALL_SCOPES))
        if unknown:
            problems["scopes"] = _("Unknown scopes: %(names)s") % {"names": ", ".join(unknown)}
        for field in ("redirect_uris", "post_logout_redirect_uris", "request_return_uris"):
            if why := why_not_these(getattr(self, field).split()):
                problems[field] = why
        if self.backchannel_logout_uri and (why := why_not_these([self.backchannel_logout_uri])):
            problems["backchannel_logout_uri"] = why
        if problems:
            raise ValidationError(problems)

    @property
    def allowed_scopes(self) -> frozenset[str]:
        """The scopes that it may ask."""
        return frozenset(self.scopes.split())

    @property
    def may_read_numbers(self) -> bool:
        """Whether it may learn national register numbers."""
        return NUMBER in self.allowed_scopes

    def redirect_uri_allowed(self, uri: str) -> bool:
        """Say whether answers may go there: to the letter, ports of this machine too (ASVS 10.4.1)."""
        return uri in self.redirect_uris.split()

    def post_logout_redirect_uri_allowed(self, uri: str) -> bool:
        """Say whether a browser may go there after signing out: to the letter."""
        return uri in self.post_logout_redirect_uris.split()

    def request_return_uri_allowed(self, uri: str) -> bool:
        """Say whether a person may be led back there after asking for a role: to the letter."""
        return uri in self.request_return_uris.split()

    def get_allowed_schemes(self) -> list[str]:
        """Return the schemes of its addresses; plain http got there for this machine only (`clean`)."""
        return ["https", "http"]

    def allows_grant_type(self, *grant_types: str) -> bool:
        """Say whether it gets tokens in one of these ways: by code, and for look-ups without a person."""
        if self.GRANT_CLIENT_CREDENTIALS in grant_types:
            return not self.allowed_scopes.isdisjoint(SERVICE_SCOPES)
        return self.GRANT_AUTHORIZATION_CODE in grant_types and OPENID in self.allowed_scopes

    def is_usable(self, request: Any) -> bool:
        """Say whether it is switched on; the toolkit asks at every step."""
        return self.is_enabled

    def audit_snapshot(self) -> Snapshot:
        """Return what an audit row keeps of it."""
        return Snapshot("client", self.client_id, self.name)
