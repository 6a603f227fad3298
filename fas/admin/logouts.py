"""The log of messages to services that a sign-on is over: to look at, and to send one again."""

from typing import Any

from django.contrib import admin, messages
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext

from fas.models import LogoutDelivery
from fas.operations.logouts import send_again
from vault.admin_base import ReadOnlyAdmin


@admin.register(LogoutDelivery)
class LogoutDeliveryAdmin(ReadOnlyAdmin):
    """Read-only. No message is kept; one that is sent again is made anew."""

    list_display = (
        "queued_at",
        "client",
        "reason",
        "state",
        "attempts",
        "last_answer",
        "last_trouble",
        "next_at",
        "delivered_at",
    )
    list_select_related = ("client", "sign_on")
    list_filter = ("state", ("client", admin.RelatedOnlyFieldListFilter))
    ordering = ("-pk",)
    search_fields = ("=sign_on__sid", "=client__client_id", "=sign_on__user__person__key")
    search_help_text = _("The sid of a sign-on, a client_id, or the key of a person")
    actions = ("put_back",)
    fields = (
        "client",
        "sign_on",
        "reason",
        "state",
        "attempts",
        "queued_at",
        "next_at",
        "lease_until",
        "leased_by",
        "delivered_at",
        "last_answer",
        "last_trouble",
    )
    readonly_fields = ("reason",)

    @admin.display(description=_("reason of the end"))
    def reason(self, obj: LogoutDelivery) -> str:
        """Show why the sign-on ended."""
        return str(obj.sign_on.get_end_reason_display())

    @admin.action(description=_("Send the chosen messages again"), permissions=["send_again"])
    def put_back(self, request: HttpRequest, queryset: QuerySet[Any]) -> None:
        """Put those that were received or given up into the queue again; each is recorded."""
        acting: Any = request.acting  # type: ignore[attr-defined]
        queued = sum(send_again(row, acting=acting, now=timezone.now()) for row in queryset.select_related("client"))
        text = ngettext("%(n)s message will be sent again.", "%(n)s messages will be sent again.", queued)
        self.message_user(request, text % {"n": queued}, messages.SUCCESS if queued else messages.WARNING)

    def has_send_again_permission(self, request: HttpRequest) -> bool:
        """Say whether this member of the staff may send messages again."""
        return bool(request.user.has_perm("fas.change_logoutdelivery"))
