"""Who gets into the administration: staff with an eID, and nobody else. For everybody else it does not exist."""

from collections.abc import Callable
from urllib.parse import quote

import pytest
from django.test import Client
from django.urls import NoReverseMatch, get_resolver, reverse

from csam.models import User
from tenants.models import Organisation
from tests.conftest import HIGH, LOW, SUBSTANTIAL, Cast

ADDRESSES = [
    "/admin/",
    "/admin/tenants/",
    "/admin/tenants/organisation/",
    "/admin/tenants/organisation/add/",
    "/admin/tenants/person/number/",
    "/admin/tenants/accessmanagerappointment/1/end/",
    "/admin/audit/auditentry/1/change/",
    "/admin/roles/role/1/history/",
    "/admin/jsi18n/",
    "/admin/autocomplete/?app_label=tenants&model_name=employment&field_name=person",
    "/admin/r/1/1/",
    "/admin/no-such-page/",
]
PASSWORD_PAGES = ["/admin/login/", "/admin/logout/", "/admin/password_change/", "/admin/password_change/done/"]
OTHERS = ["jean", "tom", "marie", "anna", "carine", "ingrid", "klaus", "olivier"]
SignIn = Callable[..., Client]


@pytest.mark.threat(23)
@pytest.mark.parametrize("address", [*ADDRESSES, *PASSWORD_PAGES])
def test_signed_out_it_leads_to_the_login_page(db: None, client: Client, address: str) -> None:
    answer = client.get(address)
    assert answer.status_code == 302
    assert answer.url == f"/login/?next={quote(address)}"  # type: ignore[attr-defined]


@pytest.mark.threat(23)
@pytest.mark.parametrize("name", OTHERS)
def test_for_everybody_but_staff_it_does_not_exist(cast: Cast, sign_in: SignIn, name: str) -> None:
    browser = sign_in(getattr(cast, name))
    absent = browser.get("/no-such-page/")
    for address in (*ADDRESSES, *PASSWORD_PAGES):
        answer = browser.get(address)
        assert answer.status_code == 404, address
        assert "administration" not in answer.content.decode().lower()
        assert [template.name for template in answer.templates] == [template.name for template in absent.templates]
        assert browser.post(address).status_code == 404, address


@pytest.mark.threat(23)
@pytest.mark.asvs(35)
@pytest.mark.parametrize("level", [LOW, SUBSTANTIAL])
def test_staff_with_a_lower_key_are_asked_for_a_higher_one(cast: Cast, sign_in: SignIn, level: int) -> None:
    browser = sign_in(cast.sofie, level)
    for address in ("/admin/", "/admin/tenants/person/"):
        answer = browser.get(address)
        assert answer.status_code == 302
        assert answer.url == f"/login/?next={address}"  # type: ignore[attr-defined]
    login = browser.get("/login/?next=/admin/")
    assert login.status_code == 200
    assert "/login/eid/" in login.content.decode()


@pytest.mark.parametrize("level", [450, HIGH])
def test_staff_with_a_high_key_get_in(cast: Cast, sign_in: SignIn, level: int) -> None:
    assert sign_in(cast.sofie, level).get("/admin/").status_code == 200


def test_staff_who_were_switched_off_are_out_at_once(cast: Cast, sofie: Client) -> None:
    assert sofie.get("/admin/").status_code == 200
    User.objects.filter(person=cast.sofie).update(is_active=False)
    assert sofie.get("/admin/").status_code == 403  # "your session has ended"
    assert sofie.get("/admin/").status_code == 302


def test_staff_whose_right_was_taken_find_nothing(cast: Cast, sofie: Client) -> None:
    User.objects.filter(person=cast.sofie).update(is_staff=False, is_superuser=False)
    assert sofie.get("/admin/").status_code == 404


def test_staff_without_permissions_see_an_empty_start_page(cast: Cast, sign_in: SignIn) -> None:
    User.objects.filter(person=cast.anna).update(is_staff=True)
    browser = sign_in(cast.anna)
    page = browser.get("/admin/")
    assert page.status_code == 200
    assert page.context["app_list"] == []
    for address in ("/admin/tenants/person/", "/admin/tenants/person/number/", "/admin/audit/auditentry/"):
        assert browser.get(address).status_code == 403
    assert browser.post("/admin/tenants/person/number/", {"number": "85073003328"}).status_code == 403


def test_there_is_no_page_with_a_password() -> None:
    names = {"login", "logout", "password_change", "password_change_done"}
    for name in names:
        with pytest.raises(NoReverseMatch):
            reverse(f"admin:{name}")
    resolver = get_resolver()
    assert not any("password" in str(pattern.pattern) for pattern in resolver.url_patterns)


def test_every_page_can_be_left_by_signing_out(sofie: Client) -> None:
    page = sofie.get("/admin/").content.decode()
    assert 'method="post" action="/logout/"' in page
    assert "password" not in page.lower()
    sofie.post("/logout/")
    assert sofie.get("/admin/").status_code == 302


def test_writing_needs_the_token_of_the_form(cast: Cast, sign_in: SignIn) -> None:
    browser = sign_in(cast.sofie, client=Client(enforce_csrf_checks=True))
    before = Organisation.objects.get(pk=cast.dubois.pk).status
    address = f"/admin/tenants/organisation/{cast.dubois.pk}/change/"
    assert browser.post(address, {"status": "stopped"}).status_code == 403
    assert Organisation.objects.get(pk=cast.dubois.pk).status == before
