"""What staff change is checked in words, stored, and recorded in the same transaction; what is not theirs is not."""

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

import pytest
from django.contrib.auth.models import Group, Permission
from django.db.models import Model
from django.test import Client
from django.utils import timezone

from audit.models import AuditEntry
from csam.models import AppKey, User
from outbox.models import OutgoingEmail
from rolemgmt.demo.numbers import enterprise_number
from roles.models import AssignmentDraft, ConfirmationRule, OnlineService, Role, RoleAssignment, RoleProperty
from roles.operations.catalogue import load_catalogue
from tenants.identifiers import enterprise_check_digits
from tenants.models import Domain, Employment, EstablishmentUnit, Organisation, Person
from tests.admin.pages import address, own_models, page_of
from tests.admin_reader import request_to
from tests.conftest import Cast
from tests.csam.flows import card_of
from tests.factories import AssignmentFactory
from vault import throttle

Newest = Callable[[], Any]
INLINE = {f"properties-{name}": value for name, value in {"TOTAL_FORMS": "0", "INITIAL_FORMS": "0"}.items()}


def errors(answer: Any) -> list[str]:
    assert answer.status_code == 200
    return list(answer.context["adminform"].form.errors)


def organisation_values(organisation: Organisation, **changed: Any) -> dict[str, Any]:
    names = ("name_fr", "name_nl", "name_de", "name_en", "legal_form", "juridical_situation", "status", "municipality")
    return {**{name: getattr(organisation, name) for name in names}, **changed}


def role_values(role: Role, **changed: Any) -> dict[str, Any]:
    names = ("name_fr", "name_nl", "name_de", "name_en", "description_fr", "synonyms", "minimum_level")
    flags = ("is_assignable", "is_requestable", "always_confirm")
    return {
        "domain": role.domain_id,
        "services": [service.pk for service in role.services.all()],
        **{name: getattr(role, name) for name in names},
        **{name: "on" for name in flags if getattr(role, name)},
        **INLINE,
        **changed,
    }


# --- What is only looked at ----------------------------------------------------------------------------------------

READ_ONLY = [
    "audit.AuditEntry",
    "outbox.OutgoingEmail",
    "roles.RoleAssignment",
    "roles.RoleRequest",
    "roles.AssignmentDraft",
    "roles.DraftPerson",
    "roles.DraftRole",
    "roles.DraftInvitee",
    "roles.Invitation",
    "roles.InvitedRole",
    "roles.ReferenceSeries",
    "roles.RoleProperty",
    "csam.LoginTicket",
    "csam.MailCode",
    "csam.PhoneRequest",
    "csam.AppKey",
    "csam.AddressChange",
    "csam.OpenSession",
    "fas.Consent",
    "fas.SignOn",
    "fas.Grant",
    "fas.AccessToken",
    "fas.IDToken",
    "fas.LogoutDelivery",
    "fas.RefreshToken",
    "fas.DeviceGrant",
    "fas.ClientUse",
    "fas.RoleChange",
    "tenants.OrganisationNameKey",
    "vault.Throttle",
    "admin.LogEntry",
]


def test_what_is_only_looked_at_is_neither_added_nor_changed() -> None:
    request = request_to()
    request.user.is_superuser = True  # type: ignore[union-attr]
    kept = [
        model._meta.label
        for model in own_models()
        if not page_of(model).has_add_permission(request) and not page_of(model).has_change_permission(request)
    ]
    assert sorted(kept) == sorted(READ_ONLY)


def test_nothing_is_deleted_but_groups() -> None:
    request = request_to()
    request.user.is_superuser = True  # type: ignore[union-attr]
    deletable = [model._meta.label for model in own_models() if page_of(model).has_delete_permission(request)]
    assert deletable == ["auth.Group"]
    assert not [model for model in own_models() if "delete_selected" in page_of(model).get_actions(request)]


