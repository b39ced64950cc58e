"""Tell whether a fixture that was sent is one that we know: pure, on what was looked up for a batch."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from pitboss.core.texts import marked
from pitboss.plugins.sports.sources.records import Unreadable

Key = tuple[object, ...]
"""Competition and sides, as ids where they are known and as names where not."""
SWAPPED_WITHIN = timedelta(hours=12)


@dataclass(frozen=True, slots=True)
class Known:
    """A fixture of ours, as far as it matters here."""

    id: UUID
    key: Key
    starts_at: datetime
    external_id: str = ""
    """What this very sender calls it."""


class Matcher:
    """Match the fixtures of one sender against ours, each of ours at most with one start."""

    def __init__(self, known: Iterable[Known], tolerance: timedelta) -> None:
        self.tolerance = tolerance
        self._by_id: dict[str, Known] = {}
        self._by_key: dict[Key, list[Known]] = defaultdict(list)
        self._taken: dict[UUID, datetime] = {}
        for one in known:
            self.add(one)

    def add(self, one: Known) -> None:
        """Know one more, such as the fixture that a row before this one has made."""
        if one.external_id:
            self._by_id[one.external_id] = one
        self._by_key[one.key].append(one)

    def match(self, key: Key, starts_at: datetime, external_id: str = "") -> Known | None:
        """Return the fixture that is meant; by the sender's id, else by sides and time.

        A kick-off that moved within the tolerance is the same fixture. Two meetings of the same sides
        stay two: one that another row has taken already, or that the sender calls otherwise, is not it.
        """
        found = self._by_id.get(external_id) if external_id else None
        if found is None:
            found = self._nearest(key, starts_at, external_id)
        if found is not None:
            self._taken.setdefault(found.id, starts_at)
        return found

    def check_sides(self, key: Key, swapped: Key, starts_at: datetime) -> None:
        """Refuse a fixture that is known the other way round about the same time."""
        if key in self._by_key:
            return
        for one in self._by_key.get(swapped, ()):
            if abs(one.starts_at - starts_at) <= SWAPPED_WITHIN:
                said = marked("This match is known with home and away the other way round: correct the row.")
                raise Unreadable("home", one.starts_at.isoformat(), said)

    def _nearest(self, key: Key, starts_at: datetime, external_id: str) -> Known | None:
        near = [
            one
            for one in self._by_key.get(key, ())
            if abs(one.starts_at - starts_at) <= self.tolerance
            and not (external_id and one.external_id and one.external_id != external_id)
            and self._taken.get(one.id, starts_at) == starts_at
        ]
        return min(near, key=lambda one: abs(one.starts_at - starts_at), default=None)
