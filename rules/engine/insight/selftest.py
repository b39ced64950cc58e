"""The test that each rule has to pass when it is saved: every backend says what the reference says.

The rule runs on facts at its boundaries. simpleeval, on the rule's text, is the reference. A rule that a
backend cannot take, or takes and gets wrong, keeps to the row path there, with the reason.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property, partial
from itertools import islice
from typing import Any, TypeAlias

from pitboss.rules.engine import reference
from pitboss.rules.engine.catalogue import NOW, Catalogue, Variable
from pitboss.rules.engine.compiled import compile_value
from pitboss.rules.engine.errors import EvaluationError, UnknownFact
from pitboss.rules.engine.insight.boundaries import FactsRow, boundary_facts
from pitboss.rules.engine.insight.witness import NOW_EXAMPLE
from pitboss.rules.engine.insight.wording import facts_json
from pitboss.rules.engine.program import Program
from pitboss.rules.engine.text import text_of
from pitboss.rules.engine.tree import Fact, Node, walk

DISAGREEMENTS_MAX = 5
"""How many disagreements of one backend are reported."""
INDEXED_RULES = 101
"""So many copies of a rule are no longer generated code, but a table with an index."""

Result: TypeAlias = tuple[str, Any]
"""("value", what it is), or ("error", its kind)."""

_ROW_PATH = "compiled"
_ROW = "(row)"


@dataclass(frozen=True, slots=True)
class Disagreement:
    """A backend that says other than the reference."""

    backend: str
    part: str
    """Of which part of the rule: `when`, `then[0]`, `value`, or the rule as a whole."""
    facts: Mapping[str, Any]
    expected: str
    got: str


@dataclass(frozen=True, slots=True)
class Report:
    """What came of the test."""

    agrees: bool
    """No backend said other than the reference; a rule that the row path gets wrong must not run at all."""
    row_path_only: Mapping[str, str]
    """The backends that leave this rule to the row path, and why."""
    cases: int
    disagreements: tuple[Disagreement, ...] = ()
    missing: tuple[str, ...] = ()
    """The backends that are not installed here, and were not asked."""


class CannotTake(Exception):
    """A backend has no form for a rule."""


@dataclass(frozen=True)
class Part:
    """One tree of a rule, and what the reference says of it."""

    name: str
    node: Node
    rows: Sequence[FactsRow]
    catalogue: Catalogue

    @cached_property
    def results(self) -> list[Result]:
        """What the reference says for each of the facts."""
        text = text_of(self.node)
        return [_result(partial(reference.evaluate, text, row, self.catalogue)) for row in self.rows]

    @cached_property
    def variables(self) -> dict[str, Variable]:
        """The variables that it reads, but for `now`."""
        read = {part.name: part.variable for part in walk(self.node) if isinstance(part, Fact)}
        return {name: variable for name, variable in read.items() if name != NOW}


@dataclass(frozen=True)
class Backend:
    """How to ask one backend."""

    name: str
    run: Callable[[Part], list[Result]] | None = None
    """Evaluate one tree on each of the facts."""
    decide: Callable[[Program, Sequence[FactsRow]], list[Result]] | None = None
    """Or decide about the rule as a whole."""
    sees: Callable[[Part, Result], Result] = field(default=lambda _part, result: result)
    """What the backend can tell of a result: some do not say what went wrong."""


def selftest(program: Program) -> Report:
    """Return where all backends agree on a rule with the reference, and where it keeps to the row path."""
    rows = boundary_facts(program)
    parts = [Part(name, node, rows, program.catalogue) for name, node in program.trees()]
    reasons: dict[str, str] = {}
    found: list[Disagreement] = []
    missing = []
    for backend in BACKENDS:
        try:
            wrong = list(islice(_wrong(backend, program, parts), DISAGREEMENTS_MAX))
        except CannotTake as cause:
            reasons[backend.name] = str(cause)
        except ModuleNotFoundError as error:
            missing.append(f"{backend.name}: {error.name} is not installed")
        else:
            found += wrong
            if wrong and backend.name != _ROW_PATH:
                reasons[backend.name] = _reason(wrong[0])
    return Report(not found, reasons, len(rows), tuple(found), tuple(missing))


def _wrong(backend: Backend, program: Program, parts: Sequence[Part]) -> Iterator[Disagreement]:
    run, decide = backend.run, backend.decide
    if run is not None:
        for part in parts:
            yield from _compared(
                backend, part, part.results, _asked(backend, partial(run, part), len(part.rows))
            )
    if decide is not None:
        whole = Part("the rule", program.when, parts[0].rows, program.catalogue)
        got = _asked(backend, partial(decide, program, whole.rows), len(whole.rows))
        yield from _compared(backend, whole, _decisions(program, parts), got)


def _asked(backend: Backend, ask: Callable[[], list[Result]], count: int) -> list[Result]:
    try:
        return ask()
    except (CannotTake, ModuleNotFoundError):
        raise
    except Exception as error:  # noqa: BLE001  # an isolation boundary: a backend that fails is one that is wrong
        return [("failed", f"{backend.name} failed with {type(error).__name__}: {error}")] * count


def _compared(
    backend: Backend, part: Part, expected: Sequence[Result], got: Sequence[Result]
) -> Iterator[Disagreement]:
    for row, wanted, had in zip(part.rows, expected, got, strict=True):
        seen = backend.sees(part, wanted)
        if seen != had:
            facts = facts_json(row, part.catalogue)
            yield Disagreement(backend.name, part.name, facts, _said(seen), _said(had))


def _said(result: Result) -> str:
    kind, what = result
    return str(what) if kind == "failed" else f"the error {what}".strip() if kind == "error" else repr(what)


def _reason(wrong: Disagreement) -> str:
    return f"for {dict(wrong.facts)} {wrong.part} is {wrong.got}, and should be {wrong.expected}"


def _result(evaluate: Callable[[], Any]) -> Result:
    try:
        return "value", evaluate()
    except EvaluationError as error:
        return "error", error.kind


def _decisions(program: Program, parts: Sequence[Part]) -> list[Result]:
    """Return what the reference's results come to for the rule: what it pays, or why it does not."""
    amount = next(
        (part.results for part in parts if part.node is program.amount and part.name != "when"), None
    )
    cap = math.inf if program.max_amount is None else program.max_amount
    return [
        _decision(held, ("value", ()) if amount is None else amount[place], cap)
        for place, held in enumerate(parts[0].results)
    ]


