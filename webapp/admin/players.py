"""Players: find one, see the account and its money, and help."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any
from uuid import UUID

from flask import request, url_for
from marshmallow import ValidationError
from werkzeug.wrappers import Response

from pitboss.core import audit
from pitboss.core.clock import uuid7
from pitboss.core.context import Context
from pitboss.core.errors import Conflict, InvalidInput, PitbossError, Stale
from pitboss.core.http import current, requires
from pitboss.core.identity import activity
from pitboss.core.identity import players as service
from pitboss.core.identity.tables import Player, Status
from pitboss.core.ledger import wallet
from pitboss.core.money import Money
from pitboss.core.retelling import retold
from pitboss.core.texts import codes, grouped, marked
from pitboss.core.texts import gettext as _
from pitboss.webapp.admin import forms
from pitboss.webapp.admin.profile import ProfileForm
from pitboss.webapp.admin.shell import PAGE_ROWS, Undo, cursor, done, failed, page, pages, text_of

KINDS = {
    Status.INVITED: (marked("Invited"), "info"),
    Status.ACTIVE: (marked("Active"), "good"),
    Status.LOCKED: (marked("Locked"), "bad"),
    Status.DEACTIVATED: (marked("Closed"), ""),
}
"""What each status is called on screen, and its colour."""
PURSE_TITLES = {
    "cash": marked("Cash"),
    "locked": marked("Held for open bets and withdrawals"),
    "bonus": marked("Bonus"),
    "bonus_locked": marked("Bonus locked in open bets"),
    "points": marked("Points"),
    "reward_points": marked("Reward points"),
    "tickets": marked("Tickets"),
}
DONE = codes(
    *(
        "registered",
        "signed_in",
        "signed_out",
        "signed_out_everywhere",
        "sign_in_failed",
        "locked",
        "unlocked",
    ),
    *("password_reset_requested", "password_changed", "preference_changed", "profile_changed", "deactivated"),
    "refresh_token_reused",
)
"""What an account's activity calls in words."""
PURSES_ALWAYS = ("cash", "bonus", "points")
"""Shown even when they are empty."""
STATEMENT_ROWS = 25


@pages.get("/players")
@requires("core.players")
def players() -> Response:
    """List players, in the order they registered."""
    text, status = request.args.get("q", "").strip(), request.args.get("status", "")
    found = service.search_players(
        current(), text=text, status=status or None, after=cursor(), limit=PAGE_ROWS
    )
    return page("players", found=found, text=text, status=status, kinds=KINDS)


@pages.get("/players/<uuid:player_id>")
@requires("core.players")
def player(player_id: UUID) -> Response:
    """Show one player: profile, purses and statement."""
    return _player_page(player_id)


@pages.get("/players/<uuid:player_id>/activity")
@requires("core.players")
def player_activity(player_id: UUID) -> Response:
    """Show what was done in a player's account."""
    ctx = current()
    found = service.find_player(ctx, player_id)
    entries = activity.read(ctx, player_id, days=activity.DAYS_MAX, before=cursor(), limit=PAGE_ROWS)
    return page("player_activity", player=found, found=entries, kinds=KINDS)


@pages.post("/players/<uuid:player_id>/lock")
@requires("core.players_edit")
def lock_player(player_id: UUID) -> Response:
    """Keep a player out."""
    was_active = service.find_player(current(), player_id).status == Status.ACTIVE
    undo = _undo("admin.unlock_player", player_id, "") if was_active else None
    return _change(
        player_id, _("Locked: every sign-in of this player has ended."), service.lock_player, undo=undo
    )


@pages.post("/players/<uuid:player_id>/unlock")
@requires("core.players_edit")
def unlock_player(player_id: UUID) -> Response:
    """Let a player in again."""
    found = service.find_player(current(), player_id)
    reason = found.status_reason or ""
    undo = _undo("admin.lock_player", player_id, reason) if found.status == Status.LOCKED else None
    return _change(player_id, _("Unlocked: this player can sign in again."), service.unlock_player, undo=undo)


@pages.post("/players/<uuid:player_id>/close")
@requires("core.players_edit")
def close_player(player_id: UUID) -> Response:
    """Close an account for good."""
    return _change(player_id, _("This account is closed."), service.deactivate_player)


