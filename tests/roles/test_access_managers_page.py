"""S6: the list of access managers, appointing one, ending one."""

import re
from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from audit.models import AuditEntry
from outbox.models import OutgoingEmail
from roles.views.managers import manager_tasks
from tenants.models import AccessManagerAppointment, Employment, Person
from tests.factories import AppointmentFactory, EmploymentFactory, OrganisationFactory, PersonFactory
from tests.roles.pages import errors_of, heading_of, hidden, in_english, text_of, words_of

LIST, NEW, CHECK = "/access-managers/", "/access-managers/new/", "/access-managers/new/check/"
CANNOT = "You cannot do this (yet)"


def of(person: Person) -> AccessManagerAppointment:
    return AccessManagerAppointment.objects.filter(person=person).earliest("id")


def end(person: Person) -> str:
    return f"/access-managers/{of(person).key}/end/"


def open_rows(place: Any) -> list[tuple[str, str]]:
    rows = AccessManagerAppointment.objects.filter(organisation=place, ended_at__isnull=True).for_page()
    return [(row.person.given_name, row.kind) for row in rows]


def written() -> tuple[list[str], list[str]]:
    events = AuditEntry.objects.filter(event__startswith="access_manager:").order_by("id")
    return list(events.values_list("event", flat=True)), sorted(OutgoingEmail.objects.values_list("name", flat=True))


def ask(client: Client, person: Person | None, function: str, **data: Any) -> Any:
    """Answer the questions."""
    who = {"who": "number", "number": person.national_number} if person else {"who": "myself"}
    return client.post(NEW, {"function": function, **who, **data})


def finish(client: Client, **data: Any) -> Any:
    """Look at the check page and press its button."""
    page = client.get(CHECK)
    form = {"once": hidden(page, "once"), "seen": hidden(page, "seen")}
    return client.post(CHECK, {**form, **data})


def first_day(day: Any, name: str) -> dict[str, int]:
    return {f"{name}_day": day.day, f"{name}_month": day.month, f"{name}_year": day.year}


# --- The list ---


def test_the_list_names_everybody_with_function_domain_and_period(cast: Any, jean: Client) -> None:
    AccessManagerAppointment.objects.filter(person=cast.marie).update(
        valid_until=timezone.localdate() + timedelta(days=20)
    )
    page = jean.get(LIST)
    assert heading_of(page) == "Access managers"
    words = words_of(page)
    assert "Legal representative, according to the Crossroads Bank for Enterprises: Jean Dubois." in words
    assert "Chief access manager All domains Jean Dubois This is you 1 September 2023 No end date" in words
    assert "Co-chief access manager All domains Tom Janssens" in words
    assert "Access manager of a domain Finance Marie Claes" in words
    assert "Ends in 20 days" in words
    for address in (end(cast.jean), end(cast.tom), end(cast.marie), f"{NEW}?action=chief", f"{NEW}?action=domain"):
        assert f'href="{address}"' in text_of(page)


@pytest.mark.parametrize(("who", "may_end"), [("tom", ["tom"]), ("marie", ["marie"]), ("anna", [])])
def test_others_of_the_organisation_see_names_and_only_their_own_way_out(
    cast: Any, open_as: Any, who: str, may_end: list[str]
) -> None:
    page = open_as(getattr(cast, who), acting_for=cast.dubois.key).get(LIST)
    text = text_of(page)
    assert "Jean Dubois" in words_of(page) and "Tom Janssens" in words_of(page)
    assert NEW not in text
    ends = re.findall(r'href="(/access-managers/[^"]*/end/)"', text)
    assert ends == [end(getattr(cast, name)) for name in may_end]


def test_without_any_organisation_it_says_so(outsider: Client) -> None:
    answer = in_english(outsider).get(LIST)
    assert (answer.status_code, heading_of(answer)) == (403, CANNOT)
    assert "You are not linked to any organisation." in words_of(answer)
    assert 'href="/access-managers/contact/"' in text_of(answer)


