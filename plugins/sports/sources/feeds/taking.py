"""Take the items of a page: each once, in the order in which they were changed, none that is older."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Row, select
from sqlalchemy.dialects.postgresql import insert as postgres_insert
from sqlalchemy.dialects.sqlite import insert as sqlite_insert

from pitboss.core.context import Context
from pitboss.core.errors import Conflict, PitbossError
from pitboss.core.texts import marked
from pitboss.plugins.sports.catalogue import aliases
from pitboss.plugins.sports.live import book as live
from pitboss.plugins.sports.live.feed import Update
from pitboss.plugins.sports.live.tables import LiveRow
from pitboss.plugins.sports.sources import items as reading
from pitboss.plugins.sports.sources.imports import values
from pitboss.plugins.sports.sources.landing import Landed, Sender, land
from pitboss.plugins.sports.sources.planning import Planner
from pitboss.plugins.sports.sources.records import Problem, Sent, Unreadable, renamed
from pitboss.plugins.sports.sources.tables import SourceItemRow

KNOWN_A_QUERY = 500
LONG_AGO = datetime.min.replace(tzinfo=UTC)
PERIOD_CHARACTERS_MAX = 20

_ITEM, _LIVE = SourceItemRow.__table__, LiveRow.__table__


@dataclass(slots=True)
class Taken:
    """What came of a page."""

    items: int = 0
    duplicates: int = 0
    outdated: int = 0
    landed: Landed = field(default_factory=Landed)


@dataclass(frozen=True, slots=True)
class _Fresh:
    """An item that says something new."""

    place: int
    item: Any
    external_id: str
    digest: str
    updated_at: datetime | None


def take(ctx: Context, source: Row[Any], items: Sequence[Any]) -> Taken:
    """Take a page of a source, in the caller's transaction."""
    if source.kind == "live":
        return _take_live(ctx, source, items)
    taken = Taken(items=len(items))
    fresh = _fresh(ctx, source, items, taken)
    if source.kind != "prices":
        fresh = _newest(fresh, taken)
    sent = _read(ctx, source, fresh, taken.landed.problems)
    planner = Planner(ctx, source.provider, creates=source.kind != "prices")
    land(ctx, planner, sent, Sender(source.key, source.provider), taken.landed)
    wrong = {problem.place for problem in taken.landed.problems}
    _remember(ctx, source, [one for one in fresh if one.external_id and one.place not in wrong])
    return taken


def _fresh(ctx: Context, source: Row[Any], items: Sequence[Any], taken: Taken) -> list[_Fresh]:
    """Return what is new, the oldest change first."""
    told = [_told(place, item, taken) for place, item in enumerate(items, 1)]
    known = _known(ctx, source, [one.external_id for one in told if one is not None and one.external_id])
    fresh = []
    for one in sorted(filter(None, told), key=lambda o: (o.updated_at or LONG_AGO, o.place)):
        digest, updated_at = known.get(one.external_id, ("", None))
        if one.external_id and one.digest == digest:
            taken.duplicates += 1
        elif one.updated_at and updated_at and one.updated_at < updated_at:
            taken.outdated += 1
        else:
            fresh.append(one)
            known[one.external_id] = (one.digest, one.updated_at or updated_at)
    return fresh


def _newest(fresh: Sequence[_Fresh], taken: Taken) -> list[_Fresh]:
    """Return the last that is said of each thing; of prices every one is kept, as their history."""
    last = {one.external_id or str(one.place): one for one in fresh}
    taken.outdated += len(fresh) - len(last)
    return list(last.values())


def _told(place: int, item: Any, taken: Taken) -> _Fresh | None:
    try:
        external_id, updated_at = reading.id_of(item), reading.updated_at(item)
    except Unreadable as error:
        taken.landed.problems.append(error.at(place))
        return None
    text = json.dumps(item, sort_keys=True, separators=(",", ":"))
    return _Fresh(place, item, external_id, hashlib.sha256(text.encode()).hexdigest(), updated_at)


def _read(ctx: Context, source: Row[Any], fresh: Sequence[_Fresh], problems: list[Problem]) -> list[Sent]:
    defaults = {name: str(source.options.get(name, "")) for name in ("sport", "competition")}
    sent = []
    for one in fresh:
        try:
            found = reading.read_item(one.item, one.place, defaults=defaults, now=ctx.clock.now())
        except Unreadable as error:
            problems.append(error.at(one.place))
        else:
            sent.append(renamed(_only(found, source.kind), source.options.get("names", {})))
    return sent


def _only(sent: Sent, kind: str) -> Sent:
    """Return what a source of a kind is believed in: one of prices records no results."""
    if kind == "results":
        return replace(sent, prices=())
    prices = sent.prices if kind == "prices" else ()
    return replace(sent, outcome=None, score=None, prices=prices)


def _known(ctx: Context, source: Row[Any], ids: Sequence[str]) -> dict[str, tuple[str, datetime | None]]:
    found: dict[str, tuple[str, datetime | None]] = {}
    for begin in range(0, len(ids), KNOWN_A_QUERY):
        query = select(_ITEM.c.external_id, _ITEM.c.digest, _ITEM.c.updated_at).where(
            _ITEM.c.tenant_id == ctx.tenant.id,
            _ITEM.c.source == source.key,
            _ITEM.c.external_id.in_(ids[begin : begin + KNOWN_A_QUERY]),
        )
        rows = ctx.connection.execute(query)
        found |= {row.external_id: (row.digest, row.updated_at) for row in rows}
    return found


