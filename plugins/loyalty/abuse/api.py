"""Signals of abuse over HTTP: listed, decided and counted; bets and transfers are sent to be judged."""

from __future__ import annotations

from typing import Any
from uuid import UUID

import marshmallow as ma
from flask.views import MethodView
from marshmallow.validate import Length, OneOf, Range

from pitboss.core.contracts import Routes
from pitboss.core.http import (
    Blueprint,
    PageArguments,
    current,
    page,
    page_schema,
    read_id_cursor,
    requires,
)
from pitboss.core.identity import find_player
from pitboss.plugins.loyalty import players
from pitboss.plugins.loyalty.abuse import detectors, watch
from pitboss.plugins.loyalty.abuse.signs import Bet, Transfer

STATES = ("open", "confirmed", "dismissed")
MINOR = Range(1, 10**15)

blueprint = Blueprint("loyalty_signals", __name__, url_prefix="", description="Signals of abuse")
ROUTES = Routes(blueprint=blueprint)


class SignalFilter(PageArguments):
    """Which signals to list."""

    state = ma.fields.String(load_default=None, validate=OneOf(STATES))
    detector = ma.fields.String(load_default=None, validate=Length(1, 40))
    player_id = ma.fields.UUID(load_default=None)
    severity_min = ma.fields.Integer(load_default=1, validate=Range(1, watch.SEVERITY_MAX))


class SignalSchema(ma.Schema):
    """A sign of abuse."""

    id = ma.fields.UUID()
    player_id = ma.fields.UUID()
    detector = ma.fields.String()
    severity = ma.fields.Integer()
    evidence = ma.fields.Dict()
    action = ma.fields.String()
    state = ma.fields.String()
    resolved_by = ma.fields.String(allow_none=True)
    resolution = ma.fields.String()
    detected_at = ma.fields.AwareDateTime()
    resolved_at = ma.fields.AwareDateTime(allow_none=True)


class SignalDecisionArguments(ma.Schema):
    """What a person decided, and why."""

    state = ma.fields.String(required=True, validate=OneOf(STATES[1:]))
    reason = ma.fields.String(required=True, validate=Length(3, 500))


class SignalQualitySchema(ma.Schema):
    """How right one detector has been."""

    detector = ma.fields.String()
    raised = ma.fields.Integer()
    open = ma.fields.Integer()
    confirmed = ma.fields.Integer()
    dismissed = ma.fields.Integer()
    false_positive_rate = ma.fields.Float(allow_none=True)


class SignalReportSchema(ma.Schema):
    """How right the detectors have been."""

    items = ma.fields.List(ma.fields.Nested(SignalQualitySchema()))


class BlockArguments(ma.Schema):
    """Why a player is blocked, or let go."""

    reason = ma.fields.String(required=True, validate=Length(3, 500))


class PlayerBlockSchema(ma.Schema):
    """Whether a player is kept from rewards."""

    is_blocked = ma.fields.Boolean()


class JudgedBetSchema(ma.Schema):
    """A bet on one selection of a market, in minor units."""

    player_id = ma.fields.UUID(required=True)
    market = ma.fields.String(required=True, validate=Length(1, 128))
    selection = ma.fields.String(required=True, validate=Length(1, 128))
    stake = ma.fields.Integer(required=True, strict=True, validate=MINOR)


class JudgedTransferSchema(ma.Schema):
    """What one player lost to another in a round, in minor units."""

    loser_id = ma.fields.UUID(required=True)
    winner_id = ma.fields.UUID(required=True)
    amount = ma.fields.Integer(required=True, strict=True, validate=MINOR)


class JudgeArguments(ma.Schema):
    """Under which name it is judged: a sign is raised once for each."""

    window = ma.fields.String(required=True, validate=Length(1, 60))


class JudgeBetsArguments(JudgeArguments):
    """Bets of one player, or of several who may act together."""

    bets = ma.fields.List(
        ma.fields.Nested(JudgedBetSchema()), required=True, validate=Length(1, detectors.OPEN_BOOK_MAX)
    )


