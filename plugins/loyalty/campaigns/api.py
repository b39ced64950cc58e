"""Campaigns over HTTP: written, approved, run, watched and measured by operators."""

from __future__ import annotations

from typing import Any

import marshmallow as ma
from flask.views import MethodView
from marshmallow.validate import Length, OneOf, Range

from pitboss.core.contracts import Routes
from pitboss.core.errors import InvalidInput
from pitboss.core.http import (
    Blueprint,
    MoneyField,
    PageArguments,
    check_match,
    current,
    page,
    page_schema,
    read_cursor,
    read_id_cursor,
    requires,
    send_etag,
)
from pitboss.core.money import Money
from pitboss.core.texts import marked
from pitboss.plugins.loyalty.campaigns import book, runs

STATES = ("draft", "submitted", "approved", "running", "paused", "done", "stopped")

blueprint = Blueprint("loyalty_campaigns", __name__, url_prefix="", description="Campaigns")
ROUTES = Routes(blueprint=blueprint)


class CampaignChangeArguments(ma.Schema):
    """A campaign as it is to be."""

    title = ma.fields.String(required=True, validate=Length(1, 200))
    segment = ma.fields.String(required=True, validate=Length(1, 64))
    offer = ma.fields.Dict(keys=ma.fields.String(), required=True)
    """The action and its parameters, as in the `then` of a rule."""
    budget = MoneyField(load_default=None, allow_none=True)
    holdout_percent = ma.fields.Float(load_default=0.0, validate=Range(0, 100))
    starts_at = ma.fields.AwareDateTime(load_default=None, allow_none=True)
    ends_at = ma.fields.AwareDateTime(load_default=None, allow_none=True)


class CampaignNewArguments(CampaignChangeArguments):
    """A new campaign."""

    key = ma.fields.String(required=True, validate=Length(1, 50))


class CampaignFilter(PageArguments):
    """Which campaigns to list."""

    state = ma.fields.String(load_default=None, validate=OneOf(STATES))


class CampaignReasonArguments(ma.Schema):
    """Why the step is taken."""

    reason = ma.fields.String(load_default="", validate=Length(0, 500))


class CampaignSchema(ma.Schema):
    """A campaign, with what it has spent by now."""

    key = ma.fields.String()
    title = ma.fields.String()
    segment = ma.fields.String()
    offer = ma.fields.Dict()
    budget = MoneyField(allow_none=True)
    spent = MoneyField()
    holdout_percent = ma.fields.Float()
    state = ma.fields.String()
    starts_at = ma.fields.AwareDateTime(allow_none=True)
    ends_at = ma.fields.AwareDateTime(allow_none=True)
    frozen_id = ma.fields.UUID(allow_none=True)
    revision = ma.fields.Integer()
    created_by = ma.fields.String()
    submitted_by = ma.fields.String(allow_none=True)
    approved_by = ma.fields.String(allow_none=True)
    created_at = ma.fields.AwareDateTime()


class CampaignMemberFilter(PageArguments):
    """Which members to list."""

    outcome = ma.fields.String(load_default=None, validate=Length(1, 20))


class CampaignMemberSchema(ma.Schema):
    """A player whom a campaign met."""

    player_id = ma.fields.UUID()
    outcome = ma.fields.String()
    amount = MoneyField()
    reward_id = ma.fields.UUID(allow_none=True)
    reason = ma.fields.String()
    at = ma.fields.AwareDateTime()


class CampaignResultArguments(ma.Schema):
    """What counts as success, and until how many days after the last player was met."""

    by = ma.fields.String(load_default="wager", validate=OneOf(["deposit", "wager"]))
    days = ma.fields.Integer(load_default=7, validate=Range(1, 365))


class CampaignGroupSchema(ma.Schema):
    """Some players, and how many of them did what was hoped for."""

    players = ma.fields.Integer()
    converted = ma.fields.Integer()
    rate = ma.fields.Float()


