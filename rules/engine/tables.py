"""Decision tables: rows of tests and outputs, as one condition and one tree for each output.

A row has `when`, a condition as everywhere; without one it always matches. Its `then` names what comes
out: `{"amount": 50, "label": "gold"}`. A number, a text, true and false stand for themselves, and
`{"formula": "net_loss * 0.10"}` is computed. All rows give the same names, and a name one type.

`hit` says which row decides:

- `first`: the first that matches, from the top.
- `unique`: the one that matches; that no two can is proved when the rule is saved.
- `priority`: of those that match the one of the highest `priority`; of equals, the upper.
- `collect`: all that match, as their `sum`, `min`, `max` or `count`.

`default` is what comes out when no row matches. Without one the rule does not match; a sum or a count
is then 0.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import islice
from math import isfinite, isqrt
from typing import Any

from pitboss.rules.engine.bounds import bounds
from pitboss.rules.engine.catalogue import TEXT_LENGTH_MAX, WHOLE_MAX, Catalogue
from pitboss.rules.engine.check import EXPONENT_MAX
from pitboss.rules.engine.errors import Refused, article, nearest, shown
from pitboss.rules.engine.forms import condition
from pitboss.rules.engine.functions import ARGUMENTS_MAX, SHIPPED
from pitboss.rules.engine.insight.cover import Example, Overlap, gaps_of, overlaps_of, said
from pitboss.rules.engine.language import expression
from pitboss.rules.engine.rule import Table
from pitboss.rules.engine.texts import gettext as _
from pitboss.rules.engine.tree import AllOf, AnyOf, Arithmetic, Call, Choose, Constant, Negate, Node, walk

PARTS_MAX = 20_000
"""How many nodes the conditions and outputs of a table have in all."""
CHAIN_MAX = 16
"""How many rows are looked at one by one; more are looked at in groups, so that no tree is deep."""

OVERLAPS_MAX = 50
"""How many overlaps are listed."""

FORMULA = "formula"

_ALWAYS = AllOf(())
_ZERO = Constant(0.0, "number")
_ONE = Constant(1.0, "number")
_EXTREMES = {function.name: function for function in SHIPPED if function.name in ("min", "max")}


@dataclass(frozen=True, slots=True)
class Decided:
    """What a table comes to."""

    matches: Node
    """At least one row matches, or there is a default."""
    outputs: Mapping[str, Node]
    """The value of each output; it means something only where the table matches."""


@dataclass(frozen=True, slots=True)
class _Row:
    """A row as trees."""

    when: Node
    outputs: Mapping[str, Node]
    priority: int


def decide_by(table: Table, catalogue: Catalogue, path: str) -> Decided:
    """Return the trees that a table stands for."""
    _check_words(table, path)
    rows = _rows(table, catalogue, path)
    default = _default(table, rows[0], catalogue, path)
    if table.hit == "priority":
        rows = sorted(rows, key=lambda row: -row.priority)
    matches = AnyOf(tuple(row.when for row in rows)) if default is None else _ALWAYS
    decide = _first if table.collect is None else _COLLECT[table.collect]
    outputs = {}
    for name in rows[0].outputs:
        pairs = [(row.when, row.outputs[name]) for row in rows]
        try:
            outputs[name] = decide(pairs, default[name] if default else None)
        except Refused as refusal:
            raise refusal.at(f"{path}.rows") from None
    return Decided(matches, outputs)


def prove(table: Table, catalogue: Catalogue, path: str, *, always: bool) -> None:
    """Refuse rows of a unique table that may match at once, and gaps where a value must always come out."""
    conditions = _conditions(table, catalogue, path)
    if table.hit == "unique":
        for overlap in overlaps_of(conditions):
            raise _overlapping(overlap, path)
    if always and table.default is None and table.collect not in ("sum", "count"):
        gaps = gaps_of(conditions)
        if not gaps.is_closed:
            raise Refused(_uncovered(gaps.examples), path=path)


def gaps(table: Table, catalogue: Catalogue, path: str = "table") -> tuple[Example, ...]:
    """Return examples of facts that no row matches; a default does not count as a row."""
    return gaps_of(_conditions(table, catalogue, path)).examples


def overlaps(table: Table, catalogue: Catalogue, path: str = "table") -> tuple[Overlap, ...]:
    """Return the pairs of rows that may match at once, with an example where there is one."""
    return tuple(islice(overlaps_of(_conditions(table, catalogue, path)), OVERLAPS_MAX))


def _uncovered(examples: Sequence[Example]) -> str:
    """Say that a table leaves a gap, with facts that fall into it where some are found."""
    cure = _("give a default, or a last row without 'when'")
    if not examples:
        return f"{_('no row may match, as far as can be proved')}: {cure}"
    return f"{_('no row may match when %(example)s', example=said(examples[0]))}: {cure}"


def _overlapping(overlap: Overlap, path: str) -> Refused:
    one, other = f"rows[{overlap.first}]", f"rows[{overlap.second}]"
    if overlap.example is None:
        cause = _(
            "%(one)s and %(other)s cannot be proved apart: test single facts in both, or use hit 'first'",
            one=one,
            other=other,
        )
    else:
        cause = _(
            "%(one)s and %(other)s both match when %(example)s: mend one, or use hit 'first'",
            one=one,
            other=other,
            example=said(overlap.example),
        )
    return Refused(cause, path=path)


# -- reading -----------------------------------------------------------------------------------


def _check_words(table: Table, path: str) -> None:
    if (table.hit == "collect") != (table.collect is not None):
        cause = _('hit \'collect\' and "collect": "sum", "min", "max" or "count" go together')
        raise Refused(cause, path=f"{path}.collect")
    if table.hit != "priority":
        for n, row in enumerate(table.rows):
            if row.priority:
                cause = _(
                    "a priority decides only with hit 'priority', and this is %(hit)s", hit=repr(table.hit)
                )
                raise Refused(cause, path=f"{path}.rows[{n}].priority")


def _conditions(table: Table, catalogue: Catalogue, path: str) -> list[Node]:
    return [condition(row.when, catalogue, f"{path}.rows[{n}].when") for n, row in enumerate(table.rows)]


def _rows(table: Table, catalogue: Catalogue, path: str) -> list[_Row]:
    rows: list[_Row] = []
    parts = 0
    for n, (row, when) in enumerate(zip(table.rows, _conditions(table, catalogue, path), strict=True)):
        here = f"{path}.rows[{n}].then"
        outputs = _outputs(row.then, catalogue, here)
        if rows:
            _check_alike(outputs, rows[0].outputs, here)
        _check_collected(table, outputs, here)
        rows.append(_Row(when, outputs, row.priority))
        parts += sum(1 for node in (when, *outputs.values()) for __ in walk(node))
    if parts > PARTS_MAX:
        raise Refused(
            _(
                "a table has at most %(most)s parts, and this has %(parts)s: split it",
                most=PARTS_MAX,
                parts=parts,
            ),
            path=path,
        )
    return rows


def _outputs(then: Mapping[str, Any], catalogue: Catalogue, path: str) -> dict[str, Node]:
    return {name: _output(value, catalogue, f"{path}.{name}") for name, value in then.items()}


def _output(value: Any, catalogue: Catalogue, path: str) -> Node:
    if isinstance(value, Mapping):
        if value.keys() != {FORMULA}:
            raise Refused(_('what is computed is written {"formula": "net_loss * 0.10"}'), path=path)
        try:
            return expression(value[FORMULA], catalogue)
        except Refused as refusal:
            raise refusal.at(f"{path}.{FORMULA}") from None
    if isinstance(value, bool):
        return Constant(value, "boolean")
    if isinstance(value, str) and len(value) <= TEXT_LENGTH_MAX:
        return Constant(unicodedata.normalize("NFC", value), "text")
    if isinstance(value, int | float) and abs(value) <= WHOLE_MAX:
        return Constant(float(value), "number")
    kinds = _(
        "a number up to %(most)s, a text up to %(characters)s characters, true, false",
        most=WHOLE_MAX,
        characters=TEXT_LENGTH_MAX,
    )
    raise Refused(
        _(
            '%(value)s cannot come out of a row: %(kinds)s or {"formula": "..."} can',
            value=shown(value),
            kinds=kinds,
        ),
        path=path,
    )


def _check_alike(outputs: Mapping[str, Node], first: Mapping[str, Node], path: str) -> None:
    """Check that a row gives the same names and types as the first."""
    for name in outputs:
        if name not in first:
            raise Refused(
                _(
                    "the first row does not give %(name)s: %(cure)s",
                    name=repr(name),
                    cure=nearest(name, first),
                ),
                path=path,
            )
    for name, node in first.items():
        if name not in outputs:
            raise Refused(_("%(name)s is missing, which the first row gives", name=repr(name)), path=path)
        here = outputs[name]
        if here.type != node.type:
            cause = _(
                "this is %(here)s, and in the first row it is %(first)s: a value is of one type in all rows",
                here=article(here.type),
                first=article(node.type),
            )
            raise Refused(cause, path=f"{path}.{name}")


def _check_collected(table: Table, outputs: Mapping[str, Node], path: str) -> None:
    if table.collect in (None, "count"):
        return
    for name, node in outputs.items():
        if node.type != "number":
            cause = _(
                "only numbers have a %(collect)s, and this is %(type)s",
                collect=table.collect,
                type=article(node.type),
            )
            raise Refused(cause, path=f"{path}.{name}")


def _default(table: Table, first: _Row, catalogue: Catalogue, path: str) -> Mapping[str, Node] | None:
    if table.default is None:
        return None
    here = f"{path}.default"
    outputs = _outputs(table.default, catalogue, here)
    counted = dict.fromkeys(first.outputs, _ONE)
    _check_alike(outputs, counted if table.collect == "count" else first.outputs, here)
    return outputs


# -- deciding ----------------------------------------------------------------------------------

_Pairs = Sequence[tuple[Node, Node]]
"""A condition and a value for each row."""


def _first(pairs: _Pairs, default: Node | None) -> Node:
    """Return the value of the first row that matches."""
    reached = _reached(pairs)
    if default is None or len(reached) < len(pairs) or reached[-1][0] == _ALWAYS:
        *reached, (_, default) = reached
    if len(reached) <= CHAIN_MAX:
        return _chain(reached, default)
    size = isqrt(len(reached) - 1) + 1
    groups = [reached[start : start + size] for start in range(0, len(reached), size)]
    for group in reversed(groups):
        # One row of the group matches, so that its last needs no test.
        *tested, (_, last) = group
        default = Choose(AnyOf(tuple(when for when, _ in group)), _chain(tested, last), default)
    return default


def _reached(pairs: _Pairs) -> _Pairs:
    """Return the rows up to the first that always matches."""
    place = next((n for n, (when, _) in enumerate(pairs) if when == _ALWAYS), len(pairs))
    return pairs[: place + 1]


def _chain(pairs: Iterable[tuple[Node, Node]], last: Node) -> Node:
    for when, value in reversed(list(pairs)):
        last = Choose(when, value, last)
    return last


def _sum(pairs: _Pairs, default: Node | None) -> Node:
    total = _added([_if(when, value, _ZERO) for when, value in pairs])
    return _or_default(pairs, total, default)


def _count(pairs: _Pairs, default: Node | None) -> Node:
    return _sum([(when, _ONE) for when, _ in pairs], default)


def _extreme(word: str) -> Callable[[_Pairs, Node | None], Node]:
    def extreme(pairs: _Pairs, default: Node | None) -> Node:
        # A row that does not match counts as a number that no row can beat.
        beaten = _beaten(word, [value for _, value in pairs])
        found = _called(word, [_if(when, value, beaten) for when, value in pairs])
        return _or_default(pairs, found, default)

    return extreme


_COLLECT: Mapping[str, Callable[[_Pairs, Node | None], Node]] = {
    "sum": _sum,
    "count": _count,
    "min": _extreme("min"),
    "max": _extreme("max"),
}


def _if(when: Node, value: Node, otherwise: Node) -> Node:
    return value if when == _ALWAYS else Choose(when, value, otherwise)


def _or_default(pairs: _Pairs, value: Node, default: Node | None) -> Node:
    return value if default is None else _if(AnyOf(tuple(when for when, _ in pairs)), value, default)


def _added(items: Sequence[Node]) -> Node:
    """Return a sum as a tree that is as deep as it must be."""
    if len(items) == 1:
        return items[0]
    half = len(items) // 2
    return Arithmetic("+", _added(items[:half]), _added(items[half:]), "number")


def _called(word: str, items: Sequence[Node]) -> Node:
    """Return `min` or `max` of any number of items."""
    while len(items) > ARGUMENTS_MAX:
        groups = [items[start : start + ARGUMENTS_MAX] for start in range(0, len(items), ARGUMENTS_MAX)]
        items = [_called(word, group) for group in groups]
    return items[0] if len(items) == 1 else Call(_EXTREMES[word], tuple(items))


def _beaten(word: str, values: Sequence[Node]) -> Node:
    """Return a number that is at least as large as every value, or for a maximum as small."""
    limits = [bounds(value) for value in values]
    far = max(limit.high for limit in limits) if word == "min" else min(limit.low for limit in limits)
    if abs(far) <= WHOLE_MAX:
        return Constant(far, "number")
    power = next((n for n in range(2, EXPONENT_MAX + 1) if float(WHOLE_MAX) ** n >= abs(far)), None)
    if power is None or not isfinite(far):
        n = next(i for i, limit in enumerate(limits) if far in (limit.high, limit.low))
        cause = _(
            "this may be too large for a %(word)s of rows: bound it with clamp(..., 0, 1000)", word=word
        )
        raise Refused(cause, path=f"[{n}].then")
    large = Arithmetic("**", Constant(float(WHOLE_MAX), "number"), Constant(float(power), "number"), "number")
    return large if far > 0 else Negate(large)
