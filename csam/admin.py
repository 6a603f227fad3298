"""Logins, groups of staff, sign-in attempts and codes in the administration. No secret and no address is shown."""

from typing import Any

from django import forms
from django.conf import settings
from django.contrib import admin, messages
from django.contrib.auth.admin import GroupAdmin as DjangoGroupAdmin
from django.contrib.auth.models import Group
from django.core.exceptions import ValidationError
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext

from csam.events import SignInEvent
from csam.models import AddressChange, AppKey, LoginTicket, MailCode, OpenSession, PhoneRequest, User
from csam.operations import end_all_sessions
from csam.operations.app_keys import remove_app_key
from csam.operations.blocks import unblock_keys_of
from tenants.recorded_admin import RecordedAdmin
from tenants.staff_search import person_ids
from vault.admin_base import DiscreetForm, ReadOnlyAdmin, SimulationAdmin

RIGHTS = ("is_staff", "is_superuser", "groups")


class UserForm(DiscreetForm):
    """Who may sign in, and with which rights."""

    own_id: int | None = None  # the login of whoever looks at the form

    def clean(self) -> dict[str, Any]:
        """Keep people from locking themselves out."""
        cleaned = super().clean()
        for name in ("is_active", "is_staff", "is_superuser"):
            if self.instance.pk == self.own_id and name in self.changed_data and not cleaned.get(name):
                self.add_error(name, ValidationError(_("You cannot take this away from yourself."), code="own"))
        return cleaned


@admin.register(User)
class UserAdmin(RecordedAdmin):
    """A login is made at the first sign-in; here it gets rights, or is switched off."""

    form = UserForm
    added_event = changed_event = SignInEvent.LOGIN_CHANGED
    list_display = ("person", "is_active", "is_staff", "is_superuser", "last_login")
    list_filter = ("is_active", "is_staff", "is_superuser")
    list_select_related = ("person",)
    fields = ("person", "is_active", "is_staff", "is_superuser", "groups", "last_login", "created_at")
    autocomplete_fields = ("groups",)
    search_fields = ("=key",)
    search_help_text = _("A name, an e-mail address, an organisation, or a key in full")
    actions = ("end_sessions", "unblock_keys")

    def find(self, queryset: QuerySet[Any], words: str) -> QuerySet[Any]:
        """Find by person."""
        return queryset.filter(person_id__in=person_ids(words))

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> tuple[str, ...]:
        """Only whoever holds every right gives rights."""
        shown = ("person", "last_login", "created_at")
        return shown if request.user.is_superuser else (*shown, *RIGHTS)

    def get_form(
        self, request: HttpRequest, obj: Any = None, change: bool = False, **kwargs: Any
    ) -> type[forms.ModelForm]:
        """Tell the form who looks at it."""
        form = super().get_form(request, obj, change, **kwargs)
        form.own_id = request.user.pk  # type: ignore[attr-defined]  # the class was made for this request
        return form

    def has_add_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """A login is made at the first sign-in."""
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Leave those with every right to their peers."""
        if obj is not None and obj.is_superuser and not request.user.is_superuser:
            return False
        return super().has_change_permission(request, obj)

    @admin.action(description=_("End all sessions of the chosen logins"), permissions=["change"])
    def end_sessions(self, request: HttpRequest, queryset: QuerySet[Any]) -> None:
        """Sign the chosen people out, on all their devices (ASVS 7.4.5)."""
        chosen = [user for user in queryset.select_related("person") if self.has_change_permission(request, user)]
        for user in chosen:
            end_all_sessions(user, acting=request.acting, now=timezone.now())  # type: ignore[attr-defined]
        text = ngettext(
            "The sessions of %(n)s login were ended.", "The sessions of %(n)s logins were ended.", len(chosen)
        )
        self.message_user(request, text % {"n": len(chosen)}, messages.SUCCESS)

    @admin.action(description=_("Unblock the digital keys of the chosen logins"), permissions=["change"])
    def unblock_keys(self, request: HttpRequest, queryset: QuerySet[Any]) -> None:
        """Forget the wrong codes that block keys here; with a real provider it is the provider that blocks."""
        chosen = [user for user in queryset.select_related("person") if self.has_change_permission(request, user)]
        for user in chosen:
            unblock_keys_of(user.person, acting=request.acting, now=timezone.now())  # type: ignore[attr-defined]
        text = ngettext(
            "The keys of %(n)s login were unblocked.", "The keys of %(n)s logins were unblocked.", len(chosen)
        )
        self.message_user(request, text % {"n": len(chosen)}, messages.SUCCESS)

    def get_actions(self, request: HttpRequest) -> dict[str, Any]:
        """Offer to unblock keys where there are some here."""
        actions = super().get_actions(request)
        if not settings.CSAM_MOCK:
            actions.pop("unblock_keys", None)
        return actions


admin.site.unregister(Group)


@admin.register(Group)
class GroupAdmin(RecordedAdmin, DjangoGroupAdmin):
    """Groups of staff and what they may do: only whoever holds every right decides it."""

    form = DiscreetForm
    added_event, changed_event = SignInEvent.GROUP_ADDED, SignInEvent.GROUP_CHANGED
    fields = ("name", "permissions")
    search_fields = ("name",)

    def formfield_for_manytomany(self, db_field: Any, request: HttpRequest | None = None, **kwargs: Any) -> Any:
        """Leave out permissions about what only a simulation has, where there is none."""
        field = super().formfield_for_manytomany(db_field, request, **kwargs)
        if field is not None and not settings.CSAM_MOCK:
            pretended = ("mailcode", "phonerequest", "appkey", "registeredperson")
            field.queryset = field.queryset.exclude(content_type__model__in=pretended)  # type: ignore[union-attr]
        return field

    def has_add_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Reserve it."""
        return bool(request.user.is_superuser)

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Reserve it."""
        return bool(request.user.is_superuser)

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Reserve it; one at a time, for each removal is recorded."""
        return bool(request.user.is_superuser)

    def get_actions(self, request: HttpRequest) -> dict[str, Any]:
        """Offer none: the one that deletes many would not be recorded."""
        return {}

    def delete_model(self, request: HttpRequest, obj: Any) -> None:
        """Record it, then remove it."""
        self.record(request, SignInEvent.GROUP_REMOVED, obj, {})
        super().delete_model(request, obj)


