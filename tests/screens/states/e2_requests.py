"""S14 and S15: the lists of role requests, and one request, to decide on or to follow."""

from datetime import timedelta
from typing import Any

from django.utils import timezone

from roles.models import RoleRequest
from roles.operations.requests import refuse_request, withdraw_request
from tenants.models import AccessManagerAppointment, Employment, Organisation
from tests.factories import AssignmentFactory, PersonFactory, RequestFactory
from tests.roles.requests import approve, ask, url
from tests.screens.stage import LOW, SUBSTANTIAL, Stage
from tests.screens.states.e1_ask import CYBER, ENERGY, FINANCE, end_all_appointments, on
from tests.screens.table import Answer, state

LISTS = "/requests/?status="
# One that asks two questions.
EXECUTOR = "FIN_MANDATE_EXECUTOR"
APPROVE = {"decision": "approve", "duration": "unlimited", "start": "today"}


def asked(stage: Stage, code: str = CYBER, who: str = "anna", **values: Any) -> RoleRequest:
    """Let somebody ask for a role at Dubois."""
    (row,) = ask(stage.acting(who), stage.dubois, [stage.roles[code]], now=timezone.now(), **values)
    return row


def decide(stage: Stage, row: RoleRequest, **fields: Any) -> Answer:
    """Press "Send the decision"."""
    return stage.post(url(row), **fields)


def refuse(stage: Stage, row: RoleRequest) -> None:
    """Let Jean refuse."""
    refuse_request(row, note="Ask Marie first", acting=stage.acting("jean"), now=timezone.now())


def expire(row: RoleRequest) -> None:
    """Let nobody decide in time."""
    RoleRequest.objects.filter(pk=row.pk).update(decide_before=timezone.localdate())


def one_of_each(stage: Stage) -> None:
    """Let Anna have asked for five roles, each with another outcome."""
    rows = [asked(stage, code) for code in (CYBER, FINANCE, ENERGY, EXECUTOR, "NBB_ONEGATE_ADMIN")]
    approve(rows[0], stage.acting("jean"), now=timezone.now())
    refuse(stage, rows[1])
    withdraw_request(rows[2], acting=stage.acting("anna"), now=timezone.now())
    expire(rows[3])


# --- S14 --------------------------------------------------------------------------------------------------------------


@state("roles:requests", "none to decide", shows="No request to decide.")
def none_to_decide(stage: Stage) -> Answer:
    return stage.get(f"{LISTS}to_decide")


@state("roles:requests", "two to decide", shows="To decide (2)")
def two_to_decide(stage: Stage) -> Answer:
    asked(stage)
    asked(stage, FINANCE, who="marie", motivation="For the VAT return")
    return stage.get("/requests/")


@state("roles:requests", "to decide for a domain manager", who="marie", shows="You see the roles of your domain")
def to_decide_in_domain(stage: Stage) -> Answer:
    asked(stage, FINANCE)
    return stage.get("/requests/")


@state("roles:requests", "second page", shows="First page")
def second_page(stage: Stage) -> Answer:
    people = [PersonFactory() for _number in range(27)]
    role, place = stage.roles[CYBER], stage.dubois
    rows = [RequestFactory(requester=person, role=role, organisation=place) for person in people]
    return stage.get(f"{LISTS}to_decide&after={rows[24].key}")


@state("roles:requests", "first of two pages", shows=("To decide (27)", "Next"))
def first_page(stage: Stage) -> Answer:
    for _number in range(27):
        RequestFactory(role=stage.roles[CYBER], organisation=stage.dubois)
    return stage.get("/requests/")


@state("roles:requests", "none decided", shows="No request has been decided yet.")
def none_decided(stage: Stage) -> Answer:
    return stage.get(f"{LISTS}decided")


@state("roles:requests", "decided in every way", shows=("Approved", "Refused", "Withdrawn", "Expired"))
def decided(stage: Stage) -> Answer:
    one_of_each(stage)
    return stage.get(f"{LISTS}decided")


@state("roles:requests", "own, none", who="anna", shows="You have not asked for a role yet.")
def own_none(stage: Stage) -> Answer:
    return stage.get("/requests/")


@state("roles:requests", "own, in every status", who="anna", shows=("My requests", "Nobody decided before"))
def own_many(stage: Stage) -> Answer:
    one_of_each(stage)
    return stage.get("/requests/")


@state("roles:requests", "own, of a manager", shows="My requests")
def own_of_a_manager(stage: Stage) -> Answer:
    asked(stage, who="jean")
    return stage.get(f"{LISTS}mine")


@state("roles:requests", "of no organisation", who="olivier", shows="You have not asked for a role yet.")
def of_no_organisation(stage: Stage) -> Answer:
    return stage.get("/requests/")


