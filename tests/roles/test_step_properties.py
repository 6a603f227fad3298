"""W4: how long, and the properties of the roles that have them."""

from datetime import date, datetime, timedelta
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone
from django.utils.formats import date_format

from roles.models import AssignmentDraft, DraftRole, Role
from tenants.periods import add_years
from tests.factories import PropertyFactory, RoleFactory
from tests.roles.pages import address, draft_of, errors_of, heading_of, press, text_of, words_of, written

E12 = "Choose unlimited or limited duration"
E15 = "Enter a real end date"
E20 = "Choose “until another date” or clear the date"
TODAY = {"start": "today"}


@pytest.fixture
def role(db: None) -> Role:
    """A role that asks nothing."""
    return RoleFactory()


@pytest.fixture
def draft(cast: Any, role: Role, now: datetime) -> AssignmentDraft:
    """Jean's draft of that role for Anna."""
    return draft_of(cast.jean, persons=[cast.anna], roles=[role], now=now)


def day_of(field: str, day: str = "", month: str = "", year: str = "") -> dict[str, str]:
    """Return the three fields of a date."""
    return {f"{field}_day": day, f"{field}_month": month, f"{field}_year": year}


def date_in(field: str, day: date) -> dict[str, str]:
    """Return the three fields of a real date."""
    return day_of(field, str(day.day), str(day.month), str(day.year))


def until(day: str = "", month: str = "", year: str = "") -> dict[str, str]:
    """Return the answers "until another date", from today."""
    return {"duration": "until", **TODAY, **day_of("until", day, month, year)}


def in_words(day: date) -> str:
    """Return a day as the English page writes it."""
    return date_format(day, "j F Y")


def test_nothing_is_chosen_but_today(jean: Client, draft: AssignmentDraft) -> None:
    page = jean.get(address(draft, "properties"))
    assert heading_of(page) == "Which properties for these roles?"
    words = words_of(page)
    assert "Assign a role – step 4 of 5: role properties" in words
    one_year = add_years(timezone.localdate(), 1)
    assert f"Limited duration: one year, until {in_words(one_year)}" in words
    assert text_of(page).count(" checked") == 1
    assert 'value="today"' in text_of(page).split(" checked")[0].rsplit("<input", 1)[1]
    assert 'type="date"' not in text_of(page)


@pytest.mark.parametrize(
    ("answers", "expected"),
    [
        ({"duration": "unlimited", **TODAY}, None),
        ({"duration": "one_year", **TODAY}, 1),
        (until("31", "12", "2090"), date(2090, 12, 31)),
        (until("31", "12", "90"), date(2090, 12, 31)),
        (until("31/12/90"), date(2090, 12, 31)),
        (until("31.12.2090"), date(2090, 12, 31)),
        (until(" 31-12-2090 "), date(2090, 12, 31)),
        (until("29", "2", "2088"), date(2088, 2, 29)),
        (until("１", "0２", "2090"), date(2090, 2, 1)),
    ],
)
def test_an_answer_is_kept_and_leads_to_the_check(
    jean: Client, draft: AssignmentDraft, answers: dict[str, str], expected: Any
) -> None:
    answer = press(jean, draft, "properties", "next", **answers)
    assert answer.status_code == 303, errors_of(answer)
    assert answer.url == address(draft, "review")
    draft.refresh_from_db()
    assert draft.valid_until == (add_years(timezone.localdate(), 1) if expected == 1 else expected)
    assert draft.properties_answered


