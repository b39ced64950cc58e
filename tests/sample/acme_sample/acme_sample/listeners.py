"""What happens after a card was scratched, and who may scratch one."""

from __future__ import annotations

from typing import Any

from acme_sample import cards
from pitboss.core import notifications
from pitboss.core.context import Context
from pitboss.core.contracts import Guard, Listener
from pitboss.core.events import Event
from pitboss.core.texts import number


def reward_regulars(ctx: Context, event: Event) -> None:
    """Give a new card for every tenth that a player scratched."""
    # What the event says, not what is true by now: the worker may come late, to many events at once.
    if event.payload["nth"] % cards.REGULAR_EVERY == 0:
        # The event is the key: told of it twice, it gives one card.
        given = ctx.act("acme_sample.give_card", key=f"regular:{event.id}", reason="regular")
        if given is not None and event.player_id is not None:
            nth = event.payload["nth"]
            notifications.notify(ctx, event.player_id, "acme_sample.thanks", lambda: {"nth": number(nth)})


def within_the_daily_limit(ctx: Context, _card: Any) -> str | None:
    """Refuse when the player scratched as many cards today as the tenant allows."""
    limit = ctx.settings(cards.NAME)["cards_per_day_max"]
    if ctx.value("acme_sample.scratches_1d") >= limit:
        return f"at most {limit} cards a day: come back tomorrow"
    return None


LISTENERS = (
    Listener("acme_sample.card_scratched", reward_regulars),
    Guard("acme_sample.scratch", within_the_daily_limit),
)
