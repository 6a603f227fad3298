"""The role finder: from what one wants to do to the role it takes. Open to everybody."""

from tests.screens.stage import NOBODY, Stage
from tests.screens.table import Answer, state


@state(
    "role_finder",
    "all roles",
    template="roles/finder.html",
    who=NOBODY,
    shows=("Find the right role", "Register my organisation for cyber"),
)
def finder(stage: Stage) -> Answer:
    return stage.get("/help/roles/")


@state("role_finder", "signed in", shows=("Assign this role", "Ask for this role"))
def finder_signed_in(stage: Stage) -> Answer:
    return stage.get("/help/roles/")


@state("role_finder", "found", who=NOBODY, shows=("found for “energy”", "Show all roles"))
def found(stage: Stage) -> Answer:
    return stage.post("/help/roles/", q="energy")


@state("role_finder", "found signed in", shows=("found for “energy”", "Ask for this role"))
def found_signed_in(stage: Stage) -> Answer:
    return stage.post("/help/roles/", q="energy")


@state("role_finder", "none found", who=NOBODY, shows=("No role for “zzzz”", "Try one word"))
def none_found(stage: Stage) -> Answer:
    return stage.post("/help/roles/", q="zzzz")


@state("role_finder", "the closest", who=NOBODY, shows="These roles come closest:")
def closest(stage: Stage) -> Answer:
    return stage.post("/help/roles/", q="energy zzzz")


@state("role_finder", "a national number typed", who=NOBODY, says="number")
def number_typed(stage: Stage) -> Answer:
    return stage.post("/help/roles/", q="85.07.30-033.28")


@state("role_finder", "too long", who=NOBODY, says="characters")
def too_long(stage: Stage) -> Answer:
    return stage.post("/help/roles/", q="x" * 600)
