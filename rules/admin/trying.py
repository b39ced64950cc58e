"""What a rule would do if it were live: for whom now, why for one player, and how often in the past."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from sqlalchemy import func, select

from pitboss.core import facts
from pitboss.core.context import Context
from pitboss.core.contracts import Variable
from pitboss.core.errors import PitbossError, TermMissing
from pitboss.core.identity.players import search_players
from pitboss.core.identity.tables import Player
from pitboss.core.texts import gettext as _
from pitboss.rules.admin import sampling
from pitboss.rules.book.checks import Checked
from pitboss.rules.engine.insight.casebook import run_case
from pitboss.rules.engine.insight.explain import explain
from pitboss.rules.engine.insight.explanation import as_json
from pitboss.rules.engine.insight.wording import bare_names, facts_json
from pitboss.rules.engine.program import Program
from pitboss.rules.engine.rule import Case, Expectation, Reward
from pitboss.rules.engine.tree import facts_read, walk
from pitboss.rules.replay.decided import latest_judgement
from pitboss.rules.runtime.facts import known_now
from pitboss.rules.segments.formulas import stored_facts
from pitboss.rules.segments.paging import judge
from pitboss.rules.segments.population import NotInSql, population
from pitboss.rules.vocabulary import EVENT_PREFIX, judging

SHOWN_MAX = 8
"""How many of those who match are named, and how many players are offered for a trace."""
SQL_NODES_MAX = 200
"""To write a larger condition as SQL takes longer than to judge some players."""
JUDGED_PLAYERS_MAX = 500
"""So many are judged where the database cannot, and stand for all: the panel has to be quick."""
COMPUTED_PLAYERS_MAX = 100
"""So many are judged where a fact is computed: that costs a look-up for each player."""

_PLAYER = Player.__table__


def tried(ctx: Context, checked: Checked, program: Program | None, player: str) -> dict[str, Any]:
    """Return who matches, the trace of a player, and the replay; each only for who may see it."""
    may = ctx.actor.may
    return {
        "matching": _matching(ctx, program) if program is not None and may("rules.members") else None,
        "trace": _trace(ctx, program, player) if may("core.players") else None,
        "replay": _replay(ctx, checked) if may("rules.simulate") else None,
    }


# -- who would match now ---------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class _Count:
    """How many match, of how many that were looked at."""

    count: int
    total: int
    looked: int
    """Of so many; where they are fewer than all, the count is an estimate."""
    sample: Sequence[UUID]


def _matching(ctx: Context, program: Program) -> dict[str, Any]:
    of_event = sorted(n for n in facts_read(program.when) if n.startswith(EVENT_PREFIX))
    if of_event:
        naming = bare_names(program.catalogue)
        said = " and ".join(naming(name) for name in of_event)
        return {
            "missing": _(
                "It depends on what happens: %(said)s comes with the event. See the replay.", said=said
            )
        }
    try:
        found = _counted(ctx, program)
    except PitbossError as error:
        return {"missing": _("It cannot be counted: %(error)s", error=error)}
    return {
        "count": found.count,
        "total": found.total,
        "looked": found.looked,
        "sample": _named(ctx, found.sample),
    }


def _counted(ctx: Context, program: Program) -> _Count:
    if sum(1 for __ in walk(program.when)) > SQL_NODES_MAX:
        return _judged(ctx, program)
    try:
        found = population(ctx, program, ctx.clock.now())
    except NotInSql:
        return _judged(ctx, program)
    total = sampling.count_players(ctx)
    if total > sampling.SAMPLED_ABOVE:
        estimate = sampling.estimated(ctx, found)
        return _Count(estimate.count, total, estimate.looked, estimate.some)
    count = ctx.connection.scalar(found.select(func.count()).order_by(None)) or 0
    some = ctx.connection.scalars(found.select().order_by(found.player_id).limit(SHOWN_MAX)).all()
    return _Count(count, total, total, some)


def _judged(ctx: Context, program: Program) -> _Count:
    """Judge players where the database cannot: all, or some who stand for all."""
    computed = [n for n in stored_facts(ctx, program) if not _is_stored(ctx, n)]
    stored = [n for n in stored_facts(ctx, program) if n not in computed]
    total = sampling.count_players(ctx)
    most = COMPUTED_PLAYERS_MAX if computed else JUDGED_PLAYERS_MAX
    judged_ids, estimate = judge(ctx, program, computed), sampling.Estimate()
    for stratum, share in sampling.shares(ctx, most):
        page = facts.read_page(ctx, stored, after=stratum.after, until=stratum.until, limit=share)
        estimate.add(stratum, len(page), judged_ids(page))
    return _Count(estimate.count, total, estimate.looked, estimate.some)


def _is_stored(ctx: Context, name: str) -> bool:
    return ctx.view.term(name, Variable).is_stored


def _named(ctx: Context, player_ids: Sequence[UUID]) -> list[dict[str, str]]:
    if not player_ids or not ctx.actor.may("core.players"):
        return []
    columns = (_PLAYER.c.id, _PLAYER.c.display_name, _PLAYER.c.username, _PLAYER.c.email)
    query = select(*columns).where(_PLAYER.c.tenant_id == ctx.tenant.id, _PLAYER.c.id.in_(player_ids))
    return [_person(row) for row in ctx.connection.execute(query.order_by(_PLAYER.c.id))]


def _person(row: Any) -> dict[str, str]:
    return {"id": str(row.id), "name": row.display_name or row.username or row.email, "email": row.email}


# -- one player --------------------------------------------------------------------------------------


def _trace(ctx: Context, program: Program | None, player: str) -> dict[str, Any] | None:
    player = player.strip()
    if not player:
        return None
    found = _find(ctx, player)
    if not found:
        return {
            "missing": _("No player's email, user name or id begins with %(player)s.", player=repr(player))
        }
    one, *others = found
    if program is None:
        return {"player": _person(one), "others": [], "missing": _("Mend the condition first.")}
    known, event = _known(ctx, program, one.id)
    with judging(ctx):
        explained = explain(program, known)
    return {
        "player": _person(one),
        "others": [_person(other) for other in others],
        "event": event,
        "explanation": as_json(explained),
        "case": _case(program, known, explained.matched),
    }


def _find(ctx: Context, text: str) -> list[Any]:
    with suppress(ValueError):
        query = select(_PLAYER).where(_PLAYER.c.tenant_id == ctx.tenant.id, _PLAYER.c.id == UUID(text))
        return list(ctx.connection.execute(query))
    return list(search_players(ctx, text=text, limit=SHOWN_MAX).players)


def _known(ctx: Context, program: Program, player_id: UUID) -> tuple[dict[str, Any], str | None]:
    """Return the facts of a player now; those of an event are of the player's latest that was judged."""
    words = program.catalogue
    known = known_now(ctx, player_id, words)
    for event in program.rule.on:
        latest = latest_judgement(ctx, player_id, event)
        if latest is not None:
            fields = {n: v for n, v in latest.facts.items() if n.startswith(EVENT_PREFIX)}
            return known | {n: v for n, v in fields.items() if n in words.variables}, event
    return known, None


