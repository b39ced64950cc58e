"""The facts of players' betting that rules are written with."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from pitboss.core import facts
from pitboss.core.context import Context
from pitboss.core.contracts import TermType, Variable, Window
from pitboss.plugins.betting.facts.keeping import NET_LOSS, STAKE
from pitboss.plugins.betting.facts.tables import BettingPlayer as P

_OWN = "Free bets count nothing."


def _money(name: str, title: str, doc: str, column: Any) -> Variable:
    return _column(name, "money", title, doc, column, default=0, example=62000)


def _count(name: str, title: str, doc: str, column: Any) -> Variable:
    return _column(name, "number", title, doc, column, default=0, example=3)


def _column(
    name: str, kind: TermType, title: str, doc: str, column: Any, *, default: Any = None, example: Any = None
) -> Variable:
    return Variable(
        name=f"betting.{name}",
        title=title,
        doc=doc,
        type=kind,
        column=column,
        default=default,
        example=example,
        yields=True,  # to who counts all play of a player
    )


def _window(name: str, title: str, metric: str, days: int) -> Variable:
    period = "today" if days == 1 else f"in {days} days"
    return Variable(
        name=f"betting.{name}_{days}d",
        title=f"{title} {period}",
        doc=f"{title} {period}, in the tenant's time zone; today counts as a day.",
        type="money",
        window=Window(metric, "sum", days, "days"),
        example=6200,
        yields=True,
    )


def _share(of: str) -> Callable[[Context], float | None]:
    def compute(ctx: Context) -> float | None:
        assert ctx.subject is not None, "a variable is of a player"
        found = facts.read(ctx, ctx.subject, [of, "betting.bet_count"])
        count = found["betting.bet_count"]
        return float(found[of]) / count if count else None

    return compute


def _average(name: str, title: str, doc: str, of: str, *, example: float) -> Variable:
    return Variable(
        name=f"betting.{name}",
        title=title,
        doc=doc,
        type="number",
        compute=_share(of),
        formula=f"{of} / betting.bet_count",
        example=example,
    )


TERMS: tuple[Variable, ...] = (
    _money("staked", "Staked on bets, ever", f"Own stakes of accepted bets. {_OWN}", P.staked),
    _money("returned", "Returned by bets, ever", "Settlements and cash-outs, stakes included.", P.returned),
    _money(
        "net_loss",
        "Net loss on bets, ever",
        "Stakes less returns of what is settled or cashed out; negative for a winner.",
        P.net_loss,
    ),
    _money("open_stake", "Stake of open bets", f"Own stakes that are at risk now. {_OWN}", P.open_stake),
    _money("biggest_win", "Biggest win on a bet", "The largest profit of one settlement.", P.biggest_win),
    _count("bet_count", "Bets, ever", "How many bets were accepted.", P.bet_count),
    _count("settled_count", "Settled bets, ever", "How many bets were settled.", P.settled_count),
    _count("win_count", "Winning bets, ever", "Settled bets that paid more than their stake.", P.win_count),
    _count("in_play_count", "In-play bets, ever", "Bets that were accepted in play.", P.in_play_count),
    _count("cash_out_count", "Cash-outs, ever", "How often a bet was cashed out.", P.cash_out_count),
    _column(
        "odds_sum",
        "number",
        "Sum of odds",
        "The odds of all accepted bets added up: for the average.",
        P.odds_sum,
        default=0,
        example=21.5,
    ),
    _column(
        "last_bet_at",
        "instant",
        "Last bet",
        "When the last bet was accepted.",
        P.last_bet_at,
        example="2026-12-01T09:00:00Z",
    ),
    *(_window("staked", "Staked on bets", STAKE, days) for days in (1, 7, 30)),
    *(_window("net_loss", "Net loss on bets", NET_LOSS, days) for days in (1, 7, 30)),
    _average(
        "average_odds",
        "Average odds",
        "Of all accepted bets; unknown when there are none.",
        "betting.odds_sum",
        example=2.4,
    ),
    _average(
        "in_play_share",
        "Share of in-play bets",
        "0 to 1; unknown when there are no bets.",
        "betting.in_play_count",
        example=0.4,
    ),
)