@pytest.mark.parametrize("model", [Person, Organisation, Employment])
def test_the_page_to_delete_is_refused(sofie: Client, cast: Cast, model: type[Model]) -> None:
    row = model._default_manager.first()
    assert row is not None
    assert sofie.post(address(model, "delete", row.pk), {"post": "yes"}).status_code == 403
    chosen = {"action": "delete_selected", "_selected_action": [row.pk], "post": "yes"}
    sofie.post(address(model), chosen)
    assert model._default_manager.filter(pk=row.pk).exists()


def test_an_assignment_cannot_be_changed_and_leads_to_the_portal(
    sofie: Client, cast: Cast, catalogue: dict[str, Role]
) -> None:
    role = next(iter(catalogue.values()))
    given = AssignmentFactory(role=role, assignee=cast.anna, organisation=cast.dubois, assigned_by=cast.jean)
    where = address(RoleAssignment, "change", given.pk)
    page = sofie.get(where).content.decode()
    assert f"/assignments/{given.key}/" in page
    assert 'name="_save"' not in page
    entries = AuditEntry.objects.count()
    answer = sofie.post(where, {"reference": "AR-1", "valid_until": "2030-01-01", "assignee": cast.tom.pk})
    assert answer.status_code == 403
    assert sofie.post(address(RoleAssignment, "delete", given.pk), {"post": "yes"}).status_code == 403
    given.refresh_from_db()
    assert (given.assignee, given.valid_until) == (cast.anna, None)
    assert (AuditEntry.objects.count(), OutgoingEmail.objects.count()) == (entries, 0)


def test_an_assignment_is_found_by_its_reference_and_its_pass(
    sofie: Client, cast: Cast, catalogue: dict[str, Role], now: Any
) -> None:
    draft = AssignmentDraft.objects.create(
        owner=cast.jean, created_at=now, updated_at=now, submitted_at=now, reference="AR-2026-000007"
    )
    role = next(iter(catalogue.values()))
    given = AssignmentFactory(
        role=role,
        assignee=cast.anna,
        organisation=cast.dubois,
        assigned_by=cast.jean,
        draft=draft,
        reference="AR-2026-000007-1",
    )
    AssignmentFactory(role=role, assignee=cast.carine, organisation=cast.peeters)
    for words in ("AR-2026-000007-1", "ar-2026-000007", given.key, "Anna Peeters", "0999.999.922"):
        found = sofie.get(address(RoleAssignment), {"q": words}).context["cl"].result_list
        assert list(found) == [given], words
    drafts = sofie.get(address(AssignmentDraft), {"q": "ar-2026-000007"}).context["cl"].result_list
    assert list(drafts) == [draft]
    assert list(sofie.get(address(AssignmentDraft), {"q": "dubois"}).context["cl"].result_list) == [draft]


# --- Organisations, people, employments ----------------------------------------------------------------------------


def test_the_status_of_an_organisation_is_changed_and_recorded(sofie: Client, cast: Cast, newest: Newest) -> None:
    values = organisation_values(cast.dubois, status="special", enterprise_number="0000000097")
    assert sofie.post(address(Organisation, "change", cast.dubois.pk), values).status_code == 302
    dubois = Organisation.objects.get(pk=cast.dubois.pk)
    assert (dubois.status, dubois.enterprise_number) == ("special", cast.dubois.enterprise_number)
    entry = newest()
    assert (entry.event, entry.actor_key) == ("organisation:changed", cast.sofie.key)
    assert (entry.subject_key, entry.organisation_key) == (dubois.key, dubois.key)
    assert entry.data["changes"] == {"status": ["normal", "special"]}
    assert entry.data["by_staff"] is True


def test_saving_without_a_change_records_nothing(sofie: Client, cast: Cast) -> None:
    before = AuditEntry.objects.count()
    where = address(Organisation, "change", cast.dubois.pk)
    assert sofie.post(where, organisation_values(cast.dubois)).status_code == 302
    assert AuditEntry.objects.count() == before


