"""SQL says of each row what the row path says, on both databases, and never ends in an error."""

from __future__ import annotations

import math
import random
import struct
from collections.abc import Callable, Iterator, Sequence
from datetime import UTC, datetime
from itertools import product
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import (
    CHAR,
    JSON,
    BigInteger,
    Connection,
    DateTime,
    Double,
    Enum,
    Integer,
    Numeric,
    SmallInteger,
    String,
    cast,
    column,
    literal,
    null,
    select,
    table,
)
from sqlalchemy.dialects import postgresql, sqlite

from pitboss.core.database.compilers import guard_compiler
from pitboss.rules.engine.bounds import FLOAT_MAX, Bounds
from pitboss.rules.engine.catalogue import Function, Variable, catalogue_of
from pitboss.rules.engine.check import check
from pitboss.rules.engine.functions import SHIPPED
from pitboss.rules.engine.sql.expressions import Binding, NotInSql, matches, value, where
from pitboss.rules.engine.tree import Arithmetic, Constant, Node
from tests.rules.engine.interpret import ARITHMETIC, outcome
from tests.rules.engine.rows import BINDINGS, NOW_DATETIME, PLAYERS, Engines, asked, fill
from tests.rules.engine.trees import CATALOGUE, FACTS, NOW_SECONDS, facts, trees

IN_SQL = tuple(f for f in SHIPPED if f.name not in ("round", "exp", "log", "sigmoid", "lower"))


@pytest.fixture(scope="module")
def engines() -> Iterator[Engines]:
    engines = Engines()
    yield engines
    engines.dispose()


@pytest.fixture
def connection(engines: Engines, backend: str) -> Iterator[Connection]:
    with engines.connected(backend) as connection:
        yield connection


def written(node: Node) -> list[Any]:
    """Return all forms of a tree; none where SQL refuses it."""
    forms = (matches, where, value) if node.type == "boolean" else (value,)
    try:
        return [form(node, BINDINGS, now=NOW_SECONDS) for form in forms]
    except NotInSql:
        return []


def expected(node: Node, row: dict[str, Any]) -> list[Any]:
    """Return what the forms say of a row: an error is false, false or NULL, and no value."""
    found = outcome(node, row)
    has_value = not (isinstance(found, str) and found[:1] == "<" and found[-1:] == ">")
    if node.type != "boolean":
        return [found if has_value else None]
    return [found is True, found is True, found if has_value else None]


def is_alike(said: Any, meant: Any, place: int) -> bool:
    if said is None or meant is None:
        return said is meant or (place == 1 and not said and not meant)
    return bool(said == meant)


def assert_agreement(connection: Connection, nodes: Sequence[Node], rows: Sequence[dict[str, Any]]) -> None:
    fill(connection, rows)
    forms = [(node, place, form) for node in nodes for place, form in enumerate(written(node))]
    answers = asked(connection, [form for _, _, form in forms])
    for (node, place, form), answer in zip(forms, answers, strict=True):
        for row, said in zip(rows, answer, strict=True):
            meant = expected(node, row)[place]
            assert is_alike(said, meant, place), (said, outcome(node, row), node, row, str(form))


def tree(text: str) -> Node:
    return check(text, CATALOGUE)


# -- what a column says, case by case ------------------------------------------------------------

KNOWN = {
    "count": 7.0,
    "visits": 2.0,
    "net_loss": 100.1,
    "bonus": 0.3,
    "ratio": 0.1,
    "score": 2.5,
    "segment": "LOSING",
    "country": "FR",
    "city": "abc ",
    "is_vip": True,
    "is_new": False,
    "last_deposit": NOW_SECONDS - 7 * 86_400,
    "session_length": 90.000001,
    "games": frozenset({"slots", "10%", "é"}),
}