@pages.post("/players/<uuid:player_id>/profile")
@requires("core.players_edit")
def edit_player(player_id: UUID) -> Response:
    """Save a player's profile, unless someone else did meanwhile."""
    ctx = current()
    schema = ProfileForm()
    sent = forms.read(schema, request.form, zone=ctx.tenant.zone)
    version = text_of("version")
    try:
        changes: dict[str, Any] = schema.load(sent)
        service.edit_player(ctx, player_id, changes, version=int(version) if version.isdecimal() else 0)
    except Stale:
        message = _("Someone else changed this player meanwhile, so nothing was saved: look again.")
        return failed(message, "admin.player", player_id=player_id)
    except ValidationError as error:
        return _player_page(player_id, sent=sent, errors=error.messages, status=422)
    except InvalidInput as error:
        ctx.rollback()
        return _player_page(player_id, sent=sent, errors=error.fields, status=422)
    return done(_("The profile is saved."), "admin.player", player_id=player_id)


@pages.post("/players/<uuid:player_id>/adjust")
@requires("core.players", "core.wallet_adjust")
def adjust_wallet(player_id: UUID) -> Response:
    """Add to a purse, or take from it, with a reason; the same form posts once."""
    ctx = current()
    service.find_player(ctx, player_id)
    try:
        money = _adjust(ctx, player_id)
    except PitbossError as error:
        ctx.rollback()
        return _player_page(player_id, adjustment_error=retold(str(error)), status=422)
    amount = grouped(ctx.tenant.currencies.text(money))
    return done(
        _("Posted: %(amount)s %(currency)s.", amount=amount, currency=money.currency),
        "admin.player",
        player_id=player_id,
    )


def _adjust(ctx: Context, player_id: UUID) -> Money:
    name, reason = text_of("purse"), text_of("reason")
    account = wallet.purse(player_id, name, ctx.tenant.currency)
    amount = ctx.tenant.currencies.parse(text_of("amount"), account.currency)
    money = -amount if text_of("direction") == "take" else amount
    if amount.minor <= 0:
        raise InvalidInput(_("the amount must be more than zero: choose whether to add or to take it"))
    posted = wallet.adjust(
        ctx.connection,
        player_id,
        key=f"adjust:{text_of('key') or uuid7()}",
        purse_named=name,
        amount=money.minor,
        currency=ctx.tenant.currency,
        actor=ctx.actor.label,
        reason=reason,
    )
    if not posted.replayed:
        new = {"purse": name, "amount": ctx.tenant.currencies.text(money), "currency": money.currency}
        audit.record(ctx, "wallet.adjusted", f"player:{player_id}", new=new, reason=reason)
    return money


def _player_page(
    player_id: UUID,
    *,
    sent: dict[str, Any] | None = None,
    errors: Any = None,
    adjustment_error: str = "",
    status: int = 200,
) -> Response:
    ctx = current()
    found = service.find_player(ctx, player_id)
    values = {name: getattr(found, name) for name in ProfileForm().fields} if sent is None else sent
    purses = wallet.read_wallet(ctx.connection, player_id, ctx.tenant.currency)
    return page(
        "player",
        status,
        player=found,
        kinds=KINDS,
        fields=forms.draw(ProfileForm(), values, zone=ctx.tenant.zone, errors=errors),
        profile_errors=errors,
        purses=_purses(ctx, found, purses),
        wallet=purses,
        statement=wallet.read_history(
            ctx.connection, player_id, cursor=request.args.get("cursor") or None, limit=STATEMENT_ROWS
        ),
        purse_name=wallet.purse_name,
        purse_titles=PURSE_TITLES,
        new_key=uuid7(),
        sent=request.form,
        adjustment_error=adjustment_error,
    )


def _purses(ctx: Context, found: Player, purses: wallet.Wallet) -> list[tuple[str, Money]]:
    shown = []
    for name, title in PURSE_TITLES.items():
        unit = wallet.purse(found.id, name, ctx.tenant.currency).currency
        held: int = getattr(purses, name)
        if held or name in PURSES_ALWAYS:
            shown.append((title, Money(held, unit)))
    return shown


def _undo(endpoint: str, player_id: UUID, reason: str) -> Undo:
    return Undo(_("Undo"), url_for(endpoint, player_id=player_id), {"reason": reason})


def _change(
    player_id: UUID,
    message: str,
    change: Callable[[Context, UUID, str], Player],
    *,
    undo: Undo | None = None,
) -> Response:
    try:
        change(current(), player_id, text_of("reason"))
    except Conflict as error:
        return failed(str(error), "admin.player", player_id=player_id)
    return done(message, "admin.player", undo=undo, player_id=player_id)
