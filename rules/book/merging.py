"""Put together what two people made of one version of a rule."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

_ABSENT: Any = object()


@dataclass(frozen=True, slots=True)
class Merged:
    """Both people's changes in one document, and what both changed: there ours stands."""

    document: dict[str, Any]
    contested: list[str]


def merged(base: Mapping[str, Any], theirs: Mapping[str, Any], own: Mapping[str, Any]) -> Merged:
    """Put what they and we changed since the base together.

    >>> merged({"a": 1, "b": 1}, {"a": 2, "b": 1}, {"a": 1, "b": 3})
    Merged(document={'a': 2, 'b': 3}, contested=[])
    """
    contested: list[str] = []
    document = _one(base, theirs, own, (), contested)
    return Merged(document, contested)


def _one(base: Any, theirs: Any, own: Any, path: tuple[str, ...], contested: list[str]) -> Any:
    if own == base:
        return theirs
    if theirs in (base, own):
        return own
    if all(isinstance(value, dict) for value in (base, theirs, own)):
        parts = {key: _part(base, theirs, own, key, path, contested) for key in _keys(theirs, own)}
        return {key: value for key, value in parts.items() if value is not _ABSENT}
    if _are_alike(base, theirs, own):
        places = enumerate(zip(base, theirs, own, strict=True), start=1)
        return [_one(*values, (*path, str(place)), contested) for place, values in places]
    contested.append(" › ".join(path))
    return own


def _part(base: Any, theirs: Any, own: Any, key: str, path: tuple[str, ...], contested: list[str]) -> Any:
    before, after, ours = (whole.get(key, _ABSENT) for whole in (base, theirs, own))
    return _one(before, after, ours, (*path, key.replace("_", " ")), contested)


def _keys(theirs: Mapping[str, Any], own: Mapping[str, Any]) -> Iterator[str]:
    """Yield the keys of both in the order of ours, then what they added."""
    yield from own
    yield from (key for key in theirs if key not in own)


def _are_alike(*values: Any) -> bool:
    """Tell whether lists may be compared place by place."""
    return all(isinstance(value, list) for value in values) and len({len(value) for value in values}) == 1
