"""What people read in the audit trail and in accounts has words: no code of ours goes without a title."""

from __future__ import annotations

import ast
from collections.abc import Iterator

import pytest

from pitboss.core.registry import Registry, installed
from tests.architecture.house import FOLDERS, ROOT

REGISTRY = Registry(installed())
TITLES = {code for manifest in REGISTRY.manifests.values() for code in manifest.titles}


def codes() -> Iterator[str]:
    """Yield each action that is recorded and each operation that is posted; a `*` stands for what varies."""
    for folder in FOLDERS:
        for path in sorted((ROOT / folder).rglob("*.py")):
            for node in ast.walk(ast.parse(path.read_text("utf-8"))):
                yield from codes_in(node)


def codes_in(node: ast.AST) -> Iterator[str]:
    if isinstance(node, ast.Call):
        if ast.unparse(node.func) == "audit.record":
            yield from literal(node.args[1])
        yield from (code for k in node.keywords if k.arg == "op" for code in literal(k.value))
    if isinstance(node, ast.Assign):
        names = [ast.unparse(target) for target in node.targets]
        if any(name.startswith("OP_") for name in names):
            yield from literal(node.value)


def literal(node: ast.AST) -> Iterator[str]:
    if isinstance(node, ast.Constant) and isinstance(node.value, str):
        yield node.value
    elif isinstance(node, ast.JoinedStr):
        yield "".join(next(literal(part), "*") for part in node.values)
    elif isinstance(node, ast.IfExp):
        yield from literal(node.body)
        yield from literal(node.orelse)


@pytest.mark.parametrize("code", sorted(set(codes())))
def test_a_code_that_people_come_to_see_has_a_title(code: str) -> None:
    start, varies, _ = code.partition("*")
    assert any(title.startswith(start) if varies else title == code for title in TITLES)


def test_codes_are_found() -> None:
    assert {"betting.void_bet", "points.expire", "wallet.adjust", "rules.*"} <= set(codes())


def test_a_code_without_a_title_is_said_in_words() -> None:
    assert REGISTRY.title_of("acme.prize_paid") == "Prize paid"
    assert REGISTRY.title_of("house/acme_prizes") == "Acme prizes"


def test_a_term_is_called_by_its_title() -> None:
    assert REGISTRY.title_of("loyalty.grant_bonus") == "Give a bonus"
