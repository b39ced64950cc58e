"""Who stands at the door in these tests, and a plugin that guards it."""

from __future__ import annotations

from collections.abc import Sequence
from types import SimpleNamespace
from typing import Any

from pitboss.core.contracts import Guard, Manifest
from pitboss.core.hooks import hookimpl
from pitboss.core.identity import Visitor
from pitboss.core.registry import Candidate

EMAIL = "ann@acme.test"
PASSWORD = "seven blue lamps"
OPERATOR_PASSWORD = "eleven green doors"
HOME = Visitor("192.0.2.1", "Firefox on Linux")
ELSEWHERE = Visitor("198.51.100.7", "curl")
UNWELCOME = "Mallory"


def _refuse_unwelcome(_ctx: Any, player: Any) -> str | None:
    return "not welcome here" if player.display_name == UNWELCOME else None


@hookimpl
def plugin_manifest() -> Manifest:
    return Manifest(name="doorman", version="1", title="Doorman")


@hookimpl
def register_listeners() -> Sequence[Guard]:
    return [Guard("core.register", _refuse_unwelcome), Guard("core.sign_in", _refuse_unwelcome)]


DOORMAN = Candidate(
    "doorman",
    lambda: SimpleNamespace(plugin_manifest=plugin_manifest, register_listeners=register_listeners),
)
