"""The doors of the database: what they bind, what they refuse, and how they outlive a restart."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from sqlalchemy import column, create_engine, func, insert, literal, select, table, text
from sqlalchemy.exc import DBAPIError, OperationalError
from sqlalchemy.pool import NullPool

from pitboss.core.database import Database
from pitboss.core.database.engine import normalised
from pitboss.core.database.functions import is_harmless
from pitboss.core.database.guards import kernel_sql
from pitboss.core.errors import ConfigError, TenantBreach, Unavailable
from pitboss.core.jobs import JobRow
from tests.core.database.rows import make_row, values_of

JOB = JobRow.__table__


@pytest.fixture
def only_postgres(backend: str, database: Database) -> Database:
    if backend != "postgresql":
        pytest.skip("SQLite has no server to lose")
    return database


@pytest.fixture
def cut_connections(only_postgres: Database) -> Iterator[Callable[[], int]]:
    """Do what a restart of the server does: end every connection of the pools."""
    server = create_engine(only_postgres.owner_url, isolation_level="AUTOCOMMIT", poolclass=NullPool)

    def cut() -> int:
        with server.connect() as connection:
            query = (
                "SELECT count(pg_terminate_backend(pid, 5000)) FROM pg_stat_activity "
                "WHERE datname = current_database() AND pid <> pg_backend_pid()"
            )
            return connection.exec_driver_sql(query).scalar_one()

    yield cut
    server.dispose()


def open_at_once(database: Database, number: int) -> None:
    """Fill the pool with that many connections."""
    barrier = threading.Barrier(number)

    def hold() -> None:
        with database.transaction(1) as connection:
            connection.execute(select(literal(1)))
            barrier.wait(timeout=30)

    threads = [threading.Thread(target=hold) for _ in range(number)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()


def test_a_lost_connection_heals_on_the_next_transaction(
    only_postgres: Database, cut_connections: Callable[[], int]
) -> None:
    with only_postgres.transaction(1) as connection:
        connection.execute(select(literal(1)))

    assert cut_connections() > 0

    with only_postgres.transaction(1) as connection:
        assert connection.scalar(select(literal(2))) == 2


def test_a_whole_pool_of_lost_connections_heals(
    only_postgres: Database, cut_connections: Callable[[], int]
) -> None:
    open_at_once(only_postgres, 5)

    assert cut_connections() >= 5

    open_at_once(only_postgres, 5)


@pytest.mark.parametrize("door", ["system", "owner"])
def test_the_other_doors_heal_too(
    door: str, only_postgres: Database, cut_connections: Callable[[], int]
) -> None:
    open_door: Any = getattr(only_postgres, door)
    with open_door() as connection:
        connection.exec_driver_sql("SELECT 1")
    cut_connections()

    with open_door() as connection:
        assert connection.exec_driver_sql("SELECT 2").scalar_one() == 2


def test_a_session_heals_too(only_postgres: Database, cut_connections: Callable[[], int]) -> None:
    with only_postgres.session(1) as session:
        session.scalar(select(literal(1)))
    cut_connections()

    with only_postgres.session(1) as session:
        assert session.scalar(select(literal(2))) == 2


def test_work_that_was_under_way_is_lost_with_its_connection(
    only_postgres: Database, cut_connections: Callable[[], int]
) -> None:
    """Only a transaction that did nothing yet may start again on another connection."""
    row = values_of(JOB, 900_001, {})
    with pytest.raises(OperationalError):  # noqa: PT012, SIM117 - the connection goes half way
        with only_postgres.transaction(900_001) as connection:
            connection.execute(insert(JOB), row)
            cut_connections()
            connection.execute(select(JOB))

    with only_postgres.transaction(900_001) as connection:
        assert connection.execute(select(JOB)).all() == []


def test_a_server_that_is_gone_is_unavailable() -> None:
    database = Database("postgresql://nobody@127.0.0.1:1/none")

    with pytest.raises(Unavailable, match="the database does not answer"):
        database.check()


def test_a_read_only_transaction_reads(database: Database) -> None:
    row = make_row(database, JOB, 900_002)

    with database.transaction(900_002, read_only=True) as connection:
        assert connection.scalar(select(JOB.c.id)) == row["id"]


def test_a_read_only_transaction_writes_nothing(database: Database) -> None:
    with pytest.raises(DBAPIError, match="read-?only"), database.transaction(1, read_only=True) as connection:
        connection.execute(insert(JOB), values_of(JOB, 1, {}))


def test_a_connection_writes_again_after_a_read_only_transaction(database: Database) -> None:
    with database.session(900_003, read_only=True) as session:
        session.scalar(select(JOB.c.id))

    row = make_row(database, JOB, 900_003)

    with database.transaction(900_003) as connection:
        assert connection.scalar(select(JOB.c.id)) == row["id"]


def test_a_reader_does_not_wait_for_a_writer(database: Database) -> None:
    with database.transaction(900_004) as writer:
        writer.execute(insert(JOB), values_of(JOB, 900_004, {}))
        with database.transaction(900_004, read_only=True) as reader:
            assert reader.execute(select(JOB)).all() == []
        with database.system(read_only=True) as reader:
            assert reader.execute(select(JOB).where(JOB.c.tenant_id == 900_004)).all() == []


def test_the_system_door_sees_the_system_tables_of_every_tenant(database: Database) -> None:
    rows = [make_row(database, JOB, tenant_id) for tenant_id in (900_005, 900_006)]

    with database.system() as connection:
        found = connection.scalars(select(JOB.c.id).where(JOB.c.tenant_id.in_([900_005, 900_006]))).all()

    assert set(found) == {row["id"] for row in rows}


def test_kernel_sql_ends_with_its_block(database: Database) -> None:
    with database.transaction(1) as connection:
        with kernel_sql(connection):
            assert connection.exec_driver_sql("SELECT 1").scalar_one() == 1
        with pytest.raises(TenantBreach, match="raw SQL"):
            connection.exec_driver_sql("SELECT 1")


def test_kernel_sql_ends_with_an_error_too(database: Database) -> None:
    with database.transaction(1) as connection:
        with pytest.raises(ZeroDivisionError), kernel_sql(connection):
            raise ZeroDivisionError
        with pytest.raises(TenantBreach, match="raw SQL"):
            connection.exec_driver_sql("SELECT 1")


@pytest.mark.parametrize(
    ("statement", "message"),
    [
        (text("SELECT 1"), "text 'SELECT 1' in a tenant's statement: use expressions"),
        (select(func.pg_sleep(1)), "the function 'pg_sleep', which is not in core/database/functions.py"),
        (select(column("x")).select_from(table("nowhere")), "the table 'nowhere', which is not in the cat"),
        (select(literal(1).op("= 1 OR")(1)), "the operator '= 1 OR'"),
    ],
)
def test_a_refusal_names_what_was_wrong(database: Database, statement: Any, message: str) -> None:
    with database.transaction(1) as connection, pytest.raises(TenantBreach) as refusal:
        connection.execute(statement)

    assert message in str(refusal.value)


@pytest.mark.parametrize("operator", ["->>", "@>", "||", "~*", "GLOB", "MATCH", "AT TIME ZONE", "&&"])
def test_ordinary_operators_pass(database: Database, operator: str) -> None:
    with database.transaction(1) as connection:
        literal("a").op(operator)("b").compile(dialect=connection.dialect)


@pytest.mark.parametrize(
    "name", ["count", "COALESCE", "jsonb_set", "date_trunc", "row_number", "pitboss_post"]
)
def test_functions_that_compute_pass(name: str) -> None:
    assert is_harmless(name)


@pytest.mark.parametrize("name", ["set_config", "query_to_xml", "load_extension", "pg_read_file", "dblink"])
def test_functions_that_do_more_do_not(name: str) -> None:
    assert not is_harmless(name)


def test_a_database_that_we_do_not_speak_is_refused() -> None:
    with pytest.raises(ConfigError, match="database 'mysql' is not supported: use sqlite or postgresql"):
        normalised("mysql://u@h/d")


def test_sqlite_in_memory_is_refused() -> None:
    with pytest.raises(ConfigError, match="SQLite needs a file"):
        Database("sqlite://")