class CampaignUpliftSchema(ma.Schema):
    """How much more of those who were given the offer did it than of the holdout."""

    treated = ma.fields.Nested(CampaignGroupSchema())
    held_out = ma.fields.Nested(CampaignGroupSchema())
    absolute = ma.fields.Float()
    low = ma.fields.Float()
    high = ma.fields.Float()
    relative = ma.fields.Float(allow_none=True)
    p = ma.fields.Float(allow_none=True)
    is_significant = ma.fields.Boolean()
    is_reliable = ma.fields.Boolean()


class CampaignResultSchema(ma.Schema):
    """What became of a campaign so far."""

    members = ma.fields.Integer()
    outcomes = ma.fields.Dict(keys=ma.fields.String(), values=ma.fields.Integer())
    spent = MoneyField()
    budget = MoneyField(allow_none=True)
    uplift = ma.fields.Nested(CampaignUpliftSchema(), allow_none=True)
    cost_per_gained = ma.fields.Float(allow_none=True)


@blueprint.route("/campaigns")
class Campaigns(MethodView):
    @requires("loyalty.campaigns")
    @blueprint.arguments(CampaignFilter(), location="query")
    @blueprint.response(200, page_schema(CampaignSchema))
    def get(self, asked: dict[str, Any]) -> dict[str, Any]:
        """List campaigns by key."""
        limit, after = asked["limit"], read_cursor(asked.get("cursor")) or ""
        found = book.list_campaigns(current(), state=asked["state"], after=after, limit=limit + 1)
        items = [_shown(row) for row in found[:limit]]
        return page(items, found[limit - 1].key if len(found) > limit else None)

    @requires("loyalty.campaigns")
    @blueprint.arguments(CampaignNewArguments())
    @blueprint.response(201, CampaignSchema())
    def post(self, sent: dict[str, Any]) -> dict[str, Any]:
        """Write a new campaign as a draft."""
        return _detailed(book.create(current(), _stored(sent)))


@blueprint.route("/campaigns/<key>")
class Campaign(MethodView):
    @requires("loyalty.campaigns")
    @blueprint.response(200, CampaignSchema())
    def get(self, key: str) -> dict[str, Any]:
        """Show a campaign and what it has spent, with its ETag."""
        return _detailed(book.find(current(), key))

    @requires("loyalty.campaigns")
    @blueprint.arguments(CampaignChangeArguments())
    @blueprint.response(200, CampaignSchema())
    def put(self, sent: dict[str, Any], key: str) -> dict[str, Any]:
        """Change a draft; If-Match must name the campaign as it was read."""
        ctx = current()
        check_match(_version(book.find(ctx, key)))
        return _detailed(book.edit(ctx, key, _stored(sent)))


class Step(MethodView):
    """What all steps have in common."""

    name = ""

    def take(self, sent: dict[str, Any], key: str) -> dict[str, Any]:
        """Take the step."""
        return _detailed(book.step(current(), key, self.name, reason=sent["reason"]))


@blueprint.route("/campaigns/<key>/submit")
class Submit(Step):
    name = "submit"

    @requires("loyalty.campaigns")
    @blueprint.arguments(CampaignReasonArguments())
    @blueprint.response(200, CampaignSchema())
    def post(self, sent: dict[str, Any], key: str) -> dict[str, Any]:
        """Ask somebody else to approve a draft."""
        return self.take(sent, key)


@blueprint.route("/campaigns/<key>/withdraw")
class Withdraw(Step):
    name = "withdraw"

    @requires("loyalty.campaigns")
    @blueprint.arguments(CampaignReasonArguments())
    @blueprint.response(200, CampaignSchema())
    def post(self, sent: dict[str, Any], key: str) -> dict[str, Any]:
        """Make a campaign a draft again that has not started."""
        return self.take(sent, key)


@blueprint.route("/campaigns/<key>/approve")
class Approve(Step):
    name = "approve"

    @requires("loyalty.approve")
    @blueprint.arguments(CampaignReasonArguments())
    @blueprint.response(200, CampaignSchema())
    def post(self, sent: dict[str, Any], key: str) -> dict[str, Any]:
        """Approve what somebody else wrote; it starts when its time has come."""
        return self.take(sent, key)


