"""Settlement over HTTP: runs, previews, corrections, voids, and the explanation of each bet."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from flask.views import MethodView
from sqlalchemy import select

from pitboss.core.contracts import Routes
from pitboss.core.http import Blueprint, current, page, page_schema, read_id_cursor, requires, signed_in
from pitboss.plugins.betting.settling import operating, previewing, proving, runs, shown, voiding
from pitboss.plugins.betting.settling.reading import RESULT
from pitboss.plugins.betting.settling.schemas import (
    AnswersSchema,
    ExplanationSchema,
    MarketVoidedSchema,
    PreviewSchema,
    RunFilter,
    RunSchema,
    SettlementReasonSchema,
    VoidSchema,
    WhatIfSchema,
)

blueprint = Blueprint("betting_settling", __name__, url_prefix="", description="Settlements")
ROUTES = Routes(blueprint=blueprint)


@blueprint.route("/settlement-runs")
class Runs(MethodView):
    @requires("betting.read")
    @blueprint.arguments(RunFilter(), location="query")
    @blueprint.response(200, page_schema(RunSchema))
    def get(self, asked: dict[str, Any]) -> dict[str, Any]:
        """List settlement runs, the newest first."""
        ctx, limit = current(), asked["limit"]
        found = operating.listed(
            ctx,
            fixture_id=asked.get("fixture_id"),
            state=asked.get("state", ""),
            before=read_id_cursor(asked.get("cursor")),
            limit=limit + 1,
        )
        items = [shown.run(ctx, row) for row in found[:limit]]
        return page(items, found[limit - 1].id if len(found) > limit else None)


@blueprint.route("/settlement-runs/<uuid:run_id>")
class OneRun(MethodView):
    @requires("betting.read")
    @blueprint.response(200, RunSchema())
    def get(self, run_id: UUID) -> dict[str, Any]:
        """Show how far a run is, and what it came to."""
        return shown.run(current(), runs.find(current(), run_id))


@blueprint.route("/settlement-runs/<uuid:run_id>/preview")
class RunPreview(MethodView):
    @requires("betting.read")
    @blueprint.response(200, PreviewSchema())
    def get(self, run_id: UUID) -> dict[str, Any]:
        """Show what a correction that waits would change."""
        ctx = current()
        return shown.preview(ctx, previewing.of_run(ctx, runs.find(ctx, run_id)))


@blueprint.route("/settlement-runs/<uuid:run_id>/confirm")
class RunConfirmation(MethodView):
    @requires("betting.settle")
    @blueprint.arguments(SettlementReasonSchema())
    @blueprint.response(200, RunSchema())
    def post(self, sent: dict[str, Any], run_id: UUID) -> dict[str, Any]:
        """Confirm a correction: what it touches is taken back and settled again."""
        return shown.run(current(), operating.confirm(current(), run_id, reason=sent["reason"]))


@blueprint.route("/settlement-runs/<uuid:run_id>/release")
class RunRelease(MethodView):
    @requires("betting.approve")
    @blueprint.arguments(SettlementReasonSchema())
    @blueprint.response(200, RunSchema())
    def post(self, sent: dict[str, Any], run_id: UUID) -> dict[str, Any]:
        """Let a run go on that a guard has held."""
        return shown.run(current(), operating.release(current(), run_id, reason=sent["reason"]))


@blueprint.route("/settlement-runs/<uuid:run_id>/stop")
class RunStop(MethodView):
    @requires("betting.settle")
    @blueprint.arguments(SettlementReasonSchema())
    @blueprint.response(200, RunSchema())
    def post(self, sent: dict[str, Any], run_id: UUID) -> dict[str, Any]:
        """Stop a run: what is settled stays so."""
        return shown.run(current(), operating.stop(current(), run_id, reason=sent["reason"]))


@blueprint.route("/settlement-runs/<uuid:run_id>/resume")
class RunResumption(MethodView):
    @requires("betting.settle")
    @blueprint.arguments(SettlementReasonSchema())
    @blueprint.response(200, RunSchema())
    def post(self, sent: dict[str, Any], run_id: UUID) -> dict[str, Any]:
        """Go on with a run after the last bet that is done."""
        return shown.run(current(), operating.resume(current(), run_id, reason=sent["reason"]))


@blueprint.route("/fixtures/<uuid:fixture_id>/what-if")
class WhatIf(MethodView):
    @requires("betting.read")
    @blueprint.arguments(WhatIfSchema())
    @blueprint.response(200, PreviewSchema())
    def post(self, sent: dict[str, Any], fixture_id: UUID) -> dict[str, Any]:
        """Show what a result that is made up would change; nothing is kept."""
        ctx = current()
        return shown.preview(ctx, previewing.of_result(ctx, fixture_id, sent["outcome"]))


@blueprint.route("/markets/<uuid:market_id>/answers")
class MarketAnswers(MethodView):
    @requires("betting.read")
    @blueprint.response(200, AnswersSchema())
    def get(self, market_id: UUID) -> dict[str, Any]:
        """Show what a market was answered with, and where that came from."""
        ctx = current()
        voiding.find_market(ctx, market_id)
        query = select(RESULT).where(RESULT.c.tenant_id == ctx.tenant.id, RESULT.c.market_id == market_id)
        return {"items": ctx.connection.execute(query.order_by(RESULT.c.version.desc())).all()}


@blueprint.route("/markets/<uuid:market_id>/void")
class MarketVoid(MethodView):
    @requires("betting.void")
    @blueprint.arguments(VoidSchema())
    @blueprint.response(200, MarketVoidedSchema())
    def post(self, sent: dict[str, Any], market_id: UUID) -> dict[str, Any]:
        """Void a market or one of its selections, or show what that would change."""
        ctx, code, reason = current(), sent["selection"], sent["reason"]
        if sent["is_preview"]:
            preview = shown.preview(ctx, previewing.of_void(ctx, market_id, code))
            return {"run_id": None, "preview": preview}
        if code:
            run_id = voiding.void_selection(ctx, market_id, code, reason=reason)
        else:
            run_id = voiding.void_market(ctx, market_id, reason=reason)
        return {"run_id": run_id, "preview": None}


@blueprint.route("/bets/<uuid:bet_id>/void")
class BetVoid(MethodView):
    @requires("betting.void")
    @blueprint.arguments(SettlementReasonSchema())
    @blueprint.response(200, ExplanationSchema())
    def post(self, sent: dict[str, Any], bet_id: UUID) -> dict[str, Any]:
        """Void a bet for good: its stake goes back."""
        ctx = current()
        voiding.void_bet(ctx, bet_id, reason=sent["reason"])
        return shown.explanation(proving.explain(ctx, bet_id))


@blueprint.route("/bets/<uuid:bet_id>/explanation")
class BetExplanation(MethodView):
    @signed_in
    @blueprint.response(200, ExplanationSchema())
    def get(self, bet_id: UUID) -> dict[str, Any]:
        """Explain a bet: results, rules, arithmetic and money, done again to the cent."""
        ctx = current()
        mine = ctx.actor.player_id if ctx.actor.kind == "player" else None
        if mine is None:
            ctx.actor.require("betting.read")
        return shown.explanation(proving.explain(ctx, bet_id, player_id=mine))
