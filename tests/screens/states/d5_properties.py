"""W4: how long, and the properties of the roles that have them."""

from datetime import timedelta

from django.utils import timezone

from tests.factories import PropertyFactory
from tests.screens.stage import Stage
from tests.screens.table import Answer, state

CCB, OWN, EXECUTOR = "CCB_SAFEONWEBATWORK_EDIT", "FIN_OWN_ENTERPRISE", "FIN_MANDATE_EXECUTOR"
LIMITED = "FIN_URBAIN_USER_RO"


def filled(stage: Stage, *codes: str, **fields: str) -> Answer:
    """Fill in the page, by default without end and from today, and go on."""
    draft = stage.draft(stage.anna, roles=codes or (CCB,))
    fields = {"duration": "unlimited", "start": "today", **fields}
    return stage.press(draft, "properties", "next", **{name: text for name, text in fields.items() if text})


def until(stage: Stage, day: str, month: str, year: str, *codes: str, **fields: str) -> Answer:
    """Fill in an end date and go on."""
    typed = {"until_day": day, "until_month": month, "until_year": year}
    return filled(stage, *codes, **{"duration": "until", **typed, **fields})


def starting(stage: Stage, day: str, month: str, year: str, **fields: str) -> Answer:
    """Fill in a start date and go on."""
    typed = {"starting_day": day, "starting_month": month, "starting_year": year}
    return filled(stage, **{"start": "date", **typed, **fields})


@state(
    "roles:wizard_properties",
    "validity only",
    template="roles/wizard/properties.html",
    shows=("Unlimited duration", "Limited duration: one year, until"),
)
def validity_only(stage: Stage) -> Answer:
    return stage.step(stage.draft(stage.anna, roles=(CCB,)), "properties")


@state("roles:wizard_properties", "with questions", shows=("Specify the role", "Types of mandates", "Yes"))
def with_questions(stage: Stage) -> Answer:
    return stage.step(stage.draft(stage.anna, roles=(OWN, EXECUTOR)), "properties")


@state("roles:wizard_properties", "every kind of question", shows=("Which region?", "Your reference (optional)"))
def every_kind_of_question(stage: Stage) -> Answer:
    ask_more(stage)
    return stage.step(stage.draft(stage.anna, roles=(CCB, OWN)), "properties")


def ask_more(stage: Stage) -> None:
    """Let a role ask for one answer of several, and for texts."""
    role = stage.roles[CCB]
    regions = [
        {"code": "N", "fr": "Flandre", "nl": "Vlaanderen", "de": "Flandern", "en": "Flanders"},
        {"code": "S", "fr": "Wallonie", "nl": "Wallonië", "de": "Wallonien", "en": "Wallonia"},
    ]
    PropertyFactory(role=role, code="REGION", kind="choice", label_en="Which region?", options=regions)
    PropertyFactory(role=role, code="NAME", kind="text", label_en="Name of the site")
    PropertyFactory(role=role, code="REFERENCE", kind="text", label_en="Your reference", is_required=False)


@state("roles:wizard_properties", "a role with a maximum duration", shows="“Unlimited duration” is not offered:")
def a_maximum_duration(stage: Stage) -> Answer:
    return stage.step(stage.draft(stage.anna, roles=(LIMITED, CCB)), "properties")


@state("roles:wizard_properties", "answered before", shows="Specify the role")
def answered_before(stage: Stage) -> Answer:
    day = timezone.localdate() + timedelta(days=400)
    values = {"duration": "until", "valid_until": day, "start": "date", "valid_from": timezone.localdate()}
    draft = stage.draft(stage.anna, roles=(OWN,), properties_answered=True, **values)
    draft.chosen_roles.update(properties={"BEPS13_FILER": False})
    return stage.step(draft, "properties", "?return=review")


@state("roles:wizard_properties", "no duration chosen", errors="E12")
def no_duration(stage: Stage) -> Answer:
    return filled(stage, duration="")


