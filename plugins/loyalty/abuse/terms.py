"""The words of abuse: signals that are raised, and what becomes known of accounts that look alike."""

from __future__ import annotations

from uuid import UUID

from marshmallow import Schema, fields, validate

from pitboss.core.context import Context
from pitboss.core.contracts import Action, Event, Term
from pitboss.core.errors import InvalidInput
from pitboss.plugins.loyalty.abuse import lookalikes, watch
from pitboss.plugins.loyalty.referrals import referring

_ID = "0195f2d0-0000-7000-8000-000000000001"


class SignalRaised(Schema):
    """Payload of `loyalty.signal_raised`."""

    signal_id = fields.UUID(required=True)
    detector = fields.String(required=True)
    severity = fields.Integer(required=True)
    action = fields.String(required=True)
    needs_case = fields.Boolean(required=True)
    reason = fields.String(required=True)
    evidence = fields.Dict(required=True)


class TraitsRecorded(Schema):
    """Payload of `loyalty.traits_recorded`."""

    kinds = fields.List(fields.String(), required=True)


class RaiseSignal(Schema):
    """Parameters of `loyalty.raise_signal`."""

    detector = fields.String(required=True, validate=validate.Regexp(r"[a-z][a-z0-9_-]{0,38}$"))
    severity = fields.Integer(required=True, validate=validate.Range(1, watch.SEVERITY_MAX))
    reason = fields.String(required=True, validate=validate.Length(1, 500))
    window = fields.String(load_default="", validate=validate.Length(0, 60))
    """Raised once for each player and window; by default once a month."""


def raise_signal(ctx: Context, *, detector: str, severity: int, reason: str, window: str) -> UUID | None:
    """Raise a signal about the subject; None where it was raised before."""
    if ctx.subject is None:
        raise InvalidInput("who is the signal about? name the player with ctx.of(player_id)")
    when = window or f"{ctx.clock.now().astimezone(ctx.tenant.zone):%Y-%m}"
    return watch.raise_signal(
        ctx,
        key=f"{detector}:{ctx.subject}:{when}",
        player_id=ctx.subject,
        detector=detector,
        severity=severity,
        reason=reason,
        evidence={"rule": ctx.cause.rule} if ctx.cause else {},
    )


EVENTS: tuple[Event, ...] = (
    Event(
        name=watch.RAISED,
        title="Signal of abuse raised",
        doc="A detector found a sign of abuse; with `needs_case` compliance has to look.",
        example={
            "signal_id": _ID,
            "detector": referring.DETECTOR,
            "severity": 8,
            "action": "hold_rewards, case",
            "needs_case": True,
            "reason": "the friend looks like the referrer: same card, device",
            "evidence": {"score": 8},
        },
        schema=SignalRaised,
    ),
    Event(
        name=lookalikes.RECORDED,
        title="Traits recorded",
        doc="Something new became known of a player's devices, cards, addresses or networks.",
        example={"kinds": ["device"]},
        schema=TraitsRecorded,
    ),
)
ACTIONS = (
    Action(
        name="loyalty.raise_signal",
        title="Raise a signal of abuse",
        doc="Have a person look at the player; what happens at once depends on the severity.",
        example={"detector": "shared-device", "severity": 7, "reason": "3 accounts on one device"},
        schema=RaiseSignal,
        run=raise_signal,
    ),
)
TERMS: tuple[Term, ...] = (*EVENTS, *ACTIONS)
