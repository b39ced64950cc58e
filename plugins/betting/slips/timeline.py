"""What a player bet, for the timeline of the admin."""

from __future__ import annotations

from collections.abc import Iterator
from uuid import UUID

from flask import url_for

from pitboss.core.context import Context
from pitboss.core.contracts import Happening, Moment
from pitboss.core.texts import gettext as _
from pitboss.core.texts import spoken
from pitboss.core.timeline import amount, latest
from pitboss.plugins.betting.slips.tables import Bet

_BET = Bet.__table__


def timeline(ctx: Context, player_id: UUID, before: Moment | None, limit: int) -> Iterator[Happening]:
    """Yield bets, each with how it stands."""
    unit = ctx.tenant.currency
    for row in latest(ctx, _BET, player_id, before, limit, at="placed_at"):
        returned = _(", returned %(amount)s", amount=amount(ctx, row.payout, unit)) if row.payout else ""
        yield Happening(
            Moment(row.placed_at, row.id),
            _("Bet of %(amount)s", amount=amount(ctx, row.stake, unit)),
            f"{spoken(row.kind)}, {spoken(row.state)}{returned}",
            url_for("betting_bets.bet", bet_id=row.id),
            "list-details",
        )