@pytest.mark.threat(1)
def test_the_neighbours_list_does_not_exist(cast: Any, open_as: Any) -> None:
    carine = open_as(cast.carine)
    assert "Jean Dubois" not in text_of(carine.get(LIST))
    assert carine.get(f"{LIST}?key={cast.dubois.key}").status_code == 404
    assert carine.get(f"{LIST}?key=nothing").status_code == 404


def test_with_several_organisations_each_has_its_list_and_appointing_needs_the_right_one(
    cast: Any, open_as: Any
) -> None:
    EmploymentFactory(person=cast.jean, organisation=cast.peeters, kind="legal_representative")
    jean = open_as(cast.jean, acting_for=cast.dubois.key)
    assert f'href="{LIST}?key={cast.peeters.key}"' in text_of(jean.get(LIST))
    other = jean.get(f"{LIST}?key={cast.peeters.key}")
    assert "To appoint somebody, act for Peeters & Fils SA first." in words_of(other)
    assert f"{NEW}?action=chief" not in text_of(other)
    assert 'href="/acting-for/?next=/access-managers/"' in text_of(other)


def test_where_nobody_is_appointed_the_official_way_is_shown(cast: Any, open_as: Any) -> None:
    place = OrganisationFactory(name_fr="Atelier", name_nl="")
    EmploymentFactory(person=cast.olivier, organisation=place)
    page = open_as(cast.olivier).get(LIST)
    words = words_of(page)
    assert "Atelier has no chief access manager. Only a legal representative can appoint this person." in words
    assert "The legal representative goes to www.csam.be" in words
    assert "<table" not in text_of(page)
    EmploymentFactory(person=cast.anna, organisation=place, kind="legal_representative")
    assert "appoint this person: Anna Peeters." in words_of(open_as(cast.olivier).get(LIST))


def test_a_stopped_organisation_is_shown_without_appointing(cast: Any, jean: Client) -> None:
    cast.dubois.status = "stopped"
    cast.dubois.save()
    page = jean.get(LIST)
    assert "Nobody can be appointed. Functions can still be ended." in words_of(page)
    assert NEW not in text_of(page)
    assert f'href="{end(cast.marie)}"' in text_of(page)
    assert jean.post(end(cast.marie)).status_code == 303
    assert ("Marie", "domain") not in open_rows(cast.dubois)


@pytest.mark.asvs(35)
def test_a_weak_key_reads_and_is_led_to_a_better_one(cast: Any, open_as: Any) -> None:
    jean = open_as(cast.jean, 300)
    page = jean.get(LIST)
    assert "Tom Janssens" in words_of(page)
    assert 'href="/login/?next=/access-managers/"' in text_of(page)
    assert f"{NEW}?action" not in text_of(page) and "/end/" not in text_of(page)
    for answer in (jean.get(NEW), jean.get(end(cast.tom)), jean.post(end(cast.tom)), ask(jean, cast.anna, "co_chief")):
        assert answer.status_code == 403
        assert "does not prove well enough who you are" in words_of(answer)
    assert ("Tom", "co_chief") in open_rows(cast.dubois)


def test_its_queries_do_not_grow_with_the_managers(cast: Any, jean: Client, django_assert_num_queries: Any) -> None:
    jean.get(LIST)
    with CaptureQueriesContext(connection) as before:
        jean.get(LIST)
    for _number in range(5):
        AppointmentFactory(organisation=cast.dubois, kind="co_chief")
        EmploymentFactory(organisation=cast.dubois, kind="legal_representative")
    with django_assert_num_queries(len(before)):
        assert words_of(jean.get(LIST)).count("Co-chief access manager") == 6


# --- Appointing ---


