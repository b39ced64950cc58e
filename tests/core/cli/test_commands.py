"""The command line: what it prints, and with which code it ends."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from pitboss.core.cli import cli, main

Run = Callable[..., Result]


@pytest.fixture
def run(database_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Run:
    """Run `pitboss` on a migrated database, with a config folder of its own."""
    config = tmp_path / "config"
    (config / "tenants").mkdir(parents=True)
    monkeypatch.setenv("DATABASE_URL", database_url)
    monkeypatch.setenv("PITBOSS_CONFIG", str(config))
    monkeypatch.setenv("PITBOSS_DATA", str(tmp_path))

    def call(*arguments: str, **options: object) -> Result:
        return CliRunner().invoke(cli, arguments, **options)

    return call


def tenant_code(tmp_path: Path) -> str:
    return f"cli-{abs(hash(tmp_path)):x}"[:30]


def test_help_lists_the_commands_of_every_part(run: Run) -> None:
    found = run("--help")

    assert found.exit_code == 0
    for command in ("up", "db", "tenant", "plugin", "doctor", "ledger", "audit", "worker", "web"):
        assert f"\n  {command} " in found.output


def test_an_unknown_setting_is_one_sentence_and_no_trace(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("PITBOSS_PORTT", "1")

    with pytest.raises(SystemExit) as ended:
        main(["doctor"])

    assert ended.value.code == 1
    assert capsys.readouterr().err == "Error: PITBOSS_PORTT: no such setting; did you mean 'port'?\n"


def test_db_status_says_that_every_table_is_current(run: Run) -> None:
    found = run("db", "status")

    assert found.exit_code == 0
    assert "core " in found.output
    assert "behind" not in found.output


def test_a_tenant_is_created_listed_and_given_a_plugin(run: Run, tmp_path: Path) -> None:
    code = tenant_code(tmp_path)

    created = run("tenant", "create", code, "--name", "Acme", "--currency", "GBP")
    enabled = run("plugin", "enable", "acme_sample", "--tenant", code)
    listed = run("tenant", "list")

    assert (created.exit_code, enabled.exit_code) == (0, 0), created.output + enabled.output
    line = next(line for line in listed.output.splitlines() if line.startswith(code))
    assert "GBP" in line
    assert "acme_sample" in line


def test_a_tenant_file_is_applied_once(run: Run, tmp_path: Path) -> None:
    code = tenant_code(tmp_path)
    (tmp_path / "config" / "tenants" / f"{code}.toml").write_text('name = "Acme"\n')

    first, second = run("tenant", "apply"), run("tenant", "apply")

    assert first.output == f"changed: {code}\n"
    assert second.output == "changed: nothing\n"


def test_a_required_plugin_is_not_switched_off(run: Run, tmp_path: Path) -> None:
    code = tenant_code(tmp_path)
    run("tenant", "create", code, "--name", "Acme")
    run("plugin", "enable", "acme_sample", "--tenant", code)
    run("plugin", "require", "acme_sample", "--tenant", code)

    refused = run("plugin", "disable", "acme_sample", "--tenant", code)

    assert refused.exit_code == 1
    assert "is required" in str(refused.exception)


def test_the_books_of_a_new_deployment_are_sound(run: Run, tmp_path: Path) -> None:
    code = tenant_code(tmp_path)
    run("tenant", "create", code, "--name", "Acme")

    found = run("ledger", "verify", "--tenant", code)

    assert found.exit_code == 0
    assert len(found.output.splitlines()) > 10
