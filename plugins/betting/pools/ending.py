"""The end of a pool: paid by a result, refunded, or paid again when a result is corrected."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any
from uuid import UUID

from sqlalchemy import Row, bindparam, update

from pitboss.core import audit, events, ledger
from pitboss.core.context import Context
from pitboss.core.errors import Conflict, NotFound, PitbossError
from pitboss.plugins.betting import accounts
from pitboss.plugins.betting.facts import keeping
from pitboss.plugins.betting.markets import catalogue, rulebook
from pitboss.plugins.betting.pools import book, wording
from pitboss.plugins.betting.pools.book import ENTRY, POOL, account, carry
from pitboss.plugins.betting.pools.ranking import Ranked, rank
from pitboss.plugins.betting.pools.sharing import Shared, share_private, share_tote

OP_PAY = "betting.pay_pool"
OP_END = "betting.end_pool"
PIECE_POSTINGS = 5_000
"""Payments of one statement."""
_PAID = (
    update(ENTRY)
    .where(ENTRY.c.tenant_id == bindparam("of_tenant"), ENTRY.c.id == bindparam("of_id"))
    .values(state=bindparam("to_state"), payout=bindparam("to_payout"))
)


def settle(ctx: Context, pool_id: UUID, result: Mapping[str, Any]) -> Row[Any]:
    """Pay a pool by a result, once; one that would pay otherwise than it did waits for an operator."""
    pool = book.find(ctx, pool_id, is_locked=True)
    ranked = ranking_of(ctx, pool, result)
    if pool.state == "open":
        _end(ctx, pool, ranked, result_version=result["version"])
    elif pool.outcome.get("ranking") != ranked.tiers:
        _change(ctx, pool, outcome={**pool.outcome, "waiting_version": result["version"]})
    return book.find(ctx, pool_id)


def settle_again(ctx: Context, pool_id: UUID, *, reason: str) -> Row[Any]:
    """Take back what a pool paid, and pay it by the newest result."""
    pool = book.find(ctx, pool_id, is_locked=True)
    if pool.state == "open":
        raise Conflict(f"pool {pool.name!r} is open: the result pays it")
    result = ctx.value("sports.result", str(pool.fixture_id), 0)
    if result is None:
        raise NotFound(f"fixture {pool.fixture_id} has no result")
    for key in _keys_of(ctx, pool):
        ledger.reverse(ctx.connection, key=key, shortfall="receivable", actor=ctx.actor.label, reason=reason)
    old = {"state": pool.state, "ranking": pool.outcome.get("ranking")}
    _end(ctx, pool, ranking_of(ctx, pool, result), result_version=result["version"])
    after = book.find(ctx, pool_id)
    new = {"state": after.state, "ranking": after.outcome.get("ranking")}
    audit.record(ctx, "betting.resettle_pool", f"pool:{pool_id}", old=old, new=new, reason=reason)
    return after


def cancel(ctx: Context, pool_id: UUID, *, reason: str) -> Row[Any]:
    """Give all stakes of an open pool back."""
    pool = book.find(ctx, pool_id, is_locked=True)
    if pool.state != "open":
        raise Conflict(f"pool {pool.name!r} is {pool.state}: only an open one can be cancelled")
    _end(ctx, pool, Ranked([]), result_version=0, reason=reason)
    audit.record(
        ctx,
        "betting.cancel_pool",
        f"pool:{pool_id}",
        old={"state": "open"},
        new={"state": "refunded"},
        reason=reason,
    )
    return book.find(ctx, pool_id)


def withdraw(ctx: Context, pool_id: UUID, code: str) -> None:
    """Give the stakes on an answer that takes no part back, at once."""
    pool = book.find(ctx, pool_id, is_locked=True)
    if pool.state != "open" or code not in book.codes_of(pool):
        return
    entries = [one for one in book.entries(ctx, pool_id, "open") if one.selection == code]
    refunds = {one.id: one.stake for one in entries}
    _post_to_players(ctx, pool, entries, refunds, "refund")
    _write_entries(ctx, entries, {}, refunds)
    _count(ctx, entries, {}, refunds, is_first=True)
    selections = [[one, name, gone or one == code] for one, name, gone in pool.selections]
    gross = pool.gross - sum(refunds.values())
    _change(ctx, pool, selections=selections, gross=gross, entry_count=pool.entry_count - len(entries))


def ranking_of(ctx: Context, pool: Row[Any], result: Mapping[str, Any]) -> Ranked:
    """Return who won a pool, by a result and the rules of its kind of question."""
    rules = rulebook.binding(ctx, pool.sport, pool.template).rules
    template = catalogue.template_of(ctx, pool.template)
    return rank(template, pool.selections, result["outcome"], rules, places=pool.places)


# -- its money -----------------------------------------------------------------------------------------


def _end(ctx: Context, pool: Row[Any], ranked: Ranked, *, result_version: int, reason: str = "") -> None:
    version, is_first = pool.version + 1, pool.version == 0
    states = ("open",) if is_first else ("open", "won", "lost", "refunded")
    entries = [one for one in book.entries(ctx, pool.id, *states) if is_first or _took_part(pool, one)]
    found = _share(ctx, pool, entries, ranked)
    _open_up(ctx, pool, found, version)
    _post_to_players(ctx, pool, entries, found.refunds, f"refund:{version}")
    _post_to_players(ctx, pool, entries, found.payouts, f"pay:{version}")
    _close_down(ctx, pool, found, version)
    _write_entries(ctx, entries, found.payouts, found.refunds)
    _count(ctx, entries, found.payouts, found.refunds, is_first=is_first)
    outcome = {
        **found.told,
        "takeout": found.takeout,
        "breakage": found.breakage,
        "carried_out": found.carried_out,
        "result_version": result_version,
        "reason": reason,
    }
    _change(ctx, pool, state=found.state, version=version, outcome=outcome, ended_at=ctx.clock.now())
    _tell(ctx, pool, entries, found, version)


def _took_part(pool: Row[Any], entry: Row[Any]) -> bool:
    """Tell whether an entry stood when the pool ended: one on a withdrawn answer was refunded before."""
    return entry.selection in book.codes_of(pool)


def _share(ctx: Context, pool: Row[Any], entries: Sequence[Row[Any]], ranked: Ranked) -> Shared:
    if pool.kind == "private":
        return share_private(entries, ranked, wording.shares_of(pool.terms))
    rounding = rulebook.binding(ctx, pool.sport, pool.template).terms["rounding"]
    terms = wording.terms_of(pool.terms, rounding)
    return share_tote(entries, book.codes_of(pool), ranked, terms, carried_in=pool.carried_in)


def _keys_of(ctx: Context, pool: Row[Any]) -> Iterator[str]:
    """Yield the keys of what a pool posted at its end, the last first, so that it can never be overdrawn."""
    said, version = pool.outcome, pool.version
    if said["breakage"] > 0 or said["carried_out"]:
        yield f"pool:{pool.id}:close:{version}"
    for one in book.entries(ctx, pool.id, "won", "refunded"):
        if _took_part(pool, one):
            what = "pay" if one.state == "won" else "refund"
            yield f"pool:{pool.id}:{what}:{version}:{one.id}"
    if said["breakage"] < 0 or said["takeout"]:
        yield f"pool:{pool.id}:open:{version}"


def _open_up(ctx: Context, pool: Row[Any], found: Shared, version: int) -> None:
    """Add what the house owes a minus pool, and take what it keeps."""
    house, own = ledger.house("betting_pools", pool.currency), account(pool.id, pool.currency)
    legs = [ledger.Leg(house, own, -found.breakage)] if found.breakage < 0 else []
    if found.takeout:
        legs.append(ledger.Leg(own, house, found.takeout))
    _post(ctx, f"pool:{pool.id}:open:{version}", legs)


def _close_down(ctx: Context, pool: Row[Any], found: Shared, version: int) -> None:
    """Take breakage and what is carried over: nothing is left in the pool."""
    own = account(pool.id, pool.currency)
    legs = []
    if found.breakage > 0:
        legs.append(ledger.Leg(own, ledger.house("breakage", pool.currency), found.breakage))
    if found.carried_out:
        legs.append(ledger.Leg(own, carry(pool.series, pool.currency), found.carried_out))
    _post(ctx, f"pool:{pool.id}:close:{version}", legs)


def _post(ctx: Context, key: str, legs: list[ledger.Leg]) -> None:
    if legs:
        ledger.post(ctx.connection, key=key, op=OP_END, legs=legs, actor=ctx.actor.label)


def _post_to_players(
    ctx: Context, pool: Row[Any], entries: Sequence[Row[Any]], amounts: Mapping[Any, int], what: str
) -> None:
    own = account(pool.id, pool.currency)
    postings = [
        ledger.Posting(
            key=f"pool:{pool.id}:{what}:{entry.id}",
            op=OP_PAY,
            legs=[ledger.Leg(own, accounts.wallet(entry.player_id, pool.currency), amounts[entry.id])],
            actor=ctx.actor.label,
        )
        for entry in entries
        if amounts.get(entry.id)
    ]
    for at in range(0, len(postings), PIECE_POSTINGS):
        for answer in ledger.post_many(ctx.connection, postings[at : at + PIECE_POSTINGS]):
            if isinstance(answer, PitbossError):
                raise answer


# -- rows and events -----------------------------------------------------------------------------------


def _write_entries(
    ctx: Context, entries: Sequence[Row[Any]], payouts: Mapping[Any, int], refunds: Mapping[Any, int]
) -> None:
    rows = [
        {
            "of_tenant": ctx.tenant.id,
            "of_id": one.id,
            "to_state": _state(one.id, payouts, refunds),
            "to_payout": payouts.get(one.id, 0) + refunds.get(one.id, 0),
        }
        for one in entries
    ]
    if rows:
        ctx.connection.execute(_PAID, rows)


def _state(entry_id: Any, payouts: Mapping[Any, int], refunds: Mapping[Any, int]) -> str:
    if entry_id in refunds:
        return "refunded"
    return "won" if payouts.get(entry_id) else "lost"


def _count(
    ctx: Context,
    entries: Sequence[Row[Any]],
    payouts: Mapping[Any, int],
    refunds: Mapping[Any, int],
    *,
    is_first: bool,
) -> None:
    """Keep the figures of the players: the whole for the first time, the difference after a correction."""
    changes = []
    for one in entries:
        returned = payouts.get(one.id, 0) + refunds.get(one.id, 0)
        more = returned if is_first else returned - one.payout
        changes.append(
            keeping.Settled(
                player_id=one.player_id,
                stake=one.stake if is_first else 0,
                returned=more,
                net_loss=(one.stake if is_first else 0) - more,
                is_first=False,
                wins=0,
                profit=returned - one.stake,
                at=ctx.clock.now(),
            )
        )
    keeping.settled(ctx, changes)


def _tell(ctx: Context, pool: Row[Any], entries: Sequence[Row[Any]], found: Shared, version: int) -> None:
    said = {"pool_id": str(pool.id), "state": found.state, "version": version}
    told = [events.prepare(ctx, "betting.pool_settled", {**said, "gross": pool.gross})]
    for one in entries:
        payout = found.payouts.get(one.id, 0) + found.refunds.get(one.id, 0)
        about = {
            **said,
            "entry_id": str(one.id),
            "stake": one.stake,
            "payout": payout,
            "previous_payout": one.payout,
            "profit": payout - one.stake,
            "currency": pool.currency,
            "sport": pool.sport,
            "outcome": _state(one.id, found.payouts, found.refunds),
        }
        told.append(events.prepare(ctx, "betting.pool_entry_settled", about, player_id=one.player_id))
    events.record(ctx, told)


def _change(ctx: Context, pool: Row[Any], **values: Any) -> None:
    mine = (POOL.c.tenant_id == ctx.tenant.id, POOL.c.id == pool.id)
    ctx.connection.execute(update(POOL).where(*mine).values(**values))
