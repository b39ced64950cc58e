"""Read single values as people write them: dates, times, whole numbers, odds."""

from __future__ import annotations

import re
from datetime import MAXYEAR, UTC, date, datetime, time
from decimal import Decimal, InvalidOperation
from functools import lru_cache
from zoneinfo import ZoneInfo

from pitboss.core.texts import marked
from pitboss.plugins.sports.sources.records import Unreadable

PRICE_MAX = Decimal(100_000)
PRICE_DECIMALS_MAX = 6
WHOLE_MAX = 1_000_000
INTEGER_MAX = 2**31 - 1
"""The most that a column of whole numbers holds."""
CENTURY_PIVOT = 70
"""Two digits of a year from here on are of the last century."""
NOON = time(12)
LINE_MAX = 1000
CACHED_MAX = 50_000

_BY_DAY = re.compile(r"(\d{1,2})[/.-](\d{1,2})[/.-](\d{4}|\d{2})")
_BY_YEAR = re.compile(r"(\d{4})[/.-](\d{1,2})[/.-](\d{1,2})")
_CLOCK = re.compile(r"(\d{1,2}):(\d{2})(?::(\d{2}))?")


def read_date(column: str, text: str) -> date:
    """Read 14/08/05, 14/08/2005 or 2005-08-14; the day comes before the month."""
    by_year, by_day = _BY_YEAR.fullmatch(text), _BY_DAY.fullmatch(text)
    if by_year:
        year, month, day = (int(part) for part in by_year.groups())
    elif by_day:
        day, month, year = (int(part) for part in by_day.groups())
    else:
        raise Unreadable(column, text, "Write the date as 14/08/2026 or 2026-08-14.")
    if year < 100:
        year += 1900 if year >= CENTURY_PIVOT else 2000
    try:
        return date(year, month, day)
    except ValueError:
        raise Unreadable(column, text, "There is no such day: the day comes before the month.") from None


def read_time(column: str, text: str) -> time:
    """Read 19:45."""
    found = _CLOCK.fullmatch(text)
    hour, minute, second = (int(part or 0) for part in found.groups()) if found else (24, 0, 0)
    try:
        return time(hour, minute, second)
    except ValueError:
        raise Unreadable(column, text, "Write the time as 19:45.") from None


def at(day: date, clock: time | None, zone: ZoneInfo) -> datetime:
    """Return the instant of a wall time; without one, noon stands for the day."""
    if not 1 < day.year < MAXYEAR:
        raise Unreadable("Date", day.isoformat(), "No match was played in that year.")
    return datetime.combine(day, clock or NOON, zone).astimezone(UTC)


def read_instant(column: str, text: str, zone: ZoneInfo | None = None) -> datetime:
    """Read 2026-08-14T19:45:00Z; without an offset it is a wall time of the zone, if one is given."""
    try:
        found = datetime.fromisoformat(text)
    except ValueError:
        raise Unreadable(column, text, "Write the instant as 2026-08-14T19:45:00Z.") from None
    if found.tzinfo is None:
        if zone is None:
            raise Unreadable(column, text, "Say the offset: 2026-08-14T19:45:00Z or +02:00.")
        found = found.replace(tzinfo=zone)
    try:
        return found.astimezone(UTC)
    except OverflowError:
        raise Unreadable(column, text, "There is no such instant in the calendar of UTC.") from None


def read_whole(column: str, text: str, *, most: int = WHOLE_MAX) -> int:
    """Read a count such as 3; 3.0 is one too, as spreadsheets write it."""
    found = _whole(text)
    if found is None or found > most:
        raise Unreadable(column, text, "Write a whole number from 0 on.")
    return found


def read_price(column: str, text: str) -> Decimal:
    """Read decimal odds such as 1.85, exactly; a decimal comma will do."""
    found = _price(text)
    if isinstance(found, str):
        raise Unreadable(column, text, found)
    return found


# A file has a million of these cells, and a few thousand different ones.
@lru_cache(maxsize=CACHED_MAX)
def _whole(text: str) -> int | None:
    try:
        found = Decimal(text)
    except InvalidOperation:
        return None
    is_count = found.is_finite() and found == found.to_integral_value() and 0 <= found <= INTEGER_MAX
    return int(found) if is_count else None


@lru_cache(maxsize=CACHED_MAX)
def _price(text: str) -> Decimal | str:
    """Return the odds, or what is wrong with them."""
    try:
        found = Decimal(text.replace(",", ".") if "." not in text else text)
    except InvalidOperation:
        found = Decimal("NaN")
    if not found.is_finite() or not 1 < found <= PRICE_MAX:
        return marked(f"Decimal odds are more than 1 and at most {PRICE_MAX}.")
    exponent = found.as_tuple().exponent
    assert isinstance(exponent, int), "a finite number has an exponent"
    if -exponent > PRICE_DECIMALS_MAX:
        return marked(f"Odds have at most {PRICE_DECIMALS_MAX} decimals: round them.")
    return found


def read_line(column: str, text: str) -> str:
    """Read a line such as -0.75 or 2.5, in quarters, and write it in one way."""
    try:
        found = Decimal(text.replace(",", "."))
    except InvalidOperation:
        found = Decimal("NaN")
    if not found.is_finite() or abs(found) > LINE_MAX or (found * 4) % 1 != 0:
        raise Unreadable(column, text, "A line is in quarters, such as 2.5 or -0.75.")
    return plain(found)


@lru_cache(maxsize=CACHED_MAX)
def plain(number: Decimal) -> str:
    """Write a number without exponent and needless zeros; there is one zero.

    >>> [plain(Decimal(text)) for text in ("2.50", "-0", "10", "1E+1")]
    ['2.5', '0', '10', '10']
    """
    shown = format(number, "f")
    if "." in shown:
        shown = shown.rstrip("0").rstrip(".")
    return "0" if shown in ("-0", "") else shown