def test_an_organisation_is_added_with_its_number_in_any_spelling(sofie: Client, newest: Newest) -> None:
    digits = enterprise_number(71_000)
    typed = f"BE {digits[:4]}.{digits[4:7]}.{digits[7:]}"
    values = {"enterprise_number": typed, "name_nl": "Bakkerij Noord", "juridical_situation": "000", "status": "new"}
    assert sofie.post(address(Organisation, "add"), values).status_code == 302
    added = Organisation.objects.get(enterprise_number=digits)
    assert (newest().event, newest().subject_key) == ("organisation:added", added.key)
    assert list(sofie.get(address(Organisation), {"q": "noord"}).context["cl"].result_list) == [added]
    assert errors(sofie.post(address(Organisation, "add"), values)) == ["enterprise_number"]


@pytest.mark.parametrize("typed", ["", "0999999923", "123", "abc", "9999999922", "0999.999.9222"])
def test_a_wrong_enterprise_number_is_refused(sofie: Client, typed: str) -> None:
    values = {"enterprise_number": typed, "name_nl": "Noord", "juridical_situation": "000", "status": "new"}
    assert errors(sofie.post(address(Organisation, "add"), values)) == ["enterprise_number"]


def test_an_organisation_needs_a_name(sofie: Client, cast: Cast) -> None:
    values = organisation_values(cast.dubois, name_fr="", name_nl="", name_de="", name_en="")
    assert errors(sofie.post(address(Organisation, "change", cast.dubois.pk), values)) == ["__all__"]


def test_an_establishment_unit_is_added_and_changed(sofie: Client, cast: Cast, newest: Newest) -> None:
    values = {"number": "2.999.999.104", "organisation": cast.dubois.pk, "name": "Atelier"}
    assert errors(sofie.post(address(EstablishmentUnit, "add"), values)) == ["number"]
    digits = "29999991" + enterprise_check_digits("29999991")
    assert sofie.post(address(EstablishmentUnit, "add"), {**values, "number": digits}).status_code == 302
    unit = EstablishmentUnit.objects.get(number=digits)
    assert (newest().event, newest().organisation_key) == ("establishment_unit:added", cast.dubois.key)
    assert sofie.post(address(EstablishmentUnit, "change", unit.pk), {"name": "Four"}).status_code == 302
    assert newest().data["changes"] == {"name": ["Atelier", "Four"]}
    assert list(sofie.get(address(EstablishmentUnit), {"q": digits}).context["cl"].result_list) == [unit]


def test_a_person_is_corrected_and_switched_off(
    sofie: Client, cast: Cast, newest: Newest, sign_in: Callable[..., Client]
) -> None:
    anna = sign_in(cast.anna)
    assert anna.get("/").status_code == 200
    values = {"given_name": "Annelies", "family_name": "Peeters", "email": "new@post.example", "language": "de"}
    assert sofie.post(address(Person, "change", cast.anna.pk), values).status_code == 302
    entry = newest()
    assert (entry.event, entry.subject_key) == ("person:changed", cast.anna.key)
    assert entry.data["changes"] == {
        "given_name": ["Anna", "Annelies"],
        "email": None,
        "language": ["nl", "de"],
        "is_active": [True, False],
    }
    assert Person.objects.get(pk=cast.anna.pk).first_key == "annelies"
    assert anna.get("/my-roles/").status_code in (302, 403)


def test_an_employment_is_added_once_and_ended_by_its_date(sofie: Client, cast: Cast, newest: Newest) -> None:
    today = timezone.localdate()
    values = {"person": cast.olivier.pk, "organisation": cast.dubois.pk, "kind": "employee", "valid_from": today}
    assert sofie.post(address(Employment, "add"), values).status_code == 302
    job = Employment.objects.get(person=cast.olivier)
    assert job.last_key == cast.olivier.last_key
    assert (newest().event, newest().organisation_key) == ("employment:added", cast.dubois.key)
    assert errors(sofie.post(address(Employment, "add"), values)) == ["__all__"]
    where = address(Employment, "change", job.pk)
    backwards = {"kind": "employee", "valid_from": today, "valid_until": today - timedelta(days=1)}
    assert errors(sofie.post(where, backwards)) == ["__all__"]
    ended = {**backwards, "valid_until": today, "person": cast.tom.pk}
    assert sofie.post(where, ended).status_code == 302
    job.refresh_from_db()
    assert (job.person, job.valid_until) == (cast.olivier, today)
    assert newest().data["changes"] == {"valid_until": [None, today.isoformat()]}


