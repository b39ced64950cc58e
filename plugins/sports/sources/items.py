"""Read items of JSON, from a file or a feed, into what was sent."""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from pitboss.core.errors import InvalidInput
from pitboss.plugins.sports.catalogue.names import key_of
from pitboss.plugins.sports.sources import limits
from pitboss.plugins.sports.sources.imports import values
from pitboss.plugins.sports.sources.imports.football import football_outcome
from pitboss.plugins.sports.sources.records import (
    Named,
    Problem,
    Role,
    Sent,
    SentFixture,
    SentPrice,
    Unreadable,
)

ITEMS_MAX = 200_000
PRICES_OF_ITEM_MAX = 2_000
RUNNERS_MAX = 200
TEXT_CHARACTERS_MAX = 200


_Sides = tuple[tuple[Named, ...], tuple[Role, ...]]


def read_document(content: bytes) -> list[Any]:
    """Return the items of a JSON file: a list, or an object with `items`."""
    try:
        found = json.loads(content.decode("utf-8-sig"), parse_float=str, parse_constant=_refuse)
        limits.check_text(found)
    except (ValueError, RecursionError) as error:
        raise InvalidInput(f"file: not valid JSON: {error}") from error
    items = found.get("items") if isinstance(found, dict) else found
    if not isinstance(items, list):
        raise InvalidInput("file: send a list of items, or an object with a list in `items`")
    if len(items) > ITEMS_MAX:
        raise InvalidInput(f"file: {len(items)} items; at most {ITEMS_MAX}: split it")
    return items


def read_items(
    items: list[Any], *, sport: str = "", competition: str = "", now: datetime
) -> tuple[list[Sent], list[Problem]]:
    """Return what each item says, and what cannot be read; items are numbered from 1."""
    sent, problems = [], []
    defaults = {"sport": sport, "competition": competition}
    for place, item in enumerate(items, 1):
        try:
            sent.append(read_item(item, place, defaults=defaults, now=now))
        except Unreadable as error:
            problems.append(error.at(place))
    return sent, problems


def read_item(item: Any, place: int, *, defaults: Mapping[str, str], now: datetime) -> Sent:
    """Return what one item says, or raise Unreadable."""
    if not isinstance(item, dict):
        raise Unreadable("", item, "An item is an object.")
    given = {**{k: v for k, v in defaults.items() if v}, **{k: v for k, v in item.items() if v is not None}}
    fixture = _fixture(given, now)
    return Sent(
        place=place,
        fixture=fixture,
        score=_score(given),
        outcome=_outcome(given, fixture.sport),
        figures=_half_time(given),
        prices=_prices(given, now),
    )


def updated_at(item: Any) -> datetime | None:
    """Return when the sender last changed an item, if it says so."""
    text = item.get("updated_at") if isinstance(item, dict) else None
    return values.read_instant("updated_at", str(text)) if text else None


def id_of(item: Any) -> str:
    """Return the sender's id of an item; empty when it has none."""
    return _text(item, "id") if isinstance(item, dict) else ""


# -- the fixture -----------------------------------------------------------------------------------


def _fixture(item: Mapping[str, Any], now: datetime) -> SentFixture:
    external_id, sport = _text(item, "id"), _text(item, "sport").lower()
    is_bare = not any(key in item for key in ("home", "away", "runners", "starts_at"))
    if is_bare and external_id:
        return SentFixture(
            sport=sport,
            competition=Named(""),
            starts_at=now,
            participants=(),
            external_id=external_id,
            status=_text(item, "status").lower(),
        )
    if not sport:
        raise Unreadable("sport", "", "Say the sport, such as football.")
    participants, roles = _participants(item)
    return SentFixture(
        sport=sport,
        competition=_competition(item),
        starts_at=values.read_instant("starts_at", _needed(item, "starts_at")),
        participants=participants,
        roles=roles,
        external_id=external_id,
        name=_text(item, "name"),
        season=_text(item, "season"),
        round=_text(item, "round"),
        venue=_text(item, "venue"),
        status=_text(item, "status").lower(),
    )


def _competition(item: Mapping[str, Any]) -> Named:
    named = _named("competition", item.get("competition"))
    return named if named.country else Named(named.name, named.external_id, _text(item, "country").upper())


