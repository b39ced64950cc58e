"""What the docstrings show is what happens."""

from __future__ import annotations

import doctest
from importlib import import_module
from pkgutil import iter_modules

import pytest

from pitboss.plugins import loyalty

MODULES = [found.name for found in iter_modules(loyalty.__path__, f"{loyalty.__name__}.")]


@pytest.mark.parametrize("name", MODULES)
def test_the_examples_of_the_docstrings_hold(name: str) -> None:
    assert not doctest.testmod(import_module(name)).failed


def test_examples_are_found_at_all() -> None:
    """A test of examples that finds none would pass for ever."""
    assert doctest.testmod(import_module(f"{loyalty.__name__}.wagering")).attempted
