"""The contract can fail: each of its tests catches the plugin that breaks its law, and no other does."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from pitboss.core.testing.contract import PluginContract
from pitboss.core.testing.levels import LADDER, Level, Outcome, level_of, run
from tests.contract.broken import BROKEN, install

_CLASS = """

class Test_{name}(PluginContract):
    plugin = "{name}"
{kernel}"""


def suite_of(folder: Path) -> tuple[Path, str]:
    """Write and install every broken plugin, and one suite for all of them."""
    places = [broken.write(folder) for broken in BROKEN]
    install(places)
    # A stand-in, so that a plugin can import the real one's name without having it installed.
    (places[0] / "stripe.py").write_text("")
    suite = folder / "test_broken_plugins.py"
    classes = [_CLASS.format(name=b.name, kernel=b.kernel) for b in BROKEN]
    head = "import pytest\nfrom pitboss.core.testing.contract import PluginContract\n"
    suite.write_text(head + "".join(classes))
    return suite, os.pathsep.join(map(str, places))


def test_each_law_has_a_plugin_that_breaks_it():
    laws = {name for name in vars(PluginContract) if name.startswith("test_")}

    assert {broken.law for broken in BROKEN} == laws


@pytest.mark.slow
def test_each_broken_plugin_is_caught_by_the_test_that_names_its_law(tmp_path):
    suite, path = suite_of(tmp_path)
    # Measuring an import takes a second: it is done where it must fail, and by the sample's contract.
    light = [b.name for b in BROKEN if b.law != "test_the_import_is_light"]
    unmeasured = [f"--deselect={suite.name}::Test_{n}::test_the_import_is_light" for n in light]

    outcomes = run(suite, *unmeasured, path=path)

    caught = {
        b.name: [
            o.test for node, o in outcomes.items() if f"Test_{b.name}::" in node and o.outcome == "failed"
        ]
        for b in BROKEN
    }
    assert caught == {broken.name: [broken.law] for broken in BROKEN}


@pytest.mark.parametrize(
    ("missed", "level"),
    [({}, "gold"), ({Level.GOLD}, "silver"), ({Level.SILVER}, "bronze"), ({Level.BRONZE}, "none")],
)
def test_a_level_needs_the_levels_below_it(missed, level):
    outcomes = [Outcome("test_it", at, "failed" if at in missed else "passed") for at in LADDER]

    assert level_of(outcomes) == level


def test_a_skipped_test_has_shown_nothing():
    assert level_of([Outcome("test_it", Level.BRONZE, "skipped")]) is Level.NONE
