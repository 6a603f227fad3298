"""What an invitation is to the person it was sent to: a task."""

from datetime import datetime

from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from roles.invitations import invitations_for
from roles.reasons import on_day
from roles.views.tasks import MOST_TASKS, Task
from tenants.acting import ActingContext


def invitation_tasks(acting: ActingContext, *, now: datetime) -> list[Task]:
    """Return the open invitations sent to the person's own address. The code in the letter is still asked for."""
    rows = invitations_for(acting.person, now=now).select_related("invited_by", "organisation")
    return [
        Task(
            _("Answer the invitation of %(name)s") % {"name": row.invited_by.full_name},
            reverse("roles:answer_code"),
            pgettext("task", "New"),
            "indigo",
            _("For %(organisation)s, before %(date)s")
            % {"organisation": row.organisation.name, "date": on_day(row.answer_before)},
        )
        for row in rows.order_by("answer_before", "id")[:MOST_TASKS]
    ]
