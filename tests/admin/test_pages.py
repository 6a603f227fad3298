"""Every page of every model opens for the admin, in four languages, masks numbers and counts no large table."""

import re
from datetime import timedelta
from typing import Any

import pytest
from django.contrib import admin
from django.contrib.auth.models import Group
from django.contrib.sessions.backends.db import SessionStore
from django.db import connection
from django.db.models import Model
from django.test import Client
from django.test.utils import CaptureQueriesContext

from audit.record import record
from csam.models import AddressChange, AppKey, LoginTicket, MailCode, OpenSession, PhoneRequest
from csam.operations import hash_secret
from outbox.models import OutgoingEmail
from roles.models import AssignmentDraft, DraftInvitee, DraftPerson, DraftRole, Role
from tenants.models import Organisation, Person
from tests.admin.pages import address, name_of, own_models, page_of
from tests.admin_reader import request_to
from tests.factories import RequestFactory
from tests.fas.rows import one_of_each
from tests.roles.invites import an_invitation
from vault import throttle
from vault.numbers import holds_national_number

LANGUAGES = ["fr", "nl", "de", "en"]
COUNT = re.compile(r"\bCOUNT\s*\(", re.IGNORECASE)


def counts(queries: CaptureQueriesContext) -> list[str]:
    return [query["sql"] for query in queries.captured_queries if COUNT.search(query["sql"])]


def newest_row(model: type[Model]) -> Any:
    return model._default_manager.order_by("-pk").first()


@pytest.fixture
def everything(sofie_in_demo: Client, now: Any) -> Client:
    """The demonstration, and a row of what people leave behind when they use it."""
    person = Person.objects.get(given_name="Anna", family_name="Peeters")
    draft = AssignmentDraft.objects.create(owner=person, created_at=now, updated_at=now)
    DraftPerson.objects.create(draft=draft, person=person)
    DraftRole.objects.create(draft=draft, role=Role.objects.first())
    RequestFactory(role=Role.objects.all()[0], organisation=Organisation.objects.all()[0], requester=person)
    DraftInvitee.objects.create(
        draft=draft, given_name="Nora", family_name="Mertens", email="nora@post.example", language="nl"
    )
    an_invitation(person, now=now)
    ticket = LoginTicket.objects.create(
        secret_hash=hash_secret("x"), key_name="email", created_at=now, expires_at=now + timedelta(minutes=10)
    )
    MailCode.objects.create(
        ticket=ticket,
        address="anna@post.example",
        person=person,
        code_hash="argon2$x",
        sent_at=now,
        expires_at=now + timedelta(minutes=10),
    )
    later = now + timedelta(minutes=3)
    PhoneRequest.objects.create(
        ticket=ticket, register_key="x", number=17, choices=[17, 18, 19], sent_at=now, expires_at=later
    )
    AppKey.objects.filter(person=person).delete()
    AppKey.objects.create(person=person, secret="JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP", created_at=now)
    AddressChange.objects.create(
        person=person, address="anna@new.example", code_hash="argon2$x", sent_at=now, expires_at=later
    )
    one_of_each(person, now=now)
    session = SessionStore()
    session.create()
    OpenSession.objects.create(user=person.user, session_id=session.session_key, device="Firefox", opened_at=now)
    throttle.take("person_search", person.key, limit=3, per=timedelta(hours=1), now=now)
    record("test:done", actor=person, subject=person, now=now)
    OutgoingEmail.objects.create(
        name="role_given", to="anna@post.example", language="nl", not_before=now, created_at=now, message_id="<1@x>"
    )
    group = Group.objects.create(name="Helpdesk")
    sofie_in_demo.post(address(Group, "change", group.pk), {"name": "Front desk", "permissions": []})
    return sofie_in_demo


def test_every_model_is_registered() -> None:
    missing = [name_of(model) for model in own_models() if not admin.site.is_registered(model)]
    assert missing == []


def test_every_page_opens_and_none_counts_or_shows_a_number(everything: Client) -> None:
    """One long test: the demonstration is seeded once for all pages."""
    digits = {person.national_number for person in Person.objects.all()}
    for model in own_models():
        name, page, row = name_of(model), page_of(model), newest_row(model)
        assert row is not None, name
        addresses = {
            "list": address(model),
            "search": address(model) + "?q=dubois",
            "change": address(model, "change", row.pk),
            "history": address(model, "history", row.pk),
        }
        if _may_add(page):
            addresses["add"] = address(model, "add")
        else:
            assert everything.get(address(model, "add")).status_code == 403, name
        for kind, where in addresses.items():
            with CaptureQueriesContext(connection) as queries:
                answer = everything.get(where)
            assert answer.status_code == 200, (name, kind)
            assert counts(queries) == [], (name, kind)
            text = answer.content.decode()
            assert not [number for number in digits if number in text], (name, kind)
            visible = re.sub(r"<[^>]+>", " ", text)
            # The ids of requests are random: in one of forty some eleven digits pass for a number.
            visible = re.sub(r"\b[0-9a-f]{32}\b", " ", visible)
            assert not holds_national_number(visible), (name, kind)


