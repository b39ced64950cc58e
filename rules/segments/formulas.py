"""Facts that are formulas of stored ones, where a condition is judged for many players at once."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import fields, replace
from typing import Any

from pitboss.core.context import Context
from pitboss.rules.engine.catalogue import NOW
from pitboss.rules.engine.program import Program
from pitboss.rules.engine.sql.constructs import NotInSql
from pitboss.rules.engine.tree import Coalesce, Fact, Known, Node, facts_read
from pitboss.rules.vocabulary import derived


def stored_facts(ctx: Context, program: Program, more: Iterable[str] = ()) -> list[str]:
    """Return the names of all facts that a condition needs, and of more; those inside of formulas too."""
    formulas = derived(ctx.view, program.catalogue)
    found: set[str] = set()
    for name in (*facts_read(program.when), *more):
        found.update(facts_read(formulas[name]) if name in formulas else (name,))
    return sorted(found - {NOW})


def spelled_out(ctx: Context, program: Program) -> Node:
    """Return a condition with formulas in the places of their facts."""
    return _spelled(program.when, derived(ctx.view, program.catalogue))


def _spelled(node: Node, formulas: Mapping[str, Node]) -> Node:
    if isinstance(node, Fact):
        return formulas.get(node.name, node)
    if isinstance(node, Known | Coalesce) and any(name in formulas for name in facts_read(node)):
        raise NotInSql("whether a formula has a value is judged for one player at a time")
    changes = {f.name: _part(getattr(node, f.name), formulas) for f in fields(node)}
    return replace(node, **changes)


def _part(value: Any, formulas: Mapping[str, Node]) -> Any:
    if isinstance(value, tuple):
        return tuple(_part(item, formulas) for item in value)
    is_node = hasattr(value, "__dataclass_fields__") and isinstance(value, Node)
    return _spelled(value, formulas) if is_node else value
