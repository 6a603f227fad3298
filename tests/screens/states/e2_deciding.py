"""S15: a role request that waits for a decision."""

from datetime import timedelta

from django.utils import timezone

from tenants.models import Employment, Organisation
from tests.factories import AssignmentFactory
from tests.roles.requests import url
from tests.screens.stage import SUBSTANTIAL, Stage
from tests.screens.states.e1_ask import CYBER, FINANCE, on
from tests.screens.states.e2_requests import APPROVE, EXECUTOR, asked, decide
from tests.screens.table import Answer, state

# --- S15, to decide ---------------------------------------------------------------------------------------------------


@state("roles:request", "to decide", shows=("Request from Anna Peeters", "No reason given", "Send the decision"))
def to_decide(stage: Stage) -> Answer:
    return stage.get(url(asked(stage)))


@state("roles:request", "to decide until a day", who="marie", shows="You can choose a shorter time, not a longer one.")
def to_decide_until(stage: Stage) -> Answer:
    last = timezone.localdate() + timedelta(days=500)
    start = timezone.localdate() + timedelta(days=10)
    row = asked(stage, FINANCE, valid_from=start, valid_until=last, motivation="For the VAT return")
    return stage.get(url(row))


@state("roles:request", "to decide, with questions", shows="Specify the role")
def to_decide_questions(stage: Stage) -> Answer:
    return stage.get(url(asked(stage, EXECUTOR)))


@state("roles:request", "to decide on a longer time", shows="Extends the assignment")
def to_decide_extension(stage: Stage) -> Answer:
    last = timezone.localdate() + timedelta(days=20)
    AssignmentFactory(role=stage.roles[CYBER], organisation=stage.dubois, assignee=stage.anna, valid_until=last)
    return stage.get(url(asked(stage)))


@state("roles:request", "to decide, no longer linked", shows="Anna Peeters is no longer linked to")
def to_decide_unlinked(stage: Stage) -> Answer:
    row = asked(stage)
    Employment.objects.filter(person=stage.anna).update(valid_until=timezone.localdate() - timedelta(days=1))
    return stage.get(url(row))


@state("roles:request", "role needs a surer key", level=SUBSTANTIAL, shows="Sign in with a key of a higher level")
def needs_surer_key(stage: Stage) -> Answer:
    row = asked(stage)
    type(row.role).objects.filter(pk=row.role_id).update(minimum_level=500)
    return stage.get(url(row))


@state("roles:request", "organisation stopped", shows="You cannot decide on this request.")
def organisation_stopped(stage: Stage) -> Answer:
    row = asked(stage)
    Organisation.objects.filter(pk=stage.dubois.pk).update(status="stopped")
    return stage.get(url(row))


@state("roles:request", "no decision", errors="E31")
def no_decision(stage: Stage) -> Answer:
    return decide(stage, asked(stage), duration="unlimited", start="today", note="As agreed")


@state("roles:request", "refused without a reason", errors="E32")
def no_reason(stage: Stage) -> Answer:
    return decide(stage, asked(stage), decision="refuse")


@state("roles:request", "reason too long", errors="E24")
def reason_too_long(stage: Stage) -> Answer:
    return decide(stage, asked(stage), decision="refuse", note="Because " + "x" * 300)


@state("roles:request", "number in the reason", says="Take the national register number out of the text")
def number_in_reason(stage: Stage) -> Answer:
    return decide(stage, asked(stage), decision="refuse", note="You are 85.07.30-033.28")


@state("roles:request", "no duration", errors="E12")
def no_duration(stage: Stage) -> Answer:
    return decide(stage, asked(stage), decision="approve", start="today")


@state("roles:request", "wrong end dates", errors=("E14",), says="Enter a start date")
def wrong_dates(stage: Stage) -> Answer:
    fields = {"duration": "until", "start": "date", "until_day": 31, "until_month": "", "until_year": ""}
    return decide(stage, asked(stage), decision="approve", **fields)


@state("roles:request", "no such end date", errors="E15")
def no_such_date(stage: Stage) -> Answer:
    fields = {"duration": "until", "until_day": 31, "until_month": 2, "until_year": 2031}
    return decide(stage, asked(stage), **{**APPROVE, **fields})


@state("roles:request", "no end date", errors="E13")
def no_end_date(stage: Stage) -> Answer:
    return decide(stage, asked(stage), **{**APPROVE, "duration": "until"})


@state("roles:request", "ends today", errors="E16")
def ends_today(stage: Stage) -> Answer:
    today = on("until", timezone.localdate())
    return decide(stage, asked(stage), **{**APPROVE, "duration": "until", **today})


@state("roles:request", "longer than asked", says="no longer than what was asked")
def longer_than_asked(stage: Stage) -> Answer:
    last = timezone.localdate() + timedelta(days=100)
    row = asked(stage, valid_until=last)
    return decide(stage, row, **{**APPROVE, "duration": "until", **on("until", last + timedelta(days=2))})


@state("roles:request", "questions not answered", errors=("E21", "E22"))
def no_answers(stage: Stage) -> Answer:
    return decide(stage, asked(stage, EXECUTOR), **APPROVE)


@state("roles:request", "given meanwhile", errors="E28")
def given_meanwhile(stage: Stage) -> Answer:
    row = asked(stage)
    AssignmentFactory(role=stage.roles[CYBER], organisation=stage.dubois, assignee=stage.anna)
    return decide(stage, row, **APPROVE)
