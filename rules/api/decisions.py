"""What rules decided, and why, over HTTP."""

from __future__ import annotations

from datetime import timedelta
from typing import Any
from uuid import UUID

import marshmallow as ma
from flask.views import MethodView
from marshmallow.validate import Length, OneOf, Range

from pitboss.core.context import Context
from pitboss.core.contracts import Event, Variable
from pitboss.core.errors import InvalidInput, NotFound, TermMissing
from pitboss.core.http import (
    Blueprint,
    PageArguments,
    current,
    page,
    page_schema,
    player_only,
    read_id_cursor,
    requires,
)
from pitboss.core.identity.players import find_player
from pitboss.core.texts import gettext as _
from pitboss.rules.api.answers import (
    DecisionDetailSchema,
    DecisionSchema,
    JudgementSchema,
    OwnDecisionDetailSchema,
    OwnDecisionSchema,
    RuleReportSchema,
    WhySchema,
)
from pitboss.rules.book.tables import KEY_LENGTH_MAX
from pitboss.rules.replay import decided, explaining
from pitboss.rules.replay.decided import Decision, Filter
from pitboss.rules.replay.own import own_decision, own_detail
from pitboss.rules.replay.uplift import Hoped
from pitboss.rules.runtime.tables import Outcome

NAME_CHARACTERS_MAX = 80
REPORT_DAYS_DEFAULT = 90
REPORT_DAYS_MAX = 400
WITHIN_DAYS_MAX = 90

blueprint = Blueprint("rules_decisions", __name__, url_prefix="", description="What rules decided, and why")


class DecisionFilter(PageArguments):
    """Which decisions."""

    class Meta:
        include = {"from": ma.fields.AwareDateTime()}

    rule = ma.fields.Str(validate=Length(min=1, max=KEY_LENGTH_MAX))
    player_id = ma.fields.UUID()
    event = ma.fields.Str(validate=Length(min=1, max=NAME_CHARACTERS_MAX))
    event_id = ma.fields.UUID()
    outcome = ma.fields.Str(validate=OneOf([str(outcome) for outcome in Outcome]))
    until = ma.fields.AwareDateTime(metadata={"description": "Not included."})


class WhyArguments(ma.Schema):
    """Of which event; without, the rules that need none of its fields."""

    event = ma.fields.Str(validate=Length(min=1, max=NAME_CHARACTERS_MAX))


class ReportArguments(ma.Schema):
    """Which time, and what the rule is measured by: an event, or a fact that grows."""

    class Meta:
        include = {"from": ma.fields.AwareDateTime(metadata={"description": "Ninety days ago unless given."})}

    until = ma.fields.AwareDateTime(metadata={"description": "Now unless given; not included."})
    hoped_event = ma.fields.Str(validate=Length(min=1, max=NAME_CHARACTERS_MAX))
    hoped_fact = ma.fields.Str(validate=Length(min=1, max=NAME_CHARACTERS_MAX))
    within_days = ma.fields.Int(load_default=7, validate=Range(min=1, max=WITHIN_DAYS_MAX))


@blueprint.route("/decisions")
class Decisions(MethodView):
    @requires("rules.read")
    @blueprint.arguments(DecisionFilter(), location="query")
    @blueprint.response(200, page_schema(DecisionSchema))
    def get(self, asked: dict[str, Any]) -> dict[str, Any]:
        """List what was decided, the newest first."""
        limit, before = asked.pop("limit"), read_id_cursor(asked.pop("cursor", None))
        wanted = Filter(from_=asked.pop("from", None), **asked)
        found = decided.decisions(current(), wanted, before=before, limit=limit + 1)
        return page(found[:limit], found[limit - 1].id if len(found) > limit else None)


@blueprint.route("/decisions/<uuid:decision_id>")
class OneDecision(MethodView):
    @requires("rules.read")
    @blueprint.response(200, DecisionDetailSchema())
    def get(self, decision_id: UUID) -> dict[str, Any]:
        """Explain a decision: from the version that decided, on the facts as they were."""
        ctx = current()
        return _detailed(ctx, decided.decision(ctx, decision_id))


@blueprint.route("/judgements/<uuid:event_id>")
class Judgement(MethodView):
    @requires("rules.read")
    @blueprint.response(200, JudgementSchema())
    def get(self, event_id: UUID) -> dict[str, Any]:
        """Show all that was judged of an event: what matched, and why the other rules of then did not."""
        ctx = current()
        judged = decided.judgement(ctx, event_id)
        found = decided.decisions(ctx, Filter(event_id=event_id))
        return {
            "event_id": judged.id,
            "event": judged.event,
            "player_id": judged.player_id,
            "at": judged.at,
            "facts": judged.facts,
            "decisions": [_detailed(ctx, one) for one in found],
            "others": explaining.others_of(ctx, judged),
        }


