"""The state of an assignment, computed from its facts at the moment of reading and never stored (DOMAIN 4.1).

One rule, in two forms that a test holds equal: a function over one row, and conditions for the database.
Values, labels and the colour of the tag stand here and nowhere else.
"""

from datetime import date, datetime
from typing import Any

from django.db import models
from django.db.models import Case, F, Q, Value, When
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext

from tenants.periods import local_day

ENDS_SOON_DAYS = 30


class State(models.TextChoices):
    """The seven states, no more."""

    TO_CONFIRM = "to_confirm", _("To be confirmed")
    SCHEDULED = "scheduled", _("Scheduled")
    ACTIVE = "active", _("Active")
    EXPIRED = "expired", _("Expired")
    ENDED = "ended", _("Ended")
    REFUSED = "refused", _("Refused")
    CANCELLED = "cancelled", _("Cancelled")


COLOURS = {
    State.TO_CONFIRM: "amber",
    State.SCHEDULED: "blue",
    State.ACTIVE: "green",
    State.EXPIRED: "grey",
    State.ENDED: "grey",
    State.REFUSED: "grey",
    State.CANCELLED: "grey",
}
CURRENT = (State.TO_CONFIRM, State.SCHEDULED, State.ACTIVE)


def state_of(row: Any, *, now: datetime) -> State:
    """Return the state of a row that has the facts of `RoleAssignment`, at `now` (an aware moment)."""
    today = local_day(now)
    unconfirmed = row.confirmer != "nobody" and row.confirmed_at is None
    ended = row.ended_at is not None and row.ended_at <= now and row.end_reason != "lapsed"
    if ended and (row.ended_on < row.valid_from or unconfirmed or row.end_reason == "undone"):
        return State.CANCELLED
    if row.refused_at is not None:
        return State.REFUSED
    if ended:
        return State.ENDED
    if unconfirmed:
        return State.TO_CONFIRM if today < row.confirm_before else State.EXPIRED
    if row.valid_until is not None and row.valid_until < today:
        return State.EXPIRED
    return State.SCHEDULED if today < row.valid_from else State.ACTIVE


def state_case(*, now: datetime) -> Case:
    """Return the same rule as an expression for `annotate`."""
    today = local_day(now)
    unconfirmed = ~Q(confirmer="nobody") & Q(confirmed_at__isnull=True)
    ended = Q(ended_at__isnull=False, ended_at__lte=now) & ~Q(end_reason="lapsed")
    return Case(
        When(
            ended & (Q(ended_on__lt=F("valid_from")) | unconfirmed | Q(end_reason="undone")),
            then=Value(State.CANCELLED.value),
        ),
        When(refused_at__isnull=False, then=Value(State.REFUSED.value)),
        When(ended, then=Value(State.ENDED.value)),
        When(unconfirmed & Q(confirm_before__gt=today), then=Value(State.TO_CONFIRM.value)),
        When(unconfirmed, then=Value(State.EXPIRED.value)),
        When(Q(valid_until__lt=today), then=Value(State.EXPIRED.value)),
        When(Q(valid_from__gt=today), then=Value(State.SCHEDULED.value)),
        default=Value(State.ACTIVE.value),
        output_field=models.CharField(max_length=10),
    )


def current_condition(*, now: datetime) -> Q:
    """Return the condition for the three states in which a row still counts or will count."""
    today = local_day(now)
    return (
        Q(refused_at__isnull=True)
        & (Q(ended_at__isnull=True) | Q(ended_at__gt=now))
        & (Q(confirmer="nobody") | Q(confirmed_at__isnull=False) | Q(confirm_before__gt=today))
        & (
            Q(valid_until__isnull=True)
            | Q(valid_until__gte=today)
            | (~Q(confirmer="nobody") & Q(confirmed_at__isnull=True))
        )
    )


def ends_soon_words(valid_until: date | None, *, today: date) -> str:
    """Return "Ends in 20 days" for the last 30 days of an active role, else nothing."""
    if valid_until is None or not 0 <= (valid_until - today).days <= ENDS_SOON_DAYS:
        return ""
    days = (valid_until - today).days
    if days == 0:
        return str(_("Ends today"))
    return ngettext("Ends in %(days)s day", "Ends in %(days)s days", days) % {"days": days}
