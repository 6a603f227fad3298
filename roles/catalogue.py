"""Reads the catalogue of roles from its TOML files, and refuses nonsense before it reaches the database.

The files and how to change them: roles/catalogue_data/README.md. Writing them to the database is
roles.operations.catalogue.
"""

import re
import tomllib
from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from vault.numbers import holds_national_number

CATALOGUE_FOLDER = Path(__file__).parent / "catalogue_data"
LANGUAGES = ("fr", "nl", "de", "en")
KINDS = ("yes_no", "choice", "choices", "text")
LEVELS = (300, 400, 450, 500)
USUAL_LEVEL = 400

Texts = dict[str, str]  # one entry per language
Table = dict[str, Any]
Tables = dict[str, list[tuple[str, Table]]]  # by section, each with its place in the files


class CatalogueError(ValueError):
    """The files hold nonsense; `messages` says what and where, one line each."""

    def __init__(self, messages: list[str]) -> None:
        super().__init__("\n".join(messages))
        self.messages = messages


@dataclass(frozen=True)
class DomainEntry:
    """A group of services with access managers of its own."""

    code: str
    name: Texts


@dataclass(frozen=True)
class ServiceEntry:
    """An online service that asks for roles."""

    code: str
    name: Texts
    owner: Texts
    domain: str
    url: str = ""


@dataclass(frozen=True)
class OptionEntry:
    """One answer to a question. `hint` says in plain words what the printed `label` means."""

    code: str
    label: Texts
    hint: Texts


@dataclass(frozen=True)
class PropertyEntry:
    """A question that is asked when the role is given."""

    code: str
    kind: str
    label: Texts
    hint: Texts
    required: bool = True
    options: tuple[OptionEntry, ...] = ()


@dataclass(frozen=True)
class RoleEntry:
    """What a person may do for an organisation in one or more services."""

    code: str
    domain: str
    services: tuple[str, ...]
    name: Texts
    description: Texts
    tasks: tuple[Texts, ...] = ()
    synonyms: tuple[str, ...] = ()
    assignable: bool = True
    requestable: bool = True
    derived: bool = False
    always_confirm: bool = False
    max_duration_years: int | None = None
    minimum_level: int = USUAL_LEVEL
    grants: tuple[str, ...] = ()
    properties: tuple[PropertyEntry, ...] = ()


@dataclass(frozen=True)
class Catalogue:
    """Everything the files hold, in their order."""

    domains: tuple[DomainEntry, ...]
    services: tuple[ServiceEntry, ...]
    roles: tuple[RoleEntry, ...]


def read_catalogue(folder: Path = CATALOGUE_FOLDER) -> Catalogue:
    """Return the catalogue in the TOML files of `folder`.

    Raises CatalogueError with everything that is wrong, each with file and line.
    """
    return _Reader(folder).read()


