"""Rules as files: written for a version control, read back as drafts, all of them or none."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import msgspec

from pitboss.core import audit
from pitboss.core.errors import InvalidInput, NotFound
from pitboss.core.texts import gettext as _
from pitboss.rules.book import drafts, store
from pitboss.rules.book.checks import Checked, Checks
from pitboss.rules.book.findings import Found
from pitboss.rules.book.problems import Problem, invalid_rules
from pitboss.rules.engine.errors import Refused
from pitboss.rules.engine.rule import (
    FILE_BYTES_MAX,
    FormulaRule,
    Pack,
    items_of,
    read_json,
    read_rule,
    read_struct,
)
from pitboss.rules.layout import format_file

if TYPE_CHECKING:
    from pitboss.core.context import Context

RULES_MAX = 500
"""How many rules one import takes."""


@dataclass(frozen=True, slots=True)
class Imported:
    """What an import came to, or would have come to."""

    created: list[str] = field(default_factory=list)
    changed: list[str] = field(default_factory=list)
    unchanged: list[str] = field(default_factory=list)
    warnings: dict[str, list[Found]] = field(default_factory=dict)
    is_dry_run: bool = False


def export(
    ctx: Context,
    keys: Sequence[str] | None = None,
    *,
    pack: str | None = None,
    title: str | None = None,
    version: int = 1,
) -> str:
    """Write what is live as the text of a pack; of rules that are named, what is live or else the newest."""
    documents = documents_of(ctx, keys)
    if not documents:
        raise InvalidInput(_("a pack holds at least one rule, and none is live: name the rules to export"))
    data = {
        "pack": pack or ctx.tenant.code,
        "title": title or f"Rules of {ctx.tenant.name}",
        "version": version,
        "rules": list(documents.values()),
    }
    try:
        read_struct(data, Pack)
    except Refused as refused:
        raise InvalidInput(str(refused), {refused.path or "pack": [refused.cause]}) from None
    return format_file(msgspec.json.encode(data))


def documents_of(ctx: Context, keys: Sequence[str] | None) -> dict[str, dict[str, Any]]:
    """Return what is live, by key; of rules that are named, what is live or else the newest version."""
    live = store.live_documents(ctx)
    if keys is None:
        return live
    heads = store.head_documents(ctx, list(keys))
    missing = [key for key in keys if key not in heads]
    if missing:
        raise NotFound(_("no rule %(missing)s to export", missing=repr(missing[0])))
    return {key: live.get(key, heads[key][1]) for key in sorted(set(keys))}


def load(ctx: Context, text: str | bytes, *, dry_run: bool = False, message: str = "") -> Imported:
    """Read a file of rules, and store them as drafts: all of them, or none and every reason."""
    try:
        items = [item for _, item in items_of(read_json(text, bytes_max=FILE_BYTES_MAX))]
    except Refused as refused:
        raise InvalidInput(
            _("the file: %(refused)s", refused=refused), {refused.path or "file": [refused.cause]}
        ) from None
    return store_all(ctx, items, dry_run=dry_run, message=message)


def store_all(ctx: Context, items: Sequence[Any], *, dry_run: bool = False, message: str = "") -> Imported:
    """Store documents as drafts: all of them, or none and every reason."""
    if len(items) > RULES_MAX:
        cause = _("%(count)s rules are too many at once: at most %(most)s", count=len(items), most=RULES_MAX)
        raise InvalidInput(cause, {"rules": [cause]})
    named = _named(items)
    heads = store.head_documents(ctx, list(named))
    kinds = {key: document["kind"] for key, (_, document) in heads.items()}
    checks = Checks(ctx, formulas_in(named.values()), kinds)
    checked = {key: checks.of(document) for key, document in named.items()}
    problems = {key: (*found.problems, *found.unavailable) for key, found in checked.items()}
    problems = {key: found for key, found in problems.items() if found}
    if problems:
        raise invalid_rules(problems, named)
    return _stored(ctx, checked, heads, dry_run=dry_run, message=message)


def _stored(
    ctx: Context,
    checked: Mapping[str, Checked],
    heads: Mapping[str, tuple[int, Mapping[str, Any]]],
    *,
    dry_run: bool,
    message: str,
) -> Imported:
    done = Imported(is_dry_run=dry_run)
    for key, found in checked.items():
        if key in heads and heads[key][1] == found.document:
            done.unchanged.append(key)
            continue
        (done.changed if key in heads else done.created).append(key)
        if dry_run:
            continue
        saved = drafts.write(ctx, found, message=message)
        if saved.warnings:
            done.warnings[key] = saved.warnings
    if not dry_run and (done.created or done.changed):
        new = {"created": done.created, "changed": done.changed}
        audit.record(ctx, "rules.pack_loaded", "rulebook", new=new, reason=message or None)
    return done


def _named(items: Iterable[Any]) -> dict[str, Any]:
    """Return the documents by key; one without a key is named by its number."""
    named: dict[str, Any] = {}
    for n, item in enumerate(items):
        key = item.get("key") if isinstance(item, Mapping) else None
        name = key if isinstance(key, str) and key else f"[{n}]"
        if name in named:
            problem = Problem(
                "key", _("the key %(key)s stands twice: each rule has one of its own", key=repr(name))
            )
            raise invalid_rules({name: [problem]}, {name: item})
        named[name] = item
    return named


def formulas_in(items: Iterable[Any]) -> dict[str, FormulaRule]:
    """Return the formulas of a file, which its other rules may call before they are live."""
    found = {}
    for item in items:
        try:
            rule = read_rule(item)
        except Refused:
            continue  # the check of this document says why
        if isinstance(rule, FormulaRule):
            found[rule.key] = rule
    return found
