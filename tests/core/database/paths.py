"""Every way we know in which code may reach for a row: each tries to reach another tenant's.

A path returns what it read, or STOLEN when a change that must not happen went through. An error is a
refusal, which is as good as finding nothing.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from dataclasses import dataclass
from typing import Any

from sqlalchemy import (
    DDL,
    Connection,
    Integer,
    MetaData,
    String,
    Table,
    and_,
    cast,
    column,
    delete,
    exists,
    extract,
    func,
    insert,
    inspect,
    literal,
    literal_column,
    or_,
    select,
    table,
    text,
    true,
    tuple_,
    union,
    union_all,
    update,
    values,
)
from sqlalchemy.dialects.postgresql import insert as postgres_insert
from sqlalchemy.dialects.sqlite import insert as sqlite_insert
from sqlalchemy.orm import (
    Session,
    aliased,
    joinedload,
    make_transient,
    make_transient_to_detached,
    selectinload,
    subqueryload,
)
from sqlalchemy.sql.elements import quoted_name

from pitboss.core.database import Base
from pitboss.core.database.guards import TENANT, kernel_sql
from tests.core.database.rows import kind_of, values_of

STOLEN = "stolen"


@dataclass
class Target:
    """One table with a row of ours and a row of theirs, and the doors of our tenant."""

    table: Table
    own: dict[str, Any]
    foreign: dict[str, Any]
    session: Callable[[], AbstractContextManager[Session]]
    connection: Callable[[], AbstractContextManager[Connection]]
    foreign_session: Callable[[], AbstractContextManager[Session]]
    system: Callable[[], AbstractContextManager[Connection]]
    is_sqlite: bool

    @property
    def entity(self) -> Any:
        return next(m.class_ for m in Base.registry.mappers if m.local_table is self.table)

    @property
    def attributes(self) -> dict[str, str]:
        """Map columns to the names of the entity's attributes."""
        mapper = inspect(self.entity)
        return {c.name: mapper.get_property_by_column(c).key for c in self.table.columns}

    @property
    def keys(self) -> list[str]:
        return [c.name for c in self.table.primary_key]

    @property
    def theirs(self) -> Any:
        """The condition that only their row meets."""
        return and_(*(self.table.c[key] == self.foreign[key] for key in self.keys))

    @property
    def ours(self) -> Any:
        return and_(*(self.table.c[key] == self.own[key] for key in self.keys))

    @property
    def key(self) -> tuple[Any, ...]:
        return tuple(self.foreign[key] for key in self.keys)

    @property
    def spare(self) -> str:
        """A column that may be changed without breaking a key."""
        fixed = {*self.keys, *(e.parent.name for k in self.table.foreign_key_constraints for e in k.elements)}
        kinds = (str, int, bool)
        free = [c for c in self.table.columns if c.name not in fixed and kind_of(c) in kinds]
        return free[0].name if free else self.keys[-1]

    @property
    def change(self) -> dict[str, Any]:
        """A change to the spare column."""
        kind = kind_of(self.table.c[self.spare])
        return {self.spare: True if kind is bool else 7 if kind is int else "x"}

    def thing(self, row: dict[str, Any], **more: Any) -> Any:
        names = self.attributes
        return self.entity(**{names[k]: v for k, v in {**row, **more}.items()})

    def detached(self, row: dict[str, Any]) -> Any:
        found = self.thing({key: row[key] for key in self.keys})
        make_transient_to_detached(found)
        return found

    def upsert(self) -> Any:
        return (sqlite_insert if self.is_sqlite else postgres_insert)(self.table)

    def raw(self, verb: str = "SELECT") -> str:
        tenant = self.foreign["tenant_id"]
        if verb == "SELECT":
            return f"SELECT * FROM {self.table.name} WHERE tenant_id = {tenant}"
        return f"DELETE FROM {self.table.name} WHERE tenant_id = {tenant}"


Path = Callable[[Target], Any]
READS: dict[str, Path] = {}
WRITES: dict[str, Path] = {}


def reads(path: Path) -> Path:
    READS[path.__name__] = path
    return path


def writes(path: Path) -> Path:
    WRITES[path.__name__] = path
    return path


def orm(t: Target, statement: Any) -> list[Any]:
    with t.session() as session:
        return _plain(session.execute(statement).all())


def core(t: Target, statement: Any) -> list[Any]:
    with t.connection() as connection:
        return list(connection.execute(statement).all())


def _plain(rows: Any) -> list[Any]:
    """Read entities while their session is open."""
    return [_attributes(part) for row in rows for part in (row if hasattr(row, "_mapping") else (row,))]


