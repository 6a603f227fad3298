"""The catalogue of the files in the database."""

from dataclasses import replace
from datetime import UTC, datetime
from io import StringIO
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command

from audit.models import AuditEntry
from roles.catalogue import Catalogue, RoleEntry, read_catalogue
from roles.models import OnlineService, Role, RoleProperty
from roles.operations.catalogue import load_catalogue
from tenants.models import Domain

NOW = datetime(2026, 11, 21, 9, 0, tzinfo=UTC)

pytestmark = pytest.mark.django_db


def with_role(catalogue: Catalogue, code: str, **changes: object) -> Catalogue:
    roles = tuple(replace(role, **changes) if role.code == code else role for role in catalogue.roles)  # type: ignore[arg-type]
    return replace(catalogue, roles=roles)


def test_it_loads_everything_and_records_it() -> None:
    report = load_catalogue(now=NOW)

    assert (Domain.objects.count(), OnlineService.objects.count(), Role.objects.count()) == (7, 18, 27)
    assert RoleProperty.objects.count() == 4
    assert len(report.created) == 56 and report.changed == [] and report.left_over == []
    entry = AuditEntry.objects.get(event="catalogue:loaded")
    assert entry.occurred_at == NOW and "EMCS" in str(entry.data["created"])


def test_a_role_arrives_with_all_it_has() -> None:
    load_catalogue(now=NOW)

    executor = Role.objects.get(code="FIN_MANDATE_EXECUTOR")
    types, sensitive = executor.properties.all()
    assert executor.name_nl == "FODFin Mandaatuitvoerder" and executor.domain.code == "FINANCE"
    assert [service.code for service in executor.services.all()] == ["mandates"]
    assert (types.code, types.kind, sensitive.kind) == ("MANDATE_TYPES", "choices", "yes_no")
    assert types.answer_in_words(["VAT", "MYMINFIN"], "de") == "Mandaat Uitvoerder BTW, Mandate User MyMinfin"
    assert types.options[0]["hint"]["fr"] == "Déclarations TVA des clients"
    types.full_clean()

    representative = Role.objects.get(code="CBE_LEGAL_REPRESENTATIVE")
    assert representative.is_derived and not representative.is_assignable and not representative.is_requestable
    assert Role.objects.get(code="FIN_URBAIN_MANAGER").grants.count() == 3
    assert Role.objects.get(code="FIN_URBAIN_USER_RO").max_duration_years == 2
    assert Role.objects.get(code="CUSTOMS_PLDA").always_confirm
    assert Role.objects.get(code="JUST_CRIMINAL_OFFENCES").minimum_level == 450


@pytest.mark.parametrize(
    ("words", "code"),
    [
        (["intervat"], "FIN_OWN_ENTERPRISE"),
        (["ubo"], "FIN_UBO_INFORMANT"),
        (["fluvius", "gas"], "FLUVIUS_ENERGY_PORTAL_ADMIN"),
        (["boite", "noire"], "FIN_GKS_RESTAURANT"),
        (["nationalbank"], "NBB_ONEGATE_ADMIN"),
        (["safeonwebatwork"], "CCB_SAFEONWEBATWORK_EDIT"),
    ],
)
def test_people_find_roles_by_service_owner_and_everyday_words(words: list[str], code: str) -> None:
    load_catalogue(now=NOW)

    assert code in [role.code for role in Role.objects.all() if role.matches(words)]


def test_a_second_loading_changes_nothing() -> None:
    load_catalogue(now=NOW)
    recorded = AuditEntry.objects.count()

    assert load_catalogue(now=NOW).did_nothing
    assert AuditEntry.objects.count() == recorded


def test_what_changed_in_the_file_changes_in_the_database() -> None:
    load_catalogue(now=NOW)
    changed = with_role(
        read_catalogue(), "CUSTOMS_EMCS", assignable=False, synonyms=("moonshine",), services=("emcs", "plda")
    )

    report = load_catalogue(changed, now=NOW)

    role = Role.objects.get(code="CUSTOMS_EMCS")
    assert report.created == [] and report.changed == ["CUSTOMS_EMCS"]
    assert not role.is_assignable and role.services.count() == 2
    assert role.matches(["moonshine"]) and role.matches(["plda"])


def test_a_renamed_service_is_found_by_its_new_name() -> None:
    load_catalogue(now=NOW)
    catalogue = read_catalogue()
    services = tuple(
        replace(service, name={"fr": "Mouvements", "nl": "Accijnsloket"}) if service.code == "emcs" else service
        for service in catalogue.services
    )

    load_catalogue(replace(catalogue, services=services), now=NOW)

    assert Role.objects.get(code="CUSTOMS_EMCS").matches(["accijnsloket"])


def test_what_no_file_holds_stays_and_is_named() -> None:
    load_catalogue(now=NOW)
    catalogue = read_catalogue()
    roles: tuple[RoleEntry, ...] = tuple(role for role in catalogue.roles if role.code != "FIN_FATCA")

    report = load_catalogue(replace(catalogue, roles=roles), now=NOW)

    assert report.left_over == ["FIN_FATCA"] and report.did_nothing
    assert Role.objects.filter(code="FIN_FATCA").exists()


def test_the_command_says_what_it_did() -> None:
    first, second = StringIO(), StringIO()

    call_command("load_catalogue", stdout=first, verbosity=2)
    call_command("load_catalogue", stdout=second)

    assert "created CUSTOMS_EMCS" in first.getvalue() and "56 created, 0 changed" in first.getvalue()
    assert second.getvalue() == "The catalogue was up to date: nothing changed.\n"


def test_the_command_names_what_stands_in_no_file() -> None:
    load_catalogue(now=NOW)
    Role.objects.create(code="OLD_ROLE", domain=Domain.objects.get(code="ENERGY"), name_fr="Ancien rôle")
    out = StringIO()

    call_command("load_catalogue", stdout=out)

    assert "OLD_ROLE stands in no file; it stays as it is" in out.getvalue()


def test_the_command_writes_nothing_when_a_file_is_wrong(tmp_path: Path) -> None:
    (tmp_path / "wrong.toml").write_text('[[domains]]\ncode = "energy"\nname = "Energy"\n', encoding="utf-8")

    with pytest.raises(CommandError, match='wrong.toml:2: domain energy: "energy" is not a code'):
        call_command("load_catalogue", folder=tmp_path)

    assert not Domain.objects.exists()


def test_the_command_says_which_file_is_not_in_utf_8(tmp_path: Path) -> None:
    (tmp_path / "wrong.toml").write_bytes('[[domains]]\ncode = "ENERGY"\nname = "Énergie"\n'.encode("latin-1"))

    with pytest.raises(CommandError, match=r"Nothing was loaded\.\nwrong\.toml:3: the file is not in UTF-8"):
        call_command("load_catalogue", folder=tmp_path)
