"""The words for every "no": why, and what to do next. One place for pages, lists and error summaries."""

from datetime import date, datetime
from typing import Any

from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from roles.errors import Objection
from roles.models import Role
from roles.rules import Reason
from tenants.days import written
from tenants.models import AccessManagerAppointment, Organisation


def on_day(day: Any) -> str:
    """Return a day in words."""
    return written(day)


def wrong_number(code: str) -> str:
    """Return what is wrong with a national register number (E04 to E06), by the code of the check."""
    match code:
        case "empty":
            return _("Enter a national register number")
        case "format" | "length":
            return _("The national register number must have 11 digits")
        case _cannot_exist:
            return _("Check the number: the digits do not add up")


def why_not_role(reason: Reason, role: Role, helpers: list[str]) -> str:
    """Return why a role is not the manager's to give, and who can give it."""
    match reason:
        case Reason.OTHER_DOMAIN if helpers:
            return _("Domain %(domain)s: ask %(names)s") % {"domain": role.domain.name, "names": ", ".join(helpers)}
        case Reason.OTHER_DOMAIN:
            return _("Domain %(domain)s: nobody manages it for this organisation yet") % {"domain": role.domain.name}
        case Reason.ROLE_NEEDS_HIGH:
            return _("Sign in with eID or itsme to assign this role")
        case Reason.ROLE_IS_DERIVED:
            return _("Assigned automatically, from the Crossroads Bank for Enterprises")
        case Reason.ROLE_WITHDRAWN:
            return _("No longer available")
        case _other:
            return why_not(reason)


def why_not(reason: Reason, organisation: Organisation | None = None) -> str:
    """Return why the person cannot do what was asked."""
    name = organisation.name if organisation else ""
    match reason:
        case Reason.NOT_LINKED:
            return _("You are not linked to any organisation.")
        case Reason.NOT_MANAGER if name:
            return _("You are not an access manager for %(organisation)s.") % {"organisation": name}
        case Reason.NOT_MANAGER:
            return _("You are not an access manager.")
        case Reason.OTHER_ORGANISATION if name:
            return _("You are acting for %(organisation)s, and you are not an access manager there.") % {
                "organisation": name
            }
        case Reason.OTHER_ORGANISATION:
            return _("You are not an access manager of this organisation.")
        case Reason.NOT_REPRESENTATIVE:
            return _("Only a legal representative of %(organisation)s appoints and ends the chief access manager.") % {
                "organisation": name
            }
        case Reason.NOT_CHIEF:
            return _("Only the chief access manager of %(organisation)s appoints and ends the other ones.") % {
                "organisation": name
            }
        case Reason.KEEPS_CHIEF:
            return _("%(organisation)s must keep a chief access manager. Appoint another person first") % {
                "organisation": name
            }
        case Reason.LEVEL_TOO_LOW:
            return _("The digital key you signed in with does not prove well enough who you are.")
        case Reason.ORGANISATION_STOPPED if name:
            return _("%(organisation)s has stopped, according to the Crossroads Bank for Enterprises.") % {
                "organisation": name
            }
        case Reason.ORGANISATION_STOPPED:
            return _("The organisation has stopped, according to the Crossroads Bank for Enterprises.")
        case Reason.OTHER_DOMAIN:
            return _("You are access manager for another domain.")
        case Reason.ROLE_NEEDS_HIGH:
            return _("Sign in with eID or itsme to assign this role")
        case Reason.PERSON_INACTIVE:
            return _("This person is no longer active.")
        case Reason.ROLE_IS_DERIVED:
            return _("Assigned automatically, from the Crossroads Bank for Enterprises")
        case Reason.ROLE_WITHDRAWN:
            return _("No longer available")
        case Reason.NONE_CHOSEN:
            return _("You are acting in your own name only. Choose the organisation for which you need a role.")
        case Reason.NOT_REQUESTABLE:
            return _("This role cannot be asked for here. Ask your access manager")
        case Reason.NOBODY_DECIDES:
            return _("Nobody can decide on this role yet")
        case Reason.ALREADY_ASKED:
            return _("You already asked for this role")
        case Reason.HELD_ALREADY:
            return _("You already hold this role")
        case Reason.OWN_REQUEST:
            return _("You cannot decide on your own request.")
        case Reason.NOT_THE_ASKER:
            return _("Only the person who asked can withdraw the request.")
    raise AssertionError(reason)


