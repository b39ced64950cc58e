"""Polars expressions say what the interpreter says, and files come in through the door."""

from __future__ import annotations

import tracemalloc
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from pitboss.rules.engine.catalogue import Facts, Variable, catalogue_of
from pitboss.rules.engine.check import check
from pitboss.rules.engine.columns import files
from pitboss.rules.engine.columns.evaluation import evaluate, matches
from pitboss.rules.engine.columns.frames import admitted, columns_of, count_rows, read_chunks, to_polars
from pitboss.rules.engine.errors import Refused, WrongFact
from pitboss.rules.engine.tree import Node
from tests.rules.engine.interpret import outcome
from tests.rules.engine.shapes import ROWS, SHAPES, conditions
from tests.rules.engine.trees import CATALOGUE, facts, trees

DTYPES: dict[str, Any] = {
    "number": pl.Float64,
    "instant": pl.Float64,
    "duration": pl.Float64,
    "boolean": pl.Boolean,
    "text": pl.String,
    "list": pl.List(pl.String),
}
SCHEMA: dict[str, Any] = {
    v.name: pl.Enum(v.choices) if v.choices else DTYPES[v.value_type] for v in CATALOGUE.variables.values()
} | {"count": pl.Int64, "city": pl.Categorical}

some = settings(
    deadline=None,
    max_examples=100,
    derandomize=True,
    database=None,
    suppress_health_check=[HealthCheck.too_slow],
)


def read(text: str) -> Node:
    return check(text, CATALOGUE)


def frame_of(rows: list[Facts]) -> pl.DataFrame:
    columns = {name: [row.get(name) for row in rows] for name in SCHEMA}
    columns["count"] = [None if value is None else int(value) for value in columns["count"]]
    for name in ("games", "tags"):
        columns[name] = [None if texts is None else sorted(texts) for texts in columns[name]]
    return pl.DataFrame(columns, schema=SCHEMA)


def selected(node: Node, frame: pl.DataFrame) -> list[Any]:
    """Return what the expression yields in each row of a lazy frame."""
    found = frame.lazy().select("count", found=to_polars(node, frame.schema)).collect()["found"].to_list()
    return [frozenset(value) if isinstance(value, list) else value for value in found]


def wanted(node: Node, rows: list[Facts]) -> list[Any]:
    """Return what the expression has to yield: null for what has no value, but false for a condition."""
    found = [outcome(node, row) for row in rows]
    if node.type == "boolean":
        return [value is True for value in found]
    return [None if isinstance(value, str) and value.startswith("<") else value for value in found]


@some
@given(trees("boolean"), st.lists(facts(), max_size=4))
def test_a_condition_agrees_with_the_interpreter_and_is_never_null(node: Node, rows: list[Facts]) -> None:
    assert selected(node, frame_of(rows)) == wanted(node, rows)


@pytest.mark.slow
@some
@given(trees("number"), st.lists(facts(), max_size=4))
def test_a_formula_agrees_with_the_interpreter_to_the_bit(node: Node, rows: list[Facts]) -> None:
    assert selected(node, frame_of(rows)) == wanted(node, rows)


@pytest.mark.slow
@some
@given(
    st.one_of(trees("text"), trees("list"), trees("instant"), trees("duration")),
    st.lists(facts(), max_size=4),
)
def test_a_value_of_another_type_agrees_with_the_interpreter(node: Node, rows: list[Facts]) -> None:
    assert selected(node, frame_of(rows)) == wanted(node, rows)


@pytest.mark.parametrize("shape", SHAPES)
def test_a_small_condition_agrees_with_the_interpreter(shape: str) -> None:
    frame = frame_of(ROWS)
    texts = conditions(shape)
    found = frame.lazy().select(to_polars(read(text), frame.schema).alias(text) for text in texts).collect()
    for text in texts:
        assert found[text].to_list() == wanted(read(text), ROWS), text