class JudgeTransfersArguments(JudgeArguments):
    """What players lost to each other."""

    transfers = ma.fields.List(
        ma.fields.Nested(JudgedTransferSchema()), required=True, validate=Length(1, detectors.OPEN_BOOK_MAX)
    )


class SignalsRaisedSchema(ma.Schema):
    """Which signals were raised."""

    signal_ids = ma.fields.List(ma.fields.UUID())


@blueprint.route("/signals")
class Signals(MethodView):
    @requires("loyalty.signals")
    @blueprint.arguments(SignalFilter(), location="query")
    @blueprint.response(200, page_schema(SignalSchema))
    def get(self, asked: dict[str, Any]) -> dict[str, Any]:
        """List signals of abuse, the newest first."""
        limit, before = asked.pop("limit"), read_id_cursor(asked.pop("cursor", None))
        found = watch.list_signals(current(), **asked, before=before, limit=limit + 1)
        return page(found[:limit], found[limit - 1].id if len(found) > limit else None)


@blueprint.route("/signals/report")
class SignalReport(MethodView):
    @requires("loyalty.signals")
    @blueprint.response(200, SignalReportSchema())
    def get(self) -> dict[str, Any]:
        """Show how right each detector has been."""
        return {"items": watch.report(current())}


@blueprint.route("/signals/<uuid:signal_id>")
class OneSignal(MethodView):
    @requires("loyalty.signals")
    @blueprint.response(200, SignalSchema())
    def get(self, signal_id: UUID) -> Any:
        """Show one signal with its evidence."""
        return watch.find(current(), signal_id)


@blueprint.route("/signals/<uuid:signal_id>/resolve")
class SignalDecision(MethodView):
    @requires("loyalty.signals")
    @blueprint.arguments(SignalDecisionArguments())
    @blueprint.response(200, SignalSchema())
    def post(self, sent: dict[str, Any], signal_id: UUID) -> Any:
        """Confirm or dismiss a signal."""
        return watch.resolve(current(), signal_id, sent["state"], reason=sent["reason"])


@blueprint.route("/signals/bets")
class JudgeBets(MethodView):
    @requires("loyalty.ingest")
    @blueprint.arguments(JudgeBetsArguments())
    @blueprint.response(200, SignalsRaisedSchema())
    def post(self, sent: dict[str, Any]) -> dict[str, Any]:
        """Have bets judged for covering each other."""
        bets = [
            Bet(
                player=_player(b["player_id"]), market=b["market"], selection=b["selection"], stake=b["stake"]
            )
            for b in sent["bets"]
        ]
        return {"signal_ids": detectors.judge_bets(current(), bets, window=sent["window"])}


@blueprint.route("/signals/transfers")
class JudgeTransfers(MethodView):
    @requires("loyalty.ingest")
    @blueprint.arguments(JudgeTransfersArguments())
    @blueprint.response(200, SignalsRaisedSchema())
    def post(self, sent: dict[str, Any]) -> dict[str, Any]:
        """Have losses between players judged for going one way."""
        transfers = [
            Transfer(loser=_player(t["loser_id"]), winner=_player(t["winner_id"]), amount=t["amount"])
            for t in sent["transfers"]
        ]
        return {"signal_ids": detectors.judge_transfers(current(), transfers, window=sent["window"])}


@blueprint.route("/players/<uuid:player_id>/block")
class PlayerBlock(MethodView):
    @requires("loyalty.signals")
    @blueprint.arguments(BlockArguments())
    @blueprint.response(200, PlayerBlockSchema())
    def put(self, sent: dict[str, Any], player_id: UUID) -> dict[str, bool]:
        """Keep a player from rewards, whatever becomes of signals."""
        players.block(current(), find_player(current(), player_id).id, reason=sent["reason"])
        return {"is_blocked": True}

    @requires("loyalty.signals")
    @blueprint.arguments(BlockArguments(), location="query")
    @blueprint.response(200, PlayerBlockSchema())
    def delete(self, asked: dict[str, Any], player_id: UUID) -> dict[str, bool]:
        """Let a blocked player have rewards again."""
        players.let_go(current(), find_player(current(), player_id).id, reason=asked["reason"])
        return {"is_blocked": False}


def _player(player_id: UUID) -> str:
    return str(find_player(current(), player_id).id)