def last_day(row: AccessManagerAppointment) -> date:
    """Return the day on which a function that is over ended: somebody ended it, or its last day passed."""
    days = [row.valid_until] if row.valid_until else []
    return min([*days, timezone.localdate(row.ended_at)] if row.ended_at else days)


def right_ended(row: AccessManagerAppointment) -> str:
    """Return until when the person had the right, and by which function."""
    about = {"organisation": row.organisation.name, "date": on_day(last_day(row)), "function": row.title}
    return _("Your function for %(organisation)s ended on %(date)s: %(function)s.") % about


def why_not_request(reason: Reason, asked_at: datetime | None = None) -> str:
    """Return why a role cannot be asked for: E42 with the day where it was asked for already."""
    if reason == Reason.ALREADY_ASKED and asked_at is not None:
        return _("You already asked for this role on %(date)s") % {"date": on_day(timezone.localdate(asked_at))}
    return why_not(reason)


def objection_words(objection: Objection) -> str:
    """Return what stands in the way of an order, in the words of the error list (SCREENS 7.2)."""
    about = {key: getattr(value, "name", None) or value for key, value in objection.about.items()}
    if "person" in objection.about:
        about["name"] = objection.about["person"].full_name
    match objection.code:
        case "no_persons":
            return _("Choose at least one person")
        case "no_roles":
            return _("Choose at least one role")
        case Reason.PERSON_INACTIVE:
            return _("%(name)s is no longer active. Remove this person") % about
        case Reason.ROLE_WITHDRAWN | Reason.ROLE_IS_DERIVED:
            return _("%(role)s is no longer available. Remove this role") % about
        case Reason.OTHER_DOMAIN:
            return _("You cannot assign %(role)s for %(organisation)s") % about
        case Reason.ROLE_NEEDS_HIGH:
            return _("You need to sign in with eID or itsme to assign %(role)s") % about
        case Reason.NOT_REQUESTABLE | Reason.NOBODY_DECIDES:
            return _("You cannot ask for %(role)s now. Remove this role") % about
        case Reason.ALREADY_ASKED:
            return _("You already asked for %(role)s. Remove this role") % about
        case Reason.HELD_ALREADY:
            return _("You already hold %(role)s in this period. Remove this role or choose another period") % about
        case "starts_in_the_past":
            return _("The start date cannot be before today")
        case "ends_in_the_past":
            return _("The end date must be after today, %(date)s") % {"date": on_day(objection.about["date"])}
        case "ends_before_start":
            return _("The end date cannot be before the start date")
        case "lasts_too_long":
            return lasts_too_long(objection.about["role"], objection.about["date"])
        case "wrong_answer":
            return _("Choose an answer for “%(property)s”") % {"property": objection.about["question"].label}
        case "number_in_answer":
            return _("Take the national register number out of the message")
        case "own_address":
            return _("This is your own address. You cannot invite yourself")
        case "nothing_to_assign":
            return _("These people already hold these roles. There is nothing to assign")
        case "held_meanwhile":
            return _("%(name)s already holds this role for %(organisation)s in this period") % about
        case "ends_already":
            return _("The role of %(name)s ends on %(date)s already. Choose an earlier date") % {
                **about,
                "date": on_day(objection.about["date"]),
            }
        case "begins_later":
            return _("The role of %(name)s begins on %(date)s only. Choose a later date, or end it now") % {
                **about,
                "date": on_day(objection.about["date"]),
            }
        case "waits_still":
            return _("The role of %(name)s waits for a confirmation. End it now, not on a date") % about
        case "has_no_end":
            return _("%(role)s has no end date. There is nothing to extend") % about
        case "not_longer":
            return _("Choose a date after %(date)s: the role lasts until then already") % {
                "date": on_day(objection.about["date"])
            }
        case "longer_than_asked":
            return _("Choose a date up to %(date)s: no longer than what was asked") % {
                "date": on_day(objection.about["date"])
            }
        case "starts_before_asked":
            return _("Choose a start date from %(date)s on: not before what was asked") % {
                "date": on_day(objection.about["date"])
            }
        case "changed_meanwhile":
            return _("Something has changed since you opened this page. Check again, then finish")
        case code:
            return why_not(Reason(code), objection.about.get("organisation"))


def lasts_too_long(role: Role, latest: Any) -> str:
    """Return E19."""
    years = role.max_duration_years or 0
    return ngettext(
        "%(role)s lasts %(years)s year at most. Choose a date up to %(date)s",
        "%(role)s lasts %(years)s years at most. Choose a date up to %(date)s",
        years,
    ) % {"role": role.name, "years": years, "date": on_day(latest)}