@blueprint.route("/campaigns/<key>/pause")
class Pause(Step):
    name = "pause"

    @requires("loyalty.campaigns")
    @blueprint.arguments(CampaignReasonArguments())
    @blueprint.response(200, CampaignSchema())
    def post(self, sent: dict[str, Any], key: str) -> dict[str, Any]:
        """Let a running campaign meet nobody for a while."""
        return self.take(sent, key)


@blueprint.route("/campaigns/<key>/resume")
class Resume(Step):
    name = "resume"

    @requires("loyalty.campaigns")
    @blueprint.arguments(CampaignReasonArguments())
    @blueprint.response(200, CampaignSchema())
    def post(self, sent: dict[str, Any], key: str) -> dict[str, Any]:
        """Let a paused campaign go on where it stopped."""
        return self.take(sent, key)


@blueprint.route("/campaigns/<key>/stop")
class Stop(Step):
    name = "stop"

    @requires("loyalty.campaigns")
    @blueprint.arguments(CampaignReasonArguments())
    @blueprint.response(200, CampaignSchema())
    def post(self, sent: dict[str, Any], key: str) -> dict[str, Any]:
        """End a campaign for good; what was given stays."""
        return self.take(sent, key)


@blueprint.route("/campaigns/<key>/members")
class CampaignMembers(MethodView):
    @requires("loyalty.campaigns")
    @blueprint.arguments(CampaignMemberFilter(), location="query")
    @blueprint.response(200, page_schema(CampaignMemberSchema))
    def get(self, asked: dict[str, Any], key: str) -> dict[str, Any]:
        """List whom a campaign met, and what became of it."""
        ctx, limit = current(), asked["limit"]
        after = read_id_cursor(asked.get("cursor"))
        found = runs.members(ctx, key, outcome=asked["outcome"], after=after, limit=limit + 1)
        items = [{**row._mapping, "amount": Money(row.amount, ctx.tenant.currency)} for row in found[:limit]]
        return page(items, found[limit - 1].player_id if len(found) > limit else None)


@blueprint.route("/campaigns/<key>/result")
class CampaignResult(MethodView):
    @requires("loyalty.campaigns")
    @blueprint.arguments(CampaignResultArguments(), location="query")
    @blueprint.response(200, CampaignResultSchema())
    def get(self, asked: dict[str, Any], key: str) -> dict[str, Any]:
        """Show whom a campaign reached, what it cost, and what it gained against its holdout."""
        ctx = current()
        found = runs.result(ctx, key, by=asked["by"], days=asked["days"])
        unit = ctx.tenant.currency
        per_gained, places = found.cost_per_gained, ctx.tenant.currencies.places(unit)
        return {
            "members": found.members,
            "outcomes": found.outcomes,
            "spent": Money(found.spent, unit),
            "budget": Money(found.budget, unit) if found.budget is not None else None,
            "uplift": found.uplift,
            "cost_per_gained": per_gained / 10**places if per_gained is not None else None,
        }


def _stored(sent: dict[str, Any]) -> dict[str, Any]:
    """Return what was sent with the budget in minor units of the tenant's currency."""
    budget, unit = sent["budget"], current().tenant.currency
    if budget is not None and (budget.currency != unit or budget.minor <= 0):
        said = marked(f"Give more than 0 {unit}.")
        raise InvalidInput(f"budget: {said}", {"budget": [said]})
    return {**sent, "budget": budget.minor if budget is not None else None}


def _detailed(row: Any) -> dict[str, Any]:
    send_etag(_version(row))
    return _shown(row)


def _shown(row: Any) -> dict[str, Any]:
    unit = current().tenant.currency
    budget = Money(row.budget, unit) if row.budget is not None else None
    return {**row._mapping, "budget": budget, "spent": Money(row.spent, unit)}


def _version(row: Any) -> dict[str, Any]:
    return {"key": row.key, "revision": row.revision, "state": row.state}
