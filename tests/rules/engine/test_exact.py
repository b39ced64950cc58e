"""Amounts that are paid, in exact decimals."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest

from pitboss.rules.engine.catalogue import Variable, catalogue_of
from pitboss.rules.engine.errors import EvaluationError
from pitboss.rules.engine.exact import exact_amount
from pitboss.rules.engine.language import expression

WORDS = catalogue_of(
    [Variable(name="a"), Variable(name="b", default=2), Variable(name="flag", type="boolean")]
)


@pytest.mark.parametrize(
    ("text", "facts", "amount"),
    [
        ("a * 0.10", {"a": 1.15}, "0.115"),
        ("a * 0.1", {"a": Decimal("12345678901.15")}, "1234567890.115"),
        ("a + 0.2", {"a": 0.1}, "0.3"),
        ("a / 3 * 3", {"a": 1}, "0.9999999999999999999999999999999999999999"),
        ("-7 // 2", {}, "-4"),
        ("-7 % 3", {}, "2"),
        ("min(a, 500)", {"a": 620}, "500"),
        ("a * b", {"a": 1.1}, "2.2"),
        ("a if flag else 0", {"a": 3, "flag": True}, "3"),
        ("coalesce(a, 7)", {}, "7"),
        ("round(a, 2)", {"a": 1.005}, "1.00"),
        ("a ** 2", {"a": 0.1}, "0.01"),
    ],
)
def test_an_amount_is_exact(text: str, facts: dict[str, Any], amount: str) -> None:
    assert exact_amount(expression(text, WORDS), facts, WORDS) == Decimal(amount)


@pytest.mark.parametrize(
    ("text", "facts", "kind"),
    [
        ("a * 2", {}, "unknown_fact"),
        ("1 / a", {"a": 0}, "division_by_zero"),
        ("a // 1", {"a": 0.5}, "not_whole"),
        ("sqrt(a)", {"a": -1}, "not_finite"),
        ("log(a)", {"a": 0}, "not_finite"),
    ],
)
def test_an_amount_that_does_not_exist_says_why(text: str, facts: dict[str, Any], kind: str) -> None:
    with pytest.raises(EvaluationError) as raised:
        exact_amount(expression(text, WORDS), facts, WORDS)
    assert raised.value.kind == kind