def _may_add(page: Any) -> bool:
    request = request_to()
    request.user.is_superuser = True  # type: ignore[union-attr]
    return bool(page.has_add_permission(request))


def test_every_list_and_page_opens_in_every_language(everything: Client) -> None:
    # The two databases share the languages out.
    for language in LANGUAGES[connection.vendor == "sqlite" :: 2]:
        everything.cookies["language"] = language
        for model in own_models():
            for where in (address(model), address(model, "change", newest_row(model).pk)):
                answer = everything.get(where)
                assert answer.status_code == 200, (language, where)
                assert f'<html lang="{language}"' in answer.content.decode()


def test_the_language_is_that_of_the_person(everything: Client) -> None:
    assert '<html lang="nl"' in everything.get("/admin/").content.decode()


def test_lists_have_the_same_number_of_queries_however_long_they_are(everything: Client) -> None:
    for model in own_models():
        page, where = page_of(model), address(model)
        sizes = []
        everything.get(where)  # what Django remembers of kinds of content is remembered now
        for rows in (2, 40):
            page.list_per_page, before = rows, page.list_per_page
            try:
                with CaptureQueriesContext(connection) as queries:
                    assert everything.get(where).status_code == 200
            finally:
                page.list_per_page = before
            sizes.append(len(queries))
        assert sizes[0] == sizes[1], name_of(model)


def test_chosen_things_are_found_while_typing_without_counting(everything: Client) -> None:
    for field, term, found in (("person", "peeters", "Anna Peeters"), ("organisation", "dubois", "Boulangerie Dubois")):
        where = "/admin/autocomplete/?app_label=tenants&model_name=employment&field_name=" + field
        with CaptureQueriesContext(connection) as queries:
            answer = everything.get(f"{where}&term={term}")
        assert answer.status_code == 200
        assert any(found in row["text"] for row in answer.json()["results"])
        assert counts(queries) == []


FOUND = [
    ("tenants/person", "peeters", "Anna Peeters"),
    ("tenants/person", "anna peeters", "Anna Peeters"),
    ("tenants/person", "boulangerie dubois", "Jean Dubois"),
    ("tenants/organisation", "0999.999.922", "Boulangerie Dubois"),
    ("tenants/organisation", "dubois", "Boulangerie Dubois"),
    ("tenants/organisationnamekey", "dubois", "Boulangerie Dubois"),
    ("tenants/registeredperson", "peeters", "Anna Peeters"),
    ("tenants/employment", "anna peeters", "Anna Peeters"),
    ("tenants/accessmanagerappointment", "janssens", "Tom Janssens"),
    ("csam/user", "de smet", "Sofie De Smet"),
    ("csam/mailcode", "anna peeters", "Anna Peeters"),
    ("roles/role", "energie", "FLUVIUS_ENERGY_PORTAL_ADMIN"),
    ("roles/roleassignment", "0999999922", "Boulangerie Dubois"),
]


def test_what_is_searched_is_found(everything: Client) -> None:
    for where, words, found in FOUND:
        with CaptureQueriesContext(connection) as queries:
            page = everything.get(f"/admin/{where}/", {"q": words})
        rows = re.search(r'<table id="result_list">.*</table>', page.content.decode(), re.DOTALL)
        assert rows is not None, (where, words)
        assert found in rows[0], (where, words)
        assert counts(queries) == []


def test_a_search_for_nothing_known_is_empty(sofie_in_demo: Client) -> None:
    for where in ("tenants/person", "tenants/organisation", "roles/roleassignment", "csam/user"):
        page = sofie_in_demo.get(f"/admin/{where}/", {"q": "%'\" xyzzy"})
        assert list(page.context["cl"].result_list) == []


def test_a_person_who_is_switched_off_is_still_found(sofie: Client, cast: Any) -> None:
    Person.objects.filter(pk=cast.anna.pk).update(is_active=False)
    for words in ("peeters", "anna peeters", cast.anna.key, cast.anna.email):
        found = sofie.get("/admin/tenants/person/", {"q": words}).context["cl"].result_list
        assert cast.anna in list(found), words