@pytest.mark.parametrize(
    ("text", "known", "expected"),
    [
        # Whole numbers are divided as floats, and floored as Python floors.
        ("count / visits", {}, 3.5),
        ("count // visits", {"count": -7.0}, -4.0),
        ("count // visits", {"visits": -2.0}, -4.0),
        ("count % visits", {"count": -7.0, "visits": 3.0}, 2.0),
        ("count % visits", {"count": 7.0, "visits": -3.0}, -2.0),
        ("count % visits", {"count": -7.0, "visits": -3.0}, -1.0),
        ("score // visits", {}, None),
        ("score % 2", {"score": 4.0}, 0.0),
        (
            "9007199254740991 % visits",
            {"visits": -4000000000000001.0},
            float(9007199254740991 % -4000000000000001),
        ),
        # No division by zero ends the statement.
        ("count / visits", {"visits": 0.0}, None),
        ("count // visits", {"visits": 0.0}, None),
        ("count % visits", {"visits": 0.0}, None),
        ("score / ratio", {"ratio": 0.0}, None),
        ("ratio / score", {"ratio": 0.0, "score": 0.0}, None),
        ("count / (visits - 2)", {}, None),
        # What overflows has no value; what vanishes is zero.
        ("ratio ** 16 * ratio ** 16", {"ratio": 1e15}, None),
        ("(score ** 16) * (score ** 6)", {"score": 1e15}, None),
        ("score / ratio", {"score": 1e15, "ratio": 5e-324}, None),
        ("1 / ratio", {"ratio": 1e-309}, None),
        ("score / ratio + 1", {"score": 1.0, "ratio": 1e-300}, 1.0 / 1e-300),
        ("score / ratio + score / ratio", {"score": 1.7, "ratio": 1e-308}, None),
        ("ratio ** 2", {"ratio": 1e-200}, 0.0),
        ("ratio * score", {"ratio": 5e-324, "score": 0.5}, 0.0),
        ("ratio * score", {"ratio": 5e-324, "score": 0.75}, 5e-324),
        ("ratio * 0.1", {"ratio": 5e-324}, 0.0),
        ("ratio / score", {"ratio": 5e-324, "score": 1e15}, 0.0),
        ("sqrt(score)", {"score": -1.0}, None),
        ("sqrt(score)", {"score": 2.0}, math.sqrt(2.0)),
        ("score ** 0", {}, 1.0),
        # Brackets stay where they stood: floats do not associate.
        ("(visits ** 14) ** 3", {"visits": -150.0}, math.prod([math.prod([-150.0] * 14)] * 3)),
        ("(score * score) ** 3", {"score": 0.3}, (0.3 * 0.3) * (0.3 * 0.3) * (0.3 * 0.3)),
        ("count ** 0", {"count": None}, None),
        ("0.1 * (score * ratio)", {"score": 0.3, "ratio": 0.7}, 0.1 * (0.3 * 0.7)),
        ("score - (ratio - 0.3)", {"score": 0.1, "ratio": 0.2}, 0.1 - (0.2 - 0.3)),
        ("-(-score)", {}, 2.5),
        # Functions.
        ("floor(score)", {"score": -2.5}, -3.0),
        ("ceil(score)", {"score": -2.5}, -2.0),
        ("floor(score / ratio)", {"score": 1.0, "ratio": 1e-300}, 1.0 / 1e-300),
        ("floor(score / visits)", {"visits": 0.0}, None),
        ("min(count, visits, net_loss)", {"net_loss": None}, None),
        ("max(count, visits)", {"visits": None}, 7.0),
        ("clamp(count, 0, 5)", {}, 5.0),
        ("clamp(count, 5, 0)", {}, None),
        ("clamp(count, visits, score)", {"visits": 3.0}, None),
        ("abs(net_loss)", {"net_loss": -0.07}, 0.07),
        # Unknown facts, defaults and money.
        ("net_loss", {}, 100.1),
        ("net_loss + 1", {"net_loss": None}, None),
        ("visits + 1", {"visits": None}, 1.0),
        ("coalesce(count, net_loss, 5)", {"count": None, "net_loss": None}, 5.0),
        ("coalesce(count, net_loss, 5)", {"count": None}, 100.1),
        ("coalesce(count, 1 / (visits - 2))", {}, 7.0),
        ("coalesce(count, 1 / (visits - 2))", {"count": None}, None),
        ("1 if count > 3 else 1 / (visits - 2)", {}, 1.0),
        ("1 if count > 3 else 2", {"count": None}, None),
        ("days_since(last_deposit)", {}, 7.0),
        ("session_length / minutes(1)", {}, 90.000001 / 60.0),
    ],
)
def test_the_value_of_a_formula(
    connection: Connection, text: str, known: dict[str, Any], expected: float | None
) -> None:
    fill(connection, [{**KNOWN, **known}])
    assert asked(connection, [value(tree(text), BINDINGS, now=NOW_SECONDS)]) == [[expected]]


