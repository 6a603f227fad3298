"""One sentence per event, in the reader's language. The trail keeps facts; the words are made when it is read.

Each event has its sentences from the fullest to the barest: the first one of which all facts are known is said. They
are keyed by what stands in the trail, so that an event of another floor, or of an earlier version, has words as well.
"""

from collections.abc import Callable, Collection, Iterable
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from django.utils.functional import Promise
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from audit.models import AuditEntry
from roles.about import name_about, no_name, reference_and_code
from roles.models import Role
from roles.reasons import on_day
from tenants.models import AccessManagerAppointment, Domain, Organisation

_LOOKED_UP = (
    _("%(actor)s looked up %(subject)s by national register number"),
    _("%(actor)s looked up a national register number and found nobody"),
)
_TOO_MANY_LOOK_UPS = (_("%(actor)s searched for people more often than the portal allows"),)

SENTENCES: dict[str, tuple[Promise, ...]] = {
    # Roles of people
    "assignment:granted": (_("%(actor)s assigned the role %(role)s to %(subject)s"),),
    "assignment:confirmed": (
        _("%(actor)s confirmed the role %(role)s of %(other)s"),
        _("%(actor)s confirmed the role %(role)s"),
    ),
    "assignment:refused": (
        _("%(actor)s refused the role %(role)s of %(other)s"),
        _("%(actor)s refused the role %(role)s"),
    ),
    "assignment:lapsed": (_("The role %(role)s of %(subject)s was not confirmed in time"),),
    "assignment:denied": (_("%(actor)s tried to assign a role, and could not"),),
    "assignment:ended": (
        _("%(actor)s ended the role %(role)s of %(other)s"),
        _("%(actor)s gave up the role %(role)s"),
    ),
    "assignment:end_planned": (
        _("%(actor)s set the end of the role %(role)s of %(subject)s to %(date)s"),
        _("%(actor)s set an end to the role %(role)s of %(subject)s"),
    ),
    "assignment:extended": (
        _("%(actor)s extended the role %(role)s of %(subject)s until %(date)s"),
        _("%(actor)s extended the role %(role)s of %(subject)s"),
    ),
    "assignment:undone": (_("%(actor)s undid the assignment of the role %(role)s to %(subject)s"),),
    "assignment:reminded": (_("%(actor)s sent a reminder to confirm the role %(role)s of %(subject)s"),),
    "assignment:stopped": (_("The role %(role)s of %(subject)s ended because the organisation has stopped"),),
    "assignments:exported": (_("%(actor)s downloaded the list of role assignments"),),
    "history:exported": (_("%(actor)s downloaded the history of the organisation"),),
    "activity:exported": (_("%(actor)s downloaded the list of their own activity"),),
    # Requests and invitations
    "request:made": (_("%(actor)s asked for a role: %(role)s"), _("%(actor)s asked for a role")),
    "request:denied": (_("%(actor)s asked for roles more often than the portal allows"),),
    "request:approved": (
        _("%(actor)s approved the role request of %(subject)s: %(role)s"),
        _("%(actor)s approved the role request of %(subject)s"),
        _("%(actor)s approved a role request"),
    ),
    "request:refused": (
        _("%(actor)s refused the role request of %(subject)s: %(role)s"),
        _("%(actor)s refused the role request of %(subject)s"),
        _("%(actor)s refused a role request"),
    ),
    "request:withdrawn": (
        _("%(actor)s withdrew a role request: %(role)s"),
        _("%(actor)s withdrew a role request"),
    ),
    "request:expired": (
        _("The role request of %(subject)s expired: %(role)s"),
        _("The role request of %(subject)s expired"),
        _("A role request expired"),
    ),
    "invitation:sent": (
        _("%(actor)s invited %(subject)s to a role: %(role)s"),
        _("%(actor)s invited %(subject)s"),
        _("%(actor)s sent an invitation"),
    ),
    "invitation:resent": (
        _("%(actor)s sent the invitation for %(subject)s again"),
        _("%(actor)s sent an invitation again"),
    ),
    "invitation:cancelled": (
        _("%(actor)s cancelled the invitation for %(subject)s"),
        _("%(actor)s cancelled an invitation"),
    ),
    "invitation:accepted": (
        _("%(actor)s accepted the invitation for %(other)s"),
        _("%(actor)s accepted an invitation"),
    ),
    "invitation:declined": (
        _("%(actor)s refused the invitation for %(other)s"),
        _("%(actor)s refused an invitation"),
    ),
    "invitation:expired": (_("The invitation for %(subject)s expired"), _("An invitation expired")),
    "invitation:mismatch": (
        _("%(actor)s entered the code of the invitation for %(other)s"),
        _("%(actor)s entered the code of an invitation for somebody else"),
    ),
    "invitation:code_failed": (_("%(actor)s entered a wrong invitation code"),),
    # Access managers
    "access_manager:appointed": (
        _("%(actor)s appointed %(subject)s as %(function)s"),
        _("%(actor)s appointed %(subject)s as access manager"),
    ),
    "access_manager:ended": (
        _("%(actor)s ended the function of %(other)s: %(function)s"),
        _("%(actor)s gave up a function: %(function)s"),
        _("%(actor)s ended the function of an access manager"),
    ),
    "access_manager:run_out": (
        _("The function of %(subject)s ended on its last day: %(function)s"),
        _("The function of %(subject)s ended on its last day"),
    ),
    # Never whom it reached: the asker reads this, too (DOMAIN 3).
    "access_manager:contacted": (_("%(actor)s wrote to the access managers"),),
    "access_manager:contact_refused": (_("%(actor)s wanted to write to access managers too often"),),
    # Finding people, and what was not allowed
    "persons:searched": (_("%(actor)s searched for people"),),
    "person:chosen": (_("%(actor)s chose %(subject)s for a role assignment"),),
    "number:looked_up": _LOOKED_UP,
    "person:looked_up": _LOOKED_UP,
    "lookup:denied": _TOO_MANY_LOOK_UPS,
    "person:lookup_refused": _TOO_MANY_LOOK_UPS,
    "access:denied": (_("%(actor)s had no access to a page"),),
    "draft:started": (_("%(actor)s began a draft assignment"),),
    "draft:deleted": (_("%(actor)s deleted a draft assignment"),),
    "acting:chosen": (_("%(actor)s chose for whom to act"),),
    # Persons, and how they sign in
    "person:created": (_("The portal now knows %(subject)s"),),
    "person:changed": (_("%(actor)s changed the data of %(subject)s"),),
    "person:contact_changed": (
        _("%(actor)s changed the e-mail address of %(other)s"),
        _("%(actor)s changed the e-mail address for messages"),
    ),
    "person:contact_refused": (_("%(actor)s gave an e-mail address that the portal did not take"),),
    "person:preferences_changed": (_("%(actor)s changed the language or the messages"),),
    "sign_in:succeeded": (_("%(subject)s signed in"),),
    "sign_in:failed": (_("An attempt to sign in as %(subject)s failed"), _("An attempt to sign in failed")),
    "sign_out:done": (_("%(actor)s signed out"),),
    "session:ended": (_("%(actor)s ended a session of %(other)s"), _("%(actor)s ended an open session")),
    "key:enrolled": (_("%(actor)s activated a digital key"),),
    "key:removed": (_("%(actor)s removed a digital key of %(other)s"), _("%(actor)s removed a digital key")),
    "key:blocked": (_("A digital key of %(subject)s was blocked for some time"),),
    "key:unblocked": (_("%(actor)s unblocked the digital keys of %(subject)s"),),
    "security_code:sent": (_("A security code was sent to %(subject)s"),),
    "phone_request:sent": (_("A request to sign in was sent to the phone (%(subject)s)"),),
    "phone_request:refused": (_("A request to sign in was refused on the phone (%(subject)s)"),),
    "address_code:sent": (_("%(actor)s asked for the code for a new e-mail address"),),
    "address_code:refused": (_("%(actor)s entered a wrong code for a new e-mail address"),),
    # Services that rely on the portal
    "sign_on:started": (_("%(actor)s signed in at the service %(subject)s"),),
    "sign_on:ended": (
        _("%(actor)s signed out of the service %(subject)s"),
        _("A sign-in at the service %(subject)s ended"),
    ),
    "consent:given": (_("%(actor)s agreed that the service %(subject)s receives data"),),
    "consent:withdrawn": (_("%(actor)s ended what the service %(subject)s receives"),),
    "number:given": (
        _("A service received the national register number of %(subject)s"),
        _("A service received a national register number"),
    ),
    "token:revoked": (_("The service %(subject)s gave a token back"),),
    "code:reused": (_("A code of the service %(subject)s was used twice"),),
    "client:added": (_("%(actor)s registered the client %(subject)s"),),
    "client:changed": (_("%(actor)s changed the client %(subject)s"),),
    "client:secret_renewed": (_("%(actor)s gave the client %(subject)s a new secret"),),
    "client:secrets_refused": (_("Too many wrong secrets were shown for the client %(subject)s"),),
    "logout:sent_again": (_("%(actor)s had a message to the client %(subject)s sent again"),),
    "login:changed": (_("%(actor)s changed the login of %(subject)s"),),
    "admin:made": (_("%(subject)s became administrator of the portal"),),
    # The administration
    "staff_group:added": (_("%(actor)s added the staff group %(subject)s"),),
    "staff_group:changed": (_("%(actor)s changed the staff group %(subject)s"),),
    "staff_group:removed": (_("%(actor)s removed the staff group %(subject)s"),),
    "catalogue:loaded": (_("%(actor)s loaded the role catalogue"),),
    "role:added": (_("%(actor)s added the role %(subject)s to the catalogue"),),
    "role:changed": (_("%(actor)s changed the role %(subject)s in the catalogue"),),
    "online_service:added": (_("%(actor)s added the online service %(subject)s"),),
    "online_service:changed": (_("%(actor)s changed the online service %(subject)s"),),
    "confirmation_rule:changed": (_("%(actor)s changed who has to confirm roles: %(subject)s"),),
    "organisation:added": (_("%(actor)s added the organisation %(subject)s"),),
    "organisation:changed": (_("%(actor)s changed the data of the organisation %(subject)s"),),
    "establishment_unit:added": (_("%(actor)s added the establishment unit %(subject)s"),),
    "establishment_unit:changed": (_("%(actor)s changed the data of the establishment unit %(subject)s"),),
    "employment:added": (_("%(actor)s added the employment: %(subject)s"),),
    "employment:changed": (_("%(actor)s changed the employment: %(subject)s"),),
    "domain:added": (_("%(actor)s added the domain %(subject)s"),),
    "domain:changed": (_("%(actor)s changed the domain %(subject)s"),),
    "register_entry:added": (_("%(actor)s added the register entry %(subject)s"),),
    "register_entry:changed": (_("%(actor)s changed the register entry %(subject)s"),),
}