def _attributes(part: Any) -> Any:
    if hasattr(part, "_sa_instance_state"):
        return {key: getattr(part, key) for key, _ in inspect(part).mapper.columns.items()}
    return part


# -- reading through the ORM -------------------------------------------------------------------


@reads
def orm_select_all(t: Target) -> Any:
    return orm(t, select(t.entity))


@reads
def orm_select_by_key(t: Target) -> Any:
    return orm(t, select(t.entity).where(t.theirs))


@reads
def orm_select_by_tenant(t: Target) -> Any:
    return orm(t, select(t.entity).where(t.table.c.tenant_id == t.foreign["tenant_id"]))


@reads
def orm_get(t: Target) -> Any:
    with t.session() as session:
        return _plain([session.get(t.entity, t.key)])


@reads
def orm_query(t: Target) -> Any:
    with t.session() as session:
        return _plain(session.query(t.entity).all())


@reads
def orm_query_or_true(t: Target) -> Any:
    return orm(t, select(t.entity).where(or_(t.ours, true())))


@reads
def orm_columns(t: Target) -> Any:
    return orm(t, select(*(getattr(t.entity, name) for name in t.attributes.values())))


@reads
def orm_alias(t: Target) -> Any:
    return orm(t, select(aliased(t.entity)))


@reads
def orm_two_aliases(t: Target) -> Any:
    one, two = aliased(t.entity), aliased(t.entity)
    return orm(t, select(one, two))


@reads
def orm_cte(t: Target) -> Any:
    return orm(t, select(aliased(t.entity, select(t.entity).cte())))


@reads
def orm_subquery(t: Target) -> Any:
    return orm(t, select(aliased(t.entity, select(t.entity).subquery())))


@reads
def orm_union(t: Target) -> Any:
    both = union_all(select(t.entity), select(t.entity).where(t.theirs))
    return orm(t, select(t.entity).from_statement(both))


@reads
def orm_exists(t: Target) -> Any:
    other = aliased(t.entity)
    is_there = exists().where(other.tenant_id == t.foreign["tenant_id"])
    return [STOLEN for row in orm(t, select(is_there)) if row is True]


@reads
def orm_in_subquery(t: Target) -> Any:
    ids = select(t.table.c.tenant_id)
    return [STOLEN for row in orm(t, select(literal(t.foreign["tenant_id"]).in_(ids))) if row in (True, 1)]


@reads
def orm_correlated(t: Target) -> Any:
    other = aliased(t.entity)
    newest = select(func.max(other.tenant_id)).where(other.tenant_id >= t.entity.tenant_id)
    return _numbers(t, orm(t, select(newest.scalar_subquery()).select_from(t.entity)))


@reads
def orm_lateral(t: Target) -> Any:
    side = select(t.table.alias("inner_row")).lateral()
    return orm(t, select(t.entity, *side.c).join(side, true()))


@reads
def orm_self_join(t: Target) -> Any:
    other = aliased(t.entity)
    return orm(t, select(other).select_from(t.entity).join(other, true()))


@reads
def orm_outer_join(t: Target) -> Any:
    other = aliased(t.entity)
    return orm(t, select(other).select_from(t.entity).outerjoin(other, other.tenant_id != t.entity.tenant_id))


@reads
def orm_refresh(t: Target) -> Any:
    with t.session() as session:
        found = t.detached(t.foreign)
        session.add(found)
        session.refresh(found)
        return _plain([found])


@reads
def orm_expired_attribute(t: Target) -> Any:
    if t.spare in t.keys:
        return []  # a key is known without asking the database
    with t.session() as session:
        found = t.detached(t.foreign)
        session.add(found)
        return [getattr(found, t.attributes[t.spare]), *_plain([found])]


@reads
def orm_populate_existing(t: Target) -> Any:
    return orm(t, select(t.entity).execution_options(populate_existing=True))


@reads
def orm_loaders(t: Target) -> Any:
    found: list[Any] = []
    for relation in inspect(t.entity).relationships:
        attribute = getattr(t.entity, relation.key)
        for loader in (joinedload, selectinload, subqueryload):
            found += orm(t, select(t.entity).options(loader(attribute)))
        found += orm(t, select(relation.entity.class_).join(attribute.of_type(relation.entity.class_)))
        found += orm(t, select(t.entity).where(attribute.any() if relation.uselist else attribute.has()))
    return found


@reads
def orm_yield_per(t: Target) -> Any:
    with t.session() as session:
        return _plain(list(session.scalars(select(t.entity).execution_options(yield_per=1))))


