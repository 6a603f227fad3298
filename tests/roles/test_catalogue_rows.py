"""The quick way in which tests write the catalogue gives the rows of the real one."""

from datetime import datetime

import pytest
from django.db import transaction

from roles.models import OnlineService, Role, RoleProperty
from roles.operations.catalogue import load_catalogue
from tenants.models import Domain
from tests.catalogue_rows import insert_catalogue


class _Back(Exception):
    """Rolls back."""


def rows() -> dict[str, list[object]]:
    def values(model: type, *left_out: str) -> list[dict[str, object]]:
        names = [field.name for field in model._meta.fields if field.name not in left_out]  # type: ignore[attr-defined]
        return list(model.objects.order_by("code").values(*names))  # type: ignore[attr-defined]

    return {
        "domains": [*values(Domain, "id")],
        "services": [*values(OnlineService, "id", "domain")],
        "roles": [*values(Role, "id", "domain")],
        "questions": [*values(RoleProperty, "id", "role")],
        "linked": sorted(Role.objects.values_list("code", "domain__code", "services__code", "grants__code"), key=str),
        "asked": sorted(RoleProperty.objects.values_list("role__code", "code")),
    }


@pytest.mark.parametrize("round_number", [1, 2])
def test_both_ways_write_the_same_rows(db: None, now: datetime, round_number: int) -> None:
    with pytest.raises(_Back), transaction.atomic():
        load_catalogue(now=now)
        real = rows()
        raise _Back
    insert_catalogue()
    assert rows() == real
