"""Whether somebody may watch a stream now: a decision on plain data. What is not known refuses."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from pitboss.core.texts import marked


@dataclass(frozen=True, slots=True, kw_only=True)
class Terms:
    """Under which a stream is shown."""

    is_active: bool
    opens_at: datetime
    closes_at: datetime
    territories: Sequence[str] = ()
    age_min: int = 0
    needs_funds: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Viewer:
    """Who asks."""

    country: str | None
    born_on: date | None
    has_funds: bool


def why_not(terms: Terms, viewer: Viewer, now: datetime) -> str | None:
    """Return why a viewer may not watch now, or None."""
    if not terms.is_active:
        return marked("this stream is off")
    if now < terms.opens_at:
        return marked(f"this stream opens at {terms.opens_at.isoformat()}")
    if now >= terms.closes_at:
        return marked("this stream is over")
    if terms.territories and viewer.country not in terms.territories:
        country = viewer.country or marked("a country that we do not know")
        return marked(f"this stream is not shown in {country}")
    if terms.age_min and not is_of_age(viewer.born_on, terms.age_min, now.date()):
        return marked(
            f"this stream is for those of {terms.age_min} and older, by a date of birth that we know"
        )
    if terms.needs_funds and not viewer.has_funds:
        return marked("this stream is for players with money in the wallet or in open bets")
    return None


def is_of_age(born_on: date | None, years: int, today: date) -> bool:
    """Tell whether somebody is so many years old; who was born on 29 February is so on 1 March."""
    if born_on is None:
        return False
    had_birthday = (today.month, today.day) >= (born_on.month, born_on.day)
    return today.year - born_on.year - (not had_birthday) >= years


def window(starts_at: datetime, *, opens_minutes: int, closes_minutes: int) -> tuple[datetime, datetime]:
    """Return when a stream opens and closes; it moves along with the start."""
    return starts_at - timedelta(minutes=opens_minutes), starts_at + timedelta(minutes=closes_minutes)
