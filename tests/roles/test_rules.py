"""The questions about rights: who may give what, and who has to confirm (DOMAIN 3.2 and 4.2)."""

from collections.abc import Callable
from datetime import date, timedelta
from itertools import product
from types import SimpleNamespace
from typing import Any

import pytest
from django.utils import timezone

from roles.models import ConfirmationRule, Role
from roles.models.rule import DEFAULTS, ensure_confirmation_rules
from roles.rules import (
    Deciders,
    Reason,
    confirmation_table,
    confirmer_for,
    deciders_of,
    level_to_manage,
    may_assign,
    may_confirm,
    may_manage,
    may_manage_organisation,
    needs_high_key,
    wanted_confirmer,
)
from tenants.acting import ActingContext
from tenants.models import AccessManagerAppointment, Employment, Organisation, Person
from tests.conftest import HIGH, LOW, SUBSTANTIAL, Cast
from tests.factories import AppointmentFactory, AssignmentFactory, EmploymentFactory, PersonFactory

Acting = Callable[..., ActingContext]
Catalogue = dict[str, Role]
pytestmark = pytest.mark.django_db

ENERGY, FINANCE, CYBER = "FLUVIUS_ENERGY_PORTAL_ADMIN", "FIN_FATCA", "CCB_SAFEONWEBATWORK_EDIT"
TODAY = timezone.localdate()

# --- Who may give roles ---------------------------------------------------------------------------------------------

# person, organisation, role: the reason against it, None where it may be given.
RIGHTS: list[tuple[str, str, str, Reason | None]] = [
    ("jean", "dubois", ENERGY, None),
    ("jean", "dubois", FINANCE, None),
    ("jean", "dubois", CYBER, None),
    ("tom", "dubois", ENERGY, None),
    ("tom", "dubois", FINANCE, None),
    ("marie", "dubois", FINANCE, None),
    ("marie", "dubois", ENERGY, Reason.OTHER_DOMAIN),
    ("marie", "dubois", CYBER, Reason.OTHER_DOMAIN),
    ("tom", "peeters", ENERGY, None),
    ("tom", "peeters", FINANCE, Reason.OTHER_DOMAIN),
    ("carine", "peeters", FINANCE, None),
    ("carine", "dubois", FINANCE, Reason.OTHER_ORGANISATION),
    ("jean", "peeters", FINANCE, Reason.OTHER_ORGANISATION),
    ("marie", "peeters", FINANCE, Reason.OTHER_ORGANISATION),
    ("anna", "dubois", FINANCE, Reason.NOT_MANAGER),
    ("anna", "peeters", FINANCE, Reason.NOT_MANAGER),
    ("olivier", "dubois", FINANCE, Reason.NOT_LINKED),
    ("sofie", "dubois", FINANCE, Reason.NOT_LINKED),
    ("jean", "dubois", "CBE_LEGAL_REPRESENTATIVE", Reason.ROLE_IS_DERIVED),
]


def test_a_role_is_given_by_those_who_manage_its_domain_there(
    cast: Cast, catalogue: Catalogue, acting_as: Acting
) -> None:
    found = [
        (who, where, code, may_assign(acting_as(getattr(cast, who)), catalogue[code], getattr(cast, where)))
        for who, where, code, _reason in RIGHTS
    ]
    assert found == RIGHTS


def test_a_legal_representative_gives_no_roles_until_chief(cast: Cast, catalogue: Catalogue, acting_as: Acting) -> None:
    AccessManagerAppointment.objects.filter(person=cast.jean).update(ended_at=timezone.now())
    assert may_assign(acting_as(cast.jean), catalogue[FINANCE], cast.dubois) == Reason.NOT_MANAGER


