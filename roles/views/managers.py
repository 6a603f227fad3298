"""S6 "Access managers": who may assign roles for an organisation, since when and until when; ending a function."""

from dataclasses import dataclass
from datetime import date, datetime

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from roles.reasons import on_day
from roles.refusals import not_allowed
from roles.rules import Reason
from roles.states import ends_soon_words
from roles.views.tasks import Task
from tenants.acting import ActingContext, OrganisationLink, level_to_manage
from tenants.http import SeeOther, one_value, query_value
from tenants.mandates import NotEntitled, Obstacle, is_last_right, may_appoint, may_end
from tenants.middleware import acting_of
from tenants.models import AccessManagerAppointment, Employment, Organisation
from tenants.models.appointment import AppointmentKind
from tenants.operations import end_appointment
from tenants.operations.announcements import DAYS_BEFORE
from tenants.requirements import requires

MOST_PLACES = 20


@dataclass(frozen=True)
class ManagerRow:
    """One line of the table."""

    appointment: AccessManagerAppointment
    is_own: bool
    may_be_ended: bool
    today: date

    @property
    def is_to_come(self) -> bool:
        """Whether the function has not begun yet."""
        return self.appointment.valid_from > self.today

    @property
    def ends_soon(self) -> str:
        """Say in how many days it ends, in the last thirty."""
        return ends_soon_words(self.appointment.valid_until, today=self.today)


def list_address(organisation: Organisation, acting: ActingContext) -> str:
    """Return where the access managers of one's organisation are listed."""
    page = reverse("roles:managers")
    is_acted_for = acting.organisation is not None and organisation.pk == acting.organisation.pk
    return page if is_acted_for else f"{page}?key={organisation.key}"


@require_safe
def managers(request: HttpRequest) -> HttpResponse:
    """Show the access managers of one of one's organisations, and to whoever may, the ways to appoint and end them.

    It is the organisation acted for, another one by its key, or the only one there is: also one that has stopped.
    """
    acting = acting_of(request)
    if (link := _link_shown(request, acting)) is None:
        return not_allowed(request, Reason.NOT_LINKED, None)
    organisation, today = link.organisation, timezone.localdate()
    standing = AccessManagerAppointment.objects.filter(organisation=organisation).standing(today).for_page()
    rows = [_row(row, acting, today=today) for row in standing]
    representatives = (
        Employment.objects.filter(organisation=organisation)
        .live(today)
        .representatives()
        .prefetch_related("person")
        .order_by("last_key", "id")
    )
    chief, others = (
        may_appoint(acting, organisation, kind) for kind in (AppointmentKind.CHIEF, AppointmentKind.DOMAIN)
    )
    others_of_mine = [row.organisation for row in acting.links if row.organisation.pk != organisation.pk]
    return render(
        request,
        "roles/managers/list.html",
        {
            "organisation": organisation,
            "rows": rows,
            "representatives": [job.person.full_name for job in representatives],
            "has_chief": any(row.appointment.kind == AppointmentKind.CHIEF and not row.is_to_come for row in rows),
            "is_acted_for": acting.organisation is not None and organisation.pk == acting.organisation.pk,
            "may_appoint_chief": chief is None,
            "may_appoint_others": others is None,
            "needs_key": Obstacle.LEVEL_TOO_LOW in (chief, others),
            "needs_level": level_to_manage(),
            "may_end_some": any(row.may_be_ended for row in rows),
            "other_places": [(place, list_address(place, acting)) for place in others_of_mine[:MOST_PLACES]],
            "return_to": request.get_full_path(),
            "back": reverse("roles:home"),
            "nav": "tasks",
        },
    )


def _link_shown(request: HttpRequest, acting: ActingContext) -> OrganisationLink | None:
    """Return the link to the organisation whose page it is; None where the person has none at all."""
    if key := query_value(request, "key"):
        found = next((link for link in acting.links if link.organisation.key == key), None)
        if found is None:
            raise Http404
        return found
    return acting.link_to(acting.organisation) or next(iter(acting.links), None)


def _row(row: AccessManagerAppointment, acting: ActingContext, *, today: date) -> ManagerRow:
    # A chief sees the way out too: the page behind it says why it is closed, and who can open it (E38).
    may_be_ended = may_end(acting, row, day=today) in (None, Obstacle.KEEPS_CHIEF)
    return ManagerRow(row, row.person_id == acting.person.pk, may_be_ended, today)


