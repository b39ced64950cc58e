"""The facts of players' play: lifetime figures, windows, and what follows from them."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from typing import Any

from pitboss.core.context import Context
from pitboss.core.contracts import Aggregate, TermType, Variable, Window
from pitboss.plugins.loyalty.play import figures, history
from pitboss.plugins.loyalty.players.tables import LoyaltyPlayer as P

WINDOW_DAYS = (1, 7, 30, 90)
BONUS = "loyalty.bonus"
"""The metric of bonuses that were given."""
_INSTANT = "2026-12-01T09:00:00Z"


def _column(
    name: str,
    kind: TermType,
    title: str,
    doc: str,
    column: Any,
    *,
    default: Any = None,
    example: Any = None,
    suggests: Callable[[Context], Iterable[str]] | None = None,
) -> Variable:
    return Variable(
        name=f"loyalty.{name}",
        title=title,
        doc=doc,
        type=kind,
        column=column,
        default=default,
        example=default if example is None else example,
        suggests=suggests,
    )


def _tiers(ctx: Context) -> list[str]:
    from pitboss.plugins.loyalty.tiers import ladder

    return [tier.code for tier in ladder.current(ctx).ladder.tiers]


def _money(name: str, title: str, doc: str, column: Any) -> Variable:
    return _column(name, "money", title, doc, column, default=0, example=62000)


def _count(name: str, title: str, doc: str, column: Any) -> Variable:
    return _column(name, "number", title, doc, column, default=0, example=3)


def _instant(name: str, title: str, doc: str, column: Any) -> Variable:
    return _column(name, "instant", title, doc, column, example=_INSTANT)


LIFETIME: tuple[Variable, ...] = (
    _money("total_deposited", "Deposited, ever", "All deposits that stand.", P.deposited),
    _money("total_withdrawn", "Withdrawn, ever", "All withdrawals that stand.", P.withdrawn),
    _money("total_wagered", "Wagered, ever", "All stakes that stand.", P.wagered),
    _money("total_won", "Returned, ever", "All returns of play, stakes included.", P.won),
    _money(
        "net_loss",
        "Net loss, ever",
        "Stakes less returns on settled play; negative for a winner.",
        P.net_loss,
    ),
    _money(
        "bonus_wagered", "Wagered from bonus, ever", "The part of stakes that bonuses paid.", P.bonus_wagered
    ),
    _money(
        "wagered_since_deposit",
        "Wagered since the last deposit",
        "Stakes since the last deposit, or ever when there was none.",
        P.wagered_since_deposit,
    ),
    _count("deposit_count", "Deposits, ever", "How many deposits stand.", P.deposit_count),
    _count("withdrawal_count", "Withdrawals, ever", "How many withdrawals stand.", P.withdrawal_count),
    _count("total_bets", "Bets, ever", "How many wagers stand.", P.bet_count),
    _count("total_wins", "Wins, ever", "How many returns of more than nothing stand.", P.win_count),
    _count("session_count", "Sessions, ever", "How many sessions the player played.", P.session_count),
    _column(
        "playtime",
        "duration",
        "Time played, ever",
        "How long all sessions lasted.",
        P.play_seconds,
        default=0,
        example=5400,
    ),
    _column(
        "stake_squares",
        "number",
        "Squares of stakes",
        "The sum of squared stakes, in minor units: for the volatility.",
        P.volatility_sum,
        default=0,
        example=10000,
    ),
    _instant("first_deposit_at", "First deposit", "When the player first deposited.", P.first_deposit_at),
    _instant("last_deposit_at", "Last deposit", "When the player last deposited.", P.last_deposit_at),
    _instant("last_wager_at", "Last wager", "When the player last staked.", P.last_wager_at),
    _instant("last_active_at", "Last activity", "When the player last did anything.", P.last_active_at),
    _instant("registered_at", "Registered", "When the player opened the account.", P.registered_at),
    _column("country", "text", "Country", "ISO 3166, two letters.", P.country, example="GB"),
)

STANDING: tuple[Variable, ...] = (
    _column(
        "tier", "text", "Tier", "The key of the player's tier.", P.tier, example="SILVER", suggests=_tiers
    ),
    _count("lp_balance", "Loyalty points", "Points that the player has.", P.points),
    _count("lp_earned", "Loyalty points earned, ever", "Points that were ever earned.", P.points_earned),
    _count("bonus_count", "Bonuses, ever", "How many bonuses were given.", P.bonus_count),
    _count("bonus_abuse_score", "Bonus abuse score", "0 to 100.", P.abuse_score),
    _count("streak_days", "Days in a row", "On how many days in a row the player played.", P.streak_days),
    _column(
        "is_blocked",
        "boolean",
        "Blocked",
        "Gets no rewards, by an operator or a signal of abuse.",
        P.is_blocked,
        default=False,
    ),
)


def _window(name: str, kind: TermType, title: str, metric: str, aggregate: Aggregate, days: int) -> Variable:
    period = "today" if days == 1 else f"in {days} days"
    return Variable(
        name=f"loyalty.{name}_{days}d",
        title=f"{title} {period}",
        doc=f"{title} {period}, in the tenant's time zone; today counts as a day.",
        type=kind,
        window=Window(metric, aggregate, days, "days"),
        example=6200 if kind == "money" else 3,
    )


_WINDOWS: tuple[tuple[str, TermType, str, str, Aggregate], ...] = (
    ("deposited", "money", "Deposited", history.DEPOSIT, "sum"),
    ("deposit_count", "number", "Deposits", history.DEPOSIT, "count"),
    ("withdrawn", "money", "Withdrawn", history.WITHDRAWAL, "sum"),
    ("wagered", "money", "Wagered", history.WAGER, "sum"),
    ("bets", "number", "Bets", history.WAGER, "count"),
    ("won", "money", "Returned", history.WIN, "sum"),
    ("net_loss", "money", "Net loss", history.NET_LOSS, "sum"),
    ("session_count", "number", "Sessions", history.SESSION, "count"),
    ("playtime", "duration", "Time played", history.SESSION, "sum"),
    ("bonus_wagered", "money", "Wagered from bonus", history.BONUS_WAGER, "sum"),
    ("bonuses", "number", "Bonuses", BONUS, "count"),
    ("bonus_received", "money", "Bonus received", BONUS, "sum"),
)


def _windows() -> Iterator[Variable]:
    for days in WINDOW_DAYS:
        for name, kind, title, metric, aggregate in _WINDOWS:
            yield _window(name, kind, title, metric, aggregate, days)
        of, count = f"loyalty.wagered_{days}d", f"loyalty.bets_{days}d"
        yield Variable(
            name=f"loyalty.average_bet_{days}d",
            title=f"Average bet {'today' if days == 1 else f'in {days} days'}",
            doc="Unknown when nothing was staked.",
            type="money",
            compute=figures.average(of, count),
            formula=f"{of} / {count}",
            example=250,
        )


def _days_since(name: str, title: str, of: str) -> Variable:
    return Variable(
        name=f"loyalty.{name}",
        title=title,
        doc="With fractions of a day; unknown when it never was.",
        type="number",
        unit="days",
        compute=figures.days_since(of),
        formula=f"days_since({of})",
        example=3.5,
    )


WORKED_OUT: tuple[Variable, ...] = (
    _days_since("days_since_last_deposit", "Days since the last deposit", "loyalty.last_deposit_at"),
    _days_since("days_since_last_wager", "Days since the last wager", "loyalty.last_wager_at"),
    _days_since("days_since_last_active", "Days since the last activity", "loyalty.last_active_at"),
    _days_since("account_age_days", "Age of the account", "loyalty.registered_at"),
    Variable(
        name="loyalty.pnl",
        title="Profit and loss of the player",
        doc="Returned less wagered; never less deposited, which says nothing of play.",
        type="money",
        compute=figures.pnl,
        formula="loyalty.total_won - loyalty.total_wagered",
        example=-62000,
    ),
    Variable(
        name="loyalty.average_bet",
        title="Average bet, ever",
        doc="Unknown when nothing was staked.",
        type="money",
        compute=figures.average("loyalty.total_wagered", "loyalty.total_bets"),
        formula="loyalty.total_wagered / loyalty.total_bets",
        example=250,
    ),
    Variable(
        name="loyalty.win_loss_ratio",
        title="Returned for each unit wagered",
        doc="1 is breakeven; unknown when nothing was staked.",
        type="number",
        compute=figures.ratio("loyalty.total_won", "loyalty.total_wagered"),
        formula="loyalty.total_won / loyalty.total_wagered",
        example=0.95,
    ),
    Variable(
        name="loyalty.volatility",
        title="Volatility of stakes",
        doc="Standard deviation of the stakes as a share of the average stake; unknown when there are none.",
        type="number",
        compute=figures.volatility,
        example=0.8,
    ),
)

TERMS: tuple[Variable, ...] = (*LIFETIME, *STANDING, *_windows(), *WORKED_OUT)