def test_the_chief_appoints_a_co_chief_by_number(cast: Any, jean: Client) -> None:
    assert ask(jean, cast.anna, "co_chief").url == CHECK
    assert written() == ([], [])
    page = jean.get(CHECK)
    words = words_of(page)
    assert heading_of(page) == "Check before you appoint this person"
    assert "Person Anna Peeters" in words and "masked number, ends with" in words
    assert cast.anna.national_number not in text_of(page)
    assert "Co-chief access manager" in words and "No end date" in words
    answer = finish(jean)
    assert (answer.status_code, answer.url) == (303, LIST)
    assert "Anna Peeters has this function from" in words_of(jean.get(LIST))
    assert ("Anna", "co_chief") in open_rows(cast.dubois)
    assert written() == (["access_manager:appointed"], ["manager_appointed"])
    assert AuditEntry.objects.filter(event="number:looked_up", subject_key=cast.anna.key).count() == 1
    assert cast.anna.national_number not in str(dict(jean.session))


def test_a_manager_of_a_domain_gets_a_period(cast: Any, jean: Client, catalogue: Any) -> None:
    today = timezone.localdate()
    start, last = today + timedelta(days=3), today + timedelta(days=40)
    answer = ask(jean, cast.anna, "domain-ENERGY", **first_day(start, "start"), **first_day(last, "until"))
    assert answer.url == CHECK
    finish(jean)
    row = AccessManagerAppointment.objects.get(person=cast.anna)
    assert (row.kind, row.domain.code, row.valid_from, row.valid_until) == ("domain", "ENERGY", start, last)
    assert "Scheduled" in words_of(jean.get(LIST))


def test_the_button_before_narrows_the_functions(cast: Any, jean: Client, catalogue: Any) -> None:
    values = {action: re.findall(r'name="function" value="([^"]*)"', text_of(jean.get(f"{NEW}?action={action}")))
              for action in ("chief", "co_chief", "domain", "")}  # fmt: skip
    assert values["chief"] == ["chief"] and values["co_chief"] == ["co_chief"]
    assert "domain-FINANCE" in values["domain"] and "chief" not in values["domain"]
    assert values[""] == ["chief", "co_chief", *values["domain"]]


def test_a_representative_replaces_himself_by_somebody_else(cast: Any, jean: Client) -> None:
    assert "Takes the place of Jean Dubois, whose function ends at once." in words_of(jean.get(NEW))
    ask(jean, cast.tom, "chief")
    words = words_of(jean.get(CHECK))
    assert "Your own function as chief access manager ends at once." in words
    assert "You will no longer be able to assign roles for Boulangerie Dubois SRL." in words
    assert "The function of Jean Dubois" not in words
    question = finish(jean)
    assert heading_of(question) == "You will no longer be able to assign roles"
    assert "Yes, continue" in words_of(question) and f'href="{CHECK}"' in text_of(question)
    assert written() == ([], [])
    form = {name: hidden(question, name) for name in ("once", "seen", "sure")}
    assert jean.post(CHECK, form).url == LIST
    assert open_rows(cast.dubois) == [("Tom", "chief"), ("Marie", "domain")]
    assert written() == (
        ["access_manager:ended", "access_manager:ended", "access_manager:appointed"],
        ["manager_appointed", "manager_ended"],
    )
    # He is still a legal representative, and no chief any more.
    assert f"{NEW}?action=co_chief" not in text_of(jean.get(LIST))
    assert jean.get(f"{NEW}?action=chief").status_code == 200


def test_a_chief_who_keeps_another_function_is_not_asked_again(cast: Any, jean: Client) -> None:
    AppointmentFactory(person=cast.jean, organisation=cast.dubois, kind="co_chief")
    ask(jean, cast.tom, "chief")
    words = words_of(jean.get(CHECK))
    assert "Your own function as chief access manager ends at once." in words
    assert "You will no longer be able to assign roles" not in words
    assert finish(jean).url == LIST
    assert ("Tom", "chief") in open_rows(cast.dubois)


