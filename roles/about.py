"""What an entry of the trail is about, read from the label that it kept: "AR-2026-000001-1 – Anna Peeters – CODE"."""

import re

from django.utils.translation import gettext

from audit.models import AuditEntry

_REFERENCE = re.compile(r"[A-Z]{2}-\d{4}-\d{6}(?:-\d+)?")
_CODE = re.compile(r"[A-Z0-9]+(?:_[A-Z0-9]+)*")
_BETWEEN = " – "
# Whom the message reached is not for those who read that it was sent (DOMAIN 3).
_WITHOUT_NAMES = frozenset({"access_manager:contacted"})


def reference_and_code(entry: AuditEntry) -> tuple[str, str]:
    """Return the reference and the role code of the label, each empty where there is none."""
    reference, _name, code = _parts(entry.subject_label)
    return reference, code


def name_about(entry: AuditEntry) -> str:
    """Return the name of the person or thing that the entry is about; nothing where it has none to say."""
    if entry.event in _WITHOUT_NAMES:
        return ""
    name = _parts(entry.subject_label)[1]
    return name or (no_name() if entry.subject_type == "person" and entry.subject_key else "")


def no_name() -> str:
    """Return what stands in place of the name of a person whom the trail knows by key only."""
    return gettext("Name not available")


def _parts(label: str) -> tuple[str, str, str]:
    """Cut a label into reference, name and code. One without a reference is a name as it is."""
    reference, _between, rest = label.partition(_BETWEEN)
    if not _REFERENCE.fullmatch(reference):
        return "", label, ""
    name, _between, code = rest.rpartition(_BETWEEN)
    return (reference, name, code) if name and _CODE.fullmatch(code) else (reference, rest, "")
