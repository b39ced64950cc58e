"""What the engine says to people: in English, until whoever embeds it lends it a voice of another language.

The functions have the names of the platform's own, so that its catalogues find what is said here.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any


def _in_english(one: str, many: str, count: int) -> str:
    return one if count == 1 else many


def _grouped_in_english(text: str) -> str:
    whole, dot, rest = text.lstrip("-").partition(".")
    sign = "\N{MINUS SIGN}" if text.startswith("-") else ""
    return f"{sign}{int(whole):,}{dot}{rest}"


def _in_iso(at: datetime) -> str:
    return at.isoformat().replace("+00:00", "Z")


@dataclass(slots=True)
class Voice:
    """How sentences and numbers are said to whoever reads them now."""

    translated: Callable[[str], str] = str
    plural: Callable[[str, str, int], str] = _in_english
    """The form of a text that fits a number."""
    grouped: Callable[[str], str] = _grouped_in_english
    """A decimal number with its thousands apart, and a real minus sign."""
    instant: Callable[[datetime], str] = _in_iso


VOICE = Voice()


def gettext(text: str, /, **values: Any) -> str:
    """Return a text as it is said, with its `%(placeholders)s` filled in."""
    return VOICE.translated(text) % values


def ngettext(one: str, many: str, count: int, /, **values: Any) -> str:
    """Return the form of a text that fits a number, with its `%(placeholders)s` filled in."""
    return VOICE.plural(one, many, count) % values


def translated(text: str) -> str:
    """Return a text that was marked, as it is said."""
    return VOICE.translated(text)


def grouped(text: str) -> str:
    """Return a decimal number as it is said."""
    return VOICE.grouped(text)


def instant(at: datetime) -> str:
    """Return an instant as it is said."""
    return VOICE.instant(at)


def marked(text: str) -> str:
    """Return a text as it is: it is written down here, and translated when it is shown."""
    return text


def marked_plural(one: str, many: str) -> tuple[str, str]:
    """Return both forms as they are: ngettext says the one that fits, where they are shown."""
    return one, many