def _decision(held: Result, amount: Result, cap: float) -> Result:
    """Return what a rule does: None is nothing, and an empty tuple that it matches and pays no amount."""
    result = amount if held == ("value", True) else held
    kind, what = result
    if kind == "error":
        # A fact that is unknown is no error of the rule: it does not match.
        return ("value", None) if what == UnknownFact.kind else result
    if what is False:
        return "value", None
    return ("value", max(min(what, cap), 0.0)) if isinstance(what, float) else result


# -- backends ------------------------------------------------------------------------------------


def _compiled(part: Part) -> list[Result]:
    value = compile_value(part.node)
    return [_result(partial(value, row)) for row in part.rows]


def _columns(part: Part) -> list[Result]:
    from pitboss.rules.engine.columns.evaluation import evaluate
    from pitboss.rules.engine.columns.resident import Columns

    outcome = evaluate(part.node, Columns.of_rows(part.rows, part.catalogue))
    kinds = [outcome.kind(row) for row in range(len(part.rows))]
    values = outcome.values.tolist()
    return [("error", kind) if kind else ("value", value) for kind, value in zip(kinds, values, strict=True)]


def _frames(part: Part) -> list[Result]:
    import polars as pl

    from pitboss.rules.engine.columns.frames import to_polars

    schema = {_ROW: pl.Int64} | {name: _polars_type(v, pl) for name, v in part.variables.items()}
    rows = [[n, *(_stored(row.get(name)) for name in part.variables)] for n, row in enumerate(part.rows)]
    frame = pl.DataFrame(rows, schema=schema, orient="row")
    facts = {name: type_ for name, type_ in frame.schema.items() if name != _ROW}
    expression = to_polars(part.node, facts, now=NOW_EXAMPLE)
    # The row number makes a constant as long as the frame.
    found = frame.select(pl.col(_ROW), expression.alias("result"))
    return [("value", value) for value in found["result"].to_list()]


