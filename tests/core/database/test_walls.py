"""The walls stand in the database itself, round every table, whatever the program does."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from functools import cache
from uuid import uuid4

import pytest
from sqlalchemy import Engine, Table, create_engine, event, inspect, select, text
from sqlalchemy.exc import DBAPIError
from sqlalchemy.pool import NullPool

from pitboss.core.database import Base, Database
from pitboss.core.database.engine import APP_ROLE, SYSTEM_ROLE, normalised
from pitboss.core.database.guards import kernel_sql
from pitboss.core.database.isolation import make_role, protect
from pitboss.core.database.laws import broken_laws
from pitboss.core.jobs import JobRow
from pitboss.core.registry import installed
from pitboss.core.testing.databases import PostgresDatabase, SQLiteTemplate, postgres_url
from tests.core.database.rows import make_row, tenant_tables, values_of
from tests.faults.servers import wait_until

for candidate in installed():
    candidate.load()

each_table = pytest.mark.parametrize("table", tenant_tables(), ids=lambda table: table.name)
VERBS = ("insert", "update", "delete")
Rows = dict[str, list[tuple[object, ...]]]
Look = Callable[[str], Rows]


@pytest.fixture
def sqlite(database: Database) -> Database:
    if not database.is_sqlite:
        pytest.skip("triggers stand in for row-level security on SQLite only")
    return database


@pytest.fixture(scope="module")
def sqlite_walls(_sqlite: SQLiteTemplate) -> Iterator[Database]:
    """A database that all of these tests look at, and none changes."""
    with _sqlite.fresh("walls") as url:
        yield from _opened(url)


@pytest.fixture(scope="module")
def in_sqlite(sqlite_walls: Database) -> Look:
    return _look(sqlite_walls)


@pytest.fixture(scope="module")
def in_postgres(_postgres: PostgresDatabase) -> Iterator[Look]:
    for database in _opened(_postgres.url):
        yield _look(database)


def _opened(url: str) -> Iterator[Database]:
    database = Database(url)
    yield database
    database.dispose()


def _look(database: Database) -> Look:
    """Return what answers a query, whose first column is a table's name, by table; each is sent once."""

    @cache
    def look(sql: str) -> Rows:
        found: Rows = defaultdict(list)
        for name, *row in query(database, sql):
            found[str(name)].append(tuple(row))
        return found

    return look


def query(database: Database, sql: str) -> list[tuple[object, ...]]:
    with database.owner() as connection:
        return [tuple(row) for row in connection.exec_driver_sql(sql).all()]


@each_table
def test_a_table_keeps_the_laws(table: Table) -> None:
    assert list(broken_laws(table)) == []


@each_table
def test_every_foreign_key_carries_the_tenant(table: Table) -> None:
    for key in table.foreign_key_constraints:
        assert ("tenant_id", "tenant_id") in [(e.parent.name, e.column.name) for e in key.elements]


@each_table
def test_row_level_security_is_on_and_forced(table: Table, in_postgres: Look) -> None:
    found = in_postgres("SELECT relname, relrowsecurity, relforcerowsecurity FROM pg_class")
    assert found[table.name] == [(True, True)]


@each_table
def test_a_policy_admits_the_tenants_own_rows_alone(table: Table, in_postgres: Look) -> None:
    found = in_postgres(
        "SELECT tablename, policyname, roles::text, cmd, qual, with_check FROM pg_policies "
        "ORDER BY policyname DESC"
    )
    inside = "(tenant_id = (current_setting('app.tenant_id'::text))::integer)"
    own = ("tenant", f"{{{APP_ROLE}}}", "ALL", inside, inside)
    system = ("system", f"{{{SYSTEM_ROLE}}}", "ALL", "true", "true")
    assert found[table.name] == ([own, system] if table.info.get("system") else [own])


@each_table
def test_roles_hold_no_more_than_they_need(table: Table, in_postgres: Look) -> None:
    verbs = {"SELECT", *map(str.upper, VERBS)} - refused(table)
    for role, is_let_in in ((APP_ROLE, True), (SYSTEM_ROLE, bool(table.info.get("system")))):
        grants = in_postgres(
            "SELECT table_name, privilege_type FROM information_schema.role_table_grants "
            f"WHERE grantee = '{role}'"
        )
        assert {verb for (verb,) in grants[table.name]} == (verbs if is_let_in else set())


@each_table
def test_triggers_watch_every_change(table: Table, in_sqlite: Look) -> None:
    found = in_sqlite("SELECT tbl_name, name FROM sqlite_master WHERE type = 'trigger'")
    assert {f"{table.name}_tenant_{verb}" for verb in VERBS} <= {name for (name,) in found[table.name]}


def refused(table: Table) -> set[str]:
    """What nobody may do to the rows of a table."""
    if table.info.get("append_only"):
        return {"UPDATE", "DELETE"}
    return {"UPDATE"} if table.info.get("unchanged") else set()


@pytest.mark.parametrize("table", [*filter(refused, tenant_tables())], ids=lambda table: table.name)
def test_what_is_append_only_stays_for_everyone(table: Table, database: Database) -> None:
    make_row(database, table, 800_001)

    changes = {
        "DELETE": f"DELETE FROM {table.name}",
        "UPDATE": f"UPDATE {table.name} SET tenant_id = tenant_id",
    }
    for change in [changes[verb] for verb in refused(table)]:
        with pytest.raises(DBAPIError, match="append-only"), database.owner() as connection:
            connection.exec_driver_sql(change)