def test_a_representative_who_is_not_the_chief_reads_whose_function_ends(cast: Any, open_as: Any) -> None:
    EmploymentFactory(person=cast.anna, organisation=cast.dubois, kind="legal_representative")
    anna = open_as(cast.anna)
    ask(anna, cast.tom, "chief")
    words = words_of(anna.get(CHECK))
    assert "The function of Jean Dubois as chief access manager ends at once." in words
    assert "You will no longer" not in words
    assert finish(anna).url == LIST


def test_a_representative_names_himself_without_his_number(cast: Any, open_as: Any) -> None:
    AccessManagerAppointment.objects.filter(person=cast.jean).update(ended_at=timezone.now())
    jean = open_as(cast.jean)
    page = jean.get(NEW)
    assert "Myself, Jean Dubois" in words_of(page)
    assert re.findall(r'name="function" value="([^"]*)"', text_of(page)) == ["chief"]
    assert ask(jean, None, "chief").url == CHECK
    assert "This is you" in words_of(jean.get(CHECK))
    finish(jean)
    assert ("Jean", "chief") in open_rows(cast.dubois)
    assert not AuditEntry.objects.filter(event="number:looked_up").exists()


@pytest.mark.parametrize(
    ("data", "errors"),
    [
        ({"function": "", "number": ""}, ["Choose a function"]),
        ({"function": "boss"}, ["Choose a function"]),
        ({"number": ""}, ["Enter a national register number"]),
        ({"number": "85.07.30"}, ["The national register number must have 11 digits"]),
        ({"number": "85.07.30-033.29"}, ["Check the number: the digits do not add up"]),
        ({"number": "85.07.30-033.28"}, ["We cannot find anyone with this number. Check it"]),
        ({"start_day": "1", "start_month": "1", "start_year": "2020"}, ["The start date cannot be before today"]),
        ({"until_day": "31"}, ["The end date must include a month and a year"]),
        ({"until_day": "31", "until_month": "2", "until_year": "2090"}, ["Enter a real end date"]),
    ],
)
def test_what_is_wrong_is_said_at_its_field_and_nothing_happens(
    cast: Any, jean: Client, data: dict[str, str], errors: list[str]
) -> None:
    values = {"function": "co_chief", "who": "number", "number": cast.anna.national_number, **data}
    page = jean.post(NEW, values)
    assert errors_of(page) == errors
    assert "new_manager" not in jean.session
    assert written() == ([], [])


def test_the_end_date_is_after_today_and_not_before_the_start(cast: Any, jean: Client) -> None:
    today = timezone.localdate()
    page = ask(jean, cast.anna, "co_chief", **first_day(today, "until"))
    assert errors_of(page)[0].startswith("The end date must be after today, ")
    days = first_day(today + timedelta(days=9), "start") | first_day(today + timedelta(days=8), "until")
    assert errors_of(ask(jean, cast.anna, "co_chief", **days)) == ["The end date cannot be before the start date"]
    # Nobody is looked up while something else is wrong.
    assert not AuditEntry.objects.filter(event="number:looked_up").exists()


def test_what_the_rules_refuse_is_said_at_the_field(cast: Any, jean: Client) -> None:
    assert errors_of(ask(jean, cast.tom, "co_chief")) == [
        "Tom Janssens already has this function: co-chief access manager"
    ]
    assert errors_of(ask(jean, cast.tom, "domain-FINANCE")) == [
        "Tom Janssens is co-chief access manager already: that covers all domains"
    ]
    assert errors_of(ask(jean, cast.carine, "chief")) == [
        "The chief access manager must be an employee or legal representative of Boulangerie Dubois SRL"
    ]
    tomorrow = first_day(timezone.localdate() + timedelta(days=1), "start")
    assert errors_of(ask(jean, cast.tom, "chief", **tomorrow)) == [
        "The next chief access manager must begin today: the present one ends at once"
    ]
    assert written() == ([], [])


