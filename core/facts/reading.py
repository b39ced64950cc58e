"""Read facts: of one player in one SELECT, of many as columns."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any
from uuid import UUID

from sqlalchemy import Integer, Select, Uuid, bindparam, select

from pitboss.core.contracts import Variable
from pitboss.core.errors import InvalidInput
from pitboss.core.facts.plans import Plan, default_of, plan_many, plan_one
from pitboss.core.facts.players import everyone

if TYPE_CHECKING:
    from pitboss.core.context import Context

PAGE_PLAYERS_MAX = 10_000
"""Players in one page of a bulk read; a page of a hundred variables is then some ten megabytes."""


@dataclass(frozen=True, slots=True)
class Columns:
    """Facts of many players: `values[name][i]` is that of `player_ids[i]`."""

    player_ids: list[UUID]
    values: Mapping[str, list[Any]]

    def __len__(self) -> int:
        return len(self.player_ids)


def read(ctx: Context, player_id: UUID, names: Sequence[str] | None = None) -> dict[str, Any]:
    """Return facts of a player by full name, all stored ones by default, in one SELECT.

    What is not known is None. A variable that is computed is there only when it is named.
    """
    variables = _stored(ctx) if names is None else [ctx.view.term(n, Variable) for n in names]
    stored = [v for v in variables if v.is_stored]
    found = dict(zip([v.name for v in stored], _read_one(ctx, player_id, stored), strict=True))
    for variable in variables:
        if variable.compute is not None:
            found[variable.name] = _computed(ctx, player_id, variable)
    return found


def read_variable(ctx: Context, variable: Variable) -> Any:
    """Return one stored variable of the context's subject."""
    if ctx.subject is None:
        raise InvalidInput(f"{variable.name!r} is a fact of a player: say which with ctx.of(player_id)")
    return _read_one(ctx, ctx.subject, [variable])[0]


def read_many(ctx: Context, player_ids: Sequence[UUID], names: Sequence[str]) -> Columns:
    """Return facts of given players as columns, in the order of the ids."""
    variables = _in_bulk(ctx, names)
    plan = plan_many(variables, _given)
    defaults = [default_of(v) for v in variables]
    found: dict[UUID, list[Any]] = {}
    for at in range(0, len(player_ids), PAGE_PLAYERS_MAX):
        page = list(player_ids[at : at + PAGE_PLAYERS_MAX])
        found |= {row[0]: plan.values(row) for row in _rows(ctx, plan, players=page)}
    return _columns(variables, list(player_ids), [found.get(p, defaults) for p in player_ids])


def read_page(
    ctx: Context,
    names: Sequence[str],
    *,
    after: UUID | None = None,
    limit: int = PAGE_PLAYERS_MAX,
    until: UUID | None = None,
) -> Columns:
    """Return facts of the tenant's next players as columns, in the order of their ids.

    `until` bounds the range, so that a big read can be split between workers.
    """
    if not 1 <= limit <= PAGE_PLAYERS_MAX:
        raise InvalidInput(f"limit: {limit} must be between 1 and {PAGE_PLAYERS_MAX}")
    variables = _in_bulk(ctx, names)
    plan = plan_many(variables, _page)
    rows = _rows(ctx, plan, after=after or UUID(int=0), until=until or UUID(int=2**128 - 1), limit=limit)
    return _columns(variables, [row[0] for row in rows], [plan.values(row) for row in rows])


def read_pages(ctx: Context, names: Sequence[str]) -> Iterator[Columns]:
    """Yield facts of every player of the tenant, a page at a time."""
    after: UUID | None = None
    while True:
        page = read_page(ctx, names, after=after)
        if not page.player_ids:
            return
        yield page
        after = page.player_ids[-1]


def _stored(ctx: Context) -> list[Variable]:
    terms = (owned.item for owned in ctx.view.terms.values())
    return [term for term in terms if isinstance(term, Variable) and term.is_stored]


def _in_bulk(ctx: Context, names: Sequence[str]) -> list[Variable]:
    variables = [ctx.view.term(name, Variable) for name in names]
    for variable in variables:
        if not variable.is_stored:
            raise InvalidInput(f"{variable.name!r} is computed for one player: it cannot be read in bulk")
    return variables


def _read_one(ctx: Context, player_id: UUID, variables: Sequence[Variable]) -> list[Any]:
    if not variables:
        return []
    plan = plan_one(variables)
    return plan.values(_rows(ctx, plan, player=player_id)[0])


def _computed(ctx: Context, player_id: UUID, variable: Variable) -> Any:
    assert variable.compute is not None
    before = ctx.subject
    try:
        value = variable.compute(ctx.of(player_id))
    finally:
        ctx.subject = before
    return default_of(variable) if value is None else value


def _rows(ctx: Context, plan: Plan, **players: Any) -> Sequence[Any]:
    parameters = plan.parameters(ctx.tenant.id, ctx.clock.now(), ctx.tenant.zone)
    return ctx.connection.execute(plan.statement, parameters | players).all()


def _columns(variables: Sequence[Variable], ids: list[UUID], rows: Sequence[list[Any]]) -> Columns:
    columns = [list(column) for column in zip(*rows, strict=True)] or [[] for _ in variables]
    return Columns(ids, dict(zip([v.name for v in variables], columns, strict=True)))


def _given() -> Select[Any]:
    players = everyone().subquery()
    wanted = bindparam("players", expanding=True, type_=Uuid())
    return select(players.c.player_id).where(players.c.player_id.in_(wanted))


def _page() -> Select[Any]:
    players = everyone().subquery()
    return (
        select(players.c.player_id)
        .where(
            players.c.player_id > bindparam("after", type_=Uuid()),
            players.c.player_id <= bindparam("until", type_=Uuid()),
        )
        .order_by(players.c.player_id)
        .limit(bindparam("limit", type_=Integer()))
    )
