"""Conditions for plugins: the language of rules, over the fields of events alone.

A plugin whose operators write such as `{"game": {"in": ["slots"]}, "stake_min": 5}` or `"stake >= 5"` reads
it with `read_filter`, and asks it of the payload of each event. Fields are `event.<field>`, or bare.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from pitboss.core.context import Context
from pitboss.core.contracts import Event
from pitboss.core.errors import InvalidInput
from pitboss.rules.engine.catalogue import NOW, Catalogue, catalogue_of
from pitboss.rules.engine.compiled import compile_value
from pitboss.rules.engine.errors import RuleError
from pitboss.rules.engine.program import Program
from pitboss.rules.engine.rule import read_rule
from pitboss.rules.runtime.facts import in_major_units
from pitboss.rules.vocabulary import EVENT_PREFIX, event_variables

__all__ = ["Filter", "read_filter"]


@dataclass(frozen=True, slots=True)
class Filter:
    """A condition that was checked and compiled."""

    words: Catalogue
    holds: Callable[[Mapping[str, Any]], Any]

    def lets_through(self, ctx: Context, payload: Mapping[str, Any]) -> bool:
        """Tell whether it holds for a payload; what cannot be judged does not pass, as in a rule."""
        named = {f"{EVENT_PREFIX}{name}": value for name, value in payload.items()}
        try:
            known = self.words.admit(dict(in_major_units(ctx, named, self.words)))
            return self.holds({NOW: ctx.clock.now(), **known}) is True
        except RuleError:
            return False


def read_filter(ctx: Context, when: Any, events: Sequence[Event]) -> Filter:
    """Check a condition over the fields that all of these events have, or raise InvalidInput."""
    words = catalogue_of(event_variables(events, ctx.tenant.currency))
    try:
        rule = read_rule({"kind": "segment", "key": "filter", "when": when})
        program = Program(rule, words).checked()
    except RuleError as refused:
        raise InvalidInput(f"when: {refused}", {"when": [str(refused)]}) from refused
    return Filter(words, compile_value(program.when))
