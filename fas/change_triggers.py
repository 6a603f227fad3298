"""Triggers that note where an assignment changed, for the services that read the feed (`fas.models.RoleChange`).

They are triggers because the floors below know no services, and because no act can forget them: whatever is delivered
to a service is decided by the row of the assignment, the person's `is_active` and the organisation's `status`. What
changes by date alone needs no note. Assignments of roles whose services have no client are left out.
"""

from audit.triggers import register

ASSIGNMENTS, PEOPLE, ORGANISATIONS = "roles_roleassignment", "tenants_person", "tenants_organisation"

_HAS_READERS = """EXISTS (
    SELECT 1 FROM roles_role_services AS offered
    JOIN fas_client AS client ON client.service_id = offered.onlineservice_id
    WHERE offered.role_id = {role}
)"""
_NOTE = "INSERT INTO fas_rolechange (assignment_id)"
_NOTE_ALL_OF = f"""{_NOTE} SELECT held.id FROM {ASSIGNMENTS} AS held
    WHERE held.{{column}} = NEW.id AND {_HAS_READERS.format(role="held.role_id")} ORDER BY held.id;"""  # noqa: S608


def register_change_triggers() -> None:
    """Make them known to the trigger list, which creates and checks them after every migrate."""
    for act in ("insert", "update"):
        _register_assignments(f"role_change_by_{act}", act)
    _register_others("role_change_by_person", PEOPLE, "assignee_id", "is_active", "OLD.is_active <> NEW.is_active")
    stopped = "(OLD.status = 'stopped') <> (NEW.status = 'stopped')"
    _register_others("role_change_by_organisation", ORGANISATIONS, "organisation_id", "status", stopped)


def _register_assignments(name: str, act: str) -> None:
    sqlite = f"""CREATE TRIGGER {name} AFTER {act.upper()} ON {ASSIGNMENTS}
        WHEN {_HAS_READERS.format(role="NEW.role_id")}
        BEGIN {_NOTE} VALUES (NEW.id); END"""
    # A thousand rows of one statement are noted by one, too.
    has_readers = _HAS_READERS.format(role="changed.role_id")
    body = f"{_NOTE} SELECT changed.id FROM changed WHERE {has_readers} ORDER BY changed.id;"  # noqa: S608 - our own names
    trigger = f"""CREATE TRIGGER {name} AFTER {act.upper()} ON {ASSIGNMENTS} REFERENCING NEW TABLE AS changed
        FOR EACH STATEMENT EXECUTE FUNCTION {name}()"""
    register(name, ASSIGNMENTS, sqlite, _function(name, body) + trigger)


def _register_others(name: str, table: str, column: str, field: str, changed: str) -> None:
    body = _NOTE_ALL_OF.format(column=column)
    sqlite = f"CREATE TRIGGER {name} AFTER UPDATE OF {field} ON {table} WHEN {changed} BEGIN {body} END"
    trigger = f"""CREATE TRIGGER {name} AFTER UPDATE OF {field} ON {table}
        FOR EACH ROW WHEN ({changed}) EXECUTE FUNCTION {name}()"""
    register(name, table, sqlite, _function(name, body) + trigger)


def _function(name: str, body: str) -> str:
    return (
        f"CREATE OR REPLACE FUNCTION {name}() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN {body} RETURN NULL; END $$; "
    )