@pytest.mark.parametrize(
    ("answers", "messages"),
    [
        (TODAY, [E12]),
        ({"duration": "for_ever", **TODAY}, [E12]),
        ({"duration": "unlimited"}, ["Choose when the roles start"]),
        ({"duration": "unlimited", "start": "yesterday"}, ["Choose when the roles start"]),
        (until(), ["Enter an end date"]),
        (until("31"), ["The end date must include a month and a year"]),
        (until("31", "12"), ["The end date must include a year"]),
        (until("", "12", "2090"), ["The end date must include a day"]),
        (until("31", "", "2090"), ["The end date must include a month"]),
        (until("", "", "2090"), ["The end date must include a day and a month"]),
        (until("", "12", ""), ["The end date must include a day and a year"]),
        (until("31", "2", "2090"), [E15]),
        (until("29", "2", "2089"), [E15]),
        (until("31", "april", "2090"), [E15]),
        (until("0", "0", "0"), [E15]),
        (until("1", "1", "190"), [E15]),
        (until("1", "1", "20900"), [E15]),
        (until("-1", "1", "2090"), [E15]),
        (until("1" * 500, "1", "2090"), [E15]),
        ({"duration": "unlimited", **TODAY, **day_of("until", "31", "12", "2090")}, [E20]),
        ({"duration": "one_year", **TODAY, **day_of("until", "31", "12", "2090")}, [E20]),
        ({"duration": "unlimited", "start": "date"}, ["Enter a start date"]),
        (
            {"duration": "unlimited", "start": "date", **day_of("starting", "31")},
            ["The start date must include a month and a year"],
        ),
        (
            {"duration": "unlimited", "start": "date", **day_of("starting", "31", "2", "2090")},
            ["Enter a real start date"],
        ),
        (
            {"duration": "unlimited", "start": "date", **day_of("starting", "1", "1", "2020")},
            ["The start date cannot be before today"],
        ),
        (
            {"duration": "unlimited", **TODAY, **day_of("starting", "1", "1", "2090")},
            ["Choose “on a date” or clear the date"],
        ),
        (
            {**until("1", "2", "2090"), "start": "date", **day_of("starting", "2", "2", "2090")},
            ["The end date cannot be before the start date"],
        ),
        (
            {"duration": "one_year", "start": "date", **day_of("starting", "2", "2", "2090")},
            ["The end date cannot be before the start date"],
        ),
        (
            {"start": "date", **day_of("starting", "31", "2", "2090")},
            [E12, "Enter a real start date"],
        ),
    ],
)
def test_what_is_wrong_is_said_and_nothing_is_lost(
    jean: Client, draft: AssignmentDraft, answers: dict[str, str], messages: list[str]
) -> None:
    answer = press(jean, draft, "properties", "next", **answers)
    assert errors_of(answer) == messages
    page = text_of(answer)
    for name, value in answers.items():
        if name.endswith(("_day", "_month", "_year")) and value and len(value) < 100:
            assert f'name="{name}" value="{value}"' in page
    draft.refresh_from_db()
    assert not draft.properties_answered


@pytest.mark.parametrize("days", [0, -1, -400])
def test_an_end_today_or_before_is_too_early(jean: Client, draft: AssignmentDraft, days: int) -> None:
    today = timezone.localdate()
    end = today + timedelta(days=days)
    answer = press(jean, draft, "properties", "next", duration="until", **TODAY, **date_in("until", end))
    assert errors_of(answer) == [f"The end date must be after today, {in_words(today)}"]


def test_tomorrow_is_late_enough_and_today_is_early_enough(jean: Client, draft: AssignmentDraft) -> None:
    today = timezone.localdate()
    answers = {"duration": "until", "start": "date", **date_in("starting", today)}
    answer = press(jean, draft, "properties", "next", **answers, **date_in("until", today + timedelta(days=1)))
    assert answer.status_code == 303, errors_of(answer)


def test_a_year_that_nobody_means_is_no_date(jean: Client, draft: AssignmentDraft) -> None:
    for year in ("9999", "2200", "1899"):
        answer = press(jean, draft, "properties", "next", **until("31", "12", year))
        assert errors_of(answer) == ["Enter a real end date"]


def test_the_last_days_that_can_be_typed_break_nothing(jean: Client, draft: AssignmentDraft, role: Role) -> None:
    answers = {**until("31", "12", "2199"), "start": "date", **day_of("starting", "1", "1", "2199")}
    assert press(jean, draft, "properties", "next", **answers).status_code == 303
    assert jean.get(address(draft, "review")).status_code == 200
    Role.objects.filter(pk=role.pk).update(max_duration_years=2)
    assert press(jean, draft, "properties", "next", **answers).status_code == 303
    assert jean.get(address(draft, "review")).status_code == 200