@reads
def orm_lock_rows(t: Target) -> Any:
    return orm(t, select(t.entity).with_for_update())


@reads
def orm_merge_what_is_there(t: Target) -> Any:
    with t.session() as session:
        merged = session.merge(t.thing({key: t.foreign[key] for key in t.keys}))
        session.expire(merged)
        return _plain([merged])


@reads
def orm_select_after_tenant_change(t: Target) -> Any:
    with t.session() as session:
        session.get(t.entity, tuple(t.own[key] for key in t.keys))
        session.tenant_id = t.foreign["tenant_id"]  # type: ignore[attr-defined]  # a tenant's session has one
        return _plain(session.scalars(select(t.entity)).all())


@reads
def orm_get_after_tenant_change(t: Target) -> Any:
    with t.session() as session:
        session.info["tenant_id"] = t.foreign["tenant_id"]
        return _plain([session.get(t.entity, t.key)])


@reads
def orm_session_with_connection_options(t: Target) -> Any:
    with t.session() as session:
        session.connection(execution_options={TENANT: t.foreign["tenant_id"]})
        return _plain(session.scalars(select(t.entity)).all())


@reads
def orm_in_savepoint(t: Target) -> Any:
    with t.session() as session, session.begin_nested():
        return _plain(session.scalars(select(t.entity)).all())


# -- reading through Core ----------------------------------------------------------------------


@reads
def core_select_all(t: Target) -> Any:
    return core(t, select(t.table))


@reads
def core_select_by_key(t: Target) -> Any:
    return core(t, select(t.table).where(t.theirs))


@reads
def core_in_session(t: Target) -> Any:
    return orm(t, select(t.table))


@reads
def core_alias(t: Target) -> Any:
    return core(t, select(t.table.alias()))


@reads
def core_join(t: Target) -> Any:
    other = t.table.alias()
    return core(t, select(other).select_from(t.table.join(other, true())))


@reads
def core_full_join(t: Target) -> Any:
    other = t.table.alias()
    return core(t, select(t.table, *other.c).join(other, t.table.c.tenant_id != other.c.tenant_id, full=True))


@reads
def core_comma_join(t: Target) -> Any:
    one, two = t.table.alias(), t.table.alias()
    return core(t, select(one, *two.c).where(one.c.tenant_id <= two.c.tenant_id))


@reads
def mixed_orm_and_core_join(t: Target) -> Any:
    other = t.table.alias()
    return orm(t, select(*other.c).select_from(t.entity).join(other, true()))


@reads
def core_union(t: Target) -> Any:
    return core(t, union(select(t.table), select(t.table).where(t.theirs)))


@reads
def core_except(t: Target) -> Any:
    names = [c for c in t.table.c if c.name in t.keys]
    return core(t, select(*names).except_(select(*names).where(t.ours)))


@reads
def core_intersect(t: Target) -> Any:
    names = [c for c in t.table.c if c.name in t.keys]
    return core(t, select(*names).intersect(select(*names)))


@reads
def core_cte(t: Target) -> Any:
    return core(t, select(select(t.table).cte()))


@reads
def core_recursive_cte(t: Target) -> Any:
    first = select(t.table.c.tenant_id).cte(recursive=True)
    again = t.table.alias()
    whole = first.union(select(again.c.tenant_id).where(again.c.tenant_id > first.c.tenant_id))
    return _numbers(t, core(t, select(whole.c.tenant_id)))


@reads
def core_scalar_subquery(t: Target) -> Any:
    return _numbers(t, core(t, select(select(func.max(t.table.c.tenant_id)).scalar_subquery())))


@reads
def core_values_join(t: Target) -> Any:
    wanted = values(column("who", Integer), name="wanted").data([(t.foreign["tenant_id"],)])
    return core(t, select(t.table).join(wanted, wanted.c.who == t.table.c.tenant_id))


@reads
def core_tuple_in(t: Target) -> Any:
    return core(t, select(t.table).where(tuple_(*(t.table.c[k] for k in t.keys)).in_([t.key])))


@reads
def core_count(t: Target) -> Any:
    return [STOLEN for (n,) in core(t, select(func.count()).select_from(t.table)) if n > 1]


@reads
def core_count_column(t: Target) -> Any:
    return [STOLEN for (n,) in core(t, select(func.count(t.table.c.tenant_id))) if n > 1]


@reads
def core_group(t: Target) -> Any:
    tenant = t.table.c.tenant_id
    return _numbers(t, core(t, select(tenant, func.count()).group_by(tenant).having(func.count() > 0)))


