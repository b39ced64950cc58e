"""Betting keeps the whole contract, as a third party's plugin would."""

from __future__ import annotations

from pitboss.core.testing.contract import PluginContract


class TestBetting(PluginContract):
    plugin = "betting"
