"""A player's strategy in the admin: what it says, what it picked, and why it stopped."""

from __future__ import annotations

from uuid import UUID

from flask import Blueprint, render_template

from pitboss.core.contracts import Routes
from pitboss.core.http import current, requires
from pitboss.core.identity import names_of
from pitboss.core.texts import marked
from pitboss.plugins.betting.pages import cursor
from pitboss.plugins.betting.slips import oddstext
from pitboss.plugins.betting.strategies import book

PAGE_ROWS = 50
MODES = {
    "off": (marked("Off"), ""),
    "dry_run": (marked("Dry run"), "info"),
    "follow": (marked("Bets for the player"), "good"),
}
"""What each mode is called on screen, and its colour."""
PICK_STATES = {
    "dry": (marked("Not placed"), ""),
    "placed": (marked("Placed"), "good"),
    "refused": (marked("Refused"), "bad"),
}

blueprint = Blueprint(
    "betting_strategies_admin", __name__, url_prefix="/strategies", template_folder="../templates"
)
ROUTES = Routes(blueprint=blueprint, area="admin", permission="betting.read")


@blueprint.get("/<uuid:strategy_id>")
@requires("betting.read")
def strategy(strategy_id: UUID) -> str:
    """Show a strategy and its picks, the newest first."""
    ctx = current()
    row = book.find(ctx, strategy_id)
    picks = book.picks(ctx, strategy_id, before=cursor(), limit=PAGE_ROWS + 1)
    return render_template(
        "betting/strategy.html",
        strategy=row,
        document=book.document_of(ctx, row),
        picks=picks[:PAGE_ROWS],
        following=picks[PAGE_ROWS - 1].id if len(picks) > PAGE_ROWS else None,
        name=names_of(ctx, [row.player_id]).get(row.player_id, str(row.player_id)),
        odds_text=oddstext.text,
        modes=MODES,
        pick_states=PICK_STATES,
    )