@reads
def core_window(t: Target) -> Any:
    tenant = t.table.c.tenant_id
    over = func.first_value(tenant).over(order_by=tenant.desc())
    return _numbers(t, core(t, select(over)))


@reads
def core_aggregate_filter(t: Target) -> Any:
    tenant = t.table.c.tenant_id
    return _numbers(t, core(t, select(func.max(tenant).filter(tenant > 0))))


@reads
def core_order_and_limit(t: Target) -> Any:
    return core(t, select(t.table).order_by(t.table.c.tenant_id.desc()).limit(1))


@reads
def core_server_side_cursor(t: Target) -> Any:
    with t.connection() as connection:
        return connection.execution_options(stream_results=True, yield_per=1).execute(select(t.table)).all()


@reads
def core_table_sample(t: Target) -> Any:
    return core(t, select(t.table.tablesample(func.bernoulli(100))))


@reads
def core_look_alike(t: Target) -> Any:
    names = [column(c.name) for c in t.table.c]
    return core(t, select(*names).select_from(table(t.table.name, *names)))


@reads
def core_look_alike_without_tenant(t: Target) -> Any:
    names = [column(c.name) for c in t.table.c if c.name != "tenant_id"]
    return core(t, select(table(t.table.name, *(names or [column("code")]))))


@reads
def core_look_alike_alias(t: Target) -> Any:
    return core(t, select(literal_column("*")).select_from(table(t.table.name).alias("x")))


@reads
def core_other_catalogue(t: Target) -> Any:
    return core(t, select(t.table.to_metadata(MetaData())))


@reads
def core_schema_look_alike(t: Target) -> Any:
    schema = "main" if t.is_sqlite else "public"
    return core(t, select(t.table.to_metadata(MetaData(), schema=schema)))


@reads
def core_schema_translation(t: Target) -> Any:
    schema = "main" if t.is_sqlite else "public"
    with t.connection() as connection:
        connection.execution_options(schema_translate_map={None: schema})
        return connection.execute(select(t.table)).all()


@reads
def core_upper_case_look_alike(t: Target) -> Any:
    name = quoted_name(t.table.name.upper(), quote=False)
    return core(t, select(literal_column("*")).select_from(table(name)))


@reads
def core_reflected(t: Target) -> Any:
    with t.connection() as connection:
        reflected = Table(t.table.name, MetaData(), autoload_with=connection)
        return connection.execute(select(reflected)).all()


@reads
def core_unquoted_table_name(t: Target) -> Any:
    name = quoted_name(f"(SELECT * FROM {t.table.name})", quote=False)
    return core(t, select(literal_column("*")).select_from(table(name)))


@reads
def core_unquoted_alias(t: Target) -> Any:
    trick = quoted_name(f"x, {t.table.name} AS y", quote=False)
    return core(t, select(literal_column("*")).select_from(t.table.alias(trick)))


@reads
def core_unquoted_label(t: Target) -> Any:
    trick = quoted_name(f"a, tenant_id FROM {t.table.name} --", quote=False)
    return _numbers(t, core(t, select(literal(1).label(trick))), at=-1)


# -- text, and what could carry it -------------------------------------------------------------


@reads
def text_select(t: Target) -> Any:
    return core(t, text(t.raw()))


@reads
def text_select_in_session(t: Target) -> Any:
    return orm(t, text(t.raw()))


@reads
def text_with_columns(t: Target) -> Any:
    return core(t, text(t.raw()).columns(t.table.c.tenant_id))


@reads
def text_as_subquery(t: Target) -> Any:
    return core(t, select(text(t.raw()).columns(*t.table.c).subquery()))


@reads
def text_from_statement(t: Target) -> Any:
    return orm(t, select(t.entity).from_statement(text(t.raw())))


@reads
def text_in_where(t: Target) -> Any:
    return core(t, select(literal(1)).where(text(f"EXISTS ({t.raw()})"))) and [STOLEN]


@reads
def text_in_order(t: Target) -> Any:
    query = select(t.table).order_by(text(f"(SELECT count(*) FROM ({t.raw()}) z)"))
    return core(t, query) and [STOLEN]


@reads
def text_in_columns(t: Target) -> Any:
    return core(t, select(text(f"z.* FROM ({t.raw()}) z")))


@reads
def text_in_from(t: Target) -> Any:
    return core(t, select(literal_column("*")).select_from(text(f"({t.raw()}) z")))


