"""An event, the facts, which rules match, and what is done."""

from __future__ import annotations

from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from sqlalchemy import select

from pitboss.core import facts, reports
from pitboss.core.identity.players import register_player
from pitboss.core.reports import Span
from pitboss.rules.book import store
from pitboss.rules.runtime.judge import judge
from pitboss.rules.runtime.tables import DecisionRow, JudgementRow
from tests.rules import casino
from tests.rules.casino import CasinoFacts
from tests.rules.publishing import put_to_work
from tests.rules.runtime.conftest import reward

NEW_YORK = ZoneInfo("America/New_York")
ONE = [{"action": "casino.pay", "amount": 1}]


def test_a_rule_that_matches_pays_its_formula_to_the_cent(live, player, lose, seen) -> None:
    live(reward())
    lose(player(), 123_45)
    assert seen.payouts() == [("pay x0", 12_35)]
    assert seen.decisions() == [("cashback", "done", 12_35)]


def test_a_rule_that_does_not_match_does_nothing(live, player, lose, seen) -> None:
    live(reward())
    lose(player(), 9_99)
    assert seen.payouts() == []
    assert seen.decisions() == []


def test_a_cap_bounds_what_is_paid(live, player, lose, seen) -> None:
    live(reward(then=[{"action": "casino.pay", "formula": "net_loss * 0.10", "max_amount": 5}]))
    lose(player(), 6_200_00)
    assert seen.payouts() == [("pay x0", 5_00)]


def test_parameters_reach_the_action(live, player, lose, seen) -> None:
    live(reward(then=[{"action": "casino.pay", "amount": 3, "wagering_requirement": 10}]))
    lose(player(), 20_00)
    assert seen.payouts() == [("pay x10", 3_00)]


def test_points_are_paid_in_their_own_unit(live, player, lose, seen) -> None:
    live(reward(then=[{"action": "casino.points", "formula": "net_loss * 1.5"}]))
    lose(player(), 33_33)
    assert seen.payouts() == [("points x0", 50)]


def test_an_action_that_pays_nothing_is_done(live, player, lose, seen) -> None:
    live(reward(then=[{"action": "casino.say", "text": "hard luck"}]))
    lose(player(), 20_00)
    assert seen.payouts() == [("hard luck", 0)]


def test_the_fields_of_the_event_are_facts(live, player, lose, seen) -> None:
    live(reward(when="game == 'poker' and event.stake > 50", then=ONE))
    someone = player()
    lose(someone, 50_00, game="poker")
    lose(someone, 50_01, game="slots")
    lose(someone, 50_01, game="poker")
    assert len(seen.payouts()) == 1


def test_windows_computed_facts_and_functions_are_facts(live, player, lose, seen) -> None:
    when = "rounds_7d == 2 and staked_7d == 30 and twice_lost == 60 and luck(3) == 6"
    live(reward(when=when, then=ONE))
    someone = player()
    lose(someone, 10_00)
    lose(someone, 20_00)
    assert len(seen.payouts()) == 1


def test_rules_of_another_tenant_do_nothing_here(kernel, live, player, other_tenant, worker, seen) -> None:
    live(reward())
    with kernel.context(other_tenant.id) as ctx:
        casino.lose(ctx, player(), 100_00)
    worker()
    assert seen.payouts() == []
    with kernel.context(other_tenant.id) as ctx:
        assert casino.payouts(ctx) == []


def test_a_rule_that_stops_hides_those_of_lower_priority(live, player, lose, seen) -> None:
    live(reward("first", priority=2, stop=True), reward("second", priority=1), reward("zeroth", priority=3))
    lose(player(), 20_00)
    assert [rule for rule, _, _ in seen.decisions()] == ["zeroth", "first"]


def test_an_error_in_one_rule_leaves_the_others_alone(live, player, lose, seen) -> None:
    broken = reward("broken", when="net_loss / (net_loss - 20) > 1", priority=9)
    live(broken, reward())
    lose(player(), 20_00)
    assert seen.decisions() == [("cashback", "done", 2_00)]


def test_a_negative_amount_pays_nothing(live, player, lose, seen) -> None:
    live(reward(then=[{"action": "casino.pay", "formula": "15 - net_loss"}]))
    lose(player(), 20_00)
    assert seen.decisions() == [("cashback", "nothing", 0)]


def test_a_guard_refuses_and_nothing_is_done(kernel, tenant, live, player, lose, seen) -> None:
    live(reward(limits={"per_player": {"count": 1, "period": "week"}}))
    someone = player()
    with kernel.context(tenant.id) as ctx:
        facts.write(ctx, someone, CasinoFacts, is_barred=True)
    lose(someone, 20_00)
    assert seen.decisions() == [("cashback", "refused", 2_00)]
    with kernel.context(tenant.id) as ctx:
        facts.write(ctx, someone, CasinoFacts, is_barred=False)
    lose(someone, 20_00)
    assert seen.decisions()[1:] == [("cashback", "done", 4_00)], "what was refused used nothing up"


def test_what_was_known_is_kept_with_the_event(kernel, tenant, live, player, lose) -> None:
    live(reward())
    event = lose(player(), 20_00)
    with kernel.context(tenant.id) as ctx:
        row = ctx.session.get(JudgementRow, (tenant.id, event.id))
    assert row.facts["casino.net_loss"] == 20.0
    assert row.facts["event.game"] == "slots"
    assert "casino.is_barred" not in row.facts, "what is as it would be anyway is not kept"


