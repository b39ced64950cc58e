"""docs/rules.md and docs/rules-engine.md are true, and so is what README.md says about rules."""

from __future__ import annotations

import ast
import json
from pathlib import Path
from typing import Any

import pytest

from pitboss.rules.catalogues import is_catalogue, read_catalogue, starter_catalogue
from pitboss.rules.docs import GRAMMAR, LIMITS, with_tables
from pitboss.rules.engine import grammar
from pitboss.rules.engine.forms import TESTS, condition
from pitboss.rules.engine.functions import SHIPPED
from pitboss.rules.engine.insight.casebook import run_cases
from pitboss.rules.engine.language import expression
from pitboss.rules.engine.parse import parse
from pitboss.rules.engine.program import Program
from pitboss.rules.engine.rule import KINDS, read_rules
from tests.docs.pages import Workshop, blocks

ROOT = Path(__file__).parents[2]
PAGE = ROOT / "docs/rules.md"
LIBRARY = ROOT / "docs/rules-engine.md"


def test_the_tables_that_come_from_the_code_are_current() -> None:
    page = PAGE.read_text("utf-8")

    assert page == with_tables(page), "run: python -m pitboss.rules.docs"
    assert all(f"`{function.name}(" in page for function in SHIPPED)


def test_each_word_of_the_grammar_is_described_with_an_example_that_reads() -> None:
    assert GRAMMAR.keys() == grammar.GRAMMAR.keys()
    for _, _, example in GRAMMAR.values():
        expression(example, starter_catalogue())


@pytest.mark.parametrize("function", SHIPPED, ids=lambda function: function.name)
def test_each_function_is_described_with_an_example_that_calls_it(function: Any) -> None:
    calls = [part.func for part in ast.walk(parse(function.example)) if isinstance(part, ast.Call)]

    assert function.doc.endswith(".")
    assert function.name in {call.id for call in calls if isinstance(call, ast.Name)}


def test_each_limit_names_the_constant_that_it_shows() -> None:
    import importlib

    for _, most, constant in LIMITS:
        module, _, name = constant.partition(".")
        assert getattr(importlib.import_module(f"pitboss.rules.engine.{module}"), name) == most


def test_each_kind_and_each_test_of_a_fact_has_its_place_on_the_page() -> None:
    page = PAGE.read_text("utf-8")

    assert all(f"| `{kind}` |" in page for kind in KINDS)
    assert all(f'"{word}"' in page for word in TESTS)


JSON = [text for language, text in blocks(PAGE) if language == "json"]


@pytest.mark.parametrize("text", JSON, ids=lambda text: " ".join(text.split())[:40])
def test_each_json_on_the_page_is_right(text: str) -> None:
    data = json.loads(text)
    if is_catalogue(data):
        assert read_catalogue(text).variables
        return
    if not {"kind", "rules"} & data.keys():
        condition(data, starter_catalogue())
        return
    programs = [Program(rule, starter_catalogue()).checked() for rule in read_rules(text)]

    assert [case.sentence for program in programs for case in run_cases(program) if not case.passed] == []


@pytest.fixture(scope="module")
def workshop(tmp_path_factory: pytest.TempPathFactory) -> Workshop:
    return Workshop(tmp_path_factory.mktemp("rules"))


@pytest.mark.slow
def test_the_commands_on_the_page_answer_as_it_says(workshop: Workshop) -> None:
    workshop.run(". .venv/bin/activate")
    for language, text in blocks(PAGE):
        if language == "console":
            workshop.console(text)


@pytest.mark.slow
def test_the_engine_works_as_its_page_says(workshop: Workshop) -> None:
    for language, text in blocks(LIBRARY):
        if language == "console":
            workshop.console(text)
        else:
            workshop.write(text)


def test_the_library_takes_twenty_lines_and_nothing_else_of_pitboss() -> None:
    code = [text for language, text in blocks(LIBRARY) if language == "python"]
    lines = [line for line in code[0].splitlines() if line.strip() and not line.startswith("#")]

    assert len(lines) <= 20
    assert all(
        "pitboss.rules.engine." in line for text in code for line in text.splitlines() if "pitboss" in line
    )


@pytest.mark.slow
def test_the_commands_of_the_readme_work_as_written(workshop: Workshop) -> None:
    commands = [
        line.removeprefix("$ ")
        for language, text in blocks(ROOT / "README.md")
        if language == "console"
        for line in text.splitlines()
        # Those of a tenant need the platform, and the commands of the rulebook have tests of their own.
        if "pitboss rules" in line and "--tenant" not in line
    ]
    for folder in ("rules", "plugins"):
        (workshop.folder / folder).symlink_to(ROOT / folder)

    assert len(commands) == 3
    printed = "".join(map(workshop.run, commands))
    assert ", 0 failed" in printed
    assert "62\n" in printed
    assert "Weekly cashback did not match: " in printed
