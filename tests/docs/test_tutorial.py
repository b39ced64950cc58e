"""docs/writing-a-plugin.md is true: a new user's ten minutes, from the first line to the last."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.docs.pages import Workshop, blocks

PAGE = Path(__file__).parents[2] / "docs/writing-a-plugin.md"


@pytest.mark.slow
def test_the_tutorial_runs_from_its_first_line_to_its_last(tmp_path):
    workshop = Workshop(tmp_path)
    for language, text in blocks(PAGE):
        if language == "console":
            workshop.console(text)
        else:
            workshop.write(text)
