"""S14 and S15: the lists of role requests, and one request, to decide on or to follow."""

from datetime import timedelta
from typing import Any

from django.utils import timezone

from roles.models import RoleRequest
from roles.operations.requests import refuse_request, withdraw_request
from tenants.models import AccessManagerAppointment
from tests.factories import PersonFactory, RequestFactory
from tests.roles.requests import approve, ask, url
from tests.screens.stage import LOW, Stage
from tests.screens.states.e1_ask import CYBER, ENERGY, FINANCE, end_all_appointments
from tests.screens.table import Answer, state

LISTS = "/requests/?status="
# One that asks two questions.
EXECUTOR = "FIN_MANDATE_EXECUTOR"
# One that Jean does not hold.
ONEGATE = "NBB_ONEGATE_ADMIN"
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


@state("roles:requests", "none to decide", template="roles/requests.html", shows="No request to decide.")
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
    asked(stage, ONEGATE, who="jean")
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


# --- S15, afterwards --------------------------------------------------------------------------------------------------


@state("roles:request", "just approved", template="roles/request.html", shows="The request of Anna Peeters for")
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
    return stage.get(url(asked(stage, ONEGATE, who="jean")))


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
    return decide(stage, asked(stage, ONEGATE, who="jean"), **APPROVE)


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
