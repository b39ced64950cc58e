"""Threads that are the first to read into a class, all at once, crash nothing."""

from __future__ import annotations

import sys
from threading import Barrier, Thread
from typing import Annotated

import msgspec
from msgspec import Meta, Struct

from pitboss.core.kernel import load_plugins
from pitboss.core.settings import load_settings
from tests.nursery import fork

PROCESSES, THREADS = 4, 8
ENDS_WITHIN_SECONDS = 120


class Stake(Struct):
    """As a plugin's bodies are: parts within parts."""

    amount: Annotated[str, Meta(max_length=20)]
    currency: Annotated[str, Meta(pattern="[A-Z]{3}")]
    shares: dict[str, Annotated[float, Meta(ge=0)]] | None = None


class Leg(Struct):
    """One of many."""

    odds: Annotated[str, Meta(max_length=20)]
    stake: Stake | None = None
    tags: tuple[Annotated[str, Meta(min_length=1)], ...] = ()


def made_slip() -> type[Struct]:
    """Return a new class of the whole."""

    class Slip(Struct):
        legs: Annotated[list[Leg], Meta(min_length=1)]
        stake: Stake
        notes: dict[str, list[Annotated[str, Meta(max_length=9)]]] | None = None

    return Slip


SLIPS = [made_slip() for _ in range(20)]
"""Each can crash a process once."""


def read_at_once() -> None:
    """Read into a class from many threads, which change places all the time."""
    load_plugins(load_settings({}, secret="a-secret-for-tests-only"), [])
    barrier = Barrier(THREADS)
    sys.setswitchinterval(1e-6)
    stake = {"amount": "1.00", "currency": "EUR"}

    def read() -> None:
        for slip in SLIPS:
            barrier.wait()
            msgspec.convert({"legs": [{"odds": "2.00", "stake": stake}], "stake": stake}, slip)

    threads = [Thread(target=read) for _ in range(THREADS)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()


def test_threads_that_read_into_a_class_at_once_crash_nothing() -> None:
    # Where nothing is done about it, more than half of such processes crash.
    readers = [fork(read_at_once) for _ in range(PROCESSES)]
    for reader in readers:
        reader.join(ENDS_WITHIN_SECONDS)
    assert [reader.exitcode for reader in readers] == [0] * PROCESSES
