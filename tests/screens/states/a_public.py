"""Pages that everybody can read, and the pages for what went wrong."""

from tests.screens.stage import NOBODY, Stage
from tests.screens.table import Answer, state


@state("roles:home", "start", who=NOBODY, shows="Give people access to the government’s online services")
def start(stage: Stage) -> Answer:
    return stage.get("/")


@state("help", "all", who=NOBODY, shows="Who is my access manager?")
def help_page(stage: Stage) -> Answer:
    return stage.get("/help/")


@state("accessibility", "all", who=NOBODY, shows="partially conformant")
def accessibility(stage: Stage) -> Answer:
    return stage.get("/accessibility/")


@state("privacy", "all", who=NOBODY, shows="What we keep")
def privacy(stage: Stage) -> Answer:
    return stage.get("/privacy/")


@state("", "page not found", who=NOBODY, status=404, shows="Page not found")
def not_found(stage: Stage) -> Answer:
    return stage.get("/nothing/here/")
