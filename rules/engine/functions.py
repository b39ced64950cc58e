"""The functions that ship with the language, in each form in which they agree to the bit.

`known`, `coalesce`, `between`, `days_since` and `hours_since` are part of the grammar, not functions:
they become nodes of their own or arithmetic.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from decimal import ROUND_HALF_EVEN, Decimal
from typing import Any

from pitboss.rules.engine.catalogue import Function
from pitboss.rules.engine.texts import gettext as _
from pitboss.rules.engine.texts import marked

ARGUMENTS_MAX = 16
ROUND_DIGITS_MAX = 10


def _minimum(*values: float) -> float:
    return min(values)


def _maximum(*values: float) -> float:
    return max(values)


def _whole(to_int: Callable[[float], int]) -> Callable[[float], float]:
    return lambda value: float(to_int(value))


def _round(value: float, digits: float = 0.0) -> float:
    return float(round(value, _digits(digits)))


def _digits(digits: float) -> int:
    if digits not in range(ROUND_DIGITS_MAX + 1):
        raise ValueError(_("round() takes 0 to %(most)s digits", most=ROUND_DIGITS_MAX))
    return int(digits)


def _check_digits(arguments: tuple[Any, ...]) -> str | None:
    if len(arguments) == 1 or getattr(arguments[1], "value", None) in range(ROUND_DIGITS_MAX + 1):
        return None
    return _("round() takes a constant number of digits, from 0 to %(most)s", most=ROUND_DIGITS_MAX)


def _sigmoid(value: float) -> float:
    # Either side of 0 has a form that cannot overflow.
    if value >= 0:
        return 1.0 / (1.0 + math.exp(-value))
    grown = math.exp(value)
    return grown / (1.0 + grown)


def _clamp(value: float, low: float, high: float) -> float:
    if low > high:
        raise ValueError(_("clamp() needs its lower bound first"))
    return min(max(value, low), high)


def _lower(text: str) -> str:
    return text.lower()


def _starts_with(text: str, prefix: str) -> bool:
    return text.startswith(prefix)


# -- on columns: NumPy is loaded when the first column is ----------------------------------------


def _each(call: Callable[..., Any]) -> Callable[..., Any]:
    """Apply a Python function to each element: where NumPy's own would differ in the last bit."""

    def on_columns(*columns: Any) -> Any:
        import numpy as np

        def safe(*values: Any) -> float:
            try:
                return float(call(*values))
            except (ArithmeticError, ValueError):
                return math.nan

        return np.frompyfunc(safe, len(columns), 1)(*columns).astype(np.float64)

    return on_columns


def _numpy(name: str) -> Callable[..., Any]:
    def on_columns(*columns: Any) -> Any:
        import numpy as np

        return getattr(np, name)(*columns)

    return on_columns


def _folded(name: str) -> Callable[..., Any]:
    def on_columns(first: Any, *rest: Any) -> Any:
        import numpy as np

        for column in rest:
            first = getattr(np, name)(first, column)
        return first

    return on_columns


def _clamp_columns(value: Any, low: Any, high: Any) -> Any:
    import numpy as np

    return np.where(low > high, np.nan, np.minimum(np.maximum(value, low), high))


# -- in SQL: what numbers need there stands in the SQL backend ------------------------------------


def _sql_starts_with(text: Any, prefix: Any) -> Any:
    from sqlalchemy import func

    return func.substr(text, 1, func.length(prefix)) == prefix


# -- exactly -----------------------------------------------------------------------------------


def _round_exact(value: Decimal, digits: Decimal = Decimal(0)) -> Decimal:
    return value.quantize(Decimal(1).scaleb(-_digits(float(digits))), ROUND_HALF_EVEN)


def _clamp_exact(value: Decimal, low: Decimal, high: Decimal) -> Decimal:
    if low > high:
        raise ValueError(_("clamp() needs its lower bound first"))
    return min(max(value, low), high)


