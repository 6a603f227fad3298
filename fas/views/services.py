"""The services at which a person signed in, on the profile: what each receives, and its end."""

from dataclasses import dataclass

from django.contrib import messages
from django.db.models import OuterRef, Subquery
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from fas.models import Consent, SignOn
from fas.operations.consents import withdraw
from fas.scopes import in_words
from tenants.http import SeeOther, require_POST, require_safe
from tenants.middleware import acting_of
from tenants.models import Person


@dataclass(frozen=True)
class Agreement:
    """One service: what it receives, and the last time the person signed in there."""

    consent: Consent
    receives: list[str]
    last: SignOn | None

    @property
    def is_signed_in(self) -> bool:
        """Whether the person is signed in there now."""
        return self.last is not None and self.last.ended_at is None


@require_safe
def services(request: HttpRequest) -> HttpResponse:
    """List them, the last agreed on first."""
    context = {
        "agreements": agreements_of(acting_of(request).person),
        "nav": "profile",
        "back": reverse("csam:profile"),
    }
    return render(request, "fas/services.html", context)


@require_POST
def end(request: HttpRequest, agreement: str) -> HttpResponse:
    """Take the agreement back: the service is told nothing any more. Anybody else's does not exist (404)."""
    acting = acting_of(request)
    mine = Consent.objects.select_related("client__service").filter(user__person=acting.person)
    consent = mine.filter(key=agreement).first()
    if consent is None:
        raise Http404
    if withdraw(consent, acting=acting, now=timezone.now()):
        service = consent.client.service.name
        messages.success(request, _("%(service)s receives nothing about you any more.") % {"service": service})
    return SeeOther(reverse("fas:services"))


def agreements_of(person: Person) -> list[Agreement]:
    """Return what holds now. Two queries."""
    consents = list(
        Consent.objects.filter(user__person=person, ended_at__isnull=True).select_related("client__service")
    )
    newest = SignOn.objects.filter(user=OuterRef("user"), client=OuterRef("client")).order_by("-last_used_at", "-pk")
    of_each = Consent.objects.filter(pk__in=[row.pk for row in consents]).values(last=Subquery(newest.values("pk")[:1]))
    rows = SignOn.objects.filter(pk__in=of_each).select_related("organisation")
    last = {row.client_id: row for row in rows}
    return [Agreement(row, in_words(row.scopes.split()), last.get(row.client_id)) for row in consents]
