"""Pools and their entries: opened, entered, found."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Row, func, insert, select, update
from sqlalchemy.dialects.postgresql import insert as postgres_insert
from sqlalchemy.dialects.sqlite import insert as sqlite_insert

from pitboss.core import audit, ledger
from pitboss.core.clock import uuid7
from pitboss.core.context import Context
from pitboss.core.errors import Conflict, Forbidden, InvalidInput, KeyReused, NotFound, nearest
from pitboss.core.money import Money
from pitboss.core.texts import marked
from pitboss.plugins.betting import accounts
from pitboss.plugins.betting.facts import keeping
from pitboss.plugins.betting.markets import catalogue, templates
from pitboss.plugins.betting.pools import wording
from pitboss.plugins.betting.pools.tables import Pool, PoolEntry

POOL, ENTRY = Pool.__table__, PoolEntry.__table__
OP_ENTER = "betting.enter_pool"
STAKE_MINOR_MAX = 1_000_000_00
"""Of one entry."""
ENTRIES_MAX = 50_000
"""Entries of one pool: they are paid in one transaction."""


# -- opening -------------------------------------------------------------------------------------------


def open_pool(
    ctx: Context,
    fixture_id: UUID,
    *,
    kind: str,
    template: str,
    terms: Mapping[str, Any],
    places: int = 1,
    series: str = "",
    invite: str = "",
    name: str = "",
) -> Row[Any]:
    """Open a pool on a fixture that has not begun, by terms that nobody changes any more."""
    fixture = _scheduled(ctx, fixture_id)
    question, line = _question(ctx, template, fixture, places)
    declared = wording.check(kind, terms)
    if declared.get("no_winner") == "carry" and not series:
        raise InvalidInput("series: a pool that is carried over needs one", {"series": ["Missing."]})
    made = uuid7()
    row = {
        "tenant_id": ctx.tenant.id,
        "id": made,
        "kind": kind,
        "fixture_id": fixture_id,
        "sport": fixture["sport"],
        "competition": fixture["competition"] or "",
        "template": question.code,
        "places": places,
        "name": name or f"{fixture['name']}: {templates.name_of(question, fixture, line)}",
        "selections": [[one.code, one.name, False] for one in templates.answers(question, fixture, line)],
        "terms": declared,
        "series": series,
        "invite": invite,
        "currency": ctx.tenant.currency,
        "state": "open",
        "closes_at": datetime.fromisoformat(fixture["starts_at"]),
        "carried_in": _carried_in(ctx, made, series),
        "outcome": {},
        "made_by": ctx.actor.label,
        "made_at": ctx.clock.now(),
    }
    ctx.connection.execute(insert(POOL), row)
    audit.record(ctx, "betting.open_pool", f"pool:{made}", new={"name": row["name"], "terms": declared})
    said = {"pool_id": str(made), "fixture_id": str(fixture_id), "kind": kind, "name": row["name"]}
    ctx.emit("betting.pool_opened", said)
    return find(ctx, made)


def _scheduled(ctx: Context, fixture_id: UUID) -> Mapping[str, Any]:
    fixture: Mapping[str, Any] | None = ctx.value("sports.fixture", str(fixture_id))
    if fixture is None:
        raise NotFound(f"no fixture {fixture_id}")
    if datetime.fromisoformat(fixture["starts_at"]) <= ctx.clock.now() or fixture["status"] != "scheduled":
        raise Conflict(f"{fixture['name']} has begun or is not on: open a pool on one that is scheduled")
    return fixture


def _question(
    ctx: Context, template: str, fixture: Mapping[str, Any], places: int
) -> tuple[templates.Template, str]:
    """Return the question of a pool, and its line: the places, where there are any."""
    question = catalogue.template_of(ctx, template)
    templates.check_fits(question, fixture["sport"])
    if question.line not in ("none", "places"):
        raise InvalidInput(
            f"template {template!r} has lines: choose one without, such as match_result or winner",
            {"template": ["Has lines."]},
        )
    return question, str(places) if question.line == "places" else ""


def account(pool_id: UUID, currency: str) -> ledger.Account:
    """Name where the stakes of a pool are."""
    return ledger.pool(f"betting_pool:{pool_id}", currency)


def carry(series: str, currency: str) -> ledger.Account:
    """Name where what a series carries over waits for its next pool."""
    return ledger.pool(f"betting_series:{series}", currency)


def _carried_in(ctx: Context, pool_id: UUID, series: str) -> int:
    if not series:
        return 0
    waiting = carry(series, ctx.tenant.currency)
    amount = int(ledger.balance(ctx.connection, waiting))
    if amount:
        leg = ledger.Leg(waiting, account(pool_id, ctx.tenant.currency), amount)
        ledger.post(ctx.connection, key=f"pool:{pool_id}:carried_in", op="betting.carry_pool", legs=[leg])
    return amount


# -- entering ------------------------------------------------------------------------------------------


def enter(
    ctx: Context,
    pool_id: UUID,
    player_id: UUID,
    *,
    selection: str,
    stake: int,
    reference: str,
    invite: str = "",
) -> Row[Any]:
    """Stake on an answer of a pool that is open; the same reference is the same entry."""
    known = _known(ctx, pool_id, player_id, reference, selection=selection, stake=stake)
    if known is not None:
        return known
    pool = find(ctx, pool_id)
    _check(ctx, pool, player_id, selection=selection, stake=stake, invite=invite)
    _ask(ctx, pool, player_id, selection=selection, stake=stake)
    if not _counted(ctx, pool, stake):
        raise Conflict(f"pool {pool.name!r} takes no more entries: it is closed or full")
    made = uuid7()
    row = {
        "tenant_id": ctx.tenant.id,
        "id": made,
        "pool_id": pool_id,
        "player_id": player_id,
        "reference": reference,
        "selection": selection,
        "stake": stake,
        "state": "open",
        "payout": 0,
        "at": ctx.clock.now(),
    }
    insert_of = sqlite_insert if ctx.connection.dialect.name == "sqlite" else postgres_insert
    statement = insert_of(ENTRY).on_conflict_do_nothing().returning(ENTRY.c.id)
    if ctx.connection.scalar(statement, row) is None:
        raise Conflict(f"the reference {reference!r} is being used by another request: ask again")
    leg = ledger.Leg(accounts.wallet(player_id, pool.currency), account(pool_id, pool.currency), stake)
    ledger.post(ctx.connection, key=f"pool:{pool_id}:entry:{made}", op=OP_ENTER, legs=[leg])
    keeping.pool_entered(ctx, player_id, stake=stake)
    said = {"entry_id": str(made), "pool_id": str(pool_id), "stake": stake, "currency": pool.currency}
    ctx.emit("betting.pool_entered", {**said, "sport": pool.sport}, player_id=player_id)
    return find_entry(ctx, made)


def _check(ctx: Context, pool: Row[Any], player_id: UUID, *, selection: str, stake: int, invite: str) -> None:
    if pool.state != "open" or pool.closes_at <= ctx.clock.now():
        raise Conflict(f"pool {pool.name!r} is closed: it took entries until {pool.closes_at.isoformat()}")
    open_codes = [code for code, _, gone in pool.selections if not gone]
    if selection not in open_codes:
        raise InvalidInput(
            f"pool {pool.name!r} has no answer {selection!r}: {nearest(selection, open_codes)}",
            {"selection": ["Not one of the pool, or withdrawn."]},
        )
    if pool.kind == "private":
        _check_private(ctx, pool, player_id, stake=stake, invite=invite)
    elif not pool.terms["stake_min"] <= stake <= STAKE_MINOR_MAX:
        least, most, given = _texts(ctx, pool, pool.terms["stake_min"], STAKE_MINOR_MAX, stake)
        cure = marked(f"give from {least} to {most}")
        raise InvalidInput(f"the stake is {given}: {cure}", {"stake": [f"{cure[:1].upper()}{cure[1:]}."]})


def _texts(ctx: Context, pool: Row[Any], *amounts: int) -> list[str]:
    return [f"{ctx.tenant.currencies.text(Money(each, pool.currency))} {pool.currency}" for each in amounts]


def _check_private(ctx: Context, pool: Row[Any], player_id: UUID, *, stake: int, invite: str) -> None:
    if invite != pool.invite:
        raise Forbidden("this pool is private: ask who made it for the invitation, and send it along")
    if stake != pool.terms["fee"]:
        given, fee = _texts(ctx, pool, stake, pool.terms["fee"])
        raise InvalidInput(
            f"the stake is {given}, and the fee of this pool {fee}: stake the fee",
            {"stake": [f"Give {fee}."]},
        )
    if pool.entry_count >= pool.terms["members_max"]:
        raise Conflict(f"pool {pool.name!r} is full: it has {pool.entry_count} members")
    query = select(ENTRY.c.id).where(*_of(ctx, pool.id), ENTRY.c.player_id == player_id)
    if ctx.connection.scalar(query.where(ENTRY.c.state == "open")) is not None:
        raise Conflict(f"you are in pool {pool.name!r} already: each member enters once")


def _ask(ctx: Context, pool: Row[Any], player_id: UUID, *, selection: str, stake: int) -> None:
    """Ask what guards bets: limits and exclusions hold for pools as well."""
    leg = {
        "fixture_id": str(pool.fixture_id),
        "sport": pool.sport,
        "competition": pool.competition,
        "market_id": None,
        "template": pool.template,
        "selection": selection,
        "odds": None,
        "is_in_play": False,
    }
    asked = {
        "player_id": player_id,
        "kind": "pool",
        "stake": stake,
        "potential": None,
        "currency": pool.currency,
        "is_free": False,
        "is_in_play": False,
        "legs": [leg],
    }
    ctx.of(player_id).guard("betting.place_bet", asked)


def _counted(ctx: Context, pool: Row[Any], stake: int) -> bool:
    """Add to the pool while it is open: lock and check are one statement."""
    most = min(ENTRIES_MAX, pool.terms.get("members_max", ENTRIES_MAX))
    statement = (
        update(POOL)
        .where(
            POOL.c.tenant_id == ctx.tenant.id,
            POOL.c.id == pool.id,
            POOL.c.state == "open",
            POOL.c.closes_at > ctx.clock.now(),
            POOL.c.entry_count < most,
        )
        .values(gross=POOL.c.gross + stake, entry_count=POOL.c.entry_count + 1)
    )
    return bool(ctx.connection.execute(statement).rowcount)


def _known(
    ctx: Context, pool_id: UUID, player_id: UUID, reference: str, *, selection: str, stake: int
) -> Row[Any] | None:
    query = select(ENTRY).where(
        ENTRY.c.tenant_id == ctx.tenant.id, ENTRY.c.player_id == player_id, ENTRY.c.reference == reference
    )
    row = ctx.connection.execute(query).first()
    if row is not None and (row.pool_id, row.selection, row.stake) != (pool_id, selection, stake):
        raise KeyReused(f"the reference {reference!r} belongs to another entry: send a new one")
    return row


# -- reading -------------------------------------------------------------------------------------------


def find(ctx: Context, pool_id: UUID, *, is_locked: bool = False) -> Row[Any]:
    """Return a pool."""
    query = select(POOL).where(POOL.c.tenant_id == ctx.tenant.id, POOL.c.id == pool_id)
    row = ctx.connection.execute(query.with_for_update() if is_locked else query).first()
    if row is None:
        raise NotFound(f"no pool {pool_id}")
    return row


def find_entry(ctx: Context, entry_id: UUID) -> Row[Any]:
    """Return an entry."""
    query = select(ENTRY).where(ENTRY.c.tenant_id == ctx.tenant.id, ENTRY.c.id == entry_id)
    row = ctx.connection.execute(query).first()
    if row is None:
        raise NotFound(f"no entry {entry_id}")
    return row


def listed(
    ctx: Context,
    *,
    fixture_id: UUID | None = None,
    state: str = "",
    is_private: bool | None = None,
    before: UUID | None = None,
    limit: int = 50,
) -> list[Row[Any]]:
    """Return pools, the newest first."""
    query = select(POOL).where(POOL.c.tenant_id == ctx.tenant.id).order_by(POOL.c.id.desc()).limit(limit)
    if fixture_id is not None:
        query = query.where(POOL.c.fixture_id == fixture_id)
    if state:
        query = query.where(POOL.c.state == state)
    if is_private is not None:
        query = query.where((POOL.c.kind == "private") == is_private)
    if before is not None:
        query = query.where(POOL.c.id < before)
    return list(ctx.connection.execute(query))


def entries_of_player(
    ctx: Context, player_id: UUID, *, before: UUID | None = None, limit: int = 50
) -> list[Row[Any]]:
    """Return a player's entries, the newest first."""
    query = select(ENTRY).where(ENTRY.c.tenant_id == ctx.tenant.id, ENTRY.c.player_id == player_id)
    if before is not None:
        query = query.where(ENTRY.c.id < before)
    return list(ctx.connection.execute(query.order_by(ENTRY.c.id.desc()).limit(limit)))


def entries(ctx: Context, pool_id: UUID, *states: str) -> list[Row[Any]]:
    """Return the entries of a pool, oldest first."""
    query = select(ENTRY).where(*_of(ctx, pool_id)).order_by(ENTRY.c.id)
    return list(ctx.connection.execute(query.where(ENTRY.c.state.in_(states)) if states else query))


def stakes(ctx: Context, pool: Row[Any]) -> dict[str, int]:
    """Return what stands on each answer of a pool, also on those that nobody backs."""
    query = (
        select(ENTRY.c.selection, func.sum(ENTRY.c.stake))
        .where(*_of(ctx, pool.id), ENTRY.c.state != "refunded")
        .group_by(ENTRY.c.selection)
    )
    found = {code: int(total) for code, total in ctx.connection.execute(query)}
    return {code: found.get(code, 0) for code, _, _ in pool.selections}


def codes_of(pool: Row[Any]) -> Sequence[str]:
    """Return the answers that can still be staked on."""
    return [code for code, _, gone in pool.selections if not gone]


def _of(ctx: Context, pool_id: UUID) -> tuple[Any, ...]:
    return (ENTRY.c.tenant_id == ctx.tenant.id, ENTRY.c.pool_id == pool_id)
