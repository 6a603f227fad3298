"""Help, accessibility, privacy, and the pages for what went wrong."""

import re

import pytest
from django.template.loader import get_template
from django.test import Client, RequestFactory
from django.utils import translation

from rolemgmt.static_pages import role_catalogue
from roles.models import OnlineService, Role
from tenants.models import Domain


def add_role(code: str, owner: str, *, is_assignable: bool = True) -> Role:
    domain, _made = Domain.objects.get_or_create(code="test", defaults={"name_en": "Test"})
    service = OnlineService.objects.create(code=code.lower(), name_en=f"Service {code}", owner_en=owner, domain=domain)
    role = Role.objects.create(
        code=code, name_en=f"Role {code}", description_en=f"Does {code}", domain=domain, is_assignable=is_assignable
    )
    role.services.add(service)
    return role


@pytest.fixture
def empty_catalogue(db):
    Role.objects.all().delete()
    OnlineService.objects.all().delete()


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("path", "heading"),
    [("/help/", "Help"), ("/accessibility/", "Accessibility statement"), ("/privacy/", "Privacy")],
)
def test_everybody_can_read_them_without_signing_in(client, path, heading):
    response = client.get(path, headers={"Accept-Language": "en"})
    page = response.content.decode()
    assert response.status_code == 200
    assert re.findall(r"<h1>(.*?)</h1>", page) == [heading]
    assert f"<title>{heading} – " in page
    assert client.post(path).status_code == 405


@pytest.mark.django_db
def test_help_answers_twelve_questions_and_names_the_anchors_other_pages_link_to(client):
    page = client.get("/help/", headers={"Accept-Language": "en"}).content.decode()
    anchors = re.findall(r'<h2 id="([a-z-]+)" tabindex="-1">', page)
    assert len(anchors) == 13  # the contact, too
    assert {"access-manager", "not-active", "ask", "change", "invitation", "history", "keys", "contact"} <= set(anchors)
    assert re.findall(r'<a href="#([a-z-]+)">', page[page.index("<main") :]) == anchors


@pytest.mark.usefixtures("empty_catalogue")
def test_the_catalogue_lists_assignable_roles_by_owner_each_with_its_way_in(client):
    add_role("B_SECOND", "Owner A")
    add_role("A_FIRST", "Owner A")
    add_role("C_THIRD", "Élan")
    add_role("D_HIDDEN", "Owner A", is_assignable=False)
    with translation.override("en"):
        found = [(group.owner, [role.code for role in group.roles]) for group in role_catalogue()]
    assert found == [("Élan", ["C_THIRD"]), ("Owner A", ["A_FIRST", "B_SECOND"])]
    page = client.get("/help/", headers={"Accept-Language": "en"}).content.decode()
    assert 'href="/assignments/new/?role=A_FIRST"' in page
    assert "D_HIDDEN" not in page


@pytest.mark.usefixtures("empty_catalogue")
def test_help_asks_as_much_of_the_database_for_two_roles_as_for_twenty(django_assert_num_queries):
    for number in range(2):
        add_role(f"ROLE_{number}", f"Owner {number}")
    with django_assert_num_queries(2):
        role_catalogue()
    for number in range(2, 20):
        add_role(f"ROLE_{number}", f"Owner {number}")
    with django_assert_num_queries(2):
        role_catalogue()


@pytest.mark.usefixtures("empty_catalogue")
def test_an_empty_catalogue_is_a_sentence(client):
    page = client.get("/help/", headers={"Accept-Language": "en"}).content.decode()
    assert "There is no role in the catalogue yet." in page


@pytest.mark.django_db
def test_the_statement_carries_its_date_and_its_standard(client):
    page = client.get("/accessibility/", headers={"Accept-Language": "en"}).content.decode()
    assert "21 November 2026" in page
    assert "EN 301 549" in page
    assert "partially conformant" in page


@pytest.mark.django_db
def test_privacy_names_invited_people_reasons_and_who_reads_them(client):
    page = client.get("/privacy/", headers={"Accept-Language": "en"}).content.decode()
    for words in (
        "Of a person who is invited: the name, language and e-mail address",
        "The reasons and messages that people write",
        "read its history with the reasons that were given",
        "they receive your name and e-mail address",
        "“My activity”, in your profile, shows you what others did about you",
    ):
        assert words in page


@pytest.mark.django_db
def test_an_unknown_address_is_a_page_with_a_way_on(client):
    response = client.get("/no-such-page/", headers={"Accept-Language": "en"})
    page = response.content.decode()
    assert response.status_code == 404
    assert "<h1>Page not found</h1>" in page
    assert '<a href="/">My open tasks</a>' in page


@pytest.mark.django_db
def test_a_form_of_another_session_is_told_so_and_choices_are_kept():
    response = Client(enforce_csrf_checks=True).post("/logout/", headers={"Accept-Language": "en"})
    page = response.content.decode()
    assert response.status_code == 403
    assert "<h1>This page was open too long. Reload it and try again</h1>" in page
    assert "The choices in your draft are kept." in page


def test_a_draft_that_is_gone_says_how_long_drafts_live(settings):
    settings.DRAFT_HOURS = 24
    request = RequestFactory().get("/")
    request.acting = None
    with translation.override("en"):
        page = get_template("410.html").render({"portal_languages": []}, request)
    assert "Drafts are kept for 24 hours." in page


@pytest.mark.parametrize("name", ["400.html", "500.html", "503.html"])
def test_pages_without_database_say_it_in_four_languages_and_load_nothing_that_a_release_renames(name):
    page = get_template(name).render({})
    assert re.findall(r'<div lang="(\w+)">', page) == ["fr", "nl", "de", "en"]
    assert page.count("<h1") == 1
    assert set(re.findall(r'(?:href|src)="([^"]+)"', page)) == {"/", "/static/favicon.svg", "/static/css/portal.css"}
    assert "{{" not in page
    assert "Référence" not in page
    # Who sent something unreadable mends it alone; anything else can be told with its reference.
    assert ("abc123" in get_template(name).render({"reference": "abc123"})) is (name != "400.html")
