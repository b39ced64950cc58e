"""What is said to people, in the language of the request that is being answered.

A text is written in English where it is said, and is its own key: `_("Save")`. What other languages say
for it stands in `translations/<language>.po` beside the code of its owner.

    from pitboss.core.texts import gettext as _, marked, ngettext

    _("The key %(name)s is revoked.", name=key.name)
    ngettext("%(count)s player", "%(count)s players", count, count=number(count))
    TITLES = {"open": marked("Open")}   # written once, and shown by translated(TITLES[state])
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, field
from datetime import date, datetime, tzinfo
from functools import cache
from typing import TYPE_CHECKING, Any, TypeVar

if TYPE_CHECKING:
    from marshmallow import fields

ENGLISH = "en"
LANGUAGES = {ENGLISH: "English", "es": "Español"}
"""The languages of the admin, each by its own name."""

Said = TypeVar("Said")

_SPOKEN: ContextVar[str] = ContextVar("language", default=ENGLISH)
_CLOCK: ContextVar[tzinfo | None] = ContextVar("clock", default=None)


@dataclass(frozen=True, slots=True)
class Catalogue:
    """What one language says for each English text."""

    singular: dict[str, str] = field(default_factory=dict)
    plural: dict[str, tuple[str, ...]] = field(default_factory=dict)
    """Singular and plural of a text that counts something, by its English singular."""


def speak(language: str = ENGLISH, clock: tzinfo | None = None) -> None:
    """Say everything in a language and on a clock from here on, until this request ends."""
    _SPOKEN.set(language)
    _CLOCK.set(clock)


@contextmanager
def speaking(language: str = ENGLISH) -> Iterator[None]:
    """Say everything in a language within: in English whatever is kept, as others will read it."""
    token = _SPOKEN.set(language)
    try:
        yield
    finally:
        _SPOKEN.reset(token)


def language() -> str:
    """Return the language of this request; English outside of one."""
    return _SPOKEN.get()


def gettext(text: str, /, **values: Any) -> str:
    """Return a text in the language of this request, with its `%(placeholders)s` filled in."""
    return translated(text) % values


def ngettext(one: str, many: str, count: int, /, **values: Any) -> str:
    """Return the form of a text that fits a number, with its `%(placeholders)s` filled in."""
    return plural(one, many, count) % values


def marked(text: str) -> str:
    """Return a text as it is: it is written down here, and translated when it is shown."""
    return text


def marked_plural(one: str, many: str) -> tuple[str, str]:
    """Return both forms as they are: ngettext says the one that fits, where they are shown."""
    return one, many


def kept(text: str, /, **values: Any) -> list[Any]:
    """Return a text with its values as data to be stored: `told` says it to whoever reads it."""
    return [text, values]


def told(stored: str | list[Any]) -> str:
    """Return what was stored, in the language of this request: a text, or one with values."""
    if isinstance(stored, str):
        return translated(stored)
    text, values = stored
    return gettext(text, **{name: told(v) if isinstance(v, list) else v for name, v in values.items()})


def in_each(say: Callable[[], Said]) -> dict[str, Said]:
    """Return what is said in each language, to be stored where it is too rich for `kept`."""
    found = {}
    for name in LANGUAGES:
        with speaking(name):
            found[name] = say()
    return found


def of_each(stored: Any) -> Any:
    """Return that of the language of this request from what `in_each` made; anything else as it is."""
    if isinstance(stored, dict) and stored.keys() and stored.keys() <= LANGUAGES.keys():
        return stored.get(language(), stored.get(ENGLISH))
    return stored


def codes(*names: str) -> tuple[str, ...]:
    """Return names of the code as they are: pages show them in words, by `spoken`."""
    return names


def spoken(name: str) -> str:
    """Return a name of the code in words, in the language of this request: `held_out` as Held out."""
    return translated(in_words(name))


def translated(text: str) -> str:
    """Return a text that was marked where it stands, as the language of this request says it."""
    spoken = _SPOKEN.get()
    return text if spoken == ENGLISH else catalogue(spoken).singular.get(text, text)


def is_translated(text: str, language: str) -> bool:
    """Tell whether a language says something for a text; English says itself."""
    return language == ENGLISH or text in catalogue(language).singular


def plural(one: str, many: str, count: int) -> str:
    """Return the form of a text that fits a number, as it stands in the catalogue."""
    spoken = _SPOKEN.get()
    forms = None if spoken == ENGLISH else catalogue(spoken).plural.get(one)
    return (forms or (one, many))[count != 1]


@cache
def catalogue(language: str) -> Catalogue:
    """Return what all owners together say in a language; of two for one text, the platform's."""
    # Only who speaks another language than English pays for reading.
    from pitboss.core import catalogues

    whole = Catalogue()
    for folder in catalogues.owners().values():
        for one in catalogues.read(folder, language):
            if isinstance(one.key, str):
                whole.singular.setdefault(one.key, one.forms[0])
            else:
                whole.plural.setdefault(one.key[0], one.forms)
    return whole


