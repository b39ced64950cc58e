"""What the docstrings show is what happens."""

from __future__ import annotations

import doctest
from importlib import import_module
from pkgutil import walk_packages

from pitboss.plugins import loyalty


def test_the_examples_of_the_docstrings_hold() -> None:
    names = [found.name for found in walk_packages(loyalty.__path__, f"{loyalty.__name__}.")]
    tried = [doctest.testmod(import_module(name)) for name in names if ".versions." not in name]

    assert sum(one.attempted for one in tried) > 0, "a test of examples that finds none would pass for ever"
    assert not any(one.failed for one in tried)
