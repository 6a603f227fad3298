"""Logins in the administration."""

from django.contrib import admin

from csam.models import User


@admin.register(User)
class UserAdmin(admin.ModelAdmin):
    """Who may sign in, and who may open the administration."""

    list_display = ["person", "is_active", "is_staff", "is_superuser", "last_login"]
    list_filter = ["is_active", "is_staff", "is_superuser"]
    list_select_related = ["person"]
    fields = ["person", "is_active", "is_staff", "is_superuser", "groups", "last_login", "created_at"]
    readonly_fields = ["person", "last_login", "created_at"]
    show_full_result_count = False

    def has_add_permission(self, request: object) -> bool:
        """Refuse: a login is made at the first sign-in."""
        return False
