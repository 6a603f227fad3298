"""What a person keeps with the portal: the app that shows codes, and an address on its way to being theirs."""

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from csam.models.attempt import MAX_CODE_TRIES
from tenants.keys import new_key
from tenants.models import Person
from vault.fields import SealedField


class AppKey(models.Model):
    """The secret that an authenticator app shares with the portal (RFC 6238: SHA-1, 6 digits, 30 seconds).

    Without `activated_at` it was shown and no first code has come yet. `last_step` is the 30-second step of the last
    code that counted: no earlier one, and not that one again, counts any more.
    """

    person = models.OneToOneField(Person, on_delete=models.CASCADE, related_name="app_key", verbose_name=_("person"))
    secret = SealedField(purpose="csam.app_secret", verbose_name=_("secret"))
    created_at = models.DateTimeField(_("shown on"))
    activated_at = models.DateTimeField(_("activated on"), null=True, blank=True)
    last_step = models.PositiveBigIntegerField(default=0, editable=False)

    class Meta:
        verbose_name = _("code via app")
        verbose_name_plural = _("codes via app")
        default_permissions = ("view", "delete")
        constraints = [
            models.CheckConstraint(
                condition=Q(activated_at__isnull=True, last_step=0) | Q(activated_at__isnull=False, last_step__gt=0),
                name="app_key_activated_by_a_code",
            ),
        ]

    def __str__(self) -> str:
        return str(self.person)


class AddressChange(models.Model):
    """A new address for messages, and the code sent there that will make it the person's.

    `key` stands in the session in which the change was asked for: the code counts there only.
    """

    key = models.CharField(max_length=22, unique=True, default=new_key, editable=False)
    person = models.OneToOneField(
        Person, on_delete=models.CASCADE, related_name="address_change", verbose_name=_("person")
    )
    address = SealedField(purpose="csam.new_address", verbose_name=_("e-mail address"))
    code_hash = models.CharField(max_length=200)
    sent_at = models.DateTimeField(_("sent on"))
    expires_at = models.DateTimeField(_("expires on"))
    tries = models.PositiveSmallIntegerField(_("tries"), default=0)
    used_at = models.DateTimeField(_("used on"), null=True, blank=True)

    class Meta:
        verbose_name = _("change of address")
        verbose_name_plural = _("changes of address")
        indexes = [models.Index(fields=["expires_at"], name="address_change_by_expiry")]
        constraints = [
            models.CheckConstraint(
                condition=Q(tries__gte=0, tries__lte=MAX_CODE_TRIES), name="address_change_five_tries"
            ),
            models.CheckConstraint(condition=Q(expires_at__gt=F("sent_at")), name="address_change_expires_later"),
            models.CheckConstraint(condition=Q(code_hash__startswith="argon2"), name="address_change_code_is_hashed"),
        ]

    def __str__(self) -> str:
        return f"{self.sent_at:%Y-%m-%d %H:%M}"
