"""Say in another language what was written in English: a sentence of an error, or one that was kept.

Errors are raised, logged and kept in English, with what they name put in. A sentence is known again by the
text of the catalogues that it was made of, and by nothing else: old rows and those of other processes too.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from functools import cache, lru_cache

from pitboss.core import texts

CHARACTERS_MAX = 4_000
"""A longer text is no sentence, and stays as it is."""
KEPT = 2_048
"""Sentences that a process remembers."""
WEIGHT_MIN = 9
"""A text of fewer characters is known again only where names stand in its holes, and no phrases."""
CODES = frozenset(("kind", "market_status", "state", "state2", "status", "wanted"))
"""What stands in holes of these names is a name of the code, which pages show in words."""

_TOKEN = re.compile(r"\{\{|\}\}|%%|\{(?P<name>\w+)(?P<quoted>!r)?\}|%\((?P<counted>\w+)\)s")
_WORD = re.compile(r"[A-Za-z]{2,}")
_QUOTED = re.compile(r"'(?:[^'\\]|\\.)*'|\"(?:[^\"\\]|\\.)*\"")
_PLAIN = re.compile(r"None|True|False|-?[\d.]+|[\[({].*|\w+\(.*\)", re.DOTALL)
"""What Python writes without quotation marks, where it would write them around a text."""
_SEPARATORS = ("; ", ": ")
"""What stands between the parts of a sentence that was put together: the thing, the problem, the cure."""


@dataclass(frozen=True, slots=True)
class Hole:
    """Where a text puts something in."""

    name: str
    is_quoted: bool


Tokens = tuple[str | Hole, ...]
"""Text, hole, text, and so on; a text is empty where two holes touch."""


@dataclass(frozen=True, slots=True)
class Pattern:
    """A text with holes: what stands before, between and after them, and what a language says for it."""

    literals: tuple[str, ...]
    holes: tuple[Hole, ...]
    said: Tokens
    weight: int
    """How many characters of a sentence it explains by itself."""

    def read(self, sentence: str) -> dict[str, str] | None:
        """Return what a sentence puts into the holes; in one pass, because anybody may have written it."""
        if not (sentence.startswith(self.literals[0]) and sentence.endswith(self.literals[-1])):
            return None
        found: dict[str, str] = {}
        at = len(self.literals[0])
        for hole, literal in zip(self.holes, self.literals[1:], strict=True):
            is_last = hole is self.holes[-1]
            end = len(sentence) - len(literal) if is_last else _end(sentence, at, hole, literal)
            if end < at or not self._takes(sentence[at:end], hole, is_open=is_last and not literal):
                return None
            found[hole.name] = sentence[at:end]
            at = end + len(literal)
        return found

    def _takes(self, value: str, hole: Hole, *, is_open: bool) -> bool:
        """Tell whether something may stand in a hole: never the end of a sentence and another's start."""
        if hole.is_quoted:
            return bool(_QUOTED.fullmatch(value) or _PLAIN.fullmatch(value))
        if self.weight < WEIGHT_MIN and " " in value.replace(", ", ""):
            return False
        return is_open or not any(separator in value for separator in _SEPARATORS)


def retold(sentence: str) -> str:
    """Return a sentence that was raised or kept in English, as the language of this request says it."""
    language = texts.language()
    if language == texts.ENGLISH or not sentence or len(sentence) > CHARACTERS_MAX:
        return sentence
    return _read(language, sentence).said


@dataclass(frozen=True, slots=True)
class Reading:
    """What a sentence is in another language, and how many of its characters a catalogue knows."""

    said: str
    known: int = 0

    @classmethod
    def of(cls, parts: Sequence[Reading], between: str = "") -> Reading:
        """Return the reading of a sentence that was put together."""
        return cls(between.join(one.said for one in parts), sum(one.known for one in parts))


@lru_cache(maxsize=KEPT)
def _read(language: str, sentence: str) -> Reading:
    """Return the reading that explains most of a sentence: as a whole, or in parts."""
    found = [Reading(sentence), *_as_a_whole(language, sentence)]
    for separator in _SEPARATORS:
        head, _, rest = sentence.partition(separator)
        if rest:
            found.append(Reading.of((_part(language, head), _part(language, rest)), separator))
    return max(found, key=lambda one: one.known)


def _part(language: str, text: str) -> Reading:
    """Return the reading of a part of a sentence; one word is a name, whatever it may mean elsewhere."""
    return _read(language, text) if " " in text or text.endswith(".") else Reading(text)


