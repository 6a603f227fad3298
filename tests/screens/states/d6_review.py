"""W5: the last look before anything is done."""

from datetime import timedelta
from typing import Any

from django.utils import timezone

from roles.models import Role
from tenants.models import Person
from tests.factories import PersonFactory
from tests.roles.pages import hidden_fields
from tests.screens.stage import SUBSTANTIAL, Stage
from tests.screens.table import Answer, state

CCB, FLUVIUS, OWN = "CCB_SAFEONWEBATWORK_EDIT", "FLUVIUS_ENERGY_PORTAL_ADMIN", "FIN_OWN_ENTERPRISE"
EXECUTOR, LIMITED, ALWAYS = "FIN_MANDATE_EXECUTOR", "FIN_URBAIN_USER_RO", "CUSTOMS_PLDA"


def ready(stage: Stage, *persons: Person, roles: tuple[str, ...] = (CCB,), **values: Any) -> Any:
    """Return a draft with every answer, for Anna unless somebody else is named."""
    return stage.draft(*(persons or (stage.anna,)), roles=roles, answered=True, **values)


def look(stage: Stage, *persons: Person, **values: Any) -> Answer:
    """Open the check page of such a draft."""
    return stage.step(ready(stage, *persons, **values), "review")


def finish(stage: Stage, draft: Any, **fields: Any) -> Answer:
    """Press the last button of the page as it is now."""
    return stage.submit(f"/assignments/new/{draft.key}/review/", "finish", **fields)


@state(
    "roles:wizard_review",
    "one person and role",
    template="roles/wizard/review.html",
    shows="1 assignment will be created. Anna Peeters will receive",
)
def one_of_each(stage: Stage) -> Answer:
    return look(stage)


@state("roles:wizard_review", "several people and roles", shows=("4 assignments will be created.", "each receive"))
def several_of_each(stage: Stage) -> Answer:
    draft = ready(stage, stage.anna, stage.olivier, roles=(EXECUTOR, OWN), duration="one_year", message="Bonjour !")
    draft.valid_until = timezone.localdate() + timedelta(days=365)
    draft.save()
    answers = {"MANDATE_TYPES": ["VAT", "BIZTAX"], "SENSITIVE_MANDATES": True}
    draft.chosen_roles.filter(role__code=EXECUTOR).update(properties=answers)
    draft.chosen_roles.filter(role__code=OWN).update(properties={"BEPS13_FILER": False})
    return stage.step(draft, "review")


@state("roles:wizard_review", "by number", shows="Change the people")
def by_number(stage: Stage) -> Answer:
    return look(stage, variant="number")


@state("roles:wizard_review", "of several organisations", who="tom", shows="Change the organisation")
def of_several_organisations(stage: Stage) -> Answer:
    return look(stage, owner="tom")


@state("roles:wizard_review", "for somebody from elsewhere", shows="Carine Peeters works for Peeters & Fils SA.")
def for_somebody_from_elsewhere(stage: Stage) -> Answer:
    return look(stage, stage.carine, stage.olivier)


@state(
    "roles:wizard_review", "to oneself in a new organisation", who="ingrid", shows="because you are assigning this role"
)
def to_oneself(stage: Stage) -> Answer:
    return look(stage, stage.ingrid, stage.people["aylin"], owner="ingrid", place="eupen")


@state("roles:wizard_review", "special situation", who="gérard", shows="because your organisation is in a special")
def special_situation(stage: Stage) -> Answer:
    return look(stage, owner="gérard", place="lemaire")


@state("roles:wizard_review", "always to be confirmed", shows="because this role always needs a confirmation")
def always_to_be_confirmed(stage: Stage) -> Answer:
    return look(stage, roles=(ALWAYS,))


@state("roles:wizard_review", "somebody without an address", shows="Anna Peeters has no e-mail address here: tell them")
def without_an_address(stage: Stage) -> Answer:
    Person.objects.filter(pk=stage.anna.pk).update(email="")
    return look(stage)


@state("roles:wizard_review", "some exist already", shows="1 assignment already exists and will not be created")
def some_exist_already(stage: Stage) -> Answer:
    return look(stage, stage.anna, stage.tom)


@state(
    "roles:wizard_review",
    "more than twenty people",
    template="roles/wizard/many.html",
    shows="You are about to create 21 assignments for 21 people.",
)
def more_than_twenty_people(stage: Stage) -> Answer:
    return finish(stage, ready(stage, *PersonFactory.create_batch(21)))


