"""The catalogue as it stands in the files, and what the reader refuses."""

from pathlib import Path

import pytest

from roles.catalogue import LANGUAGES, Catalogue, CatalogueError, RoleEntry, read_catalogue

GOOD = """
[[domains]]
code = "ENERGY"
name = { fr = "Énergie", nl = "Energie", de = "Energie", en = "Energy" }

[owners.grid]
name = "The grid"

[[services]]
code = "meters"
name = "Meters"
owner = "grid"
domain = "ENERGY"
url = "https://meters.example"

[[roles]]
code = "METER_READER"
domain = "ENERGY"
services = ["meters"]
name = { fr = "Releveur", nl = "Meteropnemer" }
description = "Read meters"

[[roles.tasks]]
fr = "Lire les compteurs"
nl = "De meters aflezen"
de = "Die Zähler ablesen"
en = "Read the meters"
"""


@pytest.fixture(scope="module")
def catalogue() -> Catalogue:
    return read_catalogue()


@pytest.fixture(scope="module")
def roles(catalogue: Catalogue) -> dict[str, RoleEntry]:
    return {role.code: role for role in catalogue.roles}


def refusals(tmp_path: Path, text: str) -> list[str]:
    (tmp_path / "some.toml").write_text(text, encoding="utf-8")
    with pytest.raises(CatalogueError) as refusal:
        read_catalogue(tmp_path)
    assert str(refusal.value) == "\n".join(refusal.value.messages)
    return refusal.value.messages


def test_it_holds_all_domains_services_and_roles(catalogue: Catalogue) -> None:
    assert [domain.code for domain in catalogue.domains] == [
        "ECONOMY",
        "FINANCE",
        "MOBILITY",
        "JUSTICE",
        "ENERGY",
        "CYBERSECURITY",
        "INVOICING",
    ]
    assert {service.code for service in catalogue.services} == {
        "mijn-fluvius",
        "safeonweb-at-work",
        "cbe",
        "onegate",
        "intervat",
        "biztax",
        "finprof",
        "mandates",
        "myminfin",
        "gks",
        "cadex",
        "myrent",
        "urbain",
        "ubo",
        "plda",
        "emcs",
        "just-on-web",
        "mercurius",
    }
    assert len(catalogue.roles) == 27


def test_every_service_has_a_role_and_every_role_a_service_of_its_domain(catalogue: Catalogue) -> None:
    domain_of = {service.code: service.domain for service in catalogue.services}

    assert {service for role in catalogue.roles for service in role.services} == set(domain_of)
    for role in catalogue.roles:
        assert {domain_of[service] for service in role.services} == {role.domain}, role.code


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_role_says_what_it_is_in_every_language(catalogue: Catalogue, language: str) -> None:
    for role in catalogue.roles:
        assert role.name[language].strip() and role.description[language].strip(), role.code
        for question in role.properties:
            assert question.label[language] and question.hint[language], role.code
    assert len({role.description[language] for role in catalogue.roles}) == 27


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_role_that_can_be_given_starts_from_what_people_want_to_do(catalogue: Catalogue, language: str) -> None:
    offered = [role for role in catalogue.roles if role.assignable or role.requestable]
    tasks = [task[language] for role in offered for task in role.tasks]

    assert len(offered) == 26 and all(role.tasks for role in offered)
    assert len(set(tasks)) == len(tasks) >= 30
    assert [task for task in tasks if "'" in task or task != task.strip() or task.endswith(".")] == []


def test_texts_are_set_with_typographic_apostrophes(catalogue: Catalogue) -> None:
    texts = [text for role in catalogue.roles for text in (*role.name.values(), *role.description.values())]

    assert [text for text in texts if "'" in text] == []


def test_the_two_roles_of_the_guides_are_named_as_printed(roles: dict[str, RoleEntry]) -> None:
    assert roles["FLUVIUS_ENERGY_PORTAL_ADMIN"].name["fr"] == "Administrateur du portail énergie Mijn.Fluvius"
    assert set(roles["CCB_SAFEONWEBATWORK_EDIT"].name.values()) == {"CCB SAFEONWEBATWORK EDIT"}


def test_only_the_legal_representative_follows_from_the_crossroads_bank(roles: dict[str, RoleEntry]) -> None:
    derived = [role for role in roles.values() if role.derived]

    assert [role.code for role in derived] == ["CBE_LEGAL_REPRESENTATIVE"]
    assert not derived[0].assignable and not derived[0].requestable
    assert all(role.assignable and role.requestable for role in roles.values() if not role.derived)


def test_exceptions_are_few_and_known(roles: dict[str, RoleEntry]) -> None:
    assert {code for code, role in roles.items() if role.always_confirm} == {"CUSTOMS_PLDA"}
    assert {code: role.max_duration_years for code, role in roles.items() if role.max_duration_years} == {
        "FIN_URBAIN_USER_RO": 2
    }
    assert {code for code, role in roles.items() if role.minimum_level != 400} == {
        "FIN_MANDATE_EXECUTOR_TREASURY",
        "JUST_CRIMINAL_OFFENCES",
    }
    assert {code: set(role.grants) for code, role in roles.items() if role.grants} == {
        "FIN_URBAIN_MANAGER": {"FIN_URBAIN_USER_RW", "FIN_URBAIN_USER_RO", "FIN_URBAIN_EXPERT_RW"}
    }


