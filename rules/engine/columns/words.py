"""Texts and lists as codes: compared, looked up and joined, with the work done once for each entry."""

from __future__ import annotations

from typing import Any, cast

import numpy as np

from pitboss.rules.engine.columns.blocks import Mask, Run, Words
from pitboss.rules.engine.columns.resident import Array, Entry, Lexicon

FEW_CODES = 8
"""Up to so many codes are compared one by one, which is quicker than looking each row up."""
PAIRS_MAX = 65_536
"""Up to so many pairs of a list and a text are judged beforehand."""


def equal(left: Any, right: Any, run: Run) -> Any:
    """Tell where two texts, or two lists, are the same."""
    if isinstance(right, Words) and not isinstance(left, Words):
        left, right = right, left
    if not isinstance(left, Words):
        return left == right
    if not isinstance(right, Words):
        code = left.lexicon.places.get(right)
        return False if code is None else left.codes == code
    if left.lexicon is right.lexicon:
        return left.codes == right.codes
    return left.codes == _translation(right.lexicon, left.lexicon, run)[right.codes]


def is_among(words: Words, options: frozenset[str], run: Run) -> Any:
    """Tell where a text is one of the options."""
    codes = [words.lexicon.places[option] for option in options if option in words.lexicon.places]
    if len(codes) > FEW_CODES:
        table = run.remember((words.lexicon, options), lambda: _flags(words.lexicon, codes))
        return table[words.codes]
    found: Any = False
    for code in codes:
        found = (words.codes == code) | found
    return found


def contains(items: Any, text: Any, run: Run) -> Any:
    """Tell where a list has a text."""
    if not isinstance(items, Words):
        return is_among(text, items, run) if isinstance(text, Words) else text in items
    if not isinstance(text, Words):
        holders = run.remember((items.lexicon, text), lambda: _holders(items.lexicon, cast(str, text)))
        return holders[items.codes]
    return _contain(items, text, run)


def joined(mask: Mask, left: Any, right: Any, run: Run) -> Words:
    """Take the left text where the mask holds, and the right one elsewhere."""
    left, right = _as_words(left, run), _as_words(right, run)
    if left.lexicon is right.lexicon:
        return Words(np.where(mask, left.codes, right.codes), left.lexicon)
    lexicon, translation = run.remember(
        (left.lexicon, right.lexicon, "joined"), lambda: _join(left.lexicon, right.lexicon)
    )
    return Words(np.where(mask, left.codes, translation[right.codes]), lexicon)


def entries_of(values: Any, rows: int) -> list[Any]:
    """Return the text or list of each row, as Python holds it; nothing where it is unknown."""
    if not isinstance(values, Words):
        return [values] * rows
    entries = (*values.lexicon.entries, None)
    return [entries[code] for code in values.codes.tolist()]


def coded(values: list[Entry | None]) -> Words:
    """Return texts or lists as codes."""
    places = {entry: code for code, entry in enumerate(dict.fromkeys(v for v in values if v is not None))}
    codes = np.fromiter((-1 if v is None else places[v] for v in values), np.int32, len(values))
    return Words(codes, Lexicon(tuple(places)))


# -- tables: the last place is for the code -1, which is of no account ---------------------------


def _translation(source: Lexicon, target: Lexicon, run: Run) -> Array:
    def translate() -> Array:
        return np.array([*(target.places.get(entry, -2) for entry in source.entries), -3], np.int32)

    return run.remember((source, target), translate)


def _flags(lexicon: Lexicon, codes: list[int]) -> Array:
    flags = np.zeros(len(lexicon.entries) + 1, np.bool_)
    flags[codes] = True
    return flags


def _holders(lexicon: Lexicon, text: str) -> Array:
    return np.array([*(text in entry for entry in lexicon.entries), False], np.bool_)


def _contain(items: Words, text: Words, run: Run) -> Array:
    width = len(text.lexicon.entries) + 1
    if width * (len(items.lexicon.entries) + 1) <= PAIRS_MAX:
        key = (items.lexicon, text.lexicon, "pairs")
        table = run.remember(key, lambda: _pairs(items.lexicon, text.lexicon))
        return table[items.codes, text.codes]
    lists, texts = (*items.lexicon.entries, frozenset()), (*text.lexicon.entries, "")
    codes = zip(items.codes.tolist(), text.codes.tolist(), strict=True)
    return np.fromiter((texts[t] in lists[i] for i, t in codes), np.bool_, len(items.codes))


def _pairs(lists: Lexicon, texts: Lexicon) -> Array:
    table = np.zeros((len(lists.entries) + 1, len(texts.entries) + 1), np.bool_)
    for row, entry in enumerate(lists.entries):
        held = [texts.places[text] for text in entry if text in texts.places]
        table[row, held] = True
    return table


def _join(left: Lexicon, right: Lexicon) -> tuple[Lexicon, Array]:
    entries = tuple(dict.fromkeys((*left.entries, *right.entries)))
    lexicon = Lexicon(entries)
    translation = np.array([*(lexicon.places[entry] for entry in right.entries), -1], np.int32)
    return lexicon, translation


def _as_words(values: Any, run: Run) -> Words:
    if isinstance(values, Words):
        return values
    lexicon = run.remember((values, "alone"), lambda: Lexicon((values,)))
    return Words(np.zeros((), np.int32), lexicon)