@cache
def of_scripts(owner: str, language: str, under: str = "") -> dict[str, str | tuple[str, ...]]:
    """Return what an owner's scripts (in a folder of its code) say in a language, by their English texts."""
    if language == ENGLISH:
        return {}
    from pitboss.core import catalogues

    folder = catalogues.owners().get(owner)
    found = [] if folder is None else catalogues.read(folder, language)
    spoken = [one for one in found if any(p.startswith(under) and p.endswith(".js") for p in one.places)]
    return {t.key if isinstance(t.key, str) else t.key[0]: t.said for t in spoken}


# -- fields of schemas ------------------------------------------------------------------------


def title_of(name: str, item: fields.Field[Any]) -> str:
    """Return what a field of a schema is called: by its title, or by its name in words."""
    return str(item.metadata.get("title") or in_words(name))


def in_words(name: str) -> str:
    """Write a name of the code as people read it.

    >>> in_words("odds_age-max")
    'Odds age max'
    """
    text = name.replace("_", " ").replace("-", " ").strip()
    return text[:1].upper() + text[1:]


# -- numbers and days --------------------------------------------------------------------------


def number(value: int) -> str:
    """Write a whole number with grouped thousands."""
    return grouped(str(value))


def grouped(text: str) -> str:
    """Group the thousands of a decimal number as this language does; a minus becomes the real sign.

    >>> grouped("-1234567.50")
    '−1,234,567.50'
    """
    point, group = _marks(language())
    whole, dot, rest = text.lstrip("-").partition(".")
    sign = "\N{MINUS SIGN}" if text.startswith("-") else ""
    return f"{sign}{f'{int(whole):,}'.replace(',', group)}{point if dot else ''}{rest}"


def day(instant: date) -> str:
    """Write a day in short: 28 Nov 2026."""
    return f"{instant.day} {_months(language())[instant.month - 1]} {instant.year}"


def instant(at: datetime) -> str:
    """Write an instant on the clock of this request: 28 Nov 2026, 14:05 CET; without one, as ISO 8601."""
    clock = _CLOCK.get()
    if clock is None:
        return at.isoformat().replace("+00:00", "Z")
    local = at.astimezone(clock)
    return f"{day(local)}, {local:{'%H:%M:%S' if local.second else '%H:%M'} %Z}"


def moment(instant: datetime) -> str:
    """Write a moment of a wall clock in full, as a letter does.

    >>> moment(datetime(2026, 12, 5, 20, 59))
    '5 December 2026, 20:59'
    """
    return f"{_day_in_full(instant)}, {instant:%H:%M}"


def _day_in_full(instant: date) -> str:
    if language() == ENGLISH:
        return f"{instant:%-d %B %Y}"
    from babel.dates import format_date

    return format_date(instant, "long", locale=language())


@cache
def _marks(language: str) -> tuple[str, str]:
    """Return the decimal point, and what groups thousands."""
    if language == ENGLISH:
        return ".", ","
    from babel.numbers import get_decimal_symbol, get_group_symbol

    return get_decimal_symbol(language), get_group_symbol(language)


@cache
def _months(language: str) -> tuple[str, ...]:
    from babel.dates import get_month_names

    names = get_month_names("abbreviated", locale=language)
    return tuple(names[month] for month in range(1, 13))
