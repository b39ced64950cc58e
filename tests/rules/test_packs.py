"""The starter packs: valid, tested inside, free of errors, and right to the published figures."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import jsonschema
import pytest

from pitboss.rules.catalogues import starter_catalogue
from pitboss.rules.engine.catalogue import NOW
from pitboss.rules.engine.errors import Refused
from pitboss.rules.engine.insight.analysis import analyse
from pitboss.rules.engine.insight.casebook import run_cases
from pitboss.rules.engine.program import Program
from pitboss.rules.engine.rule import Alert, Reward, read_json, read_rules
from pitboss.rules.engine.schema import pack_schema, rule_schema
from pitboss.rules.engine.tree import facts_read
from pitboss.rules.layout import format_file
from tests.rules.packs import ALL, ORACLES, PACKS, programs_of, said, value


def test_the_published_schema_is_one_and_the_packs_are_valid_against_it() -> None:
    schema = pack_schema(starter_catalogue())
    jsonschema.Draft202012Validator.check_schema(schema)

    for pack in PACKS:
        jsonschema.Draft202012Validator(schema).validate(read_json(pack.read_bytes()))


@pytest.mark.parametrize("pack", PACKS, ids=lambda pack: pack.stem)
def test_each_rule_is_valid_against_the_schema_of_its_kind(pack: Path) -> None:
    for data in read_json(pack.read_bytes())["rules"]:
        jsonschema.Draft202012Validator(rule_schema(data["kind"], starter_catalogue())).validate(data)


@pytest.mark.parametrize("program", list(ALL.values()), ids=lambda program: program.key)
def test_the_tests_inside_pass(program: Program) -> None:
    outcomes = run_cases(program)

    assert outcomes, "a rule of a pack has tests"
    assert not [outcome.sentence for outcome in outcomes if not outcome.passed]


@pytest.mark.parametrize("program", list(ALL.values()), ids=lambda program: program.key)
def test_a_rule_that_chooses_is_tested_both_ways(program: Program) -> None:
    expected = {case.expect.match for case in program.rule.tests}

    assert program.rule.kind == "formula" or expected >= {True, False}


def test_the_packs_have_no_errors_side_by_side() -> None:
    errors = [finding for finding in analyse(ALL.values()) if finding.severity == "error"]

    assert not errors


@pytest.mark.parametrize("pack", PACKS, ids=lambda pack: pack.stem)
def test_only_a_division_that_abstains_is_warned_of(pack: Path) -> None:
    warnings = [finding for finding in analyse(programs_of(pack)) if finding.severity == "warning"]

    assert {finding.kind for finding in warnings} <= {"can_divide_by_zero"}
    assert {key for finding in warnings for key in finding.rules} <= {
        "model-score",
        "model-confidence",
        "team-statistic",
    }


def test_the_catalogue_holds_what_the_packs_read_and_nothing_more() -> None:
    read = {name for program in ALL.values() for name in _facts(program)}

    assert starter_catalogue().variables.keys() - read - {NOW} <= {"total_deposited", "min_confidence"}


@pytest.mark.parametrize("pack", PACKS, ids=lambda pack: pack.stem)
def test_a_pack_is_laid_out_as_format_does_it(pack: Path) -> None:
    assert format_file(pack.read_bytes()) == pack.read_text("utf-8")


def test_each_reward_is_bounded_per_player() -> None:
    rewards = [program.rule for program in ALL.values() if isinstance(program.rule, Reward)]

    assert {rule.key for rule in rewards if rule.limits is None} == set()


def test_alerts_say_facts_that_exist() -> None:
    for program in ALL.values():
        if isinstance(program.rule, Alert):
            text = program.rule.message
            for word in [part.partition("}")[0] for part in text.split("{")[1:]]:
                assert starter_catalogue().knows(word), f"{program.key}: {word}"


def test_a_pack_without_its_header_is_refused() -> None:
    with pytest.raises(Refused, match="'pack' is missing"):
        read_rules('{"rules": [{}]}')
    with pytest.raises(Refused, match="unknown key 'titel': did you mean title"):
        read_rules('{"pack": "a", "titel": "A", "version": 1, "rules": [{}]}')


# -- the figures that were published -------------------------------------------------------------


@pytest.mark.parametrize("bet", ORACLES["ev"]["expected"]["value_bets_seed_004"], ids=lambda bet: bet["p"])
def test_value_bets_are_flagged_and_graded_as_published(bet: dict[str, Any]) -> None:
    facts = {"model_probability": float(bet["p"]), "odds": float(bet["odds"])}
    found = said("value-bet", **facts)

    assert found.matched is bet["flag_seed_rule(p > 1.1/odds)"]
    assert found.amounts[0].value == Decimal(bet["value_pct"])
    assert value("value-grade", **facts) == (bet["recommendation_seed(>20 STRONG)"] or "NONE")


def test_the_expected_value_is_as_published() -> None:
    expected = ORACLES["ev"]["expected"]

    assert value("expected-value", model_probability=0.55, odds=2.10) == Decimal(
        expected["p0.55_d2.10_per_unit"]
    )
    assert value("expected-value", model_probability=0.50, odds=1.90) == Decimal(
        expected["p0.50_d1.90_per_unit"]
    )


_SOURCES = {
    "team_stats": "team",
    "player_stats": "player",
    "odds_movement": "movement",
    "historical": "history",
}


def _model(*, off: str = "", dynamic: bool = False) -> dict[str, float]:
    inputs = ORACLES["model.score"]["inputs"]
    facts: dict[str, float] = {}
    for source, (weight, score) in inputs["sources(weight,score)"].items():
        word = _SOURCES[source]
        facts |= {f"{word}_weight": 0.0 if source == off else float(weight), f"{word}_score": float(score)}
        if dynamic:
            facts[f"{word}_multiplier"] = float(inputs["multipliers"][source])
    return facts


def test_models_are_scored_as_published() -> None:
    expected = ORACLES["model.score"]["expected"]

    def near(found: Decimal, wanted: str) -> bool:
        return abs(found - Decimal(wanted)) <= Decimal("1e-9")

    assert near(value("model-score", **_model()), expected["static"])
    assert near(value("model-score", **_model(dynamic=True)), expected["dynamic"])
    assert near(value("model-score", **_model(off="historical")), expected["one_source_disabled(historical)"])
    for z, wanted in zip((8, -8), expected["team_stats_example"]["sigmoid"], strict=True):
        assert near(value("team-statistic", team_value=z, league_average=0, league_deviation=10), wanted)
    assert near(value("temperature-linear", temperature=72), expected["linear_temp_72_32_100"])
    assert near(value("temperature-inverted", temperature=72), expected["linear_inverted"])
    assert near(value("weather", temperature=72, wind_speed=10), expected["formula_temp72_wind10"])
    assert near(value("weather", temperature=90, wind_speed=30), expected["formula_temp90_wind30_clamped"])


def test_a_model_without_sources_abstains_and_is_never_lifted() -> None:
    found = said("model-confidence", min_confidence=0.6)

    assert not found.fires
    assert found.amounts[0].fault is not None
    assert found.amounts[0].fault.kind == "division_by_zero"
    assert not said("model-tip", min_confidence=0.6).matched


@pytest.mark.parametrize(
    ("opened", "now", "reverse", "score"),
    [(-3.5, -5.0, False, "0.5"), (-3.5, -5.0, True, "0.6"), (0.0, 2.8, True, "1")],
)
def test_line_movements_are_scored_as_published(opened: float, now: float, reverse: bool, score: str) -> None:
    found = value("odds-movement", opening_line=opened, current_line=now, is_reverse_movement=reverse)

    assert abs(found - Decimal(score)) < Decimal("1e-30")


_PARTS = ("schema", "types", "completeness", "uniqueness", "freshness")


def _datasets() -> Iterator[tuple[dict[str, float], str, bool]]:
    oracle = ORACLES["dataset.quality"]
    for case, score, is_usable in zip(
        oracle["inputs"]["cases"], oracle["expected"]["scores"], oracle["expected"]["usable"], strict=True
    ):
        facts = {f"dataset_{part}": float(share) for part, share in zip(_PARTS, case, strict=True)}
        yield facts, score, is_usable


@pytest.mark.parametrize(("facts", "score", "is_usable"), list(_datasets()))
def test_data_sets_are_judged_as_published(facts: dict[str, float], score: str, is_usable: bool) -> None:
    assert value("dataset-quality", **facts) == Decimal(score)
    assert said("usable-datasets", **facts).matched is is_usable


def test_a_gross_deposit_limit_is_as_published() -> None:
    case = ORACLES["limits.effective_time"]["expected"]["gross_deposit_limit"]
    first, _, third = case["deposits"]
    facts = {"deposit_limit": 100, "deposits_24h": float(first), "deposit_amount": float(third)}

    assert case["third"].startswith("refused")
    assert said("own-deposit-limit", **facts).matched


def test_wagering_is_capped_as_published() -> None:
    for times, verdict in ORACLES["bonus.wagering"]["expected"]["ukgc_check"].items():
        found = said("wagering-cap", wagering_requirement=float(times.rstrip("x")))

        assert found.matched is verdict.startswith("refused")


def test_checks_of_harm_begin_just_over_their_thresholds() -> None:
    assert "over 150" in ORACLES["affordability.net_deposit_30d"]["formula"]
    assert "EUR 2000" in ORACLES["aml.linked_transactions"]["formula"]
    assert said("vulnerability-check", net_deposits_30d=150.01).matched
    assert not said("vulnerability-check", net_deposits_30d=150).matched
    assert said("due-diligence", linked_transactions_24h=2000).matched
    assert not said("due-diligence", linked_transactions_24h=1999.99).matched


# -- clocks --------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("before", "is_soon"), [(1801, False), (1800, True), (1, True), (0, False), (-1, False)]
)
def test_kick_off_is_soon_from_thirty_minutes_before(before: int, is_soon: bool) -> None:
    kick_off = datetime(2026, 12, 5, 15, tzinfo=UTC)

    found = said("kick-off-soon", now=kick_off - timedelta(seconds=before), kick_off_at=kick_off)

    assert found.matched is is_soon


def _facts(program: Program) -> set[str]:
    nodes = [program.when, program.value, *(action.amount for action in program.actions)]
    return {name for node in nodes if node is not None for name in facts_read(node)}