class OfPersonAdmin(ReadOnlyAdmin):
    """Rows about one person, found by person; `sealed` columns are not read, for nobody needs to see them."""

    sealed: tuple[str, ...] = ()
    list_select_related = ("person",)
    search_fields = ("=person__key",)

    def get_queryset(self, request: HttpRequest) -> QuerySet[Any]:
        """Leave sealed what is sealed."""
        return super().get_queryset(request).defer(*self.sealed)

    def find(self, queryset: QuerySet[Any], words: str) -> QuerySet[Any]:
        """Find by person."""
        return queryset.filter(person_id__in=person_ids(words))


@admin.register(LoginTicket)
class LoginTicketAdmin(OfPersonAdmin):
    """Sign-in attempts of the last day, without their secret."""

    list_display = ("created_at", "key_name", "purpose", "person", "confirmed_at", "used_at")
    list_filter = ("purpose",)
    fields = (
        "key_name",
        "purpose",
        "minimum_level",
        "person",
        "created_at",
        "expires_at",
        "confirmed_at",
        "used_at",
    )


@admin.register(MailCode)
class MailCodeAdmin(SimulationAdmin, OfPersonAdmin):
    """Codes by e-mail of the last day: when, for whom, how often tried. The code is a hash, the address sealed."""

    list_display = ("sent_at", "person", "tries", "expires_at", "used_at")
    fields = ("person", "sent_at", "expires_at", "tries", "used_at")
    sealed = ("address", "code_hash")


@admin.register(AppKey)
class AppKeyAdmin(SimulationAdmin, OfPersonAdmin):
    """Who has a code via app, since when; the secret stays sealed. A lost phone is a reason to take it away."""

    list_display = ("person", "activated_at")
    fields = ("person", "created_at", "activated_at")
    actions = ("take_away",)
    sealed = ("secret",)

    @admin.action(description=_("Remove the code via app of the chosen people"), permissions=["delete_key"])
    def take_away(self, request: HttpRequest, queryset: QuerySet[Any]) -> None:
        """Take the key away; each person is told by e-mail."""
        people = [key.person for key in queryset.select_related("person")]
        removed = sum(
            remove_app_key(person, acting=request.acting, now=timezone.now())  # type: ignore[attr-defined]
            for person in people
        )
        text = ngettext("%(n)s code via app was removed.", "%(n)s codes via app were removed.", removed)
        self.message_user(request, text % {"n": removed}, messages.SUCCESS)

    def has_delete_key_permission(self, request: HttpRequest) -> bool:
        """Say whether this member of the staff may take keys away."""
        return bool(request.user.has_perm("csam.delete_appkey"))


@admin.register(PhoneRequest)
class PhoneRequestAdmin(SimulationAdmin, ReadOnlyAdmin):
    """Requests of itsme of the last day. Neither the phone's address nor the numbers are shown."""

    list_display = ("sent_at", "answer", "answered_at", "expires_at")
    list_filter = ("answer",)
    fields = ("sent_at", "expires_at", "answer", "answered_at")


@admin.register(AddressChange)
class AddressChangeAdmin(OfPersonAdmin):
    """Changes of address that wait for their code, or had it in the last day. The address is sealed."""

    list_display = ("sent_at", "person", "tries", "expires_at", "used_at")
    fields = ("person", "sent_at", "expires_at", "tries", "used_at")
    sealed = ("address", "code_hash")


@admin.register(OpenSession)
class OpenSessionAdmin(ReadOnlyAdmin):
    """Who is signed in, since when and with which browser; sessions are ended in the list of logins."""

    list_display = ("opened_at", "user", "device")
    list_select_related = ("user__person",)
    fields = ("user", "device", "opened_at")
    search_fields = ("=user__person__key",)

    def find(self, queryset: QuerySet[Any], words: str) -> QuerySet[Any]:
        """Find by person."""
        return queryset.filter(user__person_id__in=person_ids(words))