@reads
def text_in_prefix(t: Target) -> Any:
    return core(t, select(t.table.c.tenant_id).prefix_with(f"z.* FROM ({t.raw()}) z UNION ALL SELECT"))


@reads
def text_in_suffix(t: Target) -> Any:
    return _numbers(t, core(t, select(t.table.c.tenant_id).suffix_with(_tail(t))))


@reads
def text_in_statement_hint(t: Target) -> Any:
    return _numbers(t, core(t, select(t.table.c.tenant_id).with_statement_hint(_tail(t))))


@reads
def text_in_table_hint(t: Target) -> Any:
    return _numbers(t, core(t, select(t.table.c.tenant_id).with_hint(t.table, _tail(t))))


@reads
def literal_column_subquery(t: Target) -> Any:
    return core(t, select(literal_column(f"(SELECT tenant_id FROM ({t.raw()}) z)"))) and [STOLEN]


@reads
def literal_flag_on_column(t: Target) -> Any:
    inner = f"(SELECT tenant_id FROM ({t.raw()}) z)"
    return _numbers(t, core(t, select(column(inner, is_literal=True))))


@reads
def operator_with_sql(t: Target) -> Any:
    trick = f"= 0 UNION ALL SELECT tenant_id FROM {t.table.name} WHERE 1 ="
    return _numbers(t, core(t, select(t.table.c.tenant_id).where(literal(1).op(trick)(1))))


@reads
def operator_with_comment(t: Target) -> Any:
    trick = f"= 1) OR EXISTS ({t.raw()}) --"
    return core(t, select(literal(1)).where(literal(0).op(trick)(1))) and [STOLEN]


@reads
def extract_with_sql(t: Target) -> Any:
    trick = f"year FROM now()), (SELECT max(tenant_id) FROM {t.table.name} WHERE now() IS NOT NULL"
    return _numbers(t, core(t, select(extract(trick, func.now()))))


@reads
def function_with_sql_in_its_name(t: Target) -> Any:
    trick = f"(SELECT max(tenant_id) FROM {t.table.name}) + abs"
    return _numbers(t, core(t, select(getattr(func, trick)(0))))


@reads
def function_sets_the_tenant(t: Target) -> Any:
    with t.connection() as connection:
        connection.execute(select(func.set_config("app.tenant_id", str(t.foreign["tenant_id"]), True)))
        return connection.execute(select(t.table)).all()


@reads
def packaged_function_sets_the_tenant(t: Target) -> Any:
    with t.connection() as connection:
        setter = func.pg_catalog.set_config("app.tenant_id", str(t.foreign["tenant_id"]), True)
        connection.execute(select(setter))
        return connection.execute(select(t.table)).all()


@reads
def function_resets_the_role(t: Target) -> Any:
    with t.connection() as connection:
        connection.execute(select(func.set_config("role", "none", True)))
        return connection.execute(select(t.table)).all()


@reads
def function_runs_text(t: Target) -> Any:
    who = t.foreign["tenant_id"]
    with t.connection() as connection:
        set_tenant = f"SELECT set_config('app.tenant_id', '{who}', true)"
        connection.execute(select(func.query_to_xml(set_tenant, True, True, "")))
        return connection.execute(select(cast(func.query_to_xml(t.raw(), True, True, ""), String))).all()


@reads
def bound_value_with_sql(t: Target) -> Any:
    trick = literal(f"x' UNION SELECT tenant_id FROM {t.table.name} --", literal_execute=True)
    return _numbers(t, core(t, select(t.table.c.tenant_id).where(cast(t.table.c.tenant_id, String) == trick)))


@reads
def collation_with_sql(t: Target) -> Any:
    trick = f'x" UNION SELECT tenant_id FROM {t.table.name} --'
    return _numbers(t, core(t, select(t.table.c.tenant_id).order_by(literal("a").collate(trick))))


# -- round the statement: drivers, options, other doors ----------------------------------------


@reads
def driver_sql(t: Target) -> Any:
    with t.connection() as connection:
        return connection.exec_driver_sql(t.raw()).all()


@reads
def driver_sql_of_session(t: Target) -> Any:
    with t.session() as session:
        return session.connection().exec_driver_sql(t.raw()).all()


@reads
def driver_sql_with_statement_option(t: Target) -> Any:
    with t.connection() as connection:
        options = {"pitboss_kernel_sql": True}
        return connection.exec_driver_sql(t.raw(), execution_options=options).all()


@reads
def driver_sql_after_the_kernel_used_it(t: Target) -> Any:
    with t.connection() as connection:
        with kernel_sql(connection):
            connection.exec_driver_sql("SELECT 1")
        return connection.exec_driver_sql(t.raw()).all()