def _participants(item: Mapping[str, Any]) -> _Sides:
    if "runners" in item:
        runners = item["runners"]
        if not isinstance(runners, list) or len(runners) > RUNNERS_MAX:
            raise Unreadable(
                "runners", type(runners).__name__, f"Runners are a list of at most {RUNNERS_MAX}."
            )
        if not _text(item, "name"):
            raise Unreadable("name", "", "A race needs a name.")
        return tuple(_named("runners", one) for one in runners), tuple("runner" for _ in runners)
    sides = _named("home", item.get("home")), _named("away", item.get("away"))
    if key_of(sides[0].name) == key_of(sides[1].name):
        raise Unreadable("away", sides[1].name, "A team does not play against itself.")
    return sides, ("home", "away")


def _named(column: str, value: Any) -> Named:
    if isinstance(value, str) and value.strip():
        return Named(value.strip()[:TEXT_CHARACTERS_MAX])
    if not isinstance(value, dict) or not _text(value, "name"):
        raise Unreadable(column, "" if value is None else value, 'Give a name, or {"id": ..., "name": ...}.')
    number = value.get("number")
    return Named(
        _text(value, "name"),
        _text(value, "id"),
        _text(value, "country").upper(),
        None if number is None else values.read_whole("number", str(number)),
    )


# -- what else it says -----------------------------------------------------------------------------


def _score(item: Mapping[str, Any]) -> tuple[int, int] | None:
    result = item.get("result")
    if not isinstance(result, dict) or "home" not in result:
        return None
    home, away = (values.read_whole(f"result.{s}", str(result.get(s, ""))) for s in ("home", "away"))
    return home, away


def _outcome(item: Mapping[str, Any], sport: str) -> dict[str, Any] | None:
    """Return the structured result; a score alone is one of football only."""
    result = item.get("result")
    if result is None:
        return None
    if not isinstance(result, dict):
        raise Unreadable("result", result, 'A result is an object with periods, or {"home": 2, "away": 1}.')
    counted = {"statistics": item["statistics"]} if "statistics" in item else {}
    if "home" not in result:
        return {**result, **counted}
    found = football_outcome(_score(item), _half_time(item)) if sport == "football" else None
    return None if found is None else {**found, **counted}


def _half_time(item: Mapping[str, Any]) -> dict[str, list[int]]:
    result = item.get("result")
    half = result.get("half_time") if isinstance(result, dict) else None
    if half is None:
        return {}
    if not isinstance(half, list) or len(half) != 2:
        raise Unreadable("result.half_time", half, "The half-time score is a pair, such as [1, 0].")
    return {"half_time": [values.read_whole("result.half_time", str(goals)) for goals in half]}


def _prices(item: Mapping[str, Any], now: datetime) -> tuple[SentPrice, ...]:
    found = item.get("prices", [])
    if not isinstance(found, list) or len(found) > PRICES_OF_ITEM_MAX:
        raise Unreadable("prices", type(found).__name__, f"A list of at most {PRICES_OF_ITEM_MAX} prices.")
    return tuple(_price(one, now) for one in found)


def _price(price: Any, now: datetime) -> SentPrice:
    if not isinstance(price, dict):
        raise Unreadable("prices", price, "A price is an object.")
    amount, line, at = price.get("price"), price.get("line"), price.get("at")
    if isinstance(amount, bool):
        raise Unreadable("prices.price", amount, "A price is a number such as 1.85, or null.")
    return SentPrice(
        bookmaker=_needed(price, "bookmaker").lower(),
        market=_needed(price, "market").lower(),
        selection=_needed(price, "selection").lower(),
        # Taken down: a price that is there no longer is told of as null.
        price=None if amount is None else values.read_price("prices.price", str(amount)),
        at=values.read_instant("prices.at", str(at)) if at else now,
        line="" if line in (None, "") else values.read_line("prices.line", str(line)),
    )


def _needed(item: Mapping[str, Any], key: str) -> str:
    text = _text(item, key)
    if not text:
        raise Unreadable(key, "", f"Say the {key}.")
    return text


def _text(item: Mapping[str, Any], key: str) -> str:
    value = item.get(key)
    if value is None:
        return ""
    if isinstance(value, bool) or not isinstance(value, str | int):
        raise Unreadable(key, type(value).__name__, "Write it as text.")
    text = str(value).strip()
    if len(text) > TEXT_CHARACTERS_MAX:
        raise Unreadable(key, text, f"At most {TEXT_CHARACTERS_MAX} characters.")
    return text


def _refuse(constant: str) -> Any:
    raise ValueError(f"{constant} is no number of JSON")