def _case(program: Program, known: Mapping[str, Any], matched: bool) -> dict[str, Any]:
    """Return what a test would say that keeps what the rule makes of these facts."""
    read = facts_read(program.when) | (facts_read(program.amount) if program.amount is not None else set())
    stated = facts_json({n: known[n] for n in sorted(read) if known.get(n) is not None}, program.catalogue)
    expect: dict[str, Any] = {"match": matched}
    if matched and isinstance(program.rule, Reward) and program.amount is not None:
        got = run_case(program, Case(stated, Expectation(match=True, amount=0))).got.get("amount")
        expect |= {"amount": got} if got is not None else {}
    return {"facts": stated, "expect": expect}


# -- the past ----------------------------------------------------------------------------------------


def _replay(ctx: Context, checked: Checked) -> dict[str, Any] | None:
    rule = checked.rule
    if not isinstance(rule, Reward):
        return None
    if not checked.is_right:
        return {"missing": _("Mend what is wrong first.")}
    if not rule.on:
        return {"missing": _("Choose the events that it is judged on: the past is replayed event by event.")}
    try:
        # It brings Polars, which takes a quarter of a second of every process that never replays.
        from pitboss.rules.admin import replaying

        return replaying.replayed(ctx, rule)
    except (PitbossError, TermMissing) as error:
        return {"missing": _("It cannot be replayed: %(error)s", error=error)}