@pytest.mark.threat(15)
def test_look_ups_are_limited(cast: Any, jean: Client, settings: Any) -> None:
    settings.NUMBER_LOOKUP_MISSES = 2
    for _try in range(2):
        page = jean.post(NEW, {"function": "co_chief", "who": "number", "number": "85.07.30-033.28"})
        assert errors_of(page) == ["We cannot find anyone with this number. Check it"]
    assert errors_of(ask(jean, cast.anna, "co_chief"))[0].startswith("Too many attempts. Try again ")


@pytest.mark.threat(4)
@pytest.mark.parametrize("who", ["tom", "marie", "anna"])
def test_those_who_appoint_nobody_are_told_who_does(cast: Any, open_as: Any, who: str) -> None:
    client = open_as(getattr(cast, who), acting_for=cast.dubois.key)
    for answer in (client.get(NEW), ask(client, cast.anna, "co_chief")):
        assert answer.status_code == 403
        assert "Only the chief access manager of Boulangerie Dubois SRL appoints and ends the other ones." in words_of(
            answer
        )
        assert "Jean Dubois (chief access manager)" in words_of(answer)
        assert "Tom Janssens (" not in words_of(answer)
    assert written() == ([], [])


@pytest.mark.threat(4)
def test_whoever_asks_to_appoint_the_chief_reads_who_appoints_the_chief(cast: Any, open_as: Any) -> None:
    answer = open_as(cast.marie).get(f"{NEW}?action=chief")
    words = words_of(answer)
    assert answer.status_code == 403
    assert "Only a legal representative of Boulangerie Dubois SRL appoints and ends the chief access manager." in words
    assert "Ask one of these people: Jean Dubois (legal representative)" in words


@pytest.mark.threat(5)
def test_a_right_lost_between_the_pages_does_nothing(cast: Any, jean: Client) -> None:
    ask(jean, cast.anna, "co_chief")
    page = jean.get(CHECK)
    AccessManagerAppointment.objects.filter(person=cast.jean).update(ended_at=timezone.now())
    Employment.objects.filter(person=cast.jean).update(kind="employee")
    answer = jean.post(CHECK, {"once": hidden(page, "once"), "seen": ""})
    assert (answer.status_code, heading_of(answer)) == (403, CANNOT)
    assert written() == ([], [])


def test_pressing_twice_or_coming_back_is_one_act(cast: Any, jean: Client) -> None:
    ask(jean, cast.anna, "co_chief")
    page = jean.get(CHECK)
    form = {"once": hidden(page, "once"), "seen": ""}
    for _press in range(3):
        assert jean.post(CHECK, form).url == LIST
    assert "Nothing was done" in words_of(jean.get(LIST))
    assert jean.get(CHECK).url == LIST
    # Two tabs that were answered alike.
    ask(jean, PersonFactory(), "co_chief")
    assert written() == (["access_manager:appointed"], ["manager_appointed"])


def test_a_tab_that_another_one_overtook_shows_what_is_asked_now(cast: Any, jean: Client) -> None:
    ask(jean, cast.anna, "co_chief")
    old = hidden(jean.get(CHECK), "once")
    ask(jean, cast.marie, "co_chief")
    page = jean.post(CHECK, {"once": old, "seen": ""})
    assert errors_of(page) == ["Something has changed since you opened this page. Check again, then finish"]
    assert "Marie Claes" in words_of(page) and "Anna Peeters" not in words_of(page)
    assert written() == ([], [])
    assert finish(jean).url == LIST
    assert ("Marie", "co_chief") in open_rows(cast.dubois)