@requires(level_to_manage)
@require_http_methods(["GET", "HEAD", "POST"])
def end_manager(request: HttpRequest, appointment: str) -> HttpResponse:
    """Ask, then end. Whoever ends the own last right in the organisation is asked a second time."""
    acting, now = acting_of(request), timezone.now()
    row = _visible(appointment, acting)
    organisation, today = row.organisation, timezone.localdate(now)
    if row.ended_at is not None or (row.valid_until is not None and row.valid_until < today):
        messages.info(request, _("This function has ended already"))
        return SeeOther(_page_after(organisation, acting))
    if (obstacle := may_end(acting, row, day=today)) is not None:
        return not_allowed(request, Reason(obstacle.value), organisation)
    is_own, is_last = row.person_id == acting.person.pk, is_last_right(acting, row)
    is_sure = request.method == "POST" and one_value(request, "sure") == "yes"
    if request.method == "POST" and (is_sure or not is_last):
        return _end(request, row, acting=acting, now=now)
    return render(
        request,
        "roles/managers/end_last.html" if request.method == "POST" else "roles/managers/end.html",
        {
            "appointment": row,
            "organisation": organisation,
            "is_own": is_own,
            "is_chief": row.kind == AppointmentKind.CHIEF,
            "leaves_no_chief": row.kind == AppointmentKind.CHIEF and row.holds_on(today),
            "may_replace": may_appoint(acting, organisation, AppointmentKind.CHIEF) is None
            and organisation == acting.organisation,
            "back": list_address(organisation, acting) if acting.link_to(organisation) else reverse("roles:home"),
            "nav": "tasks",
        },
    )


def _visible(key: str, acting: ActingContext) -> AccessManagerAppointment:
    """Return an appointment of one of one's organisations, or the own one; 404 for all others."""
    row = AccessManagerAppointment.objects.for_page().filter(key=key).first()
    if row is None or not (acting.link_to(row.organisation) or row.person_id == acting.person.pk):
        raise Http404
    return row


def _end(request: HttpRequest, row: AccessManagerAppointment, *, acting: ActingContext, now: datetime) -> HttpResponse:
    try:
        ended = end_appointment(row, acting=acting, now=now)
    except NotEntitled as refusal:
        return not_allowed(request, Reason(refusal.obstacle.value), refusal.organisation)
    if ended:
        about = {"name": row.person.full_name, "function": row.title}
        messages.success(request, _("%(name)s no longer has this function: %(function)s") % about)
    else:
        messages.info(request, _("This function has ended already"))
    return SeeOther(_page_after(row.organisation, acting))


def _page_after(organisation: Organisation, acting: ActingContext) -> str:
    """Return the list, or the tasks for somebody who no longer belongs to the organisation: what was read is old."""
    link = acting.link_to(organisation)
    stays = link is not None and (link.employments or len(link.appointments) > 1)
    return list_address(organisation, acting) if stays else reverse("roles:home")


def manager_tasks(acting: ActingContext, *, now: datetime) -> list[Task]:
    """Return what waits about access managers: own functions that end, and a chief whom nobody has appointed.

    One query at most, for legal representatives only.
    """
    today = timezone.localdate(now)
    return [*_own_ending(acting, today=today), *_without_chief(acting, today=today)]


def _own_ending(acting: ActingContext, *, today: date) -> list[Task]:
    return [
        Task(
            _("Your function ends on %(date)s: %(function)s")
            % {"date": on_day(row.valid_until), "function": row.title},
            list_address(row.organisation, acting),
            ends_soon_words(row.valid_until, today=today),
            hint=row.organisation.name,
        )
        for row in acting.appointments
        if row.valid_until is not None
        and (row.valid_until - today).days <= DAYS_BEFORE[0]
        and not row.organisation.is_stopped
    ]


def _without_chief(acting: ActingContext, *, today: date) -> list[Task]:
    mine = [link.organisation for link in acting.links if link.is_representative and not link.organisation.is_stopped]
    if not mine:
        return []
    chiefs = AccessManagerAppointment.objects.filter(organisation__in=mine).chiefs().standing(today)
    led = set(chiefs.values_list("organisation_id", flat=True))
    return [
        Task(
            _("Appoint the chief access manager"),
            list_address(organisation, acting),
            _("Nobody appointed"),
            hint=organisation.name,
        )
        for organisation in mine
        if organisation.pk not in led
    ]