def test_replacing_a_row_does_not_pass_the_append_only_trigger(sqlite: Database) -> None:
    table = Base.metadata.tables["audit_entry"]
    row = make_row(sqlite, table, 800_002)

    replace = "INSERT OR REPLACE INTO audit_entry SELECT * FROM audit_entry"
    refused = pytest.raises(DBAPIError, match="append-only")
    with sqlite.transaction(row["tenant_id"]) as connection, kernel_sql(connection), refused:
        connection.exec_driver_sql(replace)


@pytest.mark.parametrize("role", [APP_ROLE, SYSTEM_ROLE])
def test_the_roles_cannot_pass_the_policies(role: str, backend: str, database: Database) -> None:
    if backend == "postgresql":
        state = f"SELECT rolsuper, rolbypassrls, rolcanlogin FROM pg_roles WHERE rolname = '{role}'"
        owned = f"SELECT count(*) FROM pg_tables WHERE tableowner = '{role}'"
        assert query(database, state) == [(False, False, False)]
        assert query(database, owned) == [(0,)]


def test_without_a_tenant_row_level_security_answers_with_an_error(backend: str, database: Database) -> None:
    if backend == "postgresql":
        with pytest.raises(DBAPIError), database._app.begin() as connection:
            connection.execute(select(JobRow.__table__))


def test_without_a_tenant_sqlite_shows_nothing(backend: str, database: Database) -> None:
    if backend == "sqlite":
        make_row(database, JobRow.__table__, 800_003)
        with database._app.begin() as connection:
            assert connection.execute(select(JobRow.__table__)).all() == []


def test_putting_up_the_walls_twice_changes_nothing(database: Database) -> None:
    with database.owner() as connection:
        protect(connection)
        names = inspect(connection).get_table_names()

    assert {table.name for table in tenant_tables()} <= set(names)


def test_a_trigger_that_says_something_else_is_put_right(sqlite: Database) -> None:
    name = "audit_entry_append_only_update"
    with sqlite.owner() as connection:
        connection.exec_driver_sql(f"DROP TRIGGER {name}")
        connection.exec_driver_sql(f"CREATE TRIGGER {name} BEFORE UPDATE ON audit_entry BEGIN SELECT 1; END")

        protect(connection)

    [(made,)] = query(sqlite, f"SELECT sql FROM sqlite_master WHERE name = '{name}'")
    assert "append-only" in str(made)


@each_table
def test_the_planner_looks_through_the_filter(table: Table, sqlite_walls: Database) -> None:
    """On SQLite the subselect costs nothing: a lookup by key still uses the key's index."""
    row = values_of(table, 1, {})
    keys = [(key, row[key.name]) for key in table.primary_key]
    plan = plan_of(sqlite_walls, select(table).where(*(key == value for key, value in keys)))
    looked_up = [line for line in plan if all(f"{key.name}=?" in line for key, _ in keys)]
    assert looked_up or plan == [f"SEARCH {table.name} USING INTEGER PRIMARY KEY (rowid=?)"], plan
    assert not [line for line in plan if "SCAN" in line or "MATERIALIZE" in line], plan


def test_the_planner_looks_through_the_filter_of_joins(sqlite_walls: Database) -> None:
    job, other = JobRow.__table__, JobRow.__table__.alias()
    same = (job.c.tenant_id == other.c.tenant_id) & (job.c.id == other.c.id)
    joined = select(job.c.id, other.c.state).select_from(job.outerjoin(other, same))
    plan = plan_of(sqlite_walls, joined.where(job.c.tenant_id == 1))
    assert len(plan) == 2, plan
    assert all(line.startswith("SEARCH") for line in plan), plan


def plan_of(database: Database, statement: object) -> list[str]:
    with database.transaction(1, read_only=True) as connection:
        sent: list[tuple[str, object]] = []
        event.listen(connection, "before_cursor_execute", lambda *a: sent.append((a[2], a[3])))
        connection.execute(statement)  # type: ignore[call-overload]  # any statement
        sql, values = sent[0]
        with kernel_sql(connection):
            plan = connection.exec_driver_sql(f"EXPLAIN QUERY PLAN {sql}", values)  # type: ignore[arg-type]
            return [row[3] for row in plan]


def test_two_deployments_make_the_roles_at_one_moment(backend: str) -> None:
    """Roles belong to the server: the second deployment begins to make one before the first has committed."""
    if backend == "sqlite":
        pytest.skip("SQLite has no roles")
    role = f"pitboss_test_{uuid4().hex[:12]}"
    waiting = text("SELECT 1 FROM pg_stat_activity WHERE wait_event_type = 'Lock' AND query LIKE :query")
    engine = create_engine(normalised(postgres_url()), poolclass=NullPool)
    try:
        with ThreadPoolExecutor() as pool, engine.connect() as first, engine.connect() as watch:
            first.exec_driver_sql(make_role(role))
            second = pool.submit(_make_elsewhere, engine, role)
            watch.execution_options(isolation_level="AUTOCOMMIT")
            wait_until(lambda: watch.execute(waiting, {"query": f"DO %{role}%"}).one())
            first.commit()
            second.result()
    finally:
        with engine.begin() as connection:
            connection.exec_driver_sql(f"DROP ROLE {role}")


def _make_elsewhere(engine: Engine, role: str) -> None:
    with engine.begin() as connection:
        connection.exec_driver_sql(make_role(role))
