"""The one way in: a sign-in attempt that the identity provider has confirmed."""

from datetime import datetime
from typing import Any

from django.contrib.auth.backends import ModelBackend
from django.http import HttpRequest
from django.utils import timezone

from csam.models import LoginTicket, User
from csam.operations import person_of_record, user_of
from tenants.registers import national_register


class DigitalKeyBackend(ModelBackend):
    """Turns a redeemed ticket into a login. Rights of admins are those of Django's groups, as ever."""

    def authenticate(  # type: ignore[override]
        self,
        request: HttpRequest | None,
        ticket: LoginTicket | None = None,
        now: datetime | None = None,
        **_credentials: Any,
    ) -> User | None:
        """Return the login of the person whom the ticket names; None if there is none, or it is switched off.

        The portal makes itself known to a person of the National Register at the first sign-in. The returned
        login has `is_new_here` set when that has just happened.
        """
        if ticket is None or ticket.used_at is None:
            return None
        now = now or timezone.now()
        person, is_new = ticket.person, ticket.made_known
        if person is None:
            source = national_register().read(ticket.register_key)
            if source is None:
                return None
            person, is_new = person_of_record(source, now=now)
        user = user_of(person)
        if not self.user_can_authenticate(user):
            return None
        user.is_new_here = is_new
        return user

    def get_user(self, user_id: int) -> User | None:
        """Return the login with its person, in one query; None when either is switched off."""
        user = User.objects.select_related("person").filter(pk=user_id).first()
        return user if user is not None and self.user_can_authenticate(user) else None

    def user_can_authenticate(self, user: Any) -> bool:
        """Say whether neither the login nor the person is switched off."""
        return bool(user.is_active and user.person.is_active)
