"""Have msgspec look at the classes that it reads, before there are threads.

It looks at a class when that is first read into, and two threads that do so at the same moment crash the
process: a worker whose threads begin together, or a web process at its first requests.
"""

from __future__ import annotations

import contextlib
from collections.abc import Iterator

import msgspec


def look_at_all() -> None:
    """Look at every class there is, those of plugins too."""
    for kind in _below(msgspec.Struct):
        # One that cannot be read into says so where somebody tries.
        with contextlib.suppress(Exception):
            msgspec.json.Decoder(kind)


def _below(kind: type[msgspec.Struct]) -> Iterator[type[msgspec.Struct]]:
    for each in kind.__subclasses__():
        yield each
        yield from _below(each)
