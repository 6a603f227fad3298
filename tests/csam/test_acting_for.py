"""S3: for which organisation one acts."""

import pytest
from django.test import Client

from audit.models import AuditEntry
from tenants.models import Organisation, Person, RegisteredPerson
from tests.csam.flows import card_of, organisation_called, sign_in_with_card
from tests.factories import AppointmentFactory, EmploymentFactory, PersonFactory


@pytest.fixture
def second(chief: Person) -> Organisation:
    """An organisation for which the chief works, too."""
    organisation = organisation_called("Beta Conseil SA")
    EmploymentFactory(person=chief, organisation=organisation)
    return organisation


@pytest.fixture
def first(chief: Person) -> Organisation:
    """The organisation of which the chief is access manager."""
    return Organisation.objects.get(name_fr="Atelier Marchal SRL")


@pytest.fixture
def signed_in(client: Client, first: Organisation, second: Organisation, card: RegisteredPerson) -> Client:
    assert sign_in_with_card(client, card, "/my-roles/").url == "/acting-for/?next=%2Fmy-roles%2F"
    client.cookies["language"] = "en"
    return client


def test_each_organisation_stands_there_with_ones_functions(
    signed_in: Client, first: Organisation, second: Organisation
) -> None:
    page = signed_in.get("/acting-for/").content.decode()
    assert "Atelier Marchal SRL" in page and first.formatted_number in page
    assert "You are chief access manager" in page
    assert "You are the legal representative" in page
    assert "Beta Conseil SA" in page
    assert "You are an employee" in page
    assert page.index("Beta Conseil SA") < page.index("In my own name only")
    assert "Name or enterprise number" not in page


def test_until_the_choice_is_made_the_page_says_for_no_organisation_that_one_acts(
    signed_in: Client, first: Organisation, second: Organisation
) -> None:
    for page in (signed_in.get("/acting-for/"), signed_in.post("/acting-for/", {})):
        header = header_of(page.content.decode())
        assert "acting" not in header
        assert not [name for name in (first.name_fr, second.name_fr) if name in header]
    signed_in.post("/acting-for/", {"organisation": second.key})
    header = header_of(signed_in.get("/acting-for/").content.decode())
    assert f'You are acting for <strong><span lang="fr">{second.name_fr}</span></strong>' in header


def test_somebody_who_chose_their_own_name_reads_that_on_the_page_of_the_choice(signed_in: Client) -> None:
    signed_in.post("/acting-for/", {"organisation": "self"})
    assert "You are acting in your own name only" in header_of(signed_in.get("/acting-for/").content.decode())


def header_of(page: str) -> str:
    """Return what stands above the page's own part."""
    return page[page.index("<header") : page.index("</header>")]


def test_the_choice_stays_for_the_session(signed_in: Client, chief: Person, second: Organisation) -> None:
    answer = signed_in.post("/acting-for/", {"organisation": second.key, "next": "/my-roles/"})
    assert (answer.status_code, answer.url) == (303, "/my-roles/")
    assert signed_in.session["acting_for"] == second.key
    entry = AuditEntry.objects.get(event="acting:chosen")
    assert (entry.actor_key, entry.organisation_key) == (chief.key, second.key)
    assert signed_in.get("/profile/").wsgi_request.acting.organisation == second  # type: ignore[attr-defined]
    assert f'id="organisation-{second.key}" aria-describedby="organisation-{second.key}-hint" checked' in (
        signed_in.get("/acting-for/").content.decode()
    )


def test_the_way_on_is_never_this_page_again(signed_in: Client, second: Organisation) -> None:
    data = {"organisation": second.key, "next": "/acting-for/?next=/my-roles/"}
    assert signed_in.post("/acting-for/", data).url == "/"


def test_in_ones_own_name_only(signed_in: Client) -> None:
    assert signed_in.post("/acting-for/", {"organisation": "self"}).url == "/"
    assert signed_in.session["acting_for"] == "self"
    assert signed_in.get("/profile/").wsgi_request.acting.organisation is None  # type: ignore[attr-defined]
    assert AuditEntry.objects.get(event="acting:chosen").data["own_name_only"] is True


