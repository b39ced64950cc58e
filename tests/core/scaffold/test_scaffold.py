"""`pitboss new-plugin` writes a plugin that is its author's from the first line.

That what it writes installs and passes its own tests is shown by the tutorial, in tests/docs.
"""

from __future__ import annotations

import ast

import pytest
from click.testing import CliRunner

from pitboss.core.cli import cli
from pitboss.core.errors import InvalidInput
from pitboss.core.scaffold import suggestion, write_plugin

PLUGIN_LINES_MAX = 60


def test_nothing_of_the_template_is_left(tmp_path):
    written = write_plugin("acme_cashback", tmp_path)

    for path in written:
        assert "my_plugin" not in f"{path}{path.read_text()}"
        assert "My plugin" not in path.read_text()


def test_the_table_of_contents_is_short(tmp_path):
    write_plugin("acme_cashback", tmp_path)

    plugin = tmp_path / "acme_cashback/acme_cashback/plugin.py"

    assert len(plugin.read_text().splitlines()) < PLUGIN_LINES_MAX


def test_every_file_says_what_it_is_for(tmp_path):
    modules = [p for p in write_plugin("acme_cashback", tmp_path) if p.suffix == ".py"]

    assert [p.name for p in modules if not ast.get_docstring(ast.parse(p.read_text()))] == []


@pytest.mark.parametrize(
    ("name", "cure"),
    [
        ("Acme-Cashback", "'acme_cashback'"),
        ("9lives", "'lives'"),
        ("class", "'acme_cashback'"),
        ("x", "'acme_cashback'"),
        ("a" * 41, f"'{'a' * 40}'"),
        ("../escape", "'escape'"),
        ("click", "'acme_click'"),
    ],
)
def test_a_wrong_name_is_refused_with_one_that_works(tmp_path, name, cure):
    with pytest.raises(InvalidInput, match=cure):
        write_plugin(name, tmp_path)

    assert list(tmp_path.iterdir()) == []


def test_a_suggestion_splits_words(tmp_path):
    assert suggestion("AcmeCashback v2") == "acme_cashback_v2"


def test_what_is_there_is_never_overwritten(tmp_path):
    write_plugin("acme_cashback", tmp_path)
    mine = tmp_path / "acme_cashback/README.md"
    mine.write_text("mine")

    with pytest.raises(InvalidInput, match="is there already"):
        write_plugin("acme_cashback", tmp_path)

    assert mine.read_text() == "mine"


def test_the_command_says_what_to_do_next(tmp_path):
    answer = CliRunner().invoke(cli, ["new-plugin", "acme_cashback", "--path", str(tmp_path)])

    assert answer.exit_code == 0, answer.output
    assert f"cd {tmp_path / 'acme_cashback'}" in answer.output
    assert "python -m pip install -e '.[test]'" in answer.output