@reads
def driver_sql_resets_the_role(t: Target) -> Any:
    with t.connection() as connection:
        connection.exec_driver_sql("RESET ROLE")
        return connection.exec_driver_sql(t.raw()).all()


@reads
def driver_cursor(t: Target) -> Any:
    with t.connection() as connection:
        cursor = connection.connection.cursor()
        cursor.execute(t.raw())
        return cursor.fetchall()


@reads
def driver_connection_of_session(t: Target) -> Any:
    with t.session() as session:
        driver: Any = session.connection().connection.dbapi_connection
        return driver.execute(t.raw()).fetchall()


@reads
def driver_connection_of_engine(t: Target) -> Any:
    with t.connection() as connection:
        raw: Any = connection.engine.raw_connection()
        try:
            return raw.dbapi_connection.execute(t.raw()).fetchall()
        finally:
            raw.close()


@reads
def ddl_select(t: Target) -> Any:
    with t.connection() as connection:
        return connection.execute(DDL(t.raw())).all()


@reads
def option_of_connection(t: Target) -> Any:
    with t.connection() as connection:
        engine = connection.engine
    with engine.connect() as other:
        other.execution_options(**{TENANT: t.foreign["tenant_id"]})
        return other.execute(select(t.table)).all()


@reads
def option_of_engine(t: Target) -> Any:
    with t.connection() as connection:
        engine = connection.engine.execution_options(**{TENANT: t.foreign["tenant_id"]})
    with engine.connect() as other:
        return other.execute(select(t.table)).all()


@reads
def option_autocommit(t: Target) -> Any:
    with t.connection() as connection:
        engine = connection.engine
    with engine.connect().execution_options(isolation_level="AUTOCOMMIT") as other:
        return other.execute(select(t.table)).all()


@reads
def two_phase_transaction(t: Target) -> Any:
    with t.connection() as connection:
        engine = connection.engine
    with engine.connect() as other, other.begin_twophase():
        return other.execute(select(t.table)).all()


@reads
def transaction_after_the_first(t: Target) -> Any:
    with t.connection() as connection:
        engine = connection.engine
    with engine.connect() as other:
        found = other.execute(select(t.table)).all()
        other.commit()
        return [*found, *other.execute(select(t.table)).all()]


@reads
def system_door(t: Target) -> Any:
    if t.table.info.get("system"):
        return []
    with t.system() as connection:
        return connection.execute(select(t.table)).all()


@reads
def system_door_text(t: Target) -> Any:
    if t.table.info.get("system"):
        return []
    with t.system() as connection:
        return connection.exec_driver_sql(t.raw()).all()


# -- changing ----------------------------------------------------------------------------------


@writes
def update_by_key(t: Target) -> None:
    orm(t, update(t.entity).where(t.theirs).values(t.change).returning(t.table.c.tenant_id))


@writes
def update_all(t: Target) -> None:
    with t.session() as session:
        session.execute(update(t.entity).values(t.change))


@writes
def core_update(t: Target) -> None:
    with t.connection() as connection:
        connection.execute(update(t.table).where(t.theirs).values(t.change))


@writes
def core_update_alias(t: Target) -> None:
    other = t.table.alias()
    with t.connection() as connection:
        connection.execute(update(other).values(t.change))


@writes
def core_update_look_alike(t: Target) -> None:
    name = t.spare
    with t.connection() as connection:
        connection.execute(update(table(t.table.name, column(name))).values(t.change))


@writes
def core_update_from(t: Target) -> None:
    other = t.table.alias()
    with t.connection() as connection:
        connection.execute(update(t.table).where(other.c.tenant_id <= t.table.c.tenant_id).values(t.change))


@writes
def core_update_of_subquery(t: Target) -> None:
    other = t.table.alias()
    keys = select(other.c.tenant_id)
    with t.connection() as connection:
        connection.execute(update(t.table).where(t.table.c.tenant_id.in_(keys)).values(t.change))


@writes
def update_in_cte(t: Target) -> None:
    changed = update(t.table).values(t.change).returning(t.table.c.tenant_id).cte()
    core_commit(t, select(changed))


@writes
def delete_in_cte(t: Target) -> None:
    core_commit(t, select(delete(t.table).returning(t.table.c.tenant_id).cte()))


@writes
def update_gives_row_away(t: Target) -> None:
    core_commit(t, update(t.table).where(t.ours).values(tenant_id=t.foreign["tenant_id"]))


