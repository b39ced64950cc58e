"""What a reward would have done, over the judgements that were recorded: nothing is paid, nothing written."""

from __future__ import annotations

from collections.abc import Callable, Generator, Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass, field
from typing import TypeAlias

from pitboss.core.context import Context
from pitboss.rules.book.live import LiveRule, book_of
from pitboss.rules.engine.catalogue import Catalogue
from pitboss.rules.engine.columns.evaluation import Plan
from pitboss.rules.engine.errors import Refused
from pitboss.rules.engine.program import Program
from pitboss.rules.engine.rule import Reward
from pitboss.rules.replay.asked import Asked, unreadable
from pitboss.rules.replay.firing import Candidate, Fired, facts_of, fire_all
from pitboss.rules.replay.history import AT, Chunk, Span, count_rows, read_chunks
from pitboss.rules.replay.players import count_players, read_players
from pitboss.rules.replay.scene import Scene, Tried
from pitboss.rules.replay.trial import Block, Compared, Trial, harmed_rows
from pitboss.rules.vocabulary import judging

OTHERS_MAX = 200
"""With how many live rules overlap is counted; those that decide about the rule are always looked at."""
HARM = frozenset({"harm_flagged", "is_self_excluded"})
"""The nouns of facts that say that a player should not be tempted."""

Progress: TypeAlias = Callable[[int, int], None]
"""Told how many rows are done, of how many; it stops the simulation by raising."""


@dataclass(slots=True)
class Replayed:
    """What a version did, and the one that it is compared with."""

    asked: Asked
    now: Trial
    before: Trial | None
    compared: Compared = field(default_factory=Compared)
    rows: dict[str, int] = field(default_factory=dict)
    """How many rows each event had."""
    unknown: dict[str, int] = field(default_factory=dict)
    """In how many rows a fact was unknown that the versions read."""
    programs: dict[str, Program] = field(default_factory=dict)
    """The version with the words of each event."""
    harm: set[str] = field(default_factory=set)
    """The facts that say that a player should not be tempted."""
    others: int = 0
    """How many live rules were looked at beside it."""
    left_out: int = 0
    """For how many live rules overlap was not counted."""


def only_reading(ctx: Context) -> Context:
    """Return another unit of work in the same name, which on SQLite keeps nobody waiting who writes."""
    return Context(ctx.kernel, ctx.tenant, ctx.view, ctx.actor, read_only=True)


def replay(ctx: Context, asked: Asked, progress: Progress | None = None) -> Replayed:
    """Judge a version on everything that was recorded, in chunks, and return what it did."""
    before = None
    if asked.before is not None and asked.against is not None:
        before = Trial(asked.key, asked.against, asked.before)
    done = Replayed(asked, Trial(asked.key, asked.number, asked.rule), before)
    stages = [_Stage(ctx, done, event) for event in _events(asked)]
    total = sum(stage.count() for stage in stages) if progress is not None else 0
    rows = 0
    with judging(ctx):
        for stage in stages:
            # Closed at once when it is stopped: the connection is of no use before.
            with closing(stage.chunks()) as chunks:
                for chunk in chunks:
                    stage.judge(chunk)
                    rows += chunk.rows
                    if progress is not None:
                        progress(rows, max(rows, total))
    return done


def _events(asked: Asked) -> Sequence[str | None]:
    return asked.events if asked.over == "history" else (None,)


class _Stage:
    """One event: the rules that are judged on it, and the rows."""

    def __init__(self, ctx: Context, done: Replayed, event: str | None) -> None:
        self.ctx, self.done, self.event, self.plan = ctx, done, event, Plan()
        book = book_of(ctx)
        self.words = book.words.of([event] if event else [])
        live = list(book.on(event).rewards.rules.values()) if event else []
        self.others = [self._candidate(one) for one in self._wanted(live)]
        self.now = self._scene(done.now)
        self.before = self._scene(done.before)
        trials = [scene.trial for scene in (self.now, self.before) if scene is not None]
        self.candidates = [*trials, *self.others]
        self.harm = sorted(n for n, v in self.words.variables.items() if _is_harm(n, v.value_type))
        self.names = sorted({name for one in self.candidates for name in facts_of(one.live)} | {*self.harm})
        done.harm.update(self.harm)
        done.others = max(done.others, len(self.others))
        if self.now is not None:
            done.programs[event or ""] = self.now.trial.live.program

    def count(self) -> int:
        """Return how many rows there will be."""
        return count_players(self.ctx) if self.event is None else count_rows(self.ctx, self._span(self.event))

    def chunks(self) -> Generator[Chunk, None, None]:
        """Yield the rows."""
        if self.event is None:
            return read_players(self.ctx, self.names, self.words)
        return read_chunks(self.ctx, self._span(self.event), self.names, self.words)

    def judge(self, chunk: Chunk) -> None:
        """Judge a chunk, and keep what each version did in it."""
        name = self.event or ""
        self.done.rows[name] = self.done.rows.get(name, 0) + chunk.rows
        for fact, rows in chunk.unknown.items():
            self.done.unknown[fact] = self.done.unknown.get(fact, 0) + rows
        harmed = harmed_rows(chunk, self.harm)
        at = chunk.whose[AT].to_numpy()
        for here, fired in fire_all(self.candidates, self.plan, chunk.facts, at):
            block = Block(name, chunk.whose[here], harmed[here])
            self.done.compared.add(
                _tried(self.now, self.done.now, fired, block),
                _tried(self.before, self.done.before, fired, block),
            )

    def _scene(self, trial: Trial | None) -> Scene | None:
        if trial is None or (self.event is not None and self.event not in trial.rule.on):
            return None
        candidate = self._candidate(_read(trial, self.words))
        trial.candidates.append(candidate)
        return Scene(candidate, self.others)

    def _candidate(self, live: LiveRule) -> Candidate:
        return Candidate(self.ctx, live, self.plan, is_scheduled=self.done.asked.is_scheduled)

    def _wanted(self, live: Sequence[LiveRule]) -> list[LiveRule]:
        """Return the live rules that are looked at: those that decide about the rule, and some more."""
        others = [one for one in live if one.key != self.done.asked.key]
        deciding = [one for one in others if self._decides(one)]
        more = [one for one in others if one not in deciding] if self.done.asked.with_overlap else []
        room = max(0, OTHERS_MAX - len(deciding))
        self.done.left_out += max(0, len(more) - room)
        return [*deciding, *more[:room]]

    def _decides(self, live: LiveRule) -> bool:
        """Tell whether a rule may stand before the one on trial, or be taken in its place."""
        assert isinstance(live.rule, Reward)
        versions = [v for v in (self.done.asked.rule, self.done.asked.before) if v is not None]
        groups = {v.exclusive.group for v in versions if v.exclusive is not None}
        return live.rule.stop or (live.rule.exclusive is not None and live.rule.exclusive.group in groups)

    def _span(self, event: str) -> Span:
        return Span(event, self.done.asked.from_, self.done.asked.until)


def _tried(
    scene: Scene | None, trial: Trial | None, fired: Mapping[Candidate, Fired], block: Block
) -> Tried | None:
    if scene is None or trial is None:
        return None
    tried = scene.judge(fired, block.whose.height)
    trial.add(tried, scene, block)
    return tried


def _read(trial: Trial, words: Catalogue) -> LiveRule:
    try:
        return LiveRule(trial.key, trial.number, trial.rule, Program(trial.rule, words).checked())
    except Refused as refusal:
        raise unreadable(trial.key, trial.number, refusal) from None


def _is_harm(name: str, type_: str) -> bool:
    return name.rpartition(".")[2] in HARM and type_ == "boolean"
