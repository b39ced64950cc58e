"""`pitboss rules` on the rulebook of a tenant, as operators and scripts call it."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

from pitboss.core.identity.operators import invite_operator
from pitboss.core.identity.tables import Status
from pitboss.core.tenancy import PLATFORM_ID
from pitboss.rules.commands import rules
from tests.rules.book.conftest import formula, reward


class Shell:
    """A terminal of a deployment."""

    def __init__(self, kernel: Any, tenant: Any) -> None:
        self.kernel = kernel
        self.code = tenant.code

    def __call__(self, *arguments: str | Path, by: str = "", code: str = "") -> Result:
        words = [*map(str, arguments), "--tenant", code or self.code, *(["--as", by] if by else [])]
        return CliRunner().invoke(rules, words, obj=lambda: self.kernel)


@pytest.fixture
def shell(kernel, tenant) -> Shell:
    """A terminal, where ann and bob are administrators, and root is one of the platform."""
    for home, email in (
        (tenant.id, "ann@acme.test"),
        (tenant.id, "bob@acme.test"),
        (PLATFORM_ID, "root@acme.test"),
    ):
        with kernel.context(home) as ctx:
            known = ctx.session.query(_operator()).filter_by(tenant_id=home, email=email).first()
            made = known or invite_operator(ctx, email, role_names=["administrator"]).operator
            made.status = Status.ACTIVE
            ctx.session.add(made)
    return Shell(kernel, tenant)


def _operator() -> Any:
    from pitboss.core.identity.tables import Operator

    return Operator


@pytest.fixture
def rule_file(tmp_path):
    """Write a rule, or many, to a file."""

    def write(data: Any, name: str = "rule.json") -> Path:
        path: Path = tmp_path / name
        path.write_text(json.dumps(data))
        return path

    return write


def refused(result: Result) -> str:
    assert result.exit_code != 0
    return f"{result.output}{result.exception}"


def test_a_rule_goes_live_from_the_command_line(shell, rule_file) -> None:
    saved = shell("save", rule_file(reward()), by="ann@acme.test")
    submitted = shell("submit", "cashback", by="ann@acme.test")
    self_approved = shell("approve", "cashback", by="ANN@acme.test")
    approved = shell("approve", "cashback", by="bob@acme.test")
    published = shell("publish", "cashback", by="ann@acme.test")

    assert saved.output.splitlines() == [
        "warning  nothing bounds what it pays: set a limit for each player, or a budget",
        "cashback: version 1 saved; it is idle; revision 1",
    ]
    assert submitted.output == "cashback: version 1 submitted; it is idle; revision 2\n"
    assert "you wrote version 1 of rule 'cashback', so somebody else has to approve it" in refused(
        self_approved
    )
    assert approved.output == "cashback: version 1 approved; it is idle; revision 3\n"
    assert published.output == "cashback: version 1 published; version 1 is live; revision 4\n"


def test_a_rule_is_listed_shown_and_compared(shell, rule_file) -> None:
    shell("save", rule_file(reward()), by="ann@acme.test")
    shell("save", rule_file(reward(when={"net_loss_min": 150})), "--message", "stricter", by="bob@acme.test")

    listed = shell("list", "--kind", "reward")
    shown = shell("show", "cashback")
    changes = shell("show", "cashback", "--diff", "1")
    steps = shell("show", "cashback", "--steps")
    data = json.loads(shell("show", "cashback", "--json").stdout)

    assert listed.output.splitlines()[1].split() == ["cashback", "reward", "idle", "draft", "-", "2", "2"]
    assert '"when": {"net_loss_min": 150},' in shown.output
    assert "version 2 by operator:bob@acme.test: stricter" in shown.output
    assert changes.output == "net loss at least: 100 EUR -> 150 EUR\n"
    assert "version 2 saved by operator:bob@acme.test: stricter" in steps.output.splitlines()[0]
    assert (data["rule"]["revision"], data["document"]["when"]) == (2, {"net_loss_min": 150})


def test_a_revision_of_before_is_stale(shell, rule_file) -> None:
    file = rule_file(reward())
    shell("save", file, by="ann@acme.test")
    shell("submit", "cashback", by="ann@acme.test")

    answer = shell("publish", "cashback", "--revision", "1", by="ann@acme.test")

    assert "rule 'cashback' is at revision 2, and 1 was read" in refused(answer)


def test_an_old_version_comes_back(shell, publish) -> None:
    publish(reward(), reward(priority=5))

    answer = shell("rollback", "cashback", "--to", "1", "--reason", "it paid twice", by="bob@acme.test")
    unexplained = shell("rollback", "cashback", "--to", "1", by="bob@acme.test")

    assert answer.output.startswith(
        "cashback: version 3 rolled back to what version 1 said; version 3 is live"
    )
    assert unexplained.exit_code == 2


def test_rules_are_paused_and_all_are_stopped(shell, publish) -> None:
    publish(reward())

    said = [
        shell("pause", "cashback", by="ann@acme.test").output,
        shell("resume", "cashback", by="ann@acme.test").output,
        shell("stop", "--reason", "a leak", by="ann@acme.test").output,
        shell("start", "--reason", "mended", by="ann@acme.test").output,
        shell("retire", "cashback", by="ann@acme.test").output,
    ]

    assert said[0].startswith("cashback: paused; revision")
    assert said[2] == f"all rules of {shell.code} are stopped: 1 were at work\n"
    assert said[4].startswith("cashback: retired; revision")


def test_packs_are_written_loaded_and_promoted(shell, publish, tmp_path, other_tenant) -> None:
    publish(reward(), formula())
    file = tmp_path / "pack.json"

    shell("export", "--to", file, "--pack", "spring")
    dry = shell("load", file, "--dry-run", by="root@acme.test", code=other_tenant.code)
    done = shell("promote", "--from", shell.code, by="root@acme.test", code=other_tenant.code)
    again = shell("load", file, by="root@acme.test", code=other_tenant.code)

    assert json.loads(file.read_text())["pack"] == "spring"
    assert dry.output.splitlines()[-1] == "2 new, 0 changed, 0 unchanged: nothing was stored"
    assert done.output.splitlines()[-1] == "2 new, 0 changed, 0 unchanged: stored as drafts"
    assert again.output.splitlines()[-1] == "0 new, 0 changed, 2 unchanged: stored as drafts"


@pytest.mark.parametrize(
    ("by", "cause"),
    [
        ("eve@acme.test", "no active operator 'eve@acme.test'"),
        ("ann@acme.test", "by operators of the platform"),
    ],
)
def test_only_operators_act_and_only_the_platforms_promote(by, cause, shell, other_tenant, publish) -> None:
    publish(reward())
    answer = shell("promote", "--from", other_tenant.code, by=by)
    assert cause in refused(answer)


def test_a_wrong_rule_is_one_sentence_and_nothing_is_stored(shell, rule_file) -> None:
    answer = shell("save", rule_file(reward(when={"net_los_min": 1})), by="ann@acme.test")

    said = "when.net_los_min: unknown variable 'net_los': did you mean net_loss?"
    assert said in refused(answer)
    assert shell("list").output == "no rules\n"
    assert "this is not one rule" in refused(shell("save", rule_file([reward()]), by="ann@acme.test"))
