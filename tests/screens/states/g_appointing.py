"""S6: appointing an access manager, the questions and the check page."""

from datetime import timedelta

from django.test import override_settings
from django.utils import timezone

from tests.factories import AppointmentFactory
from tests.screens.stage import LOW, Stage
from tests.screens.states.e1_ask import end_all_appointments, on
from tests.screens.states.g_managers import CHECK, NEW, UNKNOWN_NUMBER, appoint, represents
from tests.screens.table import Answer, state

# --- Appointing -------------------------------------------------------------------------------------------------------


@state(
    "roles:new_manager",
    "all functions",
    template="roles/managers/new.html",
    shows="Takes the place of Jean Dubois, whose function ends at once.",
)
def new_all(stage: Stage) -> Answer:
    return stage.get(NEW)


@state("roles:new_manager", "co-chief only", shows="Assigns roles of all domains, as the chief does; appoints nobody.")
def new_co_chief(stage: Stage) -> Answer:
    return stage.get(f"{NEW}?action=co_chief")


@state("roles:new_manager", "by a representative", shows="Myself, Jean Dubois")
def new_by_representative(stage: Stage) -> Answer:
    end_all_appointments(stage)
    return stage.get(NEW)


@state("roles:new_manager", "answered before", shows="Appoint an access manager")
def new_answered(stage: Stage) -> Answer:
    appoint(stage, stage.anna, **on("until", timezone.localdate() + timedelta(days=90)))
    return stage.get(NEW)


@state("roles:new_manager", "nothing answered", errors="E37", says="Choose a function")
def new_nothing(stage: Stage) -> Answer:
    end_all_appointments(stage)
    AppointmentFactory(person=stage.anna, organisation=stage.dubois)
    AppointmentFactory(person=stage.jean, organisation=stage.dubois, kind="co_chief")
    return stage.post(NEW, number="")


@state("roles:new_manager", "no function", says="Choose a function")
def no_function(stage: Stage) -> Answer:
    return stage.post(NEW, who="number", number=UNKNOWN_NUMBER)


@state("roles:new_manager", "no number", errors="E04")
def no_number(stage: Stage) -> Answer:
    return stage.post(NEW, function="co_chief", who="number", number="")


@state("roles:new_manager", "number too short", errors="E05")
def short_number(stage: Stage) -> Answer:
    return stage.post(NEW, function="co_chief", who="number", number="85.07.30")


@state("roles:new_manager", "digits do not add up", errors="E06")
def wrong_number(stage: Stage) -> Answer:
    return stage.post(NEW, function="co_chief", who="number", number="85.07.30-033.29")


@state("roles:new_manager", "nobody with this number", says="We cannot find anyone with this number. Check it")
def unknown_number(stage: Stage) -> Answer:
    return stage.post(NEW, function="co_chief", who="number", number=UNKNOWN_NUMBER)


@state("roles:new_manager", "too many look-ups", errors="E08")
def too_many_lookups(stage: Stage) -> Answer:
    with override_settings(NUMBER_LOOKUP_QUOTA=1):
        unknown_number(stage)
        return unknown_number(stage)


@state("roles:new_manager", "half an end date", errors="E14")
def half_a_date(stage: Stage) -> Answer:
    return appoint(stage, stage.anna, until_day=31, until_month="", until_year="")


@state("roles:new_manager", "no such end date", errors="E15")
def no_such_date(stage: Stage) -> Answer:
    return appoint(stage, stage.anna, until_day=31, until_month=2, until_year=2031)


@state("roles:new_manager", "ends today", errors="E16")
def ends_today(stage: Stage) -> Answer:
    return appoint(stage, stage.anna, **on("until", timezone.localdate()))


@state("roles:new_manager", "ends before it starts", errors="E17")
def ends_before(stage: Stage) -> Answer:
    today = timezone.localdate()
    days = {**on("start", today + timedelta(days=9)), **on("until", today + timedelta(days=8))}
    return appoint(stage, stage.anna, **days)


@state("roles:new_manager", "starts in the past", errors="E18")
def starts_in_the_past(stage: Stage) -> Answer:
    return appoint(stage, stage.anna, **on("start", timezone.localdate() - timedelta(days=1)))


@state("roles:new_manager", "has the function already", says="Tom Janssens already has this function")
def has_it_already(stage: Stage) -> Answer:
    return appoint(stage, stage.tom)


@state("roles:new_manager", "chief from outside", errors="E39")
def chief_from_outside(stage: Stage) -> Answer:
    return appoint(stage, stage.carine, "chief")


@state("roles:new_manager", "next chief begins later", says="The next chief access manager must begin today")
def chief_later(stage: Stage) -> Answer:
    return appoint(stage, stage.tom, "chief", **on("start", timezone.localdate() + timedelta(days=1)))


@state("roles:new_manager", "not the chief", who="marie", status=403, shows="Jean Dubois (chief access manager)")
def not_the_chief(stage: Stage) -> Answer:
    return stage.get(NEW)


@state("roles:new_manager", "not a representative", who="marie", status=403, shows="Jean Dubois (legal representative)")
def not_a_representative(stage: Stage) -> Answer:
    return stage.get(f"{NEW}?action=chief")


@state("roles:new_manager", "key too low", level=LOW, status=403, shows="Sign in with another key")
def new_key_too_low(stage: Stage) -> Answer:
    return stage.get(NEW)


@state(
    "roles:check_manager",
    "a co-chief",
    template="roles/managers/check.html",
    shows=("Check before you appoint this person", "masked number, ends with"),
)
def check_co_chief(stage: Stage) -> Answer:
    return appoint(stage, stage.anna)


@state("roles:check_manager", "of a domain, for a time", shows="Access manager for the domain")
def check_domain(stage: Stage) -> Answer:
    today = timezone.localdate()
    days = {**on("start", today + timedelta(days=3)), **on("until", today + timedelta(days=40))}
    return appoint(stage, stage.anna, "domain-ENERGY", **days)


@state("roles:check_manager", "oneself", shows="This is you")
def check_oneself(stage: Stage) -> Answer:
    end_all_appointments(stage)
    return appoint(stage, None, "chief")


@state("roles:check_manager", "in one's own place", shows="Your own function as chief access manager ends at once.")
def check_own_place(stage: Stage) -> Answer:
    return appoint(stage, stage.tom, "chief")


@state("roles:check_manager", "in the place of another", who="anna", shows="The function of Jean Dubois as chief")
def check_place_of_another(stage: Stage) -> Answer:
    represents(stage.anna, stage.dubois)
    return appoint(stage, stage.tom, "chief")


@state("roles:check_manager", "asked a second time", shows="You will no longer be able to assign roles")
def check_again(stage: Stage) -> Answer:
    appoint(stage, stage.tom, "chief")
    return stage.submit(CHECK)


@state("roles:check_manager", "overtaken by another tab", says="Something has changed since you opened this page.")
def check_overtaken(stage: Stage) -> Answer:
    appoint(stage, stage.anna)
    return stage.post(CHECK, once="old", seen="")


@state("roles:managers", "just appointed", shows="Anna Peeters has this function from")
def just_appointed(stage: Stage) -> Answer:
    appoint(stage, stage.anna)
    return stage.submit(CHECK)


@state("roles:managers", "pressed twice", shows="Nothing was done")
def pressed_twice(stage: Stage) -> Answer:
    return stage.post(CHECK, once="old", seen="")
