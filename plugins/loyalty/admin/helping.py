"""What operators do with a player: give, adjust points, fix a tier, block and let go."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID

from flask import request
from werkzeug.wrappers import Response

from pitboss.core.clock import uuid7
from pitboss.core.context import Context
from pitboss.core.errors import PitbossError
from pitboss.core.http import current, requires
from pitboss.core.identity.players import find_player
from pitboss.core.ledger.wallet import POINTS
from pitboss.core.texts import gettext as _
from pitboss.core.texts import marked, number
from pitboss.plugins.loyalty import players
from pitboss.plugins.loyalty.admin import forms
from pitboss.plugins.loyalty.admin.forms import (
    decimal_of,
    errors_of,
    is_on,
    needed,
    reason_of,
    refuse,
    text_of,
    whole_of,
)
from pitboss.plugins.loyalty.admin.pages import blueprint, done, is_missing, page, tried
from pitboss.plugins.loyalty.points import book as points
from pitboss.plugins.loyalty.points.api import POINTS_MAX
from pitboss.plugins.loyalty.rewards import byhand, shown
from pitboss.plugins.loyalty.rewards.actions import SPINS_MAX
from pitboss.plugins.loyalty.tiers import overrides

KEY_LENGTH_MAX = 64
TERMS = {
    "wagering_requirement": decimal_of,
    "max_bet": decimal_of,
    "min_odds": decimal_of,
    "expiry_hours": whole_of,
    "value": decimal_of,
    "perk": text_of,
}
"""Parameters that have a field of their own, and how it is read."""
TERMS_OF = {
    "bonus": ("wagering_requirement", "max_bet", "min_odds", "expiry_hours"),
    "cashback": ("wagering_requirement", "max_bet", "min_odds", "expiry_hours"),
    "free_bet": ("min_odds", "expiry_hours"),
    "free_spins": ("value", "expiry_hours"),
    "perk": ("perk", "expiry_hours"),
}
"""Which of them each type takes."""
GAMES_FOR = ("bonus", "cashback", "free_bet", "free_spins")


@blueprint.get("/players/<uuid:player_id>/give")
@requires("loyalty.grant")
def gift(player_id: UUID) -> Response:
    """Show an empty form for a reward."""
    return _gift_page(player_id, {"type": "bonus", "key": str(uuid7())})


@blueprint.post("/players/<uuid:player_id>/give")
@requires("loyalty.grant")
def give(player_id: UUID) -> Response:
    """Give a player a reward; the same form gives it once."""
    ctx = current()
    try:
        row = _give(ctx, player_id)
    except PitbossError as error:
        if is_missing(error):
            raise
        ctx.rollback()
        return _gift_page(player_id, request.form, error)
    return done(_("The reward is given."), "reward", reward_id=row.id)


def _give(ctx: Context, player_id: UUID) -> Any:
    kind = text_of("type")
    if kind not in shown.ACTIONS:
        refuse("type", _("Choose one."))
    amount = None if kind in (*byhand.COUNTED, "perk") else forms.money_of("amount")
    units = whole_of("amount") if kind in byhand.COUNTED else None
    if units is not None and not 1 <= units <= SPINS_MAX:
        refuse("amount", _("Give 1 to %(most)s.", most=SPINS_MAX))
    if kind != "perk":
        needed("amount")
    return byhand.give(
        ctx,
        player_id,
        kind,
        key=text_of("key")[:KEY_LENGTH_MAX] or str(uuid7()),
        reason=reason_of(),
        amount=amount,
        units=units,
        terms=_terms(kind),
        is_claimable=is_on("claimable"),
    )


def _terms(kind: str) -> dict[str, Any]:
    read = {name: TERMS[name](name) for name in TERMS_OF.get(kind, ())}
    terms = {name: str(value) if name != "expiry_hours" else value for name, value in read.items() if value}
    games = forms.lines_of("eligible_games")
    return {**terms, "eligible_games": games} if games and kind in GAMES_FOR else terms


def _gift_page(player_id: UUID, form: Any, error: PitbossError | None = None) -> Response:
    return page(
        "gift",
        200 if error is None else 422,
        player=find_player(current(), player_id),
        form=form,
        errors=errors_of(error) if error is not None else {},
        refusal=str(error) if error is not None else "",
        types=list(shown.ACTIONS),
    )


@blueprint.post("/players/<uuid:player_id>/points")
@requires("loyalty.grant")
def adjust_points(player_id: UUID) -> Response:
    """Add points to a player, or take them."""

    def run(ctx: Context) -> str:
        find_player(ctx, player_id)
        count = whole_of("points")
        if count is None or not 1 <= count <= POINTS_MAX:
            refuse("points", _("Give a whole number from 1 to %(most)s.", most=number(POINTS_MAX)))
        signed = -count if text_of("direction") == "take" else count
        key = text_of("key")[:KEY_LENGTH_MAX] or str(uuid7())
        points.adjust(
            ctx,
            player_id,
            signed,
            unit=text_of("unit") or POINTS,
            key=key,
            reason=reason_of(),
            counts=is_on("counts"),
        )
        text = marked("%(count)s points are added.")
        if signed < 0:
            text = marked("%(count)s points are taken.")
        return _(text, count=number(count))

    return _do(player_id, run)


@blueprint.post("/players/<uuid:player_id>/tier")
@requires("loyalty.grant")
def fix_tier(player_id: UUID) -> Response:
    """Put a player in a tier whatever the points say."""

    def run(ctx: Context) -> str:
        find_player(ctx, player_id)
        until: datetime | None = forms.instant_of("until")
        overrides.fix(ctx, player_id, needed("tier"), until=until, reason=reason_of())
        return _("The tier is decided by hand now.")

    return _do(player_id, run)


@blueprint.post("/players/<uuid:player_id>/tier/end")
@requires("loyalty.grant")
def unfix_tier(player_id: UUID) -> Response:
    """Let the points decide again."""

    def run(ctx: Context) -> str:
        find_player(ctx, player_id)
        overrides.unfix(ctx, player_id, reason=reason_of())
        return _("The points decide the tier again.")

    return _do(player_id, run)


@blueprint.post("/players/<uuid:player_id>/block")
@requires("loyalty.signals")
def block(player_id: UUID) -> Response:
    """Keep a player from rewards."""

    def run(ctx: Context) -> str:
        find_player(ctx, player_id)
        players.block(ctx, player_id, reason=reason_of())
        return _("The player gets no rewards until somebody lets them go.")

    return _do(player_id, run)


@blueprint.post("/players/<uuid:player_id>/let-go")
@requires("loyalty.signals")
def let_go(player_id: UUID) -> Response:
    """Let a blocked player have rewards again."""

    def run(ctx: Context) -> str:
        find_player(ctx, player_id)
        players.let_go(ctx, player_id, reason=reason_of())
        return _("The player gets rewards again.")

    return _do(player_id, run)


def _do(player_id: UUID, run: Any) -> Response:
    return tried(run, "player", player_id=player_id)