@writes
def update_takes_row(t: Target) -> None:
    core_commit(t, update(t.table).where(t.theirs).values(tenant_id=t.own["tenant_id"]))


@writes
def update_by_primary_key_in_bulk(t: Target) -> None:
    row = {t.attributes[k]: v for k, v in t.foreign.items() if k in t.keys}
    change = {t.attributes[k]: v for k, v in t.change.items()}
    with t.session() as session:
        session.execute(update(t.entity), [{**row, **change}])


@writes
def bulk_update_mappings(t: Target) -> None:
    row = {t.attributes[k]: v for k, v in t.foreign.items() if k in t.keys}
    change = {t.attributes[k]: v for k, v in t.change.items()}
    with t.session() as session:
        session.bulk_update_mappings(inspect(t.entity), [{**row, **change}])


@writes
def bulk_insert_mappings(t: Target) -> None:
    with t.session() as session:
        session.bulk_insert_mappings(inspect(t.entity), [fresh(t, orm_names=True)])


@writes
def bulk_save_objects(t: Target) -> None:
    with t.session() as session:
        found = t.detached(t.foreign)
        setattr(found, t.attributes[t.spare], t.change.get(t.spare))
        session.bulk_save_objects([found])


@writes
def query_update(t: Target) -> None:
    with t.session() as session:
        session.query(t.entity).update({t.attributes[t.spare]: t.change[t.spare]})


@writes
def query_delete(t: Target) -> None:
    with t.session() as session:
        session.query(t.entity).filter(t.theirs).delete()


@writes
def delete_by_key(t: Target) -> None:
    with t.session() as session:
        session.execute(delete(t.entity).where(t.theirs))


@writes
def core_delete_all(t: Target) -> None:
    core_commit(t, delete(t.table))


@writes
def core_delete_alias(t: Target) -> None:
    core_commit(t, delete(t.table.alias()))


@writes
def core_delete_look_alike(t: Target) -> None:
    core_commit(t, delete(table(t.table.name)))


@writes
def core_delete_using(t: Target) -> None:
    other = t.table.alias()
    core_commit(t, delete(t.table).where(other.c.tenant_id <= t.table.c.tenant_id))


@writes
def core_delete_returning(t: Target) -> None:
    core_commit(t, delete(t.table).where(t.theirs).returning(t.table))


@writes
def delete_detached(t: Target) -> None:
    with t.session() as session:
        session.delete(t.detached(t.foreign))


@writes
def delete_what_the_other_loaded(t: Target) -> None:
    found = loaded_by_the_other(t)
    with t.session() as session:
        session.add(found)
        session.delete(found)


@writes
def change_what_the_other_loaded(t: Target) -> None:
    found = loaded_by_the_other(t)
    with t.session() as session:
        session.add(found)
        setattr(found, t.attributes[t.spare], t.change[t.spare])


@writes
def merge_what_the_other_loaded(t: Target) -> None:
    found = loaded_by_the_other(t)
    setattr(found, t.attributes[t.spare], t.change[t.spare])
    with t.session() as session:
        session.merge(found)


@writes
def merge_without_loading(t: Target) -> None:
    found = loaded_by_the_other(t)
    with t.session() as session:
        merged = session.merge(found, load=False)
        setattr(merged, t.attributes[t.spare], t.change[t.spare])


@writes
def merge_by_key(t: Target) -> None:
    with t.session() as session:
        session.merge(t.thing(t.foreign, **t.change))


@writes
def take_what_the_other_loaded(t: Target) -> None:
    found = loaded_by_the_other(t)
    with t.session() as session:
        session.add(found)
        found.tenant_id = t.own["tenant_id"]


@writes
def give_own_away(t: Target) -> None:
    with t.session() as session:
        found = session.get_one(t.entity, tuple(t.own[key] for key in t.keys))
        found.tenant_id = t.foreign["tenant_id"]


@writes
def add_foreign(t: Target) -> None:
    with t.session() as session:
        session.add(t.entity(**fresh(t, orm_names=True)))


@writes
def add_foreign_after_tenant_change(t: Target) -> None:
    with t.session() as session:
        session.tenant_id = t.foreign["tenant_id"]  # type: ignore[attr-defined]  # a tenant's session has one
        session.add(t.entity(**fresh(t, orm_names=True)))


@writes
def add_a_copy_of_theirs(t: Target) -> None:
    found = loaded_by_the_other(t)
    make_transient(found)
    for key in t.keys[1:]:
        setattr(found, t.attributes[key], fresh(t)[key])
    with t.session() as session:
        session.add(found)


