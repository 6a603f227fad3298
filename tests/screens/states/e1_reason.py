"""S13, the second page: how long the roles are needed, and why."""

from datetime import timedelta

from django.utils import timezone

from tests.factories import AssignmentFactory
from tests.roles.requests import address
from tests.screens.stage import Stage
from tests.screens.states.e1_ask import CYBER, FINANCE, SHORT, answered, begun, on, press, wish
from tests.screens.table import Answer, state

# --- How long and why -------------------------------------------------------------------------------------------------


@state(
    "roles:request_reason",
    "first visit",
    template="roles/request/reason.html",
    who="anna",
    shows="How long do you need the roles, and why?",
)
def reason_first(stage: Stage) -> Answer:
    return stage.get(address(begun(stage, CYBER, FINANCE), "reason"))


@state("roles:request_reason", "answered", who="anna", shows="For the VAT return")
def reason_answered(stage: Stage) -> Answer:
    last = timezone.localdate() + timedelta(days=90)
    draft = answered(stage, duration="until", valid_until=last, message="For the VAT return")
    return stage.get(address(draft, "reason", "?return=review"))


@state("roles:request_reason", "a role of two years at most", who="anna", shows="“Unlimited duration” is not offered")
def reason_short(stage: Stage) -> Answer:
    return stage.get(address(begun(stage, CYBER, SHORT), "reason"))


@state("roles:request_reason", "no duration", who="anna", errors="E12")
def no_duration(stage: Stage) -> Answer:
    return wish(stage, motivation="For the VAT return")


@state("roles:request_reason", "no end date", who="anna", errors="E13")
def no_end_date(stage: Stage) -> Answer:
    return wish(stage, duration="until")


@state("roles:request_reason", "half a date", who="anna", errors="E14")
def half_a_date(stage: Stage) -> Answer:
    return wish(stage, duration="until", until_day=31, until_month="", until_year=2031)


@state("roles:request_reason", "no such day", who="anna", errors="E15")
def no_such_day(stage: Stage) -> Answer:
    return wish(stage, duration="until", until_day=31, until_month=2, until_year=2031)


@state("roles:request_reason", "ends today", who="anna", errors="E16")
def ends_today(stage: Stage) -> Answer:
    return wish(stage, duration="until", **on("until", timezone.localdate()))


@state("roles:request_reason", "ends before it starts", who="anna", errors="E17")
def ends_before(stage: Stage) -> Answer:
    today = timezone.localdate()
    later = on("starting", today + timedelta(days=40))
    return wish(stage, duration="until", start="date", **later, **on("until", today + timedelta(days=20)))


@state("roles:request_reason", "starts in the past", who="anna", errors="E18")
def starts_in_the_past(stage: Stage) -> Answer:
    day = timezone.localdate() - timedelta(days=3)
    return wish(stage, duration="unlimited", start="date", **on("starting", day))


@state("roles:request_reason", "lasts too long", who="anna", errors="E19")
def lasts_too_long(stage: Stage) -> Answer:
    days = on("until", timezone.localdate() + timedelta(days=1000))
    return press(stage, begun(stage, SHORT), "reason", duration="until", start="today", **days)


@state("roles:request_reason", "unlimited with a date", who="anna", errors="E20")
def unlimited_with_date(stage: Stage) -> Answer:
    return wish(stage, duration="unlimited", **on("until", timezone.localdate() + timedelta(days=100)))


@state("roles:request_reason", "reason too long", who="anna", errors="E24")
def reason_too_long(stage: Stage) -> Answer:
    return wish(stage, duration="unlimited", motivation="Because " + "x" * 300)


@state("roles:request_reason", "number in the reason", who="anna", says="Take the national register number out")
def number_in_reason(stage: Stage) -> Answer:
    return wish(stage, duration="unlimited", motivation="I am 85.07.30-033.28")


@state("roles:request_reason", "three errors", who="anna", errors=("E12", "E24"), says="Enter a real start date")
def three_errors(stage: Stage) -> Answer:
    return wish(stage, motivation="x" * 301, start="date", starting_day=31, starting_month=4, starting_year=2031)


@state("roles:request_reason", "not longer than it is held", who="anna", says="the role lasts until then already")
def not_longer(stage: Stage) -> Answer:
    last = timezone.localdate() + timedelta(days=500)
    AssignmentFactory(role=stage.roles[CYBER], organisation=stage.dubois, assignee=stage.anna, valid_until=last)
    return wish(stage, duration="one_year")


@state("roles:request_reason", "changed in another tab", who="anna", errors="E27")
def reason_changed(stage: Stage) -> Answer:
    answer = press(stage, begun(stage, CYBER, version=2), "reason", version=1, duration="unlimited", start="today")
    stage.sent = {}
    return answer
