"""S17: four steps from a button to letters; tabs, double clicks, Back, and drafts of others as in the wizard."""

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

import pytest
from django.test import Client

from outbox.models import OutgoingEmail
from roles.models import AssignmentDraft, Invitation, Role
from tenants.models import AccessManagerAppointment, Person
from tests.conftest import Cast
from tests.roles.invites import NORA, PAUL, invite_draft
from tests.roles.pages import draft_of, errors_of, heading_of, words_of

Open = Callable[..., Client]
Catalogue = dict[str, Role]
pytestmark = pytest.mark.django_db

ENERGY, FINANCE, CYBER = "FLUVIUS_ENERGY_PORTAL_ADMIN", "FIN_FATCA", "CCB_SAFEONWEBATWORK_EDIT"
NOBODY = {"given_name": "", "family_name": "", "email": ""}
TYPED = {"given_name": "Nora", "family_name": "Vandenbroucke", "email": "nora@post.example", "language": "nl"}


def address(draft: AssignmentDraft, step: str, query: str = "") -> str:
    return f"/invitations/new/{draft.key}/{step}/{query}"


def press(browser: Client, draft: AssignmentDraft, step: str, action: str = "", query: str = "", **data: Any) -> Any:
    draft.refresh_from_db(fields=["version"])
    values = {"version": draft.version, **({"action": action} if action else {}), **data}
    return browser.post(address(draft, step, query), values)


def newest() -> AssignmentDraft:
    return AssignmentDraft.objects.latest("id")


def people_of(draft: AssignmentDraft) -> list[str]:
    return [str(row) for row in draft.invitees.all()]


def test_two_people_are_invited_in_four_steps(jean: Client, cast: Cast, catalogue: Catalogue) -> None:
    page = jean.post("/invitations/new/", follow=True)
    draft = newest()
    assert (draft.variant, draft.organisation) == ("invitation", cast.dubois)
    assert heading_of(page) == "Who do you want to invite?"
    assert "Invite a person – step 1 of 4: people" in words_of(page)
    assert press(jean, draft, "people", "add", **TYPED).url == address(draft, "people", "#chosen")
    second = {"given_name": " Paul ", "family_name": "Plumanns", "email": "paul@post.example", "language": "de"}
    step_2 = press(jean, draft, "people", "next", **second)  # what is typed counts as added
    assert step_2.url == address(draft, "roles")
    assert people_of(draft) == ["Nora Vandenbroucke", "Paul Plumanns"]
    page = jean.get(step_2.url)
    assert "For Nora Vandenbroucke, Paul Plumanns – Boulangerie Dubois SRL" in words_of(page)
    step_3 = press(jean, draft, "roles", "next", role=[ENERGY])
    assert step_3.url == address(draft, "properties")
    page = jean.get(step_3.url)
    assert "On the day on which the person accepts" in words_of(page)
    message = "Bienvenue chez nous"
    step_4 = press(jean, draft, "properties", duration="unlimited", start="today", message=message)
    assert step_4.url == address(draft, "review")
    page = jean.get(step_4.url)
    words = words_of(page)
    for piece in (
        "Nothing has been sent yet.",
        "From the day of the answer, no end date",
        message,
        "Nora Vandenbroucke receives an e-mail with a code at nora@post.example, in this language: Nederlands",
        "Paul Plumanns receives an e-mail with a code at paul@post.example, in this language: Deutsch",
        "Each code works once.",
    ):
        assert piece in words
    assert not Invitation.objects.exists()
    done = press(jean, draft, "review", "send")
    assert (done.status_code, done.url) == (303, address(draft, "done"))
    page = jean.get(done.url)
    draft.refresh_from_db()
    assert heading_of(page) == "The invitations are sent"
    assert draft.reference in words_of(page) and words_of(page).count("Sent") >= 2
    assert Invitation.objects.count() == OutgoingEmail.objects.count() == 2