def test_properties_keep_the_names_the_services_print(roles: dict[str, RoleEntry]) -> None:
    asked = {
        (code, question.code): [option.code for option in question.options]
        for code, role in roles.items()
        for question in role.properties
    }
    printed = [option.label["fr"] for option in roles["FIN_MANDATE_EXECUTOR"].properties[0].options]

    assert asked == {
        ("FIN_OWN_ENTERPRISE", "BEPS13_FILER"): [],
        ("FIN_MANDATE_EXECUTOR", "MANDATE_TYPES"): ["VAT", "BIZTAX", "BEPS13", "MYMINFIN"],
        ("FIN_MANDATE_EXECUTOR", "SENSITIVE_MANDATES"): [],
        ("FIN_MANDATE_EXECUTOR_TREASURY", "MANDATE_TYPES"): ["UBO"],
    }
    assert roles["FIN_OWN_ENTERPRISE"].properties[0].label["en"] == "Indiener BEPS13 bestand"
    assert printed == [
        "Mandaat Uitvoerder BTW",
        "Mandaat Uitvoerder Biztax",
        "Mandaat Uitvoerder BEPS13",
        "Mandate User MyMinfin",
    ]


@pytest.mark.parametrize(
    "synonym",
    [
        "SPF Fin Mandaat Uitvoerder",
        "FODFIN Mandaat Uitvoerder",
        "FODFIN UBO Informatieplichtige",
        "FODFIN UBO redevable d’information",
        "Utilisateur URBAIN RW",
        "Utilisateur URBAIN RO",
        "Verkehrsstrafen",
        "Straftaten",
        "Cadex",
        "caisse enregistreuse",
        "kassasysteem",
        "BTW",
        "TVA",
        "VAT",
        "UBO",
        "Intervat",
    ],
)
def test_old_names_and_everyday_words_lead_to_a_role(catalogue: Catalogue, synonym: str) -> None:
    assert any(synonym in role.synonyms for role in catalogue.roles)


def test_a_small_catalogue_is_read(tmp_path: Path) -> None:
    (tmp_path / "some.toml").write_text(GOOD, encoding="utf-8")
    (tmp_path / "notes.txt").write_text("not a catalogue", encoding="utf-8")

    small = read_catalogue(tmp_path)

    assert small.roles[0].name == {"fr": "Releveur", "nl": "Meteropnemer"}
    assert small.roles[0].description == dict.fromkeys(LANGUAGES, "Read meters")
    assert small.services[0].owner["de"] == "The grid"


ROLE = "some.toml:17: role METER_READER: "
ANSWER = '{ code = "A", label = "a" }'


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        (
            '"METER_READER"\ndomain = "ENERGY"',
            '"METER_READER"\ndomain = "WATER"',
            ROLE + 'unknown domain "WATER"',
        ),
        ('["meters"]', '["metres"]', ROLE + 'unknown service "metres"'),
        ('["meters"]', "[]", ROLE + "there is no service"),
        ('["meters"]', '"meters"', ROLE + "services must be a list of texts"),
        ('nl = "Meteropnemer"', 'nl = " "', ROLE + "name is missing in nl"),
        ('fr = "Releveur", ', "", ROLE + "name is missing in fr"),
        ('nl = "Meteropnemer"', 'nl = "M", it = "Lettore"', ROLE + 'name has an unknown language "it"'),
        ('nl = "Meteropnemer"', "nl = 7", ROLE + "name must be a text, or one text per language"),
        ('"Read meters"', '{ fr = "Relever" }', ROLE + "description is missing in nl"),
        ('"Read meters"', f'"{"x" * 301}"', ROLE + "description in en has 301 characters, more than 300"),
        ('de = "Die Zähler ablesen"\n', "", ROLE + "task is missing in de"),
        ('"Die Zähler ablesen"', '"Die Zähler\\nablesen"', ROLE + "a task is one line; it is not in de"),
        ('"Die Zähler ablesen"', f'"{"x" * 101}"', ROLE + "task in de has 101 characters, more than 100"),
        ("description =", "descripton =", ROLE + 'unknown field "descripton"'),
        ("description =", "derived = true\ndescription =", ROLE + "a derived role cannot be assignable"),
        ("description =", 'assignable = "no"\ndescription =', ROLE + "assignable must be true or false"),
        (
            "description =",
            "minimum_level = 350\ndescription =",
            ROLE + "minimum_level must be one of 300, 400, 450, 500",
        ),
        (
            "description =",
            "max_duration_years = 0\ndescription =",
            ROLE + "max_duration_years must be a number from 1 to 50",
        ),
        (
            "description =",
            'grants = ["METER_READER"]\ndescription =',
            ROLE + 'grants an unknown role "METER_READER"',
        ),
        ("description =", 'properties = ["X"]\ndescription =', ROLE + "properties must be a list of tables"),
        ('"METER_READER"', '"meter reader"', 'some.toml:17: role meter reader: "meter reader" is not a code'),
        ('owner = "grid"', 'owner = "gas"', 'some.toml:10: service meters: unknown owner "gas"'),
        ("https://meters", "http://meters", "some.toml:10: service meters: url does not begin with https://"),
        ("[[domains]]", "[[domaines]]", 'some.toml: unknown section "domaines"'),
        ("[[domains]]", "[domains]", "some.toml: domains must be a list of tables"),
    ],
)
def test_nonsense_is_refused_with_its_place(tmp_path: Path, old: str, new: str, message: str) -> None:
    assert old in GOOD
    assert message in refusals(tmp_path, GOOD.replace(old, new))


