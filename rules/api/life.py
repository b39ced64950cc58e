"""The steps of a rule's life over HTTP; each asks with If-Match for the rule as it was read."""

from __future__ import annotations

from typing import Any

from flask.views import MethodView

from pitboss.core.http import Blueprint, requires
from pitboss.rules.api.rules import matched, told
from pitboss.rules.api.schemas import (
    RuleCommentArguments,
    RuleOptionalReasonArguments,
    RuleReasonArguments,
    RuleRollbackArguments,
    RuleSchema,
    RuleTestedSchema,
)
from pitboss.rules.book import life
from pitboss.rules.book.store import Stored

blueprint = Blueprint("rules_life", __name__, url_prefix="", description="Rules: from a draft to being live")


@blueprint.route("/<key>/test")
class Test(MethodView):
    @requires("rules.edit")
    @blueprint.response(200, RuleTestedSchema())
    def post(self, key: str) -> life.Tested:
        """Run the tests of the newest version."""
        tested = life.run_tests(matched(key), key)
        told(tested.rule)
        return tested


@blueprint.route("/<key>/submit")
class Submit(MethodView):
    @requires("rules.edit")
    @blueprint.arguments(RuleCommentArguments())
    @blueprint.response(200, RuleSchema())
    def post(self, sent: dict[str, Any], key: str) -> Stored:
        """Ask for approval; all tests must pass."""
        return told(life.submit(matched(key), key, **sent))


@blueprint.route("/<key>/approve")
class Approve(MethodView):
    @requires("rules.approve")
    @blueprint.arguments(RuleCommentArguments())
    @blueprint.response(200, RuleSchema())
    def post(self, sent: dict[str, Any], key: str) -> Stored:
        """Approve what somebody else wrote and submitted."""
        return told(life.approve(matched(key), key, **sent))


@blueprint.route("/<key>/reject")
class Reject(MethodView):
    @requires("rules.approve")
    @blueprint.arguments(RuleReasonArguments())
    @blueprint.response(200, RuleSchema())
    def post(self, sent: dict[str, Any], key: str) -> Stored:
        """Send a submitted version back to its author."""
        return told(life.reject(matched(key), key, **sent))


@blueprint.route("/<key>/publish")
class Publish(MethodView):
    @requires("rules.publish")
    @blueprint.arguments(RuleCommentArguments())
    @blueprint.response(200, RuleSchema())
    def post(self, sent: dict[str, Any], key: str) -> Stored:
        """Make the approved version live; guards may refuse with their reasons."""
        return told(life.publish(matched(key), key, **sent))


@blueprint.route("/<key>/pause")
class Pause(MethodView):
    @requires("rules.publish")
    @blueprint.arguments(RuleOptionalReasonArguments())
    @blueprint.response(200, RuleSchema())
    def post(self, sent: dict[str, Any], key: str) -> Stored:
        """Have a live rule do nothing until it is resumed."""
        return told(life.pause(matched(key), key, **sent))


@blueprint.route("/<key>/resume")
class Resume(MethodView):
    @requires("rules.publish")
    @blueprint.arguments(RuleCommentArguments())
    @blueprint.response(200, RuleSchema())
    def post(self, sent: dict[str, Any], key: str) -> Stored:
        """Let a paused rule work again."""
        return told(life.resume(matched(key), key, **sent))


@blueprint.route("/<key>/retire")
class Retire(MethodView):
    @requires("rules.publish")
    @blueprint.arguments(RuleOptionalReasonArguments())
    @blueprint.response(200, RuleSchema())
    def post(self, sent: dict[str, Any], key: str) -> Stored:
        """Take a rule out of service; its history stays."""
        return told(life.retire(matched(key), key, **sent))


@blueprint.route("/<key>/rollback")
class Rollback(MethodView):
    @requires("rules.publish")
    @blueprint.arguments(RuleRollbackArguments())
    @blueprint.response(200, RuleSchema())
    def post(self, sent: dict[str, Any], key: str) -> Stored:
        """Publish a version that was live before, as a new one."""
        return told(life.rollback(matched(key), key, sent["version"], reason=sent["reason"]))
