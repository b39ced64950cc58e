"""Jobs in tests: done in the test's own thread, by the test's own clock."""

from __future__ import annotations

from dataclasses import dataclass

from pitboss.core.jobs.inline import run_due
from pitboss.core.jobs.schedules import tick
from pitboss.core.kernel import Kernel


@dataclass(frozen=True, slots=True)
class Worker:
    """Does jobs when it is called."""

    kernel: Kernel

    def __call__(self, *, may_fail: bool = False) -> int:
        """Do every due job, and those that they cause; return how many.

        A job that fails is an error of the test, unless it `may_fail`: then it is tried again when the
        clock was moved on.
        """
        return run_due(self.kernel, may_fail=may_fail)

    def tick(self, *, may_fail: bool = False) -> int:
        """Start the periods that have begun by the test's clock, then do every due job."""
        tick(self.kernel)
        return self(may_fail=may_fail)
