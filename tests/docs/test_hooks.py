"""The hook reference is what the code says."""

from __future__ import annotations

from pathlib import Path

from pitboss.core.docs import hook_docs, hook_names

PAGE = Path(__file__).parents[2] / "docs/hooks.md"


def test_the_hook_reference_is_current():
    assert PAGE.read_text("utf-8") == hook_docs(), "run: pitboss docs hooks"


def test_each_hook_has_a_heading_with_its_signature():
    headings = [line for line in PAGE.read_text("utf-8").splitlines() if line.startswith("### `")]

    for name in hook_names():
        assert any(heading.startswith(f"### `{name}(") for heading in headings)


def test_there_are_eleven_hooks():
    assert len(hook_names()) == 11
