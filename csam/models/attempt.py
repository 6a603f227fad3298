"""One attempt to sign in: its one-time ticket, the code sent by e-mail, the request on the phone."""

from datetime import datetime

from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Length
from django.db.models.lookups import Exact
from django.utils.translation import gettext_lazy as _

from csam.keys import KeyName
from tenants.keys import new_key
from tenants.models import Person
from tenants.periods import one_of
from vault.fields import SealedField

MAIL_CODE_ADDRESS = "csam.mail_code_address"
MAX_CODE_TRIES = 5


class Purpose(models.TextChoices):
    """Why somebody goes to the identity provider."""

    SIGN_IN = "sign_in", _("sign in")
    STEP_UP = "step_up", _("sign in with a higher key")
    FRESH = "fresh", _("show again who one is")


class LoginTicket(models.Model):
    """One attempt to sign in, from the choice of a key until the return to the portal.

    The browser holds the secret in a cookie, the row only its hash; none of it is in an address. What the
    identity provider confirms is a person of the portal, or an entry of the National Register by its key, the level
    of the key that was used, and when the person used it.
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
    level = models.PositiveSmallIntegerField(_("level"), null=True, blank=True)
    # When an answer of a real provider began to be exchanged: a second one with it waits for the first.
    claimed_at = models.DateTimeField(null=True, blank=True)
    # When the person showed who they are; a real provider may remember that from before, or not tell.
    proved_at = models.DateTimeField(_("identity shown on"), null=True, blank=True)
    made_known = models.BooleanField(default=False)  # the provider's word made the person known to the portal
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
                condition=Q(confirmed_at__isnull=True, level__isnull=True, proved_at__isnull=True, made_known=False)
                | Q(confirmed_at__isnull=False, level__isnull=False),
                name="login_ticket_level_when_confirmed",
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


class Answer(models.TextChoices):
    """How a request on the phone ended."""

    APPROVED = "approved", _("approved")
    REFUSED = "refused", _("refused")
    WRONG_NUMBER = "wrong_number", _("wrong number chosen")
    BLOCKED = "blocked", _("blocked after wrong codes")


class PhoneRequest(models.Model):
    """The question that itsme shows on the phone of the person somebody says to be.

    The waiting page shows `number`; the phone shows `choices`, three numbers of which it is one. The key of the row
    is the phone's address: approving there takes the itsme code, and signs in the browser of the ticket only.
    """

    Answer = Answer

    key = models.CharField(max_length=22, unique=True, default=new_key, editable=False)
    ticket = models.OneToOneField(LoginTicket, on_delete=models.CASCADE, related_name="phone_request")
    register_key = models.CharField(max_length=22)
    number = models.PositiveSmallIntegerField(_("number to compare"))
    choices = models.JSONField(_("numbers on the phone"))
    sent_at = models.DateTimeField(_("sent on"))
    expires_at = models.DateTimeField(_("expires on"))
    answer = models.CharField(_("answer"), max_length=12, choices=Answer, blank=True)
    answered_at = models.DateTimeField(_("answered on"), null=True, blank=True)

    class Meta:
        verbose_name = _("itsme request")
        verbose_name_plural = _("itsme requests")
        indexes = [models.Index(fields=["register_key", "expires_at"], name="phone_request_by_person")]
        constraints = [
            models.CheckConstraint(condition=Q(answer__in=["", *sorted(Answer.values)]), name="phone_answer_known"),
            models.CheckConstraint(
                condition=Q(answer="", answered_at__isnull=True) | (~Q(answer="") & Q(answered_at__isnull=False)),
                name="phone_answer_has_moment",
            ),
            models.CheckConstraint(condition=Q(number__gte=10, number__lte=99), name="phone_number_has_two_digits"),
            models.CheckConstraint(condition=Q(expires_at__gt=F("sent_at")), name="phone_request_expires_later"),
        ]

    def __str__(self) -> str:
        return f"{self.sent_at:%Y-%m-%d %H:%M}"

    def is_open(self, now: datetime) -> bool:
        """Say whether the phone may still answer."""
        return not self.answer and now < self.expires_at
