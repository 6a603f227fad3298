"""Which assignment a person may see at all."""

from django.http import Http404, HttpRequest
from django.utils import timezone

from roles.models import RoleAssignment, name_people
from roles.rules import Deciders, deciders_of, may_confirm
from tenants.middleware import acting_of


def visible_assignment(request: HttpRequest, key: str) -> tuple[RoleAssignment, Deciders]:
    """Return an assignment that this person may see, else 404: whether others exist is not revealed.

    Its holder sees it, the access managers of its organisation and domain do, and whoever has to confirm it.
    """
    acting = acting_of(request)
    row = RoleAssignment.objects.for_page().filter(key=key).first() if key.isprintable() else None
    if row is None:
        raise Http404
    name_people([row])
    deciders = deciders_of(row.organisation, day=timezone.localdate())
    manages = any(own.covers(row.role.domain_id) for own in acting.appointments_for(row.organisation))
    if not (row.assignee_id == acting.person.pk or manages or may_confirm(row, acting, deciders)):
        raise Http404
    return row, deciders
