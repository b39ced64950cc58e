"""Find bets by an id or a reference, for the search of the admin."""

from __future__ import annotations

from collections.abc import Iterator
from uuid import UUID

from flask import url_for

from pitboss.core.context import Context
from pitboss.core.contracts import Found
from pitboss.core.errors import NotFound
from pitboss.plugins.betting.slips import history, storing
from pitboss.plugins.betting.slips.preparing import money

LOOKED_AT_MAX = 6


def find(ctx: Context, text: str) -> Iterator[Found]:
    """Yield the bet with that id, or those with that reference."""
    try:
        found = [storing.find(ctx, UUID(text))]
    except NotFound:
        return
    except ValueError:
        found = history.search(ctx, {"reference": text}, limit=LOOKED_AT_MAX)
    for bet in found:
        url = url_for("betting_bets.bet", bet_id=bet.id)
        yield Found(f"Bet {bet.reference}", url, f"{bet.kind}, {money(ctx, bet.stake)}, {bet.state}")