# --- The catalogue and the rule ------------------------------------------------------------------------------------


def test_a_role_is_changed_recorded_and_found_by_its_new_service(
    sofie: Client, catalogue: dict[str, Role], newest: Newest
) -> None:
    role = catalogue["FLUVIUS_ENERGY_PORTAL_ADMIN"]
    other = OnlineService.objects.create(code="zonneplan", name_nl="Zonneplan", domain=role.domain)
    services = [*(service.pk for service in role.services.all()), other.pk]
    values = role_values(role, services=services, code="OTHER", always_confirm="on")
    assert sofie.post(address(Role, "change", role.pk), values).status_code == 302
    changed = Role.objects.get(pk=role.pk)
    assert changed.code == role.code
    assert changed.always_confirm
    assert "zonneplan" in changed.search_key
    entry = newest()
    assert (entry.event, entry.subject_key) == ("role:changed", role.code)
    assert entry.data["changes"]["services"][1][-1] == "zonneplan"


def test_the_questions_of_a_role_are_changed_on_its_page(
    sofie: Client, catalogue: dict[str, Role], newest: Newest
) -> None:
    role = catalogue["CCB_SAFEONWEBATWORK_EDIT"]
    question = {f"label_{code}": "Hoe?" for code in ("fr", "nl", "de", "en")}
    row = {"code": "how", "kind": "text", "options": "[]", "position": "0", **question}
    inline = {"properties-TOTAL_FORMS": "1", "properties-INITIAL_FORMS": "0"}
    values = role_values(role, **inline, **{f"properties-0-{name}": value for name, value in row.items()})
    assert role.properties.count() == 0
    assert sofie.post(address(Role, "change", role.pk), values).status_code == 302
    added = RoleProperty.objects.get(role=role)
    assert added.label_nl == "Hoe?"
    assert "how" in newest().data["changes"]["roleproperty"]["stored"]
    wrong = {**values, "properties-0-kind": "choice", "properties-0-code": "which"}
    answer = sofie.post(address(Role, "change", role.pk), wrong)
    assert answer.status_code == 200
    assert RoleProperty.objects.filter(role=role).count() == 1


def test_the_questions_of_a_role_that_is_held_stay(sofie: Client, cast: Cast, catalogue: dict[str, Role]) -> None:
    role = next(role for role in catalogue.values() if role.properties.exists())
    AssignmentFactory(role=role, assignee=cast.anna, organisation=cast.dubois, assigned_by=cast.jean)
    page = sofie.get(address(Role, "change", role.pk)).content.decode()
    assert "properties-0-code" in page
    assert "properties-0-DELETE" not in page


@pytest.mark.parametrize(
    ("values", "field"),
    [
        ({"is_derived": "on", "is_assignable": "on"}, "is_assignable"),
        ({"max_duration_years": "0"}, "max_duration_years"),
        ({"minimum_level": "123"}, "minimum_level"),
        ({"tasks_fr": "Un\r\nDeux", "tasks_de": "Eins"}, "tasks_de"),
        ({"name_fr": "", "name_nl": "", "name_de": "", "name_en": ""}, "__all__"),
    ],
)
def test_a_role_that_does_not_hold_together_is_refused(
    sofie: Client, catalogue: dict[str, Role], values: dict[str, str], field: str
) -> None:
    role = catalogue["FLUVIUS_ENERGY_PORTAL_ADMIN"]
    answer = sofie.post(address(Role, "change", role.pk), role_values(role, **values))
    assert errors(answer) == [field]


