"""What a process has built is spared the garbage collector; what it makes later is not."""

from __future__ import annotations

import gc
import weakref

import pytest

from pitboss.core.garbage import YOUNG_OBJECTS_MAX, spare_what_is_built


@pytest.fixture(autouse=True)
def collector():
    """Leave the collector of the tests' own process as it was."""
    threshold = gc.get_threshold()
    yield
    gc.unfreeze()
    gc.set_threshold(*threshold)


class Knot:
    """Something that only the collector can free."""

    def __init__(self) -> None:
        self.itself = self


def test_what_was_built_is_looked_through_no_more():
    built = [Knot() for _ in range(3)]

    spare_what_is_built()

    assert gc.get_freeze_count() > len(built)
    assert not any(one is built[0] for one in gc.get_objects())


def test_what_is_made_later_is_freed_after_so_many_objects():
    spare_what_is_built()
    gone = weakref.ref(Knot())

    kept = [[] for _ in range(YOUNG_OBJECTS_MAX + 1)]

    assert kept
    assert gone() is None
