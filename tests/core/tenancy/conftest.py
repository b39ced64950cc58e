"""Plugins whose needs form a chain, for tests of switching on and off."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import pytest
from marshmallow import Schema, fields, validate

from pitboss.core import audit
from pitboss.core.registry import Candidate, installed
from tests.core.registry.plugins import played, plugin

AT_MOST = validate.Range(min=1, max=18)


class ClubSettings(Schema):
    """How a club plays."""

    holes = fields.Integer(load_default=18, validate=AT_MOST)
    dress_code = fields.String(load_default="smart")
    opens_at = fields.Time(load_default=None, allow_none=True)


def tenant_enabled(ctx: Any) -> None:
    audit.record(ctx, "club.told_on", "club")
    if ctx.settings("club").get("dress_code") == "none":
        raise RuntimeError("a club needs a dress code")


def tenant_disabled(ctx: Any) -> None:
    audit.record(ctx, "club.told_off", "club")


@pytest.fixture(scope="session")
def candidates() -> Sequence[Candidate]:
    """The core, and three plugins: cup needs golf, golf needs club."""
    return [
        installed(safe_mode=True)[0],
        plugin("cup", needs=("golf.played",)),
        plugin("golf", played(), needs=("club.opened",)),
        plugin(
            "club",
            played("club.opened"),
            settings=ClubSettings,
            tenant_enabled=tenant_enabled,
            tenant_disabled=tenant_disabled,
        ),
    ]
