"""Detectors at work: what abuse looks like in the tables, found each night and when accounts look alike."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import Row, func, select

from pitboss.core.context import Context
from pitboss.core.contracts import Listener, Task
from pitboss.core.events import Event
from pitboss.plugins.loyalty.abuse import lookalikes, signs, traits, watch
from pitboss.plugins.loyalty.abuse.signs import Bet, BonusPlay, PlayThrough, Signal, Transfer
from pitboss.plugins.loyalty.abuse.tables import TraitRow
from pitboss.plugins.loyalty.bonuses.tables import BonusRow
from pitboss.plugins.loyalty.play.tables import Transaction
from pitboss.plugins.loyalty.referrals.tables import ReferralRow
from pitboss.plugins.loyalty.rewards.tables import RewardRow

SUSPECTS_MAX = 1_000
"""The most players that one detector looks at closely in a night, the heaviest first."""
OPEN_BOOK_MAX = 5_000
"""Bets or transfers that are sent to be judged at once."""

_TX, _BONUS, _REWARD = Transaction.__table__, BonusRow.__table__, RewardRow.__table__
_TRAIT, _REFERRAL = TraitRow.__table__, ReferralRow.__table__


def scan(ctx: Context, _payload: Mapping[str, Any]) -> None:
    """Look at everybody's recent past; a sign that was raised this month is not raised again."""
    settings, now = ctx.settings("loyalty")["signals"], ctx.clock.now()
    since = now - timedelta(days=settings["window_days"])
    found = [
        *_bonus_hunters(ctx, since, bonuses_min=settings["bonuses_min"]),
        *_minimal_players(ctx, since),
    ]
    # In the order of players, so that whoever else holds several of them never waits for this in turn.
    for signal in sorted(found, key=lambda one: (sorted(one.players), one.detector)):
        raise_found(ctx, signal, window=f"{now.astimezone(ctx.tenant.zone):%Y-%m}")


def raise_found(ctx: Context, signal: Signal, *, window: str) -> list[UUID]:
    """Raise what a detector found, once for each of its players and window."""
    raised = (
        watch.raise_signal(
            ctx,
            key=f"{signal.detector}:{player}:{window}",
            player_id=UUID(player),
            detector=signal.detector,
            severity=signal.severity,
            reason=signal.reason,
            evidence={**signal.evidence, "players": sorted(signal.players)},
        )
        for player in sorted(signal.players)
    )
    return [signal_id for signal_id in raised if signal_id is not None]


# -- what others send to be judged -----------------------------------------------------------------


def judge_bets(ctx: Context, bets: Sequence[Bet], *, window: str) -> list[UUID]:
    """Judge bets of one player, or of several who may act together, for covering each other."""
    found = signs.opposite_betting(bets)
    return raise_found(ctx, found, window=window) if found is not None else []


def judge_transfers(ctx: Context, transfers: Iterable[Transfer], *, window: str) -> list[UUID]:
    """Judge what players lost to each other for going one way."""
    found = sorted(signs.chip_dumping(transfers), key=lambda signal: sorted(signal.players))
    return [signal_id for signal in found for signal_id in raise_found(ctx, signal, window=window)]


# -- accounts that look alike ----------------------------------------------------------------------


def alike(ctx: Context, event: Event) -> None:
    """Look for accounts that look like one person, after something new is known of a player."""
    if event.player_id is None:
        return
    mine = select(_TRAIT.c.kind, _TRAIT.c.digest).where(
        _TRAIT.c.tenant_id == ctx.tenant.id, _TRAIT.c.player_id == event.player_id
    )
    digests: dict[str, list[str]] = {}
    for kind, digest in ctx.connection.execute(mine):
        digests.setdefault(kind, []).append(digest)
    known = traits.traits_of(ctx, traits.holders(ctx, digests))
    least = ctx.settings("loyalty")["signals"]["alike_score_min"]
    for signal in signs.multi_accounting(list(known.values()), score_min=least):
        if str(event.player_id) in signal.players and not _is_referral(ctx, signal.players):
            _raise_alike(ctx, signal)


def _raise_alike(ctx: Context, signal: Signal) -> None:
    # The newest account is the second one: ids sort by when they were made.
    newest = max(UUID(player) for player in signal.players)
    watch.raise_signal(
        ctx,
        key=f"{signal.detector}:{newest}:{signal.severity}",
        player_id=newest,
        detector=signal.detector,
        severity=signal.severity,
        reason=signal.reason,
        evidence={**signal.evidence, "players": sorted(signal.players)},
    )