@writes
def orm_insert(t: Target) -> None:
    with t.session() as session:
        session.execute(insert(t.entity), [fresh(t, orm_names=True)])


@writes
def core_insert(t: Target) -> None:
    core_commit(t, insert(t.table).values(fresh(t)))


@writes
def core_insert_returning(t: Target) -> None:
    core_commit(t, insert(t.table).values(fresh(t)).returning(t.table))


@writes
def core_insert_from_select(t: Target) -> None:
    row = fresh(t)
    chosen = select(*(literal(value, t.table.c[name].type) for name, value in row.items()))
    core_commit(t, insert(t.table).from_select(list(row), chosen))


@writes
def upsert_onto_theirs(t: Target) -> None:
    row = {**t.foreign, **t.change}
    core_commit(t, t.upsert().values(row).on_conflict_do_update(index_elements=t.keys, set_=t.change))


@writes
def upsert_gives_own_away(t: Target) -> None:
    given = {"tenant_id": t.foreign["tenant_id"]}
    core_commit(t, t.upsert().values(t.own).on_conflict_do_update(index_elements=t.keys, set_=given))


@writes
def upsert_on_every_unique_key(t: Target) -> None:
    for index in t.table.indexes:
        if index.unique:
            row = {**fresh(t), "tenant_id": t.own["tenant_id"]}
            row |= {c.name: t.foreign[c.name] for c in index.columns if c.name in t.foreign}
            row["tenant_id"] = t.own["tenant_id"]
            names = [c.name for c in index.columns]
            statement = t.upsert().values(row).on_conflict_do_update(index_elements=names, set_=t.change)
            core_commit(t, statement)


@writes
def replace_theirs(t: Target) -> None:
    row = {**t.own, **{k: v for k, v in t.foreign.items() if k not in t.keys}}
    core_commit(t, insert(t.table).prefix_with("OR REPLACE").values(row))


@writes
def attach_to_their_parent(t: Target) -> Any:
    for key in t.table.foreign_key_constraints:
        names = [e.parent.name for e in key.elements if e.parent.name != "tenant_id"]
        if not names or any(t.foreign.get(name) is None for name in names):
            continue
        core_commit(t, update(t.table).where(t.ours).values({name: t.foreign[name] for name in names}))
        return STOLEN
    return None


@writes
def text_delete(t: Target) -> None:
    core_commit(t, text(t.raw("DELETE")))


@writes
def driver_delete(t: Target) -> None:
    with t.connection() as connection:
        connection.exec_driver_sql(t.raw("DELETE"))


@writes
def ddl_delete(t: Target) -> None:
    core_commit(t, DDL(t.raw("DELETE")))


@writes
def ddl_drop(t: Target) -> None:
    with t.connection() as connection:
        MetaData().drop_all(connection)
        t.table.to_metadata(MetaData()).drop(connection)


@writes
def delete_after_setting_the_tenant(t: Target) -> None:
    with t.connection() as connection:
        connection.execute(select(func.set_config("app.tenant_id", str(t.foreign["tenant_id"]), True)))
        connection.execute(delete(t.table))


@writes
def system_door_delete(t: Target) -> None:
    if not t.table.info.get("system"):
        with t.system() as connection:
            connection.execute(delete(t.table))


# -- help --------------------------------------------------------------------------------------


def core_commit(t: Target, statement: Any) -> None:
    with t.connection() as connection:
        connection.execute(statement)


def loaded_by_the_other(t: Target) -> Any:
    with t.foreign_session() as session:
        found = session.get_one(t.entity, t.key)
        session.refresh(found)
        session.expunge(found)
        return found


def fresh(t: Target, *, orm_names: bool = False) -> dict[str, Any]:
    """Return the values of a new row of theirs."""
    parents = {e.parent.name for k in t.table.foreign_key_constraints for e in k.elements}
    given = {name: t.foreign[name] for name in parents if name in t.foreign}
    row = values_of(t.table, t.foreign["tenant_id"], given)
    return {t.attributes[k]: v for k, v in row.items()} if orm_names else row


def _tail(t: Target) -> str:
    return f"UNION ALL SELECT tenant_id FROM {t.table.name}"


def _numbers(t: Target, rows: Any, *, at: int = 0) -> list[Any]:
    """Report their tenant's number among results that carry nothing else of theirs."""
    found: Iterator[Any] = (row[at] if hasattr(row, "__getitem__") else row for row in rows)
    return [STOLEN for value in found if value == t.foreign["tenant_id"]]