@pytest.mark.parametrize(
    ("text", "known", "expected"),
    [
        # An unknown fact that is reached makes the rule not match, also under a negation.
        ("count > 1", {"count": None}, False),
        ("not (count > 1)", {"count": None}, False),
        ("not (count > 1 and visits > 1)", {"count": None}, False),
        ("not (count > 100 and net_loss > 1)", {"net_loss": None}, True),
        ("not (net_loss > 1 and count > 100)", {"net_loss": None}, False),
        ("count > 1 or net_loss > 1", {"net_loss": None}, True),
        ("net_loss > 1 or count > 1", {"net_loss": None}, False),
        ("(net_loss > 1 and count > 1) or visits > 1", {"net_loss": None}, False),
        ("(count > 100 and net_loss > 1) or visits > 1", {"net_loss": None}, True),
        ("not known(count)", {"count": None}, True),
        ("known(count) and count > 1", {"count": None}, False),
        ("not known(count) or count > 1", {"count": None}, True),
        ("known(visits)", {"visits": None}, True),
        ("net_loss != 5", {"net_loss": None}, False),
        ("net_loss == 1e-9", {"net_loss": None}, False),
        ("net_loss != 1e-9", {"net_loss": None}, False),
        ("net_loss > -9000000000000000 * 10", {"net_loss": None}, False),
        ("segment not in ('NEW', 'WINNING')", {"segment": None}, False),
        ("country != 'DE'", {"country": None}, False),
        ("country == 'DE'", {"country": None}, True),
        ("is_new", {"is_new": None}, False),
        ("not is_new", {"is_new": None}, True),
        ("not is_vip", {"is_vip": None}, False),
        ("bonus < 1", {"bonus": None}, True),
        ("bonus in (0, 1)", {"bonus": None}, True),
        ("score > 0.4", {"score": None}, True),
        ("ratio > -1", {"ratio": None}, False),
        ("count > 3 if is_vip else net_loss > 1", {"net_loss": None}, True),
        ("not (net_loss > 1 if is_vip else count > 3)", {"net_loss": None}, False),
        ("(count > 3) == is_vip", {}, True),
        ("(count > 3) != is_vip", {"is_vip": None}, False),
        # So does an error that is reached.
        ("1 / (visits - 2) > 0", {}, False),
        ("not (1 / (visits - 2) > 0)", {}, False),
        ("count > 3 or 1 / (visits - 2) > 0", {}, True),
        ("1 / (visits - 2) > 0 or count > 3", {}, False),
        ("1 / 0 > 0 or count > 3", {}, False),
        ("count > 3 or 1 / 0 > 0", {}, True),
        ("not (count < 3 and 1 / 0 > 0)", {}, True),
        # Money and floats compare as Python's floats do.
        ("net_loss == 100.1", {}, True),
        ("net_loss >= 100.1", {}, True),
        ("net_loss > 100.09", {}, True),
        ("bonus == 0.1 + 0.2", {}, False),
        ("bonus < 0.1 + 0.2", {}, True),
        ("bonus * 3 == 0.9", {}, 0.3 * 3 == 0.9),
        ("net_loss in (1, 100.1, 0.123)", {}, True),
        ("score == 2.5", {}, True),
        ("score == 0", {"score": -0.0}, True),
        ("last_deposit >= '2026-11-24T09:00:00Z'", {}, True),
        ("last_deposit > '2026-11-24T09:00:00Z'", {}, False),
        ("days_since(last_deposit) <= 7", {}, True),
        ("days_since(last_deposit) < 7", {}, False),
        ("now - last_deposit == days(7)", {}, True),
        ("between(count, 7, 9)", {}, True),
        # Texts have no order, no number and no folding.
        ("city == 'abc'", {}, False),
        ("city == 'abc '", {}, True),
        ("city == country", {"city": "DE", "country": None}, True),
        ("country in ('de', 'fr')", {}, False),
        ("city == 'e\u0301'", {"city": "é"}, True),
        ("starts_with(city, 'ab')", {}, True),
        ("starts_with(city, '%')", {}, False),
        ("starts_with(city, 'ab')", {"city": None}, False),
        ("not starts_with(city, 'x')", {"city": None}, False),
        ("'slots' in games", {}, True),
        ("'slot' in games", {}, False),
        ("'10%' in games", {}, True),
        ("'é' in games", {}, True),
        ("'slots' not in games", {"games": None}, False),
        ("'slots' not in games", {"games": frozenset()}, True),
        ("city in games", {"city": "slots"}, True),
        ("city in games", {"city": None}, False),
        ("known(games)", {"games": None}, False),
    ],
)
def test_the_truth_of_a_condition(
    connection: Connection, text: str, known: dict[str, Any], expected: bool
) -> None:
    fill(connection, [{**KNOWN, **known}])
    node = tree(text)
    said, found = asked(connection, [matches(node, BINDINGS, now=NOW_DATETIME), PLAYERS.c.id])
    kept = connection.execute(select(PLAYERS.c.id).where(where(node, BINDINGS, now=NOW_DATETIME))).all()
    assert (bool(said[0]), said[0] is not None, bool(kept)) == (expected, True, expected)
    assert found == [0]