def test_the_strictest_maximum_counts_and_is_named(jean: Client, draft: AssignmentDraft, role: Role, cast: Any) -> None:
    strict = RoleFactory(name_en="Short role", max_duration_years=2)
    DraftRole.objects.create(draft=draft, role=strict)
    DraftRole.objects.create(draft=draft, role=RoleFactory(max_duration_years=5))
    latest = add_years(timezone.localdate(), 2)
    page = jean.get(address(draft, "properties"))
    assert f"“Unlimited duration” is not offered: Short role can last until {in_words(latest)}, no longer." in words_of(
        page
    )
    assert 'value="unlimited"' not in text_of(page)
    assert errors_of(press(jean, draft, "properties", "next", duration="unlimited", **TODAY)) == [E12]
    beyond = {"duration": "until", **TODAY, **date_in("until", latest + timedelta(days=1))}
    assert errors_of(press(jean, draft, "properties", "next", **beyond)) == [
        f"Short role lasts 2 years at most. Choose a date up to {in_words(latest)}"
    ]
    within = {"duration": "until", **TODAY, **date_in("until", latest)}
    assert press(jean, draft, "properties", "next", **within).status_code == 303


def test_a_maximum_counts_from_the_start_date(jean: Client, draft: AssignmentDraft, role: Role) -> None:
    Role.objects.filter(pk=role.pk).update(max_duration_years=1)
    starts = timezone.localdate() + timedelta(days=100)
    answers = {"duration": "until", "start": "date", **date_in("starting", starts)}
    latest = add_years(starts, 1)
    answer = press(jean, draft, "properties", "next", **answers, **date_in("until", latest + timedelta(days=1)))
    assert errors_of(answer) == [f"{role.name} lasts 1 year at most. Choose a date up to {in_words(latest)}"]
    assert press(jean, draft, "properties", "next", **answers, **date_in("until", latest)).status_code == 303


@pytest.mark.parametrize(
    ("values", "message"),
    [
        ({"kind": "yes_no"}, "Choose an answer for “Sensitive mandates”"),
        ({"kind": "choice", "options": [{"code": "A", "en": "Alpha"}]}, "Choose an answer for “Sensitive mandates”"),
        (
            {"kind": "choices", "options": [{"code": "A", "en": "Alpha"}]},
            "Choose at least one answer for “Sensitive mandates”",
        ),
        (
            {"kind": "choices", "options": [{"code": "A", "en": "Alpha"}], "is_required": False},
            "Choose at least one answer for “Sensitive mandates”",
        ),
        ({"kind": "text"}, "Fill in “Sensitive mandates”"),
    ],
)
def test_a_missing_answer_is_named(
    jean: Client, draft: AssignmentDraft, role: Role, values: dict[str, Any], message: str
) -> None:
    question = PropertyFactory(role=role, label_en="Sensitive mandates", **values)
    answer = press(jean, draft, "properties", "next", duration="unlimited", **TODAY)
    assert errors_of(answer) == [message]
    assert f"Specify the role {role.name}" in words_of(answer)
    name = f"property_{role.pk}_{question.code}"
    if values["kind"] != "text":
        wrong = press(jean, draft, "properties", "next", duration="unlimited", **TODAY, **{name: "NONSENSE"})
        assert errors_of(wrong) == [message]


def test_a_text_may_not_be_too_long(jean: Client, draft: AssignmentDraft, role: Role) -> None:
    question = PropertyFactory(role=role, kind="text", label_en="Region")
    name = f"property_{role.pk}_{question.code}"
    answer = press(jean, draft, "properties", "next", duration="unlimited", **TODAY, **{name: "x" * 201})
    assert errors_of(answer) == ["“Region” can have at most 200 characters"]


