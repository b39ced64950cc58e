"""Processes of our own, forked from one that has imported the platform.

Importing it takes longer than most tests; a child that is forked is ready at once, and otherwise as one
that was started: it shares no connection, no thread and no kernel with anyone.
"""

from __future__ import annotations

import faulthandler
import multiprocessing
from collections.abc import Callable
from multiprocessing.process import BaseProcess
from typing import Any

_nursery = multiprocessing.get_context("forkserver")
_nursery.set_forkserver_preload(["tests.imported"])


def fork(target: Callable[..., None], *arguments: object) -> BaseProcess:
    """Run a function of a module, with what can be pickled, in a process that ends with this one."""
    process = _nursery.Process(target=_be, args=(target, *arguments), daemon=True)
    process.start()
    return process


def _be(target: Callable[..., None], *arguments: Any) -> None:
    # What dies without a word, as a fault in a driver does, then says where it was.
    faulthandler.enable()
    target(*arguments)