@state("roles:wizard_properties", "no end date", errors="E13")
def no_end_date(stage: Stage) -> Answer:
    return until(stage, "", "", "")


@state("roles:wizard_properties", "end date without a year", errors="E14")
def end_date_without_a_year(stage: Stage) -> Answer:
    return until(stage, "27", "3", "")


@state("roles:wizard_properties", "end date that does not exist", errors="E15")
def end_date_that_does_not_exist(stage: Stage) -> Answer:
    return until(stage, "31", "2", "2031")


@state("roles:wizard_properties", "end date in the past", errors="E16")
def end_date_in_the_past(stage: Stage) -> Answer:
    return until(stage, "1", "1", "2020")


@state("roles:wizard_properties", "end before the start", errors="E17")
def end_before_the_start(stage: Stage) -> Answer:
    typed = {"start": "date", "starting_day": "1", "starting_month": "6", "starting_year": "2099"}
    return until(stage, "1", "5", "2099", **typed)


@state("roles:wizard_properties", "start in the past", errors="E18")
def start_in_the_past(stage: Stage) -> Answer:
    return starting(stage, "1", "1", "2020")


@state("roles:wizard_properties", "no start date", says="Enter a start date")
def no_start_date(stage: Stage) -> Answer:
    return starting(stage, "", "", "")


@state("roles:wizard_properties", "start date without a day", says="The start date must include a day")
def start_date_without_a_day(stage: Stage) -> Answer:
    return starting(stage, "", "3", "2099")


@state("roles:wizard_properties", "start date that does not exist", says="Enter a real start date")
def start_date_that_does_not_exist(stage: Stage) -> Answer:
    return starting(stage, "1", "13", "2099")


@state("roles:wizard_properties", "a start date and today", says="Choose “on a date” or clear the date")
def a_start_date_and_today(stage: Stage) -> Answer:
    return starting(stage, "1", "3", "2099", start="today")


@state("roles:wizard_properties", "lasts too long", errors="E19")
def lasts_too_long(stage: Stage) -> Answer:
    return until(stage, "1", "1", "2099", LIMITED)


@state("roles:wizard_properties", "an end date and no end", errors="E20")
def an_end_date_and_no_end(stage: Stage) -> Answer:
    return until(stage, "1", "1", "2099", duration="unlimited")


@state("roles:wizard_properties", "questions without an answer", errors=("E21", "E22"))
def without_an_answer(stage: Stage) -> Answer:
    return filled(stage, OWN, EXECUTOR)


@state("roles:wizard_properties", "texts empty and too long", errors=("E12", "E21", "E23", "E24"))
def texts_empty_and_too_long(stage: Stage) -> Answer:
    ask_more(stage)
    return filled(stage, duration="", **{f"property_{stage.roles[CCB].pk}_REFERENCE": "Quai des Fleurs" * 14})


@state("roles:wizard_properties", "number in a text", says="Take the national register number out of “")
def number_in_a_text(stage: Stage) -> Answer:
    ask_more(stage)
    role = stage.roles[CCB].pk
    return filled(stage, **{f"property_{role}_NAME": "85.07.30-033.28", f"property_{role}_REGION": "N"})


@state("roles:wizard_properties", "everything wrong at once", errors=("E13", "E21", "E22"), says="The start date")
def everything_wrong_at_once(stage: Stage) -> Answer:
    draft = stage.draft(stage.anna, roles=(OWN, EXECUTOR))
    return stage.press(draft, "properties", "next", duration="until", start="date", starting_year="2099")


@state("roles:wizard_properties", "changed in another tab", errors="E27", shows="How long are these roles valid?")
def changed_in_another_tab(stage: Stage) -> Answer:
    draft = stage.draft(stage.anna, roles=(CCB,), version=3)
    return stage.press(draft, "properties", "next", duration="unlimited", start="today", version=2)
