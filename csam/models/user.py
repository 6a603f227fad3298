"""Logins, and the sessions open under them."""

from typing import Any, ClassVar, NoReturn

from django.contrib.auth.base_user import AbstractBaseUser, BaseUserManager
from django.contrib.auth.models import PermissionsMixin
from django.contrib.sessions.models import Session
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from audit.record import Snapshot
from tenants.keys import new_key
from tenants.models import Person


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


class OpenSession(models.Model):
    """A session of a login, so that its owner can see it and end it. It goes with Django's row, however that goes.

    When something was last done, and with which key it began, stands in the session itself.
    """

    key = models.CharField(max_length=22, unique=True, default=new_key, editable=False)
    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="open_sessions", verbose_name=_("login"))
    session = models.OneToOneField(Session, on_delete=models.CASCADE, related_name="+")
    device = models.CharField(_("browser"), max_length=60, blank=True)
    opened_at = models.DateTimeField(_("signed in on"))

    class Meta:
        verbose_name = _("open session")
        verbose_name_plural = _("open sessions")
        ordering = ["-opened_at", "-id"]
        default_permissions = ("view",)

    def __str__(self) -> str:
        return f"{self.opened_at:%Y-%m-%d %H:%M}"