@pytest.mark.parametrize(
    "text",
    [
        "ratio / 20",
        "ratio / count",
        "ratio / (1 + 19)",
        "count // 2",
        "count % -3",
        "ratio ** 5",
        "exp(ratio)",
        "round(ratio, 2)",
        "min(ratio, count)",
        "1 / ratio if ratio > 0 else -1",
        "coalesce(ratio, count / 3)",
    ],
)
def test_a_formula_over_many_rows_is_what_the_columns_yield(text: str) -> None:
    rng = np.random.default_rng(7)
    ratio, count = np.round(rng.uniform(-3, 30, 5_000), 2), rng.integers(-5, 5, 5_000)
    frame = pl.DataFrame({"ratio": ratio, "count": count})
    found = frame.lazy().select(x=to_polars(read(text), frame.schema)).collect()["x"]
    known = evaluate(read(text), columns_of(frame, CATALOGUE))
    assert np.array_equal(found.fill_null(float("nan")).to_numpy(), known.values, equal_nan=True)


def test_an_expression_filters_a_file_that_is_scanned(tmp_path: Path) -> None:
    frame_of([{"count": 3, "city": "x"}, {"count": 4}, {"city": "x"}]).write_parquet(tmp_path / "p.parquet")
    lazy = pl.scan_parquet(tmp_path / "p.parquet")
    kept = lazy.filter(to_polars(read("count >= 2.5 and city == 'x'"), lazy.collect_schema())).collect()
    assert kept["count"].to_list() == [3]


def test_a_fact_that_the_frame_lacks_is_unknown_or_has_its_default() -> None:
    frame = pl.DataFrame({"count": [1, 2]})
    held = frame.select(
        a=to_polars(read("ratio > 0 or count > 1"), frame.schema),
        b=to_polars(read("count > 1 or ratio > 0"), frame.schema),
        c=to_polars(read("visits == 0 and count > 1"), frame.schema),
    )
    assert held.to_dict(as_series=False) == {"a": [False, False], "b": [False, True], "c": [False, True]}


def test_now_is_given_where_the_frame_has_none() -> None:
    frame = pl.DataFrame({"last_deposit": [0.0, 86_400.0]})
    days = to_polars(read("days_since(last_deposit)"), frame.schema, now=datetime(1970, 1, 3, tzinfo=UTC))
    assert frame.select(days=days)["days"].to_list() == [2.0, 1.0]


# -- frames ------------------------------------------------------------------------------------

MOMENT = datetime(2026, 12, 1, 9, 0, 0, 123_456, tzinfo=UTC)