def test_another_chief_since_the_page_was_shown_is_said(cast: Any, jean: Client) -> None:
    ask(jean, cast.anna, "chief")
    page = jean.get(CHECK)
    form = {"once": hidden(page, "once"), "seen": hidden(page, "seen")}
    AccessManagerAppointment.objects.filter(person=cast.jean).update(ended_at=timezone.now())
    AppointmentFactory(person=cast.tom, organisation=cast.dubois)
    again = jean.post(CHECK, form)
    assert errors_of(again) == ["Something has changed since you opened this page. Check again, then finish"]
    assert "The function of Tom Janssens as chief access manager ends at once." in words_of(again)
    assert finish(jean).url == LIST
    assert ("Anna", "chief") in open_rows(cast.dubois)


def test_the_answers_come_back_when_something_is_changed(cast: Any, jean: Client) -> None:
    last = timezone.localdate() + timedelta(days=40)
    ask(jean, cast.anna, "co_chief", **first_day(last, "until"))
    text = text_of(jean.get(NEW))
    assert re.search(r'value="co_chief"[^>]* checked', text)
    assert f'name="until_year" value="{last.year}"' in text
    assert cast.anna.national_number not in text


@pytest.mark.asvs(71)
def test_doubled_values_are_refused(cast: Any, jean: Client) -> None:
    assert jean.post(NEW, {"function": ["chief", "co_chief"]}).status_code == 400
    assert jean.post(NEW, {"number": "1\x00"}).status_code == 400
    assert jean.post(end(cast.tom), {"sure": ["yes", "no"]}).status_code == 400


# --- Ending ---


def test_the_chief_ends_a_manager_after_a_question(cast: Any, jean: Client) -> None:
    page = jean.get(end(cast.marie))
    assert heading_of(page) == "End this function?"
    assert "Marie Claes" in words_of(page) and written() == ([], [])
    answer = jean.post(end(cast.marie))
    assert (answer.status_code, answer.url) == (303, LIST)
    assert "Marie Claes no longer has this function" in words_of(jean.get(LIST))
    assert written() == (["access_manager:ended"], ["manager_ended"])
    for late in (jean.get, jean.post):
        assert late(end(cast.marie)).url == LIST
        assert "This function has ended already" in words_of(jean.get(LIST))
    assert written() == (["access_manager:ended"], ["manager_ended"])


def test_giving_up_ones_last_right_is_asked_twice(cast: Any, open_as: Any) -> None:
    marie = open_as(cast.marie)
    page = marie.post(end(cast.marie))
    assert heading_of(page) == "You will no longer be able to assign roles"
    assert "Yes, continue" in words_of(page)
    assert written() == ([], [])
    assert marie.post(end(cast.marie), {"sure": "yes"}).url == LIST
    assert ("Marie", "domain") not in open_rows(cast.dubois)
    assert marie.get("/assignments/").status_code == 403
    assert sorted(OutgoingEmail.objects.values_list("to", flat=True)) == sorted([cast.jean.email, cast.marie.email])


def test_with_another_right_left_once_is_enough(cast: Any, open_as: Any) -> None:
    AppointmentFactory(person=cast.marie, organisation=cast.dubois, kind="co_chief")
    assert open_as(cast.marie).post(end(cast.marie)).status_code == 303


def test_somebody_from_outside_who_gives_up_lands_on_the_tasks(cast: Any, open_as: Any) -> None:
    AppointmentFactory(person=cast.olivier, organisation=cast.dubois, kind="co_chief")
    olivier = open_as(cast.olivier)
    assert olivier.post(end(cast.olivier), {"sure": "yes"}).url == "/"
    assert olivier.get(end(cast.olivier)).url == "/"


@pytest.mark.threat(12)
def test_a_chief_without_a_successor_stays_and_learns_who_can_help(cast: Any, open_as: Any) -> None:
    carine = open_as(cast.carine)
    assert f'href="{end(cast.carine)}"' in text_of(carine.get(LIST))
    for answer in (carine.get(end(cast.carine)), carine.post(end(cast.carine), {"sure": "yes"})):
        assert answer.status_code == 403
        words = words_of(answer)
        assert "Peeters & Fils SA must keep a chief access manager. Appoint another person first" in words
        assert "Ask a legal representative to appoint the next chief access manager." in words
    assert ("Carine", "chief") in open_rows(cast.peeters)
    EmploymentFactory(person=cast.anna, organisation=cast.peeters, kind="legal_representative")
    assert "Anna Peeters (legal representative)" in words_of(carine.get(end(cast.carine)))


