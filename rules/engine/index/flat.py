"""Flat forms in bulk: from JSON straight to columns, without a tree between.

A form is flat when each entry says of one fact what it equals, a list of texts that it is in, or its
least or its most. All values of one key are read at once. A rule whose form is anything else, or is
wrong, is left to its tree, which says what is wrong.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Collection, Sequence
from typing import Any, TypeAlias

import numpy as np

from pitboss.rules.engine.catalogue import LIST_ITEMS_MAX, TEXT_LENGTH_MAX, WHOLE_MAX, Variable
from pitboss.rules.engine.errors import Refused
from pitboss.rules.engine.forms import variable_of
from pitboss.rules.engine.index.making import NumberColumnMaker, TableMaker, ValueColumnMaker

Group: TypeAlias = tuple[list[int], list[Any]]
"""The numbers of the forms that have a key, and the value that each has beside it."""


def add_forms(maker: TableMaker, forms: Sequence[Any]) -> set[int]:
    """Add what each form asks to the box of its number; return the forms that are not flat."""
    odd: set[int] = set()
    groups: defaultdict[str, Group] = defaultdict(lambda: ([], []))
    for number, form in enumerate(forms):
        if type(form) is not dict:
            odd.add(number)
            continue
        for key, value in form.items():
            numbers, values = groups[key]
            numbers.append(number)
            values.append(value)
    for key, group in groups.items():
        odd |= _add_group(maker, key, group)
    return odd


def _add_group(maker: TableMaker, key: str, group: Group) -> set[int]:
    try:
        variable, test = variable_of(key, maker.catalogue, "when")
    except Refused:
        return set(group[0])
    if variable.value_type == "list":
        return set(group[0])
    column = maker.column(variable)
    if isinstance(column, NumberColumnMaker):
        return _add_numbers(column, group, test)
    if test is not None:
        return set(group[0])
    # Two names of one fact would be two lists of which either is enough.
    twice = set(column.read) & set(group[0]) if column.read else set()
    return twice | _add_values(column, group)


# -- numbers -------------------------------------------------------------------------------------

_BOUNDS = frozenset({"min", "max"})


def _add_numbers(column: NumberColumnMaker, group: Group, test: str | None) -> set[int]:
    odd: set[int] = set()
    split = {test: group} if test is not None else _split(group, odd)
    for word, (numbers, values) in split.items():
        odd |= _add_bounds(column, word, numbers, values)
    return odd


def _split(group: Group, odd: set[int]) -> dict[str, Group]:
    """Part values by what they ask: the least, the most, or to be equal."""
    numbers, values = group
    for word in _BOUNDS:
        # Mostly all values of a key ask the same.
        if all(type(value) is dict and len(value) == 1 and word in value for value in values):
            return {word: (numbers, [value[word] for value in values])}
    split: dict[str, Group] = {"min": ([], []), "max": ([], []), "equal": ([], [])}
    for number, value in zip(numbers, values, strict=True):
        tests = value if type(value) is dict else {"equal": value}
        if tests is value and not (tests and _BOUNDS.issuperset(tests)):
            odd.add(number)
            continue
        for word, bound in tests.items():
            split[word][0].append(number)
            split[word][1].append(bound)
    return split


def _add_bounds(column: NumberColumnMaker, word: str, numbers: list[int], values: list[Any]) -> set[int]:
    """Add the bounds that are plain numbers; return the forms of the others."""
    odd: set[int] = set()
    if not _are_numbers(values):
        kept = [pair for pair in zip(numbers, values, strict=True) if _is_number(pair[1])]
        odd = set(numbers) - {number for number, _ in kept}
        numbers, values = [number for number, _ in kept], [value for _, value in kept]
    box, bound = np.array(numbers, np.int32), np.array(values, np.float64)
    if word != "max":
        column.add_all(box, low=-np.inf, high=np.nextafter(bound, -np.inf))
    if word != "min":
        column.add_all(box, low=np.nextafter(bound, np.inf), high=np.inf)
    return odd


def _are_numbers(values: list[Any]) -> bool:
    if not {int, float}.issuperset(map(type, values)):
        return False
    try:
        return bool((np.abs(np.array(values, np.float64)) <= WHOLE_MAX).all())
    except OverflowError:
        return False  # some whole number has hundreds of digits


def _is_number(value: Any) -> bool:
    return type(value) in (int, float) and -WHOLE_MAX <= value <= WHOLE_MAX


# -- texts and truths ----------------------------------------------------------------------------


def _add_values(column: ValueColumnMaker, group: Group) -> set[int]:
    odd: set[int] = set()
    code_of = _coder(column)
    read: list[int] = []
    for number, value in zip(*group, strict=True):
        if type(value) is list:
            codes: Collection[int] = {code_of(each) for each in value} if len(value) <= LIST_ITEMS_MAX else ()
        else:
            codes = (code_of(value),)
        if not codes or -1 in codes:
            odd.add(number)
            continue
        read.append(number)
        for code in codes:
            column.accepting.append(number)
            column.accepted.append(code)
    column.read += read
    column.listed += read
    return odd


def _coder(column: ValueColumnMaker) -> Callable[[Any], int]:
    """Return what gives the code of a value as the column keeps it; -1 for any other."""
    is_plain = _is_truth if column.variable.value_type == "boolean" else _plain_text(column.variable)
    codes = column.codes

    def code_of(value: Any) -> int:
        # A number may equal a truth, and is none.
        if type(value) is str or type(value) is bool:
            found = codes.get(value)
            if found is not None:
                return found
        return column.code(value) if is_plain(value) else -1

    return code_of


def _is_truth(value: Any) -> bool:
    return type(value) is bool


def _plain_text(variable: Variable) -> Callable[[Any], bool]:
    def is_plain(text: Any) -> bool:
        if type(text) is not str or not text.isascii() or len(text) > TEXT_LENGTH_MAX:
            return False
        return not variable.choices or text in variable.choices

    return is_plain
