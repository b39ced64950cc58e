"""A plugin of a jurisdiction, for tests: it caps what a bonus may ask to be wagered."""

from __future__ import annotations

from collections.abc import Sequence

from pitboss.core.context import Context
from pitboss.core.contracts import Guard, Manifest
from pitboss.core.hooks import hookimpl
from pitboss.core.registry import Candidate
from pitboss.rules.book.life import Publication
from pitboss.rules.engine.rule import Reward

WAGERING_MAX = 10


def caps_wagering(_ctx: Context, publication: Publication) -> str | None:
    """Refuse a reward that asks for more wagering than the law allows."""
    rule = publication.rule
    for action in rule.then if isinstance(rule, Reward) else ():
        asked = action.get("wagering_requirement", 0)
        if asked > WAGERING_MAX:
            return f"SR 5.1.1: a bonus is wagered at most {WAGERING_MAX} times, and this asks for {asked}"
    return None


class Plugin:
    """The regulator's table of contents."""

    @hookimpl
    def plugin_manifest(self) -> Manifest:
        return Manifest(name="regulator", version="1", title="Regulator")

    @hookimpl
    def register_listeners(self) -> Sequence[Guard]:
        return [Guard("rules.publish", caps_wagering)]


CANDIDATE = Candidate("regulator", lambda: Plugin(), "pitboss-tests", "1")