# -- guards --------------------------------------------------------------------------------------

EDGES = (
    0.0, 5e-324, 1e-323, 2.2250738585072014e-308, 1e-200, 2.0**-538, math.nextafter(2.0**-538, 0), 1e-162,
    1.5717277847026288e-162, 2.0**-51, 1e-16, 0.1, 0.5, math.nextafter(0.5, 1), 0.75, 1.0,
    math.nextafter(1, 2), 2.0, 3.0, 1e15, 2.0**53, 1e154, 1.3407807929942597e154, 2.0**538, 2.0**1022,
    2.0**1023, math.nextafter(2.0**1023, 0), 1.5e308, math.nextafter(FLOAT_MAX, 0), FLOAT_MAX,
)  # fmt: skip
WIDE = {
    name: Binding(column=PLAYERS.c[name], limits=Bounds(-FLOAT_MAX, FLOAT_MAX)) for name in ("ratio", "score")
}


def python_says(op: str, left: float, right: float) -> float | None:
    try:
        result = ARITHMETIC[op](left, right)
    except ZeroDivisionError:
        return None
    return result if math.isfinite(result) else None


def assert_guarded(connection: Connection, pairs: Sequence[tuple[float, float]]) -> None:
    """Compare each operation on two columns, and on a column and each of some constants."""
    fill(connection, [{"ratio": a, "score": b} for a, b in pairs])
    ratio, score = FACTS["ratio"], FACTS["score"]
    asks: list[tuple[Node, Callable[[float, float], float | None]]] = []
    for op in "+-*/":
        asks.append((Arithmetic(op, ratio, score, "number"), lambda a, b, op=op: python_says(op, a, b)))
        for c in (5e-324, -1e-170, 0.3, 1.0, 7.0, -1e170, FLOAT_MAX):
            fixed = Constant(c, "number")
            asks.append(
                (Arithmetic(op, ratio, fixed, "number"), lambda a, _, op=op, c=c: python_says(op, a, c))
            )
            asks.append(
                (Arithmetic(op, fixed, ratio, "number"), lambda a, _, op=op, c=c: python_says(op, c, a))
            )
    answers = asked(connection, [value(node, WIDE) for node, _ in asks])
    for (node, expect), answer in zip(asks, answers, strict=True):
        wrong = [(a, b, said) for (a, b), said in zip(pairs, answer, strict=True) if said != expect(a, b)]
        assert not wrong, (node, wrong[:3])


def test_operations_at_the_edges_of_float64(connection: Connection) -> None:
    signed = [*EDGES, *(-edge for edge in EDGES)]
    assert_guarded(connection, list(product(signed, signed)))


