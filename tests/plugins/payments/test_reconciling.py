"""A statement is read row by row, held against our records, and each row says what to do."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pitboss.core.errors import InvalidInput
from pitboss.core.money import Currencies
from pitboss.plugins.payments import reconciling, statements
from pitboss.plugins.payments.ports import Line
from pitboss.plugins.payments.reconciling import Ours
from tests.plugins.payments.samples import law

UNTIL = datetime(2026, 1, 6, tzinfo=UTC)
DAY = timedelta(days=1)


def ours(
    reference: str, amount: int = 100, kind: str = "deposit", days_ago: float | None = 3, **more: str
) -> Ours:
    at = None if days_ago is None else UNTIL - days_ago * DAY
    return Ours(reference=reference, kind=kind, amount=amount, payment_id=UUID(int=1), at=at, **more)


def theirs(reference: str, amount: int = 100, kind: str = "deposit") -> Line:
    return Line(reference=reference, kind=kind, amount=amount, currency="EUR")  # type: ignore[arg-type]  # of the table


@pytest.mark.parametrize(
    ("mine", "statement", "expected"),
    [
        ([ours("a")], [theirs("a")], {"a": "matched"}),
        ([ours("a")], [], {"a": "missing_there"}),
        ([ours("a", days_ago=0.5)], [], {"a": "late"}),
        ([], [theirs("a")], {"a": "missing_here"}),
        ([ours("a", 100)], [theirs("a", 99)], {"a": "amount_differs"}),
        ([ours("a", days_ago=None, state="pending")], [theirs("a")], {"a": "late"}),
        ([ours("a", days_ago=None, state="pending")], [], {}),
        ([ours("a", kind="withdrawal")], [theirs("a")], {"a": "missing_here"}),
        (
            [ours("a"), ours("a", kind="refunded")],
            [theirs("a"), theirs("a", kind="refunded")],
            {"a": "matched"},
        ),
    ],
)
def test_each_row_has_its_status_and_its_cure(mine, statement, expected):
    rows = reconciling.compare(mine, statement, until=UNTIL, late_after=DAY)

    found = {row.reference: row.status for row in reversed(rows)}
    assert found == expected
    assert all(row.cure for row in rows)


def test_a_row_that_comes_twice_is_not_matched_twice():
    rows = reconciling.compare([ours("a")], [theirs("a"), theirs("a")], until=UNTIL, late_after=DAY)

    assert [row.status for row in rows] == ["amount_differs", "matched"]


def test_totals_are_by_statement_ours_and_the_ledger():
    mine = [ours("a", 100), ours("b", 30, kind="withdrawal"), ours("c", 50, days_ago=None)]
    statement = [theirs("a", 100), theirs("b", 30, kind="withdrawal")]

    tied = reconciling.totals(mine, statement, clearing=-70)
    off = reconciling.totals(mine, statement, clearing=-60)

    assert (tied["ours"], tied["theirs"], tied["ledger"], tied["ledger_difference"]) == (70, 70, 70, 0)
    assert off["ledger_difference"] == 10
    counts = reconciling.counts(reconciling.compare(mine, statement, until=UNTIL, late_after=DAY))
    assert reconciling.is_clean(counts, tied)
    assert not reconciling.is_clean(counts, off)


@law
@given(
    st.dictionaries(st.text("abc", min_size=1, max_size=2), st.integers(1, 9)),
    st.lists(st.tuples(st.text("abc", min_size=1, max_size=2), st.integers(1, 9))),
)
def test_every_row_of_both_sides_is_in_the_report_once(mine, lines):
    rows = reconciling.compare(
        [ours(reference, amount) for reference, amount in mine.items()],
        [theirs(reference, amount) for reference, amount in lines],
        until=UNTIL,
        late_after=DAY,
    )

    assert sum(row.theirs or 0 for row in rows) == sum(amount for _, amount in lines)
    assert sum(row.ours or 0 for row in rows) == sum(mine.values())


# -- statements ------------------------------------------------------------------------------------

CSV = "reference,kind,amount,currency,at\nr-1,deposit,100.00,EUR,2026-01-05T09:00:00Z\nr-2,refunded,5,EUR,\n"
JSON = """[{"reference": "r-1", "kind": "deposit", "amount": "100.00", "currency": "EUR",
 "at": "2026-01-05T09:00:00Z"}, {"reference": "r-2", "kind": "refunded", "amount": "5", "currency": "EUR"}]"""


@pytest.mark.parametrize("text", [CSV, JSON, "\ufeff" + CSV, CSV.replace("reference", " Reference ")])
def test_csv_and_json_say_the_same(text):
    first, second = statements.read(text, Currencies())

    assert (first.reference, first.kind, first.amount) == ("r-1", "deposit", 10_000)
    assert first.at == datetime(2026, 1, 5, 9, tzinfo=UTC)
    assert (second.kind, second.amount, second.at) == ("refunded", 500, None)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", "columns"),
        ("a,b\n1,2\n", "columns"),
        ("reference,kind,amount,currency\n", "0 rows"),
        ("reference,kind,amount,currency\nr,deposit,1.005,EUR\n", "row 1: '1.005' has more than"),
        ("reference,kind,amount,currency\nr,deposit,-1,EUR\n", "row 1"),
        ("reference,kind,amount,currency\nr,gift,1,EUR\n", "row 1"),
        ("reference,kind,amount,currency\n,deposit,1,EUR\n", "reference missing"),
        ("reference,kind,amount,currency\n4111111111111111,deposit,1,EUR\n", "card number"),
        ("reference,kind,amount,currency,at\nr,deposit,1,EUR,2026-01-05\n", "no time zone"),
        ("[1]", "list of objects"),
        ("[NaN", "not valid JSON"),
        ("{}", "list of objects"),
    ],
)
def test_what_is_no_statement_is_refused_by_its_row(text, said):
    with pytest.raises(InvalidInput, match="statement") as refused:
        statements.read(text, Currencies())

    assert said in str(refused.value.fields)
    assert "4111" not in str(refused.value.fields)


def test_a_statement_has_a_limit_of_rows_and_bytes():
    row = "r,deposit,1,EUR\n"
    head = "reference,kind,amount,currency\n"
    with pytest.raises(InvalidInput, match="rows"):
        statements.read(head + row * (statements.LINES_MAX + 1), Currencies())
    with pytest.raises(InvalidInput, match="larger than"):
        statements.read(head + " " * statements.TEXT_BYTES_MAX, Currencies())
