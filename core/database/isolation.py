"""Put up the walls in the database itself: roles and row-level security, or triggers on SQLite.

Derived from the catalogue of tables and applied after every migration, so that no table can be
forgotten. Applying it twice changes nothing.
"""

from __future__ import annotations

from collections.abc import Iterable

from sqlalchemy import Connection, Table, inspect

from pitboss.core.database.engine import APP_ROLE, SYSTEM_ROLE
from pitboss.core.database.metadata import Base, is_tenant_table


def protect(connection: Connection, tables: Iterable[Table] | None = None) -> None:
    """Protect every table of the catalogue that exists in the database."""
    existing = set(inspect(connection).get_table_names())
    wanted = Base.metadata.sorted_tables if tables is None else tables
    present = [table for table in wanted if table.name in existing]
    if connection.dialect.name == "sqlite":
        _protect_sqlite(connection, present)
    else:
        _protect_postgres(connection, present)


def _protect_sqlite(connection: Connection, tables: Iterable[Table]) -> None:
    """Make the triggers that are not there as they should be: a database that starts again has them all."""
    known = "SELECT name, sql FROM sqlite_master WHERE type = 'trigger'"
    there: dict[str, str] = dict(map(tuple, connection.exec_driver_sql(known)))
    for name, wanted in [trigger for table in tables for trigger in _triggers(table)]:
        if there.get(name) == wanted:
            continue
        if name in there:
            connection.exec_driver_sql(f"DROP TRIGGER {name}")
        if wanted is not None:
            connection.exec_driver_sql(wanted)


def _protect_postgres(connection: Connection, tables: Iterable[Table]) -> None:
    # Sent together, without parameters: a thousand statements are otherwise as many round trips.
    statements = [*_ROLES, *(statement for table in tables for statement in _postgres(table))]
    connection.exec_driver_sql(";\n".join(statements), execution_options={"no_parameters": True})


_VERBS = ("SELECT", "INSERT", "UPDATE", "DELETE")
_LASTING = ("UPDATE", "DELETE")


def make_role(name: str) -> str:
    """Return what makes a role, unless the server has it, and lets the owner of the tables act in it.

    Deployments of one server share the roles and may make them at one moment, each in a database of its
    own, where no lock of ours holds the others up: whoever is late finds that it is done.
    """
    return f"""DO $$ BEGIN
        IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = '{name}') THEN
            BEGIN CREATE ROLE {name} NOLOGIN;
            EXCEPTION WHEN duplicate_object OR unique_violation THEN NULL; END;
        END IF;
        IF NOT pg_has_role(current_user, '{name}', 'MEMBER') THEN
            BEGIN GRANT {name} TO CURRENT_USER;
            EXCEPTION WHEN unique_violation THEN NULL; END;
        END IF;
    END $$"""


_ROLES = [
    make_role(APP_ROLE),
    make_role(SYSTEM_ROLE),
    f"GRANT USAGE ON SCHEMA public TO {APP_ROLE}, {SYSTEM_ROLE}",
    f"GRANT USAGE ON ALL SEQUENCES IN SCHEMA public TO {APP_ROLE}, {SYSTEM_ROLE}",
    """CREATE OR REPLACE FUNCTION pitboss_append_only() RETURNS trigger LANGUAGE plpgsql AS $$
       BEGIN RAISE EXCEPTION '% is append-only: write a correction instead', TG_TABLE_NAME; END $$""",
]


def _postgres(table: Table) -> Iterable[str]:
    name = table.name
    writes = ", ".join(verb for verb in _VERBS if verb not in _refused(table))
    if not is_tenant_table(table):
        yield f"GRANT SELECT ON {name} TO {APP_ROLE}"
        yield f"GRANT {writes} ON {name} TO {SYSTEM_ROLE}"
    else:
        inside = "tenant_id = current_setting('app.tenant_id')::int"
        yield f"ALTER TABLE {name} ENABLE ROW LEVEL SECURITY"
        yield f"ALTER TABLE {name} FORCE ROW LEVEL SECURITY"
        yield f"DROP POLICY IF EXISTS tenant ON {name}"
        yield f"CREATE POLICY tenant ON {name} TO {APP_ROLE} USING ({inside}) WITH CHECK ({inside})"
        yield f"GRANT {writes} ON {name} TO {APP_ROLE}"
        yield f"DROP POLICY IF EXISTS system ON {name}"
        if table.info.get("system"):
            yield f"CREATE POLICY system ON {name} TO {SYSTEM_ROLE} USING (true) WITH CHECK (true)"
            yield f"GRANT {writes} ON {name} TO {SYSTEM_ROLE}"
    yield f"DROP TRIGGER IF EXISTS append_only ON {name}"
    if _refused(table):
        yield (
            f"CREATE TRIGGER append_only BEFORE {' OR '.join(_refused(table))} ON {name} "
            "FOR EACH ROW EXECUTE FUNCTION pitboss_append_only()"
        )
        yield (
            f"CREATE OR REPLACE TRIGGER no_truncate BEFORE TRUNCATE ON {name} "
            "FOR EACH STATEMENT EXECUTE FUNCTION pitboss_append_only()"
        )


def _triggers(table: Table) -> Iterable[tuple[str, str | None]]:
    """Yield the name of each trigger, and what makes it where the table has it."""
    if is_tenant_table(table):
        unless = " AND is_system() = 0" if table.info.get("system") else ""
        for verb, foreign in (
            ("INSERT", "NEW.tenant_id IS NOT tenant()"),
            ("DELETE", "OLD.tenant_id IS NOT tenant()"),
            # One call, because it leaves SQLite for Python, at each row.
            ("UPDATE", "OLD.tenant_id IS NOT tenant() OR NEW.tenant_id IS NOT OLD.tenant_id"),
        ):
            yield _trigger(table, "tenant", verb, f"WHEN ({foreign}){unless}", "row of another tenant")
    for verb in _LASTING:
        name, wanted = _trigger(table, "append_only", verb, "", "append-only")
        yield name, wanted if verb in _refused(table) else None


def _trigger(table: Table, law: str, verb: str, when: str, message: str) -> tuple[str, str]:
    name = f"{table.name}_{law}_{verb.lower()}"
    return name, (
        f"CREATE TRIGGER {name} BEFORE {verb} ON {table.name} {when} "
        f"BEGIN SELECT RAISE(ABORT, '{table.name}: {message}'); END"
    )


def _refused(table: Table) -> tuple[str, ...]:
    """Return what nobody may do to the rows of a table."""
    if table.info.get("append_only"):
        return _LASTING
    return ("UPDATE",) if table.info.get("unchanged") else ()
