"""Hold a provider's statement against our own records: pure, row by row, each with its cure."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from pitboss.core.texts import marked
from pitboss.plugins.payments.ports import Line

MATCHED, MISSING_THERE, MISSING_HERE, DIFFERS, LATE = (
    "matched",
    "missing_there",
    "missing_here",
    "amount_differs",
    "late",
)
STATUSES = (MATCHED, MISSING_THERE, MISSING_HERE, DIFFERS, LATE)
SIGNS: Mapping[str, int] = {
    "deposit": 1,
    "withdrawal": -1,
    "refunded": -1,
    "charged_back": -1,
    "reinstated": 1,
}
"""Whether a kind of row adds to what the provider holds for us."""

CURES = {
    MATCHED: marked("Nothing to do."),
    MISSING_THERE: marked("We booked it, and the provider does not know it: ask it, then take it back here."),
    MISSING_HERE: marked(
        "The provider moved money that we do not know: find the player, and book it or return it."
    ),
    DIFFERS: marked(
        "Compare both amounts with the bank's: correct ours by an adjustment, or have theirs corrected."
    ),
}
LATE_HERE = marked(
    "The provider settled it, and our payment is still {state}: ask the provider to tell again."
)
LATE_THERE = marked("It is newer than what the statement surely holds: it should be in the next one.")
TWICE = marked("The statement has this row twice: ask the provider which one is real.")


@dataclass(frozen=True, slots=True, kw_only=True)
class Ours:
    """A movement of the clearing account, or a payment that may become one."""

    reference: str
    kind: str
    amount: int
    payment_id: UUID
    at: datetime | None
    """When it was booked; None for a payment that is still open."""
    state: str = "completed"


@dataclass(frozen=True, slots=True, kw_only=True)
class Compared:
    """One row of the report."""

    status: str
    kind: str
    reference: str
    payment_id: UUID | None = None
    ours: int | None = None
    theirs: int | None = None
    cure: str


def compare(
    ours: Iterable[Ours], theirs: Sequence[Line], *, until: datetime, late_after: timedelta
) -> list[Compared]:
    """Match rows by kind and reference; what does not match comes first."""
    booked = {(one.kind, one.reference): one for one in ours}
    rows: list[Compared] = []
    seen: set[tuple[str, str]] = set()
    for line in theirs:
        key = (line.kind, line.reference)
        rows.append(_of_line(line, booked.get(key), is_again=key in seen))
        seen.add(key)
    rows += [
        _unseen(one, until, late_after)
        for key, one in booked.items()
        if key not in seen and one.at is not None
    ]
    return sorted(rows, key=lambda row: (row.status == MATCHED, row.status, row.kind, row.reference))


def _of_line(line: Line, one: Ours | None, *, is_again: bool) -> Compared:
    named = {"kind": line.kind, "reference": line.reference, "theirs": line.amount}
    if one is None:
        return Compared(status=MISSING_HERE, cure=CURES[MISSING_HERE], **named)  # type: ignore[arg-type]  # plain fields
    named |= {"payment_id": one.payment_id, "ours": one.amount if one.at is not None else None}
    if is_again:
        return Compared(status=DIFFERS, cure=TWICE, **{**named, "ours": None})  # type: ignore[arg-type]  # plain fields
    if one.at is None:
        cure = LATE_HERE.format(state=one.state.replace("_", " "))
        return Compared(status=LATE, cure=cure, **named)  # type: ignore[arg-type]  # plain fields
    status = MATCHED if one.amount == line.amount else DIFFERS
    return Compared(status=status, cure=CURES[status], **named)  # type: ignore[arg-type]  # plain fields


def _unseen(one: Ours, until: datetime, late_after: timedelta) -> Compared:
    is_recent = one.at is not None and one.at > until - late_after
    return Compared(
        status=LATE if is_recent else MISSING_THERE,
        cure=LATE_THERE if is_recent else CURES[MISSING_THERE],
        kind=one.kind,
        reference=one.reference,
        payment_id=one.payment_id,
        ours=one.amount,
    )


def counts(rows: Iterable[Compared]) -> dict[str, int]:
    """Return how many rows have each status."""
    found = Counter(row.status for row in rows)
    return {status: found[status] for status in STATUSES}


def totals(ours: Iterable[Ours], theirs: Iterable[Line], clearing: int) -> dict[str, int]:
    """Return what the provider holds more by its rows, by ours and by the ledger; all three should agree.

    `clearing` is what the clearing account moved: it falls by what the provider holds for us.
    """
    by_ours = sum(SIGNS[one.kind] * one.amount for one in ours if one.at is not None)
    by_theirs = sum(SIGNS[line.kind] * line.amount for line in theirs)
    return {
        "ours": by_ours,
        "theirs": by_theirs,
        "ledger": -clearing,
        "ledger_difference": by_ours + clearing,
        "provider_difference": by_theirs - by_ours,
    }


def is_clean(counted: Mapping[str, int], summed: Mapping[str, int]) -> bool:
    """Tell whether nothing is left to do."""
    differing = sum(counted[status] for status in STATUSES if status != MATCHED)
    return not differing and not summed["ledger_difference"] and not summed["provider_difference"]
