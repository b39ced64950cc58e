"""What-if: what an answer would change, bet by bet and in sum, before anybody confirms it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any
from uuid import UUID

from sqlalchemy import Row

from pitboss.core.context import Context
from pitboss.core.errors import Conflict
from pitboss.core.texts import marked
from pitboss.plugins.betting.settling import answering, reading, runs, voiding
from pitboss.plugins.betting.settling.answering import Graded
from pitboss.plugins.betting.settling.comparing import UNDECIDED, Outcomes, merged
from pitboss.plugins.betting.settling.deciding import Answer, Decided, decide
from pitboss.plugins.betting.settling.paying import Paid
from pitboss.plugins.betting.settling.reading import OPEN, SETTLED, Found

PIECE_BETS = 1_000
BETS_LOOKED_MAX = 20_000
"""Bets that a preview looks at; of more it says so, and the figures are of these."""
ITEMS_MAX = 100
"""Bets that it lists: those that change most."""


@dataclass(frozen=True, slots=True)
class Change:
    """What would become of one bet."""

    bet_id: UUID
    player_id: UUID
    stake: int
    before: int | None
    """What it was paid; None: it is open."""
    after: int
    kind: str

    @property
    def net(self) -> int:
        """Return what the house gains by it: less paid, or a stake that is not given back."""
        return (self.stake if self.before is None else self.before) - self.after


@dataclass(slots=True)
class Preview:
    """What an answer would change."""

    bet_count: int
    """Bets that it touches."""
    looked_count: int = 0
    settled_count: int = 0
    """Open bets that would be settled."""
    resettled_count: int = 0
    """Settled bets that would be settled again."""
    paid_before: int = 0
    paid_after: int = 0
    net: int = 0
    """What the house gains; negative: what it pays more."""
    changes: list[Change] = field(default_factory=list)
    problems: dict[str, str] = field(default_factory=dict)
    """Markets that the result does not answer, and why."""

    @property
    def is_partial(self) -> bool:
        """Tell whether there are more bets than were looked at."""
        return self.looked_count < self.bet_count

    def add(self, change: Change) -> None:
        """Count a bet, and list it while it is among those that change most."""
        self.settled_count += change.before is None
        self.resettled_count += change.before is not None
        self.paid_before += change.before or 0
        self.paid_after += change.after
        self.net += change.net
        self.changes.append(change)
        if len(self.changes) >= 2 * ITEMS_MAX:
            self.shorten()

    def shorten(self) -> None:
        """Keep those that change most."""
        self.changes = sorted(self.changes, key=lambda c: (-abs(c.net), c.bet_id))[:ITEMS_MAX]


def of_result(ctx: Context, fixture_id: UUID, outcome: Mapping[str, Any]) -> Preview:
    """Return what a structured result would change, whether it is recorded or made up."""
    graded = answering.grade(ctx, fixture_id, outcome)
    preview = _preview(ctx, fixture_id, None, {one.market.id: _would_be(one) for one in graded})
    preview.problems = {str(one.market.id): one.problem for one in graded if one.problem}
    return preview


def of_run(ctx: Context, run: Row[Any]) -> Preview:
    """Return what a correction that waits would change."""
    if run.kind != "correct" or run.state != "waiting":
        raise Conflict(
            f"run {run.id} is a {run.kind} that is {run.state}: a correction that waits has a preview"
        )
    result = runs.result_of(ctx, run.fixture_id, run.result_version)
    return of_result(ctx, run.fixture_id, result["outcome"])


def of_void(ctx: Context, market_id: UUID, code: str = "") -> Preview:
    """Return what voiding a market, or one of its selections, would change."""
    market = voiding.find_market(ctx, market_id)
    outcomes = voiding.void_outcomes(ctx, market, code=code, reason=marked("what if"))
    known = reading.answers(ctx, [market_id]).get(market_id)
    old = UNDECIDED if known is None else known.outcomes
    return _preview(ctx, market.fixture_id, market_id, {market_id: merged(old, outcomes)})


def _would_be(graded: Graded) -> Outcomes:
    return merged(graded.old, graded.outcomes)


def _preview(
    ctx: Context, fixture_id: UUID, market_id: UUID | None, outcomes: Mapping[UUID, Outcomes]
) -> Preview:
    preview = Preview(bet_count=reading.count_touched(ctx, fixture_id, market_id))
    for ids in _pieces(ctx, fixture_id, market_id):
        preview.looked_count += len(ids)
        for change in _changes(ctx, ids, outcomes):
            preview.add(change)
    preview.shorten()
    return preview


def _pieces(ctx: Context, fixture_id: UUID, market_id: UUID | None) -> Iterator[Sequence[UUID]]:
    after, looked = None, 0
    while looked < BETS_LOOKED_MAX:
        ids = reading.touched(ctx, fixture_id, market_id, after=after, limit=PIECE_BETS)
        if not ids:
            return
        yield ids
        after, looked = ids[-1], looked + len(ids)


def _changes(ctx: Context, ids: Sequence[UUID], outcomes: Mapping[UUID, Outcomes]) -> Iterator[Change]:
    found = reading.find(ctx, ids, (OPEN, SETTLED))
    ground = reading.ground_of(ctx, (leg for one in found for leg in one.legs))
    would_be = {market_id: Answer(0, answer) for market_id, answer in outcomes.items()}
    ground = replace(ground, answers={**ground.answers, **would_be}, alike={})
    for one in found:
        decided = decide(one.bet, one.legs, ground)
        if decided is not None and not _is_as_before(one, decided):
            yield _change(one, decided)


def _is_as_before(one: Found, decided: Decided) -> bool:
    return one.before is not None and decided.is_as(one.before.explanation["legs"])


def _change(one: Found, decided: Decided) -> Change:
    payment = Paid(found=one, decided=decided, cause=marked("what if"))
    return Change(
        bet_id=one.bet.id,
        player_id=one.bet.player_id,
        stake=payment.own_stake,
        before=None if payment.is_first else payment.before,
        after=decided.payout,
        kind=decided.kind,
    )