# What things of floors above are called by people, where the trail keeps another name: by kind, from keys to names.
NAMERS: dict[str, Callable[[Collection[str]], dict[str, str]]] = {}
# What staff did to a client is told with the name that staff gave it.
_AS_KEPT = "client:"


@dataclass(frozen=True)
class Names:
    """What things are called in the language of the page, by the codes and keys that the trail keeps.

    `things` are by kind and key.
    """

    roles: dict[str, str] = field(default_factory=dict)
    domains: dict[str, str] = field(default_factory=dict)
    organisations: dict[str, str] = field(default_factory=dict)
    things: dict[tuple[str, str], str] = field(default_factory=dict)


def names_for(entries: Iterable[AuditEntry]) -> Names:
    """Read the names that these entries need: four queries at most, however many entries there are."""
    rows = list(entries)
    codes = {code for row in rows for code in _role_codes(row)}
    domains = {row.data["domain"] for row in rows if isinstance(row.data.get("domain"), str)}
    places = {row.organisation_key for row in rows} - {""}
    return Names(
        {role.code: role.name for role in Role.objects.filter(code__in=codes)} if codes else {},
        {domain.code: domain.name for domain in Domain.objects.filter(code__in=domains)} if domains else {},
        {place.key: place.name for place in Organisation.objects.filter(key__in=places)} if places else {},
        _things(rows),
    )


