"""The role finder: what people write leads to the role it takes, for everybody, and stands in no address."""

import gzip
import re

import pytest
from django.test import Client
from django.utils import translation

from roles.finder import by_subject, find_roles, offered_roles
from roles.models import AssignmentDraft, DraftPerson, OnlineService, Role
from tests.roles.pages import errors_of, heading_of, in_english, text_of, words_of

FINDER = "/help/roles/"
pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("catalogue")]


@pytest.fixture
def stranger() -> Client:
    """A browser in which nobody is signed in."""
    return in_english(Client())


def found(words: str) -> tuple[list[str], bool]:
    answer = find_roles(words, offered_roles())
    return [find.role.code for find in answer.finds], answer.is_exact


@pytest.mark.parametrize(
    ("words", "code"),
    [
        ("Register my organisation for cyber security", "CCB_SAFEONWEBATWORK_EDIT"),
        ("NIS2", "CCB_SAFEONWEBATWORK_EDIT"),
        ("ccb safeonwebatwork edit", "CCB_SAFEONWEBATWORK_EDIT"),
        ("see our energy data", "FLUVIUS_ENERGY_PORTAL_ADMIN"),
        ("Je veux voir nos données d'énergie", "FLUVIUS_ENERGY_PORTAL_ADMIN"),
        ("ELECTRICITE", "FLUVIUS_ENERGY_PORTAL_ADMIN"),
        ("de btw-aangifte indienen", "FIN_OWN_ENTERPRISE"),
        ("I want to sign the VAT return", "FIN_OWN_ENTERPRISE"),
        ("wirtschaftliche eigentumer", "FIN_UBO_INFORMANT"),
        ("Ich möchte einen Mietvertrag registrieren", "FIN_MYRENT_USER"),
        ("Peppol", "BOSA_MERCURIUS_BILLING"),
        ("douane", "CUSTOMS_PLDA"),
        ("wij willen onze energiegegevens zien", "FLUVIUS_ENERGY_PORTAL_ADMIN"),
        ("ich möchte unsere Energiedaten sehen", "FLUVIUS_ENERGY_PORTAL_ADMIN"),
        ("Nous voudrions consulter nos données d’énergie.", "FLUVIUS_ENERGY_PORTAL_ADMIN"),
        ("I don't need to look at the energy data", "FLUVIUS_ENERGY_PORTAL_ADMIN"),
        ("Energieverbrauch", "FLUVIUS_ENERGY_PORTAL_ADMIN"),
        ("Energieportal", "FLUVIUS_ENERGY_PORTAL_ADMIN"),
        ("belastingen", "FIN_OWN_ENTERPRISE"),
        ("Steuern", "FIN_OWN_ENTERPRISE"),
        ("impôts", "FIN_OWN_ENTERPRISE"),
        ("my minfin", "FIN_FATCA"),
    ],
)
def test_what_people_write_leads_to_the_role(words: str, code: str) -> None:
    codes, is_exact = found(words)
    assert code in codes and is_exact


@pytest.mark.parametrize("spelling", ["NIS2", "nis 2", "NIS-2", "Nis‑2", "we need NIS2."])
def test_a_name_is_found_however_it_is_joined(spelling: str) -> None:
    assert found(spelling) == (["CCB_SAFEONWEBATWORK_EDIT"], True)


@pytest.mark.parametrize(
    ("one", "other"),
    [("tax", "taxes"), ("donnée", "données"), ("factuur", "facturen"), ("Rechnung", "Rechnungen")],
)
def test_endings_make_no_difference(one: str, other: str) -> None:
    assert found(one) == found(other)
    assert found(one)[0]


def test_tax_finds_what_it_begins() -> None:
    codes, is_exact = found("taxes")
    assert (len(codes), codes[-1], is_exact) == (5, "FIN_FATCA", True)  # "taxpayers" come after those with the word


def test_a_code_is_found_whole_and_by_its_beginning() -> None:
    assert found("FIN_UBO_INFORMANT") == (["FIN_UBO_INFORMANT"], True)
    assert set(found("fin_ubo")[0]) == {"FIN_UBO_INFORMANT", "FIN_UBO_ENTITY"}


def test_nothing_is_found_inside_words() -> None:
    assert found("portaal") == ([], False)
    assert found("ergie") == ([], False)
    assert found("onweb") == ([], False)


@pytest.mark.parametrize(
    "words",
    [
        "to be", "the of a", "see", "I want to look", "je veux voir nos", "nous devons consulter", "wij willen zien",
        "wat moet ik hebben", "ich möchte sehen", "wir brauchen das", "2", "e", "bouwvergunning",
    ],
)  # fmt: skip
def test_fillers_alone_find_nothing(stranger: Client, words: str) -> None:
    assert found(words) == ([], False)
    stranger.post(FINDER, {"q": words})
    page = words_of(stranger.get(FINDER))
    assert f"No role for “{words}”" in page and "Try one word, or the name of the service." in page


