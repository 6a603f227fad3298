"""A role request as pages show it: its status, the words for it, and its validity."""

from datetime import datetime

from django.utils import timezone
from django.utils.translation import gettext as _

from roles.models import RoleRequest
from roles.models.request import REQUEST_COLOURS, RequestStatus
from roles.reasons import on_day
from roles.rows import confirmer_names, period_words
from roles.rules import Deciders
from roles.states import State
from roles.way_back import WayBack, way_back


class RequestRow:
    """One request at one moment, with everything a template prints of it."""

    def __init__(self, role_request: RoleRequest, *, now: datetime) -> None:
        self.request = role_request
        self.now = now
        self.status = role_request.status_now(now=now)
        self.deciders = ""

    @property
    def is_pending(self) -> bool:
        """Whether it can still be decided."""
        return self.status == RequestStatus.PENDING

    @property
    def label(self) -> str:
        """The status in one word."""
        return str(self.status.label)

    @property
    def colour(self) -> str:
        """The colour of its tag."""
        return REQUEST_COLOURS[self.status]

    @property
    def way_back(self) -> WayBack | None:
        """The way back to the service from which it was asked for, once the role works there. For the asker only."""
        made = self.request.assignment
        if made is None or made.state(now=self.now) != State.ACTIVE or self.request.organisation.is_stopped:
            return None
        return way_back(self.request)

    @property
    def leads_back_later(self) -> bool:
        """Whether it may still come to a way back: the role has to be granted, confirmed or begun first."""
        made = self.request.assignment
        waits = self.is_pending or (
            made is not None and made.state(now=self.now) in (State.TO_CONFIRM, State.SCHEDULED)
        )
        return waits and way_back(self.request) is not None

    def name_deciders(self, deciders: Deciders) -> None:
        """Fill in who may decide: any one of them is enough."""
        row = self.request
        self.deciders = confirmer_names(deciders.managers_for(row.role, besides=row.requester))

    @property
    def meaning(self) -> str:
        """The status in a sentence: what has to happen until when, or what happened."""
        row = self.request
        name = row.decided_by.full_name if row.decided_by else ""
        day = on_day(timezone.localdate(row.decided_at)) if row.decided_at else ""
        match self.status:
            case RequestStatus.PENDING:
                return _("To be decided before %(date)s") % {"date": on_day(row.decide_before)}
            case RequestStatus.APPROVED:
                return _("%(name)s approved it on %(date)s") % {"name": name, "date": day}
            case RequestStatus.REFUSED:
                return _("%(name)s refused it on %(date)s") % {"name": name, "date": day}
            case RequestStatus.WITHDRAWN:
                return _("%(name)s withdrew it on %(date)s") % {"name": name, "date": day}
            case RequestStatus.EXPIRED if row.ended_with_organisation:
                return _("It expired on %(date)s, because the organisation has stopped") % {"date": day}
            case _expired:
                return _("Nobody decided before %(date)s") % {"date": on_day(row.decide_before)}

    @property
    def validity(self) -> str:
        """The days that were asked for, in words."""
        row = self.request
        last = row.extends.last_day if row.extends else None
        if last is None or (self.status == RequestStatus.APPROVED):
            return period_words(row.valid_from, row.valid_until)
        if row.valid_until is None:
            return _("Without an end date, instead of until %(last)s") % {"last": on_day(last)}
        return _("Until %(end)s, instead of until %(last)s") % {"end": on_day(row.valid_until), "last": on_day(last)}

    @property
    def granted(self) -> str:
        """The days that were given, in words; nothing where no role came of it."""
        made = self.request.assignment
        return period_words(made.valid_from, made.valid_until) if made else ""