@pytest.mark.parametrize(
    ("name", "series", "value"),
    [
        ("ratio", pl.Series([2], dtype=pl.Int8), 2.0),
        ("ratio", pl.Series([0.5], dtype=pl.Float32), 0.5),
        ("ratio", pl.Series([Decimal("0.1")]), 0.1),
        ("city", pl.Series(["e\u0301"]), "é"),
        ("city", pl.Series(["x"], dtype=pl.Categorical), "x"),
        ("segment", pl.Series(["NEW"], dtype=pl.Enum(["OLD", "NEW"])), "NEW"),
        ("is_vip", pl.Series([True]), True),
        ("last_deposit", pl.Series([MOMENT]), MOMENT.timestamp()),
        ("last_deposit", pl.Series([MOMENT]).dt.cast_time_unit("ns"), MOMENT.timestamp()),
        ("last_deposit", pl.Series(["2026-12-01T09:00:00Z"]), MOMENT.timestamp() // 1),
        ("session_length", pl.Series([timedelta(milliseconds=1500)]), 1.5),
        ("session_length", pl.Series(["2h"]), 7200.0),
        ("games", pl.Series([["slots", "slots"]]), frozenset({"slots"})),
    ],
)
def test_a_series_is_let_in_as_python_would_let_its_value_in(
    name: str, series: pl.Series, value: Any
) -> None:
    nulls = pl.Series([None], dtype=series.dtype)
    known = columns_of(pl.DataFrame({name: pl.concat([series, nulls])}), CATALOGUE)
    assert [known.facts(0), known.facts(1)] == [{name: value}, {}]


def test_a_frame_without_anything_known_is_let_in() -> None:
    known = columns_of(pl.DataFrame({"city": [None], "ratio": [None], "games": [None]}), CATALOGUE)
    assert known.facts(0) == {}


def test_numbers_without_null_are_not_copied() -> None:
    frame = pl.DataFrame({"ratio": [1.0, 2.0], "count": [1, 2]})
    known = columns_of(frame, CATALOGUE)
    for name in frame.columns:
        held = known.by_name[name].values
        assert isinstance(held, np.ndarray)
        assert np.shares_memory(held, frame[name].to_numpy())


@pytest.mark.parametrize(
    ("name", "series"),
    [
        ("ratio", pl.Series([1.0, float("nan")])),
        ("ratio", pl.Series(["1", "2"])),
        ("ratio", pl.Series([True, False])),
        ("is_vip", pl.Series([1, 0])),
        ("city", pl.Series([1, 2])),
        ("segment", pl.Series(["NEW", "OLD"])),
        ("last_deposit", pl.Series([datetime(2026, 1, 1)])),  # noqa: DTZ001  # what the door refuses
        ("games", pl.Series(["slots"])),
    ],
)
def test_a_series_that_is_no_fact_is_refused(name: str, series: pl.Series) -> None:
    with pytest.raises(WrongFact, match=f"the fact {name} is "):
        columns_of(pl.DataFrame({name: series}), CATALOGUE)


def test_an_admitted_frame_has_full_names_defaults_and_one_spelling() -> None:
    catalogue = catalogue_of(
        [Variable(name="betting.bets", default=0), Variable(name="core.city", type="text")]
    )
    frame = admitted(pl.DataFrame({"bets": [1, None], "city": ["e\u0301", None]}), catalogue)
    assert frame.to_dict(as_series=False) == {"betting.bets": [1.0, 0.0], "core.city": ["é", None]}


# -- files -------------------------------------------------------------------------------------

CSV = """player,count,ratio,city,is_vip,last_deposit,session_length,games
p1,1,0.5,"x, y",true,2026-12-01T09:00:00Z,2h,"[""slots""]"
p2,,1e-3,"two
lines",FALSE,1796115600,60,
p1, 3 ,-2,é,,,,[]
"""


@pytest.fixture
def csv(tmp_path: Path) -> Path:
    path = tmp_path / "players.csv"
    path.write_text(CSV, encoding="utf-8-sig")
    return path


def rows_of(path: Path, **options: Any) -> list[dict[str, Any]]:
    chunks = list(read_chunks(path, CATALOGUE, **options))
    return [chunk.facts(row) for chunk in chunks for row in range(chunk.rows)]


def test_a_csv_file_is_read_as_its_variables_say(csv: Path) -> None:
    at = datetime(2026, 12, 1, 9, tzinfo=UTC).timestamp()
    assert rows_of(csv, ids="player") == [
        {"count": 1, "ratio": 0.5, "city": "x, y", "is_vip": True, "last_deposit": at, "session_length": 7200}
        | {"games": frozenset({"slots"})},
        {"ratio": 0.001, "city": "two\nlines", "is_vip": False, "last_deposit": at, "session_length": 60},
        {"count": 3, "ratio": -2, "city": "é", "games": frozenset()},
    ]


@pytest.mark.parametrize("rows", [1, 2, 3, 4])
def test_chunks_have_as_many_rows_as_asked_for(csv: Path, rows: int) -> None:
    chunks = list(read_chunks(csv, CATALOGUE, ids="player", rows=rows))
    assert [chunk.rows for chunk in chunks] == [min(rows, 3 - start) for start in range(0, 3, rows)]
    assert [id_ for chunk in chunks for id_ in chunk.ids or ()] == ["p1", "p2", "p1"]


@pytest.mark.parametrize("size", [80, 100, 130, 200])
def test_a_row_may_lie_across_what_is_read_at_a_time(
    csv: Path, size: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    whole = rows_of(csv, ids="player")
    monkeypatch.setattr(files, "READ_BYTES", size)
    assert rows_of(csv, ids="player") == whole
    assert count_rows(csv) == 3


def test_a_row_that_is_too_long_is_refused(csv: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    csv.write_text("city\nx\n" + '"' + "never closed\n" * 100)
    monkeypatch.setattr(files, "READ_BYTES", 200)
    with pytest.raises(Refused, match="longer than 200 bytes: is a quote left open"):
        rows_of(csv)


def test_a_parquet_file_is_read_in_chunks(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "players.parquet"
    frame = pl.DataFrame({"ratio": np.arange(10.0), "city": ["x", None] * 5})
    frame.write_parquet(path, row_group_size=4)
    monkeypatch.setattr(files, "READ_ROWS", 4)
    chunks = list(read_chunks(path, CATALOGUE, rows=3))
    assert [chunk.rows for chunk in chunks] == [3, 3, 3, 1]
    assert (
        np.concatenate([matches(read("city == 'x'"), chunk) for chunk in chunks]).tolist()
        == [True, False] * 5
    )
    assert count_rows(path) == 10


@pytest.mark.parametrize("ending", [".csv", ".parquet"])
def test_a_file_of_no_rows_has_no_chunks(tmp_path: Path, ending: str) -> None:
    path = tmp_path / f"none{ending}"
    frame = pl.DataFrame({"ratio": []}, schema={"ratio": pl.Float64})
    frame.write_csv(path) if ending == ".csv" else frame.write_parquet(path)
    assert list(read_chunks(path, CATALOGUE)) == []
    assert count_rows(path) == 0


@pytest.mark.parametrize(
    ("column", "cell"),
    [
        ("ratio", "1,5"),
        ("ratio", "nan"),
        ("ratio", "1e400"),
        ("count", "9007199254740994"),
        ("is_vip", "yes"),
        ("segment", "OLD"),
        ("last_deposit", "2026-12-01 09:00"),
        ("last_deposit", "soon"),
        ("session_length", "long"),
        ("games", "slots"),
        ("games", "[1]"),
    ],
)
def test_a_cell_that_is_no_fact_is_refused_by_file_row_column_and_value(
    tmp_path: Path, column: str, cell: str
) -> None:
    path = tmp_path / "players.csv"
    pl.DataFrame({column: ["", "", cell]}).write_csv(path, quote_style="always")
    shown = "inf" if cell == "1e400" else cell
    with pytest.raises(
        WrongFact, match=f"^players.csv, row 3, column '{column}': the fact {column} is .*"
    ) as raised:
        rows_of(path, rows=2)
    assert shown.removesuffix("94") in str(raised.value)


def test_a_column_that_no_variable_has_is_refused_unless_only_some_are_read(tmp_path: Path) -> None:
    path = tmp_path / "players.csv"
    path.write_text("net_los,count\n1,2\n")
    with pytest.raises(Refused, match=r"players.csv: unknown variable 'net_los': did you mean net_loss\?"):
        rows_of(path)
    assert rows_of(path, only={"count"}) == [{"count": 2.0}]


def test_two_columns_of_one_fact_are_refused(tmp_path: Path) -> None:
    path = tmp_path / "players.csv"
    path.write_text("bets,betting.bets\n1,2\n")
    with pytest.raises(Refused, match="two columns are betting.bets"):
        list(read_chunks(path, catalogue_of([Variable(name="betting.bets")])))


@pytest.mark.parametrize(
    ("name", "content", "cause"),
    [
        ("players.xlsx", "x", "give .csv or .parquet"),
        ("players", "x", "no ending is not read"),
        ("players.parquet", "x", "this does not read as .parquet"),
        ("players.csv", "", "this does not read as .csv"),
        ("players.csv", "count\n1\n1,2,3\n", "after row 0, this does not read as .csv"),
    ],
)
def test_a_file_that_does_not_read_is_refused(tmp_path: Path, name: str, content: str, cause: str) -> None:
    path = tmp_path / name
    path.write_text(content)
    with pytest.raises(Refused, match=cause):
        rows_of(path)


def test_a_file_that_is_not_there_is_refused(tmp_path: Path) -> None:
    with pytest.raises(Refused, match="there is no such file"):
        rows_of(tmp_path / "none.csv")


def test_an_ids_column_that_is_not_there_is_refused(csv: Path) -> None:
    with pytest.raises(Refused, match="there is no column 'who'"):
        rows_of(csv, ids="who", only=set())


def test_memory_does_not_grow_with_a_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(files, "READ_BYTES", 64 * 1024)
    path = tmp_path / "players.csv"
    peaks = []
    for rows in (20_000, 200_000):
        pl.DataFrame({"ratio": np.arange(float(rows))}).write_csv(path)
        tracemalloc.start()
        assert sum(chunk.rows for chunk in read_chunks(path, CATALOGUE, rows=1_000)) == rows
        peaks.append(tracemalloc.get_traced_memory()[1])
        tracemalloc.stop()
    assert peaks[1] < peaks[0] * 2
