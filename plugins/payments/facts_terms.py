"""The facts of payments: what a player paid in and out, ever and lately."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from pitboss.core.contracts import Aggregate, TermType, Unit, Variable, Window
from pitboss.plugins.payments.models import PaymentsPlayer as P

WINDOW_DAYS = (1, 7, 30)
_INSTANT = "2026-12-01T09:00:00Z"


def _column(
    name: str, kind: TermType, title: str, doc: str, column: Any, *, default: Any = None, example: Any
) -> Variable:
    return Variable(
        name=f"payments.{name}",
        title=title,
        doc=doc,
        type=kind,
        column=column,
        default=default,
        example=example,
        yields=True,  # to who counts what is paid anywhere
    )


def _money(name: str, title: str, doc: str, column: Any) -> Variable:
    return _column(name, "money", title, doc, column, default=0, example=50000)


def _count(name: str, title: str, doc: str, column: Any) -> Variable:
    return _column(name, "number", title, doc, column, default=0, example=3)


def _instant(name: str, title: str, doc: str, column: Any) -> Variable:
    return _column(name, "instant", title, doc, column, example=_INSTANT)


LIFETIME: tuple[Variable, ...] = (
    _money("deposited", "Paid in, ever", "All deposits that arrived, fees included.", P.deposited),
    _count("deposit_count", "Deposits, ever", "How many deposits arrived.", P.deposit_count),
    _money("reversed", "Taken back, ever", "Refunds and chargebacks of deposits.", P.reversed),
    _count("chargeback_count", "Chargebacks, ever", "How often a deposit was disputed.", P.chargeback_count),
    _money("withdrawn", "Paid out, ever", "All withdrawals that left, fees included.", P.withdrawn),
    _count("withdrawal_count", "Withdrawals, ever", "How many withdrawals left.", P.withdrawal_count),
    _money(
        "net_deposited",
        "Net deposits, ever",
        "Deposits less what was taken back and what was paid out.",
        P.net_deposited,
    ),
    _count("method_count", "Payment methods", "How many methods the player has.", P.method_count),
    _instant("first_deposit_at", "First deposit", "When the first deposit arrived.", P.first_deposit_at),
    _instant("last_deposit_at", "Last deposit", "When the last deposit arrived.", P.last_deposit_at),
    _instant("last_withdrawal_at", "Last withdrawal", "When the last withdrawal left.", P.last_withdrawal_at),
    _column(
        "has_withdrawals_held",
        "boolean",
        "Withdrawals are held",
        "Whether no withdrawal of the player may be approved or sent.",
        P.is_held,
        default=False,
        example=False,
    ),
)


def _window(
    name: str,
    kind: TermType,
    title: str,
    metric: str,
    aggregate: Aggregate,
    length: int,
    unit: Unit = "days",
) -> Variable:
    return Variable(
        name=f"payments.{name}",
        title=title,
        doc=f"{title}, in the tenant's time zone.",
        type=kind,
        window=Window(f"payments.{metric}", aggregate, length, unit),
        default=0,
        example=50000 if kind == "money" else 2,
        yields=True,
    )


def _windows() -> Iterator[Variable]:
    for days in WINDOW_DAYS:
        lately = "today" if days == 1 else f"in {days} days"
        yield _window(f"deposited_{days}d", "money", f"Paid in {lately}", "deposit", "sum", days)
        yield _window(f"deposit_count_{days}d", "number", f"Deposits {lately}", "deposit", "count", days)
        yield _window(f"withdrawn_{days}d", "money", f"Paid out {lately}", "withdrawal", "sum", days)
        yield _window(f"reversed_{days}d", "money", f"Taken back {lately}", "reversal", "sum", days)
        yield _window(f"net_deposited_{days}d", "money", f"Net deposits {lately}", "net", "sum", days)
    yield _window(
        "failed_deposits_24h",
        "number",
        "Failed deposits in 24 hours",
        "failed_deposit",
        "count",
        24,
        "hours",
    )


TERMS: tuple[Variable, ...] = (*LIFETIME, *_windows())
