"""Higher levels and fresh sign-ins: which keys reach them, and back to the same place with nothing lost."""

from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from csam.models import AppKey, LoginTicket
from roles.models import AssignmentDraft, Role
from tenants.models import Person, RegisteredPerson
from tenants.requirements import requirement_of_path
from tests.conftest import Cast
from tests.csam.flows import ask_code, begin, card_of, code_of, insert_card, sign_in_with_card
from tests.roles.pages import draft_of

EID, ITSME, EMAIL, APP = (f'action="/login/{key}/"' for key in ("eid", "itsme", "email", "app"))


def give_app(person: Person) -> None:
    """Let a person have a code via app."""
    now = timezone.now()
    AppKey.objects.create(person=person, secret="JBSWY3DP" * 4, created_at=now, activated_at=now, last_step=1)


def english(client: Client) -> Client:
    client.cookies["language"] = "en"
    return client


@pytest.mark.parametrize(
    ("path", "level", "fresh"),
    [
        ("/", 0, False),
        ("/my-roles/", 0, False),
        ("/profile/", 0, False),
        ("/assignments/", 400, False),
        ("/assignments/new/?role=X", 400, False),
        ("/assignments/new/00000000-0000-0000-0000-000000000007/review/", 400, False),
        ("/profile/email/", 400, True),
        ("/profile/app/", 450, True),
        ("/admin/", 450, False),
        ("/admin/csam/user/", 450, False),
        ("/no/such/page/", 0, False),
    ],
)
def test_every_page_declares_what_it_asks(path: str, level: int, fresh: bool) -> None:
    need = requirement_of_path(path)
    assert (need.level, need.fresh) == (level, fresh)


def test_what_a_manager_needs_depends_on_the_setting(settings: Any) -> None:
    settings.REQUIRE_STEP_UP_TO_MANAGE = False
    assert requirement_of_path("/assignments/").level == 300


@pytest.mark.asvs(35)
def test_a_refused_page_names_the_keys_that_reach_it_and_leads_back(cast: Cast, catalogue: Any, sign_in: Any) -> None:
    jean = english(sign_in(cast.jean, level=300))
    page = jean.get("/assignments/").content.decode()
    assert "Sign in with one of these keys: eID with card reader, itsme. You come back to this page." in page
    assert APP not in jean.get("/login/?next=/assignments/").content.decode()  # activating it takes a higher key
    give_app(cast.jean)
    page = jean.get("/assignments/").content.decode()
    assert "Sign in with one of these keys: eID with card reader, itsme, Security code via mobile app" in page
    assert "/login/?next=/assignments/" in page
    assert "Your draft is kept" not in jean.get("/assignments/new/").content.decode()  # there is none yet
    page = jean.get("/login/?next=/assignments/").content.decode()
    assert EID in page and ITSME in page and APP in page and EMAIL not in page
    assert "needs a key of a higher level" in page


def test_the_administration_asks_for_eid_or_itsme(cast: Cast, sign_in: Any) -> None:
    sofie = english(sign_in(cast.sofie, level=400))
    assert sofie.get("/admin/").url == "/login/?next=/admin/"
    page = sofie.get("/login/?next=/admin/").content.decode()
    assert EID in page and ITSME in page and APP not in page


def test_the_draft_is_intact_after_a_step_up_in_the_middle_of_the_wizard(
    cast: Cast, catalogue: dict[str, Role], client: Client
) -> None:
    chosen = catalogue["CCB_SAFEONWEBATWORK_EDIT"]
    draft = draft_of(cast.jean, persons=[cast.anna], organisation=cast.dubois, roles=[chosen], now=timezone.now())
    path = f"/assignments/new/{draft.key}/properties/"
    ask_code(client, cast.jean.email)
    client.post("/idp/email/code/", {"code": code_of()})
    client.get("/login/return/")
    english(client)
    # A press of a button is refused, with the way back to this very page.
    answer = client.post(path, {"version": draft.version, "action": "next"})
    assert answer.status_code == 403
    assert f"/login/?next={path}" in answer.content.decode()
    assert "Your draft is kept" in answer.content.decode()
    assert sign_in_with_card(client, card_of(cast.jean), path).url == path
    page = client.get(path)
    assert page.status_code == 200
    assert "Anna Peeters" in page.content.decode()
    kept = AssignmentDraft.objects.get(pk=draft.pk)
    assert kept.version == draft.version
    assert [role.pk for role in kept.roles.all()] == [chosen.pk]


def test_a_role_that_asks_for_more_says_so_and_leads_there(
    cast: Cast, catalogue: dict[str, Role], sign_in: Any
) -> None:
    role = catalogue["CCB_SAFEONWEBATWORK_EDIT"]
    Role.objects.filter(pk=role.pk).update(minimum_level=500)
    draft = draft_of(cast.jean, persons=[cast.anna], organisation=cast.dubois, roles=[], now=timezone.now())
    jean = english(sign_in(cast.jean, level=400))
    path = f"/assignments/new/{draft.key}/roles/"
    page = jean.get(path).content.decode()
    assert f"/login/high/?next={path}" in page
    page = jean.get(f"/login/high/?next={path}").content.decode()
    assert EID in page and ITSME in page and APP not in page
    assert 'name="high" value="1"' in page


def test_a_fresh_sign_in_comes_back_and_opens_the_page(client: Client, card: RegisteredPerson) -> None:
    sign_in_with_card(client, card)
    session = client.session
    session["proved_at"] = (timezone.now() - timedelta(minutes=6)).isoformat()
    session.save()
    before = client.session.session_key
    assert client.get("/profile/email/").status_code == 403
    page = english(client).get("/login/?next=/profile/email/").content.decode()
    assert "opens only shortly after a sign-in" in page
    assert sign_in_with_card(client, card, "/profile/email/").url == "/profile/email/"
    assert LoginTicket.objects.latest("id").purpose == "fresh"
    assert client.get("/profile/email/").status_code == 200
    assert client.session.session_key != before
    assert not client.session.exists(before)
    # Shown lately: the login page has nothing to ask.
    assert client.get("/login/?next=/profile/email/").url == "/profile/email/"


def test_a_key_that_does_not_reach_the_page_starts_nothing(client: Client, chief: Person) -> None:
    ask_code(client, chief.email)
    client.post("/idp/email/code/", {"code": code_of()})
    client.get("/login/return/")
    count = LoginTicket.objects.count()
    assert begin(client, "email", "/profile/app/").status_code == 200
    assert begin(client, "app", "/profile/app/").status_code == 200
    assert LoginTicket.objects.count() == count


def test_somebody_else_who_steps_up_is_told_and_does_not_land_on_the_others_page(
    client: Client, card: RegisteredPerson, cast: Cast
) -> None:
    sign_in_with_card(client, card)
    session = client.session
    session["level"] = 300
    session.save()
    begin(client, "eid", "/profile/email/?next=/my-roles/")
    insert_card(client, card_of(cast.olivier))
    assert client.get("/login/return/").url == "/"
    assert "You are now signed in as Olivier Lambert" in english(client).get("/my-roles/").content.decode()


def test_a_ticket_below_what_was_asked_is_refused(client: Client, card: RegisteredPerson) -> None:
    begin(client, "eid", "/assignments/")
    insert_card(client, card)
    LoginTicket.objects.update(minimum_level=501)
    answer = client.get("/login/return/")
    assert answer.status_code == 400
    assert "This key does not prove well enough who you are" in answer.content.decode()
    assert "_auth_user_id" not in client.session
