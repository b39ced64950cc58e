"""What changed is said in the words of operators, whatever way it was written."""

from __future__ import annotations

from typing import Any

import pytest

from pitboss.rules.book.diff import diff
from pitboss.rules.engine.catalogue import Variable, catalogue_of
from tests.rules.book.conftest import reward

WORDS = catalogue_of(
    [
        Variable(name="casino.net_loss", type="money", unit="EUR"),
        Variable(name="casino.country", type="text"),
        Variable(name="casino.rounds", type="number"),
    ]
)
PAY = {"action": "casino.pay", "formula": "net_loss * 0.10", "max_amount": 500}


def then(**more: Any) -> dict[str, Any]:
    return {"then": [{**PAY, **more}]}


@pytest.mark.parametrize(
    ("old", "new", "sentences"),
    [
        ({}, {"when": {"net_loss_min": 150}}, ["net loss at least: 100 EUR -> 150 EUR"]),
        ({}, {"when": "net_loss >= 150"}, ["net loss at least: 100 EUR -> 150 EUR"]),
        ({}, {"when": "casino.net_loss >= 100"}, []),
        (
            {},
            {"when": {"net_loss_min": 100, "country": "GB"}},
            ["added condition country == 'GB'"],
        ),
        (
            {"when": {"net_loss_min": 100, "country": ["GB", "DE"]}},
            {},
            ["removed condition country in ('DE', 'GB')"],
        ),
        (
            {"when": {"country": ["GB", "DE"]}},
            {"when": {"country": ["GB", "FR"]}},
            ["country one of: DE, GB -> FR, GB"],
        ),
        ({"when": {"country": "GB"}}, {"when": {"country": "DE"}}, ["country: GB -> DE"]),
        (
            {},
            {"when": {"net_loss": {"above": 100}}},
            ["removed condition net_loss >= 100", "added condition net_loss > 100"],
        ),
        ({"when": "5 < rounds"}, {"when": {"rounds": {"above": 8}}}, ["rounds more than: 5 -> 8"]),
        ({}, then(formula="net_loss * 0.20"), ["casino.pay, amount: net_loss * 0.10 -> net_loss * 0.20"]),
        ({}, {"then": [{"action": "casino.pay", "amount": 5, "max_amount": 500}]}, None),
        ({}, then(max_amount=600), ["casino.pay, at most: 500 -> 600"]),
        ({}, then(wagering_requirement=10), ["added action casino.pay, wagering requirement: 10"]),
        (
            {},
            {"then": [PAY, {"action": "casino.say", "text": "hello"}]},
            ["added action casino.say: text hello"],
        ),
        (
            {"limits": {"per_player": {"count": 1, "period": "week"}}},
            {"limits": {"per_player": {"count": 2, "period": "week"}}},
            ["limits per player count: 1 -> 2"],
        ),
        (
            {},
            {"limits": {"budget": {"amount": 900, "period": "day"}}},
            ["limits budget: none -> amount 900, period day"],
        ),
        (
            {"effective": {"from": "2026-12-01"}},
            {"effective": {"from": "2026-12-02", "until": "2027-01-01"}},
            ["schedule from: 2026-12-01 -> 2026-12-02", "schedule until: none -> 2027-01-01"],
        ),
        ({}, {"stop": True}, ["stop: none -> yes"]),
        ({"on": ["a.b"]}, {"on": ["a.b", "a.c"]}, ["events: a.b -> a.b, a.c"]),
        (
            {"name": "Cash"},
            {"name": "Cash back", "priority": 5},
            ["priority: none -> 5", "name: Cash -> Cash back"],
        ),
    ],
    ids=str,
)
def test_a_change_is_one_sentence(old, new, sentences) -> None:
    changes = [change.sentence for change in diff(reward(**old), reward(**new), WORDS)]
    expected = ["casino.pay, amount: net_loss * 0.10 -> 5"] if sentences is None else sentences
    assert changes == expected


def test_rows_of_a_table_are_compared() -> None:
    rows = [{"when": {"rounds_min": 5}, "then": {"amount": 1}}, {"then": {"amount": 0}}]
    more = [{"when": {"rounds_min": 9}, "then": {"amount": 2}}]
    old, new = reward(table={"rows": rows}), reward(table={"rows": more, "hit": "unique"})

    assert [change.sentence for change in diff(old, new, WORDS)] == [
        "added table hit: unique",
        "in row 1, rounds at least: 5 -> 9",
        "row 1 then: amount 1 -> amount 2",
        "removed row 2: then amount 0",
    ]


def test_a_lost_word_leaves_the_text_to_be_compared() -> None:
    [change] = diff(reward(), reward(when={"gone_min": 5}), WORDS)
    assert change.as_json() == {
        "part": "condition",
        "how": "changed",
        "what": "condition",
        "old": {"net_loss_min": 100},
        "new": {"gone_min": 5},
        "sentence": "condition: net loss min 100 -> gone min 5",
    }


def test_versions_are_compared_over_http(ann, publish) -> None:
    publish(reward())
    ann.save(reward(when={"net_loss_min": 150, "event.stake": {"min": 5}}))

    answer = ann.get("/cashback/diff").json
    back = ann.get("/cashback/diff", **{"from": 2, "to": 1}).json

    assert (answer["from"], answer["to"]) == (1, 2)
    assert [change["sentence"] for change in answer["changes"]] == [
        "net loss at least: 100 EUR -> 150 EUR",
        "added condition stake >= 5",
    ]
    assert back["changes"][0]["sentence"] == "net loss at least: 150 EUR -> 100 EUR"
    assert ann.get("/cashback/diff", **{"from": 9}).status_code == 404
