"""Values in the words of people: money with two decimals, durations in days and hours."""

from __future__ import annotations

from collections.abc import Collection
from decimal import ROUND_HALF_UP, Decimal
from typing import Any

from pitboss.rules.engine.catalogue import Catalogue, Type, Variable
from pitboss.rules.engine.errors import Refused
from pitboss.rules.engine.text import Naming, instant_of, instant_text, number_text
from pitboss.rules.engine.texts import gettext as _
from pitboss.rules.engine.texts import grouped, instant, marked_plural, ngettext, translated
from pitboss.rules.engine.tree import Fact, Node

ITEMS_SHOWN_MAX = 8
CENT = Decimal("0.01")
DIGITS_SHOWN = 12
DIGITS_OF_A_SMALL_CONSTANT = 6
"""Who writes 0.00005 means it; 0.0000893021071 came out of a sum."""

_UNITS = (
    (marked_plural("%(count)s day", "%(count)s days"), 86_400),
    (marked_plural("%(count)s hour", "%(count)s hours"), 3_600),
    (marked_plural("%(count)s minute", "%(count)s minutes"), 60),
)
_SECONDS = marked_plural("%(count)s second", "%(count)s seconds")
_UNITS_SHOWN = 2


def bare_names(catalogue: Catalogue) -> Naming:
    """Return how facts are called in sentences: by the bare noun, where it means only one."""

    def name_of(full: str) -> str:
        noun = full.rpartition(".")[2]
        try:
            return noun if noun == full or catalogue.variable(noun).name == full else full
        except Refused:
            return full if full in catalogue.variables else noun

    return name_of


def shown(value: Any, node: Node) -> str:
    """Write a value of a node as people read it, with its unit."""
    variable = node.variable if isinstance(node, Fact) else None
    return plain(value, node.type, variable)


def plain(value: Any, type_: Type, variable: Variable | None = None) -> str:
    """Write a value of a type, and of a variable if it is one's."""
    if value is None:
        return _("unknown")
    if isinstance(value, bool):
        return _("true") if value else _("false")
    if isinstance(value, str):
        return value if value.strip() else repr(value)
    if isinstance(value, Collection):
        return listed(sorted(value)) if value else _("empty")
    if type_ == "instant":
        return instant(instant_of(value))
    if type_ == "duration":
        return duration_words(value)
    return _with_unit(_number(Decimal(repr(float(value))), variable), variable)


def gap_words(gap: Decimal, node: Node) -> str:
    """Write how far two values of a node's type are apart."""
    if node.type in ("instant", "duration"):
        return duration_words(float(gap))
    variable = node.variable if isinstance(node, Fact) else None
    return _with_unit(_number(gap, variable), variable)


def duration_words(seconds: float) -> str:
    """Write a duration in its two largest units.

    >>> duration_words(183_600)
    '2 days 3 hours'
    """
    left = round(abs(seconds), 3)
    words: list[str] = []
    for unit, each in _UNITS:
        count, left = divmod(left, each)
        if count and len(words) < _UNITS_SHOWN:
            words.append(_counted(count, unit))
    if left and len(words) < _UNITS_SHOWN and not (words and left < 1):
        words.append(_counted(round(left, 3), _SECONDS))
    return ("-" if seconds < 0 else "") + (" ".join(words) or _counted(0, _SECONDS))


def listed(items: Collection[Any], joint: str = ", ") -> str:
    """Write a few of many items, and how many more there are."""
    few = joint.join(str(item) for item in list(items)[:ITEMS_SHOWN_MAX])
    if len(items) <= ITEMS_SHOWN_MAX:
        return few
    return _("%(items)s and %(count)s more", items=few, count=len(items) - ITEMS_SHOWN_MAX)


def rounded(amount: Decimal) -> Decimal:
    """Return an amount with two decimals, a half rounded up."""
    return amount.quantize(CENT, ROUND_HALF_UP)


def money(amount: Decimal) -> str:
    """Write an amount with two decimals."""
    return grouped(str(rounded(amount)))


def jsonable(value: Any, type_: Type) -> Any:
    """Return an admitted value as JSON holds it, and as the door reads it again."""
    if isinstance(value, frozenset):
        return sorted(value)
    if type_ == "instant" and value is not None:
        return instant_text(value)
    return int(value) if isinstance(value, float) and value.is_integer() else value


def facts_json(facts: dict[str, Any], catalogue: Catalogue) -> dict[str, Any]:
    """Return facts by the names that people use, as JSON holds them."""
    naming = bare_names(catalogue)
    return {naming(n): jsonable(v, catalogue.variables[n].value_type) for n, v in sorted(facts.items())}


def _number(value: Decimal, variable: Variable | None) -> str:
    is_money = variable is not None and variable.type == "money"
    if is_money and value != value.to_integral_value() and value == rounded(value):
        return money(value)
    return _tidy(float(value))


def _tidy(value: float) -> str:
    """Write a number without the dust of binary arithmetic: 310.96 for 310.96000000000004."""
    text = number_text(float(f"{value:.{DIGITS_SHOWN}g}"))
    is_computed = len(text.partition("e")[0]) > DIGITS_OF_A_SMALL_CONSTANT
    return _("almost 0") if "e-" in text and is_computed else written(text)


def written(text: str) -> str:
    """Write a number as the language does; one with an exponent stays as it is."""
    return text if "e" in text else grouped(text)


def _with_unit(number: str, variable: Variable | None) -> str:
    unit = translated(variable.unit) if variable is not None else ""
    return f"{number} {unit}" if unit else number


def _counted(count: float, unit: tuple[str, str]) -> str:
    one, many = unit
    return ngettext(one, many, 1 if count == 1 else 2, count=_tidy(count))
