"""The facts that an event is judged on: of the player in one SELECT, and of the event itself."""

from __future__ import annotations

from collections.abc import Collection, Container, Iterator, Mapping
from datetime import timedelta
from decimal import Decimal, InvalidOperation
from typing import Any
from uuid import UUID

from pitboss.core import contracts, facts
from pitboss.core.context import Context
from pitboss.core.events import Event
from pitboss.rules.engine.catalogue import NOW, Catalogue, Variable
from pitboss.rules.engine.errors import EvaluationError
from pitboss.rules.engine.language import function_of
from pitboss.rules.vocabulary import EVENT_PREFIX, derived


def gather(ctx: Context, event: Event, words: Catalogue, computed: Collection[str] = ()) -> dict[str, Any]:
    """Return what is known when an event is judged, as the engine lets it in; money in major units.

    `computed` names the variables that are computed in Python and that some rule reads.
    """
    found: dict[str, Any] = {NOW: event.at}
    if event.player_id is not None:
        found |= of_player(ctx, event.player_id, computed)
    found |= {
        f"{EVENT_PREFIX}{name}": value
        for name, value in event.payload.items()
        if f"{EVENT_PREFIX}{name}" in words.variables
    }
    return with_derived(ctx, words, words.admit(dict(in_major_units(ctx, found, words))))


def with_derived(
    ctx: Context, words: Catalogue, admitted: dict[str, Any], *, wanted: Container[str] | None = None
) -> dict[str, Any]:
    """Add the facts that are formulas of the others, or the wanted ones, to those that do not say them."""
    for name, node in derived(ctx.view, words).items():
        if name not in admitted and (wanted is None or name in wanted):
            try:
                admitted[name] = function_of(node, words)(admitted)
            except EvaluationError:
                continue  # unknown, as what it is made of
    return admitted


def of_player(ctx: Context, player_id: UUID, computed: Collection[str] = ()) -> dict[str, Any]:
    """Return the facts of a player as the kernel keeps them: money in minor units."""
    stored = facts.read(ctx, player_id)
    return stored | facts.read(ctx, player_id, sorted(computed)) if computed else stored


def known_now(ctx: Context, player_id: UUID, words: Catalogue) -> dict[str, Any]:
    """Return every fact of a player at this moment, as the engine lets it in."""
    every = [o.item for o in ctx.view.terms.values() if isinstance(o.item, contracts.Variable)]
    computed = [term.name for term in every if not term.in_bulk and term.name in words.variables]
    found = {NOW: ctx.clock.now(), **of_player(ctx, player_id, computed)}
    return with_derived(ctx, words, words.admit(dict(in_major_units(ctx, found, words))))


def recorded(admitted: Mapping[str, Any], words: Catalogue) -> dict[str, Any]:
    """Return facts as they are kept: as JSON holds them, without what is as it would be anyway."""
    defaults = words.defaults
    return {
        name: sorted(value) if isinstance(value, frozenset) else value
        for name, value in admitted.items()
        if name not in defaults or defaults[name] != value
    }


def in_major_units(ctx: Context, found: Mapping[str, Any], words: Catalogue) -> Iterator[tuple[str, Any]]:
    """Yield facts as the kernel keeps them in the form that the engine takes."""
    unit = 10 ** ctx.tenant.currencies.places(ctx.tenant.currency)
    for name, value in found.items():
        variable = words.variables.get(name)
        if variable is not None:
            yield name, _converted(variable, value, unit)


def _converted(variable: Variable, value: Any, unit: int) -> Any:
    if value is None:
        return None
    if variable.type == "money":
        # The shortest decimal of the quotient is the amount to the cent, up to 2 ** 53 of them.
        return value / unit if isinstance(value, int) else _number(value)
    if variable.value_type == "number":
        return _number(value)
    if variable.value_type == "text":
        return str(value)
    return value.total_seconds() if isinstance(value, timedelta) else value


def _number(value: Any) -> Any:
    """Read a number that a schema writes as text; what is none is left for the engine to refuse."""
    if not isinstance(value, str):
        return value
    try:
        return Decimal(value)
    except InvalidOperation:
        return value