def test_the_answers_are_kept_in_the_form_of_the_service(jean: Client, draft: AssignmentDraft, role: Role) -> None:
    options = [{"code": "A", "en": "Alpha"}, {"code": "B", "en": "Beta"}]
    kinds = [("YES", "yes_no", []), ("ONE", "choice", options), ("MANY", "choices", options), ("FREE", "text", [])]
    for code, kind, given in kinds:
        PropertyFactory(role=role, code=code, kind=kind, options=given)
    PropertyFactory(role=role, code="NOTHING", kind="choices", options=options, is_required=False)
    prefix = f"property_{role.pk}_"
    answer = press(
        jean,
        draft,
        "properties",
        "next",
        duration="unlimited",
        **TODAY,
        **{
            f"{prefix}YES": "no",
            f"{prefix}ONE": "B",
            f"{prefix}MANY": ["A", "B"],
            f"{prefix}FREE": " Brabant ",
            f"{prefix}NOTHING": "none",
        },
    )
    assert answer.status_code == 303, errors_of(answer)
    stored = draft.chosen_roles.get().properties
    assert stored == {"YES": False, "ONE": "B", "MANY": ["A", "B"], "FREE": "Brabant", "NOTHING": []}
    page = text_of(jean.get(address(draft, "properties")))
    assert page.count(" checked") == 2 + 5  # unlimited, today; no, B, A and B, none
    assert 'value="Brabant"' in page
    assert "Alpha, Beta" in words_of(jean.get(address(draft, "review")))


def test_none_together_with_an_answer_counts_as_the_answer(jean: Client, draft: AssignmentDraft, role: Role) -> None:
    PropertyFactory(role=role, code="MANY", kind="choices", options=[{"code": "A", "en": "Alpha"}], is_required=False)
    press(
        jean,
        draft,
        "properties",
        "next",
        duration="unlimited",
        **TODAY,
        **{f"property_{role.pk}_MANY": ["none", "A"]},
    )
    assert draft.chosen_roles.get().properties == {"MANY": ["A"]}


def test_only_roles_with_questions_have_a_section(jean: Client, cast: Any, catalogue: Any, now: datetime) -> None:
    roles = [catalogue["FIN_MANDATE_EXECUTOR"], catalogue["CUSTOMS_EMCS"]]
    draft = draft_of(cast.jean, persons=[cast.anna], roles=roles, now=now)
    words = words_of(jean.get(address(draft, "properties")))
    assert words.count("Specify the role") == 1
    assert "Types of mandates For which services this person acts" in words
    assert "Mandaat Uitvoerder BTW" in words


def test_a_national_number_has_no_place_in_a_text(jean: Client, draft: AssignmentDraft, role: Role) -> None:
    question = PropertyFactory(role=role, kind="text", label_en="Region")
    name = f"property_{role.pk}_{question.code}"
    answer = press(jean, draft, "properties", "next", duration="unlimited", **TODAY, **{name: "see 85.07.30-033.28"})
    assert errors_of(answer) == ["Take the national register number out of “Region”"]


def test_a_character_that_no_text_has_is_refused(jean: Client, draft: AssignmentDraft, role: Role) -> None:
    name = f"property_{role.pk}_{PropertyFactory(role=role, kind='text').code}"
    assert press(jean, draft, "properties", "next", **until("1\x00", "1", "2090")).status_code == 400
    assert press(jean, draft, "properties", "next", duration="unlimited", **TODAY, **{name: "\x00"}).status_code == 400


@pytest.mark.asvs(71)
def test_doubled_values_are_refused(jean: Client, draft: AssignmentDraft, role: Role) -> None:
    question = PropertyFactory(role=role)
    good = {"duration": "unlimited", **TODAY, f"property_{role.pk}_{question.code}": "yes"}
    for name in good:
        doubled = {**good, name: [good[name], good[name]]}
        assert press(jean, draft, "properties", "next", **doubled).status_code == 400, name


def test_return_leads_back_to_the_check_page(jean: Client, draft: AssignmentDraft) -> None:
    answer = press(jean, draft, "properties", "next", "?return=review", duration="unlimited", **TODAY)
    assert answer.url == address(draft, "review")


def test_answering_writes_nothing_but_the_draft(jean: Client, draft: AssignmentDraft) -> None:
    before = written()
    press(jean, draft, "properties", "next", duration="unlimited", **TODAY)
    assert written() == before
