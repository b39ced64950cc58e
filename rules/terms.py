"""The words that the rulebook itself adds to the vocabulary."""

from __future__ import annotations

from marshmallow import Schema, fields

from pitboss.core.context import Context
from pitboss.core.contracts import Event, Term, Variable
from pitboss.rules.segments.tables import PlayerRow


class SegmentChanged(Schema):
    """Payload of `rules.segment_entered` and `rules.segment_left`."""

    segment = fields.String(required=True)
    version = fields.Integer(required=True)


class RuleChanged(Schema):
    """Payload of `rules.rule_changed`."""

    key = fields.String(required=True)
    kind = fields.String(required=True)
    step = fields.String(required=True)
    version = fields.Integer(required=True)


class BookSwitched(Schema):
    """Payload of `rules.book_stopped` and `rules.book_started`."""

    by = fields.String(required=True)
    reason = fields.String(required=True)


class AlertFired(Schema):
    """Payload of `rules.alert_fired`."""

    rule = fields.String(required=True)
    severity = fields.Integer(required=True)
    message = fields.String(required=True)
    value = fields.Float(required=True, allow_none=True)
    channels = fields.List(fields.String(), required=True)
    about = fields.String(load_default="", dump_default="")


class BudgetUsed(Schema):
    """Payload of `rules.budget_used_up`."""

    owner = fields.String(required=True)
    total = fields.Integer(required=True)
    spent = fields.Integer(required=True)


def live_segments(ctx: Context) -> list[str]:
    """Return the segments that are live, as the facts of players name them."""
    from pitboss.rules.book import store

    return sorted(key.upper() for key in store.live_documents(ctx, kind="segment"))


def unknown(_ctx: Context) -> None:
    """Return nothing: what a variable is outside of where it has a meaning."""


TERMS: tuple[Term, ...] = (
    Variable(
        name="rules.segments",
        title="Segments",
        doc="All segments that the player is in, in capitals.",
        example=["LOSING", "VIP"],
        type="list",
        default=(),
        column=PlayerRow.segments,
    ),
    Variable(
        name="rules.segment",
        title="Segment",
        doc="The segment of highest priority that the player is in, in capitals.",
        example="LOSING",
        type="text",
        column=PlayerRow.segment,
        suggests=live_segments,
    ),
    Variable(
        name="rules.threshold",
        title="Own threshold",
        doc="The threshold of the player who subscribed to the alert; known while that is judged.",
        example=2.5,
        type="number",
        compute=unknown,
    ),
    Event(
        name="rules.segment_entered",
        title="Segment entered",
        doc="A player came into a segment.",
        example={"segment": "vip", "version": 1},
        schema=SegmentChanged,
    ),
    Event(
        name="rules.segment_left",
        title="Segment left",
        doc="A player left a segment.",
        example={"segment": "vip", "version": 1},
        schema=SegmentChanged,
    ),
    Event(
        name="rules.rule_changed",
        title="Rule changed",
        doc="Somebody took a step with a rule: saved, submitted, approved, published, paused or retired it.",
        example={"key": "weekly-cashback", "kind": "reward", "step": "published", "version": 2},
        schema=RuleChanged,
    ),
    Event(
        name="rules.book_stopped",
        title="Rules stopped",
        doc="Somebody stopped all rules of the tenant.",
        example={"by": "operator:ann@acme.test", "reason": "a bonus is paid twice"},
        schema=BookSwitched,
    ),
    Event(
        name="rules.book_started",
        title="Rules started",
        doc="Somebody let the rules of the tenant work again.",
        example={"by": "operator:ann@acme.test", "reason": "the bonus is mended"},
        schema=BookSwitched,
    ),
    Event(
        name="rules.alert_fired",
        title="Alert fired",
        doc="The condition of an alert became true.",
        example={
            "rule": "value-bet",
            "severity": 5,
            "message": "2.40 is worth it",
            "value": 2.4,
            "channels": ["in_app"],
            "about": "fixture-17",
        },
        schema=AlertFired,
    ),
    Event(
        name="rules.budget_used_up",
        title="Budget used up",
        doc="A rule or a campaign could not pay, because its budget for the period is spent.",
        example={"owner": "rule:weekly-cashback", "total": 1000000, "spent": 999500},
        schema=BudgetUsed,
    ),
)