def _polars_type(variable: Variable, pl: Any) -> Any:
    types = {"text": pl.String, "boolean": pl.Boolean, "list": pl.List(pl.String)}
    return types.get(variable.value_type, pl.Float64)


def _sql(part: Part) -> list[Result]:
    import sqlalchemy as sa

    from pitboss.rules.engine.sql.expressions import NotInSql, matches, value

    kinds: dict[str, Any] = {"text": sa.Text, "boolean": sa.Boolean, "list": sa.JSON(none_as_null=True)}
    columns = {
        name: sa.Column(f"c{n}", kinds.get(variable.value_type, sa.Double))
        for n, (name, variable) in enumerate(part.variables.items())
    }
    table = sa.Table("facts", sa.MetaData(), sa.Column("id", sa.Integer, primary_key=True), *columns.values())
    write = matches if part.node.type == "boolean" else value
    try:
        written = write(part.node, columns, now=NOW_EXAMPLE)
    except NotInSql as cause:
        raise CannotTake(str(cause)) from cause
    engine = sa.create_engine("sqlite://")
    with engine.connect() as connection:
        table.create(connection)
        rows = [{c.name: _stored(row.get(name)) for name, c in columns.items()} for row in part.rows]
        connection.execute(table.insert(), [{"id": n, **row} for n, row in enumerate(rows)])
        found = connection.execute(sa.select(written).select_from(table).order_by(table.c.id)).scalars().all()
    engine.dispose()
    return [("value", bool(v) if part.node.type == "boolean" and v is not None else v) for v in found]


def _stored(value: Any) -> Any:
    return sorted(value) if isinstance(value, frozenset) else value


def _in_query(part: Part, result: Result) -> Result:
    """Return what a query says of an error: a condition does not hold, and a formula is NULL."""
    if result[0] == "value":
        return result
    return "value", False if part.node.type == "boolean" else None


@dataclass(frozen=True)
class _Copy:
    """A rule under another key."""

    key: str
    when: Node
    amount: Node | None
    max_amount: float | None
    priority: int = 0
    stop: bool = False
    form: Any = None
    formula: str | None = None


def _decided(copies: int) -> Callable[[Program, Sequence[FactsRow]], list[Result]]:
    def decide(program: Program, rows: Sequence[FactsRow]) -> list[Result]:
        from pitboss.rules.engine.index.ruleset import Ruleset

        many = [_Copy(f"{n}", program.when, program.amount, program.max_amount) for n in range(copies)]
        rules = Ruleset(many, program.catalogue)
        rules.build()
        return [_first(rules.decide(program.catalogue.admit(row))) for row in rows]

    return decide


def _first(decision: Any) -> Result:
    """Return what was decided about the first copy."""
    for key, error in decision.errors:
        if key == "0":
            return "error", error.kind
    for key, amount in decision.matches:
        if key == "0":
            return "value", () if amount is None else amount
    return "value", None


BACKENDS: tuple[Backend, ...] = (
    Backend(_ROW_PATH, _compiled),
    Backend("columns", _columns),
    Backend("frames", _frames, sees=_in_query),
    Backend("sql", _sql, sees=_in_query),
    Backend("generated", decide=_decided(1)),
    Backend("index", decide=_decided(INDEXED_RULES)),
)
"""Whom to ask. A new backend is one more line here, and has to agree from then on."""