def test_operations_on_floats_of_any_size(connection: Connection) -> None:
    source = random.Random(7)

    def any_float() -> float:
        found = math.nan
        while not math.isfinite(found):
            (found,) = struct.unpack("<d", source.randbytes(8))
        return found

    assert_guarded(connection, [(any_float(), any_float()) for _ in range(3_000)])


@pytest.mark.parametrize("exponent", [1, 2, 3, 16])
def test_powers_at_the_edges_of_float64(connection: Connection, exponent: int) -> None:
    bases = [*EDGES, *(-edge for edge in EDGES), 1e19, 1.8e19, 1e-20, 7e-21]
    fill(connection, [{"ratio": base, "score": 0.0} for base in bases])
    node = Arithmetic("**", FACTS["ratio"], Constant(float(exponent), "number"), "number")
    (answer,) = asked(connection, [value(node, WIDE)])
    expected = [math.prod([base] * exponent) for base in bases]
    assert answer == [result if math.isfinite(result) else None for result in expected]


def test_what_the_door_refuses_never_matches(connection: Connection) -> None:
    """A float column can hold what no fact may be: it is an error there, as in the row path."""
    fill(connection, [{"ratio": found, "score": found} for found in (1e300, -1e300, math.inf, -math.inf)])
    texts = ("ratio > 1", "ratio < 1", "not (ratio > 1)", "score != 1", "ratio in (1, 2)", "ratio * 10 > 1")
    answers = asked(connection, [matches(tree(text), BINDINGS) for text in texts])
    assert not any(map(any, answers))
    assert asked(connection, [value(tree("score * 10"), BINDINGS)]) == [[None] * 4]


def test_a_prepared_statement_ends_in_no_error(connection: Connection) -> None:
    """PostgreSQL computes what is constant before it reads a row, and again when it has a plan."""
    fill(connection, [{**KNOWN, "ratio": 5e-324}])
    nodes = [tree(t) for t in ("1 / 0 > 0", "ratio * 0.1 > 0", "5 % 2.5 > 0", "1e15 ** 16 * 1e15 ** 16 > 0")]
    nodes += [tree("sqrt(-1) > 0"), tree("5e-324 / score > 0"), tree("9e15 / ratio > 0")]
    for _ in range(8):
        answers = asked(connection, [matches(node, BINDINGS) for node in nodes])
        assert [bool(answer[0]) for answer in answers] == [False] * len(nodes)


# -- columns of many kinds -----------------------------------------------------------------------


def kept_as(connection: Connection, type_: Any, kept: Any) -> Any:
    """Return a column of that type, with the statement that holds its one row."""
    found = null() if kept is None else literal(kept, type_)
    # SQLite would make a number of a JSON.
    is_text = isinstance(type_, JSON) and connection.dialect.name == "sqlite"
    return select((found if is_text else cast(found, type_)).label("x")).subquery().c.x


VARIABLES = {
    "x": Variable(name="x"),
    "when": Variable(name="when", type="instant"),
    "span": Variable(name="span", type="duration"),
    "word": Variable(name="word", type="text"),
    "is_on": Variable(name="is_on", type="boolean"),
    "items": Variable(name="items", type="list"),
    "tags": Variable(name="tags", type="list", default=()),
    "labels": Variable(name="labels", type="list", default=("a", "b")),
}
MANY = catalogue_of(VARIABLES.values())
MOMENT = datetime(2026, 11, 24, 9, 0, 0, 123_457, tzinfo=UTC)