def test_pressing_twice_and_coming_back_lead_to_the_done_page(
    jean: Client, cast: Cast, catalogue: Catalogue, now: datetime
) -> None:
    draft = invite_draft(cast.jean, cast.dubois, [NORA], [catalogue[ENERGY]], now=now)
    version = draft.version
    for _ in range(2):
        answer = jean.post(address(draft, "review"), {"action": "send", "version": version})
        assert answer.url == address(draft, "done")
    assert Invitation.objects.count() == OutgoingEmail.objects.count() == 1
    for step in ("people", "roles", "properties", "review"):
        assert jean.get(address(draft, step)).url == address(draft, "done")
        assert press(jean, draft, step, "next").url == address(draft, "done")


def test_another_tab_was_faster(jean: Client, cast: Cast, catalogue: Catalogue, now: datetime) -> None:
    draft = invite_draft(cast.jean, cast.dubois, [NORA], [catalogue[ENERGY]], now=now)
    old = draft.version
    press(jean, draft, "people", "add", **{**TYPED, "email": "other@post.example"})
    for step, data in (
        ("people", {"action": "add", **TYPED, "email": "third@post.example"}),
        ("roles", {"action": "next", "role": [CYBER]}),
        ("properties", {"duration": "one_year", "start": "today"}),
        ("review", {"action": "send"}),
    ):
        answer = jean.post(address(draft, step), {**data, "version": old})
        assert "This draft changed in another tab. This is the latest version" in words_of(answer)
    draft.refresh_from_db()
    assert draft.duration == "unlimited" and draft.roles.count() == 1 and draft.invitees.count() == 2
    assert not Invitation.objects.exists()


def test_pages_opened_too_early_lead_to_the_first_question(
    jean: Client, cast: Cast, catalogue: Catalogue, now: datetime
) -> None:
    empty = invite_draft(cast.jean, cast.dubois, [], [], now=now, duration="", properties_answered=False)
    half = invite_draft(
        cast.jean, cast.dubois, [NORA], [catalogue[ENERGY]], now=now, duration="", properties_answered=False
    )
    for step in ("roles", "properties", "review"):
        assert jean.get(address(empty, step)).url == address(empty, "people")
    assert press(jean, half, "review", "send").url == address(half, "properties")
    assert jean.get(address(half, "done")).url == address(half, "review")


def test_change_comes_back_to_the_check_page(jean: Client, cast: Cast, catalogue: Catalogue, now: datetime) -> None:
    draft = invite_draft(cast.jean, cast.dubois, [NORA], [catalogue[ENERGY]], now=now)
    answer = press(jean, draft, "people", "next", "?return=review", **NOBODY)
    assert answer.url == address(draft, "review")
    # A new role may ask questions of its own: they are asked before.
    answer = press(jean, draft, "roles", "next", "?return=review", role=[CYBER])
    assert answer.url == address(draft, "properties")


def test_a_draft_can_be_deleted_and_is_then_gone(jean: Client, cast: Cast, catalogue: Catalogue, now: datetime) -> None:
    draft = invite_draft(cast.jean, cast.dubois, [NORA], [catalogue[ENERGY]], now=now)
    assert f"/invitations/new/{draft.key}/review/" in jean.get("/invitations/").content.decode()
    assert press(jean, draft, "review", "delete").url == "/invitations/"
    assert jean.get(address(draft, "review")).status_code == 410
    assert str(draft.key) not in jean.get("/invitations/").content.decode()


# --- People ----------------------------------------------------------------------------------------------------------


@pytest.fixture
def draft(cast: Cast, now: datetime) -> AssignmentDraft:
    """Jean's draft with Nora in it."""
    return invite_draft(cast.jean, cast.dubois, [NORA], [], now=now, duration="", properties_answered=False)