def test_a_withdrawn_role_and_a_stopped_organisation_are_not_given(
    cast: Cast, catalogue: Catalogue, acting_as: Acting
) -> None:
    catalogue[FINANCE].is_assignable = False
    assert may_assign(acting_as(cast.jean), catalogue[FINANCE], cast.dubois) == Reason.ROLE_WITHDRAWN
    Organisation.objects.filter(pk=cast.dubois.pk).update(status="stopped")
    cast.dubois.refresh_from_db()
    assert may_assign(acting_as(cast.jean), catalogue[ENERGY], cast.dubois) == Reason.ORGANISATION_STOPPED
    assert may_manage(acting_as(cast.jean)) == Reason.ORGANISATION_STOPPED
    # Tom has another organisation that works.
    assert may_manage(acting_as(cast.tom)) is None


@pytest.mark.asvs(35)
def test_the_key_of_the_session_must_be_high_enough(cast: Cast, catalogue: Catalogue, acting_as: Acting) -> None:
    role = catalogue[FINANCE]
    for level, minimum, reason in (
        (LOW, 400, Reason.LEVEL_TOO_LOW),
        (SUBSTANTIAL, 400, None),
        (SUBSTANTIAL, 450, Reason.ROLE_NEEDS_HIGH),
        (450, 450, None),
        (HIGH, 450, None),
        (450, 500, Reason.ROLE_NEEDS_HIGH),
        (HIGH, 500, None),
        (LOW, 100, Reason.LEVEL_TOO_LOW),
    ):
        role.minimum_level = minimum
        assert may_assign(acting_as(cast.jean, level=level), role, cast.dubois) == reason, (level, minimum)
        assert needs_high_key(role) is (minimum >= 450)


def test_a_deployment_can_let_low_sessions_manage(
    cast: Cast, catalogue: Catalogue, acting_as: Acting, settings: Any
) -> None:
    assert level_to_manage() == SUBSTANTIAL
    settings.REQUIRE_STEP_UP_TO_MANAGE = False
    assert level_to_manage() == LOW
    role = catalogue[FINANCE]
    role.minimum_level = LOW
    acting = acting_as(cast.jean, level=LOW)
    assert may_manage(acting) is None
    assert may_manage_organisation(acting, cast.dubois) is None
    assert may_assign(acting, role, cast.dubois) is None


@pytest.mark.parametrize(
    ("who", "reason"),
    [("jean", None), ("marie", None), ("anna", Reason.NOT_MANAGER), ("olivier", Reason.NOT_LINKED)],
)
def test_who_may_manage_at_all(cast: Cast, acting_as: Acting, who: str, reason: Reason | None) -> None:
    acting = acting_as(getattr(cast, who))
    assert may_manage(acting) == reason
    assert may_manage_organisation(acting, acting.organisation) == reason
    low = acting_as(getattr(cast, who), level=LOW)
    assert may_manage(low) == (reason or Reason.LEVEL_TOO_LOW)
    assert may_manage_organisation(low, low.organisation) == (reason or Reason.LEVEL_TOO_LOW)


@pytest.mark.parametrize(
    "change",
    [
        {"ended_at": timezone.now()},
        {"valid_until": TODAY - timedelta(days=1)},
        {"valid_from": TODAY + timedelta(days=1)},
    ],
)
def test_a_right_that_is_over_or_still_to_come_is_none(cast: Cast, acting_as: Acting, change: dict[str, Any]) -> None:
    AccessManagerAppointment.objects.filter(person=cast.marie).update(**change)
    assert may_manage(acting_as(cast.marie)) == Reason.NOT_MANAGER


def test_a_right_holds_on_its_first_and_its_last_day(cast: Cast, acting_as: Acting) -> None:
    AccessManagerAppointment.objects.filter(person=cast.marie).update(valid_from=TODAY, valid_until=TODAY)
    assert may_manage(acting_as(cast.marie)) is None


# --- Who has to confirm ---------------------------------------------------------------------------------------------

NOBODY, ASSIGNEE, MANAGER = "nobody", "assignee", "manager"
STATUSES = ("normal", "new", "special")


def expected_confirmer(status: str, to_oneself: bool, always_confirm: bool, somebody_else: bool) -> str:
    """DOMAIN 4.2 in words: nobody where all is normal; else the assignee, or another manager if there is one."""
    if status == "normal" and not always_confirm:
        return NOBODY
    if not to_oneself:
        return ASSIGNEE
    return MANAGER if somebody_else else ASSIGNEE


