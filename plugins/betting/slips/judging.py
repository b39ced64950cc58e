"""Judge the legs of a slip against what is offered now: their state, their price, and each other."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal
from uuid import UUID

from pitboss.core.texts import marked
from pitboss.plugins.betting import changing
from pitboss.plugins.betting.slips.asked import AskedLeg, PricePolicy
from pitboss.plugins.betting.slips.oddstext import text
from pitboss.plugins.betting.slips.offered import Offered
from pitboss.plugins.betting.slips.problems import Problem


@dataclass(frozen=True, slots=True)
class Ages:
    """How old a price may be, before the event and in play; 0: of any age."""

    seconds_max: int
    live_seconds_max: int


@dataclass(frozen=True, slots=True)
class StruckLeg:
    """A leg with the price at which it is taken."""

    number: int
    offered: Offered
    shown_odds: Decimal
    odds: Decimal
    is_banker: bool = False
    score_from: str = ""
    """What it counts from, of a handicap in play; empty: the start."""

    @property
    def name(self) -> str:
        """Return what the leg is about, as its player reads it."""
        return f"{self.offered.name} from {self.score_from}" if self.score_from else self.offered.name


def strike(
    legs: Sequence[AskedLeg],
    offered: Mapping[UUID, Offered],
    *,
    now: datetime,
    policy: PricePolicy,
    ages: Ages,
    is_builder: bool = False,
) -> tuple[list[StruckLeg], list[Problem]]:
    """Return the legs as they can be taken, and what keeps the others from it."""
    struck: list[StruckLeg] = []
    problems = list(_correlated(legs, offered, is_builder=is_builder))
    for number, leg in enumerate(legs):
        found = offered.get(leg.selection_id)
        problem = _missing(number, leg) if found is None else closed(number, found, now=now, ages=ages)
        if found is None or problem is not None:
            problems.append(problem or _missing(number, leg))
            continue
        moved = _moved(number, leg, found, policy)
        if isinstance(moved, Problem):
            problems.append(moved)
        else:
            struck.append(StruckLeg(number, found, Decimal(leg.odds), moved, leg.is_banker))
    return struck, problems


def closed(number: int, found: Offered, *, now: datetime, ages: Ages) -> Problem | None:
    """Return why a selection takes no bets now, if so."""
    field, name = f"legs/{number}/selection_id", found.name
    if found.selection_status != "active":
        return Problem(
            "withdrawn", field, marked(f"{name} is withdrawn: take the leg out, or choose another selection")
        )
    if found.market_status == "suspended":
        why = ", ".join(found.suspensions) or "unknown"
        return Problem("market_suspended", field, marked(f"{name} is suspended now ({why}): try again later"))
    if found.market_status != "open":
        return Problem(
            "market_closed", field, marked(f"{name} is {found.market_status}: it takes no more bets")
        )
    if found.closes_at is not None and now >= found.closes_at:
        at = found.closes_at.isoformat()
        return Problem("market_closed", field, marked(f"{name} closed at {at}: it takes no more bets"))
    if found.odds is None:
        return Problem("not_priced", field, marked(f"{name} has no price now: try again later"))
    return _stale(field, found, now=now, ages=ages)


def _stale(field: str, found: Offered, *, now: datetime, ages: Ages) -> Problem | None:
    seconds = ages.live_seconds_max if found.is_in_play else ages.seconds_max
    if found.priced_at is not None and (not seconds or now - found.priced_at <= timedelta(seconds=seconds)):
        return None
    since = "never" if found.priced_at is None else f"at {found.priced_at.isoformat()}"
    message = marked(
        f"{found.name} was last priced {since}, more than {seconds} seconds ago: wait for a fresh price"
    )
    return Problem("price_stale", field, message)


def _missing(number: int, leg: AskedLeg) -> Problem:
    message = marked(f"there is no selection {leg.selection_id}: choose one that is offered")
    return Problem("unknown_selection", f"legs/{number}/selection_id", message, "invalid")


def _moved(number: int, leg: AskedLeg, found: Offered, policy: PricePolicy) -> Decimal | Problem:
    assert found.odds is not None, "a selection without a price is refused before"
    shown = Decimal(leg.odds)
    decided = changing.decide(policy, requested=shown, current=found.odds)
    if decided.odds_struck is not None:
        return decided.odds_struck
    message = marked(
        f"{found.name} was {text(shown)} when it was shown and is {text(found.odds)} now: "
        "place it again at the new price, or let prices change"
    )
    details = {
        "selection_id": str(leg.selection_id),
        "odds": text(found.odds),
        "odds_version": found.odds_version,
    }
    return Problem("odds_changed", f"legs/{number}/odds", message, details=details)


def _correlated(
    legs: Sequence[AskedLeg], offered: Mapping[UUID, Offered], *, is_builder: bool
) -> Iterator[Problem]:
    twice = [id_ for id_, count in Counter(leg.selection_id for leg in legs).items() if count > 1]
    for number, leg in enumerate(legs):
        if leg.selection_id in twice:
            message = marked(
                f"the selection {leg.selection_id} stands on the slip more than once: give each once"
            )
            yield Problem("doubled", f"legs/{number}/selection_id", message, "invalid")
    if is_builder:
        return
    by_fixture: dict[UUID, int] = {}
    for number, leg in enumerate(legs):
        found = offered.get(leg.selection_id)
        if found is None or leg.selection_id in twice:
            continue
        first = by_fixture.setdefault(found.fixture_id, number)
        if first != number:
            message = marked(
                f"legs {first + 1} and {number + 1} are both of {found.fixture_name}, "
                "and depend on each other: take one out, or ask for a bet builder"
            )
            yield Problem("correlated", f"legs/{number}/selection_id", message, "invalid")
