"""Settlement rules: versions of written rules, of which the most specific one binds new bets."""

from __future__ import annotations

import copy
from typing import Any

import pytest

from pitboss.core.errors import InvalidInput
from pitboss.plugins.betting.markets import reading, rulebook, ruleterms
from pitboss.plugins.betting.settling import rule4
from tests.plugins.betting import books
from tests.plugins.betting.conftest import BETTING
from tests.plugins.betting.fixtures import SOON

RULES = f"{BETTING}/settlement-rules"


def changed(key: str, **parts: Any) -> dict[str, Any]:
    """Return the shipped rules of a key with some parts changed."""
    return {**copy.deepcopy(dict(ruleterms.shipped()[key])), **parts}


def test_every_shipped_rule_can_be_settled_with():
    assert [ruleterms.rules_of(terms).rounding for terms in ruleterms.shipped().values()]


def test_the_shipped_scale_of_racing_is_the_traditional_one():
    assert ruleterms.rules_of(ruleterms.shipped()["horse-racing"]).rule4_bands == rule4.TATTERSALLS


@pytest.mark.parametrize(
    ("parts", "words"),
    [
        ({"void_leg": "ignore"}, "void_leg"),
        ({"postponement_hours": -1}, "postponement_hours"),
        ({"rule4": {"bands": [{"from": "1/5", "pence": 80}], "pence_max": 90, "pence_waived": 0}}, "begin"),
        (
            {
                "rule4": {
                    "bands": [{"from": "0", "pence": 50}, {"from": "1", "pence": 60}],
                    "pence_max": 90,
                    "pence_waived": 0,
                }
            },
            "pence",
        ),
        (
            {"place_terms": [{"runners_min": 5, "is_handicap": None, "fraction": "1/4", "places": None}]},
            "places",
        ),
        ({"dead_heat": "stake", "unknown": 1}, "unknown"),
    ],
)
def test_rules_that_contradict_themselves_are_refused(parts, words):
    with pytest.raises(InvalidInput, match=words):
        ruleterms.check_terms(changed("horse-racing", **parts))


def test_two_versions_are_compared_part_by_part():
    after = changed("horse-racing", postponement_hours=36)
    after["rule4"]["bands"][13]["pence"] = 30

    assert ruleterms.difference(ruleterms.shipped()["horse-racing"], after) == [
        ("rule4.bands.14.pence", "25", "30"),
        ("postponement_hours", "24", "36"),
    ]


def save(trader: Any, key: str, terms: Any, *, reason: str = "for a test") -> Any:
    """Save rules on the version that stands."""
    seen = trader.get(f"{RULES}/of/{key}").headers.get("ETag", "")
    headers = {"If-Match": seen} if seen else {}
    return trader.put(f"{RULES}/of/{key}", json={"terms": terms, "reason": reason}, headers=headers)


def test_a_new_version_binds_new_bets_and_the_old_one_stays(kernel, tenant, trader, world, clock):
    race = world.race("A", "B", "C", at=clock.now() + SOON)
    with kernel.context(tenant.id) as ctx:
        made = books.race(ctx, race, world, A="3", B="4", C="5").market
    waived = changed("horse-racing")
    waived["rule4"]["pence_waived"] = 10

    saved = save(trader, "horse-racing", waived, reason="we waive ten pence").json

    assert saved["version"] == 2
    with kernel.context(tenant.id) as ctx:
        now = reading.find(ctx, made.id).market.rules_id
        old, new = (rulebook.rules_by_id(ctx, [one])[one] for one in (made.rules_id, now))
    assert (old.version, old.rules.rule4_pence_waived) == (1, 0)
    assert (new.version, new.rules.rule4_pence_waived) == (2, 10)
    versions = trader.get(f"{RULES}/history/horse-racing").json
    assert [(one["version"], one["reason"]) for one in versions] == [
        (2, "we waive ten pence"),
        (1, "As shipped."),
    ]
    differs = trader.get(f"{RULES}/compare/horse-racing?before=1&after=2").json
    assert differs == [{"field": "rule4.pence_waived", "before": "0", "after": "10"}]


def test_the_most_specific_rules_bind(kernel, tenant, trader, world, clock):
    match = world.match("Leeds", "Hull", at=clock.now() + SOON)
    with kernel.context(tenant.id) as ctx:
        books.publish(ctx, match, home="2", draw="3", away="4")
        made = books.publish(ctx, match, "both_score", yes="2", no="1.9").market

    save(trader, "football/both_score", changed("football", rounding="down"))
    save(trader, "*", changed("*", rounding="up"))
    save(trader, "football", changed("football", rounding="half_even"))

    with kernel.context(tenant.id) as ctx:
        found = {b.market.template: b.market.rules_id for b in reading.of_fixtures(ctx, [match])}
        rules = rulebook.rules_by_id(ctx, found.values())
    rounding = {template: rules[one].rules.rounding for template, one in found.items()}
    assert rounding == {"match_result": "half_even", "both_score": "down"}
    asked = {"sport": "football", "template": "both_score"}
    assert trader.get(f"{RULES}/binding", query_string=asked).json["key"] == "football/both_score"
    assert made.odds_version == 1


def test_two_operators_do_not_overwrite_each_others_rules(trader):
    seen = {"If-Match": trader.get(RULES) and trader.get(f"{RULES}/of/football").headers["ETag"]}
    body = {"terms": changed("football", rounding="down"), "reason": "for a test"}
    first = trader.put(f"{RULES}/of/football", json=body, headers=seen)

    second = trader.put(f"{RULES}/of/football", json=body, headers=seen)

    assert (first.status_code, second.status_code) == (200, 412)


def test_rules_are_edited_by_who_may(make_client):
    looking = make_client("operator", "betting.read")

    assert looking.get(RULES).status_code == 200
    assert save(looking, "football", changed("football")).status_code == 403
