"""The sample plugin keeps the whole contract, as a third party's would."""

from __future__ import annotations

from pitboss.core.testing.contract import PluginContract


class TestSample(PluginContract):
    plugin = "acme_sample"
