"""What an online service receives of somebody's roles: the format rolemgmt/1 (DOMAIN 11). Pure: nothing is read here.

It is our own format; the content of the federal claim `roles` is not public. A service sees no more than this: not who
assigned a role, no message or note, and no role of another service.
"""

from collections.abc import Iterable
from typing import Any

from roles.models import RoleAssignment

FORMAT = "rolemgmt/1"
Entry = dict[str, Any]


def entries(assignments: Iterable[RoleAssignment]) -> list[Entry]:
    """Return one entry for each assignment, by enterprise number, role and first day.

    Which assignments a service may see is the caller's to say (`RoleAssignment.objects.delivered_to`). Days are ISO
    text; `validUntil` is the last day on which the role works, None where no end is known; `properties` are the answers
    as they are stored, by the code of the question.
    """
    return sorted((_entry(row) for row in assignments), key=_place)


def document(entries: list[Entry]) -> dict[str, Any]:
    """Return the entries with the name of their format, as a service that asks for one value receives them."""
    return {"roles_format": FORMAT, "roles": entries}


def _entry(row: RoleAssignment) -> Entry:
    last_day = row.last_day
    return {
        "role": row.role.code,
        "enterpriseNumber": row.organisation.enterprise_number,
        "validFrom": row.valid_from.isoformat(),
        "validUntil": last_day.isoformat() if last_day else None,
        # A database may keep the answers in another order than they were given in.
        "properties": {code: row.properties[code] for code in sorted(row.properties)},
        "reference": row.reference,
    }


def _place(entry: Entry) -> tuple[str, ...]:
    return entry["enterpriseNumber"], entry["role"], entry["validFrom"], entry["reference"]
