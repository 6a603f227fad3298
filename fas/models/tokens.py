"""Codes and tokens. Only their hashes are kept: whoever reads the database can use none of them."""

from django.db import models
from django.db.models import Q
from django.db.models.functions import Length
from django.db.models.lookups import Exact
from django.utils.translation import gettext_lazy as _
from oauth2_provider.models import (
    AbstractAccessToken,
    AbstractDeviceGrant,
    AbstractGrant,
    AbstractIDToken,
    AbstractRefreshToken,
)

from fas.models.sign_on import SignOn


class Grant(AbstractGrant):
    """An authorization code: `code` is its hash. It stays after its use, so that a second use is known for one."""

    sign_on = models.ForeignKey(SignOn, on_delete=models.CASCADE, related_name="grants", verbose_name=_("sign-on"))
    used_at = models.DateTimeField(_("used on"), null=True, blank=True)

    class Meta(AbstractGrant.Meta):
        verbose_name = _("authorization code")
        verbose_name_plural = _("authorization codes")
        default_permissions = ("view",)
        indexes = [models.Index(fields=["expires"], name="grant_by_expiry")]
        constraints = [
            models.CheckConstraint(condition=Exact(Length("code"), 64), name="grant_code_is_hashed"),
            models.CheckConstraint(
                condition=Q(code_challenge="", code_challenge_method="")
                | (~Q(code_challenge="") & Q(code_challenge_method="S256")),
                name="grant_challenge_is_s256",
            ),
        ]


class AccessToken(AbstractAccessToken):
    """An access token, of a person's sign-on or (for look-ups) of a client alone. `grant` is the code it came from."""

    sign_on = models.ForeignKey(
        SignOn,
        on_delete=models.CASCADE,
        null=True,
        blank=True,
        related_name="access_tokens",
        verbose_name=_("sign-on"),
    )
    grant = models.ForeignKey(
        Grant,
        on_delete=models.SET_NULL,
        null=True,
        blank=True,
        related_name="access_tokens",
        verbose_name=_("authorization code"),
    )

    class Meta(AbstractAccessToken.Meta):
        verbose_name = _("access token")
        verbose_name_plural = _("access tokens")
        default_permissions = ("view",)
        indexes = [models.Index(fields=["expires"], name="access_token_by_expiry")]
        constraints = [
            models.CheckConstraint(
                condition=Q(Q(token=""), Exact(Length("token_checksum"), 64)), name="access_token_is_hashed"
            ),
            models.CheckConstraint(
                condition=Q(sign_on__isnull=True, user__isnull=True) | Q(sign_on__isnull=False, user__isnull=False),
                name="access_token_of_a_sign_on_or_nobody",
            ),
        ]


class IDToken(AbstractIDToken):
    """That an ID token was given: its number, for whom and how long. The token itself is kept nowhere."""

    sign_on = models.ForeignKey(SignOn, on_delete=models.CASCADE, related_name="id_tokens", verbose_name=_("sign-on"))

    class Meta(AbstractIDToken.Meta):
        verbose_name = _("ID token")
        verbose_name_plural = _("ID tokens")
        default_permissions = ("view",)
        indexes = [models.Index(fields=["expires"], name="id_token_by_expiry")]


class RefreshToken(AbstractRefreshToken):
    """The toolkit asks for the table. It stays empty: FAS may lack refresh tokens, and the provider gives none."""

    class Meta(AbstractRefreshToken.Meta):
        verbose_name = _("refresh token")
        verbose_name_plural = _("refresh tokens")
        default_permissions = ("view",)
        constraints = [models.CheckConstraint(condition=Q(token=""), name="refresh_token_is_hashed")]


class DeviceGrant(AbstractDeviceGrant):
    """The toolkit asks for the table. It stays empty: nobody signs in by the code of a device."""

    class Meta(AbstractDeviceGrant.Meta):
        verbose_name = _("device code")
        verbose_name_plural = _("device codes")
        default_permissions = ("view",)
