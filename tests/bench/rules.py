"""What the rules engine costs, against the best peer for each kind of work, in the same run.

The machine is shared, so each figure is a median of CPU time, and own and peer take turns. Answers are
compared with the reference before anything is timed.
"""

from __future__ import annotations

import gc
import importlib.util
import json
import math
import multiprocessing
import os
import time
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from statistics import median
from typing import Any

import numpy as np
from sqlalchemy import Connection, Double, Engine, Integer, Text, create_engine, text
from sqlalchemy.sql import column, func, select, table

from pitboss.core.testing.databases import postgres_missing, postgres_url
from pitboss.rules.engine.check import check
from pitboss.rules.engine.columns.evaluation import Coded, Columns, evaluate, matching_rows
from pitboss.rules.engine.compiled import compile_value
from pitboss.rules.engine.forms import condition
from pitboss.rules.engine.index.ruleset import Ruleset, collection_paused
from pitboss.rules.engine.language import evaluate as evaluate_text
from pitboss.rules.engine.program import Program
from pitboss.rules.engine.reference import evaluate as refer
from pitboss.rules.engine.rule import read_rule
from pitboss.rules.engine.sql.expressions import where
from tests.bench import rivals
from tests.bench.figures import Figure, skipped
from tests.bench.workload import (
    CATALOGUE,
    FORMULA,
    SEGMENT,
    TEXTS,
    Envelope,
    Player,
    envelopes,
    payment,
    players,
)

ROUNDS = int(os.environ.get("PITBOSS_BENCH_ROUNDS", "3"))
SLICE_SECONDS = float(os.environ.get("PITBOSS_BENCH_SECONDS", "0.5"))
TURN_SECONDS = 0.05
EVENTS = 200
CHECKS_MAX = 4_000
"""How many rules are judged by the reference, over all checked events."""
PLAYERS_RESIDENT = 1_000_000
ROWS_WEATHER = 100_000
PLAYERS_STORED = 200_000

SIZES = {
    10: ("RestrictedPython", 3.0),
    100: ("RestrictedPython", 8.0),
    1_000: ("clipspy", 12.0),
    10_000: ("clipspy", 12.0),
}
"""For each number of rules, the peer and how many times faster an event has to be."""
GROWTH_MAX = 120.0
SEGMENT_TIMES_MAX = 1.5
FORMULA_TIMES_MAX = 2.0
STORED_TIMES_MAX = 1.1
FIRST_ANSWER_SECONDS_MAX = 0.2
INDEX_SECONDS_MAX = 1.5
RULE_BYTES_MAX = 4_096
CHANGE_SECONDS_MAX = 0.05

PEERS = {
    "RestrictedPython": "RestrictedPython",
    "clipspy": "clips",
    "zen-engine": "zen",
}
"""The module of each peer."""


def figures() -> Iterator[Figure]:
    """Measure the rules engine."""
    missing = sorted(name for name, module in PEERS.items() if importlib.util.find_spec(module) is None)
    if missing:
        yield skipped("rules", f"peers are missing: {', '.join(missing)}")
        return
    yield from one_formula()
    yield from one_event()
    yield from many_rows()
    yield from stored_players()
    yield from loading()


# -- one formula ---------------------------------------------------------------------------------


def one_formula() -> Iterator[Figure]:
    """Measure one formula: from its text, and compiled."""
    facts = {"temperature": 71.5, "wind_speed": 13.25}
    own, peer = compile_value(check(FORMULA, CATALOGUE)), rivals.restricted_value(FORMULA)
    assert own(facts) == peer(facts) == refer(FORMULA, facts, CATALOGUE)
    many = partial(_each, [facts] * 1_000)
    yield faster("rules: a compiled formula", many(own), many(peer), "RestrictedPython", 1_000, bar=1.0)

    def by_text(facts: Player) -> object:
        return evaluate_text(FORMULA, facts, CATALOGUE)

    at_once = partial(rivals.zen_value, FORMULA)
    yield faster(
        "rules: a formula from its text, seen before", many(by_text), many(at_once), "zen", per=1_000
    )


# -- many rules, one event -----------------------------------------------------------------------


def one_event() -> Iterator[Figure]:
    """Measure an event against rulesets of four sizes."""
    events = players(EVENTS)
    costs = {}
    for size, (peer, bar) in SIZES.items():
        given = envelopes(size)
        own = loaded(given)
        own.build()
        rival = rivals.clips(given) if peer == "clipspy" else rivals.restricted_python(given)
        check_answers(given, own, rival, events)
        figure = faster(
            f"rules: an event, {size:,} rules",
            _each(events, own.decide),
            _each(events, rival),
            peer,
            EVENTS,
            bar,
        )
        costs[size] = figure.value
        yield figure
        del rival
        gc.collect()
    yield Figure(
        "rules: cost of an event, 10,000 rules to 10", costs[10_000] / costs[10], "times", bar=GROWTH_MAX
    )