def test_a_role_a_service_and_a_domain_are_added(sofie: Client, newest: Newest, now: Any) -> None:
    load_catalogue(now=now)
    assert sofie.post(address(Domain, "add"), {"code": "SOLAR", "name_en": "Solar"}).status_code == 302
    domain = Domain.objects.get(code="SOLAR")
    assert (newest().event, newest().subject_key) == ("domain:added", "SOLAR")
    values = {"code": "sun", "domain": domain.pk, "name_en": "Sunny portal", "url": "sun.example"}
    assert sofie.post(address(OnlineService, "add"), values).status_code == 302
    service = OnlineService.objects.get(code="sun")
    assert service.url == "https://sun.example"
    assert newest().event == "online_service:added"
    role = {"code": "SUN_ADMIN", "domain": domain.pk, "services": [service.pk], "name_en": "Sun admin"}
    flags = {"is_assignable": "on", "minimum_level": "400", **INLINE}
    assert sofie.post(address(Role, "add"), {**role, **flags}).status_code == 302
    assert newest().event == "role:added"
    assert "sunny portal" in Role.objects.get(code="SUN_ADMIN").search_key
    renamed = {**values, "code": "moon", "name_en": "Moonlight"}
    assert sofie.post(address(OnlineService, "change", service.pk), renamed).status_code == 302
    assert "moonlight" in Role.objects.get(code="SUN_ADMIN").search_key
    assert OnlineService.objects.get(pk=service.pk).code == "sun"


def test_the_rule_of_confirmation_is_changed_and_recorded(sofie: Client, newest: Newest) -> None:
    rule = ConfirmationRule.objects.get(organisation_status="normal", to_oneself=True)
    values = {"confirmer": "manager", "organisation_status": "new", "to_oneself": ""}
    assert sofie.post(address(ConfirmationRule, "change", rule.pk), values).status_code == 302
    rule.refresh_from_db()
    assert (rule.confirmer, rule.organisation_status, rule.to_oneself) == ("manager", "normal", True)
    assert newest().event == "confirmation_rule:changed"
    assert newest().data["changes"] == {"confirmer": ["nobody", "manager"]}
    assert sofie.get(address(ConfirmationRule, "add")).status_code == 403


# --- Logins and groups ---------------------------------------------------------------------------------------------


def login_of(person: Person) -> User:
    return User.objects.get(person=person)


def test_a_login_gets_rights_and_that_is_recorded(sofie: Client, cast: Cast, newest: Newest) -> None:
    group = Group.objects.create(name="Helpdesk")
    values = {"is_active": "on", "is_staff": "on", "groups": [group.pk], "person": cast.tom.pk, "password": "x"}
    assert sofie.post(address(User, "change", login_of(cast.marie).pk), values).status_code == 302
    login = login_of(cast.marie)
    assert (login.is_staff, login.is_superuser, list(login.groups.all())) == (True, False, [group])
    assert not login.has_usable_password()
    assert (newest().event, newest().subject_key) == ("login:changed", cast.marie.key)
    assert newest().data["changes"] == {"is_staff": [False, True], "groups": [[], ["Helpdesk"]]}


def test_nobody_locks_themselves_out(sofie: Client, cast: Cast) -> None:
    answer = sofie.post(address(User, "change", login_of(cast.sofie).pk), {})
    assert sorted(errors(answer)) == ["is_active", "is_staff", "is_superuser"]


def test_staff_without_every_right_give_none(cast: Cast, sign_in: Callable[..., Client]) -> None:
    User.objects.filter(person=cast.tom).update(is_staff=True)
    names = ["change_user", "view_user", "change_group", "add_group", "delete_group", "view_group"]
    login_of(cast.tom).user_permissions.set(Permission.objects.filter(codename__in=names))
    browser = sign_in(cast.tom)
    own = address(User, "change", login_of(cast.tom).pk)
    values = {"is_active": "on", "is_staff": "on", "is_superuser": "on"}
    assert browser.post(own, values).status_code == 302
    assert not login_of(cast.tom).is_superuser
    assert browser.post(address(User, "change", login_of(cast.sofie).pk), {"is_staff": "on"}).status_code == 403
    assert login_of(cast.sofie).is_active
    group = Group.objects.create(name="Helpdesk")
    for where in (address(Group, "add"), address(Group, "change", group.pk), address(Group, "delete", group.pk)):
        assert browser.post(where, {"name": "X", "post": "yes"}).status_code == 403
    chosen = {"action": "end_sessions", "_selected_action": [login_of(cast.sofie).pk]}
    before = login_of(cast.sofie).password
    browser.post(address(User), chosen)
    assert login_of(cast.sofie).password == before


