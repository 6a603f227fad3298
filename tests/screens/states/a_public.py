"""Pages that everybody can read, and the pages for what went wrong."""

from datetime import timedelta
from unittest.mock import patch

from django.core.exceptions import PermissionDenied
from django.db import OperationalError
from django.test import override_settings
from django.utils import timezone

from rolemgmt.outage import Outage
from tests.screens.stage import LOW, NOBODY, Stage
from tests.screens.table import Answer, state

# --- S1, P1 to P3 ----------------------------------------------------------------------------------------------------


@state(
    "roles:home",
    "start",
    template="roles/start.html",
    who=NOBODY,
    shows="Give people access to the government’s online services",
)
def start(stage: Stage) -> Answer:
    return stage.get("/")


@state("roles:home", "planned works", who=NOBODY, shows="Planned works: you cannot use this service on")
def start_with_planned_works(stage: Stage) -> Answer:
    with override_settings(PLANNED_OUTAGE=works(stage)):
        return stage.get("/")


@state("roles:home", "planned works, signed in", shows=("Planned works: you cannot use this service from", "To do"))
def home_with_planned_works(stage: Stage) -> Answer:
    with override_settings(PLANNED_OUTAGE=works(stage, nights=1)):
        return stage.get("/")


def works(stage: Stage, *, nights: int = 0) -> Outage:
    """Return works in three days, at 10 in the evening, for an hour and so many nights."""
    start = timezone.localtime(stage.now).replace(hour=22, minute=0) + timedelta(days=3)
    return Outage(start, start + timedelta(hours=1, days=nights))


@state("help", "with an address to write to", who=NOBODY, shows="About this portal: write to help@example.be.")
def help_with_address(stage: Stage) -> Answer:
    with override_settings(HELP_EMAIL="help@example.be"):
        return stage.get("/help/")


@state("help", "all", template="help.html", who=NOBODY, shows="Who is my access manager?")
def help_page(stage: Stage) -> Answer:
    return stage.get("/help/")


@state("help", "signed in", who="anna", shows=("Anna Peeters", "Who is my access manager?"))
def help_signed_in(stage: Stage) -> Answer:
    return stage.get("/help/")


@state("accessibility", "all", template="accessibility.html", who=NOBODY, shows="partially conformant")
def accessibility(stage: Stage) -> Answer:
    return stage.get("/accessibility/")


@state("accessibility", "signed in", shows=("Jean Dubois", "partially conformant"))
def accessibility_signed_in(stage: Stage) -> Answer:
    return stage.get("/accessibility/")


@state("privacy", "all", template="privacy.html", who=NOBODY, shows="What we keep")
def privacy(stage: Stage) -> Answer:
    return stage.get("/privacy/")


@state("privacy", "signed in", who="tom", shows=("Tom Janssens", "What we keep"))
def privacy_signed_in(stage: Stage) -> Answer:
    return stage.get("/privacy/")


# --- S24 to S26 ------------------------------------------------------------------------------------------------------


@state("", "page not found", template="404.html", who=NOBODY, status=404, shows="Page not found")
def not_found(stage: Stage) -> Answer:
    return stage.get("/nothing/here/")


@state("", "page not found, signed in", who="tom", status=404, shows=("Page not found", "Tom Janssens"))
def not_found_signed_in(stage: Stage) -> Answer:
    return stage.get("/nothing/here/")


@state(
    "roles:wizard_properties",
    "410",
    template="410.html",
    status=410,
    shows=("This draft no longer exists", "kept for 24 hours"),
)
def gone(stage: Stage) -> Answer:
    old = stage.ago(days=2)
    return stage.step(stage.draft(stage.anna, created_at=old, updated_at=old), "properties")


@state(
    "privacy",
    "refused, signed out",
    template="403.html",
    who=NOBODY,
    status=403,
    shows="for people with another function than yours",
)
def refused(stage: Stage) -> Answer:
    with patch("rolemgmt.static_pages.render", side_effect=PermissionDenied):
        return stage.get("/privacy/")


@state(
    "privacy",
    "refused, more than one organisation",
    who="tom",
    status=403,
    shows="for which organisation you are acting",
)
def refused_with_a_choice(stage: Stage) -> Answer:
    with patch("rolemgmt.static_pages.render", side_effect=PermissionDenied):
        return stage.get("/privacy/")


@state(
    "roles:new_assignment",
    "page open too long",
    template="403_csrf.html",
    status=403,
    errors="E40",
    shows="choices in your draft are kept",
)
def open_too_long(stage: Stage) -> Answer:
    stage.client.handler.enforce_csrf_checks = True
    return stage.post("/assignments/new/")


@state("csam:login_key", "page open too long", who=NOBODY, status=403, errors="E40")
def open_too_long_signed_out(stage: Stage) -> Answer:
    stage.client.handler.enforce_csrf_checks = True
    return stage.post("/login/eid/")


@state("csam:profile", "sent twice", level=LOW, status=400, alone=True, shows="We cannot read this page")
def sent_twice(stage: Stage) -> Answer:
    return stage.post("/profile/", language=["fr", "nl"], digest="yes")


@state("privacy", "fault of ours", who=NOBODY, status=500, alone=True, shows="Sorry, there is a problem")
def fault(stage: Stage) -> Answer:
    with patch("rolemgmt.static_pages.render", side_effect=RuntimeError):
        return stage.get("/privacy/")


@state("privacy", "database away", who=NOBODY, status=503, alone=True, shows="The service is unavailable")
def unavailable(stage: Stage) -> Answer:
    with patch("rolemgmt.static_pages.render", side_effect=OperationalError):
        return stage.get("/privacy/")