def loaded(given: Sequence[Envelope]) -> Ruleset:
    """Make the ruleset of some envelopes."""
    with collection_paused():
        return Ruleset([Program(read_rule(envelope), CATALOGUE) for envelope in given], CATALOGUE)


def check_answers(
    given: Sequence[Envelope], own: Ruleset, rival: rivals.Rival, events: Sequence[Player]
) -> None:
    """Compare both with the reference, on as many events as there is time for."""
    for player in events[: max(1, CHECKS_MAX // len(given))]:
        expected = list(_by_reference(given, player))
        decision = own.decide(player)
        assert not decision.errors
        assert list(decision.matches) == expected
        theirs = rival(player)
        assert [f"rule-{number}" for number, _ in theirs] == [key for key, _ in expected]
        for (_, value), (_, meant) in zip(theirs, expected, strict=True):
            assert math.isclose(max(value, 0.0), meant, rel_tol=1e-9)


def _by_reference(given: Sequence[Envelope], player: Player) -> Iterator[tuple[str, float]]:
    for envelope in given:
        if refer(rivals.python_condition(envelope), player, CATALOGUE):
            formula, cap = payment(envelope)
            amount = min(refer(formula, player, CATALOGUE), cap)  # type: ignore[type-var]  # formulas are numbers
            yield envelope["key"], max(amount, 0.0)  # type: ignore[type-var, misc]  # as above


# -- one rule, many rows -------------------------------------------------------------------------


def many_rows() -> Iterator[Figure]:
    """Measure a segment over players that are kept in columns, and a formula over rows."""
    chance = np.random.default_rng(7)
    count = PLAYERS_RESIDENT
    segment = chance.integers(0, 6, count).astype(np.int8)
    loss, sessions = np.round(chance.lognormal(4, 1.2, count) - 40, 2), chance.exponential(12, count).round()
    days = chance.exponential(15, count).round()
    own = Columns.of_arrays(
        {
            "segment": Coded(segment, TEXTS["segment"]),
            "net_loss": loss,
            "session_count": sessions,
            "days_since_last_deposit": days,
        },
        CATALOGUE,
    )
    node = condition(SEGMENT, CATALOGUE)

    def theirs() -> Any:
        return np.flatnonzero((segment == 0) & (loss >= 100) & (sessions >= 3) & (days <= 7))

    assert np.array_equal(matching_rows(node, own), theirs())
    yield faster(
        "rules: a segment of 1,000,000 players in columns",
        lambda: matching_rows(node, own),
        theirs,
        "NumPy by hand",
        bar=1 / SEGMENT_TIMES_MAX,
        unit="ms",
    )
    yield weather(chance)


def weather(chance: np.random.Generator) -> Figure:
    """Measure a formula over rows."""
    heat, wind = (np.round(chance.uniform(0, 100, ROWS_WEATHER), 2) for _ in range(2))
    columns = Columns.of_arrays({"temperature": heat, "wind_speed": wind}, CATALOGUE)
    node = check(FORMULA, CATALOGUE)

    def theirs() -> Any:
        return (heat - 32) * 0.01 + (wind / 20)

    assert np.array_equal(evaluate(node, columns).values, theirs())
    return faster(
        "rules: a formula over 100,000 rows",
        lambda: evaluate(node, columns),
        theirs,
        "NumPy by hand",
        bar=1 / FORMULA_TIMES_MAX,
        unit="ms",
    )


# -- a segment in the database -------------------------------------------------------------------

PLAYERS = table(
    "bench_players",
    column("segment", Text),
    column("net_loss", Double),
    column("session_count", Integer),
    column("days_since_last_deposit", Integer),
)
BY_HAND = text(
    "SELECT count(*) FROM bench_players WHERE segment = 'LOSING' AND net_loss >= 100"
    " AND session_count >= 3 AND days_since_last_deposit <= 7"
)


def stored_players() -> Iterator[Figure]:
    """Measure the SQL of a segment against SQL that is written by hand, on both databases."""
    yield segment_in("SQLite", create_engine("sqlite://"))
    missing = postgres_missing()
    if missing:
        yield skipped("rules: a segment on PostgreSQL", missing)
        return
    yield segment_in(
        "PostgreSQL", create_engine(postgres_url().replace("postgresql://", "postgresql+psycopg://"))
    )


def segment_in(name: str, engine: Engine) -> Figure:
    """Measure on one database; its work is in another process, so that this is time on the wall."""
    with engine.connect() as connection:
        fill(connection)
        bound = {each.name: each for each in PLAYERS.c}
        query = select(func.count()).where(where(condition(SEGMENT, CATALOGUE), bound))

        def own() -> Any:
            return connection.execute(query).scalar_one()

        def by_hand() -> Any:
            return connection.execute(BY_HAND).scalar_one()

        assert own() == by_hand()
        title = f"rules: a segment of {PLAYERS_STORED:,} players on {name}"
        bar = 1 / STORED_TIMES_MAX
        return faster(title, own, by_hand, "SQL by hand", bar=bar, unit="ms", clock=time.perf_counter)


def fill(connection: Connection) -> None:
    """Make a table of players for this connection alone."""
    connection.execute(
        text(
            "CREATE TEMPORARY TABLE bench_players (segment TEXT NOT NULL, net_loss DOUBLE PRECISION NOT NULL,"
            " session_count INTEGER NOT NULL, days_since_last_deposit INTEGER NOT NULL)"
        )
    )
    names = [each.name for each in PLAYERS.c]
    some = players(PLAYERS_STORED // 20)
    rows = [{name: player[name] for name in names} for player in some]
    for _ in range(20):
        connection.execute(PLAYERS.insert(), rows)
    connection.execute(text("ANALYZE bench_players"))


# -- loading -------------------------------------------------------------------------------------


def loading() -> Iterator[Figure]:
    """Measure how ten thousand rules load, in a process of its own."""
    context = multiprocessing.get_context("spawn")
    with ProcessPoolExecutor(1, mp_context=context, max_tasks_per_child=1) as pool:
        runs = [pool.submit(load_all, 10_000).result() for _ in range(ROUNDS)]
    found = {name: median(run[name] for run in runs) for name in runs[0]}
    yield Figure(
        "rules: first answer from 10,000 rules in JSON", found["first"], "s CPU", bar=FIRST_ANSWER_SECONDS_MAX
    )
    yield Figure("rules: index of 10,000 rules ready", found["index"], "s CPU", bar=INDEX_SECONDS_MAX)
    yield Figure(
        "rules: memory, 10,000 rules with their index", found["bytes"], "B a rule", bar=RULE_BYTES_MAX
    )
    yield Figure("rules: one of 10,000 rules replaced", found["change"], "s CPU", bar=CHANGE_SECONDS_MAX)
    yield Figure("rules: zen compiles the same rules, without an index", found["zen"], "s CPU")


def load_all(count: int) -> dict[str, float]:
    """Load rules from JSON that is parsed already, and say what it took."""
    loaded(envelopes(200, seed=3)).decide(players(1)[0])  # so that modules and memos of the process are warm
    (player,) = players(1)
    written = json.dumps(envelopes(count))
    gc.collect()
    given, size = json.loads(written), resident_bytes()
    start = time.process_time()
    ruleset = loaded(given)
    ruleset.decide(player)
    first = time.process_time() - start
    ruleset.build()
    ruleset.decide(player)
    index = time.process_time() - start
    changed = Program(read_rule(given[count // 2] | {"priority": 5}), CATALOGUE)
    start = time.process_time()
    ruleset.replaced(changed).decide(player)
    change = time.process_time() - start
    grown = resident_bytes() - size
    start = time.process_time()
    rivals.zen_expressions(given)
    return {
        "first": first,
        "index": index,
        "bytes": grown / count,
        "change": change,
        "zen": time.process_time() - start,
    }


def resident_bytes() -> int:
    """Return how much memory the process has."""
    return int(Path("/proc/self/statm").read_text().split()[1]) * os.sysconf("SC_PAGE_SIZE")


# -- timing --------------------------------------------------------------------------------------


def _each(items: Sequence[Any], act: Callable[[Any], object]) -> Callable[[], None]:
    def all_of_them() -> None:
        for item in items:
            act(item)

    return all_of_them


def faster(
    name: str,
    own: Callable[[], object],
    theirs: Callable[[], object],
    peer: str,
    per: int = 1,
    bar: float | None = None,
    *,
    unit: str = "us",
    clock: Callable[[], float] = time.process_time,
) -> Figure:
    """Compare times: above 1 the engine is quicker."""
    scale = {"us": 1e6, "ms": 1e3}[unit] / per
    pairs = in_turns(own, theirs, clock)
    ratio = median(other / one for one, other in pairs)
    value, other = (median(side) * scale for side in zip(*pairs, strict=True))
    return Figure(name, value, unit, peer=peer, peer_value=other, ratio=ratio, bar=bar)


def in_turns(
    own: Callable[[], object], theirs: Callable[[], object], clock: Callable[[], float]
) -> list[tuple[float, float]]:
    """Return how long each took, turn by turn, so that a machine whose speed changes is as slow for both."""
    turns: list[tuple[float, float]] = []
    end = time.perf_counter() + 2 * ROUNDS * SLICE_SECONDS
    with uncollected():
        while len(turns) < ROUNDS or time.perf_counter() < end:
            turns.append((spent(own, clock), spent(theirs, clock)))
    return turns


def spent(act: Callable[[], object], clock: Callable[[], float]) -> float:
    """Return the median of how long something takes over one turn, which warms the processor's caches."""
    times: list[float] = []
    end = time.perf_counter() + TURN_SECONDS
    while len(times) < 3 or time.perf_counter() < end:
        before = clock()
        act()
        times.append(clock() - before)
    return median(times)


@contextmanager
def uncollected() -> Iterator[None]:
    """Collect garbage before, and not while something is timed."""
    gc.collect()
    with collection_paused():
        yield
