"""Two versions of a stored rule, compared with the words that the tenant has now."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from pitboss.core import contracts
from pitboss.core.texts import translated
from pitboss.rules.book import store
from pitboss.rules.book.checks import live_formulas
from pitboss.rules.book.diff import Change, diff
from pitboss.rules.engine.catalogue import Catalogue, catalogue_of
from pitboss.rules.vocabulary import catalogue

if TYPE_CHECKING:
    from pitboss.core.context import Context


def between(ctx: Context, key: str, old: int, new: int) -> list[Change]:
    """Return what changed from one version of a rule to another."""
    return changes_between(ctx, store.version(ctx, key, old).document, store.version(ctx, key, new).document)


def changes_between(ctx: Context, old: Mapping[str, Any], new: Mapping[str, Any]) -> list[Change]:
    """Return what changed from one document to another; the second need not be right."""
    words = _words(ctx, (*_events(old), *_events(new)))
    return diff(old, new, words, lambda action: translated(ctx.kernel.registry.title_of(action)))


def _events(document: Mapping[str, Any]) -> list[str]:
    named = document.get("on", ())
    return [name for name in named if isinstance(name, str)] if isinstance(named, list | tuple) else []


def _words(ctx: Context, events: tuple[str, ...]) -> Catalogue:
    """Return the words of both versions, where their events are there still."""
    formulas = live_formulas(ctx)
    here = [name for name in dict.fromkeys(events) if _is_event(ctx, name)]
    parts = [catalogue(ctx, [name], formulas) for name in here] or [catalogue(ctx, (), formulas)]
    variables = {name: v for part in reversed(parts) for name, v in part.variables.items()}
    shipped = catalogue_of(()).functions
    functions = [f for name, f in parts[0].functions.items() if name not in shipped]
    return catalogue_of(variables.values(), functions)


def _is_event(ctx: Context, name: str) -> bool:
    owned = ctx.view.terms.get(name)
    return owned is not None and isinstance(owned.item, contracts.Event)
