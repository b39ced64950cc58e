"""A level is kept where the admin finds it, with what was missed and the version that it is of."""

from __future__ import annotations

import pytest

from pitboss.core.errors import PluginError
from pitboss.core.settings import load_settings
from pitboss.core.testing.levels import Level, Report, keep, kept, run
from pitboss.core.testing.subject import find_subject


def report(plugin="acme_sample", level=Level.GOLD):
    return Report(plugin, "1.2.0", level, "2026-11-21T00:00:00+00:00", 20, ("test_it (failed)",))


def test_a_kept_report_is_read_back(tmp_path):
    settings = load_settings({}, data=tmp_path)

    keep(settings, report())

    assert kept(settings) == {"acme_sample": report()}


def test_a_newer_report_replaces_the_older_of_that_plugin_alone(tmp_path):
    settings = load_settings({}, data=tmp_path)

    keep(settings, report())
    keep(settings, report("other"))
    keep(settings, report(level=Level.SILVER))

    assert {name: found.level for name, found in kept(settings).items()} == {
        "acme_sample": Level.SILVER,
        "other": Level.GOLD,
    }


def test_nothing_is_known_before_the_first_run(tmp_path):
    assert kept(load_settings({}, data=tmp_path / "not there")) == {}


def test_a_plugin_that_is_not_installed_is_named_with_the_nearest_one():
    with pytest.raises(PluginError, match="did you mean 'acme_sample'"):
        find_subject("acme_sampel")


def test_a_suite_that_cannot_run_says_why(tmp_path):
    (tmp_path / "test_suite.py").write_text("")

    with pytest.raises(PluginError, match="unrecognized arguments: --no-such-option"):
        run(tmp_path / "test_suite.py", "--no-such-option")
