"""The catalogue: what points buy, written and changed."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from flask import request
from marshmallow import ValidationError
from sqlalchemy import Row
from werkzeug.wrappers import Response

from pitboss.core.context import Context
from pitboss.core.errors import InvalidInput, PitbossError, Stale
from pitboss.core.http import current, requires
from pitboss.core.texts import gettext as _
from pitboss.plugins.loyalty.admin.forms import (
    actions_of,
    errors_of,
    is_on,
    needed,
    offer_fields,
    offer_of,
    refuse,
    text_of,
    whole_of,
)
from pitboss.plugins.loyalty.admin.pages import PAGE_ROWS, asked, blueprint, done, page
from pitboss.plugins.loyalty.catalogue import items
from pitboss.plugins.loyalty.catalogue.api import ItemArguments, NewItemArguments
from pitboss.plugins.loyalty.catalogue.items import BY_HAND
from pitboss.plugins.loyalty.tiers import ladder as ladders

NEW: Mapping[str, Any] = {**offer_fields(None), "unit": "PTS", "is_active": "on"}


@blueprint.get("/catalogue")
@requires("loyalty.read")
def catalogue() -> Response:
    """List what points buy, by key."""
    wanted = asked("active", "cursor")
    is_active = {"yes": True, "no": False}.get(wanted["active"])
    found = items.list_items(current(), after=wanted["cursor"], limit=PAGE_ROWS + 1, is_active=is_active)
    rows = found[:PAGE_ROWS]
    following = rows[-1].key if len(found) > PAGE_ROWS else None
    return page("catalogue", rows=rows, next_cursor=following, asked=wanted)


@blueprint.get("/catalogue/new")
@requires("loyalty.edit")
def new_item() -> Response:
    """Show an empty form."""
    return _form_page(None, NEW)


@blueprint.post("/catalogue")
@requires("loyalty.edit")
def create_item() -> Response:
    """Put an item into the catalogue."""
    ctx = current()
    try:
        sent = _loaded(NewItemArguments(), {**_sent(), "key": needed("key")})
        row = items.create(ctx, sent.pop("key"), sent)
    except PitbossError as error:
        ctx.rollback()
        return _form_page(None, request.form, error)
    return done(_("%(title)s is in the catalogue.", title=row.title), "item", key=row.key)


@blueprint.get("/catalogue/<key>")
@requires("loyalty.read")
def item(key: str) -> Response:
    """Show an item as it is edited."""
    row = items.find(current(), key)
    return _form_page(row, _form(row))


@blueprint.post("/catalogue/<key>")
@requires("loyalty.edit")
def edit_item(key: str) -> Response:
    """Write an item anew, unless it changed meanwhile."""
    ctx = current()
    row = items.find(ctx, key, is_locked=True)
    try:
        if text_of("mark") != _mark(row):
            raise Stale(_("it changed meanwhile, or somebody took one: look at it, and change it again"))
        items.save(ctx, row, _loaded(ItemArguments(), _sent()))
    except PitbossError as error:
        ctx.rollback()
        return _form_page(row, request.form, error)
    return done(_("Saved."), "item", key=key)


@blueprint.post("/catalogue/<key>/remove")
@requires("loyalty.edit")
def remove_item(key: str) -> Response:
    """Remove an item that nobody ever took."""
    ctx = current()
    row = items.find(ctx, key, is_locked=True)
    try:
        items.remove(ctx, row)
    except PitbossError as error:
        ctx.rollback()
        return _form_page(row, _form(row), error)
    return done(_("%(title)s is removed.", title=row.title), "catalogue")


# -- the form --------------------------------------------------------------------------------------


def _sent() -> dict[str, Any]:
    return {
        "title": needed("title"),
        "text": text_of("text"),
        "price": whole_of("price"),
        "unit": text_of("unit"),
        "offer": _offer(),
        "stock": whole_of("stock"),
        "per_player_max": whole_of("per_player_max"),
        "tier_min": text_of("tier_min") or None,
        "is_active": is_on("is_active"),
    }


def _offer() -> dict[str, Any]:
    """Return the action that delivers the item, or what is sent by hand."""
    found = offer_of()
    if found is not None:
        return found
    return {BY_HAND: text_of(BY_HAND) or refuse(BY_HAND, _("Say what is sent, or choose an action."))}


def _loaded(schema: Any, sent: dict[str, Any]) -> dict[str, Any]:
    try:
        loaded: dict[str, Any] = schema.load(sent)
    except ValidationError as error:
        raise InvalidInput.of(_("the item"), error) from error
    return loaded


def _form(row: Row[Any]) -> dict[str, Any]:
    offer = row.offer
    names = ("title", "text", "price", "unit", "stock", "per_player_max", "tier_min")
    return {
        **{name: "" if getattr(row, name) is None else getattr(row, name) for name in names},
        **({"is_active": "on"} if row.is_active else {}),
        **offer_fields({} if BY_HAND in offer else offer),
        BY_HAND: offer.get(BY_HAND, ""),
    }


def _mark(row: Row[Any]) -> str:
    """Return what changes with each change of an item, its stock included."""
    return f"{row.revision}:{row.stock}"


def _form_page(row: Row[Any] | None, form: Mapping[str, Any], error: PitbossError | None = None) -> Response:
    ctx: Context = current()
    return page(
        "item",
        200 if error is None else 422,
        item=row,
        mark=_mark(row) if row is not None else "",
        form=form,
        actions=actions_of(ctx),
        tiers=[("", "Every tier"), *((t.code, t.title) for t in ladders.current(ctx).ladder.tiers)],
        refusal=str(error) if error is not None else "",
        errors=errors_of(error) if error is not None else {},
    )
