"""S17, the third step: how long, from when, the questions of the roles, and the message."""

from datetime import timedelta

from django.utils import timezone

from tests.roles.invites import NORA
from tests.screens.stage import Stage
from tests.screens.states.e1_ask import SHORT, on
from tests.screens.states.f1_invitations import CYBER, ENERGY, EXECUTOR
from tests.screens.states.f2_invite import UNANSWERED, address, begun, specify
from tests.screens.table import Answer, state

# --- Properties -------------------------------------------------------------------------------------------------------


@state(
    "roles:invite_properties",
    "first visit",
    template="roles/invite/properties.html",
    shows="On the day on which the person accepts",
)
def properties_first(stage: Stage) -> Answer:
    return stage.get(address(begun(stage, NORA, codes=(ENERGY,), **UNANSWERED), "properties"))


@state("roles:invite_properties", "answered, with questions", shows="Specify the role")
def properties_answered(stage: Stage) -> Answer:
    last = timezone.localdate() + timedelta(days=300)
    values = {"duration": "until", "valid_until": last, "message": "Welkom bij ons"}
    return stage.get(address(begun(stage, NORA, codes=(EXECUTOR, CYBER), **values), "properties", "?return=review"))


@state("roles:invite_properties", "a role of two years at most", shows="“Unlimited duration” is not offered")
def properties_short(stage: Stage) -> Answer:
    return stage.get(address(begun(stage, NORA, codes=(SHORT,), **UNANSWERED), "properties"))


@state("roles:invite_properties", "nothing answered", errors=("E12", "E21", "E22"))
def properties_nothing(stage: Stage) -> Answer:
    return specify(stage, EXECUTOR)


@state("roles:invite_properties", "no end date", errors="E13")
def no_end_date(stage: Stage) -> Answer:
    return specify(stage, duration="until")


@state("roles:invite_properties", "half a date", errors="E14")
def half_a_date(stage: Stage) -> Answer:
    return specify(stage, duration="until", until_day=31, until_month=12, until_year="")


@state("roles:invite_properties", "no such day", errors="E15")
def no_such_day(stage: Stage) -> Answer:
    return specify(stage, duration="until", until_day=31, until_month=2, until_year=2031)


@state("roles:invite_properties", "ends today", errors="E16")
def ends_today(stage: Stage) -> Answer:
    return specify(stage, duration="until", **on("until", timezone.localdate()))


@state("roles:invite_properties", "ends before it starts", errors="E17")
def ends_before(stage: Stage) -> Answer:
    today = timezone.localdate()
    later = on("starting", today + timedelta(days=40))
    return specify(stage, duration="until", start="date", **later, **on("until", today + timedelta(days=20)))


@state("roles:invite_properties", "starts in the past", errors="E18")
def starts_in_the_past(stage: Stage) -> Answer:
    day = on("starting", timezone.localdate() - timedelta(days=3))
    return specify(stage, duration="unlimited", start="date", **day)


@state("roles:invite_properties", "lasts too long", errors="E19")
def lasts_too_long(stage: Stage) -> Answer:
    day = on("until", timezone.localdate() + timedelta(days=1000))
    return specify(stage, SHORT, duration="until", **day)


@state("roles:invite_properties", "unlimited with a date", errors="E20")
def unlimited_with_date(stage: Stage) -> Answer:
    return specify(stage, duration="unlimited", **on("until", timezone.localdate() + timedelta(days=100)))


@state("roles:invite_properties", "message too long", errors="E24")
def message_too_long(stage: Stage) -> Answer:
    return specify(stage, duration="unlimited", message="x" * 301)


@state("roles:invite_properties", "number in the message", says="Take the national register number out of the text")
def number_in_message(stage: Stage) -> Answer:
    return specify(stage, duration="unlimited", message="You are 85.07.30-033.28")
