"""The assignment wizard: W1 to W6, with everything that can be wrong in it."""

from tests.screens.stage import Stage
from tests.screens.table import Answer, state


@state("roles:wizard_roles", "none found", shows="“zzzz”")
def no_role_found(stage: Stage) -> Answer:
    return stage.press(stage.draft(stage.anna), "roles", "search", q="zzzz")


@state("roles:wizard_roles", "none chosen", errors="E10")
def no_role_chosen(stage: Stage) -> Answer:
    return stage.press(stage.draft(stage.anna), "roles", "next")


@state("roles:wizard_number", "digits do not add up", errors="E06")
def wrong_digits(stage: Stage) -> Answer:
    return stage.press(stage.draft(), "number", "add", number="85.07.30-033.29")
