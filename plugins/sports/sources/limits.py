"""Refuse what no column can hold, before a row of it reaches the database."""

from __future__ import annotations

import json
import re
from typing import Any

from pitboss.core.texts import marked
from pitboss.plugins.sports.catalogue.tables import (
    CODE_LENGTH_MAX,
    EXTERNAL_ID_LENGTH_MAX,
    NAME_LENGTH_MAX,
    SEASON_LENGTH_MAX,
)
from pitboss.plugins.sports.sources.records import Named, Sent, SentPrice, Unreadable

YEAR_MIN, YEAR_MAX = 1800, 2200
"""Of matches: so far from the ends of the calendar that arithmetic with days stays within it."""
_COUNTRY = re.compile(r"[A-Z]{2}")
_CODES = ("market", "selection", "bookmaker")


def check(sent: Sent) -> None:
    """Raise Unreadable where something is too long, or of no time that matches are played in."""
    fixture = sent.fixture
    _within("sport", fixture.sport, CODE_LENGTH_MAX)
    _within("id", fixture.external_id, EXTERNAL_ID_LENGTH_MAX)
    _within("season", fixture.season, SEASON_LENGTH_MAX)
    _within("round", fixture.round, CODE_LENGTH_MAX)
    _within("venue", fixture.venue, NAME_LENGTH_MAX)
    _within("name", fixture.name, NAME_LENGTH_MAX)
    _check_named("competition", fixture.competition)
    for role, named in zip(fixture.roles, fixture.participants, strict=False):
        _check_named(role, named)
    if not is_in_time(sent):
        said = marked(f"Matches are of the years {YEAR_MIN} to {YEAR_MAX}.")
        raise Unreadable("starts_at", fixture.starts_at.isoformat(), said)
    for price in sent.prices:
        _check_price(price)


def is_in_time(sent: Sent) -> bool:
    """Tell whether a fixture is of a time in which matches are played."""
    return YEAR_MIN <= sent.fixture.starts_at.year <= YEAR_MAX


def check_text(document: Any) -> None:
    """Raise ValueError where a text of a JSON document has characters that cannot be stored."""
    text = json.dumps(document, ensure_ascii=False)
    if "\\u0000" in text:
        raise ValueError("a text holds the character NUL")
    text.encode()


def _check_price(price: SentPrice) -> None:
    for name in _CODES:
        _within(name, getattr(price, name), CODE_LENGTH_MAX)
    if not YEAR_MIN <= price.at.year <= YEAR_MAX:
        raise Unreadable("at", price.at.isoformat(), f"Prices are of the years {YEAR_MIN} to {YEAR_MAX}.")


def _check_named(column: str, named: Named) -> None:
    _within(column, named.name, NAME_LENGTH_MAX)
    _within(f"{column}.id", named.external_id, EXTERNAL_ID_LENGTH_MAX)
    if named.country and not _COUNTRY.fullmatch(named.country):
        said = marked("Write the country as two letters of ISO 3166, such as GB, or leave it empty.")
        raise Unreadable("country", named.country, said)


def _within(column: str, text: str, characters_max: int) -> None:
    if len(text) > characters_max:
        raise Unreadable(column, text, f"At most {characters_max} characters.")
