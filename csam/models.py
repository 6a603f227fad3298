"""Logins, the one-time tickets of sign-in attempts, and the codes sent by e-mail."""

from datetime import datetime
from typing import Any, ClassVar, NoReturn

from django.contrib.auth.base_user import AbstractBaseUser, BaseUserManager
from django.contrib.auth.models import PermissionsMixin
from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Length
from django.db.models.lookups import Exact
from django.utils.translation import gettext_lazy as _

from audit.record import Snapshot
from csam.keys import KeyName
from tenants.keys import new_key
from tenants.models import Person
from tenants.periods import one_of
from vault.fields import SealedField

MAIL_CODE_ADDRESS = "csam.mail_code_address"
MAX_CODE_TRIES = 5


class UserManager(BaseUserManager["User"]):
    """Makes logins, which belong to a person and never have a password."""

    def create_for(self, person: Person, *, is_staff: bool = False, is_superuser: bool = False) -> "User":
        """Store and return the login of `person`."""
        user = self.model(person=person, is_staff=is_staff, is_superuser=is_superuser)
        user.set_unusable_password()
        user.save(using=self._db)
        return user

    def create_superuser(self, *args: Any, **kwargs: Any) -> NoReturn:
        """Refuse: an admin is a person who signs in with a digital key."""
        raise TypeError("Everyone signs in with a digital key. Use `manage.py createadmin` to make an admin.")


class User(AbstractBaseUser, PermissionsMixin):
    """A login and nothing else: who it is stands in `tenants.Person`."""

    key = models.CharField(max_length=22, unique=True, default=new_key, editable=False)
    person = models.OneToOneField(Person, on_delete=models.PROTECT, related_name="user", verbose_name=_("person"))
    is_staff = models.BooleanField(_("may open the administration"), default=False)
    is_active = models.BooleanField(_("active"), default=True)
    created_at = models.DateTimeField(_("first sign-in"), auto_now_add=True)

    objects = UserManager()

    # Not stored: whether the portal met the person at this very sign-in.
    is_new_here: bool = False

    USERNAME_FIELD = "key"
    REQUIRED_FIELDS: ClassVar[list[str]] = []

    class Meta:
        verbose_name = _("login")
        verbose_name_plural = _("logins")
        ordering = ["id"]
        constraints = [
            # "!" begins what Django stores for a password nobody can have.
            models.CheckConstraint(condition=Q(("password__startswith", "!")), name="user_has_no_password"),
        ]

    def __str__(self) -> str:
        return str(self.person)

    def set_password(self, raw_password: str | None) -> None:
        """Refuse a password: digital keys only."""
        if raw_password is not None:
            raise TypeError("Everyone signs in with a digital key; there are no passwords.")
        self.set_unusable_password()

    def get_full_name(self) -> str:
        """Return the person's name."""
        return self.person.full_name

    def get_short_name(self) -> str:
        """Return the person's first name."""
        return self.person.given_name

    def audit_snapshot(self) -> Snapshot:
        """Return the person's snapshot: who acts is a person."""
        return self.person.audit_snapshot()


class Purpose(models.TextChoices):
    """Why somebody goes to the identity provider."""

    SIGN_IN = "sign_in", _("sign in")
    STEP_UP = "step_up", _("sign in with a higher key")