@pytest.mark.parametrize(
    ("type_", "kept", "options", "text", "expected"),
    [
        (SmallInteger(), 12, {}, "x > 40000", False),
        (SmallInteger(), 12, {}, "x < 40000", True),
        (Integer(), 12, {}, "x < 3000000000", True),
        (Integer(), 12, {}, "x in (12, 3000000000)", True),
        (Integer(), 12, {}, "x != 3000000000.5", True),
        (BigInteger(), 2**53, {}, "x >= 9007199254740992", True),
        (BigInteger(), 12, {"places": 18}, "x < 1", True),
        (BigInteger(), 12, {"places": 18}, "x < 9007199254740992", True),
        (Numeric(10, 2), 12, {}, "x * 2 == 24", True),
        (Integer(), 1, {}, "is_on", True),
        (Integer(), 0, {}, "not is_on", True),
        (Integer(), None, {}, "not is_on", False),
        (CHAR(5), "ab", {}, "word == 'ab'", True),
        (Enum("ab", "c", native_enum=False), "ab", {}, "word in ('ab', 'd')", True),
        (BigInteger(), 90_000_000, {"places": 6}, "span == minutes(1.5)", True),
        (BigInteger(), 1_796_115_600_000_000, {"places": 6}, "when == '2026-12-01T09:00:00Z'", True),
        (JSON(), ["a", "b"], {}, "'a' in items", True),
        (JSON(), {"a": 1}, {}, "'a' in items", False),
        (JSON(), "a", {}, "'a' in items", False),
        (JSON(), None, {}, "not known(items)", True),
        (JSON(), None, {}, "'a' in tags", False),
        (JSON(), None, {}, "'a' not in tags", True),
        (JSON(none_as_null=True), None, {}, "'a' not in tags", True),
        (JSON(none_as_null=True), None, {}, "known(tags) and not ('a' in tags and 'b' in tags)", True),
        (JSON(), ["a"], {}, "'a' not in tags", False),
        (JSON(), {"a": 1}, {}, "'a' not in tags", False),
        (JSON(none_as_null=True), None, {}, "'a' in labels", True),
        (JSON(none_as_null=True), None, {}, "'a' not in labels", False),
        (JSON(), None, {}, "'c' not in labels", True),
        (JSON(), ["c"], {}, "'a' in labels", False),
    ],
)
def test_a_column_of_each_kind(
    connection: Connection, type_: Any, kept: Any, options: dict[str, Any], text: str, expected: bool
) -> None:
    node = check(text, MANY)
    bound = {name: Binding(column=kept_as(connection, type_, kept), **options) for name in VARIABLES}
    assert bool(connection.execute(select(matches(node, bound))).scalar_one()) is expected


@pytest.mark.parametrize("is_aware", [True, False])
def test_an_instant_keeps_its_microseconds(connection: Connection, is_aware: bool) -> None:
    moment = MOMENT if is_aware else MOMENT.replace(tzinfo=None)
    own = table("rule_moments", column("at", DateTime(timezone=is_aware)))
    kind = "timestamptz" if is_aware and connection.dialect.name == "postgresql" else "timestamp"
    connection.exec_driver_sql(f"CREATE TEMPORARY TABLE rule_moments (at {kind})")
    connection.execute(own.insert(), [{"at": moment}, {"at": moment.replace(year=1951)}])
    bound = {"when": own.c.at}
    texts = [f"when == '{MOMENT.isoformat()}'", f"when > '{MOMENT.replace(microsecond=123_456).isoformat()}'"]
    says = [matches(check(text, MANY), bound) for text in texts]
    rows = connection.execute(select(value(check("when", MANY), bound), *says)).all()
    assert [row[0] for row in rows] == [MOMENT.timestamp(), MOMENT.replace(year=1951).timestamp()]
    assert [list(map(bool, row[1:])) for row in rows] == [[True, True], [False, False]]


def test_an_outer_join_is_unknown_and_a_column_without_null_costs_no_test() -> None:
    bound = {"x": Binding(column=column("x", Integer), is_nullable=False)}
    assert str(matches(check("not (x > 3)", MANY), bound)) == "x <= :param_1"


# -- what is written, and what is refused --------------------------------------------------------