@blueprint.route("/players/<uuid:player_id>/why")
class Why(MethodView):
    @requires("rules.read")
    @blueprint.arguments(WhyArguments(), location="query")
    @blueprint.response(200, WhySchema())
    def get(self, asked: dict[str, Any], player_id: UUID) -> explaining.Why:
        """Judge every live rule on a player as they are now: those that do not match, the nearest first."""
        ctx, event = current(), asked.get("event")
        find_player(ctx, player_id)
        if event is not None:
            _known(ctx, event, Event, "event")
        return explaining.why(ctx, player_id, event)


@blueprint.route("/<key>/report")
class RuleReport(MethodView):
    @requires("rules.read")
    @blueprint.arguments(ReportArguments(), location="query")
    @blueprint.response(200, RuleReportSchema())
    def get(self, asked: dict[str, Any], key: str) -> dict[str, Any]:
        """Report what a rule cost, what became of it, and what it gained against those held out."""
        # Here, because Polars takes longer to load than all of the API.
        from pitboss.rules.replay.measured import measure

        ctx = current()
        until = asked.get("until") or ctx.clock.now()
        from_ = asked.get("from") or until - timedelta(days=REPORT_DAYS_DEFAULT)
        if not from_ < until <= from_ + timedelta(days=REPORT_DAYS_MAX):
            raise InvalidInput(
                _("a report is of at most %(most)s days", most=REPORT_DAYS_MAX), {"from": [_("Not valid.")]}
            )
        return measure(ctx, key, from_=from_, until=until, hoped=_hoped(ctx, asked))


@blueprint.route("/me/decisions")
class OwnDecisions(MethodView):
    @player_only
    @blueprint.arguments(PageArguments(), location="query")
    @blueprint.response(200, page_schema(OwnDecisionSchema))
    def get(self, asked: dict[str, Any]) -> dict[str, Any]:
        """List what rules decided of the player who asks, the newest first."""
        ctx, limit = current(), asked["limit"]
        mine = Filter(player_id=ctx.actor.player_id, is_shown_to_player=True)
        before = read_id_cursor(asked.get("cursor"))
        found = decided.decisions(ctx, mine, before=before, limit=limit + 1)
        listed = [own_decision(ctx, one) for one in found[:limit]]
        return page(listed, found[limit - 1].id if len(found) > limit else None)


@blueprint.route("/me/decisions/<uuid:decision_id>")
class OwnDecision(MethodView):
    @player_only
    @blueprint.response(200, OwnDecisionDetailSchema())
    def get(self, decision_id: UUID) -> dict[str, Any]:
        """Explain to a player what a rule decided of them."""
        ctx = current()
        found = decided.decision(ctx, decision_id)
        if found.player_id != ctx.actor.player_id or found.outcome in decided.UNSEEN:
            raise NotFound(_("no decision %(decision_id)s", decision_id=decision_id))
        return own_detail(ctx, found)


def _detailed(ctx: Context, found: Decision) -> dict[str, Any]:
    judged = decided.look_up_judgement(ctx, found.event_id)
    why = explaining.explained(ctx, found.rule, found.version, judged)
    return {
        **{name: getattr(found, name) for name in DecisionSchema().fields},
        "event": judged.event if judged is not None else None,
        "facts": judged.facts if judged is not None else None,
        "checks": explaining.checks_of(ctx, found),
        "explanation": why.explanation,
        "missing": why.missing,
    }


def _hoped(ctx: Context, asked: dict[str, Any]) -> Hoped | None:
    event, fact = asked.get("hoped_event"), asked.get("hoped_fact")
    if event is None and fact is None:
        return None
    if event is not None and fact is not None:
        raise InvalidInput(
            _("measure by an event or by a fact, not by both"), {"hoped_fact": [_("Not both.")]}
        )
    if event is not None:
        event = _known(ctx, event, Event, "hoped_event")
    if fact is not None:
        fact = _known(ctx, fact, Variable, "hoped_fact")
    return Hoped(event=event, fact=fact, within_days=asked["within_days"])


def _known(ctx: Context, name: str, kind: type[Event | Variable], field: str) -> str:
    """Return the full name of a term, or say which one may be meant."""
    try:
        return ctx.view.term(name, kind).name
    except TermMissing as error:
        raise InvalidInput(str(error), {field: [str(error)]}) from None
