"""The page "Who is my access manager?": by name inside one's organisations, by a message to those of all others."""

from typing import Any

from django import forms
from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods

from roles.models import RoleAssignment
from roles.reasons import on_day, why_not
from roles.rules import Reason
from roles.views.managers import list_address
from tenants.acting import ActingContext
from tenants.days import hour
from tenants.http import SeeOther, refuse_doubles
from tenants.identifiers import IdentifierError, parse_enterprise_number
from tenants.middleware import acting_of
from tenants.models import AccessManagerAppointment, Organisation
from tenants.operations import ContactLimitReached, Outcome, write_to_managers
from tenants.operations.contact import MESSAGE_LENGTH
from vault.numbers import holds_national_number

MOST_PLACES = 20


class ContactForm(forms.Form):
    """`cleaned_data` holds the ten bare digits as `number`, and the `message`, perhaps empty."""

    use_required_attribute = False

    number = forms.CharField(
        label=gettext_lazy("Enterprise number of the organisation"),
        help_text=gettext_lazy("10 digits, on every invoice of the organisation, for example 0999.999.922"),
        max_length=100,
        widget=forms.TextInput(
            attrs={"size": 17, "inputmode": "numeric", "autocomplete": "off", "spellcheck": "false"}
        ),
        error_messages={
            "required": gettext_lazy("Enter an enterprise number"),
            "max_length": gettext_lazy("This is not an enterprise number. Check the ten digits."),
        },
    )
    message = forms.CharField(
        label=gettext_lazy("Your message"),
        required=False,
        widget=forms.Textarea(attrs={"rows": 4, "cols": 60}),
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["message"].optional_mark = True  # type: ignore[attr-defined]
        self.fields["message"].help_text = _(
            "At most %(count)s characters. Do not write a national register number."
        ) % {"count": MESSAGE_LENGTH}

    def clean_number(self) -> str:
        """Read the number in any spelling. What cannot be one is not looked up."""
        try:
            return parse_enterprise_number(self.cleaned_data["number"])
        except IdentifierError:
            raise ValidationError(_("This is not an enterprise number. Check the ten digits.")) from None

    def clean_message(self) -> str:
        """Return the message on one line, as letters carry it."""
        text = " ".join(self.cleaned_data["message"].split())
        if len(text) > MESSAGE_LENGTH:
            about = {"field": _("Your message"), "count": MESSAGE_LENGTH}
            raise ValidationError(_("“%(field)s” can have at most %(count)s characters") % about)
        if holds_national_number(text):
            raise ValidationError(_("Take the national register number out of the text"))
        return text


@require_http_methods(["GET", "HEAD", "POST"])
def manager_contact(request: HttpRequest) -> HttpResponse:
    """Show the names of one's own organisations; take a message for another one. For everybody who signed in."""
    acting = acting_of(request)
    refuse_doubles(request)
    form = ContactForm(request.POST if request.method == "POST" else None)
    if form.is_bound and form.is_valid():
        own = next((row.organisation for row in acting.links if _is(row.organisation, form)), None)
        if own is not None:
            messages.info(request, _("This is your own organisation: here you see its access managers"))
            return SeeOther(list_address(own, acting))
        if (answer := _write(request, form, acting)) is not None:
            return answer
    return render(
        request,
        "roles/managers/contact.html",
        {
            "form": form,
            "places": _places(acting),
            "held_elsewhere": _held_elsewhere(acting),
            "more_places": max(0, len(acting.links) - MOST_PLACES),
            "email": acting.person.email,
            "back": reverse("roles:home"),
            "nav": "tasks",
        },
    )


def _is(organisation: Organisation, form: ContactForm) -> bool:
    return organisation.enterprise_number == form.cleaned_data["number"]


def _write(request: HttpRequest, form: ContactForm, acting: ActingContext) -> HttpResponse | None:
    """Send the message and return the answer; None with an error at the field."""
    number, message = form.cleaned_data["number"], form.cleaned_data["message"]
    try:
        contact = write_to_managers(number, message=message, acting=acting.person, now=timezone.now())
    except ContactLimitReached as limit:
        form.add_error("number", _limit_words(limit))
        return None
    name = contact.organisation.name if contact.organisation else ""
    match contact.outcome:
        case Outcome.UNKNOWN:
            form.add_error("number", _("We cannot find an organisation with this number. Check it"))
            return None
        case Outcome.STOPPED:
            form.add_error("number", why_not(Reason.ORGANISATION_STOPPED, contact.organisation))
            return None
        case Outcome.NOBODY | Outcome.NO_ADDRESS:
            context = {
                "organisation": contact.organisation,
                "is_appointed": contact.outcome == Outcome.NO_ADDRESS,
                "back": reverse("roles:manager_contact"),
                "nav": "tasks",
            }
            return render(request, "roles/managers/nobody.html", context)
        case Outcome.SENT_BEFORE:
            text = _("The access managers of %(organisation)s have this message already: it was not sent again")
            messages.info(request, text % {"organisation": name})
        case Outcome.SENT:
            text = _("Your message has been sent to the access managers of %(organisation)s")
            messages.success(request, text % {"organisation": name})
    return SeeOther(reverse("roles:manager_contact"))


def _limit_words(limit: ContactLimitReached) -> str:
    about = {"date": on_day(timezone.localtime(limit.retry_at).date()), "time": hour(limit.retry_at)}
    if limit.organisation is None:
        return _("You have sent as many messages as a day allows. Try again on %(date)s at %(time)s") % about
    return _("This organisation receives no more messages for now. Try again on %(date)s at %(time)s") % about


def _places(acting: ActingContext) -> list[tuple[Organisation, list[AccessManagerAppointment], str]]:
    """Return the access managers of one's organisations, and where they are listed. One query."""
    places = [link.organisation for link in acting.links[:MOST_PLACES]]
    if not places:
        return []
    rows = AccessManagerAppointment.objects.filter(organisation__in=places).live(timezone.localdate()).for_page()
    found: dict[int, list[AccessManagerAppointment]] = {}
    for row in rows:
        found.setdefault(row.organisation_id, []).append(row)
    return [(place, found.get(place.pk, []), list_address(place, acting)) for place in places]


def _held_elsewhere(acting: ActingContext) -> list[tuple[Organisation, list[str]]]:
    """Return the other organisations for which the person holds roles, and who gave them. One query."""
    own = [link.organisation for link in acting.links]
    held = RoleAssignment.objects.current(now=timezone.now()).filter(assignee=acting.person)
    rows = held.exclude(organisation__in=own).select_related("organisation", "assigned_by").order_by("id")
    found: dict[int, tuple[Organisation, list[str]]] = {}
    for row in rows.defer("assigned_by__national_number"):
        _place, givers = found.setdefault(row.organisation_id, (row.organisation, []))
        if row.assigned_by.full_name not in givers:
            givers.append(row.assigned_by.full_name)
    return list(found.values())[:MOST_PLACES]
