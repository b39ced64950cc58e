"""The words that the plugin adds to the vocabulary."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import date, datetime
from typing import Any

from acme_sample import cards
from acme_sample.models import PlayerFacts
from acme_sample.schemas import CardScratched, GiveCard, Milestone
from pitboss.core.context import Context
from pitboss.core.contracts import (
    Action,
    Event,
    Function,
    Message,
    Report,
    ReportColumn,
    RuleKind,
    Term,
    Variable,
    Window,
)
from pitboss.core.facts import totals_by_day
from pitboss.core.reports import days_between

METRIC = "acme_sample.scratch"


def is_regular(ctx: Context) -> bool:
    """Tell whether the player scratched enough cards to be one of the regulars."""
    return bool(ctx.value("acme_sample.cards_scratched") >= cards.REGULAR_EVERY)


def scratches(ctx: Context, begins: datetime, ends: datetime) -> Iterator[tuple[Any, ...]]:
    """Yield for each day how many cards were scratched."""
    totals = totals_by_day(ctx, METRIC, begins, ends)
    for day in days_between(begins, ends, ctx.tenant.zone):
        yield day, totals.get(day, (0, 0))[1]


def milestone(filled_in: Mapping[str, Any]) -> Mapping[str, Any]:
    """Return the reward that a milestone means."""
    after = filled_in["after"]
    given = {"action": "acme_sample.give_card", "key": f"milestone-{after}", "reason": "milestone"}
    return {
        "kind": "reward",
        "on": ["acme_sample.card_scratched"],
        "when": {"event.nth": after},
        "then": [given],
    }


TERMS: tuple[Term, ...] = (
    Event(
        name="acme_sample.card_scratched",
        title="Card scratched",
        doc="A player scratched a card and won points.",
        example={"card_id": "0195f2d0-0000-7000-8000-000000000001", "points": 100, "nth": 3},
        schema=CardScratched,
    ),
    Variable(
        name="acme_sample.cards_scratched",
        title="Cards scratched",
        doc="How many cards the player ever scratched.",
        example=12,
        type="number",
        default=0,
        column=PlayerFacts.cards_scratched,
    ),
    Variable(
        name="acme_sample.scratches_1d",
        title="Cards scratched today",
        doc="How many cards the player scratched since the day began.",
        example=2,
        type="number",
        window=Window(metric=METRIC, aggregate="count", length=1, unit="days"),
    ),
    Variable(
        name="acme_sample.is_regular",
        title="Regular scratcher",
        doc="Whether the player scratched ten cards or more.",
        example=True,
        type="boolean",
        compute=is_regular,
    ),
    Function(
        name="acme_sample.prize_of",
        title="Prize of a card",
        doc="The points that a player's nth card wins.",
        example=(10,),
        arguments={"nth": "number"},
        returns="number",
        call=cards.prize_of,
    ),
    Action(
        name="acme_sample.give_card",
        title="Give a card",
        doc="Give the player a sealed card; the same key gives one card only.",
        example={"key": "welcome:0195f2d0", "reason": "welcome"},
        schema=GiveCard,
        run=cards.give_card,
    ),
    Message(
        name="acme_sample.thanks",
        title="Thanks to a regular",
        doc="Sent to a player who scratched ten more cards.",
        example={"nth": "1,000"},
        subject="A card from us",
        body="{name}, this was card {nth}: here is another one.",
    ),
    Report(
        name="acme_sample.scratches",
        title="Cards scratched",
        doc="How many cards all players scratched on each day.",
        example=(date(2026, 12, 1), 40),
        columns=(ReportColumn("day", "Day", "day"), ReportColumn("cards", "Cards", "number")),
        rows=scratches,
        permission="acme_sample.cards",
        chart=("cards",),
    ),
    RuleKind(
        name="acme_sample.milestone",
        title="Milestone",
        doc="A rule that gives one more card to who scratched so many.",
        example={"after": 100},
        schema=Milestone,
        means=milestone,
    ),
)
