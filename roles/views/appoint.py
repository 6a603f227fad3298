"""S6, appointing an access manager: the questions, the check page, the act."""

import secrets
from dataclasses import asdict, dataclass
from datetime import date, datetime
from typing import Any

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from roles.errors import NotAllowed, QuotaReached
from roles.operations.lookups import look_up_future_manager
from roles.reasons import on_day, wrong_number
from roles.refusals import not_allowed
from roles.rules import Reason
from roles.views.manager_forms import MYSELF, NewManagerForm
from roles.views.managers import list_address
from tenants.acting import ActingContext, level_to_manage
from tenants.days import too_many_attempts
from tenants.http import SeeOther, one_value, query_value, refuse_doubles
from tenants.identifiers import IdentifierError, mask_national_number, parse_national_number
from tenants.mandates import NotEntitled, is_last_right, may_appoint, may_appoint_anybody
from tenants.middleware import acting_of
from tenants.models import AccessManagerAppointment, Domain, Organisation, Person
from tenants.models.appointment import AppointmentKind
from tenants.operations import appoint_access_manager, replace_chief, require_appointable
from tenants.requirements import requires

ORDER = "new_manager"
METHODS = ["GET", "HEAD", "POST"]


@dataclass(frozen=True)
class Order:
    """What the questions were answered with, as the session keeps it: keys and days, never a number.

    `once` tells one order from the next: the button of a page that another tab has overtaken acts on nothing.
    """

    once: str
    organisation: str
    kind: str
    domain: str
    person: str
    start: str
    until: str


@dataclass(frozen=True)
class Wanted:
    """An order with its rows."""

    organisation: Organisation
    person: Person
    kind: str
    domain: Domain | None
    valid_from: date
    valid_until: date | None
    starts_today: bool

    @property
    def function(self) -> str:
        """The function in words."""
        return AccessManagerAppointment(kind=self.kind, domain=self.domain).title

    @property
    def values(self) -> dict[str, Any]:
        """What the operations take."""
        names = ("organisation", "person", "valid_from", "valid_until")
        return {name: getattr(self, name) for name in names}


@requires(level_to_manage)
@require_http_methods(METHODS)
def new_manager(request: HttpRequest) -> HttpResponse:
    """Ask for the function, the person and the period. The person is looked up once everything else is right."""
    acting, today = acting_of(request), timezone.localdate()
    organisation = acting.organisation
    if organisation is None:
        return not_allowed(request, Reason.NOT_LINKED, None)
    wanted = query_value(request, "action")
    if (obstacle := may_appoint_anybody(acting, organisation, wanted=wanted)) is not None:
        return not_allowed(request, Reason(obstacle.value), organisation)
    refuse_doubles(request)
    chief = present_chief(organisation, today=today)
    form = NewManagerForm(
        request.POST if request.method == "POST" else None,
        kinds=_kinds(acting, organisation, wanted),
        person=acting.person,
        chief=chief,
        today=today,
        initial=_answered(request, organisation),
    )
    if form.is_bound and form.is_valid():
        try:
            person = _person(form, organisation, acting=acting, now=timezone.now())
        except NotAllowed as refusal:
            return not_allowed(request, refusal.reason, organisation)
        if person is not None and _is_possible(form, organisation, person, acting=acting):
            _keep(request, form, organisation, person)
            return SeeOther(reverse("roles:check_manager"))
    return render(
        request,
        "roles/managers/new.html",
        {
            "form": form,
            "organisation": organisation,
            "is_unknown": getattr(form, "is_unknown", False),
            "back": list_address(organisation, acting),
            "nav": "tasks",
        },
    )


def present_chief(organisation: Organisation, *, today: date) -> AccessManagerAppointment | None:
    """Return the appointment that the next chief's one would end."""
    chiefs = AccessManagerAppointment.objects.filter(organisation=organisation).chiefs()
    return chiefs.standing(today).for_page().first()


def _kinds(acting: ActingContext, organisation: Organisation, wanted: str) -> list[str]:
    """Return the functions that the person may give; one only where the button before asked for it."""
    mine = [kind.value for kind in AppointmentKind if may_appoint(acting, organisation, kind) is None]
    return [wanted] if wanted in mine else mine


def _answered(request: HttpRequest, organisation: Organisation) -> dict[str, Any]:
    """Return what was answered before, for somebody who comes back from the check page to change it."""
    order = _order(request)
    if order is None or order.organisation != organisation.key:
        return {}
    return {
        "function": f"domain-{order.domain}" if order.domain else order.kind,
        "start": date.fromisoformat(order.start) if order.start else None,
        "until": date.fromisoformat(order.until) if order.until else None,
    }


def _person(form: NewManagerForm, organisation: Organisation, *, acting: ActingContext, now: datetime) -> Person | None:
    """Return who is to be appointed; None with an error at the field. A look-up is counted and recorded."""
    if form.cleaned_data.get("who") == MYSELF:
        return acting.person
    try:
        checked = parse_national_number(form.cleaned_data["number"], today=timezone.localdate(now))
        person = look_up_future_manager(checked.digits, organisation=organisation, acting=acting, now=now)
    except IdentifierError as wrong:
        form.add_error("number", wrong_number(wrong.code))
        return None
    except QuotaReached as quota:
        form.add_error("number", too_many_attempts(quota.retry_at))
        return None
    if person is None:
        form.add_error("number", _("We cannot find anyone with this number. Check it"))
        form.is_unknown = True  # type: ignore[attr-defined]
    return person


