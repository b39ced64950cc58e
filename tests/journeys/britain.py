"""What the plugin of Great Britain will answer; there is none yet, so a small one stands in."""

from __future__ import annotations

from collections.abc import Sequence

from pitboss.core.context import Context
from pitboss.core.contracts import Guard, Manifest
from pitboss.core.hooks import hookimpl
from pitboss.core.registry import Candidate
from pitboss.rules.book.life import Publication
from pitboss.rules.replay.harm import OPERATION, RewardSimulated
from tests.rules.book.regulator import caps_wagering

DEPOSITS_OF_HARM = 5


def keeps_to_one_product(_ctx: Context, publication: Publication) -> str | None:
    """Refuse an incentive that has players bet on one product to get another."""
    document = publication.document
    gives_spins = any(action["action"] == "loyalty.grant_spins" for action in document.get("then", ()))
    if gives_spins and "sports" in str(document["when"]):
        return "SR 5.1.1: an incentive is of one product, and this one gives spins for bets on sports"
    return None


def spares_the_harmed(ctx: Context, asked: RewardSimulated) -> str | None:
    """Refuse to reward whoever deposits strikingly often."""
    if ctx.of(asked.player_id).value("loyalty.deposit_count") >= DEPOSITS_OF_HARM:
        return "SR 3.4.3: no bonuses for players who show signs of harm"
    return None


class Britain:
    """The plugin's table of contents."""

    @hookimpl
    def plugin_manifest(self) -> Manifest:
        return Manifest(name="britain", version="1", title="Great Britain")

    @hookimpl
    def register_listeners(self) -> Sequence[Guard]:
        return [
            Guard("rules.publish", caps_wagering),
            Guard("rules.publish", keeps_to_one_product),
            Guard(OPERATION, spares_the_harmed),
        ]


CANDIDATE = Candidate("britain", lambda: Britain(), "pitboss-tests", "1")