def test_a_representative_is_warned_before_leaving_no_chief(cast: Any, jean: Client) -> None:
    page = jean.get(end(cast.jean))
    assert "Boulangerie Dubois SRL is then left without a chief access manager." in words_of(page)
    assert f'href="{NEW}?action=chief"' in text_of(page)
    assert heading_of(jean.post(end(cast.jean))) == "You will no longer be able to assign roles"
    assert jean.post(end(cast.jean), {"sure": "yes"}).status_code == 303
    assert ("Jean", "chief") not in open_rows(cast.dubois)
    assert "Boulangerie Dubois SRL has no chief access manager." in words_of(jean.get(LIST))


@pytest.mark.threat(1)
@pytest.mark.parametrize("who", ["carine", "olivier", "ingrid", "sofie"])
def test_the_appointments_of_others_do_not_exist(cast: Any, open_as: Any, who: str) -> None:
    client = open_as(getattr(cast, who))
    for address in (end(cast.marie), "/access-managers/no-such-key-anywhere00/end/"):
        assert client.get(address).status_code == 404
        assert client.post(address, {"sure": "yes"}).status_code == 404
    assert ("Marie", "domain") in open_rows(cast.dubois)


def test_a_colleague_ends_nobody(cast: Any, open_as: Any) -> None:
    for who in ("tom", "marie", "anna"):
        client = open_as(getattr(cast, who), acting_for=cast.dubois.key)
        for target in {cast.tom, cast.marie, cast.jean} - {getattr(cast, who)}:
            assert client.post(end(target), {"sure": "yes"}).status_code == 403
    assert len(open_rows(cast.dubois)) == 3


def test_without_a_token_nothing_ends(cast: Any, sign_in: Any) -> None:
    strict = sign_in(cast.jean, client=Client(enforce_csrf_checks=True))
    assert strict.post(end(cast.marie)).status_code == 403
    assert ("Marie", "domain") in open_rows(cast.dubois)


# --- Tasks ---


def test_what_waits_stands_in_the_tasks(cast: Any, acting_as: Any, now: Any, django_assert_num_queries: Any) -> None:
    assert manager_tasks(acting_as(cast.jean), now=now) == []
    AccessManagerAppointment.objects.filter(person=cast.marie).update(
        valid_until=timezone.localdate() + timedelta(days=20)
    )
    (task,) = manager_tasks(acting_as(cast.marie), now=now)
    assert task.title.startswith("Your function ends on ") and task.url == LIST
    assert (task.tag, task.hint) == ("Ends in 20 days", "Boulangerie Dubois SRL")
    AccessManagerAppointment.objects.filter(person=cast.jean).update(ended_at=now)
    EmploymentFactory(person=cast.jean, organisation=cast.peeters, kind="legal_representative")
    jean = acting_as(cast.jean, cast.dubois)
    with django_assert_num_queries(1):
        (task,) = manager_tasks(jean, now=now)
    assert (task.title, task.hint, task.url) == (
        "Appoint the chief access manager",
        "Boulangerie Dubois SRL",
        LIST,
    )
    assert manager_tasks(acting_as(cast.olivier), now=now) == []


def test_the_tasks_and_the_help_lead_here(cast: Any, jean: Client, open_as: Any) -> None:
    assert 'href="/access-managers/"' in text_of(jean.get("/"))
    assert 'href="/access-managers/contact/"' in text_of(open_as(cast.anna).get("/"))
    assert 'href="/access-managers/contact/"' in text_of(jean.get("/help/"))
