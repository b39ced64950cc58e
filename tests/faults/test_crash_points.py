"""Every crash point of every money handler: die there, do it again, and nothing is lost or done twice."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest

from pitboss.core import audit, ledger
from pitboss.core.context import Context
from pitboss.core.kernel import Kernel
from pitboss.core.ledger import Leg
from pitboss.core.tenancy import Tenant
from tests.faults.steps import Steps, every_crash_point

CURRENCY = "EUR"


@pytest.fixture
def steps(kernel: Kernel) -> Iterator[Steps]:
    """Count steps on a kernel whose connections are opened anew."""
    kernel.database.dispose()
    watching = Steps(kernel.database)
    yield watching
    watching.close()


class Bench:
    """One player a run, with 100.00 in the wallet."""

    def __init__(self, kernel: Kernel, tenant: Tenant) -> None:
        self.kernel, self.tenant = kernel, tenant

    def wallet(self, run: int) -> ledger.Account:
        return ledger.player(f"p{run}", "wallet", CURRENCY)

    def fund(self, run: int) -> None:
        with self.kernel.context(self.tenant.id) as ctx:
            leg = Leg(ledger.house("clearing", CURRENCY), self.wallet(run), 10_000)
            ledger.post(ctx.connection, key=f"fund:{run}", op="deposit", legs=[leg])

    def balances(self, run: int) -> dict[str, int]:
        with self.kernel.context(self.tenant.id) as ctx:
            found = ledger.balances(ctx.connection, self.wallet(run).owner)
        return {account.kind: amount for account, amount in found.items()}

    def violations(self) -> dict[str, int]:
        with self.kernel.context(self.tenant.id) as ctx:
            return {law: n for law, n in ledger.verify(ctx.connection).items() if n}


@pytest.fixture
def bench(kernel: Kernel, tenant: Tenant) -> Bench:
    return Bench(kernel, tenant)


def adjusted(ctx: Context, bench: Bench, run: int) -> None:
    """Correct a balance, and write down who did, in one transaction."""
    ledger.adjust(
        ctx.connection,
        f"p{run}",
        key=f"adjust:{run}",
        purse_named="cash",
        amount=-2_500,
        currency=CURRENCY,
        actor=ctx.actor.label,
        reason="a goodwill taken back",
    )
    audit.record(ctx, "wallet.adjusted", f"player:p{run}", reason="a goodwill taken back")


def captured(ctx: Context, bench: Bench, run: int) -> None:
    """Hold a stake, then take part of it."""
    ledger.authorise(ctx.connection, key=f"hold:{run}", amounts={bench.wallet(run): 4_000})
    house = ledger.house("house", CURRENCY)
    ledger.capture(ctx.connection, key=f"hold:{run}", target=house, amount=2_500)


def held_in_two_transactions(ctx: Context, bench: Bench, run: int) -> None:
    """Hold in one transaction and give back in the next, as a bet and its void do."""
    ledger.authorise(ctx.connection, key=f"hold:{run}", amounts={bench.wallet(run): 4_000})
    ctx.commit()
    ledger.release(ctx.connection, key=f"hold:{run}")


def reversed_again(ctx: Context, bench: Bench, run: int) -> None:
    """Pay out, then take it back by reversal."""
    leg = Leg(ledger.house("house", CURRENCY), bench.wallet(run), 700)
    ledger.post(ctx.connection, key=f"win:{run}", op="win", legs=[leg])
    ctx.commit()
    ledger.reverse(ctx.connection, key=f"win:{run}", reason="the result was corrected")


def paid_in_bulk(ctx: Context, bench: Bench, run: int) -> None:
    """Pay five winners in one batch."""
    leg = Leg(ledger.house("house", CURRENCY), bench.wallet(run), 100)
    ledger.post_many(
        ctx.connection, [ledger.Posting(key=f"bulk:{run}:{n}", op="win", legs=[leg]) for n in range(5)]
    )


HANDLERS: dict[str, tuple[Callable[[Context, Bench, int], None], dict[str, int]]] = {
    "adjust": (adjusted, {"wallet": 7_500}),
    "hold and capture": (captured, {"wallet": 7_500, "hold": 0}),
    "hold, then release": (held_in_two_transactions, {"wallet": 10_000, "hold": 0}),
    "post, then reverse": (reversed_again, {"wallet": 10_000}),
    "bulk": (paid_in_bulk, {"wallet": 10_500}),
}


@pytest.mark.parametrize("name", HANDLERS)
def test_a_handler_that_dies_anywhere_is_done_once_when_done_again(
    name: str, bench: Bench, steps: Steps, record_property: Callable[[str, object], None]
) -> None:
    handler, expected = HANDLERS[name]
    for run in range(-1, 40):
        bench.fund(run)

    def work(run: int) -> None:
        with bench.kernel.context(bench.tenant.id) as ctx:
            handler(ctx, bench, run)

    def check(run: int) -> None:
        assert bench.balances(run) == expected
        assert bench.violations() == {}

    points = every_crash_point(steps, work, check)

    record_property("crash_points", points)
    assert points >= 2