def _remember(ctx: Context, source: Row[Any], fresh: Sequence[_Fresh]) -> None:
    newest = {one.external_id: one for one in fresh}
    if not newest:
        return
    rows = [
        {
            "tenant_id": ctx.tenant.id,
            "source": source.key,
            "external_id": external_id,
            "digest": one.digest,
            "updated_at": one.updated_at,
        }
        for external_id, one in newest.items()
    ]
    new = (sqlite_insert if ctx.connection.dialect.name == "sqlite" else postgres_insert)(_ITEM)
    changed = {name: new.excluded[name] for name in ("digest", "updated_at")}
    keys = ["tenant_id", "source", "external_id"]
    ctx.connection.execute(new.on_conflict_do_update(index_elements=keys, set_=changed), rows)


# -- live ------------------------------------------------------------------------------------------


def _take_live(ctx: Context, source: Row[Any], items: Sequence[Any]) -> Taken:
    """Hand updates on to the book of live fixtures, which puts them in order itself."""
    taken = Taken(items=len(items))
    updates: dict[str, list[tuple[int, Update]]] = {}
    for place, item in enumerate(items, 1):
        try:
            external_id, update = read_update(item)
        except Unreadable as error:
            taken.landed.problems.append(error.at(place))
        else:
            updates.setdefault(external_id, []).append((place, update))
    known = aliases.external(ctx, "fixture", source.provider, updates)
    _say_alive(ctx, source, set(known.values()))
    for external_id, told in updates.items():
        _take_updates(ctx, source, external_id, known.get(external_id), told, taken)
    return taken


def _say_alive(ctx: Context, source: Row[Any], spoken_of: set[UUID]) -> None:
    """Note that a source answered that has nothing new of the fixtures that it feeds."""
    query = select(_LIVE.c.fixture_id).where(
        _LIVE.c.tenant_id == ctx.tenant.id, _LIVE.c.source == source.key, _LIVE.c.is_over.is_(False)
    )
    for fixture_id in ctx.connection.scalars(query.order_by(_LIVE.c.fixture_id)).all():
        if fixture_id not in spoken_of:
            with suppress(Conflict):  # it is over by now
                live.take(ctx, fixture_id, source.key, [])


def _take_updates(
    ctx: Context,
    source: Row[Any],
    external_id: str,
    fixture_id: UUID | None,
    told: Sequence[tuple[int, Update]],
    taken: Taken,
) -> None:
    place = told[0][0]
    if fixture_id is None:
        said = marked("No fixture is known by this id: let a source of fixtures tell of it first.")
        taken.landed.problems.append(Problem(place, "id", external_id, said))
        return
    updates = [update for _, update in told]
    try:
        for begin in range(0, len(updates), live.BATCH_UPDATES_MAX):
            with ctx.connection.begin_nested():
                done = live.take(ctx, fixture_id, source.key, updates[begin : begin + live.BATCH_UPDATES_MAX])
            taken.duplicates += len(done["duplicates"])
            taken.landed.changed += len(done["applied"])
    except Conflict:
        # The fixture is over, or another source feeds it: what this one says is no news, and no fault.
        taken.outdated += len(updates)
    except PitbossError as error:
        taken.landed.problems.append(Problem(place, "", external_id, str(error)))


def read_update(item: Any) -> tuple[str, Update]:
    """Read one live update: whose it is, and what it says."""
    if not isinstance(item, dict):
        raise Unreadable("", item, "An update is an object.")
    external_id = reading.id_of(item)
    if not external_id:
        raise Unreadable("id", "", "Say which fixture is meant.")
    minute = item.get("minute")
    return external_id, Update(
        sequence=values.read_whole("sequence", str(item.get("sequence", "")), most=values.INTEGER_MAX),
        happened_at=values.read_instant("at", str(item.get("at", ""))),
        score=_pairs("score", item.get("score")),
        minute=None if minute is None else values.read_whole("minute", str(minute)),
        period=_word("period", item.get("period"), PERIOD_CHARACTERS_MAX),
        statistics=_statistics(item.get("statistics")),
        status=_status(item.get("status")),
        is_snapshot=item.get("is_snapshot") is True,
    )


def _pairs(name: str, pair: Any) -> Mapping[str, int]:
    if pair is None:
        return {}
    if not isinstance(pair, dict) or set(pair) - {"home", "away"}:
        raise Unreadable(name, pair, 'Write it as {"home": 1, "away": 0}.')
    return {side: values.read_whole(f"{name}.{side}", str(count)) for side, count in pair.items()}


def _statistics(found: Any) -> Mapping[str, Mapping[str, int]]:
    if found is None:
        return {}
    if not isinstance(found, dict):
        raise Unreadable("statistics", found, "Statistics are an object, by what was counted.")
    return {str(name): _pairs(f"statistics.{name}", pair) for name, pair in found.items()}


def _status(word: Any) -> str:
    status = _word("status", word, PERIOD_CHARACTERS_MAX)
    if status not in ("", "live", "suspended", "finished"):
        raise Unreadable("status", status, "A live update says live, suspended or finished.")
    return status


def _word(name: str, word: Any, characters_max: int) -> str:
    if word is None:
        return ""
    if not isinstance(word, str) or len(word) > characters_max:
        raise Unreadable(name, word, f"Text of at most {characters_max} characters.")
    return word
