"""What is given by an action that an operator wrote down: checked when it is saved, done for one player."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any
from uuid import UUID

from marshmallow import ValidationError

from pitboss.core.context import Context
from pitboss.core.contracts import Action, Cause
from pitboss.core.errors import InvalidInput, TermMissing

MONEY = "money"
"""What an action says that pays in the tenant's currency."""


def check(ctx: Context, offer: Mapping[str, Any]) -> None:
    """Refuse an offer whose action does not exist, or would not take its parameters."""
    try:
        name, parameters = read(ctx, offer)
    except TermMissing as error:
        raise InvalidInput(f"action: {error}", {"action": [str(error)]}) from error
    try:
        ctx.view.term(name, Action).schema().load(parameters)
    except ValidationError as error:
        raise InvalidInput.of(f"parameters of {name!r}", error) from error


def read(ctx: Context, offer: Mapping[str, Any]) -> tuple[str, dict[str, Any]]:
    """Return the action of an offer and its parameters, with the amount in minor units.

    An offer is flat, as in the `then` of a rule: `{"action": "loyalty.grant_bonus", "amount": "5.00"}`.
    """
    if not isinstance(offer.get("action"), str):
        raise InvalidInput('an offer names its action: {"action": "loyalty.grant_points", "amount": 50}')
    parameters = {name: value for name, value in offer.items() if name != "action"}
    pays = ctx.view.term(offer["action"], Action).pays
    if pays and "amount" in parameters:
        unit = ctx.tenant.currency if pays == MONEY else pays
        parameters["amount"] = ctx.tenant.currencies.parse(str(parameters["amount"]), unit).minor
    return offer["action"], parameters


def do(ctx: Context, player_id: UUID, offer: Mapping[str, Any], cause: Cause) -> Any:
    """Have the action done for a player; the cause is its business identity."""
    name, parameters = read(ctx, offer)
    with _in_the_name_of(ctx, player_id, cause):
        return ctx.act(name, **parameters)


def undo(ctx: Context, player_id: UUID, offer: Mapping[str, Any], cause: Cause) -> None:
    """Take back what the action did for a cause, where it can be."""
    take_back = ctx.view.term(offer["action"], Action).undo
    if take_back is not None:
        with _in_the_name_of(ctx, player_id, cause):
            take_back(ctx, cause)


@contextmanager
def _in_the_name_of(ctx: Context, player_id: UUID, cause: Cause) -> Iterator[None]:
    before = ctx.subject, ctx.cause
    ctx.subject, ctx.cause = player_id, cause
    try:
        yield
    finally:
        ctx.subject, ctx.cause = before
