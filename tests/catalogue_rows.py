"""The catalogue of the files, written in bulk: `load_catalogue` asks three hundred questions, and most tests want it.

A test compares the rows with those of `load_catalogue`.
"""

from functools import cache

from roles.catalogue import Catalogue, read_catalogue
from roles.models import OnlineService, Role, RoleProperty
from roles.operations.catalogue import _property_values, _role_values, _texts
from tenants.models import Domain

_search_keys: dict[str, str] = {}


@cache
def _files() -> Catalogue:
    return read_catalogue()


def insert_catalogue() -> None:
    """Write all domains, services, roles and properties into an empty catalogue; domains may be there."""
    files = _files()
    texts = {entry.code: _texts("name", entry.name) for entry in files.domains}
    domains = {row.code: row for row in Domain.objects.all()}
    for code, row in domains.items():
        Domain.objects.filter(pk=row.pk).update(**texts[code])
    new = [Domain(code=code, **names) for code, names in texts.items() if code not in domains]
    domains |= {row.code: row for row in Domain.objects.bulk_create(new)}
    services = {
        row.code: row
        for row in OnlineService.objects.bulk_create(
            OnlineService(
                code=entry.code,
                domain=domains[entry.domain],
                url=entry.url,
                **_texts("name", entry.name),
                **_texts("owner", entry.owner),
            )
            for entry in files.services
        )
    }
    roles = {
        row.code: row
        for row in Role.objects.bulk_create(
            Role(code=entry.code, search_key=_search_keys.get(entry.code, ""), **_role_values(entry, domains))
            for entry in files.roles
        )
    }
    offered, grants = Role.services.through, Role.grants.through
    offered.objects.bulk_create(
        offered(role_id=roles[entry.code].pk, onlineservice_id=services[code].pk)
        for entry in files.roles
        for code in entry.services
    )
    grants.objects.bulk_create(
        grants(from_role_id=roles[entry.code].pk, to_role_id=roles[code].pk)
        for entry in files.roles
        for code in entry.grants
    )
    RoleProperty.objects.bulk_create(
        RoleProperty(role=roles[entry.code], code=question.code, position=position, **_property_values(question))
        for entry in files.roles
        for position, question in enumerate(entry.properties)
    )
    if not _search_keys:
        for role in Role.objects.for_page():
            role.refresh_search_key()
            _search_keys[role.code] = role.search_key