def shown(element: Any) -> str:
    compiled = element.compile(dialect=postgresql.dialect(), compile_kwargs={"literal_binds": True})
    return str(compiled).replace("rule_players.", "")


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("segment == 'LOSING' and net_loss >= 100", "segment = 'LOSING' AND net_loss >= 10000"),
        ("net_loss * 0.1 > 50", "net_loss > 50000"),
        ("-net_loss < -100", "net_loss > 10000"),
        ("1000 - net_loss >= 100.005", "net_loss <= 89999"),
        ("count > 2.5", "count > 2"),
        ("count == 2.5 or count == 3", "count IS NOT NULL AND count = 3"),
        ("count in (3, 2.5, 1)", "count IN (1, 3)"),
        ("1 < count <= 5", "count > 1 AND count <= 5"),
        ("visits >= 3", "visits >= 3"),
        ("visits <= 3", "visits <= 3 OR visits IS NULL"),
        ("country == 'FR'", "country = 'FR'"),
        ("days_since(last_deposit) <= 7", "last_deposit >= '2026-11-24 09:00:00+00:00'"),
        ("last_deposit > now - days(7)", "last_deposit > '2026-11-24 09:00:00+00:00'"),
        ("not (net_loss >= 100 or is_vip)", "net_loss < 10000 AND NOT is_vip"),
        ("is_vip == True", "is_vip"),
        ("net_loss / 100 * 3 > 6 and 1 < 2", "net_loss > 20000"),
    ],
)
def test_a_usual_condition_is_plain_sql(text: str, expected: str) -> None:
    assert shown(where(tree(text), BINDINGS, now=NOW_SECONDS)) == expected


@pytest.mark.parametrize(
    ("text", "cause"),
    [
        ("round(net_loss, 1) > 3", r"round\(\) has no form in SQL"),
        ("exp(ratio) > 3", r"exp\(\) has no form"),
        ("lower(city) == 'paris'", r"lower\(\) has no form"),
        ("ratio ** 4 // 3 > 1", "beyond 2 \\*\\* 53"),
        ("games == games", "== of two lists"),
        (" + ".join(["(ratio * score) ** 9"] * 30) + " > 1", "too large"),
    ],
)
def test_what_sql_cannot_say_is_refused(text: str, cause: str) -> None:
    with pytest.raises(NotInSql, match=cause):
        matches(tree(text), BINDINGS, now=NOW_SECONDS)


def test_a_fact_without_a_column_is_refused() -> None:
    with pytest.raises(NotInSql, match="no column is bound to count, now"):
        matches(tree("count > 1 and last_deposit < now"), {"last_deposit": PLAYERS.c.last_deposit})


@pytest.mark.parametrize("name", ["x", "when", "word", "is_on"])
def test_a_column_of_a_strange_type_is_refused(name: str) -> None:
    with pytest.raises(NotInSql, match=name):
        matches(check(f"known({name})", MANY), {name: column(name, JSON)})


def test_a_text_that_postgresql_cannot_keep_is_refused() -> None:
    node = check("word == 'a'", MANY)
    with pytest.raises(NotInSql, match="cannot keep"):
        matches(type(node)("==", node.left, Constant("a\0", "text")), {"word": column("word", String)})


def test_a_plugins_function_that_leaves_the_door_has_no_value(connection: Connection) -> None:
    grow = Function(
        name="acme.grow",
        arguments=("number",),
        returns="number",
        call=lambda x: x * 1e3,
        sql=lambda x: x * 1e3,
    )
    node = check("grow(count)", catalogue_of(CATALOGUE.variables.values(), [grow]))
    fill(connection, [{"count": 3.0}, {"count": 2.0**53}, {"count": None}])
    assert asked(connection, [value(node, BINDINGS)]) == [[3_000.0, None, None]]


@pytest.mark.parametrize(
    "dialect", [postgresql.psycopg.dialect(), sqlite.dialect()], ids=["postgresql", "sqlite"]
)
def test_a_tenants_statement_may_hold_all_that_is_written(dialect: Any) -> None:
    guard_compiler(dialect)
    texts = (
        "clamp(x, 1, 2) + sqrt(abs(x)) + floor(x) % 3 + min(x, 1) + x ** 3 > 1",
        "'a' in items and starts_with(word, 'x') and coalesce(word, 'b') == word and x / x > 1",
        "when - now + span > days(1) or when == now",
    )
    types = {"x": Double(), "when": DateTime(), "span": Double(), "word": String(), "items": JSON()}
    bound = {name: cast(null(), type_) for name, type_ in types.items()}
    for text in texts:
        assert str(select(matches(check(text, MANY), bound, now=NOW_SECONDS)).compile(dialect=dialect))


