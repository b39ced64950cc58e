"""`pitboss rules replay` and `why`, as an operator calls them."""

from __future__ import annotations

import json

import pytest
from click.testing import CliRunner

from pitboss.core.clock import uuid7
from pitboss.rules.commands import rules
from tests.rules.runtime.conftest import reward


@pytest.fixture
def shell(kernel, tenant):
    """A terminal of a deployment."""

    def run(*words: object):
        arguments = [*map(str, words), "--tenant", tenant.code]
        return CliRunner().invoke(rules, arguments, obj=lambda: kernel)

    return run


def test_a_replay_tells_what_a_rule_would_have_cost(shell, live, draft, player, lose, clock):
    live(reward("old", when={"net_loss_min": 30}))
    draft(reward())
    lose(player(), 5_000)
    clock.advance(minutes=1)
    told = shell("replay", "cashback").output
    assert "1 judged, 1 match" in told
    assert "cost: 5.00 EUR (5.00 before limits)" in told
    assert "old" in told
    assert "cashback matched and pays 5" in told


def test_a_replay_compares_with_the_live_version(shell, live, draft, player, lose, clock):
    live(reward())
    draft(reward(when={"net_loss_min": 100}))
    lose(player(), 5_000)
    clock.advance(minutes=1)
    assert "against version 1: 0 gained, 1 lost, 0 changed; -5.00 EUR" in shell("replay", "cashback").output
    assert "against" not in shell("replay", "cashback", "--against", "none").output


def test_a_replay_for_machines_is_the_report(shell, draft, player, lose):
    draft(reward())
    lose(player(), 5_000)
    found = json.loads(shell("replay", "cashback", "--players", "--json").output)
    assert (found["over"], found["cost"]["paid"]) == ("players", "5.00")


@pytest.mark.parametrize(
    ("words", "cause"),
    [
        (("cashbak",), "cashback"),
        (("cashback", "--from", "yesterday"), "no instant"),
        (("cashback", "--against", "dead"), "--against takes"),
        (("cashback", "--from", "2027-01-01", "--until", "2026-01-01"), "no time to replay"),
    ],
)
def test_what_cannot_be_replayed_is_said(words, cause, shell, draft):
    draft(reward())
    result = shell("replay", *words)
    assert result.exit_code != 0
    assert cause in f"{result.output}{result.exception}"


def test_why_tells_the_nearest_first(shell, live, player, lose):
    live(reward(), reward("far", when={"net_loss_min": 5_000}), reward("near", when={"net_loss_min": 51}))
    who = player()
    lose(who, 5_000)
    lines = shell("why", who, "--event", "casino.round_played").output.splitlines()
    assert [line.split()[0] for line in lines] == ["cashback", "near", "far"]
    assert len(json.loads(shell("why", who, "--json").output)["nearest"]) == 2
    assert shell("why", uuid7()).exit_code != 0
