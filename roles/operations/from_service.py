"""Somebody whom an online service did not let in comes here to ask for the role that it takes."""

from datetime import datetime

from django.db import transaction

from roles.models import AssignmentDraft, OnlineService, Role
from roles.models.came_from import RETURN_LENGTH
from roles.operations.drafts import start_draft
from tenants.acting import ActingContext
from tenants.models import Organisation


def start_request_for_service(
    acting: ActingContext,
    *,
    role: Role,
    enterprise_number: str,
    service: OnlineService,
    return_to: str,
    now: datetime,
) -> AssignmentDraft:
    """Begin a request for `role`, filled in as far as the service knows, and return its draft.

    Lead the person to `reverse("roles:request_from_service", args=[draft.key])`: that page asks for the organisation
    where it is open, says why the role cannot be asked for where it cannot, and else leads on to the first step. The
    draft has an organisation where the person belongs to the one with `enterprise_number`, or where that is empty,
    because the service names none, and there is only one. A number that nobody has is a foreign one like any other.

    `return_to` is where the service wants the person back, or nothing. The caller has made sure that the service
    itself asks, by a signature, and that the address is on the service's list. Raises ValueError for a role that the
    service does not ask for, and for an address that is too long or that no browser opens: mistakes of the caller.
    """
    if service not in role.services.all():
        raise ValueError(f"{service.code} does not ask for {role.code}")
    if return_to and (len(return_to) > RETURN_LENGTH or not return_to.startswith(("https://", "http://"))):
        raise ValueError("no address to come back to")
    with transaction.atomic():
        draft = start_draft(
            acting=acting,
            variant=AssignmentDraft.Variant.REQUEST,
            role=role,
            organisation=_place(acting, enterprise_number),
            now=now,
        )
        draft.came_from, draft.return_to = service, return_to
        draft.save(update_fields=["came_from", "return_to"])
    return draft


def _place(acting: ActingContext, enterprise_number: str) -> Organisation | None:
    """Return the organisation that the request is for, or None where the person has to say.

    One that they do not belong to is not silently exchanged for another.
    """
    places = [link.organisation for link in acting.links]
    if enterprise_number:
        return next((place for place in places if place.enterprise_number == enterprise_number), None)
    places = [place for place in places if not place.is_stopped]
    return places[0] if len(places) == 1 else None
