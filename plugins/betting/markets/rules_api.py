"""Settlement rules over HTTP: read them, write another version, compare two."""

from __future__ import annotations

from typing import Any

import marshmallow as ma
from flask.views import MethodView
from marshmallow.validate import Length, Range

from pitboss.core.contracts import Routes
from pitboss.core.http import Blueprint, check_match, current, requires, send_etag
from pitboss.plugins.betting.markets import rulebook
from pitboss.plugins.betting.markets.rulebook import RulesVersion
from pitboss.plugins.betting.markets.ruleterms import RuleTerms, difference

KEY_CHARACTERS_MAX = 130
VERSIONS_MAX = 100_000

blueprint = Blueprint(
    "betting_rules", __name__, url_prefix="/settlement-rules", description="How bets are settled"
)
ROUTES = Routes(blueprint=blueprint)


class RulesSchema(ma.Schema):
    """A version of the settlement rules of a key."""

    id = ma.fields.UUID(required=True)
    key = ma.fields.Str(required=True, metadata={"description": "`*`, a sport, or `sport/template`."})
    version = ma.fields.Int(required=True, metadata={"description": "0 where the key has none of its own."})
    terms = ma.fields.Dict(required=True)
    reason = ma.fields.Str(required=True)
    made_by = ma.fields.Str(required=True)
    at = ma.fields.AwareDateTime(required=True)


class RulesArguments(ma.Schema):
    """Another version of the settlement rules of a key."""

    terms = ma.fields.Nested(RuleTerms(), required=True)
    reason = ma.fields.Str(required=True, validate=Length(*rulebook.REASON_CHARACTERS))


class RulesFilter(ma.Schema):
    """Which version."""

    version = ma.fields.Int(load_default=0, validate=Range(0, VERSIONS_MAX))


class BindingFilter(ma.Schema):
    """Which kind of market."""

    sport = ma.fields.Str(required=True, validate=Length(1, 64))
    template = ma.fields.Str(required=True, validate=Length(1, 64))


class CompareArguments(ma.Schema):
    """Which two versions."""

    before = ma.fields.Int(required=True, validate=Range(1, VERSIONS_MAX))
    after = ma.fields.Int(required=True, validate=Range(1, VERSIONS_MAX))


class RuleChangeSchema(ma.Schema):
    """A part of the rules that differs; null: it is not there."""

    field = ma.fields.Str(required=True)
    before = ma.fields.Str(required=True, allow_none=True)
    after = ma.fields.Str(required=True, allow_none=True)


@blueprint.route("")
class AllRules(MethodView):
    @requires("betting.read")
    @blueprint.response(200, RulesSchema(many=True))
    def get(self) -> list[RulesVersion]:
        """List the newest settlement rules of each key; for a market the most specific key binds."""
        return rulebook.current(current())


@blueprint.route("/binding")
class Binding(MethodView):
    @requires("betting.read")
    @blueprint.arguments(BindingFilter(), location="query")
    @blueprint.response(200, RulesSchema())
    def get(self, asked: dict[str, Any]) -> RulesVersion:
        """Show which rules a kind of market takes bets under now."""
        return rulebook.binding(current(), asked["sport"], asked["template"])


@blueprint.route("/of/<path:key>")
class RulesOfKey(MethodView):
    @requires("betting.read")
    @blueprint.arguments(RulesFilter(), location="query")
    @blueprint.response(200, RulesSchema())
    def get(self, asked: dict[str, Any], key: str) -> RulesVersion:
        """Show a version of the rules of a key, the newest one with its ETag."""
        found = rulebook.find(current(), key, asked["version"])
        send_etag(_version(found))
        return found

    @requires("betting.rules")
    @blueprint.arguments(RulesArguments())
    @blueprint.response(200, RulesSchema())
    def put(self, sent: dict[str, Any], key: str) -> RulesVersion:
        """Save another version with a reason: new bets fall under it, those that were struck keep theirs.

        For a key that exists, send the ETag of its newest version as If-Match.
        """
        ctx = current()
        known = rulebook.history(ctx, key)
        if known:
            check_match(_version(known[0]))
        version = known[0].version if known else 0
        terms = RuleTerms().dump(sent["terms"])
        saved = rulebook.save(ctx, key, terms, reason=sent["reason"], version=version)
        send_etag(_version(saved))
        return saved


@blueprint.route("/history/<path:key>")
class RulesHistory(MethodView):
    @requires("betting.read")
    @blueprint.response(200, RulesSchema(many=True))
    def get(self, key: str) -> list[RulesVersion]:
        """List every version of the rules of a key, the newest first."""
        return rulebook.history(current(), key)


@blueprint.route("/compare/<path:key>")
class CompareRules(MethodView):
    @requires("betting.read")
    @blueprint.arguments(CompareArguments(), location="query")
    @blueprint.response(200, RuleChangeSchema(many=True))
    def get(self, asked: dict[str, Any], key: str) -> list[dict[str, Any]]:
        """List what differs between two versions."""
        ctx = current()
        before, after = (rulebook.find(ctx, key, asked[name]) for name in ("before", "after"))
        return [
            {"field": field, "before": old, "after": new}
            for field, old, new in difference(before.terms, after.terms)
        ]


def _version(found: RulesVersion) -> dict[str, Any]:
    return {"key": found.key, "version": found.version}