@pytest.mark.asvs(49)
def test_all_sessions_of_a_login_are_ended(sofie: Client, cast: Cast, sign_in: Callable[..., Client]) -> None:
    browsers = [sign_in(cast.marie), sign_in(cast.marie)]
    chosen = {"action": "end_sessions", "_selected_action": [login_of(cast.marie).pk]}
    assert sofie.post(address(User), chosen).status_code == 302
    assert [browser.get("/my-roles/").status_code in (302, 403) for browser in browsers] == [True, True]
    entry = AuditEntry.objects.filter(event="sign_out:done").order_by("-id")[0]
    assert (entry.actor_key, entry.subject_key) == (cast.sofie.key, cast.marie.key)


def test_groups_are_added_changed_and_removed_on_record(sofie: Client, cast: Cast) -> None:
    permission = Permission.objects.get(codename="view_person")
    assert sofie.post(address(Group, "add"), {"name": "Helpdesk", "permissions": [permission.pk]}).status_code == 302
    group = Group.objects.get(name="Helpdesk")
    assert sofie.post(address(Group, "change", group.pk), {"name": "Front desk"}).status_code == 302
    assert sofie.post(address(Group, "delete", group.pk), {"post": "yes"}).status_code == 302
    assert not Group.objects.exists()
    events = list(AuditEntry.objects.filter(event__startswith="staff_group:").order_by("id"))
    assert [entry.event.split(":")[1] for entry in events] == ["added", "changed", "removed"]
    assert events[2].subject_label == "Front desk"


def test_staff_take_a_code_by_app_away_and_its_owner_is_told(sofie: Client, cast: Cast, now: datetime) -> None:
    key = AppKey.objects.create(
        person=cast.anna,
        secret="JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP",
        created_at=now,
        activated_at=now,
        last_step=1,
    )
    page = sofie.get(address(AppKey, "change", key.pk)).content.decode()
    assert "JBSWY" not in page
    sofie.post(address(AppKey), {"action": "take_away", "_selected_action": [key.pk]})
    assert not AppKey.objects.exists()
    entry = AuditEntry.objects.get(event="key:removed")
    assert (entry.actor_key, entry.subject_key) == (cast.sofie.key, cast.anna.key)
    assert OutgoingEmail.objects.get().to == cast.anna.email


def test_staff_unblock_keys_of_a_login(sofie: Client, cast: Cast, now: datetime, settings: Any) -> None:
    card = card_of(cast.anna)
    for scope in ("csam.pin_block", "csam.itsme_block", "csam.app_code"):
        throttle.take(scope, card.key, limit=1, per=timedelta(hours=1), now=now)
    user = User.objects.get(person=cast.anna)
    sofie.post(address(User), {"action": "unblock_keys", "_selected_action": [user.pk]})
    for scope in ("csam.pin_block", "csam.itsme_block", "csam.app_code"):
        assert throttle.peek(scope, card.key, limit=1, per=timedelta(hours=1), now=now).allowed
    entry = AuditEntry.objects.get(event="key:unblocked")
    assert (entry.actor_key, entry.subject_key) == (cast.sofie.key, cast.anna.key)
    assert 'value="unblock_keys"' in sofie.get(address(User)).content.decode()
    settings.CSAM_MOCK = False
    assert 'value="unblock_keys"' not in sofie.get(address(User)).content.decode()


def test_the_old_address_is_told_when_staff_change_it(sofie: Client, cast: Cast) -> None:
    old = cast.tom.email
    where = address(Person, "change", cast.tom.pk)
    kept = {"given_name": "Tom", "family_name": "Janssens", "language": "nl", "is_active": "on"}
    assert sofie.post(where, {**kept, "email": "tom@new.example"}).status_code == 302
    letter = OutgoingEmail.objects.get()
    assert (letter.name, letter.to) == ("contact_changed", old)
    sofie.post(where, {**kept, "email": "Tom@new.example"})  # only its spelling
    assert OutgoingEmail.objects.count() == 1