def test_what_is_kept_says_the_segments_that_rewards_were_judged_on(
    kernel, tenant, live, player, lose, seen
) -> None:
    live(
        {"kind": "segment", "key": "losing", "when": {"net_loss_min": 10}},
        reward(when="in_segment('losing') and segment == 'LOSING'", then=ONE),
    )
    event = lose(player(), 20_00)
    assert len(seen.payouts()) == 1
    with kernel.context(tenant.id) as ctx:
        row = ctx.session.get(JudgementRow, (tenant.id, event.id))
    assert (row.facts["rules.segments"], row.facts["rules.segment"]) == (["LOSING"], "LOSING")


def test_of_several_actions_one_may_come_to_nothing(live, player, lose, seen) -> None:
    then = [{"action": "casino.pay", "formula": "20 - net_loss"}, {"action": "casino.points", "amount": 5}]
    live(reward(then=then))
    lose(player(), 20_00)
    assert seen.payouts() == [("points x0", 5)]


def test_an_event_of_a_player_is_kept_before_any_rule_listens(kernel, tenant, player, lose) -> None:
    event = lose(player(), 20_00)
    with kernel.context(tenant.id) as ctx:
        assert ctx.session.get(JudgementRow, (tenant.id, event.id)) is not None


def test_an_event_that_comes_twice_is_judged_once(kernel, tenant, live, player, lose, seen) -> None:
    live(reward())
    event = lose(player(), 20_00)
    with kernel.context(tenant.id) as ctx:
        judge(ctx.of(event.player_id), event)
    assert len(seen.payouts()) == 1


def test_a_new_version_is_at_work_at_once_and_decisions_name_it(kernel, tenant, live, player, lose) -> None:
    live(reward())
    someone = player()
    lose(someone, 20_00)
    live(reward(then=[{"action": "casino.pay", "amount": 7}]))
    lose(someone, 20_00)
    with kernel.context(tenant.id) as ctx:
        rows = ctx.session.scalars(select(DecisionRow).order_by(DecisionRow.id)).all()
    assert [(row.version, row.amount) for row in rows] == [(1, 2_00), (2, 7_00)]


def test_a_stopped_rulebook_does_nothing_but_remembers(kernel, tenant, live, player, lose, seen) -> None:
    live(reward())
    with kernel.context(tenant.id) as ctx:
        store.write_switch(ctx, is_stopped=True)
    event = lose(player(), 20_00)
    assert seen.decisions() == []
    with kernel.context(tenant.id) as ctx:
        assert ctx.session.get(JudgementRow, (tenant.id, event.id)) is not None


@pytest.mark.parametrize(
    ("hours", "is_live"),
    [(-1, False), (0, True), (23, True), (24, False)],
    ids=["before", "from midnight", "until the end", "at the end"],
)
def test_a_schedule_follows_the_days_of_the_tenant(
    make_tenant, kernel, clock, worker, hours: int, is_live: bool
) -> None:
    tenant = make_tenant("casino", time_zone="America/New_York")
    rule = reward(effective={"from": "2026-03-01", "until": "2026-03-02"})
    clock.set(datetime(2026, 3, 1, tzinfo=NEW_YORK) - timedelta(hours=1))
    with kernel.context(tenant.id) as ctx:
        put_to_work(ctx, rule)
        someone = register_player(ctx, email="a@b.test", password=None).id
    clock.advance(hours=1 + hours)
    with kernel.context(tenant.id) as ctx:
        casino.lose(ctx, someone, 20_00)
    worker()
    with kernel.context(tenant.id) as ctx:
        assert bool(casino.payouts(ctx)) is is_live


def test_formulas_are_called_by_other_rules(live, player, lose, seen) -> None:
    live(
        {"kind": "formula", "key": "fair-share", "formula": "net_loss * 0.25"},
        reward(when="fair_share() >= 5", then=[{"action": "casino.pay", "formula": "fair_share() + 1"}]),
    )
    someone = player()
    lose(someone, 19_99)
    lose(someone, 1)
    assert seen.payouts() == [("pay x0", 6_00)]


def test_a_fact_that_is_a_formula_of_others_is_read_like_any(
    kernel, tenant, live, player, lose, seen, clock
) -> None:
    live(reward(when={"days_since_seen": {"max": 7}}, then=ONE))
    someone = player()
    lose(someone, 20_00)
    with kernel.context(tenant.id) as ctx:
        facts.write(ctx, someone, CasinoFacts, seen_at=clock.now())
    for days in (7, 1):
        clock.advance(days=days)
        lose(someone, 20_00)
    assert len(seen.payouts()) == 1, "unknown at first, seven days then, and eight in the end"


def test_a_report_adds_up_what_rules_gave_and_what_they_did_not(
    kernel, tenant, live, player, lose, clock
) -> None:
    live(
        reward(key="money", then=ONE, limits={"per_player": {"count": 1, "period": "day"}}),
        reward(key="points", then=[{"action": "casino.points", "amount": 7}]),
    )
    who = player()
    lose(who, 123_45), lose(who, 123_45)
    today = clock.now().astimezone(tenant.zone).date()

    with kernel.context(tenant.id) as ctx:
        rows = reports.read(ctx, "rules.given", Span(today, today)).rows

    by_rule = {rule: [row for row in rows if row[0] == rule] for rule in ("money", "points")}
    assert [sum(row[place] for row in by_rule["money"]) for place in (1, 2, 3)] == [1, 1, 1_00]
    assert [(row[1], row[3], row[4], row[5]) for row in by_rule["points"]] == [(2, None, "PTS", 14)]
