"""docs/rulebook.md names every path and every command of the rulebook."""

from __future__ import annotations

import re
from pathlib import Path

from pitboss.rules.api import book, editor, life, packs, rules
from pitboss.rules.commands import rules as commands

PAGE = (Path(__file__).parents[3] / "docs/rulebook.md").read_text("utf-8")
BLUEPRINTS = {part.blueprint.name for part in (book, editor, life, packs, rules)}


def test_every_path_is_on_the_page(app) -> None:
    ours = [rule for rule in app.url_map.iter_rules() if rule.endpoint.split(".")[0] in BLUEPRINTS]
    words = {
        word for rule in ours for word in re.findall(r"[a-z]+(?![^<]*>)", rule.rule.split("/rules", 1)[1])
    }

    assert len(ours) > 20
    assert [word for word in sorted(words) if f"/{word}" not in PAGE] == []


def test_every_command_on_a_tenant_is_on_the_page() -> None:
    ours = [
        name for name, command in commands.commands.items() if any(p.name == "code" for p in command.params)
    ]

    assert len(ours) > 14
    assert [name for name in ours if f"`{name}" not in PAGE] == []