@pytest.mark.parametrize("chosen", [{}, {"organisation": ""}, {"organisation": "unknown"}])
def test_without_a_choice_the_page_asks_for_one(signed_in: Client, chosen: dict[str, str]) -> None:
    page = signed_in.post("/acting-for/", {**chosen, "next": "/my-roles/"}).content.decode()
    assert page.count("Choose an organisation") == 2
    assert 'name="next" value="/my-roles/"' in page
    assert "acting_for" not in signed_in.session


@pytest.mark.threat(1)
def test_an_organisation_of_others_is_as_good_as_none(signed_in: Client) -> None:
    foreign = organisation_called("Gamma SPRL")
    page = signed_in.post("/acting-for/", {"organisation": foreign.key}).content.decode()
    assert "Choose an organisation" in page
    assert "Gamma" not in page
    assert "acting_for" not in signed_in.session
    assert not AuditEntry.objects.filter(event="acting:chosen").exists()


def test_a_stopped_organisation_has_its_reason_and_no_button(signed_in: Client, second: Organisation) -> None:
    Organisation.objects.filter(pk=second.pk).update(status="stopped")
    page = signed_in.get("/acting-for/").content.decode()
    assert "no longer active in the Crossroads Bank for Enterprises" in page
    assert f'value="{second.key}"' not in page
    assert "Choose an organisation" in signed_in.post("/acting-for/", {"organisation": second.key}).content.decode()
    assert "acting_for" not in signed_in.session


def test_one_organisation_chooses_itself(client: Client, card: RegisteredPerson) -> None:
    assert sign_in_with_card(client, card, "/my-roles/").url == "/my-roles/"
    answer = client.get("/acting-for/?next=/my-roles/")
    assert (answer.status_code, answer.url) == (303, "/my-roles/")


def test_nobodys_employee_goes_on(client: Client, db: None) -> None:
    card = card_of(PersonFactory())
    assert sign_in_with_card(client, card).url == "/"
    assert client.get("/acting-for/").url == "/"


def test_many_organisations_can_be_searched_by_post(signed_in: Client, chief: Person) -> None:
    for number in range(25):
        AppointmentFactory(person=chief, organisation=organisation_called(f"Filiale Numéro {number:02d}"))
    page = signed_in.get("/acting-for/").content.decode()
    assert page.count('name="organisation"') == 21
    assert "7 more organisations" in page
    answer = signed_in.post("/acting-for/search/", {"words": "numero 07", "next": "/my-roles/"})
    assert answer.url == "/acting-for/?next=%2Fmy-roles%2F#organisations"
    page = signed_in.get("/acting-for/").content.decode()
    assert "Filiale Numéro 07" in page
    assert "Filiale Numéro 08" not in page
    number = Organisation.objects.get(name_fr="Filiale Numéro 11").formatted_number
    signed_in.post("/acting-for/search/", {"words": number})
    assert "Filiale Numéro 11" in signed_in.get("/acting-for/").content.decode()
    signed_in.post("/acting-for/search/", {"words": "zzz"})
    assert "None of your organisations matches" in signed_in.get("/acting-for/").content.decode()


@pytest.mark.parametrize("more", [1, 8])
def test_the_page_takes_the_same_queries_for_any_number(
    signed_in: Client, chief: Person, more: int, django_assert_num_queries
) -> None:  # type: ignore[no-untyped-def]
    for number in range(more):
        AppointmentFactory(person=chief, organisation=organisation_called(f"Filiale {number}"))
    with django_assert_num_queries(4):  # session, login with person, appointments, employments
        signed_in.get("/acting-for/")


def test_strangers_are_sent_to_sign_in(client: Client, db: None) -> None:
    assert client.get("/acting-for/").url == "/login/?next=/acting-for/"