class LoginTicket(models.Model):
    """One attempt to sign in, from the choice of a key until the return to the portal.

    The browser holds the secret in a cookie, the row only its hash; none of it is in an address. What the
    identity provider confirms is a person of the portal, or an entry of the National Register by its key.
    """

    Purpose = Purpose

    secret_hash = models.CharField(max_length=64, unique=True)
    key_name = models.CharField(_("digital key"), max_length=10, choices=KeyName.choices)
    purpose = models.CharField(_("purpose"), max_length=10, choices=Purpose, default=Purpose.SIGN_IN)
    minimum_level = models.PositiveSmallIntegerField(_("minimum level"), default=0)
    next_path = models.CharField(max_length=2000, blank=True)
    search_words = models.CharField(max_length=100, blank=True)  # what was sought on the identity provider's page
    created_at = models.DateTimeField(_("started on"))
    expires_at = models.DateTimeField(_("expires on"))
    confirmed_at = models.DateTimeField(_("confirmed on"), null=True, blank=True)
    register_key = models.CharField(max_length=22, blank=True)
    person = models.ForeignKey(
        Person, on_delete=models.CASCADE, null=True, blank=True, related_name="+", verbose_name=_("person")
    )
    used_at = models.DateTimeField(_("used on"), null=True, blank=True)

    class Meta:
        verbose_name = _("sign-in attempt")
        verbose_name_plural = _("sign-in attempts")
        indexes = [models.Index(fields=["expires_at"], name="login_ticket_by_expiry")]
        constraints = [
            models.CheckConstraint(condition=Exact(Length("secret_hash"), 64), name="login_ticket_secret_is_hashed"),
            one_of("key_name", KeyName, "login_ticket_key_known"),
            one_of("purpose", Purpose, "login_ticket_purpose_known"),
            models.CheckConstraint(
                condition=Q(confirmed_at__isnull=True, register_key="", person__isnull=True)
                | (Q(confirmed_at__isnull=False) & ~Q(register_key="") & Q(person__isnull=True))
                | Q(confirmed_at__isnull=False, register_key="", person__isnull=False),
                name="login_ticket_confirms_one",
            ),
            models.CheckConstraint(
                condition=Q(used_at__isnull=True) | Q(confirmed_at__isnull=False),
                name="login_ticket_used_only_when_confirmed",
            ),
            models.CheckConstraint(condition=Q(expires_at__gt=F("created_at")), name="login_ticket_expires_later"),
            models.CheckConstraint(
                condition=Q(next_path="") | (Q(next_path__startswith="/") & ~Q(next_path__startswith="//")),
                name="login_ticket_next_is_local",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.get_key_name_display()} – {self.created_at:%Y-%m-%d %H:%M}"

    def is_open(self, now: datetime) -> bool:
        """Say whether the identity provider may still confirm somebody on it."""
        return self.confirmed_at is None and now < self.expires_at


class MailCode(models.Model):
    """The code by e-mail of one attempt. A new code replaces the old one and keeps the count of tries.

    There is a row for an unknown address, too, with a code that was never sent: both cases do the same work.
    """

    ticket = models.OneToOneField(LoginTicket, on_delete=models.CASCADE, related_name="mail_code")
    address = SealedField(purpose=MAIL_CODE_ADDRESS, verbose_name=_("e-mail address"))
    person = models.ForeignKey(
        Person, on_delete=models.CASCADE, null=True, blank=True, related_name="+", verbose_name=_("person")
    )
    register_key = models.CharField(max_length=22, blank=True)
    code_hash = models.CharField(max_length=200)
    sent_at = models.DateTimeField(_("sent on"))
    expires_at = models.DateTimeField(_("expires on"))
    tries = models.PositiveSmallIntegerField(_("tries"), default=0)
    used_at = models.DateTimeField(_("used on"), null=True, blank=True)

    class Meta:
        verbose_name = _("security code by e-mail")
        verbose_name_plural = _("security codes by e-mail")
        constraints = [
            models.CheckConstraint(condition=Q(tries__gte=0, tries__lte=MAX_CODE_TRIES), name="mail_code_five_tries"),
            models.CheckConstraint(condition=Q(expires_at__gt=F("sent_at")), name="mail_code_expires_later"),
            models.CheckConstraint(condition=Q(person__isnull=True) | Q(register_key=""), name="mail_code_for_one"),
            models.CheckConstraint(condition=Q(code_hash__startswith="argon2"), name="mail_code_is_hashed"),
        ]

    def __str__(self) -> str:
        return f"{self.sent_at:%Y-%m-%d %H:%M}"
