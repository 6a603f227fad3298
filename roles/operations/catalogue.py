"""Writing the catalogue of the files to the database: adding and changing, never deleting."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, TypeVar

from django.db import models, transaction

from audit.record import record
from roles.catalogue import LANGUAGES, Catalogue, PropertyEntry, RoleEntry, Texts, read_catalogue
from roles.events import RoleEvent
from roles.models import OnlineService, Role, RoleProperty
from tenants.models import Domain

Row = TypeVar("Row", bound=models.Model)


@dataclass
class CatalogueReport:
    """What a loading did, by code. `left_over` are entries of the database that no file holds (any more)."""

    created: list[str] = field(default_factory=list)
    changed: list[str] = field(default_factory=list)
    left_over: list[str] = field(default_factory=list)

    @property
    def did_nothing(self) -> bool:
        """Whether the database held it all already."""
        return not (self.created or self.changed)


def load_catalogue(catalogue: Catalogue | None = None, *, now: datetime) -> CatalogueReport:
    """Bring domains, services, roles and their properties to what the files say.

    People hold these roles and services ask for them, so nothing is deleted. Raises CatalogueError before anything is
    written when the files hold nonsense.
    """
    catalogue = catalogue or read_catalogue()
    report = CatalogueReport()
    with transaction.atomic():
        domains = {
            entry.code: _write(Domain, {"code": entry.code}, _texts("name", entry.name), report)
            for entry in catalogue.domains
        }
        services = {
            entry.code: _write(
                OnlineService,
                {"code": entry.code},
                {
                    **_texts("name", entry.name),
                    **_texts("owner", entry.owner),
                    "domain_id": domains[entry.domain].pk,
                    "url": entry.url,
                },
                report,
            )
            for entry in catalogue.services
        }
        roles = {
            entry.code: _write(Role, {"code": entry.code}, _role_values(entry, domains), report)
            for entry in catalogue.roles
        }
        for entry in catalogue.roles:
            role = roles[entry.code]
            linked = _link(role.services, [services[code] for code in entry.services])
            linked |= _link(role.grants, [roles[code] for code in entry.grants])
            if linked:
                _note(report, entry.code)
            for position, question in enumerate(entry.properties):
                _write(
                    RoleProperty,
                    {"role_id": role.pk, "code": question.code},
                    {**_property_values(question), "position": position},
                    report,
                    name=f"{entry.code}.{question.code}",
                )
            if role.search_key != role.make_search_key():
                role.refresh_search_key()
        report.left_over = sorted(_left_over(catalogue))
        if not report.did_nothing:
            record(RoleEvent.CATALOGUE_LOADED, actor=None, now=now, created=report.created, changed=report.changed)
    return report


def _write(
    model: type[Row], identity: dict[str, Any], values: dict[str, Any], report: CatalogueReport, *, name: str = ""
) -> Row:
    """Create the row with this identity, or change what differs; say in the report which."""
    name = name or str(identity["code"])
    row = model._default_manager.filter(**identity).first()
    if row is None:
        row = model(**identity, **values)
        row.save()
        report.created.append(name)
        return row
    different = {column: value for column, value in values.items() if getattr(row, column) != value}
    if different:
        for column, value in different.items():
            setattr(row, column, value)
        row.save()
        report.changed.append(name)
    return row


def _note(report: CatalogueReport, code: str) -> None:
    if code not in report.created and code not in report.changed:
        report.changed.append(code)


def _link(relation: Any, wanted: list[Any]) -> bool:
    """Set a many-to-many relation; say whether that changed anything."""
    if {row.pk for row in relation.all()} == {row.pk for row in wanted}:
        return False
    relation.set(wanted)
    return True


def _texts(column: str, texts: Texts) -> dict[str, str]:
    return {f"{column}_{language}": texts.get(language, "") for language in LANGUAGES}


def _role_values(entry: RoleEntry, domains: dict[str, Domain]) -> dict[str, Any]:
    return {
        **_texts("name", entry.name),
        **_texts("description", entry.description),
        **{f"tasks_{language}": "\n".join(task[language] for task in entry.tasks) for language in LANGUAGES},
        "domain_id": domains[entry.domain].pk,
        "synonyms": "\n".join(entry.synonyms),
        "is_assignable": entry.assignable,
        "is_requestable": entry.requestable,
        "is_derived": entry.derived,
        "always_confirm": entry.always_confirm,
        "max_duration_years": entry.max_duration_years,
        "minimum_level": entry.minimum_level,
    }


def _property_values(question: PropertyEntry) -> dict[str, Any]:
    return {
        "kind": question.kind,
        **_texts("label", question.label),
        **_texts("hint", question.hint),
        "is_required": question.required,
        "options": [
            {
                "code": option.code,
                **{language: option.label.get(language, "") for language in LANGUAGES},
                # Beside the printed name, in plain words: for pages that show both.
                "hint": {language: option.hint.get(language, "") for language in LANGUAGES},
            }
            for option in question.options
        ],
    }


def _left_over(catalogue: Catalogue) -> Iterable[str]:
    """Return what the database has and the files have not."""
    yield from _codes(Domain) - {entry.code for entry in catalogue.domains}
    yield from _codes(OnlineService) - {entry.code for entry in catalogue.services}
    yield from _codes(Role) - {entry.code for entry in catalogue.roles}
    asked = {(role.code, question.code) for role in catalogue.roles for question in role.properties}
    stored = set(RoleProperty.objects.values_list("role__code", "code"))
    yield from (f"{role}.{code}" for role, code in stored - asked)


def _codes(model: type[models.Model]) -> set[str]:
    return set(model._default_manager.values_list("code", flat=True))