@pytest.mark.parametrize(
    ("wrong", "error"),
    [
        ({"given_name": " "}, "Fill in “First name”"),
        ({"family_name": "\u200b"}, "Fill in “Last name”"),
        ({"family_name": "x" * 101}, "“Last name” can have at most 100 characters"),
        ({"given_name": "85.07.30-033.28"}, "Take the national register number out of the text"),
        ({"family_name": "Plumanns 2"}, "A name has no digits. Take them out"),
        ({"given_name": "Paul \u0663"}, "A name has no digits. Take them out"),
        ({"email": "paul"}, "Enter an e-mail address like name@example.be"),
        ({"email": ""}, "Enter an e-mail address like name@example.be"),
        ({"email": "x" * 250 + "@post.example"}, "Enter an e-mail address like name@example.be"),
        ({"email": "85073003328@post.example"}, "Take the national register number out of the text"),
        ({"email": " NORA@POST.example "}, "Nora Vandenbroucke is already in the list"),
        ({"email": "Jean.Dubois@boulangerie-dubois.example"}, "This is your own address. You cannot invite yourself"),
        ({"language": ""}, "Choose a language"),
        ({"language": "it"}, "Choose a language"),
    ],
)
@pytest.mark.parametrize("action", ["add", "next"])
def test_what_is_wrong_with_a_person_is_said_and_what_was_typed_stays(
    jean: Client, draft: AssignmentDraft, wrong: dict[str, str], error: str, action: str
) -> None:
    typed = {"given_name": "Paul", "family_name": "Plumanns", "email": "paul@post.example", "language": "de", **wrong}
    page = press(jean, draft, "people", action, **typed)
    assert errors_of(page) == [error]
    assert 'value="Paul"' in page.content.decode() or "given_name" in wrong
    assert people_of(draft) == ["Nora Vandenbroucke"]


@pytest.mark.parametrize(
    ("given", "family"), [("Paul 850730", "03328 Plumanns"), ("850730", "033 28"), ("8507", "30.033-28")]
)
def test_a_number_cut_in_two_names_is_refused_at_both(
    jean: Client, draft: AssignmentDraft, given: str, family: str
) -> None:
    typed = {"given_name": given, "family_name": family, "email": "paul@post.example", "language": "de"}
    page = press(jean, draft, "people", "next", **typed)
    assert page.status_code == 200
    assert errors_of(page) == ["Take the national register number out of the text"] * 2
    assert f'value="{given}"' in page.content.decode() and f'value="{family}"' in page.content.decode()
    assert people_of(draft) == ["Nora Vandenbroucke"]


def test_nobody_at_all_is_asked_for(jean: Client, cast: Cast, now: datetime) -> None:
    empty = invite_draft(cast.jean, cast.dubois, [], [], now=now, duration="", properties_answered=False)
    page = press(jean, empty, "people", "next", **NOBODY)
    assert errors_of(page) == [
        "Fill in “First name”",
        "Fill in “Last name”",
        "Enter an e-mail address like name@example.be",
        "Choose a language",
    ]


def test_a_person_can_be_taken_off_the_list_but_not_off_somebody_elses(
    jean: Client, draft: AssignmentDraft, cast: Cast, now: datetime
) -> None:
    others = invite_draft(cast.tom, cast.dubois, [PAUL], [], now=now)
    assert press(jean, draft, "people", remove=others.invitees.get().pk).status_code == 303
    assert people_of(others) == ["Paul Plumanns"]
    assert press(jean, draft, "people", remove=draft.invitees.get().pk).url.endswith("#chosen")
    assert people_of(draft) == []


def test_twenty_people_at_once_and_no_more(jean: Client, draft: AssignmentDraft) -> None:
    for number in range(19):
        press(jean, draft, "people", "add", **{**TYPED, "email": f"person{number}@post.example"})
    page = press(jean, draft, "people", "add", **{**TYPED, "email": "late@post.example"})
    assert errors_of(page) == ["You can invite 20 people at once. Send these invitations first"]
    assert draft.invitees.count() == 20


