"""W1b: who gets a role, found by national register number."""

from django.test import override_settings

from rolemgmt.demo.numbers import national_number
from tests.screens.stage import Stage
from tests.screens.table import Answer, state

UNKNOWN = national_number(7_777)


def by_number(stage: Stage, number: str, action: str = "add") -> Answer:
    """Type a number and press the button."""
    return stage.press(stage.draft(variant="number"), "number", action, number=number)


@state(
    "roles:wizard_number",
    "first visit",
    template="roles/wizard/number.html",
    shows=("11 digits, on the back of the identity card", "No one chosen yet"),
)
def first_visit(stage: Stage) -> Answer:
    return stage.step(stage.draft(variant="number"), "number")


@state("roles:wizard_number", "found", shows=("Chosen people (1)", "check that it is the right person"))
def found(stage: Stage) -> Answer:
    return by_number(stage, stage.anna.national_number)


@state("roles:wizard_number", "several chosen", shows="Chosen people (3)")
def several_chosen(stage: Stage) -> Answer:
    return stage.step(stage.draft(stage.anna, stage.marie, stage.olivier, variant="number"), "number")


@state("roles:wizard_number", "oneself", shows="This is you. A confirmation may be needed.")
def oneself(stage: Stage) -> Answer:
    return by_number(stage, stage.jean.national_number)


@state("roles:wizard_persons", "number typed into the search by name", shows="You entered a national register number.")
def typed_into_the_search(stage: Stage) -> Answer:
    return stage.press(stage.draft(stage.anna), "persons", "search", q="85.07.30-033.28")


@state("roles:wizard_number", "back from the check", shows="Chosen people (1)")
def back_from_the_check(stage: Stage) -> Answer:
    draft = stage.draft(stage.anna, roles=("FIN_UBO_ENTITY",), variant="number", answered=True)
    return stage.step(draft, "number", "?return=review")


@state("roles:wizard_number", "nothing typed", errors="E04")
def nothing_typed(stage: Stage) -> Answer:
    return by_number(stage, "")


@state("roles:wizard_number", "next with nobody", errors="E04")
def next_with_nobody(stage: Stage) -> Answer:
    return by_number(stage, "", "next")


@state("roles:wizard_number", "too few digits", errors="E05")
def too_few_digits(stage: Stage) -> Answer:
    return by_number(stage, "85.07.30-033")


@state("roles:wizard_number", "digits do not add up", errors="E06")
def wrong_digits(stage: Stage) -> Answer:
    return by_number(stage, "85.07.30-033.29")


@state("roles:wizard_number", "nobody has it", errors="E07", shows="Invite the person")
def nobody_has_it(stage: Stage) -> Answer:
    return by_number(stage, UNKNOWN)


@state("roles:wizard_number", "in the list already", errors="E03")
def in_the_list_already(stage: Stage) -> Answer:
    draft = stage.draft(stage.anna, variant="number")
    return stage.press(draft, "number", "add", number=stage.anna.national_number)


@state("roles:wizard_number", "too many misses", errors="E08", shows="Search by name")
def too_many_misses(stage: Stage) -> Answer:
    with override_settings(NUMBER_LOOKUP_MISSES=0):
        return by_number(stage, UNKNOWN)


@state("roles:wizard_number", "quota reached", errors="E08")
def quota_reached(stage: Stage) -> Answer:
    with override_settings(NUMBER_LOOKUP_QUOTA=0):
        return by_number(stage, UNKNOWN)


@state("roles:wizard_number", "changed in another tab", errors="E27", shows="Chosen people (1)")
def changed_in_another_tab(stage: Stage) -> Answer:
    draft = stage.draft(stage.anna, variant="number", version=3)
    return stage.press(draft, "number", "remove", remove=stage.anna.key, version=2)