def _things(rows: list[AuditEntry]) -> dict[tuple[str, str], str]:
    found: dict[tuple[str, str], str] = {}
    for kind, names_of in NAMERS.items():
        if keys := {row.subject_key for row in rows if row.subject_type == kind} - {""}:
            found.update({(kind, key): name for key, name in names_of(keys).items()})
    return found


def event_sentence(entry: AuditEntry, names: Names | None = None) -> str:
    """Return who did what, about whom, as one sentence without a full stop; the event's code where it has no words."""
    facts = _facts(entry, names or Names())
    for sentence in SENTENCES.get(entry.event, ()):
        with suppress(KeyError):  # a fact that this entry does not hold
            return str(sentence) % facts
    return entry.event


def actor_name(entry: AuditEntry) -> str:
    """Return who did it: a person, of the staff where that was the function, or the portal itself."""
    if not entry.actor_label:
        return no_name() if entry.actor_key else gettext("The portal")
    if entry.data.get("by_staff"):
        return gettext("%(name)s (staff of the portal)") % {"name": entry.actor_label}
    return entry.actor_label


def subject_name(entry: AuditEntry, names: Names) -> str:
    """Return what people call the person or thing that the entry is about; nothing where it has no name to say."""
    called = "" if entry.event.startswith(_AS_KEPT) else names.things.get((entry.subject_type, entry.subject_key), "")
    return called or name_about(entry)