# -- indexes -------------------------------------------------------------------------------------

SEGMENT = "segment == 'LOSING' and net_loss >= 100 and count >= 3 and days_since(last_deposit) <= 7"


def plan(connection: Connection, condition: Any, columns: Sequence[Any]) -> str:
    statement = select(*columns).where(condition)
    is_sqlite = connection.dialect.name == "sqlite"
    compiled = statement.compile(dialect=connection.dialect)
    explain = "EXPLAIN QUERY PLAN " if is_sqlite else "EXPLAIN (COSTS OFF) "
    parameters = compiled.construct_params()
    given: Any = tuple(parameters[n] for n in compiled.positiontup or ()) if is_sqlite else parameters
    if is_sqlite:
        given = tuple(v.strftime("%Y-%m-%d %H:%M:%S.%f") if isinstance(v, datetime) else v for v in given)
    rows = connection.exec_driver_sql(explain + str(compiled), given).all()
    return "\n".join(str(row[-1]) for row in rows)


@pytest.mark.parametrize(
    "index",
    [
        "(segment, net_loss)",
        "(net_loss) WHERE segment = 'LOSING'",
        "(segment, net_loss, count, last_deposit, id)",
        "(last_deposit) WHERE net_loss >= 10000",
    ],
)
def test_the_same_index_serves_as_for_a_where_by_hand(connection: Connection, index: str) -> None:
    segments = ("LOSING", "WINNING", "NEW")
    fill(connection, [{**KNOWN, "segment": segments[n % 3], "net_loss": n * 2.0} for n in range(600)])
    connection.exec_driver_sql(f"CREATE INDEX rule_players_index ON rule_players {index}")
    connection.exec_driver_sql("ANALYZE rule_players")
    if connection.dialect.name == "postgresql":
        connection.exec_driver_sql("SET LOCAL enable_seqscan = off")
    c = PLAYERS.c
    seven_days_ago = datetime(2026, 11, 24, 9, tzinfo=UTC)
    by_hand = (c.segment == "LOSING") & (c.net_loss >= 10_000) & (c["count"] >= 3)
    by_hand &= c.last_deposit >= seven_days_ago
    ours = where(tree(SEGMENT), BINDINGS, now=NOW_SECONDS)
    assert shown(ours) == shown(by_hand)
    chosen = plan(connection, ours, [c.id])
    assert chosen == plan(connection, by_hand, [c.id])
    assert connection.dialect.name == "sqlite" and "WHERE" in index or "rule_players_index" in chosen


# -- any tree ------------------------------------------------------------------------------------

QUICK = settings(max_examples=15, deadline=None, suppress_health_check=list(HealthCheck))
LONG = settings(QUICK, max_examples=400)
some_trees = st.lists(
    trees(functions=IN_SQL)
    | trees("number", functions=IN_SQL)
    | trees("instant", functions=IN_SQL)
    | trees("text", functions=IN_SQL),
    min_size=8,
    max_size=20,
)
some_rows = st.lists(facts(), min_size=4, max_size=8)


@pytest.mark.slow
def test_sql_says_what_the_row_path_says(connection: Connection) -> None:
    @QUICK
    @given(some_trees, some_rows)
    def agrees(nodes: list[Node], rows: list[dict[str, Any]]) -> None:
        assert_agreement(connection, nodes, rows)

    agrees()


def test_a_membership_that_no_value_can_have_is_still_unknown_without_one(connection: Connection) -> None:
    fill(connection, [{**KNOWN, "count": None}, KNOWN])
    node = tree("count in [0.1]")
    assert asked(connection, written(node)) == [[False, False], [False, False], [None, False]]


@pytest.mark.whole
@pytest.mark.timeout(1200)
def test_sql_says_what_the_row_path_says_at_length(connection: Connection) -> None:
    @LONG
    @given(some_trees, some_rows)
    def agrees(nodes: list[Node], rows: list[dict[str, Any]]) -> None:
        assert_agreement(connection, nodes, rows)

    agrees()
