"""Demo data: the starter pack at work, and a month of play that it was judged on."""

from __future__ import annotations

import random
from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta
from importlib.resources import files
from typing import Any
from uuid import UUID

from sqlalchemy import select

from pitboss.core.context import Context
from pitboss.core.identity.principal import system_principal
from pitboss.core.identity.tables import Player
from pitboss.plugins.loyalty import staging

SENDER = "demo"
PLAYERS_MAX = 12
DAYS = 30
GAMES = (("book-of-ra", "slots"), ("lucky-7", "slots"), ("european", "roulette"), ("classic", "blackjack"))
HIGH_ROLLER, HIGH_STAKE = 3, 500_000
"""The number of the player who once stakes far more than usual, and how much: it fires an alert."""
AUTHOR, APPROVER = "demo-author", "demo-approver"
PROPOSED = "weekly-cashback"
"""The rule of which a second version waits for approval."""


def load_demo(ctx: Context) -> None:
    """Publish the starter pack, offer missions and a catalogue, tell of a month of play, propose a change."""
    mine = Player.tenant_id == ctx.tenant.id
    players = ctx.session.scalars(select(Player.id).where(mine).order_by(Player.id).limit(PLAYERS_MAX)).all()
    new = _publish(ctx)
    staging.offer(ctx)
    staging.meet(ctx, players)
    _play(ctx, players)
    staging.take(ctx, players)
    if PROPOSED in new:
        _propose(ctx)


def _publish(ctx: Context) -> list[str]:
    """Take each rule of the pack the whole way: written by one, approved by another; return the new ones."""
    # Here, because the plugin is also loaded where no rule is ever written.
    from pitboss.rules.book import drafts, life, store
    from pitboss.rules.engine.rule import read_rules, write_rule

    text = files("pitboss.plugins.loyalty").joinpath("packs/starter.json").read_bytes()
    actor, new = ctx.actor, []
    for rule in read_rules(text):
        if store.look_up(ctx, rule.key) is not None:
            continue
        ctx.actor = system_principal(ctx.tenant.id, AUTHOR)
        drafts.create(ctx, write_rule(rule), message="From the starter pack.")
        life.submit(ctx, rule.key)
        ctx.actor = system_principal(ctx.tenant.id, APPROVER)
        life.approve(ctx, rule.key)
        life.publish(ctx, rule.key, comment="The demo begins.")
        new.append(rule.key)
    ctx.actor = actor
    return new


def _propose(ctx: Context) -> None:
    """Submit another version of a live rule, and have it simulated over what was just played."""
    from pitboss.rules.book import drafts, life, store
    from pitboss.rules.replay import reports
    from pitboss.rules.replay.asked import ask

    actor = ctx.actor
    ctx.actor = system_principal(ctx.tenant.id, AUTHOR)
    live = store.version(ctx, PROPOSED, store.find(ctx, PROPOSED).head).document
    limits = {**live["limits"], "budget": {"amount": 2_000, "period": "day"}}
    document = {**live, "limits": limits, "holdout_percent": 5}
    drafts.save(ctx, PROPOSED, document, message="A smaller budget, and fewer held out.")
    life.submit(ctx, PROPOSED, comment="The first month was well below its budget.")
    reports.request(ctx, ask(ctx, PROPOSED))
    ctx.actor = actor


def _play(ctx: Context, players: Sequence[UUID]) -> None:
    from pitboss.plugins.loyalty.play.incoming import read
    from pitboss.plugins.loyalty.play.ingestion import take

    for number, player_id in enumerate(players):
        take(ctx, [read(ctx, SENDER, item) for item in _month(player_id, number, ctx.clock.now())])


def _month(player_id: UUID, number: int, now: datetime) -> Iterator[dict[str, Any]]:
    """Yield a month of a player: a deposit a week, and rounds that win more or less by who it is."""
    chance = random.Random(number)  # noqa: S311 - the same demo each time, and nothing secret
    luck = (0.3, 0.9, 1.4)[number % 3]
    begun = now - timedelta(days=DAYS)
    for day in range(0, DAYS, 6):
        at = begun + timedelta(days=day, hours=chance.randrange(12))
        base = {"player": str(player_id), "at": at.isoformat()}
        tag = f"{player_id}-{day}"
        deposit = chance.choice((20, 50, 100, 250))
        yield {**base, "id": f"{tag}-deposit", "kind": "deposit", "amount": f"{deposit}.00"}
        for turn in range(2):
            yield from _round(chance, base, f"{tag}-{turn}", deposit, luck)
        yield {**base, "id": f"{tag}-session", "kind": "session", "seconds": chance.randrange(300, 5_400)}
    if number == HIGH_ROLLER:
        play = {"player": str(player_id), "at": now.isoformat(), "round": f"{player_id}-high"}
        for kind in ("wager", "win"):
            yield {**play, "id": f"{player_id}-high-{kind}", "kind": kind, "amount": _text(HIGH_STAKE)}


def _round(
    chance: random.Random, base: dict[str, Any], tag: str, deposit: int, luck: float
) -> Iterator[dict[str, Any]]:
    game, category = chance.choice(GAMES)
    stake = deposit * 100 // 3
    play = {**base, "game": game, "category": category, "round": tag}
    yield {**play, "id": f"{tag}-wager", "kind": "wager", "amount": _text(stake)}
    won = int(stake * luck * chance.random() * 2)
    if won:
        yield {**play, "id": f"{tag}-win", "kind": "win", "amount": _text(won)}


def _text(minor: int) -> str:
    return f"{minor // 100}.{minor % 100:02}"
