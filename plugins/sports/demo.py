"""Demo data: leagues, teams, and fixtures around the present, played as far as they have come."""

from __future__ import annotations

import random
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Any
from uuid import UUID

from pitboss.core.context import Context
from pitboss.core.contracts import Task
from pitboss.plugins.sports import showcase, staging
from pitboss.plugins.sports.catalogue import aliases, competitions
from pitboss.plugins.sports.fixtures import book
from pitboss.plugins.sports.fixtures.new import NewFixture, NewParticipant
from pitboss.plugins.sports.live import book as lives
from pitboss.plugins.sports.live.feed import Update
from pitboss.plugins.sports.staging import SOURCE, period

DAYS = range(-1, 3)
"""Yesterday, today and two days more; a demo that is loaded again on another day goes on."""
OVER = timedelta(hours=2)
RESULT_DELAY_SECONDS = 60
"""How long a result waits: other plugins' demos follow, and some want to do something before it is known."""
GOES_ON = ("scheduled", "live")
"""What an operator has not postponed, halted or ended by hand."""
GO_ON = "sports.go_on_with_demo"
GO_ON_SECONDS = 300
"""How often the demo looks which matches began and ended, and schedules those of a new day."""


@dataclass(frozen=True, slots=True)
class League:
    """A league of the demo, and who plays in it."""

    sport: str
    name: str
    country: str
    rank: int
    names: tuple[str, ...]
    hours: tuple[int, ...]
    """When its matches begin, on the clock of the tenant."""


LEAGUES = (
    League(
        "football",
        "Premier League",
        "GB",
        1,
        ("Arsenal", "Chelsea", "Liverpool", "Everton", "Leeds United", "Aston Villa", "Fulham", "Brentford"),
        (13, 15, 17, 20),
    ),
    League("football", "La Liga", "ES", 2, ("Girona", "Sevilla", "Real Betis", "Valencia"), (16, 21)),
    League("football", "Serie A", "IT", 3, ("Bologna", "Torino", "Lazio", "Udinese"), (18,)),
    League("basketball", "EuroLeague", "", 20, ("Panathinaikos", "Baskonia", "Žalgiris", "Partizan"), (19,)),
    League("tennis", "Indoor Masters", "", 30, ("A. Berg", "L. Costa", "M. Novak", "T. Sato"), (11,)),
)
PLAYED = ((1, (0, 0)), (23, (1, 0)), (58, (1, 1)))
"""How a match stands from a minute on."""
ENDED = (((1, 0), (1, 1)), ((0, 1), (1, 0)), ((0, 0), (0, 2)), ((2, 0), (1, 0)))
"""How football matches of a league end, the first of the day first: half by half, so 2-1, 1-1, 0-2, 3-0."""
RUNNERS = ("Quiet Harbour", "Silver Larch", "Bold Verdict", "Tin Whistle", "Kestrel Way", "Old Penny")
PLACED = ((3, 1), (1, 2), (4, 2))
"""Numbers of the runners that came in, and where: there is a dead heat for the second place."""


def load_demo(ctx: Context) -> None:
    """Fill the catalogue, schedule matches around today, play what has begun, and go on with that."""
    _fill(ctx)
    showcase.begin(ctx, competitions.ensure(ctx, "football", "Showcase Cup", country="GB"))
    _ask_to_go_on(ctx)
    ctx.flush()


def go_on(ctx: Context, _payload: Mapping[str, Any]) -> None:
    """Begin and end the matches whose time has come, and schedule those of a new day."""
    _fill(ctx)
    _ask_to_go_on(ctx)


def _ask_to_go_on(ctx: Context) -> None:
    turn = int(ctx.clock.now().timestamp()) // GO_ON_SECONDS + 1
    wait = turn * GO_ON_SECONDS - ctx.clock.now().timestamp()
    ctx.enqueue(GO_ON, key=f"demo:{turn}", delay_seconds=wait)


def _fill(ctx: Context) -> None:
    zone, now = ctx.tenant.zone, ctx.clock.now()
    today = now.astimezone(zone).date()
    ids = {league: _league(ctx, league) for league in LEAGUES}
    meeting = competitions.ensure(ctx, "horse-racing", "Harbour Park", country="GB")
    for day in (today + timedelta(days=offset) for offset in DAYS):
        for league in LEAGUES:
            _matches(ctx, league, ids[league], day)
        _race(ctx, meeting, day)


def _league(ctx: Context, league: League) -> UUID:
    known = aliases.look_up(ctx, "competition", league.sport, [league.name], country=league.country)
    if league.name in known:
        return known[league.name]
    values = {"name": league.name, "country": league.country, "rank": league.rank}
    made: UUID = competitions.create(ctx, league.sport, values).id
    return made


