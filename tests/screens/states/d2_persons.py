"""W1: who gets a role, found by name."""

from django.test import override_settings

from tests.factories import PersonFactory
from tests.screens.stage import Stage
from tests.screens.table import Answer, state


@state(
    "roles:wizard_persons",
    "first visit",
    template="roles/wizard/persons.html",
    shows=("At least 3 characters", "Myself (Jean Dubois)", "No one chosen yet"),
)
def first_visit(stage: Stage) -> Answer:
    return stage.step(stage.draft(), "persons")


@state("roles:wizard_persons", "one found", shows="1 person found for “anna pee”")
def one_found(stage: Stage) -> Answer:
    return stage.press(stage.draft(), "persons", "search", q="anna pee")


@state("roles:wizard_persons", "several found", shows="people found for “peeters”")
def several_found(stage: Stage) -> Answer:
    return stage.press(stage.draft(), "persons", "search", q="peeters")


@state("roles:wizard_persons", "found and chosen", shows=("Already chosen", "Chosen people (3)", "a•••@"))
def found_and_chosen(stage: Stage) -> Answer:
    return stage.step(stage.draft(stage.anna, stage.marie, stage.jean, person_query="peeters"), "persons")


@state("roles:wizard_persons", "all found are chosen", shows=("Already chosen", "Chosen people (1)"))
def all_found_are_chosen(stage: Stage) -> Answer:
    return stage.step(stage.draft(stage.anna, person_query="anna pee"), "persons")


@state("roles:wizard_persons", "two pages", shows="Add the first name or the organisation to make the list shorter.")
def two_pages(stage: Stage) -> Answer:
    return stage.step(stage.draft(person_query="linden"), "persons")


@state("roles:wizard_persons", "second page", shows="people found for “linden”")
def second_page(stage: Stage) -> Answer:
    return stage.step(stage.draft(stage.anna, person_query="linden", person_page=2), "persons")


@state("roles:wizard_persons", "more than can be shown", shows="More than 100 people found for “willems”")
def more_than_can_be_shown(stage: Stage) -> Answer:
    PersonFactory.create_batch(101)
    return stage.step(stage.draft(person_query="willems"), "persons")


@state("roles:wizard_persons", "none found", shows=("No one matches “petters”", "Invite the person"))
def none_found(stage: Stage) -> Answer:
    return stage.press(stage.draft(), "persons", "search", q="petters")


@state("roles:wizard_persons", "long words that find nobody", shows="No one matches “")
def long_words_that_find_nobody(stage: Stage) -> Answer:
    return stage.press(stage.draft(), "persons", "search", q="donaudampfschifffahrtsgesellschaft" * 2 + "@post.example")


@state("roles:wizard_persons", "among colleagues", shows="You find the people of your organisations here.")
def among_colleagues(stage: Stage) -> Answer:
    with override_settings(PERSON_SEARCH_SCOPE="colleagues"):
        return stage.press(stage.draft(), "persons", "search", q="dubois")


@state("roles:wizard_persons", "somebody without organisation and address", shows="No organisation")
def without_organisation(stage: Stage) -> Answer:
    PersonFactory(given_name="Ferdinand", family_name="Sansadresse", email="")
    return stage.press(stage.draft(), "persons", "search", q="sansadresse")


@state("roles:wizard_persons", "back from the check", shows="Chosen people (1)")
def back_from_the_check(stage: Stage) -> Answer:
    draft = stage.draft(stage.anna, roles=("FIN_UBO_ENTITY",), answered=True)
    return stage.step(draft, "persons", "?return=review")


@state("roles:wizard_persons", "nobody chosen", errors="E01")
def nobody_chosen(stage: Stage) -> Answer:
    return stage.press(stage.draft(), "persons", "next")


@state("roles:wizard_persons", "nobody ticked", errors="E01")
def nobody_ticked(stage: Stage) -> Answer:
    return stage.press(stage.draft(person_query="peeters"), "persons", "add", q="peeters")


@state("roles:wizard_persons", "words too short", errors="E02")
def words_too_short(stage: Stage) -> Answer:
    return stage.press(stage.draft(), "persons", "search", q="pe")


@state("roles:wizard_persons", "words too long", errors="E24")
def words_too_long(stage: Stage) -> Answer:
    return stage.press(stage.draft(), "persons", "search", q="peeters" * 15)


@state(
    "roles:wizard_persons",
    "number among words",
    says="Search by name. Look up a national register",
)
def number_among_words(stage: Stage) -> Answer:
    return stage.press(stage.draft(), "persons", "search", q="peeters 85.07.30-033.28")


@state("roles:wizard_persons", "quota reached", errors="E08")
def quota_reached(stage: Stage) -> Answer:
    with override_settings(PERSON_SEARCH_QUOTA=0):
        return stage.press(stage.draft(stage.anna), "persons", "search", q="peeters")


@state("roles:wizard_persons", "changed in another tab", errors="E27", shows="Chosen people (2)")
def changed_in_another_tab(stage: Stage) -> Answer:
    return stage.press(stage.draft(stage.anna, stage.marie, version=3), "persons", "search", q="peeters", version=2)
