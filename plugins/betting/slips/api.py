"""Slips over HTTP: quote, place, look up; players for themselves, API keys for a player they name."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from flask import Response
from flask.views import MethodView

from pitboss.core.context import Context
from pitboss.core.contracts import Routes
from pitboss.core.errors import InvalidInput
from pitboss.core.http import (
    Blueprint,
    current,
    hot,
    page,
    page_schema,
    player_only,
    read_id_cursor,
    requires,
    signed_in,
)
from pitboss.plugins.betting.slips import (
    access,
    freebets,
    history,
    placing,
    quoting,
    refusals,
    showing,
    storing,
)
from pitboss.plugins.betting.slips.answers import BetShown, Quote
from pitboss.plugins.betting.slips.asked import AskedBet, AskedQuote
from pitboss.plugins.betting.slips.oddstext import odds_text_of
from pitboss.plugins.betting.slips.schemas import (
    BetDetailSchema,
    BetFilter,
    BetSchema,
    FreeBetFilter,
    FreeBetsSchema,
    MyBetFilter,
    Period,
    RefusalFilter,
    RefusalSchema,
    SummarySchema,
)

STATEMENT_DAYS_MAX = 366
"""How long a period one statement covers."""

blueprint = Blueprint(
    "betting_slips", __name__, url_prefix="", description="Bets from the quote to the receipt"
)
ROUTES = Routes(blueprint=blueprint)


@hot(blueprint, "/quotes", body=AskedQuote, answer=Quote)
@signed_in
def quote(ctx: Context, body: AskedQuote) -> Any:
    """Say what a slip would be now: lines, payout, limits, prices; nothing is kept."""
    player_id = access.player_of(ctx, body.player_id)
    return quoting.quote(ctx, body, player_id, show_odds=odds_text_of(ctx, player_id))


@hot(blueprint, "/bets", body=AskedBet, answer=BetShown, status=201)
@signed_in
def place(ctx: Context, body: AskedBet) -> Any:
    """Place a bet, once for each reference of a player; a refusal says why, and leaves a record."""
    player_id = access.player_of(ctx, body.player_id)
    placed = placing.place(ctx, body, player_id)
    return showing.bet(ctx, placed.bet, placed.legs, is_repeated=placed.is_repeated)


@blueprint.route("/bets")
class Bets(MethodView):
    @requires("betting.read")
    @blueprint.arguments(BetFilter(), location="query")
    @blueprint.response(200, page_schema(BetSchema))
    def get(self, asked: dict[str, Any]) -> dict[str, Any]:
        """List bets, the newest first."""
        return _page(current(), asked)


@blueprint.route("/me/bets")
class MyBets(MethodView):
    @player_only
    @blueprint.arguments(MyBetFilter(), location="query")
    @blueprint.response(200, page_schema(BetSchema))
    def get(self, asked: dict[str, Any]) -> dict[str, Any]:
        """List my bets, the newest first."""
        ctx = current()
        return _page(ctx, asked | {"player_id": ctx.actor.player_id})


@blueprint.route("/bets/<uuid:bet_id>")
class Bet(MethodView):
    @signed_in
    @blueprint.response(200, BetDetailSchema())
    def get(self, bet_id: UUID) -> dict[str, Any]:
        """Show a bet: a player's own, or any with betting.read."""
        ctx = current()
        row = storing.find(ctx, bet_id, of_player=access.seen_by(ctx))
        return _shown(ctx, [row])[0] | {"decision": row.decision}


@blueprint.route("/me/bets/summary")
class MySummary(MethodView):
    @player_only
    @blueprint.arguments(Period(), location="query")
    @blueprint.response(200, SummarySchema())
    def get(self, asked: dict[str, datetime]) -> dict[str, Any]:
        """Sum up my bets of a period: stakes, returns, what is open, profit."""
        ctx = current()
        sums = history.summary(ctx, asked | {"player_id": ctx.actor.player_id})
        count = sums.pop("bet_count")
        unit = ctx.tenant.currency
        return {name: showing.total(ctx, minor, unit) for name, minor in sums.items()} | {"bet_count": count}


@blueprint.route("/me/statement")
class MyStatement(MethodView):
    @player_only
    @blueprint.arguments(Period(), location="query")
    @blueprint.response(200, {"type": "string"}, content_type="text/csv")
    def get(self, asked: dict[str, datetime]) -> Response:
        """Download my bets of a period as CSV."""
        ctx = current()
        return statement_of(ctx, ctx.actor.player_id, asked)


