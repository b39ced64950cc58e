"""Judge a condition that SQL does not know over pages of facts: slower, with the same result."""

from __future__ import annotations

from collections.abc import Callable, Container, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from pitboss.core import facts
from pitboss.core.context import Context
from pitboss.core.contracts import Variable
from pitboss.core.facts.reading import PAGE_PLAYERS_MAX
from pitboss.rules.engine.catalogue import NOW
from pitboss.rules.engine.compiled import compile_value
from pitboss.rules.engine.errors import EvaluationError
from pitboss.rules.engine.program import Program
from pitboss.rules.engine.tree import facts_read
from pitboss.rules.runtime.facts import in_major_units, with_derived
from pitboss.rules.segments.formulas import stored_facts
from pitboss.rules.vocabulary import judging

FIRST, LAST = UUID(int=0), UUID(int=2**128 - 1)


@dataclass(frozen=True, slots=True)
class Page:
    """The players of one range of ids, and those of them whom the condition is for."""

    after: UUID
    until: UUID
    """The last page goes on to the last of all ids."""
    matching: list[UUID]


def judged_pages(ctx: Context, program: Program) -> Iterator[Page]:
    """Judge every player of the tenant, a page at a time."""
    names = stored_facts(ctx, program)
    computed = [name for name in names if not ctx.view.term(name, Variable).is_stored]
    stored = [name for name in names if name not in computed]
    after, judged_ids = FIRST, judge(ctx, program, computed)
    while True:
        page = facts.read_page(ctx, stored, after=after)
        is_last = len(page) < PAGE_PLAYERS_MAX
        until = LAST if is_last else page.player_ids[-1]
        yield Page(after, until, judged_ids(page))
        if is_last:
            return
        after = until


def judge(
    ctx: Context, program: Program, computed: Sequence[str] = ()
) -> Callable[[facts.Columns], list[UUID]]:
    """Return what finds the players of a page for whom a condition holds; it is compiled once for all."""
    holds, wanted = compile_value(program.when), facts_read(program.when)

    def judged_ids(page: facts.Columns) -> list[UUID]:
        now, found = ctx.clock.now(), []
        with judging(ctx):
            for n, player_id in enumerate(page.player_ids):
                known = {name: values[n] for name, values in page.values.items()}
                if computed:
                    known |= facts.read(ctx, player_id, computed)
                if _is_true(holds, ctx, program, {NOW: now, **known}, wanted):
                    found.append(player_id)
        return found

    return judged_ids


def _is_true(
    holds: Any, ctx: Context, program: Program, known: Mapping[str, Any], wanted: Container[str]
) -> bool:
    words = program.catalogue
    try:
        admitted = words.admit(dict(in_major_units(ctx, known, words)))
        return holds(with_derived(ctx, words, admitted, wanted=wanted)) is True
    except EvaluationError:
        return False