@state("roles:wizard_review", "nothing to assign", errors="E25")
def nothing_to_assign(stage: Stage) -> Answer:
    return look(stage, stage.tom)


@state("roles:wizard_review", "message too long", errors="E24")
def message_too_long(stage: Stage) -> Answer:
    return finish(stage, ready(stage), message="Bonjour Anna." * 30)


@state("roles:wizard_review", "number in the message", says="Take the national register number out of the text")
def number_in_the_message(stage: Stage) -> Answer:
    return finish(stage, ready(stage), message="85.07.30-033.28")


@state("roles:wizard_review", "a role was withdrawn", errors="E26")
def a_role_was_withdrawn(stage: Stage) -> Answer:
    draft = ready(stage, roles=(CCB, FLUVIUS))
    Role.objects.filter(code=CCB).update(is_assignable=False)
    return stage.step(draft, "review")


@state("roles:wizard_review", "a role of another domain", who="marie", errors="E11")
def a_role_of_another_domain(stage: Stage) -> Answer:
    return look(stage, owner="marie")


@state(
    "roles:wizard_review", "a role needs a surer key", level=SUBSTANTIAL, says="You need to sign in with eID or itsme"
)
def a_role_needs_a_surer_key(stage: Stage) -> Answer:
    return look(stage, roles=("JUST_CRIMINAL_OFFENCES",))


@state(
    "roles:wizard_review", "somebody is no longer active", says="Anna Peeters is no longer active. Remove this person"
)
def somebody_is_no_longer_active(stage: Stage) -> Answer:
    Person.objects.filter(pk=stage.anna.pk).update(is_active=False)
    return look(stage)


@state("roles:wizard_review", "the day has passed meanwhile", errors=("E16", "E18"))
def the_day_has_passed(stage: Stage) -> Answer:
    today = timezone.localdate()
    days = {"valid_from": today - timedelta(days=2), "valid_until": today - timedelta(days=1)}
    return look(stage, duration="until", start="date", **days)


@state("roles:wizard_review", "lasts too long meanwhile", errors="E19")
def lasts_too_long(stage: Stage) -> Answer:
    return look(stage, roles=(LIMITED,))


@state("roles:wizard_review", "a question is new", errors="E21")
def a_question_is_new(stage: Stage) -> Answer:
    return look(stage, roles=(OWN,))


@state("roles:wizard_review", "given meanwhile", errors="E28")
def given_meanwhile(stage: Stage) -> Answer:
    draft = ready(stage, stage.anna, stage.marie)
    return press_late(stage, draft, lambda: stage.give(stage.anna, roles=(CCB,), who="tom"))


def press_late(stage: Stage, draft: Any, happens: Any) -> Answer:
    """Open the page, let something happen, then press its last button."""
    path = f"/assignments/new/{draft.key}/review/"
    seen = hidden_fields(stage.client.get(path))
    happens()
    return stage.post(path, action="finish", **seen)


@state("roles:wizard_review", "something changed meanwhile", says="Something has changed since you opened this page.")
def something_changed_meanwhile(stage: Stage) -> Answer:
    draft = ready(stage)
    return press_late(stage, draft, lambda: Role.objects.filter(code=CCB).update(always_confirm=True))


@state("roles:wizard_review", "changed in another tab", errors="E27", shows="Marie Claes")
def changed_in_another_tab(stage: Stage) -> Answer:
    draft = ready(stage, stage.anna, stage.marie, version=3)
    return finish(stage, draft, version=2, message="")


# --- What the service will see ----------------------------------------------------------------------------------------


@state("roles:wizard_review", "what the service will see", shows=("What the service will see", "See it as data"))
def what_the_service_will_see(stage: Stage) -> Answer:
    return look(stage, roles=(CCB, FLUVIUS))


@state(
    "roles:wizard_service_view", "one service", shows=('"roles_format": "rolemgmt/1"', "“…” stands for the reference")
)
def one_service_as_data(stage: Stage) -> Answer:
    return stage.step(ready(stage), "service-view")


@state("roles:wizard_service_view", "two services and people", shows=("Mijn Fluvius", "the same of 1 other person"))
def two_services_as_data(stage: Stage) -> Answer:
    return stage.step(ready(stage, stage.anna, stage.olivier, roles=(CCB, FLUVIUS)), "service-view")