def _sigmoid_exact(value: Decimal) -> Decimal:
    return 1 / (1 + (-value).exp())


STARTS_WITH = Function(
    name="starts_with",
    arguments=("text", "text"),
    returns="boolean",
    call=_starts_with,
    sql=_sql_starts_with,
    doc=marked("Whether a text begins with another."),
    example="starts_with(campaign, 'summer-')",
    cost=2,
)

SHIPPED: tuple[Function, ...] = (
    Function(
        name="abs",
        arguments=("number",),
        returns="number",
        call=abs,
        columns=_numpy("abs"),
        exact=abs,
        doc=marked("The distance from zero."),
        example="abs(net_loss)",
    ),
    Function(
        name="min",
        arguments=("number", "number"),
        repeats=True,
        returns="number",
        call=_minimum,
        columns=_folded("minimum"),
        exact=min,
        doc=marked("The smallest of the numbers."),
        example="min(net_loss, 500)",
    ),
    Function(
        name="max",
        arguments=("number", "number"),
        repeats=True,
        returns="number",
        call=_maximum,
        columns=_folded("maximum"),
        exact=max,
        doc=marked("The largest of the numbers."),
        example="max(net_loss, 0)",
    ),
    Function(
        name="clamp",
        arguments=("number", "number", "number"),
        returns="number",
        call=_clamp,
        columns=_clamp_columns,
        exact=_clamp_exact,
        doc=marked("The number, moved into the range of the other two."),
        example="clamp(net_loss * 0.10, 5, 500)",
    ),
    Function(
        name="round",
        arguments=("number", "number"),
        optional=1,
        returns="number",
        call=_round,
        columns=_each(_round),
        exact=_round_exact,
        check=_check_digits,
        doc=marked(
            "Rounded to so many digits, a half to the even neighbour; without digits to a whole number."
        ),
        example="round(net_loss * 0.10, 2)",
        cost=4,
    ),
    Function(
        name="floor",
        arguments=("number",),
        returns="number",
        call=_whole(math.floor),
        columns=_numpy("floor"),
        exact=lambda value: Decimal(math.floor(value)),
        doc=marked("The whole number below."),
        example="floor(wagered / 10)",
    ),
    Function(
        name="ceil",
        arguments=("number",),
        returns="number",
        call=_whole(math.ceil),
        columns=_numpy("ceil"),
        exact=lambda value: Decimal(math.ceil(value)),
        doc=marked("The whole number above."),
        example="ceil(wagered / 10)",
    ),
    Function(
        name="sqrt",
        arguments=("number",),
        returns="number",
        call=math.sqrt,
        columns=_numpy("sqrt"),
        exact=Decimal.sqrt,
        doc=marked("The square root; of a negative number there is none."),
        example="sqrt(bets)",
        cost=2,
    ),
    Function(
        name="exp",
        arguments=("number",),
        returns="number",
        call=math.exp,
        columns=_each(math.exp),
        exact=Decimal.exp,
        doc=marked("e to the power of the number."),
        example="exp(-days / 30)",
        cost=4,
    ),
    Function(
        name="log",
        arguments=("number",),
        returns="number",
        call=math.log,
        columns=_each(math.log),
        exact=Decimal.ln,
        doc=marked("The natural logarithm; of zero or less there is none."),
        example="log(1 + wagered)",
        cost=4,
    ),
    Function(
        name="sigmoid",
        arguments=("number",),
        returns="number",
        call=_sigmoid,
        columns=_each(_sigmoid),
        exact=_sigmoid_exact,
        doc=marked("1 / (1 + exp(-x)): any number becomes one between 0 and 1."),
        example="sigmoid(0.3 * form - 1)",
        cost=6,
    ),
    Function(
        name="lower",
        arguments=("text",),
        returns="text",
        call=_lower,
        doc=marked("The text in small letters."),
        example="lower(city) == 'paris'",
        cost=2,
    ),
    STARTS_WITH,
)