class Scene:
    """Ingrid gives a role in an organisation of some status, to herself or to Klaus."""

    def __init__(self, cast: Cast, role: Role, others: str) -> None:
        self.role, self.giver, self.colleague, self.place = role, cast.ingrid, cast.klaus, cast.eupen
        AccessManagerAppointment.objects.filter(person=cast.klaus).update(ended_at=timezone.now())
        if others == "co-chief":
            AppointmentFactory(organisation=self.place, kind="co_chief")
        elif others == "same domain":
            AppointmentFactory(organisation=self.place, kind="domain", domain=role.domain)
        elif others == "another domain":
            AppointmentFactory(organisation=self.place, kind="domain", domain=cast.energy)  # type: ignore[attr-defined]
        elif others == "representative":
            EmploymentFactory(organisation=self.place, kind="legal_representative")
        elif others == "she represents it":
            EmploymentFactory(organisation=self.place, kind="legal_representative", person=self.giver)

    def confirmer(self, status: str, to_oneself: bool, always_confirm: bool = False) -> str:
        """Return who has to confirm."""
        self.place.status, self.role.always_confirm = status, always_confirm
        return confirmer_for(
            self.role,
            self.place,
            giver=self.giver,
            assignee=self.giver if to_oneself else self.colleague,
            table=confirmation_table(),
            deciders=deciders_of(self.place, day=TODAY),
        )


OTHERS = {
    "nobody": False,
    "co-chief": True,
    "same domain": True,
    "another domain": False,
    "representative": True,
    "she represents it": False,
}


@pytest.mark.asvs(14)
@pytest.mark.parametrize("others", OTHERS)
def test_who_confirms_follows_from_the_table(cast: Cast, catalogue: Catalogue, others: str) -> None:
    cast.energy = catalogue[ENERGY].domain  # type: ignore[attr-defined]
    scene = Scene(cast, catalogue[FINANCE], others)
    cases = list(product(STATUSES, (True, False), (True, False)))
    found = {case: scene.confirmer(*case) for case in cases}
    assert found == {case: expected_confirmer(*case, somebody_else=OTHERS[others]) for case in cases}
    # The rule in two forms: what the table wants differs only where nobody else is there.
    lacking = {case for case in cases if found[case] == ASSIGNEE and case[1]}
    assert bool(lacking) is not OTHERS[others]


def test_the_table_is_filled_as_the_design_says_and_staff_changes_stay() -> None:
    assert confirmation_table() == {
        ("normal", True): NOBODY,
        ("normal", False): NOBODY,
        ("new", True): MANAGER,
        ("new", False): ASSIGNEE,
        ("special", True): MANAGER,
        ("special", False): ASSIGNEE,
    }
    ConfirmationRule.objects.filter(organisation_status="normal", to_oneself=False).update(confirmer=ASSIGNEE)
    ConfirmationRule.objects.filter(organisation_status="new").delete()
    ensure_confirmation_rules()
    assert confirmation_table()["normal", False] == ASSIGNEE
    assert len(confirmation_table()) == len(DEFAULTS)


def test_a_table_changed_by_staff_takes_effect(cast: Cast, catalogue: Catalogue) -> None:
    scene = Scene(cast, catalogue[FINANCE], "co-chief")
    for confirmer, to_oneself in product((ASSIGNEE, MANAGER, NOBODY), (True, False)):
        ConfirmationRule.objects.filter(organisation_status="normal").update(confirmer=confirmer)
        assert scene.confirmer("normal", to_oneself) == confirmer


def test_a_role_never_asks_for_less_than_the_table(cast: Cast, catalogue: Catalogue) -> None:
    ConfirmationRule.objects.filter(organisation_status="normal").update(confirmer=MANAGER)
    assert Scene(cast, catalogue[FINANCE], "co-chief").confirmer("normal", False, True) == MANAGER