def _as_a_whole(language: str, sentence: str) -> Iterator[Reading]:
    for candidate, finish in _variants(sentence):
        said = texts.catalogue(language).singular.get(candidate)
        found = _filled(language, candidate) if said is None else Reading(said, len(candidate))
        if found is not None:
            yield replace(found, said=finish(found.said))


def _variants(sentence: str) -> Iterator[tuple[str, _Finish]]:
    """Yield a sentence as it may stand in a catalogue: small or capital, with its full stop or without."""
    small = sentence[:1].lower() + sentence[1:]
    yield sentence, _Finish()
    yield small, _Finish(is_capital=True)
    if sentence.endswith("."):
        yield sentence[:-1], _Finish(adds_stop=True)
        yield small[:-1], _Finish(is_capital=True, adds_stop=True)
    else:
        yield sentence + ".", _Finish(drops_stop=True)


@dataclass(frozen=True, slots=True)
class _Finish:
    """Write what is said as the sentence was written."""

    is_capital: bool = False
    adds_stop: bool = False
    drops_stop: bool = False

    def __call__(self, said: str) -> str:
        if self.is_capital:
            said = said[:1].upper() + said[1:]
        if self.drops_stop:
            said = said.removesuffix(".")
        return f"{said}." if self.adds_stop else said


def _filled(language: str, sentence: str) -> Reading | None:
    for pattern in _patterns(language):
        values = pattern.read(sentence)
        if values is not None:
            return _put(language, pattern, values)
    return None


def _put(language: str, pattern: Pattern, values: dict[str, str]) -> Reading:
    quoted = {hole.name for hole in pattern.holes if hole.is_quoted}
    parts = [
        Reading(one)
        if isinstance(one, str)
        else _value(language, one, values[one.name], was_quoted=one.name in quoted)
        for one in pattern.said
    ]
    return Reading.of([Reading("", pattern.weight), *parts])


def _value(language: str, hole: Hole, value: str, *, was_quoted: bool) -> Reading:
    if hole.name in CODES and value.isidentifier():
        word = texts.spoken(value)
        return Reading(word[:1].lower() + word[1:])
    if not was_quoted:
        return _part(language, value)
    # A language has quotation marks of its own.
    return Reading(value[1:-1] if not hole.is_quoted and _QUOTED.fullmatch(value) else value)


@cache
def _patterns(language: str) -> tuple[Pattern, ...]:
    """Return all texts with holes, those that say most by themselves first."""
    pairs = texts.catalogue(language).singular.items()
    found = [_pattern(tokens(english), tokens(said)) for english, said in pairs if _tells(english, said)]
    return tuple(sorted(found, key=lambda one: -one.weight))


def _pattern(english: Tokens, said: Tokens) -> Pattern:
    literals = tuple(one for one in english if isinstance(one, str))
    holes = tuple(one for one in english if isinstance(one, Hole))
    return Pattern(literals, holes, said, sum(map(len, literals)))


def _tells(english: str, said: str) -> bool:
    """Tell whether a sentence can be known again by a text: it has holes, and words beside them."""
    holes = _names(english)
    words = _WORD.findall(_TOKEN.sub(" ", english))
    # What pages count and label with few words would be found in any sentence.
    return bool(holes) and _names(said) <= holes and len(words) >= (2 if "%(" in english else 1)


def _names(text: str) -> set[str]:
    return {one.name for one in tokens(text) if isinstance(one, Hole)}


@cache
def tokens(text: str) -> Tokens:
    """Take a text of a catalogue apart at its holes."""
    found: list[str | Hole] = [""]
    at = 0
    for token in _TOKEN.finditer(text):
        found[-1] += text[at : token.start()]  # type: ignore[operator]  # the last is always a text
        at = token.end()
        name = token["name"] or token["counted"]
        if name:
            found += [Hole(name, bool(token["quoted"])), ""]
        else:
            found[-1] += token[0][0]  # type: ignore[operator]  # as above
    found[-1] += text[at:]  # type: ignore[operator]  # as above
    return tuple(found)


def _end(sentence: str, at: int, hole: Hole, literal: str) -> int:
    """Return where what is put in ends: at the next literal, or with its quotation mark."""
    quoted = _QUOTED.match(sentence, at) if hole.is_quoted else None
    if quoted is not None and sentence.startswith(literal, quoted.end()):
        return quoted.end()
    return sentence.find(literal, at)
