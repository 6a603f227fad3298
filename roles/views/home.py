"""The start page (S1) and "My open tasks" (S4): what waits for this person, and what this person can start."""

from collections.abc import Sequence
from datetime import timedelta
from typing import Any

from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.http import urlencode
from django.utils.translation import gettext as _
from django.utils.translation import ngettext, pgettext
from django.views.decorators.http import require_safe

from roles.models import AssignmentDraft, RoleAssignment
from roles.reasons import on_day, why_not
from roles.rules import Deciders, Reason, deciders_of, level_to_manage, may_manage_organisation
from roles.states import ENDS_SOON_DAYS, State
from roles.views.invitation_tasks import invitation_tasks
from roles.views.managers import manager_tasks
from roles.views.requests import request_tasks
from roles.views.tasks import MOST_TASKS, Task
from roles.wizard.state import STEPS, WizardState
from tenants.acting import ActingContext
from tenants.models import Organisation
from tenants.periods import local_day

# Whose task it is, the rules say, row by row: more are read than shown.
MOST_READ = 500


@login_not_required
@require_safe
def home(request: HttpRequest) -> HttpResponse:
    """S1 for strangers, S4 for people who signed in."""
    acting: ActingContext | None = request.acting  # type: ignore[attr-defined]
    if acting is None:
        return render(request, "roles/start.html")
    now = timezone.now()
    deciders = deciders_of(acting.organisation, day=timezone.localdate(now)) if acting.organisation else None
    reason = may_manage_organisation(acting, acting.organisation)
    mine = RoleAssignment.objects.filter(assignee=acting.person)
    active_count = mine.in_state(State.ACTIVE, now=now).count()
    return render(
        request,
        "roles/home.html",
        {
            "tasks": _waiting(acting, deciders, now=now),
            "may_manage": reason is None,
            "needs_key": reason == Reason.LEVEL_TOO_LOW,
            "needs_level": level_to_manage(),
            "is_stopped": reason == Reason.ORGANISATION_STOPPED,
            "why_not": why_not(reason, acting.organisation or _only(acting.managed)) if reason else "",
            "helpers": _helpers(acting, deciders) if reason else [],
            "representatives": [person.full_name for person in deciders.representatives] if deciders else [],
            "elsewhere": [row for row in acting.managed if row != acting.organisation and not row.is_stopped],
            "nothing_words": ngettext(
                "Nothing to do. You have %(count)s active role.",
                "Nothing to do. You have %(count)s active roles.",
                active_count,
            )
            % {"count": active_count}
            if active_count
            else _("Nothing to do. You have no active role."),
            "nav": "tasks",
        },
    )


def _only(managed: Sequence[Organisation]) -> Organisation | None:
    """Return the organisation that is meant where none can be acted for: the only one there is."""
    return managed[0] if len(managed) == 1 else None


def _helpers(acting: ActingContext, deciders: Deciders | None) -> list[tuple[str, str]]:
    """Return who can give roles in the organisation acted for, by name and function."""
    if deciders is None:
        return []
    return [(row.person.full_name, row.title) for row in deciders.appointments if row.person_id != acting.person.pk]


def _waiting(acting: ActingContext, deciders: Deciders | None, *, now: Any) -> list[Task]:
    """Return what waits for this person: own roles to confirm, those of others, and unfinished drafts."""
    return [
        *_own_to_confirm(acting, now=now),
        *_others_to_confirm(acting, deciders, now=now),
        *invitation_tasks(acting, now=now),
        *request_tasks(acting, deciders, now=now),
        *manager_tasks(acting, now=now),
        *_ending_soon(acting, now=now),
        *_drafts(acting, now),
    ]


def _ending_soon(acting: ActingContext, *, now: Any) -> list[Task]:
    """Return one row for the roles of the organisation that end within 30 days."""
    organisation = acting.organisation
    if organisation is None or may_manage_organisation(acting, organisation) is not None:
        return []
    today = local_day(now)
    rows = RoleAssignment.objects.of_organisation(organisation).in_domains(acting.appointments_for(organisation))
    ending = rows.in_state(State.ACTIVE, now=now).filter(
        valid_until__lte=today + timedelta(days=ENDS_SOON_DAYS), ended_at__isnull=True
    )
    count = ending.count()
    if not count:
        return []
    until = today + timedelta(days=ENDS_SOON_DAYS + 1)
    query = urlencode({"status": str(State.ACTIVE), "ends": until.isoformat(), "sort": "ends"})
    words = ngettext("%(count)s in 30 days", "%(count)s in 30 days", count) % {"count": count}
    return [Task(_("Check the roles that end soon"), f"{reverse('roles:assignments')}?{query}", words)]


def _own_to_confirm(acting: ActingContext, *, now: Any) -> list[Task]:
    rows = RoleAssignment.objects.awaiting(acting.person, now=now).select_related("role", "organisation")
    return [
        Task(
            _("Confirm your role %(role)s") % {"role": row.role.name},
            reverse("roles:confirm", args=[row.key]),
            str(RoleAssignment.State.TO_CONFIRM.label),
            hint=_("For %(organisation)s, before %(date)s")
            % {"organisation": row.organisation.name, "date": on_day(row.confirm_before)},
        )
        for row in rows.order_by("confirm_before", "id")[:MOST_TASKS]
    ]


def _others_to_confirm(acting: ActingContext, deciders: Deciders | None, *, now: Any) -> list[Task]:
    """Return the roles that another manager gave himself, and that this person may confirm."""
    if deciders is None or acting.organisation is None:
        return []
    rows = (
        RoleAssignment.objects.awaiting_a_manager(now=now)
        .of_organisation(acting.organisation)
        .exclude(assignee=acting.person)
        .select_related("role", "assignee", "assigned_by")
        .order_by("confirm_before", "id")[:MOST_READ]
    )
    mine = [row for row in rows if any(person.pk == acting.person.pk for person in deciders.for_assignment(row))]
    return [
        Task(
            pgettext("task", "Confirm the role of %(name)s") % {"name": row.assignee.full_name},
            reverse("roles:confirm", args=[row.key]),
            str(RoleAssignment.State.TO_CONFIRM.label),
            hint=_("%(role)s, before %(date)s") % {"role": row.role.name, "date": on_day(row.confirm_before)},
        )
        for row in mine[:MOST_TASKS]
    ]


def _drafts(acting: ActingContext, now: Any) -> list[Task]:
    if not acting.managed:
        return []
    tasks = []
    # One that was opened without choosing anybody leaves nothing to finish.
    rows = AssignmentDraft.objects.of(acting.person).assigning().open(now=now).filter(persons__isnull=False).distinct()
    # Who is meant, and where it stands, is for access managers to read, and so for a session of their level.
    may_read = acting.level >= level_to_manage()
    for draft in rows.prefetch_related("persons", "roles")[:5]:
        state = WizardState(draft, acting, now)
        # Read from what was prefetched: the page's cost must not grow with the number of drafts.
        state.__dict__["persons"] = list(draft.persons.all())
        state.__dict__["chosen_roles"] = list(draft.roles.all())
        step = state.first_open_step
        number = _("step %(number)s of 5") % {"number": STEPS.index(step) + 1}
        tasks.append(
            Task(
                _("Finish your draft assignment"),
                state.url(step),
                number if may_read else "",
                "indigo",
                _("For %(names)s") % {"names": state.persons_in_words} if may_read else "",
            )
        )
    return tasks
