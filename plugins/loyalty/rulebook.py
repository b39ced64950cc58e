"""The door to the rulebook's own names: loaded when they are first used, so that the plugin loads quickly."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import TYPE_CHECKING, Any
from uuid import UUID

from pitboss.core.context import Context
from pitboss.core.contracts import Cause, Event
from pitboss.core.errors import InvalidInput, NotFound, Refused, nearest
from pitboss.core.money import Money
from pitboss.core.texts import marked

if TYPE_CHECKING:
    from markupsafe import Markup

    from pitboss.rules.filters import Filter
    from pitboss.rules.replay.uplift import Uplift
    from pitboss.rules.segments.frozen import Frozen

REWARD = "rules.reward"
"""What guards are asked before a reward is given, by a rule or by us."""


def read_filter(ctx: Context, when: Any, events: Sequence[Event]) -> Filter:
    """Check a condition over the fields of events, or raise InvalidInput."""
    from pitboss.rules import filters

    return filters.read_filter(ctx, when, events)


def period_start(ctx: Context, period: str, at: datetime) -> datetime:
    """Return when the tenant's day, week or month began that an instant lies in; or that of all time."""
    from pitboss.rules.runtime import periods

    # Which periods there are was checked when it was saved.
    return periods.period_start(period, at, ctx.tenant.zone)  # type: ignore[arg-type]  # as said


def ask_guards(
    ctx: Context,
    player_id: UUID,
    action: str,
    parameters: Mapping[str, Any],
    amount: Money | None,
    cause: Cause,
) -> None:
    """Ask those who guard rewards, as the rulebook does; raise Refused where one says no."""
    from pitboss.rules.runtime.settle import Reward

    event_id = cause.event_id or cause.id
    asked = Reward(cause.rule, player_id, action, parameters, amount, {}, event_id)
    subject = ctx.subject
    ctx.subject = player_id
    try:
        ctx.guard(REWARD, asked)
    finally:
        ctx.subject = subject


def refuse_blocked() -> Refused:
    """Return why a blocked player gets nothing."""
    return Refused(REWARD, ["the player is blocked from rewards"])


def is_held_out(experiment: str, player_id: UUID, percent: float) -> bool:
    """Tell whether a player is in the holdout of an experiment: always the same."""
    from pitboss.rules.runtime import holdout

    return holdout.is_held_out(experiment, player_id, percent)


def why_of(ctx: Context, decision_id: UUID) -> Markup | None:
    """Return why a rule decided so, as pages show it; None where no rule decided."""
    from pitboss.rules.admin import decisions

    try:
        return decisions.why_of(ctx, decision_id)
    except NotFound:
        return None


def segments(ctx: Context, *, limit: int) -> list[tuple[str, str, int]]:
    """Return the segments that are live: key, name and how many players were in each when last counted."""
    from pitboss.rules.segments import growth, members

    found = [one for one in members.segments_of(ctx, limit=limit) if one.live]
    sizes = growth.sizes_by_day(ctx, [one.key for one in found], 1)
    return [(one.key, one.name, sizes[one.key][0]) for one in found]


def check_segment(ctx: Context, segment: str) -> None:
    """Refuse a segment that is not live: nobody is counted in it."""
    from pitboss.rules.book.live import book_of

    live = book_of(ctx).segments.rules
    if segment not in live:
        said = marked(f"no segment {segment!r} is live: {nearest(segment, list(live))}")
        raise InvalidInput(f"segment: {said}", {"segment": [said]})


def freeze(ctx: Context, segment: str, reason: str) -> Frozen:
    """Keep who is in a segment now."""
    from pitboss.rules.segments import frozen

    return frozen.freeze(ctx, segment, reason)


def frozen_size(ctx: Context, frozen_id: UUID) -> int:
    """Return how many players a frozen segment has."""
    from pitboss.rules.segments import frozen

    return frozen.find_frozen(ctx, frozen_id).size


def frozen_ids(ctx: Context, frozen_id: UUID, *, after: UUID | None, limit: int) -> Sequence[UUID]:
    """Return a page of the players of a frozen segment, in the order of their ids."""
    from pitboss.rules.segments import frozen

    return frozen.frozen_ids(ctx, frozen_id, after=after, limit=limit)


def compare(treated: tuple[int, int], held_out: tuple[int, int]) -> Uplift | None:
    """Compare two groups, each as its players and how many converted; None where one is empty."""
    from pitboss.rules.replay.uplift import Group, uplift

    return uplift(Group(*treated), Group(*held_out))


def cost_per_gained(cost: int, found: Uplift) -> float | None:
    """Return what each player cost that would not have converted; None where none was gained."""
    from pitboss.rules.replay import uplift

    return uplift.cost_per_gained(cost, found)