@pytest.mark.parametrize(
    ("question", "message"),
    [
        (
            'code = "Q"\nkind = "number"\nlabel = "?"',
            "property Q: kind must be one of yes_no, choice, choices, text",
        ),
        (
            'code = "Q"\nkind = "choices"\nlabel = "?"',
            "property Q: answers go with choice and choices, and only with them",
        ),
        (
            'code = "Q"\nkind = "text"\nlabel = "?"\noptions = [{ code = "A", label = "a" }]',
            "property Q: answers go with choice and choices, and only with them",
        ),
        (
            'code = "Q"\nkind = "choice"\nlabel = "?"\noptions = [TWICE, TWICE]'.replace("TWICE", ANSWER),
            "property Q: answer A stands there twice",
        ),
        ('code = "Q"\nkind = "text"', "label is missing in fr"),
        (
            "\n[[roles.properties]]\n".join(['code = "Q"\nkind = "text"\nlabel = "?"'] * 2),
            "property Q stands there twice",
        ),
    ],
)
def test_a_senseless_question_is_refused(tmp_path: Path, question: str, message: str) -> None:
    assert ROLE + message in refusals(tmp_path, f"{GOOD}\n[[roles.properties]]\n{question}\n")


def test_a_second_entry_with_the_same_code_is_refused(tmp_path: Path) -> None:
    second = GOOD[GOOD.index("[[roles]]") :]

    assert refusals(tmp_path, GOOD + second) == [ROLE + "this role stands in the files twice"]


def test_all_mistakes_are_told_at_once(tmp_path: Path) -> None:
    text = GOOD.replace('owner = "grid"', 'owner = "gas"').replace('["meters"]', '["metres"]')

    assert len(refusals(tmp_path, text)) == 2


def test_a_file_that_is_not_toml_is_refused_with_its_line(tmp_path: Path) -> None:
    (message,) = refusals(tmp_path, '[[roles]]\ncode = "A"\nname = \n')

    assert message.startswith("some.toml: ") and "line 3" in message


def test_an_empty_folder_is_refused(tmp_path: Path) -> None:
    with pytest.raises(CatalogueError, match="there is no TOML file"):
        read_catalogue(tmp_path)


TASKS = {"fr": "Lire les compteurs", "nl": "De meters aflezen", "de": "Die Zähler ablesen", "en": "Read the meters"}


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("code", ["000A", "000B", "000C", "000D", "001C", "001D", "001E", "0085", "2028", "2029"])
def test_a_task_is_one_line_by_every_line_break_there_is(tmp_path: Path, code: str, language: str) -> None:
    for broken in (f"one\\u{code}two", f"one\\u{code}"):
        text = GOOD.replace(TASKS[language], broken)
        assert refusals(tmp_path, text) == [ROLE + f"a task is one line; it is not in {language}"]


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_task_holds_no_nul_and_no_national_number(tmp_path: Path, language: str) -> None:
    assert refusals(tmp_path, GOOD.replace(TASKS[language], "Read\\u0000")) == [
        ROLE + f"task in {language} holds a NUL, which no database keeps"
    ]
    for number in ("85.07.30-033.28", "85073003328"):
        assert refusals(tmp_path, GOOD.replace(TASKS[language], f"Read of {number}")) == [
            ROLE + f"task in {language} holds a national register number"
        ]


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_same_task_stands_only_once_in_a_role_and_language(tmp_path: Path, language: str) -> None:
    second = dict.fromkeys(LANGUAGES, "Other") | {language: f" {TASKS[language].upper()} "}
    lines = "\n".join(f'{key} = "{text}"' for key, text in second.items())

    assert refusals(tmp_path, f"{GOOD}\n[[roles.tasks]]\n{lines}\n") == [
        ROLE + f"in {language} the task {TASKS[language].casefold()} stands there twice"
    ]


def test_a_file_that_is_not_in_utf_8_is_refused_with_its_line(tmp_path: Path) -> None:
    for encoding, line in (("latin-1", 4), ("utf-16", 1)):
        (tmp_path / "some.toml").write_bytes(GOOD.encode(encoding))
        with pytest.raises(CatalogueError) as refusal:
            read_catalogue(tmp_path)
        assert refusal.value.messages == [f"some.toml:{line}: the file is not in UTF-8"]
