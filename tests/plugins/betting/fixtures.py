"""A stand-in for the plugin of sports: its words, spoken from what a test says of its fixtures."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from types import SimpleNamespace
from typing import Any
from uuid import UUID

from marshmallow import INCLUDE, Schema, post_dump

from pitboss.core.clock import uuid7
from pitboss.core.contracts import ANY, Event, Function, Guard, Manifest, Term
from pitboss.core.hooks import hookimpl
from pitboss.core.registry import Candidate

EVENTS = (
    "fixture_scheduled",
    "fixture_changed",
    "participant_withdrawn",
    "result_recorded",
    "live_updated",
    "feed_stalled",
    "feed_resumed",
    "prices_moved",
)
FIELDS = {"horse-racing", "greyhounds", "motor-racing", "golf"}


class World:
    """The fixtures of a test: `world.match("Leeds", "Hull", at=...)`, `world.race("A", "B", "C", at=...)`."""

    def __init__(self) -> None:
        self.fixtures: dict[str, dict[str, Any]] = {}
        self.results: dict[str, list[dict[str, Any]]] = {}
        self.quotes: dict[str, list[dict[str, Any]]] = {}
        self.live: dict[str, dict[str, Any]] = {}
        self.refusals: dict[str, str] = {}
        """What the guards of an operation answer: `world.refusals["betting.place_bet"] = "no"`."""
        self.asked: list[tuple[str, Any]] = []
        """What guards were asked."""

    def clear(self) -> None:
        """Forget what another test said."""
        self.refusals.clear()
        self.asked.clear()
        for said in (self.fixtures, self.results, self.quotes, self.live):
            said.clear()  # type: ignore[attr-defined]  # each is a dictionary

    def match(self, home: str, away: str, *, at: datetime, sport: str = "football", **more: Any) -> UUID:
        """Schedule a match; returns its id."""
        sides = [_participant(home, role="home"), _participant(away, role="away")]
        return self.add(sport, f"{home} v {away}", sides, at, **more)

    def race(self, *runners: str, at: datetime, sport: str = "horse-racing", **more: Any) -> UUID:
        """Schedule a race; returns its id."""
        field = [_participant(name, role="runner", number=n) for n, name in enumerate(runners, 1)]
        return self.add(sport, more.pop("name", "14:30 Ascot"), field, at, **more)

    def add(self, sport: str, name: str, field: list[Any], at: datetime, **more: Any) -> UUID:
        """Add a fixture as it is."""
        made = uuid7()
        self.fixtures[str(made)] = {
            "id": str(made),
            "sport": sport,
            "competition": "Premier League",
            "competition_id": str(uuid7()),
            "country": "GB",
            "name": name,
            "starts_at": at.isoformat(),
            "status": "scheduled",
            "is_live": False,
            "participants": field,
            "result_version": 0,
            "result_state": None,
            **more,
        }
        return made

    def participant(self, fixture_id: UUID, name: str) -> dict[str, Any]:
        """Return a side or runner by its name."""
        field: list[dict[str, Any]] = self.fixtures[str(fixture_id)]["participants"]
        return next(one for one in field if one["name"] == name)

    def change(self, ctx: Any, fixture_id: UUID, **changes: Any) -> None:
        """Change a fixture, and say so: `world.change(ctx, id, status="live", is_live=True)`."""
        fixture = self.fixtures[str(fixture_id)]
        before = {f"previous_{name}": fixture[name] for name in changes}
        fixture.update(changes)
        said = {"fixture_id": str(fixture_id), "changed": list(changes), **before}
        said |= {"starts_at": fixture["starts_at"], "status": fixture["status"]}
        ctx.emit("sports.fixture_changed", said)

    def withdraw(self, ctx: Any, fixture_id: UUID, name: str) -> None:
        """Take a runner out, and say so."""
        at = ctx.clock.now().isoformat()
        runner = self.participant(fixture_id, name)
        runner.update(status="withdrawn", withdrawn_at=at)
        said = {"fixture_id": str(fixture_id), "participant_id": runner["id"], "at": at}
        ctx.emit("sports.participant_withdrawn", said)

    def result(
        self, ctx: Any, fixture_id: UUID, outcome: Mapping[str, Any], *, state: str = "official"
    ) -> int:
        """Record a result, or correct it, and say so; returns its version."""
        fixture, known = self.fixtures[str(fixture_id)], self.results.setdefault(str(fixture_id), [])
        version = len(known) + 1
        known.append(
            {
                "fixture_id": str(fixture_id),
                "version": version,
                "state": state,
                "outcome": dict(outcome),
                "source": "test feed",
                "recorded_by": "system:feed",
                "confirmed_by": "operator:referee",
                "at": ctx.clock.now().isoformat(),
            }
        )
        fixture.update(result_version=version, result_state=state, status="official")
        said = {"fixture_id": str(fixture_id), "version": version, "state": state}
        ctx.emit("sports.result_recorded", said)
        return version

    def quote(
        self, ctx: Any, fixture_id: UUID, market: str, line: str = "", **bookmakers: Mapping[str, str]
    ) -> None:
        """Let bookmakers price a market: `world.quote(ctx, id, "1x2", acme={"home": "2.10", ...})`."""
        prices = [
            {"bookmaker": name, "selection": code, "price": price, "at": ctx.clock.now().isoformat()}
            for name, odds in bookmakers.items()
            for code, price in odds.items()
        ]
        known = [one for one in self.quotes.get(str(fixture_id), []) if one["market"] != market]
        self.quotes[str(fixture_id)] = [*known, {"market": market, "line": line, "prices": prices}]
        said = {"fixture_id": str(fixture_id), "market": market, "line": line, "moves": []}
        ctx.emit("sports.prices_moved", said)

    def stall(self, ctx: Any, fixture_id: UUID, *, resumed: bool = False) -> None:
        """Let the feed of a fixture go silent, or speak again."""
        name = "feed_resumed" if resumed else "feed_stalled"
        ctx.emit(f"sports.{name}", {"fixture_id": str(fixture_id), "silent_seconds": 30})


WORLD = World()


def score(home: int, away: int, *, half: tuple[int, int] = (0, 0), **more: Any) -> dict[str, Any]:
    """Return the structured result of a football match, by its full time."""
    first = {"code": "1h", "home": half[0], "away": half[1]}
    second = {"code": "2h", "home": home - half[0], "away": away - half[1]}
    return {"periods": [first, second], "statistics": {}, "scorers": [], **more}


def _participant(name: str, *, role: str, number: int | None = None) -> dict[str, Any]:
    return {
        "id": str(uuid7()),
        "team_id": str(uuid7()),
        "name": name,
        "role": role,
        "number": number,
        "status": "active",
        "withdrawn_at": None,
    }


# -- its words -------------------------------------------------------------------------------------


class _Anything(Schema):
    class Meta:
        unknown = INCLUDE

    @post_dump(pass_original=True)
    def _all(self, _data: Any, original: Any, **_options: Any) -> Any:
        return dict(original)


def _fixture(_ctx: Any, fixture_id: Any) -> dict[str, Any] | None:
    return WORLD.fixtures.get(str(fixture_id))


def _fixtures(_ctx: Any, ids: Any) -> list[dict[str, Any]]:
    return [WORLD.fixtures[str(one)] for one in ids if str(one) in WORLD.fixtures]


def _result(_ctx: Any, fixture_id: Any, version: int = 0) -> dict[str, Any] | None:
    known = WORLD.results.get(str(fixture_id), [])
    return known[version - 1] if 0 <= version - 1 < len(known) or (version == 0 and known) else None


def _sport(_ctx: Any, code: str) -> dict[str, Any]:
    kind = "field" if code in FIELDS else "head_to_head"
    periods = [{"code": "1h", "is_regular": True}, {"code": "2h", "is_regular": True}]
    return {"code": code, "name": code.title(), "kind": kind, "periods": periods, "settlement": {}}


def _prices(_ctx: Any, fixture_id: Any) -> dict[str, Any]:
    return {"fixture_id": str(fixture_id), "markets": WORLD.quotes.get(str(fixture_id), [])}


def _live(_ctx: Any, fixture_id: Any) -> dict[str, Any] | None:
    return WORLD.live.get(str(fixture_id))


def _guard(ctx: Any, payload: Any) -> str | None:
    WORLD.asked.append((ctx.operation, payload))
    return WORLD.refusals.get(ctx.operation)


def _function(noun: str, call: Any, **arguments: Any) -> Function:
    title = noun.title()
    return Function(
        name=f"sports.{noun}", title=title, doc=title, arguments=arguments, returns="any", call=call
    )


def _terms() -> list[Term]:
    example = {"fixture_id": "0195f2d0-0000-7000-8000-000000000001"}
    events = [
        Event(name=f"sports.{noun}", title=noun, doc=noun, schema=_Anything, example=example)
        for noun in EVENTS
    ]
    return [
        *events,
        _function("fixture", _fixture, fixture_id="text"),
        _function("fixtures", _fixtures, ids="list"),
        _function("result", _result, fixture_id="text", version="number"),
        _function("sport", _sport, code="text"),
        _function("prices", _prices, fixture_id="text"),
        _function("live", _live, fixture_id="text"),
    ]


def stand_in() -> Candidate:
    """Return the plugin to load in place of the real one."""

    @hookimpl
    def plugin_manifest() -> Manifest:
        return Manifest(name="sports", version="1", title="Sports, for tests")

    @hookimpl
    def register_terms() -> list[Term]:
        return _terms()

    @hookimpl
    def register_listeners() -> list[Guard]:
        return [Guard(ANY, _guard)]

    part = SimpleNamespace(
        plugin_manifest=plugin_manifest,
        register_terms=register_terms,
        register_listeners=register_listeners,
    )
    return Candidate("sports", lambda: part)


SOON = timedelta(hours=2)
"""From the clock's now to the start of a fixture, where it does not matter."""
