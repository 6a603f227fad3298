"""Access managers are appointed and ended in the administration by the operations: checked, and on record."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.contrib.auth.models import Permission
from django.core.exceptions import ValidationError
from django.test import Client
from django.utils import timezone

from audit.models import AuditEntry
from csam.models import User
from tenants.models import AccessManagerAppointment, Domain, Employment
from tenants.operations import end_appointment, replace_chief
from tests.admin.pages import address
from tests.conftest import Cast

ADD = address(AccessManagerAppointment, "add")


def values(cast: Cast, **changed: Any) -> dict[str, Any]:
    given = {
        "organisation": cast.dubois.pk,
        "person": cast.anna.pk,
        "kind": "co_chief",
        "valid_from": timezone.localdate().isoformat(),
    }
    return {**given, **changed}


def errors(answer: Any) -> list[str]:
    assert answer.status_code == 200
    return list(answer.context["adminform"].form.errors)


def live(cast: Cast, kind: str) -> list[Any]:
    rows = AccessManagerAppointment.objects.filter(organisation=cast.dubois, kind=kind, ended_at__isnull=True)
    return list(rows.order_by("id"))


def test_a_co_chief_is_appointed_on_record(sofie: Client, cast: Cast, newest: Callable[[], Any]) -> None:
    assert sofie.post(ADD, values(cast)).status_code == 302
    made = AccessManagerAppointment.objects.get(person=cast.anna)
    assert made.appointed_by == cast.sofie
    entry = newest()
    assert (entry.event, entry.actor_key, entry.subject_key) == (
        "access_manager:appointed",
        cast.sofie.key,
        cast.anna.key,
    )
    assert entry.organisation_key == cast.dubois.key


def test_a_manager_of_a_domain_is_appointed_once(sofie: Client, cast: Cast) -> None:
    domain = Domain.objects.get(code="FINANCE")
    wanted = values(cast, kind="domain", domain=domain.pk)
    assert sofie.post(ADD, wanted).status_code == 302
    assert errors(sofie.post(ADD, wanted)) == ["person"]
    assert errors(sofie.post(ADD, values(cast, kind="domain"))) == ["domain"]
    assert errors(sofie.post(ADD, values(cast, kind="co_chief", domain=domain.pk))) == ["domain"]
    assert AccessManagerAppointment.objects.filter(person=cast.anna).count() == 1


def test_dates_in_the_wrong_order_are_refused(sofie: Client, cast: Cast) -> None:
    yesterday = (timezone.localdate() - timedelta(days=1)).isoformat()
    assert errors(sofie.post(ADD, values(cast, valid_until=yesterday))) == ["valid_until"]
    assert sorted(errors(sofie.post(ADD, {}))) == ["kind", "organisation", "person", "valid_from"]


def test_a_second_chief_is_refused_unless_he_replaces_the_first(sofie: Client, cast: Cast) -> None:
    assert errors(sofie.post(ADD, values(cast, kind="chief"))) == ["replaces_chief"]
    assert [row.person for row in live(cast, "chief")] == [cast.jean]
    assert sofie.post(ADD, values(cast, kind="chief", replaces_chief="on")).status_code == 302
    assert [row.person for row in live(cast, "chief")] == [cast.anna]
    events = list(AuditEntry.objects.filter(event__startswith="access_manager:").order_by("id"))
    assert [(entry.event, entry.subject_key) for entry in events] == [
        ("access_manager:ended", cast.jean.key),
        ("access_manager:appointed", cast.anna.key),
    ]


def test_a_chief_from_elsewhere_is_refused_and_the_present_one_stays(
    sofie: Client, cast: Cast, acting_as: Callable[..., Any], now: Any
) -> None:
    wanted = values(cast, kind="chief", replaces_chief="on", person=cast.olivier.pk)
    assert errors(sofie.post(ADD, wanted)) == ["person"]
    with pytest.raises(ValidationError):
        replace_chief(
            organisation=cast.dubois,
            person=cast.olivier,
            valid_from=timezone.localdate(),
            by_staff=True,
            acting=acting_as(cast.sofie),
            now=now,
        )
    assert [row.person for row in live(cast, "chief")] == [cast.jean]
    assert not AuditEntry.objects.filter(event__startswith="access_manager:").exists()


def test_what_the_operation_refuses_at_the_last_moment_is_said(
    sofie: Client, cast: Cast, monkeypatch: pytest.MonkeyPatch
) -> None:
    def left_meanwhile(*_args: Any, **_kwargs: Any) -> None:
        Employment.objects.filter(person=cast.anna).update(valid_until=timezone.localdate() - timedelta(days=1))

    monkeypatch.setattr("tenants.admin.forms.require_chief_is_linked", left_meanwhile)
    answer = sofie.post(ADD, values(cast, kind="chief", replaces_chief="on"), follow=True)
    assert answer.redirect_chain == [(ADD, 303)]
    assert len(list(answer.context["messages"])) == 1
    assert [row.person for row in live(cast, "chief")] == [cast.jean]


def test_an_appointment_is_ended_by_its_own_page(sofie: Client, cast: Cast, newest: Callable[[], Any]) -> None:
    tom = live(cast, "co_chief")[0]
    where = address(AccessManagerAppointment, "end", tom.pk)
    view = address(AccessManagerAppointment, "change", tom.pk)
    assert where in sofie.get(view).content.decode()
    assert sofie.get(where).status_code == 200
    assert live(cast, "co_chief") == [tom]
    answer = sofie.post(where)
    assert (answer.status_code, answer.url) == (303, view)  # type: ignore[attr-defined]
    tom.refresh_from_db()
    assert tom.ended_by == cast.sofie
    assert (newest().event, newest().subject_key) == ("access_manager:ended", cast.tom.key)
    entries = AuditEntry.objects.count()
    assert sofie.post(where).status_code == 303
    assert AuditEntry.objects.count() == entries
    assert where not in sofie.get(view).content.decode()


@pytest.mark.threat(12)
def test_the_chief_is_not_ended_without_a_successor(
    sofie: Client, cast: Cast, acting_as: Callable[..., Any], now: Any
) -> None:
    chief = live(cast, "chief")[0]
    answer = sofie.post(address(AccessManagerAppointment, "end", chief.pk), follow=True)
    assert len(list(answer.context["messages"])) == 1
    with pytest.raises(ValidationError):
        end_appointment(chief, by_staff=True, acting=acting_as(cast.sofie), now=now)
    assert live(cast, "chief") == [chief]


def test_an_appointment_is_not_edited(sofie: Client, cast: Cast) -> None:
    tom = live(cast, "co_chief")[0]
    changed = values(cast, kind="domain", ended_at="2020-01-01")
    assert sofie.post(address(AccessManagerAppointment, "change", tom.pk), changed).status_code == 403
    assert sofie.post(address(AccessManagerAppointment, "delete", tom.pk), {"post": "yes"}).status_code == 403
    assert live(cast, "co_chief") == [tom]


def test_an_unknown_appointment_is_nothing(sofie: Client) -> None:
    assert sofie.get(address(AccessManagerAppointment, "end", 987_654)).status_code == 404


def test_staff_who_may_only_look_neither_appoint_nor_end(cast: Cast, sign_in: Callable[..., Client]) -> None:
    User.objects.filter(person=cast.marie).update(is_staff=True)
    only_look = Permission.objects.get(codename="view_accessmanagerappointment")
    User.objects.get(person=cast.marie).user_permissions.add(only_look)
    browser = sign_in(cast.marie)
    tom = live(cast, "co_chief")[0]
    assert browser.get(address(AccessManagerAppointment)).status_code == 200
    assert browser.post(ADD, values(cast)).status_code == 403
    assert browser.post(address(AccessManagerAppointment, "end", tom.pk)).status_code == 403
    assert live(cast, "co_chief") == [tom]
