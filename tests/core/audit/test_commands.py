"""`pitboss audit` tells whether the trail is whole, and by its exit code too."""

from __future__ import annotations

import json

import pytest
from click.testing import CliRunner

from pitboss.core.audit.commands import audit as command


@pytest.fixture
def run(kernel, tenant):
    def run(*arguments: str):
        return CliRunner().invoke(command, [*arguments, "--tenant", tenant.code], obj=lambda: kernel)

    return run


def test_a_whole_trail_exits_0(run, write, seal):
    write(2)
    seal()

    result = run("verify")

    assert result.exit_code == 0, result.output
    assert ": ok" in result.output


def test_a_broken_trail_exits_1_and_says_where(run, write, seal, tamper):
    write(2)
    seal()
    tamper("UPDATE audit_entry SET actor = 'nobody' WHERE tenant_id = :tenant")

    result = run("verify")

    assert result.exit_code == 1
    assert "BROKEN at seal 1: the entry" in result.output


def test_a_head_that_was_printed_can_be_verified_against(run, write, seal, tamper):
    write(2)
    seal()
    head = run("head").output.split()[1]
    tamper("DELETE FROM audit_seal WHERE tenant_id = :tenant AND seq > 1")

    assert run("verify", "--head", head).exit_code == 1


def test_a_head_without_a_tenant_is_refused(kernel):
    result = CliRunner().invoke(command, ["verify", "--head", "1:x"], obj=lambda: kernel)

    assert result.exit_code == 2
    assert "add --tenant" in result.output


def test_the_trail_is_exported_as_lines(run, write):
    write(2)

    lines = run("export").output.splitlines()

    assert [json.loads(line)["target"] for line in lines][-2:] == ["player:0", "player:1"]
    assert run("export", "--format", "csv", "--until", "2020-01-01").output.count("\n") == 1
