"""No path that we know leads from one tenant to another, on any table, on either database."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from itertools import count
from typing import Any

import pytest
from sqlalchemy import Connection, Table, event
from sqlalchemy.orm import Session

from pitboss.core.database import Database
from pitboss.core.registry import installed
from pitboss.core.testing.databases import PostgresDatabase, SQLiteTemplate
from tests.core.database.paths import READS, STOLEN, WRITES, Path, Target
from tests.core.database.rows import TEXT_MIN, make_row, tenant_tables

for candidate in installed():
    candidate.load()

# SQLAlchemy warns of joins without a condition: here they are the attack.
pytestmark = [pytest.mark.slow, pytest.mark.filterwarnings("ignore::sqlalchemy.exc.SAWarning")]

PATHS_MIN = 45
TABLES = tenant_tables()
KINDS = ("tenant_plugin", "audit_entry")
"""A table of each kind of wall: rows that change, and rows that are only added."""
SHARES = 6
_tenants = count(700_001)


@pytest.fixture(scope="module")
def own_postgres(_prepare: Callable[[str], None]) -> Iterator[PostgresDatabase]:
    # Not the shared one: rows filled by type would make no sense to other tests' workers.
    database = PostgresDatabase(_prepare)
    yield database
    database.drop()


@pytest.fixture
def walled(backend: str, request: pytest.FixtureRequest) -> Iterator[Database]:
    if backend == "sqlite":
        template: SQLiteTemplate = request.getfixturevalue("_sqlite")
        with template.fresh() as url:
            yield from _opened(url)
    else:
        request.getfixturevalue("_postgres")
        yield from _opened(request.getfixturevalue("own_postgres").url)


def _opened(url: str) -> Iterator[Database]:
    database = Database(url)
    yield database
    database.dispose()


@pytest.mark.parametrize("table", TABLES, ids=lambda table: table.name)
def test_no_path_leads_to_another_tenants_row(walled: Database, table: Table) -> None:
    """Each table walks its share of the paths, so that each path is walked on many tables."""
    assert leaks(walled, table, share=TABLES.index(table) % SHARES) == []


@pytest.mark.parametrize(
    "table",
    [pytest.param(t, id=t.name, marks=() if t.name in KINDS else pytest.mark.whole) for t in TABLES],
)
def test_no_path_at_all_leads_to_another_tenants_row(walled: Database, table: Table) -> None:
    assert leaks(walled, table) == []


@pytest.mark.parametrize("name", KINDS)
def test_without_the_walls_the_same_paths_lead_there(walled: Database, name: str) -> None:
    """The matrix can fail: on a plain engine nearly every path leaks."""
    table = next(table for table in TABLES if table.name == name)
    _tear_down_the_walls(walled, table)

    found = leaks(walled, table, plain=True)

    assert len(found) > PATHS_MIN, sorted({*READS, *WRITES} - set(found))


def test_the_matrix_has_more_paths_than_the_study_that_it_grew_from() -> None:
    assert len(READS) + len(WRITES) >= 2 * PATHS_MIN


def leaks(database: Database, table: Table, *, plain: bool = False, share: int | None = None) -> list[str]:
    """Walk every path, or one share of them; return the names of those that arrive."""
    walked = slice(share, None, SHARES if share is not None else None)
    target = make_target(database, table, plain=plain)
    found = [name for name, path in list(READS.items())[walked] if _reads(target, path)]
    before = _snapshot(database, target)
    for name, path in list(WRITES.items())[walked]:
        if plain and name == "ddl_drop":
            continue  # it would arrive, and leave nothing for the others
        result = _outcome(target, path)
        after = _snapshot(database, target)
        if result == STOLEN or after["foreign"] != before["foreign"]:
            found.append(name)
        if after != before:  # what it changed would be missing for the next
            target = make_target(database, table, plain=plain)
            before = _snapshot(database, target)
    return found


def make_target(database: Database, table: Table, *, plain: bool) -> Target:
    own_id, foreign_id = next(_tenants), next(_tenants)
    own, foreign = make_row(database, table, own_id), make_row(database, table, foreign_id)
    return Target(
        table=table,
        own=own,
        foreign=foreign,
        session=_plain_session(database) if plain else lambda: database.session(own_id),
        connection=database.owner if plain else lambda: database.transaction(own_id),
        foreign_session=lambda: database.session(foreign_id),
        system=database.owner if plain else database.system,
        is_sqlite=database.is_sqlite,
    )


def _plain_session(database: Database) -> Callable[[], AbstractContextManager[Session]]:
    @contextmanager
    def open_one() -> Iterator[Session]:
        with database.owner() as connection, Session(connection) as session:
            yield session
            session.flush()

    return open_one


def _reads(target: Target, path: Path) -> bool:
    try:
        found = path(target)
    except Exception:  # whatever it says, nothing was read
        return False
    return any(_is_theirs(target, value) for value in _flat(found))


def _outcome(target: Target, path: Path) -> object:
    try:
        return path(target)
    except Exception:  # whatever it says, what counts is what is in the database
        return None


def _snapshot(database: Database, target: Target) -> dict[str, list[str]]:
    """Return what each of the two tenants has in the table, as its owner sees it."""
    names = {target.own["tenant_id"]: "own", target.foreign["tenant_id"]: "foreign"}
    found: dict[str, list[str]] = {name: [] for name in names.values()}
    theirs = f"SELECT tenant_id, * FROM {target.table.name} WHERE tenant_id IN {tuple(names)}"
    with database.owner() as connection:
        for tenant_id, *row in connection.exec_driver_sql(theirs):
            found[names[tenant_id]].append(str(row))
    return {name: sorted(rows) for name, rows in found.items()}


def _is_theirs(target: Target, value: Any) -> bool:
    marks = {
        _mark(v) for v in target.foreign.values() if len(_mark(v)) >= TEXT_MIN and not isinstance(v, dict)
    }
    own = {_mark(v) for v in target.own.values()}
    return value == STOLEN or _mark(value) in marks - own


def _mark(value: Any) -> str:
    return str(value).replace("-", "")


def _flat(value: Any) -> Iterator[Any]:
    if isinstance(value, dict):
        value = list(value.values())
    if isinstance(value, (list, tuple)) or hasattr(value, "_mapping"):
        for part in value:
            yield from _flat(part)
    else:
        yield value


def _tear_down_the_walls(database: Database, table: Table) -> None:
    if database.is_sqlite:

        @event.listens_for(database._owner, "begin")
        def _(connection: Connection) -> None:
            for law in ("tenant", "append_only"):
                for verb in ("insert", "update", "delete"):
                    connection.exec_driver_sql(f"DROP TRIGGER IF EXISTS {table.name}_{law}_{verb}")