def _matches(ctx: Context, league: League, competition_id: UUID, day: date) -> None:
    chance = random.Random(f"{league.name} {day}")  # noqa: S311 - the same demo each time, nothing secret
    names = chance.sample(league.names, len(league.names))
    for number, hour in enumerate(league.hours):
        pair = names[2 * number : 2 * number + 2]
        starts_at = datetime.combine(day, time(hour), ctx.tenant.zone)
        external_id = f"{league.name}-{day}-{hour}"
        fixture_id = _match(ctx, league, competition_id, pair, starts_at, external_id, chance)
        if fixture_id is not None and ctx.clock.now() - starts_at > OVER:
            _end(ctx, fixture_id, _outcome(league.sport, number, chance))


def _match(
    ctx: Context,
    league: League,
    competition_id: UUID,
    names: list[str],
    starts_at: datetime,
    external_id: str,
    chance: random.Random,
) -> UUID | None:
    """Schedule a match, and let it be on; return it unless it is one that somebody else told of."""
    known = staging.known(ctx, external_id)
    if known is None:
        known = staging.match(
            ctx,
            competition_id,
            names,
            starts_at,
            external_id=external_id,
            sport=league.sport,
            country=league.country,
        )
        if known is None:
            return None
        staging.price(ctx, known, _chances(league.sport, chance), chance)
    elapsed = ctx.clock.now() - starts_at
    if timedelta(0) <= elapsed <= OVER:
        _begin(ctx, known, elapsed // timedelta(minutes=1))
    return known


def _race(ctx: Context, meeting: UUID, day: date) -> None:
    external_id = f"harbour-park-{day}"
    starts_at = datetime.combine(day, time(14, 30), ctx.tenant.zone)
    known = staging.known(ctx, external_id)
    if known is None:
        runners = [
            NewParticipant(name=name, role="runner", number=number) for number, name in enumerate(RUNNERS, 1)
        ]
        new = NewFixture(
            sport="horse-racing",
            competition_id=meeting,
            starts_at=starts_at,
            name="14:30 Harbour Park",
            participants=runners,
            source=SOURCE,
            external_id=external_id,
        )
        known = book.schedule(ctx, new).id
    if ctx.clock.now() - starts_at > OVER:
        ids = {runner.number: str(runner.id) for runner in book.participants_of(ctx, [known])[known]}
        places = [{"participant": ids.pop(number), "position": place} for number, place in PLACED]
        _end(ctx, known, {"positions": places, "unplaced": list(ids.values())})


def _begin(ctx: Context, fixture_id: UUID, minutes: int) -> None:
    """Let a match be on, as far as it has come; what was told already is a sign of life."""
    standing = lives.look_up(ctx, fixture_id)
    is_anothers = standing is not None and standing.source != SOURCE
    if is_anothers or book.find(ctx, fixture_id).status not in GOES_ON:
        return
    told = enumerate([one for one in PLAYED if one[0] <= minutes] or PLAYED[:1], 1)
    updates = [
        Update(
            sequence=sequence,
            happened_at=ctx.clock.now(),
            minute=minute,
            score=dict(zip(("home", "away"), score, strict=True)),
        )
        for sequence, (minute, score) in told
    ]
    lives.take(ctx, fixture_id, SOURCE, updates)


def _chances(sport: str, chance: random.Random) -> staging.Chances:
    """Return how likely each answer about a match is."""
    strength = chance.uniform(0.25, 0.65)
    if sport != "football":
        return (("h2h", "", {"home": strength, "away": 1 - strength}),)
    result = {"home": strength, "draw": 0.26, "away": 0.74 - strength}
    over = chance.uniform(0.4, 0.65)
    return (("match_result", "", result), ("over_under", "2.5", {"over": over, "under": 1 - over}))


def _outcome(sport: str, number: int, chance: random.Random) -> dict[str, Any]:
    if sport == "football":
        return {
            "periods": [period(code, *goals) for code, goals in zip(("1h", "2h"), ENDED[number], strict=True)]
        }
    if sport == "tennis":
        # Given up in the first set: bets on who wins are void.
        return {"periods": [period("s1", 3, 1)], "retired": "away"}
    codes = ("q1", "q2", "q3", "q4")
    periods = [period(code, chance.randint(14, 28), chance.randint(14, 28)) for code in codes]
    if sum(p["home"] - p["away"] for p in periods) == 0:
        periods[-1]["home"] += 1
    return {"periods": periods}


def _end(ctx: Context, fixture_id: UUID, outcome: dict[str, Any]) -> None:
    staging.decide(ctx, fixture_id, outcome, delay_seconds=RESULT_DELAY_SECONDS)


TASKS: tuple[Task, ...] = (
    *staging.TASKS,
    *showcase.TASKS,
    Task(name=GO_ON, title="Go on with the matches of the demo", run=go_on),
)