def _is_possible(form: NewManagerForm, organisation: Organisation, person: Person, *, acting: ActingContext) -> bool:
    """Say whether the act could be done now; the form shows what it would answer."""
    data = form.cleaned_data
    try:
        require_appointable(
            organisation=organisation,
            person=person,
            kind=data["kind"],
            domain=data["domain"],
            valid_from=data["start"] or form.today,
            valid_until=data["until"],
            acting=acting,
            now=timezone.now(),
        )
    except ValidationError as error:
        form.object_to(error)
    return not form.errors


def _keep(request: HttpRequest, form: NewManagerForm, organisation: Organisation, person: Person) -> None:
    data = form.cleaned_data
    order = Order(
        once=secrets.token_urlsafe(12),
        organisation=organisation.key,
        kind=data["kind"],
        domain=data["domain"].code if data["domain"] else "",
        person=person.key,
        start=data["start"].isoformat() if data["start"] else "",
        until=data["until"].isoformat() if data["until"] else "",
    )
    request.session[ORDER] = asdict(order)


def _order(request: HttpRequest) -> Order | None:
    stored = request.session.get(ORDER)
    return Order(**stored) if stored else None


@requires(level_to_manage)
@require_http_methods(METHODS)
def check_manager(request: HttpRequest) -> HttpResponse:
    """Show what will happen, and do it at the last button. A chief who gives up the own last right is asked again."""
    acting, now = acting_of(request), timezone.now()
    order = _order(request)
    link = next((row for row in acting.links if order and row.organisation.key == order.organisation), None)
    if order is None or link is None:
        if request.method == "POST":
            messages.info(request, _("Nothing was done: this page was open too long, or its button was pressed before"))
        return SeeOther(reverse("roles:managers"))
    organisation = link.organisation
    if (obstacle := may_appoint(acting, organisation, order.kind)) is not None:
        return not_allowed(request, Reason(obstacle.value), organisation)
    wanted, error = _with_rows(order, organisation, today=timezone.localdate(now)), ""
    if request.method == "POST":
        error = _("Something has changed since you opened this page. Check again, then finish")
        if one_value(request, "once") == order.once:
            mine = _own_last_right(wanted, acting, today=timezone.localdate(now))
            if mine is not None and one_value(request, "sure") != "yes":
                return _ask_again(request, order, mine)
            try:
                return _appoint(request, wanted, acting=acting, now=now)
            except NotEntitled as refusal:
                return not_allowed(request, Reason(refusal.obstacle.value), organisation)
            except ValidationError as refusal:
                error = " ".join(refusal.messages)
    return _check_page(request, order, wanted, error)


def _check_page(request: HttpRequest, order: Order, wanted: Wanted, error: str) -> HttpResponse:
    acting, today = acting_of(request), timezone.localdate()
    chief = present_chief(wanted.organisation, today=today) if wanted.kind == AppointmentKind.CHIEF else None
    is_self = wanted.person.pk == acting.person.pk
    return render(
        request,
        "roles/managers/check.html",
        {
            "wanted": wanted,
            "organisation": wanted.organisation,
            "once": order.once,
            "is_self": is_self,
            "masked": "" if is_self else mask_national_number(wanted.person.national_number),
            "seen": chief.key if chief else "",
            "replaced": chief.person.full_name if chief and chief.person_id != wanted.person.pk else "",
            "replaces_self": chief is not None and chief.person_id == acting.person.pk,
            "is_last": _own_last_right(wanted, acting, today=today) is not None,
            "error_list": [("", error)] if error else [],
            "back": reverse("roles:new_manager"),
            "nav": "tasks",
        },
    )


def _own_last_right(wanted: Wanted, acting: ActingContext, *, today: date) -> AccessManagerAppointment | None:
    """Return the appointment by which alone the person gives roles here, where this act hands it to somebody else."""
    if wanted.kind != AppointmentKind.CHIEF or wanted.person.pk == acting.person.pk:
        return None
    chief = present_chief(wanted.organisation, today=today)
    return chief if chief is not None and is_last_right(acting, chief) else None


def _ask_again(request: HttpRequest, order: Order, mine: AccessManagerAppointment) -> HttpResponse:
    context = {
        "appointment": mine,
        "organisation": mine.organisation,
        "is_chief": True,
        "kept": {"once": order.once, "seen": one_value(request, "seen")},
        "back": reverse("roles:check_manager"),
        "nav": "tasks",
    }
    return render(request, "roles/managers/end_last.html", context)


def _with_rows(order: Order, organisation: Organisation, *, today: date) -> Wanted:
    return Wanted(
        organisation=organisation,
        person=Person.objects.get(key=order.person),
        kind=order.kind,
        domain=Domain.objects.get(code=order.domain) if order.domain else None,
        valid_from=date.fromisoformat(order.start) if order.start else today,
        valid_until=date.fromisoformat(order.until) if order.until else None,
        starts_today=not order.start,
    )


def _appoint(request: HttpRequest, wanted: Wanted, *, acting: ActingContext, now: datetime) -> HttpResponse:
    """Do it and lead to the list. Raises what the operations raise; somebody who has the function already is told."""
    try:
        if wanted.kind == AppointmentKind.CHIEF:
            replace_chief(**wanted.values, seen=one_value(request, "seen"), acting=acting, now=now)
        else:
            appoint_access_manager(**wanted.values, kind=wanted.kind, domain=wanted.domain, acting=acting, now=now)
    except ValidationError as refusal:
        if refusal.code != "already":
            raise
        messages.info(request, " ".join(refusal.messages))
    else:
        about = {"name": wanted.person.full_name, "function": wanted.function, "date": on_day(wanted.valid_from)}
        messages.success(request, _("%(name)s has this function from %(date)s on: %(function)s") % about)
    request.session.pop(ORDER, None)
    return SeeOther(list_address(wanted.organisation, acting))
