"""A rule that a part of the engine gets wrong is live all the same, on the row path, and says so."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from pitboss.core.identity.players import register_player
from pitboss.rules.book import store
from pitboss.rules.book.live import book_of
from pitboss.rules.engine.insight import selftest
from pitboss.rules.engine.insight.selftest import Backend
from tests.rules import casino
from tests.rules.book.conftest import reward


@pytest.fixture
def wrong(monkeypatch: pytest.MonkeyPatch) -> Callable[[str], None]:
    """Have a part of the engine say that nothing ever matches: `wrong("index")`."""

    def never(_program: Any, rows: Any) -> list[tuple[str, Any]]:
        return [("value", None)] * len(rows)

    def break_it(name: str) -> None:
        kept = [backend for backend in selftest.BACKENDS if backend.name != name]
        monkeypatch.setattr(selftest, "BACKENDS", (*kept, Backend(name, decide=never)))

    return break_it


def test_a_rule_that_the_index_gets_wrong_is_kept_out_of_it_and_pays(
    kernel, tenant, ann, publish, worker, wrong
) -> None:
    publish(reward("right"))
    wrong("index")
    publish(reward())

    shown = ann.get("/cashback").json
    with kernel.context(tenant.id) as ctx:
        rewards = book_of(ctx).on("casino.round_played").rewards
        casino.lose(ctx, register_player(ctx, email="a@b.test", password=None).id, 620_00)
    worker()

    assert rewards.ruleset.keys == ["right"]
    assert (shown["row_path"], ann.get("/right").json["row_path"]) == (["index"], None)
    [found] = [finding for finding in shown["warnings"] if finding["kind"] == "backends_disagree"]
    assert (found["severity"], found["sentence"].split()[0]) == ("warning", "index")
    with kernel.context(tenant.id) as ctx:
        assert [amount for _, amount in casino.payouts(ctx)] == [62_00, 62_00]


def test_a_rule_that_is_right_again_comes_back_to_the_index(
    kernel, tenant, ann, publish, wrong, monkeypatch
) -> None:
    right = selftest.BACKENDS
    wrong("generated")
    publish(reward())
    with kernel.context(tenant.id) as ctx:
        before = book_of(ctx).on("casino.round_played").rewards.ruleset.keys
    monkeypatch.setattr(selftest, "BACKENDS", right)
    ann.step("cashback", "pause", reason="a new release")
    answer = ann.step("cashback", "resume")

    with kernel.context(tenant.id) as ctx:
        assert (before, book_of(ctx).on("casino.round_played").rewards.ruleset.keys) == ([], ["cashback"])
    assert answer.json["row_path"] is None


def test_a_rule_that_the_row_path_gets_wrong_is_not_live(kernel, tenant, ann, bob, wrong) -> None:
    ann.create(reward())
    for desk, step in ((ann, "submit"), (bob, "approve")):
        desk.step("cashback", step)
    wrong("compiled")

    answer = ann.step("cashback", "publish")

    assert answer.status_code == 409
    assert "rule 'cashback' cannot be judged" in answer.json["detail"]
    with kernel.context(tenant.id) as ctx:
        assert store.find(ctx, "cashback").state == "idle"
