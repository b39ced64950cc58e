"""Everything that a process of the platform imports: for the one process that others are forked from."""

from __future__ import annotations

import gc

import pitboss.core.cli
import pitboss.webapp.app
import pitboss.webapp.commands
import pitboss.workers.process  # noqa: F401 - to be there is all that is asked
from pitboss.core.registry import installed

for candidate in installed():
    candidate.load()
# Children share this memory until somebody writes there, as the collector would.
gc.freeze()
