"""Say what becomes of each row or item before anything is written: create, change, same, or what is wrong."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, Literal
from uuid import UUID

from sqlalchemy import Row

from pitboss.core.clock import uuid7
from pitboss.core.context import Context
from pitboss.core.errors import InvalidInput, NotFound, nearest
from pitboss.core.texts import marked
from pitboss.plugins.sports.catalogue import aliases, competitions, sports
from pitboss.plugins.sports.catalogue.names import key_of
from pitboss.plugins.sports.fixtures import book
from pitboss.plugins.sports.fixtures.states import BEFORE
from pitboss.plugins.sports.results import outcome as outcomes
from pitboss.plugins.sports.sources import limits
from pitboss.plugins.sports.sources.matching import Key, Known, Matcher
from pitboss.plugins.sports.sources.records import Named, Problem, Sent, Unreadable

CANDIDATES_MAX = 20_000
"""Fixtures of the competitions and days of one batch that are looked through."""
TOLD_STATUSES = ("postponed", "cancelled")
"""Words of a sender that move a fixture; the others follow from live updates and results."""

Action = Literal["create", "change", "same", "error"]


@dataclass(frozen=True, slots=True)
class Planned:
    """What becomes of one row."""

    sent: Sent
    action: Action
    fixture_id: UUID | None = None
    """None while it is to be made."""
    new_id: UUID | None = None
    """What two rows of one file have in common that tell of the same new fixture."""
    changes: Mapping[str, Any] = field(default_factory=dict)
    """New values of the fixture, by name."""
    problem: Problem | None = None


@dataclass(slots=True)
class Names:
    """What the names and ids of a batch mean; None is not known yet."""

    competitions: dict[tuple[str, Named], UUID | None] = field(default_factory=dict)
    teams: dict[tuple[str, Named, str], UUID | None] = field(default_factory=dict)
    unlinked: dict[tuple[aliases.Kind, str], UUID] = field(default_factory=dict)
    """Ids of the sender whose meaning is known by the name alone."""

    def competition(self, sent: Sent) -> UUID | None:
        return self.competitions.get((sent.fixture.sport, sent.fixture.competition))

    def team_ids(self, sent: Sent) -> tuple[UUID | None, ...]:
        return tuple(self.teams.get(name) for name in team_names(sent))


class Planner:
    """Plans the rows of one sender, batch by batch, and remembers what it has seen."""

    def __init__(self, ctx: Context, provider: str, *, creates: bool = True) -> None:
        hours = ctx.settings("sports")["sources"]["same_fixture_hours"]
        self.provider, self.creates = provider, creates
        self._matcher = Matcher((), timedelta(hours=hours))
        self._rows: dict[UUID, Row[Any]] = {}
        self._sports: dict[str, Mapping[str, Any] | None] = {}

    def plan(self, ctx: Context, batch: Sequence[Sent], names: Names) -> list[Planned]:
        """Return what becomes of each row of a batch."""
        self._load(ctx, batch, names)
        return [self._isolated(ctx, sent, names) for sent in batch]

    # -- what is known -------------------------------------------------------------------------

    def _load(self, ctx: Context, batch: Sequence[Sent], names: Names) -> None:
        ids = [sent.fixture.external_id for sent in batch if sent.fixture.external_id]
        told = aliases.external(ctx, "fixture", self.provider, ids)
        fresh = [row for row in self._candidates(ctx, batch, names) if row.id not in self._rows]
        near = {row.id for row in fresh} | self._rows.keys()
        fresh += book.find_many(ctx, [one for one in set(told.values()) if one not in near])
        if not fresh:
            return
        externals = aliases.externals_of(ctx, [row.id for row in fresh])
        participants = book.participants_of(ctx, [row.id for row in fresh])
        by_id = {fixture_id: external_id for external_id, fixture_id in told.items()}
        for row in fresh:
            self._rows[row.id] = row
            external_id = by_id.get(row.id) or externals[row.id].get(self.provider, "")
            self._matcher.add(
                Known(row.id, _known_key(row, participants[row.id]), row.starts_at, external_id)
            )

    def _candidates(self, ctx: Context, batch: Sequence[Sent], names: Names) -> list[Row[Any]]:
        whole = [sent for sent in batch if not sent.fixture.is_bare and limits.is_in_time(sent)]
        leagues = sorted({one for sent in whole if (one := names.competition(sent)) is not None})
        if not leagues:
            return []
        starts = [sent.fixture.starts_at for sent in whole]
        margin = self._matcher.tolerance + timedelta(seconds=1)
        return book.list_fixtures(
            ctx,
            competition_ids=leagues,
            starts_from=min(starts) - margin,
            starts_before=max(starts) + margin,
            limit=CANDIDATES_MAX,
        )

    # -- one row -------------------------------------------------------------------------------

    def _isolated(self, ctx: Context, sent: Sent, names: Names) -> Planned:
        try:
            return self._one(ctx, sent, names)
        except Unreadable as error:
            return Planned(sent, "error", problem=error.at(sent.place))

    def _one(self, ctx: Context, sent: Sent, names: Names) -> Planned:
        limits.check(sent)
        fixture = sent.fixture
        sport = self._sport(ctx, fixture.sport)
        key = _sent_key(sent, names)
        found = self._matcher.match(key, fixture.starts_at, fixture.external_id)
        if found is None and fixture.is_bare:
            said = marked("No fixture is known by this id: send the fixture first, with its sides and start.")
            raise Unreadable("id", fixture.external_id, said)
        if found is None:
            self._check_new(ctx, sent, key)
            _check_roles(sent, sport)
        row = self._rows.get(found.id) if found is not None else None
        _check_outcome(sent, self._sport(ctx, row.sport) if row is not None else sport)
        if found is None:
            fixture_id = uuid7()
            self._matcher.add(Known(fixture_id, key, fixture.starts_at, fixture.external_id))
            self._matcher.match(key, fixture.starts_at, fixture.external_id)
            return Planned(sent, "create", new_id=fixture_id)
        if row is None:
            # Another row of this file, before this one, makes it.
            return Planned(sent, "same", new_id=found.id)
        changes = _changes(sent, row)
        says_more = bool(sent.outcome or sent.prices)
        action: Action = "change" if changes or says_more else "same"
        return Planned(sent, action, row.id, changes=changes)

    def _check_new(self, ctx: Context, sent: Sent, key: Key) -> None:
        if not self.creates:
            said = marked("There is no such fixture: import the fixtures first, or correct names and date.")
            raise Unreadable("home", sent.fixture.label, said)
        if len(key) == 3:
            self._matcher.check_sides(key, (key[0], key[2], key[1]), sent.fixture.starts_at)
            _check_competition(ctx, sent, key)

    def _sport(self, ctx: Context, code: str) -> Mapping[str, Any] | None:
        if code not in self._sports:
            try:
                self._sports[code] = sports.find(ctx, code)
            except NotFound as error:
                raise Unreadable("sport", code, str(error)) from error
        return self._sports[code]


# -- names -----------------------------------------------------------------------------------------


def look_up(ctx: Context, batch: Iterable[Sent], provider: str) -> Names:
    """Return what the names of a batch mean, in few queries."""
    names = Names()
    for sent in batch:
        if not sent.fixture.is_bare:
            names.competitions.setdefault((sent.fixture.sport, sent.fixture.competition))
            for name in team_names(sent):
                names.teams.setdefault(name)
    for sport, country in {(sport, named.country) for sport, named in names.competitions}:
        leagues = [n for s, n in names.competitions if (s, n.country) == (sport, country)]
        found = _meanings(ctx, names, "competition", sport, country, leagues, provider)
        names.competitions.update({(sport, named): one for named, one in found.items()})
    for sport, country in {(sport, country) for sport, _, country in names.teams}:
        teams = [n for s, n, c in names.teams if (s, c) == (sport, country)]
        found = _meanings(ctx, names, "team", sport, country, teams, provider)
        names.teams.update({(sport, named, country): one for named, one in found.items()})
    return names


def team_names(sent: Sent) -> list[tuple[str, Named, str]]:
    """Return who takes part, with sport and country, as they are looked up."""
    country = sent.fixture.competition.country
    return [(sent.fixture.sport, one, one.country or country) for one in sent.fixture.participants]


def _meanings(
    ctx: Context,
    names: Names,
    kind: aliases.Kind,
    sport: str,
    country: str,
    named: Sequence[Named],
    provider: str,
) -> dict[Named, UUID | None]:
    ids = [one.external_id for one in named if one.external_id]
    by_id = aliases.external(ctx, kind, provider, ids)
    by_name = aliases.look_up(ctx, kind, sport, [one.name for one in named], country=country)
    for one in named:
        if one.external_id and one.external_id not in by_id and one.name in by_name:
            names.unlinked[kind, one.external_id] = by_name[one.name]
    return {one: by_id.get(one.external_id) or by_name.get(one.name) for one in named}


# -- what is compared ------------------------------------------------------------------------------


def _sent_key(sent: Sent, names: Names) -> Key:
    fixture = sent.fixture
    if fixture.is_bare:
        return ("",)
    competition = names.competition(sent) or key_of(fixture.competition.name)
    if fixture.roles != ("home", "away"):
        return (competition, key_of(fixture.name))
    pairs = zip(names.team_ids(sent), fixture.participants, strict=True)
    return (competition, *(team_id or key_of(named.name) for team_id, named in pairs))


def _known_key(row: Row[Any], participants: Sequence[Row[Any]]) -> Key:
    if [one.role for one in participants] != ["home", "away"]:
        return (row.competition_id, key_of(row.name))
    return (row.competition_id, *(one.team_id or key_of(one.name) for one in participants))


def _changes(sent: Sent, row: Row[Any]) -> dict[str, Any]:
    """Return what a sender says otherwise than we know it."""
    fixture = sent.fixture
    if fixture.is_bare:
        wanted: dict[str, Any] = {}
    else:
        wanted = {n: v for n in ("venue", "round", "season") if (v := getattr(fixture, n))}
        if _is_moved(fixture.starts_at, row, is_time_known=fixture.is_time_known):
            wanted["starts_at"] = fixture.starts_at
    changes = {name: value for name, value in wanted.items() if getattr(row, name) != value}
    if fixture.status in TOLD_STATUSES and row.status in BEFORE and row.status != fixture.status:
        changes["status"] = fixture.status
    return changes


def _is_moved(starts_at: datetime, row: Row[Any], *, is_time_known: bool) -> bool:
    if row.status not in BEFORE:
        return False
    return is_time_known or abs(starts_at - row.starts_at) > timedelta(hours=24)


def _check_competition(ctx: Context, sent: Sent, key: Key) -> None:
    """Refuse a match in a competition that nobody knows when it is known in another one."""
    competition, home, away = key
    if isinstance(competition, UUID) or not (isinstance(home, UUID) and isinstance(away, UUID)):
        return
    start, within = sent.fixture.starts_at, book.SAME_WITHIN
    near = book.list_fixtures(ctx, team_id=home, starts_from=start - within, starts_before=start + within)
    sides = book.participants_of(ctx, [row.id for row in near])
    for row in near:
        if [one.team_id for one in sides[row.id]] == [home, away]:
            league = competitions.find(ctx, row.competition_id).name
            said = marked(
                f'This is {row.name} of {league}: say {{"{sent.fixture.competition.name}": "{league}"}}'
            )
            raise Unreadable("competition", sent.fixture.competition.name, f"{said} in `names`.")


def _check_roles(sent: Sent, sport: Mapping[str, Any] | None) -> None:
    is_match = sent.fixture.roles == ("home", "away")
    if sport is not None and (sport["kind"] == "head_to_head") != is_match:
        cure = (
            marked("give home and away")
            if sport["kind"] == "head_to_head"
            else marked("give name and runners, as JSON")
        )
        raise Unreadable("sport", sent.fixture.sport, f"{sport['name']} is not played so: {cure}.")


def _check_outcome(sent: Sent, sport: Mapping[str, Any] | None) -> None:
    """Refuse a result that could not be recorded, before anything is written."""
    if sent.score is not None and sent.outcome is None:
        said = marked(
            f"The score of the periods is missing, and {sent.fixture.sport} has no result without it: "
            "send it as JSON with its periods, or import it as history."
        )
        raise Unreadable("result", sent.fixture.label, said)
    if sent.outcome is None or sport is None or sport["kind"] != "head_to_head":
        return
    try:
        outcomes.read(sent.outcome, sport, [])
    except InvalidInput as error:
        raise Unreadable("result", sent.fixture.label, str(error)) from error


def suggestion(name: str, known: Sequence[str]) -> str:
    """Say which known name an unknown one may be; empty where none is near."""
    said = nearest(name, known)
    return said if said.startswith(marked("did you mean")) else ""