def test_a_row_missing_from_the_table_counts_as_the_strict_answer(catalogue: Catalogue) -> None:
    place: Any = SimpleNamespace(status="normal")
    assert wanted_confirmer(catalogue[FINANCE], place, to_oneself=True, table={}) == MANAGER
    assert wanted_confirmer(catalogue[FINANCE], place, to_oneself=False, table={}) == ASSIGNEE


# --- Who may answer -------------------------------------------------------------------------------------------------


def waiting(cast: Cast, role: Role, confirmer: str, *, holder: Person, giver: Person) -> Any:
    return AssignmentFactory(
        role=role,
        organisation=cast.eupen,
        assignee=holder,
        assigned_by=giver,
        confirmer=confirmer,
        confirm_before=TODAY + timedelta(days=14),
    )


def answering(cast: Cast, row: Any, acting_as: Acting) -> set[str]:
    deciders = deciders_of(cast.eupen, day=TODAY)
    return {person.given_name for person in cast.people if may_confirm(row, acting_as(person), deciders)}


def test_only_the_holder_answers_for_a_role_of_theirs(cast: Cast, catalogue: Catalogue, acting_as: Acting) -> None:
    row = waiting(cast, catalogue[FINANCE], ASSIGNEE, holder=cast.anna, giver=cast.ingrid)
    assert answering(cast, row, acting_as) == {"Anna"}


def test_another_manager_answers_for_a_manager(cast: Cast, catalogue: Catalogue, acting_as: Acting) -> None:
    row = waiting(cast, catalogue[FINANCE], MANAGER, holder=cast.ingrid, giver=cast.ingrid)
    assert answering(cast, row, acting_as) == {"Klaus"}


def test_whoever_gave_it_is_no_second_person(cast: Cast, catalogue: Catalogue, acting_as: Acting) -> None:
    AppointmentFactory(organisation=cast.eupen, kind="domain", domain=catalogue[FINANCE].domain, person=cast.sofie)
    row = waiting(cast, catalogue[FINANCE], MANAGER, holder=cast.anna, giver=cast.ingrid)
    assert answering(cast, row, acting_as) == {"Klaus", "Sofie"}
    row = waiting(cast, catalogue[FINANCE], MANAGER, holder=cast.klaus, giver=cast.ingrid)
    assert answering(cast, row, acting_as) == {"Sofie"}


def test_a_representative_answers_only_when_no_manager_can(cast: Cast, catalogue: Catalogue, acting_as: Acting) -> None:
    EmploymentFactory(organisation=cast.eupen, kind="legal_representative", person=cast.sofie)
    row = waiting(cast, catalogue[FINANCE], MANAGER, holder=cast.ingrid, giver=cast.ingrid)
    assert answering(cast, row, acting_as) == {"Klaus"}
    AccessManagerAppointment.objects.filter(person=cast.klaus).update(ended_at=timezone.now())
    assert answering(cast, row, acting_as) == {"Sofie"}
    Employment.objects.filter(person=cast.sofie).update(valid_until=TODAY - timedelta(days=1))
    assert answering(cast, row, acting_as) == set()


def test_nobody_answers_where_nothing_is_asked(cast: Cast, catalogue: Catalogue, acting_as: Acting) -> None:
    row = AssignmentFactory(role=catalogue[FINANCE], organisation=cast.eupen, assignee=cast.anna)
    assert answering(cast, row, acting_as) == set()


def test_deciders_are_read_once_with_chiefs_first(
    cast: Cast, catalogue: Catalogue, django_assert_num_queries: Any
) -> None:
    AppointmentFactory(
        organisation=cast.dubois,
        kind="domain",
        domain=catalogue[FINANCE].domain,
        person=PersonFactory(family_name="Aa"),
    )
    with django_assert_num_queries(3):
        deciders = deciders_of(cast.dubois, day=TODAY)
        names = [person.family_name for person in deciders.managers_for(catalogue[FINANCE], besides=cast.anna)]
    assert names == ["Dubois", "Janssens", "Aa", "Claes"]
    assert [person.given_name for person in deciders.representatives] == ["Jean"]
    assert deciders_of(cast.dubois, day=date(2020, 1, 1)) == Deciders((), ())