@dataclass
class _Reader:
    """One reading: collects what is wrong instead of stopping at the first mistake."""

    folder: Path
    wrong: list[str] = field(default_factory=list)
    where: str = ""

    def read(self) -> Catalogue:
        """Read all files, then check what refers to what."""
        owners: dict[str, Texts] = {}
        tables: Tables = {"domains": [], "services": [], "roles": []}
        paths = sorted(self.folder.glob("*.toml"))
        if not paths:
            raise CatalogueError([f"{self.folder.name}: there is no TOML file"])
        for path in paths:
            self._sort_out(path, owners, tables)
        domains = tuple(self._domain(*place) for place in tables["domains"])
        services = tuple(self._service(*place, owners) for place in tables["services"])
        roles = tuple(self._role(*place) for place in tables["roles"])
        self._check_references(tables, domains, services, roles)
        if self.wrong:
            raise CatalogueError(self.wrong)
        return Catalogue(domains, services, roles)

    def _sort_out(self, path: Path, owners: dict[str, Texts], tables: Tables) -> None:
        try:
            text = path.read_text(encoding="utf-8")
            content = tomllib.loads(text)
        except UnicodeDecodeError as error:
            line = error.object.count(b"\n", 0, error.start) + 1
            raise CatalogueError([*self.wrong, f"{path.name}:{line}: the file is not in UTF-8"]) from None
        except tomllib.TOMLDecodeError as error:
            raise CatalogueError([*self.wrong, f"{path.name}: {error}"]) from None
        for key, value in content.items():
            self.where = path.name
            if key == "owners" and isinstance(value, dict):
                for owner, table in value.items():
                    self.where = f"{path.name}: owner {owner}"
                    owners[owner] = self._texts(table, "name", 200, required=("fr", "nl"))
            elif key in tables:
                entries = self._entries(content, key)
                tables[key] += [(_place(path.name, text, key, table), table) for table in entries]
            else:
                self._refuse(f'unknown section "{key}"')

    def _domain(self, where: str, table: Table) -> DomainEntry:
        self.where = where
        self._know_only(table, {"code", "name"})
        code = self._code(table, r"[A-Z][A-Z0-9_]*", 30)
        return DomainEntry(code, self._texts(table, "name", 200, required=LANGUAGES))

    def _service(self, where: str, table: Table, owners: dict[str, Texts]) -> ServiceEntry:
        self.where = where
        self._know_only(table, {"code", "name", "owner", "domain", "url"})
        code = self._code(table, r"[a-z0-9]+(-[a-z0-9]+)*", 40)
        owner = str(table.get("owner", ""))
        if owner not in owners:
            self._refuse(f'unknown owner "{owner}"')
        url = str(table.get("url", ""))
        if url and not url.startswith("https://"):
            self._refuse("url does not begin with https://")
        name = self._texts(table, "name", 200, required=("fr", "nl"))
        return ServiceEntry(code, name, owners.get(owner, {}), str(table.get("domain", "")), url)

    def _role(self, where: str, table: Table) -> RoleEntry:
        self.where = where
        self._know_only(table, set(RoleEntry.__dataclass_fields__))
        entry = RoleEntry(
            code=self._code(table, r"[A-Z][A-Z0-9_]*", 60),
            domain=str(table.get("domain", "")),
            services=self._words(table, "services"),
            name=self._texts(table, "name", 200, required=("fr", "nl")),
            description=self._texts(table, "description", 300, required=LANGUAGES),
            tasks=self._tasks(table),
            synonyms=self._words(table, "synonyms"),
            assignable=self._flag(table, "assignable", True),
            requestable=self._flag(table, "requestable", True),
            derived=self._flag(table, "derived", False),
            always_confirm=self._flag(table, "always_confirm", False),
            max_duration_years=table.get("max_duration_years"),
            minimum_level=table.get("minimum_level", USUAL_LEVEL),
            grants=self._words(table, "grants"),
            properties=tuple(self._property(property_) for property_ in self._entries(table, "properties")),
        )
        if not entry.services:
            self._refuse("there is no service")
        if entry.derived and entry.assignable:
            self._refuse("a derived role cannot be assignable")
        if entry.minimum_level not in LEVELS:
            self._refuse(f"minimum_level must be one of {', '.join(map(str, LEVELS))}")
        if entry.max_duration_years not in (None, *range(1, 51)):
            self._refuse("max_duration_years must be a number from 1 to 50")
        self._once("property", [property_.code for property_ in entry.properties])
        return entry

    def _tasks(self, table: Table) -> tuple[Texts, ...]:
        """Read what people want to do; each is a line of the page that finds roles, and of a column of the database."""
        tasks = tuple(
            self._texts({"task": task}, "task", 100, required=LANGUAGES) for task in self._entries(table, "tasks")
        )
        for task in tasks:
            for language, text in task.items():
                # Every line break that splits the column again: not only "\n".
                if len((text + ".").splitlines()) > 1:
                    self._refuse(f"a task is one line; it is not in {language}")
        for language in LANGUAGES:
            self._once(f"in {language} the task", [_plain(task[language]) for task in tasks if language in task])
        return tasks

    def _property(self, table: Table) -> PropertyEntry:
        self._know_only(table, set(PropertyEntry.__dataclass_fields__))
        options = tuple(self._option(option) for option in self._entries(table, "options"))
        entry = PropertyEntry(
            code=self._code(table, r"[A-Z][A-Z0-9_]*", 40),
            kind=str(table.get("kind", "")),
            label=self._texts(table, "label", 200, required=LANGUAGES),
            hint=self._texts(table, "hint", 300, optional=True, required=LANGUAGES),
            required=self._flag(table, "required", True),
            options=options,
        )
        if entry.kind not in KINDS:
            self._refuse(f"property {entry.code}: kind must be one of {', '.join(KINDS)}")
        if (entry.kind in ("choice", "choices")) != bool(options):
            self._refuse(f"property {entry.code}: answers go with choice and choices, and only with them")
        self._once(f"property {entry.code}: answer", [option.code for option in options])
        return entry

    def _option(self, table: Table) -> OptionEntry:
        self._know_only(table, {"code", "label", "hint"})
        return OptionEntry(
            code=self._code(table, r"[A-Z][A-Z0-9_]*", 40),
            label=self._texts(table, "label", 200, required=LANGUAGES),
            hint=self._texts(table, "hint", 300, optional=True, required=LANGUAGES),
        )

    def _check_references(
        self,
        tables: Tables,
        domains: tuple[DomainEntry, ...],
        services: tuple[ServiceEntry, ...],
        roles: tuple[RoleEntry, ...],
    ) -> None:
        known_domains = {domain.code for domain in domains}
        known_services = {service.code for service in services}
        known_roles = {role.code for role in roles}
        kinds: dict[str, tuple[DomainEntry | ServiceEntry | RoleEntry, ...]] = {
            "domain": domains,
            "service": services,
            "role": roles,
        }
        for kind, entries in kinds.items():
            seen: set[str] = set()
            for (self.where, _), entry in zip(tables[f"{kind}s"], entries, strict=True):
                if entry.code in seen:
                    self._refuse(f"this {kind} stands in the files twice")
                seen.add(entry.code)
                if not isinstance(entry, DomainEntry) and entry.domain not in known_domains:
                    self._refuse(f'unknown domain "{entry.domain}"')
                if isinstance(entry, RoleEntry):
                    for service in entry.services:
                        if service not in known_services:
                            self._refuse(f'unknown service "{service}"')
                    for granted in entry.grants:
                        if granted not in known_roles or granted == entry.code:
                            self._refuse(f'grants an unknown role "{granted}"')

    def _refuse(self, message: str) -> None:
        self.wrong.append(f"{self.where}: {message}")

    def _know_only(self, table: Table, known: Iterable[str]) -> None:
        for key in sorted(table.keys() - set(known)):
            self._refuse(f'unknown field "{key}"')

    def _once(self, what: str, codes: list[str]) -> None:
        for code in sorted({code for code in codes if codes.count(code) > 1}):
            self._refuse(f"{what} {code} stands there twice")

    def _code(self, table: Table, pattern: str, longest: int) -> str:
        code = str(table.get("code", ""))
        if not re.fullmatch(pattern, code) or len(code) > longest:
            self._refuse(f'"{code}" is not a code')
        return code

    def _flag(self, table: Table, key: str, usual: bool) -> bool:
        value = table.get(key, usual)
        if not isinstance(value, bool):
            self._refuse(f"{key} must be true or false")
        return bool(value)

    def _words(self, table: Table, key: str) -> tuple[str, ...]:
        values = table.get(key, [])
        if isinstance(values, list) and all(isinstance(value, str) and value.strip() for value in values):
            return tuple(values)
        self._refuse(f"{key} must be a list of texts")
        return ()

    def _entries(self, table: Table, key: str) -> list[Table]:
        values = table.get(key, [])
        if isinstance(values, list) and all(isinstance(value, dict) for value in values):
            return values
        self._refuse(f"{key} must be a list of tables")
        return []

    def _texts(self, table: Any, key: str, longest: int, *, required: tuple[str, ...], optional: bool = False) -> Texts:
        value = table.get(key, {}) if isinstance(table, dict) else {}
        texts = dict.fromkeys(LANGUAGES, value) if isinstance(value, str) else value
        if not isinstance(texts, dict) or not all(isinstance(text, str) for text in texts.values()):
            self._refuse(f"{key} must be a text, or one text per language")
            return {}
        if optional and not texts:
            return {}
        for language in sorted(texts.keys() - set(LANGUAGES)):
            self._refuse(f'{key} has an unknown language "{language}"')
        for language in required:
            if not texts.get(language, "").strip():
                self._refuse(f"{key} is missing in {language}")
        for language, text in texts.items():
            if len(text) > longest:
                self._refuse(f"{key} in {language} has {len(text)} characters, more than {longest}")
            if "\x00" in text:
                self._refuse(f"{key} in {language} holds a NUL, which no database keeps")
            if holds_national_number(text):
                self._refuse(f"{key} in {language} holds a national register number")
        return texts


def _plain(text: str) -> str:
    """Return a text as it is compared: neither capitals nor spaces make another one of it."""
    return " ".join(text.casefold().split())


def _place(name: str, text: str, kind: str, table: Table) -> str:
    """Return "file:line: role CODE" for messages; the parser itself forgets lines."""
    code = str(table.get("code", "?"))
    found = re.search(rf'^\s*code\s*=\s*"{re.escape(code)}"', text, re.MULTILINE)
    line = f":{text.count(chr(10), 0, found.start(0)) + 1}" if found else ""
    return f"{name}{line}: {kind.removesuffix('s')} {code}"