def test_whether_the_portal_knows_an_address_is_not_told(
    jean: Client, draft: AssignmentDraft, cast: Cast, catalogue: Catalogue
) -> None:
    known = {"given_name": "Anna", "family_name": "Peeters", "email": cast.anna.email, "language": "nl"}
    unknown = {**known, "email": "nobody@post.example"}
    pages = []
    for typed in (known, unknown):
        answer = press(jean, draft, "people", "add", **typed)
        page = jean.get(answer.url)
        pages.append(words_of(page).replace(typed["email"], "…"))
        press(jean, draft, "people", remove=draft.invitees.latest("id").pk)
    assert pages[0] == pages[1]


# --- Roles, properties, check ----------------------------------------------------------------------------------------


def test_roles_of_another_domain_are_named_with_the_reason_and_not_taken(
    cast: Cast, catalogue: Catalogue, open_as: Open, now: datetime
) -> None:
    marie = open_as(cast.marie)
    draft = invite_draft(cast.marie, cast.dubois, [NORA], [], now=now)
    assert "Roles that you cannot assign" in words_of(marie.get(address(draft, "roles")))
    page = press(marie, draft, "roles", "next", role=[ENERGY])
    assert errors_of(page) != [] and draft.roles.count() == 0
    assert errors_of(press(marie, draft, "roles", "next")) == ["Choose at least one role"]


def test_the_message_and_the_dates_are_checked(jean: Client, cast: Cast, catalogue: Catalogue, now: datetime) -> None:
    draft = invite_draft(cast.jean, cast.dubois, [NORA], [catalogue[ENERGY]], now=now)
    page = press(jean, draft, "properties", message="85.07.30-033.28")
    assert "Take the national register number out of the text" in errors_of(page)
    assert "Choose unlimited or limited duration" in errors_of(page)
    page = press(jean, draft, "properties", duration="unlimited", start="today", message="x" * 301)
    assert errors_of(page) == ["“Message to these people” can have at most 300 characters"]
    page = press(jean, draft, "properties", duration="until", start="today")
    assert errors_of(page) == ["Enter an end date"]


@pytest.mark.threat(5)
def test_a_right_lost_before_the_last_press_is_a_page_that_says_so(
    jean: Client, cast: Cast, catalogue: Catalogue, now: datetime
) -> None:
    draft = invite_draft(cast.jean, cast.dubois, [NORA], [catalogue[ENERGY]], now=now)
    AccessManagerAppointment.objects.filter(person=cast.jean).update(ended_at=now)
    answer = press(jean, draft, "review", "send")
    assert answer.status_code == 403
    assert "You are not an access manager for Boulangerie Dubois SRL." in words_of(answer)
    assert not Invitation.objects.exists()


def test_a_role_withdrawn_before_the_last_press_is_said_on_the_check_page(
    jean: Client, cast: Cast, catalogue: Catalogue, now: datetime
) -> None:
    draft = invite_draft(cast.jean, cast.dubois, [NORA], [catalogue[ENERGY]], now=now)
    Role.objects.filter(code=ENERGY).update(is_assignable=False)
    page = press(jean, draft, "review", "send")
    name = catalogue[ENERGY].name_in("en")
    assert errors_of(page) == [f"{name} is no longer available. Remove this role"]
    assert not Invitation.objects.exists()


@pytest.mark.asvs(15)
def test_the_day_has_an_end(jean: Client, cast: Cast, catalogue: Catalogue, now: datetime, settings: Any) -> None:
    settings.INVITATION_QUOTA = 1
    answers = []
    for person in (NORA, PAUL):
        draft = invite_draft(cast.jean, cast.dubois, [person], [catalogue[ENERGY]], now=now)
        answers.append(press(jean, draft, "review", "send"))
    assert [answer.status_code for answer in answers] == [303, 429]
    assert "Too many attempts. Try again" in words_of(answers[1])
    assert Invitation.objects.count() == 1


