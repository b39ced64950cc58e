"""What a player was given, for the timeline of the admin."""

from __future__ import annotations

from collections.abc import Iterator
from uuid import UUID

from flask import url_for

from pitboss.core.context import Context
from pitboss.core.contracts import Happening, Moment
from pitboss.core.texts import gettext as _
from pitboss.core.texts import spoken
from pitboss.core.timeline import amount, latest
from pitboss.plugins.loyalty.rewards.tables import RewardRow

_REWARD = RewardRow.__table__


def timeline(ctx: Context, player_id: UUID, before: Moment | None, limit: int) -> Iterator[Happening]:
    """Yield rewards, each with how it stands."""
    for row in latest(ctx, _REWARD, player_id, before, limit, at="issued_at"):
        given = f": {amount(ctx, row.amount, row.unit)}" if row.amount else ""
        state = spoken(row.status)
        yield Happening(
            Moment(row.issued_at, row.id),
            f"{spoken(row.type)}{given}",
            _("%(state)s, by the rule %(rule)s", state=state, rule=row.rule) if row.rule else state,
            url_for("loyalty_admin.reward", reward_id=row.id),
            "coins",
        )
