"""What holds of segments whatever happens."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import delete, select

from pitboss.core import facts
from pitboss.core.clock import uuid7
from pitboss.core.events import Event
from pitboss.core.identity.tables import Player
from pitboss.rules.book.live import book_of
from pitboss.rules.runtime.facts import gather, known_now
from pitboss.rules.segments.membership import judged
from pitboss.rules.segments.refresh import renew
from pitboss.rules.segments.standing import mend_players
from pitboss.rules.segments.tables import MemberRow, PlayerRow
from pitboss.rules.vocabulary import judging
from tests.rules.casino import METRIC, CasinoFacts
from tests.rules.segments.conftest import segment

FEW = settings(
    max_examples=12,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
AMOUNTS = st.integers(-200_00, 200_00)
KNOWN = st.fixed_dictionaries(
    {},
    optional={
        "net_loss": AMOUNTS,
        "country": st.sampled_from(["DE", "GB", "FR"]),
        "days_ago": st.integers(0, 40),
        "is_barred": st.booleans(),
        "stake": st.integers(1, 50_00),
    },
)
CONDITIONS = st.sampled_from(
    [
        {"net_loss_min": 50},
        {"net_loss_max": 0},
        {"country": "DE", "is_barred": False},
        "known(country) and country != 'GB'",
        "coalesce(country, 'FR') == 'FR' or net_loss > 100",
        "days_since(seen_at) >= 30",
        "days_since_seen >= 7 and net_loss / staked_7d > 0.5",
        "staked_7d >= 10 and rounds_7d >= 1",
        "net_loss % 7 == 0 or 100 / net_loss > 2",
        "rounds_7d == 0 and not is_barred",
        "'A' not in segments",
        "luck(net_loss) >= 100",
        "twice_lost >= 100 or country == 'FR'",
    ]
)


def _write(ctx: Any, player_id: Any, known: dict[str, Any]) -> None:
    values = dict(known)
    stake, days = values.pop("stake", None), values.pop("days_ago", None)
    if days is not None:
        values["seen_at"] = ctx.clock.now() - timedelta(days=days)
    if values:
        facts.write(ctx, player_id, CasinoFacts, **values)
    if stake is not None:
        facts.record(ctx, player_id, METRIC, stake)


def _register(ctx: Any) -> Any:
    made = uuid7()
    common = {"display_name": "", "created_at": ctx.clock.now()}
    ctx.session.add(Player(id=made, email=f"{made}@players.test", **common))
    ctx.flush()
    return made


def _judge(ctx: Any, player_id: Any) -> None:
    book = book_of(ctx)
    event = Event(uuid7(), "casino.round_played", {}, ctx.clock.now(), player_id)
    on = book.on(event.name)
    with judging(ctx):
        judged(ctx, book, event, gather(ctx, event, on.words, on.computed))


def _members(ctx: Any, key: str) -> set[Any]:
    query = select(MemberRow.player_id).where(MemberRow.segment == key, MemberRow.left_at.is_(None))
    return set(ctx.session.scalars(query))


def _begin(ctx: Any) -> None:
    """Begin with nobody: an example must not know what the one before it did."""
    for table in (MemberRow, PlayerRow, CasinoFacts):
        ctx.connection.execute(delete(table.__table__).where(table.__table__.c.tenant_id == ctx.tenant.id))


@pytest.mark.slow
@FEW
@given(st.lists(KNOWN, min_size=1, max_size=6), CONDITIONS)
def test_a_refresh_and_the_events_of_all_players_agree(live, ctx, clock, known, condition) -> None:
    ctx.rollback()
    live(segment("some", condition))
    _begin(ctx)
    players = [_register(ctx) for _ in known]
    for player_id, values in zip(players, known, strict=True):
        _write(ctx, player_id, values)
    renew(ctx, book_of(ctx), "some")
    by_refresh = _members(ctx, "some").intersection(players)
    _begin_stays(ctx)
    for player_id in players:
        _judge(ctx, player_id)
    assert _members(ctx, "some") == by_refresh
    ctx.rollback()


def _begin_stays(ctx: Any) -> None:
    for table in (MemberRow, PlayerRow):
        ctx.connection.execute(delete(table.__table__).where(table.__table__.c.tenant_id == ctx.tenant.id))


STEPS = st.lists(st.tuples(st.integers(0, 1), KNOWN, st.sampled_from(["event", "refresh"])), max_size=8)


@FEW
@given(STEPS)
def test_after_any_steps_a_player_is_in_what_a_fresh_evaluation_says(live, ctx, clock, steps) -> None:
    ctx.rollback()
    live(
        segment("a", {"net_loss_min": 50}, priority=1),
        segment("b", "country == 'DE' or staked_7d >= 10", priority=2),
        segment("c", {"net_loss_max": 0}),
    )
    _begin(ctx)
    players = [_register(ctx) for _ in range(2)]
    for number, known, way in steps:
        clock.advance(seconds=1)
        _write(ctx, players[number], known)
        if way == "event":
            _judge(ctx, players[number])
        else:
            for key in "abc":
                renew(ctx, book_of(ctx), key)
    for player_id in players:
        _judge(ctx, player_id)
        _check(ctx, player_id)
    assert mend_players(ctx, book_of(ctx)) == 0
    ctx.rollback()


def _check(ctx: Any, player_id: Any) -> None:
    book = book_of(ctx)
    fresh = book.segments.ruleset.decide(known_now(ctx, player_id, book.words.of()))
    names = [key.upper() for key, _ in fresh.matches]
    ctx.session.expire_all()
    row = ctx.session.scalar(select(PlayerRow).where(PlayerRow.player_id == player_id))
    found = (row.segments, row.segment) if row is not None else ([], None)
    # Matches come by priority: the first is the segment.
    assert found == (sorted(names), names[0] if names else None)
    _check_stays(ctx, player_id)


def _check_stays(ctx: Any, player_id: Any) -> None:
    """Each stay in a segment ended before the next one began."""
    query = select(MemberRow).where(MemberRow.player_id == player_id).order_by(MemberRow.entered_at)
    stays: dict[str, list[MemberRow]] = {}
    for stay in ctx.session.scalars(query):
        stays.setdefault(stay.segment, []).append(stay)
    for one in stays.values():
        for before, after in zip(one, one[1:], strict=False):
            assert before.left_at is not None
            assert before.entered_at <= before.left_at <= after.entered_at
