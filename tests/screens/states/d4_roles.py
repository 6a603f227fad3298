"""W3: which roles."""

from roles.models import Role
from tests.factories import AssignmentFactory, PersonFactory
from tests.screens.stage import SUBSTANTIAL, Stage
from tests.screens.table import Answer, state

CCB = "CCB_SAFEONWEBATWORK_EDIT"
FLUVIUS = "FLUVIUS_ENERGY_PORTAL_ADMIN"
OWN = "FIN_OWN_ENTERPRISE"


@state(
    "roles:wizard_roles",
    "first visit",
    template="roles/wizard/roles.html",
    shows=("(your only organisation)", "Already used in this organisation"),
)
def first_visit(stage: Stage) -> Answer:
    return stage.step(stage.draft(stage.anna), "roles")


@state("roles:wizard_roles", "second page", shows="roles available")
def second_page(stage: Stage) -> Answer:
    return stage.step(stage.draft(stage.anna, role_page=2), "roles")


@state("roles:wizard_roles", "one found", shows="1 role found for “safeonweb”")
def one_found(stage: Stage) -> Answer:
    return stage.press(stage.draft(stage.anna), "roles", "search", q="safeonweb")


@state("roles:wizard_roles", "several found", shows="roles found for “ubo”")
def several_found(stage: Stage) -> Answer:
    return stage.press(stage.draft(stage.anna), "roles", "search", q="ubo")


@state("roles:wizard_roles", "found and chosen", shows=("Already chosen", "Chosen roles (2)"))
def found_and_chosen(stage: Stage) -> Answer:
    return stage.step(stage.draft(stage.anna, roles=(CCB, FLUVIUS), role_query="energy"), "roles")


@state("roles:wizard_roles", "with the role of the link", shows="Chosen roles (1)")
def with_the_role_of_the_link(stage: Stage) -> Answer:
    return stage.step(stage.draft(stage.anna, roles=(CCB,)), "roles")


@state("roles:wizard_roles", "held by some", shows=("Already assigned to Tom Janssens until", "Needs a confirmation"))
def held_by_some(stage: Stage) -> Answer:
    return stage.step(stage.draft(stage.anna, stage.tom), "roles")


@state("roles:wizard_roles", "held by all", shows=("All these people already hold this role", "no end date"))
def held_by_all(stage: Stage) -> Answer:
    return stage.press(stage.draft(stage.tom), "roles", "search", q="safeonweb")


@state("roles:wizard_roles", "for somebody from elsewhere", shows="Carine Peeters works for Peeters & Fils SA.")
def for_somebody_from_elsewhere(stage: Stage) -> Answer:
    return stage.step(stage.draft(stage.carine, stage.olivier), "roles")


@state(
    "roles:wizard_roles",
    "for many from elsewhere",
    shows=("and 5 other people are not linked to your organisation", "and 2 other people, no end date"),
)
def for_many_from_elsewhere(stage: Stage) -> Answer:
    people = PersonFactory.create_batch(8)
    for person in people[:5]:
        AssignmentFactory(role=stage.roles[CCB], assignee=person, organisation=stage.dubois, assigned_by=stage.jean)
    return stage.step(stage.draft(*people), "roles")


@state("roles:wizard_roles", "of one domain", who="marie", shows=("Roles that you cannot assign (", "Energy: ask"))
def of_one_domain(stage: Stage) -> Answer:
    return stage.step(stage.draft(stage.anna, owner="marie"), "roles")


@state("roles:wizard_roles", "only those of another domain found", who="marie", shows="No role for “safeonweb”")
def only_those_of_another_domain(stage: Stage) -> Answer:
    return stage.press(stage.draft(stage.anna, owner="marie"), "roles", "search", q="safeonweb")


@state("roles:wizard_roles", "some need a surer key", level=SUBSTANTIAL, shows="Sign in with a key of a higher level")
def some_need_a_surer_key(stage: Stage) -> Answer:
    return stage.press(stage.draft(stage.anna), "roles", "search", q="fines")


@state("roles:wizard_roles", "none available", shows=("No role is available for this organisation", "Contact"))
def none_available(stage: Stage) -> Answer:
    Role.objects.update(is_assignable=False)
    return stage.step(stage.draft(stage.anna), "roles")


@state("roles:wizard_roles", "none found", shows="No role for “zzzz”")
def none_found(stage: Stage) -> Answer:
    return stage.press(stage.draft(stage.anna), "roles", "search", q="zzzz")


@state("roles:wizard_roles", "back from the check", shows="Chosen roles (1)")
def back_from_the_check(stage: Stage) -> Answer:
    return stage.step(stage.draft(stage.anna, roles=(CCB,), answered=True), "roles", "?return=review")


@state("roles:wizard_roles", "none chosen", errors="E10")
def none_chosen(stage: Stage) -> Answer:
    return stage.press(stage.draft(stage.anna), "roles", "next")


@state("roles:wizard_roles", "none ticked", errors="E10")
def none_ticked(stage: Stage) -> Answer:
    return stage.press(stage.draft(stage.anna), "roles", "add", q="")


@state("roles:wizard_roles", "words too long", errors="E24")
def words_too_long(stage: Stage) -> Answer:
    return stage.press(stage.draft(stage.anna), "roles", "search", q="energie" * 15)


def refused(stage: Stage, answer: Answer) -> Answer:
    """Ask no tick to be kept: what cannot be chosen has no box, and the rest is in the basket."""
    stage.sent = {}
    return answer


@state("roles:wizard_roles", "not theirs to give any more", who="marie", errors="E11")
def not_theirs_to_give(stage: Stage) -> Answer:
    return refused(stage, stage.press(stage.draft(stage.anna, owner="marie"), "roles", "next", role=[OWN, FLUVIUS]))


@state("roles:wizard_roles", "withdrawn meanwhile", errors="E26")
def withdrawn_meanwhile(stage: Stage) -> Answer:
    Role.objects.filter(code=CCB).update(is_assignable=False)
    return refused(stage, stage.press(stage.draft(stage.anna), "roles", "next", role=CCB))


@state("roles:wizard_roles", "changed in another tab", errors="E27", shows="Chosen roles (1)")
def changed_in_another_tab(stage: Stage) -> Answer:
    return stage.press(stage.draft(stage.anna, roles=(CCB,), version=3), "roles", "add", role=FLUVIUS, version=2)