def _is_referral(ctx: Context, players: Iterable[str]) -> bool:
    """Tell whether these are the two sides of a referral, of which that has a signal of its own."""
    ids = [UUID(player) for player in players]
    query = select(_REFERRAL.c.id).where(
        _REFERRAL.c.tenant_id == ctx.tenant.id,
        _REFERRAL.c.friend_id.in_(ids),
        _REFERRAL.c.referrer_id.in_(ids),
    )
    return len(ids) == 2 and ctx.connection.execute(query.limit(1)).first() is not None


# -- bonus hunting ---------------------------------------------------------------------------------


def _bonus_hunters(ctx: Context, since: datetime, *, bonuses_min: int) -> Iterator[Signal]:
    staked, with_bonus = func.sum(_TX.c.amount), func.sum(_TX.c.bonus_amount)
    bonuses = (
        select(func.count())
        .where(
            _BONUS.c.tenant_id == ctx.tenant.id,
            _BONUS.c.player_id == _TX.c.player_id,
            _BONUS.c.granted_at >= since,
        )
        .scalar_subquery()
    )
    query = (
        select(_TX.c.player_id, staked, with_bonus, bonuses)
        .where(*_wagers(ctx, since))
        .group_by(_TX.c.player_id)
        .having(with_bonus * 2 > staked)
        .order_by(staked.desc())
        .limit(SUSPECTS_MAX)
    )
    for player_id, all_of_it, bonus, count in ctx.connection.execute(query).all():
        play = BonusPlay(
            player=str(player_id), staked=int(all_of_it), staked_with_bonus=int(bonus), bonuses=int(count)
        )
        found = signs.bonus_hunting(play, bonuses_min=bonuses_min)
        if found is not None:
            yield found


# -- minimal play-through --------------------------------------------------------------------------


def _minimal_players(ctx: Context, since: datetime) -> Iterator[Signal]:
    query = (
        select(_BONUS, _REWARD.c.ended_at)
        .join(_REWARD, (_REWARD.c.tenant_id == _BONUS.c.tenant_id) & (_REWARD.c.id == _BONUS.c.id))
        .where(
            _BONUS.c.tenant_id == ctx.tenant.id,
            _BONUS.c.state == "completed",
            _REWARD.c.ended_at >= since,
        )
        .order_by(_BONUS.c.player_id, _BONUS.c.granted_at)
        .limit(SUSPECTS_MAX)
    )
    by_player: dict[UUID, list[Row[Any]]] = {}
    for row in ctx.connection.execute(query):
        by_player.setdefault(row.player_id, []).append(row)
    for player_id, rows in by_player.items():
        played = [found for found in (_play_through(ctx, row) for row in rows) if found is not None]
        signal = signs.minimal_playthrough(str(player_id), played)
        if signal is not None:
            yield signal


def _play_through(ctx: Context, bonus: Row[Any]) -> PlayThrough | None:
    """Return how a bonus was played until the next withdrawal; None where there was none."""
    withdrawn_at = ctx.connection.scalar(
        select(func.min(_TX.c.at)).where(
            *_of(ctx, bonus.player_id), _TX.c.kind == "withdrawal", _TX.c.at >= bonus.ended_at
        )
    )
    if withdrawn_at is None:
        return None
    wagered = select(func.coalesce(func.sum(_TX.c.amount), 0)).where(
        *_of(ctx, bonus.player_id),
        _TX.c.kind == "wager",
        _TX.c.at >= bonus.granted_at,
        _TX.c.at <= withdrawn_at,
    )
    return PlayThrough(
        requirement=bonus.requirement,
        wagered=int(ctx.connection.scalar(wagered) or 0),
        seconds_until_withdrawal=int((withdrawn_at - bonus.ended_at).total_seconds()),
    )


def _wagers(ctx: Context, since: datetime) -> tuple[Any, ...]:
    return (
        _TX.c.tenant_id == ctx.tenant.id,
        _TX.c.kind == "wager",
        _TX.c.at >= since,
        _TX.c.rolled_back_at.is_(None),
    )


def _of(ctx: Context, player_id: UUID) -> tuple[Any, ...]:
    return (
        _TX.c.tenant_id == ctx.tenant.id,
        _TX.c.player_id == player_id,
        _TX.c.rolled_back_at.is_(None),
    )


LISTENERS = (Listener(lookalikes.RECORDED, alike, name="find_alike"),)
TASKS = (Task(name="loyalty.find_abuse", title="Look for abuse of rewards", run=scan, cron="30 3 * * *"),)