def test_every_task_and_synonym_leads_to_its_role() -> None:
    roles, lost = offered_roles(), []
    for role in roles:
        tasks = [getattr(role, f"tasks_{language}") for language in ("fr", "nl", "de", "en")]
        for words in "\n".join([*tasks, role.synonyms]).splitlines():
            answer = find_roles(words, roles)
            if role not in [find.role for find in answer.finds] or not answer.is_exact:
                lost.append((role.code, words))
    assert lost == []


def test_words_that_fit_no_role_together_give_the_roles_that_come_closest() -> None:
    assert found("zzz Mercurius") == (["BOSA_MERCURIUS_BILLING"], False)
    assert found("zzz qqq xxx Mercurius") == (["BOSA_MERCURIUS_BILLING"], False)
    assert found("hello world energy") == (["FLUVIUS_ENERGY_PORTAL_ADMIN"], False)
    codes, is_exact = found("consulter nos données de consommation")
    assert "FLUVIUS_ENERGY_PORTAL_ADMIN" in codes and not is_exact


def test_the_more_words_fit_the_closer_a_role_is() -> None:
    assert found("zzz Mercurius invoice VAT") == (["BOSA_MERCURIUS_BILLING"], False)


def test_a_role_with_the_whole_word_stands_before_one_with_its_beginning_only() -> None:
    assert found("gas") == (["FLUVIUS_ENERGY_PORTAL_ADMIN", "FIN_GKS_RESTAURANT"], True)  # "Gaststätte"


@pytest.mark.parametrize("words", ["zzz", "的", "?!", "the"])
def test_words_that_stand_nowhere_are_answered_all_the_same(stranger: Client, words: str) -> None:
    stranger.post(FINDER, {"q": words})
    assert f"No role for “{words}”" in words_of(stranger.get(FINDER))


def test_what_follows_from_the_crossroads_bank_is_not_offered() -> None:
    assert "CBE_LEGAL_REPRESENTATIVE" not in [role.code for role in offered_roles()]


def test_subjects_services_and_tasks_stand_in_the_order_of_the_alphabet() -> None:
    with translation.override("de"):
        subjects = by_subject(offered_roles())
    assert [subject.name for subject in subjects] == [
        "Cybersicherheit",
        "E-Rechnung",
        "Energie",
        "Finanzen",
        "Justiz",
        "Wirtschaft",
    ]
    finance = subjects[3]
    assert finance.finds[0].services == "Beförderungen akzisepflichtiger Waren (EMCS)"
    assert sum(len(subject.finds) for subject in subjects) == 26


def test_a_role_without_tasks_shows_its_description() -> None:
    Role.objects.filter(code="FIN_FATCA").update(tasks_fr="", tasks_nl="", tasks_de="", tasks_en="")
    role = Role.objects.get(code="FIN_FATCA")
    with translation.override("en"):
        assert role.tasks == ["File the FATCA return"]


def test_everybody_sees_what_one_can_do_by_subject_with_two_ways_on(stranger: Client) -> None:
    page = stranger.get(FINDER)
    text = text_of(page)
    assert heading_of(page) == "Find the right role"
    assert "Register my organisation for cyber security (NIS2)" in text
    assert '(code <span translate="no">CCB_SAFEONWEBATWORK_EDIT</span>)' in text
    assert 'href="/assignments/new/?role=CCB_SAFEONWEBATWORK_EDIT"' in text
    assert 'href="/my-roles/request/?role=CCB_SAFEONWEBATWORK_EDIT"' in text
    anchors = re.findall(r'<li><a href="#([a-z]+)">', text)
    assert anchors == re.findall(r'<h2 id="([a-z]+)" tabindex="-1">', text)
    assert len(anchors) == 6


def test_each_way_on_names_its_role_in_one_sentence(stranger: Client) -> None:
    links = re.findall(
        r'<a href="/(?:assignments/new|my-roles/request)/\?role=[^>]*>(.*?)</a>', text_of(stranger.get(FINDER))
    )
    names = [" ".join(re.sub(r"<[^>]+>", "", link).split()) for link in links]
    assert len(names) > 20 and len(set(names)) == len(names)
    assert "Ask for this role: CCB SAFEONWEBATWORK EDIT" in names
    assert "Assign this role: CCB SAFEONWEBATWORK EDIT" in names


def test_a_name_in_another_language_says_which(stranger: Client) -> None:
    Role.objects.filter(code="CCB_SAFEONWEBATWORK_EDIT").update(name_en="", name_fr="", name_de="", name_nl="Bewerken")
    text = text_of(stranger.get(FINDER))
    assert 'Ask for this role<span class="visually-hidden">: <span lang="nl">Bewerken</span></span>' in text


