"""Where a segment or a formula is used: in which rules, live or only written."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from sqlalchemy import Text, and_, cast, func, or_, select

from pitboss.rules.book.calls import called_names
from pitboss.rules.book.store import Stored
from pitboss.rules.book.tables import RuleRow, State, VersionRow
from pitboss.rules.vocabulary import function_name

if TYPE_CHECKING:
    from pitboss.core.context import Context

_RULE, _VERSION = RuleRow.__table__, VersionRow.__table__
_NOT_PART = r"[A-Za-z0-9_.-]"
ROWS_AT_ONCE = 100
_READ = ("when", "then", "table", "formula", "value")


@dataclass(frozen=True, slots=True)
class Use:
    """A rule that uses another."""

    key: str
    name: str
    kind: str
    is_live: bool
    """What is live of it does; without, only the version that is newest."""


def uses_of(ctx: Context, rule: Stored, *, most: int | None = None) -> list[Use]:
    """Return the rules that call a formula, or that ask for a segment, by key; the first of many."""
    if rule.kind not in ("formula", "segment"):
        return []
    word = function_name(rule.key) if rule.kind == "formula" else rule.key
    found: dict[str, Use] = {}
    for row in ctx.connection.execute(_mentioning(ctx, word), execution_options={"yield_per": ROWS_AT_ONCE}):
        if len(found) == most:
            break
        if row.key != rule.key and _uses(row.document, rule):
            is_live = row.is_live or (row.key in found and found[row.key].is_live)
            found[row.key] = Use(row.key, row.name or row.key, row.kind, is_live)
    return list(found.values())


def _mentioning(ctx: Context, word: str) -> Any:
    """Return the versions that are live or newest, and whose text holds a word."""
    held = func.lower(cast(_VERSION.c.document, Text)).contains(word.lower(), autoescape=True)
    same = and_(_VERSION.c.tenant_id == _RULE.c.tenant_id, _VERSION.c.key == _RULE.c.key)
    is_live = and_(_RULE.c.live.is_not(None), _RULE.c.live == _VERSION.c.number, _RULE.c.state == State.LIVE)
    columns = (_RULE.c.key, _RULE.c.name, _RULE.c.kind, _VERSION.c.document, is_live.label("is_live"))
    query = select(*columns).join(_VERSION, same).where(_RULE.c.tenant_id == ctx.tenant.id, held)
    return query.where(or_(_VERSION.c.number == _RULE.c.head, is_live)).order_by(_RULE.c.key)


def _uses(document: Mapping[str, Any], rule: Stored) -> bool:
    if rule.kind == "formula":
        return function_name(rule.key) in called_names(document)
    said = str([document.get(part) for part in _READ])
    pattern = rf"(?<!{_NOT_PART}){re.escape(rule.key)}(?!{_NOT_PART})"
    return "segment" in said and re.search(pattern, said, re.IGNORECASE) is not None