@state("roles:requests", "not a manager", who="anna", status=403, shows="You are not an access manager")
def not_a_manager(stage: Stage) -> Answer:
    return stage.get(f"{LISTS}to_decide")


@state("roles:requests", "key too low", level=LOW, status=403, shows="Sign in with another key")
def list_key_too_low(stage: Stage) -> Answer:
    return stage.get(f"{LISTS}to_decide")


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


@state("roles:request", "role needs a surer key", level=SUBSTANTIAL, shows="Sign in with a surer key")
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


# --- S15, afterwards --------------------------------------------------------------------------------------------------


@state("roles:request", "just approved", shows="The request of Anna Peeters for")
def just_approved(stage: Stage) -> Answer:
    return decide(stage, asked(stage), **APPROVE)


@state("roles:request", "just refused", shows=("is refused", "Reason for the decision: Ask Marie first"))
def just_refused(stage: Stage) -> Answer:
    return decide(stage, asked(stage), decision="refuse", note="Ask Marie first")


@state("roles:request", "decided meanwhile", shows="This request no longer waits for a decision. Nothing was changed")
def decided_meanwhile(stage: Stage) -> Answer:
    row = asked(stage)
    refuse(stage, row)
    return decide(stage, row, **APPROVE)


@state("roles:request", "given for a shorter time", shows=("Validity asked for", "Validity granted"))
def given_shorter(stage: Stage) -> Answer:
    row = asked(stage)
    approve(row, stage.acting("tom"), now=timezone.now(), valid_until=timezone.localdate() + timedelta(days=90))
    return stage.get(url(row))


@state("roles:request", "withdrawn", shows="Anna Peeters withdrew it on")
def withdrawn(stage: Stage) -> Answer:
    row = asked(stage)
    withdraw_request(row, acting=stage.acting("anna"), now=timezone.now())
    return stage.get(url(row))


@state("roles:request", "expired", shows="Nobody decided before")
def expired(stage: Stage) -> Answer:
    row = asked(stage)
    expire(row)
    return stage.get(url(row))


# --- S15, one's own ---------------------------------------------------------------------------------------------------


@state("roles:request", "own", who="anna", shows="Another person must decide: Jean Dubois or Tom Janssens.")
def own(stage: Stage) -> Answer:
    return stage.get(url(asked(stage, motivation="For the VAT return")))


@state("roles:request", "own, of the chief", shows="Another person must decide: Tom Janssens.")
def own_of_the_chief(stage: Stage) -> Answer:
    return stage.get(url(asked(stage, who="jean")))


@state("roles:request", "own, and nobody can decide", who="anna", shows="Nobody can decide on this request yet.")
def own_without_decider(stage: Stage) -> Answer:
    row = asked(stage)
    end_all_appointments(stage, besides=stage.marie)
    return stage.get(url(row))


@state("roles:request", "own, without any manager", who="anna", shows="You can send them this text:")
def own_without_managers(stage: Stage) -> Answer:
    row = asked(stage)
    end_all_appointments(stage)
    return stage.get(url(row))


@state("roles:request", "own, approved", who="anna", shows="See the assignment")
def own_approved(stage: Stage) -> Answer:
    row = asked(stage)
    approve(row, stage.acting("jean"), now=timezone.now(), note="Welcome")
    return stage.get(url(row))


@state("roles:request", "own, refused", who="anna", shows="Reason for the decision: Ask Marie first")
def own_refused(stage: Stage) -> Answer:
    row = asked(stage)
    refuse(stage, row)
    return stage.get(url(row))


@state("roles:request", "own, just withdrawn", who="anna", shows="Your request is withdrawn")
def own_withdrawn(stage: Stage) -> Answer:
    return stage.post(f"{url(asked(stage))}withdraw/")


# --- S15, not for everybody -------------------------------------------------------------------------------------------


@state("roles:request", "own, decided by oneself", status=403, shows="You cannot decide on your own request.")
def own_decision(stage: Stage) -> Answer:
    return decide(stage, asked(stage, who="jean"), **APPROVE)


@state("roles:request", "key too low", level=LOW, status=403, shows="Sign in with another key")
def key_too_low(stage: Stage) -> Answer:
    return stage.get(url(asked(stage)))


@state("roles:request", "right ended", who="tom", status=403, shows="Your function for Boulangerie Dubois SRL ended on")
def right_ended(stage: Stage) -> Answer:
    row = asked(stage)
    AccessManagerAppointment.objects.filter(person=stage.tom).update(ended_at=timezone.now())
    return stage.get(url(row))


@state("roles:request", "of another domain", who="marie", status=404, shows="Page not found")
def other_domain(stage: Stage) -> Answer:
    return stage.get(url(asked(stage)))


@state("roles:request", "of the neighbour", who="carine", status=404, shows="Page not found")
def of_the_neighbour(stage: Stage) -> Answer:
    return stage.get(url(asked(stage)))
