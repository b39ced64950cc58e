"""A plugin that ships a pack of rules in the words of the casino."""

from __future__ import annotations

from pitboss.core.contracts import Manifest
from pitboss.core.hooks import hookimpl
from pitboss.core.registry import Candidate


class Plugin:
    """Its table of contents; the pack is in the folder `packs` beside it."""

    @hookimpl
    def plugin_manifest(self) -> Manifest:
        return Manifest(name="cardroom", version="1", title="Card room")


CANDIDATE = Candidate("cardroom", lambda: Plugin(), "pitboss-tests", "1")
