"""Clients in the administration: to look at."""

from vault.admin_base import ReadOnlyAdmin


class ClientAdmin(ReadOnlyAdmin):
    """Read-only. Whoever registers clients here needs more than this page: it comes with the guide for developers."""

    list_display = ("name", "client_id", "service", "is_enabled", "requires_pkce", "minimum_level")
    list_select_related = ("service",)
    list_filter = ("is_enabled", "requires_pkce")
    search_fields = ("=client_id", "=service__code")
    fields = (
        "name",
        "client_id",
        "service",
        "is_enabled",
        "requires_pkce",
        "redirect_uris",
        "post_logout_redirect_uris",
        "backchannel_logout_uri",
        "request_return_uris",
        "request_jwks",
        "scopes",
        "roles_as",
        "minimum_level",
        "requests_per_minute",
        "created",
        "updated",
    )
