"""The rulebook as a whole over HTTP: how it stands, and the switch that stops it."""

from __future__ import annotations

from typing import Any

from flask.views import MethodView

from pitboss.core.http import Blueprint, current, requires
from pitboss.rules.api.schemas import RulebookSchema, RuleReasonArguments
from pitboss.rules.book import switch

blueprint = Blueprint("rules_book", __name__, url_prefix="/book", description="Rules: the whole book")


@blueprint.route("")
class Book(MethodView):
    @requires("rules.read")
    @blueprint.response(200, RulebookSchema())
    def get(self) -> switch.BookState:
        """Say how many rules there are, and whether all are stopped."""
        return switch.state_of(current())


@blueprint.route("/stop")
class Stop(MethodView):
    @requires("rules.stop")
    @blueprint.arguments(RuleReasonArguments())
    @blueprint.response(200, RulebookSchema())
    def post(self, sent: dict[str, Any]) -> switch.BookState:
        """Stop all rules at once; nobody has to have read anything first."""
        return switch.stop(current(), reason=sent["reason"])


@blueprint.route("/start")
class Start(MethodView):
    @requires("rules.stop")
    @blueprint.arguments(RuleReasonArguments())
    @blueprint.response(200, RulebookSchema())
    def post(self, sent: dict[str, Any]) -> switch.BookState:
        """Let the rules work again."""
        return switch.start(current(), reason=sent["reason"])