@blueprint.route("/players/<uuid:player_id>/statement")
class Statement(MethodView):
    @requires("betting.read")
    @blueprint.arguments(Period(), location="query")
    @blueprint.response(200, {"type": "string"}, content_type="text/csv")
    def get(self, asked: dict[str, datetime], player_id: UUID) -> Response:
        """Download a player's bets of a period as CSV."""
        return statement_of(current(), player_id, asked)


@blueprint.route("/refusals")
class Refusals(MethodView):
    @requires("betting.read")
    @blueprint.arguments(RefusalFilter(), location="query")
    @blueprint.response(200, page_schema(RefusalSchema))
    def get(self, asked: dict[str, Any]) -> dict[str, Any]:
        """List what was not taken, with the reasons, the newest first."""
        limit = asked["limit"]
        before = read_id_cursor(asked.get("cursor"))
        rows = refusals.search(current(), asked, before=before, limit=limit + 1)
        return page(rows[:limit], rows[limit - 1].id if len(rows) > limit else None)


@blueprint.route("/refusals/<uuid:refusal_id>")
class Refusal(MethodView):
    @signed_in
    @blueprint.response(200, RefusalSchema())
    def get(self, refusal_id: UUID) -> Any:
        """Show why something was not taken: a player's own, or any with betting.read."""
        ctx = current()
        return refusals.find(ctx, refusal_id, of_player=access.seen_by(ctx))


@blueprint.route("/me/free-bets")
class MyFreeBets(MethodView):
    @player_only
    @blueprint.arguments(FreeBetFilter(), location="query")
    @blueprint.response(200, FreeBetsSchema())
    def get(self, asked: dict[str, str]) -> dict[str, Any]:
        """List my free bets, the newest first."""
        ctx = current()
        return free_bets_of(ctx, ctx.actor.player_id, asked.get("state"))


@blueprint.route("/players/<uuid:player_id>/free-bets")
class FreeBets(MethodView):
    @requires("betting.read")
    @blueprint.arguments(FreeBetFilter(), location="query")
    @blueprint.response(200, FreeBetsSchema())
    def get(self, asked: dict[str, str], player_id: UUID) -> dict[str, Any]:
        """List a player's free bets, the newest first."""
        return free_bets_of(current(), player_id, asked.get("state"))


def free_bets_of(ctx: Context, player_id: UUID, state: str | None) -> dict[str, Any]:
    """Return a player's free bets as the API shows them."""
    rows = freebets.of_player(ctx, player_id, state=state)
    shown = [
        storing.plain(row)
        | {
            "amount": showing.total(ctx, row.amount, row.currency),
            "odds_min": None if row.odds_min is None else str(row.odds_min),
        }
        for row in rows
    ]
    return {"items": shown}


def statement_of(ctx: Context, player_id: UUID, period: dict[str, datetime]) -> Response:
    """Return a statement as a file."""
    since, until = period["since"], period["until"]
    if not timedelta(0) < until - since <= timedelta(days=STATEMENT_DAYS_MAX):
        raise InvalidInput(
            f"a statement covers up to {STATEMENT_DAYS_MAX} days, not {(until - since).days}: "
            "choose a shorter period that ends after it begins",
            {"until": ["Does not fit."]},
        )
    lines = "".join(history.statement(ctx, player_id, since=since, until=until))
    name = f"bets-{since:%Y-%m-%d}-{until:%Y-%m-%d}.csv"
    headers = {"Content-Disposition": f'attachment; filename="{name}"'}
    return Response(lines, 200, headers, content_type="text/csv; charset=utf-8")


def _page(ctx: Context, asked: dict[str, Any]) -> dict[str, Any]:
    limit = asked["limit"]
    rows = history.search(ctx, asked, before=read_id_cursor(asked.get("cursor")), limit=limit + 1)
    following = rows[limit - 1].id if len(rows) > limit else None
    return page(_shown(ctx, rows[:limit]), following)


def _shown(ctx: Context, rows: list[Any]) -> list[dict[str, Any]]:
    legs = storing.legs_of(ctx, [row.id for row in rows])
    reader = ctx.actor.player_id if ctx.actor.kind == "player" else None
    show = odds_text_of(ctx, reader)
    return [
        showing.bet(ctx, storing.plain(row), storing.plain_all(legs[row.id]), show_odds=show) for row in rows
    ]