def role_names(entry: AuditEntry, names: Names) -> str:
    """Return the names of the roles that the entry is about; a role that the catalogue has lost keeps its code."""
    return ", ".join(names.roles.get(code, code) for code in _role_codes(entry))


def _facts(entry: AuditEntry, names: Names) -> dict[str, str]:
    """Return what can stand in a sentence, without what the entry does not hold."""
    subject = names.roles.get(entry.subject_key, "") if entry.subject_type == "role" else ""
    subject = subject or subject_name(entry, names)
    facts = {
        "actor": actor_name(entry),
        "subject": subject,
        # Only somebody else than who did it: "confirmed the role", or "confirmed the role of Klaus".
        "other": "" if _is_about_oneself(entry, subject) else subject,
        "role": role_names(entry, names),
        "function": _function(entry, names),
        "date": _day(entry.data.get("ended_on") or entry.data.get("valid_until")),
    }
    return {name: value for name, value in facts.items() if value}


def _is_about_oneself(entry: AuditEntry, subject: str) -> bool:
    if not entry.actor_key:
        return False
    holder = entry.data.get("assignee") or (entry.subject_key if entry.subject_type == "person" else "")
    return entry.actor_key == holder if holder else entry.actor_label == subject


def _role_codes(entry: AuditEntry) -> list[str]:
    """Return the codes of roles in an entry; from the label, where an earlier version kept them only there."""
    if isinstance(codes := entry.data.get("roles"), list):
        return [code for code in codes if isinstance(code, str)]
    if isinstance(code := entry.data.get("role"), str):
        return [code]
    if entry.subject_type == "role":
        return [entry.subject_key]
    code = reference_and_code(entry)[1]
    return [code] if code else []


def _function(entry: AuditEntry, names: Names) -> str:
    """Return the function of an access manager, as it stands after "as"."""
    kind, domain = entry.data.get("kind"), entry.data.get("domain")
    if kind == AccessManagerAppointment.Kind.DOMAIN and domain:
        return gettext("access manager for the domain %(domain)s") % {"domain": names.domains.get(domain, domain)}
    if kind == AccessManagerAppointment.Kind.CHIEF:
        return gettext("chief access manager")
    return gettext("co-chief access manager") if kind == AccessManagerAppointment.Kind.CO_CHIEF else ""


def _day(value: Any) -> str:
    """Return a day of the data in words; nothing for anything else."""
    with suppress(TypeError, ValueError):
        return on_day(date.fromisoformat(value))
    return ""
