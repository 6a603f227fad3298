"""Codes and tokens in the administration: that they were given, never what they are."""

from django.contrib import admin

from fas.models import DeviceGrant
from vault.admin_base import ReadOnlyAdmin


class TokenAdmin(ReadOnlyAdmin):
    """Read-only, newest first."""

    ordering = ("-pk",)
    search_fields = ("=user__person__key", "=application__client_id")


class GrantAdmin(TokenAdmin):
    """Read-only; the hash of a code is nobody's business."""

    list_display = ("created", "application", "user", "expires", "used_at")
    list_select_related = ("application", "user__person")
    fields = ("created", "application", "user", "scope", "redirect_uri", "expires", "used_at")


class AccessTokenAdmin(TokenAdmin):
    """Read-only."""

    list_display = ("created", "application", "user", "scope", "expires")
    list_select_related = ("application", "user__person")
    fields = ("created", "application", "user", "scope", "expires")


class IDTokenAdmin(TokenAdmin):
    """Read-only."""

    list_display = ("created", "application", "user", "expires")
    list_select_related = ("application", "user__person")
    fields = ("created", "application", "user", "jti", "expires")
    readonly_fields = ("jti",)


class RefreshTokenAdmin(TokenAdmin):
    """Read-only, and empty: none is given."""

    list_display = ("created", "application", "user", "revoked")
    list_select_related = ("application", "user__person")
    fields = ("created", "application", "user", "revoked")


@admin.register(DeviceGrant)
class DeviceGrantAdmin(ReadOnlyAdmin):
    """Read-only, and empty: none is given."""

    list_display = ("pk", "client_id", "expires")
    ordering = ("-pk",)
    search_fields = ("=client_id",)
    fields = ("client_id", "expires")