# --- Whose draft -----------------------------------------------------------------------------------------------------


@pytest.mark.threat(1)
def test_the_draft_of_another_does_not_exist_nor_does_one_of_another_kind(
    jean: Client, cast: Cast, catalogue: Catalogue, open_as: Open, now: datetime
) -> None:
    of_tom = invite_draft(cast.tom, cast.dubois, [NORA], [catalogue[ENERGY]], now=now)
    wizard = draft_of(cast.jean, persons=[cast.anna], organisation=cast.dubois, now=now)
    mine = invite_draft(cast.jean, cast.dubois, [NORA], [catalogue[ENERGY]], now=now)
    for step in ("people", "roles", "properties", "review", "done"):
        assert jean.get(address(of_tom, step)).status_code == 404
        assert jean.get(address(wizard, step)).status_code == 404
    for step in ("persons", "roles", "properties", "review", "done"):
        assert jean.get(f"/assignments/new/{mine.key}/{step}/").status_code == 404


def test_only_access_managers_begin_and_a_weak_key_is_told_which_one_it_needs(
    cast: Cast, open_as: Open, catalogue: Catalogue
) -> None:
    for person in (cast.anna, cast.olivier, cast.sofie):
        assert open_as(person).post("/invitations/new/").status_code == 403
    weak = open_as(cast.jean, level=300).post("/invitations/new/")
    assert weak.status_code == 403 and "Sign in with one of these keys" in words_of(weak)
    assert not AssignmentDraft.objects.exists()


def test_the_wizard_leads_here_where_it_finds_nobody(
    jean: Client, cast: Cast, catalogue: Catalogue, now: datetime
) -> None:
    by_name = draft_of(cast.jean, person_query="zzzzzz", now=now)
    page = jean.get(f"/assignments/new/{by_name.key}/persons/")
    assert 'formaction="/invitations/new/"' in page.content.decode() and "Invite the person" in words_of(page)
    by_number = draft_of(cast.jean, variant="number", now=now)
    shown = jean.get(f"/assignments/new/{by_number.key}/number/")
    assert "formaction" not in shown.content.decode()
    answer = jean.post(
        f"/assignments/new/{by_number.key}/number/", {"action": "add", "version": 1, "number": "85.07.30-033.28"}
    )
    assert 'formaction="/invitations/new/"' in answer.content.decode()
    # The whole form of the wizard arrives with the button.
    begun = jean.post("/invitations/new/", {"version": 1, "q": "zzzzzz", "number": "85.07.30-033.28"})
    assert begun.url == address(newest(), "people")
    assert "85.07.30" not in str(AssignmentDraft.objects.values())


def test_the_neighbour_draws_no_profit_from_a_known_address(cast: Cast, now: datetime, open_as: Open) -> None:
    """The list of a draft keeps what its owner typed, and the person of that address is not looked up."""
    draft = invite_draft(cast.carine, cast.peeters, [], [], now=now)
    typed = {"given_name": "X", "family_name": "Y", "email": cast.anna.email, "language": "fr"}
    press(open_as(cast.carine), draft, "people", "add", **typed)
    assert people_of(draft) == ["X Y"]
    assert Person.objects.get(pk=cast.anna.pk).full_name not in words_of(
        open_as(cast.carine).get(address(draft, "people"))
    )


def test_a_start_date_in_the_future_is_kept(jean: Client, cast: Cast, catalogue: Catalogue, now: datetime) -> None:
    draft = invite_draft(cast.jean, cast.dubois, [NORA], [catalogue[ENERGY]], now=now)
    day = (now + timedelta(days=40)).date()
    starting = {"starting_day": day.day, "starting_month": day.month, "starting_year": day.year}
    press(jean, draft, "properties", duration="unlimited", start="date", **starting)
    press(jean, draft, "review", "send")
    assert Invitation.objects.get().valid_from == day