def test_words_are_posted_kept_and_in_no_address(stranger: Client) -> None:
    answer = stranger.post(FINDER, {"q": "  sign   the VAT return "})
    assert (answer.status_code, answer.url) == (303, f"{FINDER}#results")
    page = stranger.get(FINDER)
    assert 'value="sign the VAT return"' in text_of(page)
    assert "1 role found for “sign the VAT return”" in words_of(page)
    assert "Intervat (VAT)" in words_of(page)
    assert "NIS2)" not in words_of(page)
    assert stranger.post(FINDER, {"q": "sign", "action": "all"}).url == FINDER
    assert "NIS2)" in words_of(stranger.get(FINDER))


def test_none_found_is_a_sentence_with_a_way_on(stranger: Client) -> None:
    stranger.post(FINDER, {"q": "zzz"})
    words = words_of(stranger.get(FINDER))
    assert "No role for “zzz”" in words
    assert "Try one word, or the name of the service." in words
    assert "Show all roles" in words


def test_the_closest_roles_are_said_to_be_only_that(stranger: Client) -> None:
    stranger.post(FINDER, {"q": "zzz Mercurius"})
    words = words_of(stranger.get(FINDER))
    assert "No role for “zzz Mercurius”" in words
    assert "These roles come closest: Send an invoice to a public body" in words


def test_too_long_words_and_a_national_number_are_refused_and_kept_on_the_page_only(stranger: Client) -> None:
    page = stranger.post(FINDER, {"q": "x" * 101})
    assert errors_of(page) == ["“What do you want to do?” can have at most 100 characters"]
    page = stranger.post(FINDER, {"q": "VAT 85.07.30-033.28"})
    assert errors_of(page) == ["Take the national register number out of the text"]
    assert 'value="VAT 85.07.30-033.28"' in text_of(page)
    assert "85.07.30" not in text_of(stranger.get(FINDER))
    assert stranger.post(FINDER, {"q": ["a", "b"]}).status_code == 400
    assert stranger.post(FINDER, {"q": "a\x00"}).status_code == 400


def test_of_too_many_words_no_more_is_shown_than_the_field_holds(stranger: Client) -> None:
    text = text_of(stranger.post(FINDER, {"q": "x" * 200_000}))
    (typed,) = re.findall(r'value="(x+)"', text)
    assert len(typed) == 600 and 'maxlength="600"' in text
    assert text.count("x" * 601) == 0


def test_who_is_signed_in_sees_the_same(cast, sign_in) -> None:
    for person in (cast.jean, cast.anna, cast.olivier):
        page = in_english(sign_in(person)).get(FINDER)
        assert page.status_code == 200
        assert "Assign this role" in words_of(page) and "Ask for this role" in words_of(page)


def test_who_chooses_roles_or_comes_with_an_unknown_one_is_led_here(cast, sign_in) -> None:
    anna, jean = in_english(sign_in(cast.anna)), in_english(sign_in(cast.jean))
    assert f'href="{FINDER}"' in text_of(anna.get("/my-roles/request/"))
    assert f'href="{FINDER}"' in text_of(jean.get("/assignments/new/?role=NO_SUCH_ROLE"))
    begun = jean.post("/assignments/new/", {"variant": "search", "role": "FIN_FATCA"}, follow=True)
    draft = AssignmentDraft.objects.get(owner=cast.jean)
    DraftPerson.objects.create(draft=draft, person=cast.anna)
    assert begun.status_code == 200
    assert f'href="{FINDER}"' in text_of(jean.get(f"/assignments/new/{draft.key}/roles/"))


def test_a_find_leads_into_both_flows_with_the_role_chosen(cast, sign_in) -> None:
    anna, jean = in_english(sign_in(cast.anna)), in_english(sign_in(cast.jean))
    assert "Chosen roles (1)" in words_of(anna.get("/my-roles/request/?role=FIN_FATCA"))
    assert "You are here for this role: FATCA" in words_of(jean.get("/assignments/new/?role=FIN_FATCA"))


def test_an_empty_catalogue_is_a_sentence(stranger: Client) -> None:
    Role.objects.all().delete()
    OnlineService.objects.all().delete()
    assert "There is no role in the catalogue yet." in words_of(stranger.get(FINDER))


@pytest.mark.parametrize("language", ["fr", "nl", "de", "en"])
def test_the_whole_list_is_light(stranger: Client, language: str) -> None:
    stranger.cookies["language"] = language
    page = stranger.get(FINDER).content
    assert len(page) <= 80_000
    assert len(gzip.compress(page)) <= 10_000


def test_it_asks_the_database_as_much_for_few_roles_as_for_many(stranger: Client, django_assert_num_queries) -> None:
    with django_assert_num_queries(3):
        by_subject(offered_roles())
    Role.objects.exclude(domain__code="ENERGY").update(is_assignable=False, is_requestable=False)
    with django_assert_num_queries(3):
        by_subject(offered_roles())
