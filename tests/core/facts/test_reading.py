"""Facts are read in one statement, of one tenant, with what is not known told apart."""

from __future__ import annotations

import pytest

from pitboss.core import facts
from pitboss.core.clock import uuid7
from pitboss.core.errors import InvalidInput, PluginError, TermMissing
from pitboss.core.tenancy.tables import TenantPluginRow


def test_all_facts_of_a_player_come_in_one_select(ctx, Facts, statements):
    player = uuid7()
    facts.record(ctx, player, "factlab.deposit", 1000)
    facts.write(ctx, player, Facts, tier="gold")
    statements.clear()

    found = facts.read(ctx, player)

    assert len(statements) == 1
    assert found["factlab.tier"] == "gold"
    assert found["factlab.sum_7d"] == 1000
    assert len([name for name in found if name.startswith("factlab.")]) == 15


def test_an_unknown_player_has_defaults_zeros_and_unknowns(ctx):
    found = facts.read(ctx, uuid7())

    assert found["factlab.tier"] == "bronze"
    assert found["factlab.net_loss"] is None
    assert (found["factlab.sum_7d"], found["factlab.count_7d"]) == (0, 0)
    assert found["factlab.min_7d"] is found["factlab.last_all"] is None


def test_every_aggregate_is_kept(ctx, clock):
    player = uuid7()
    for value in (500, 100, 300):
        facts.record(ctx, player, "factlab.deposit", value)
        clock.advance(hours=2)

    found = facts.read(ctx, player)

    for span in ("7d", "all"):
        values = [found[f"factlab.{name}_{span}"] for name in ("sum", "count", "min", "max", "last")]
        assert values == [900, 3, 100, 500, 300]


def test_a_late_value_does_not_become_the_last(ctx, clock):
    player, now = uuid7(), clock.now()
    facts.record(ctx, player, "factlab.deposit", 2, at=now)
    facts.record(ctx, player, "factlab.deposit", 1, at=now.replace(minute=0, hour=11))
    facts.record(ctx, player, "factlab.deposit", 1, at=now.replace(hour=3))

    assert facts.read(ctx, player, ["last_all", "last_7d"]) == {
        "factlab.last_all": 2,
        "factlab.last_7d": 2,
    }


def test_a_computed_fact_is_read_when_it_is_named(ctx):
    player = uuid7()
    facts.record(ctx, player, "factlab.deposit", 21)

    assert facts.read(ctx, player, ["doubled"]) == {"factlab.doubled": 42}
    assert "factlab.doubled" not in facts.read(ctx, player)


def test_the_context_reads_one_value(ctx):
    player = uuid7()
    facts.record(ctx, player, "factlab.deposit", 7)

    assert ctx.of(player).value("factlab.sum_1d") == 7


def test_a_value_without_a_player_says_so(ctx):
    with pytest.raises(InvalidInput, match="say which with ctx.of"):
        ctx.value("factlab.sum_1d")


def test_facts_of_another_tenant_are_not_seen(kernel, tenant, other_tenant, Facts):
    player = uuid7()
    with kernel.context(tenant.id) as ctx:
        facts.record(ctx, player, "factlab.deposit", 1000)
        facts.write(ctx, player, Facts, tier="gold")

    with kernel.context(other_tenant.id) as other:
        assert facts.read(other, player, ["sum_all", "tier"]) == {
            "factlab.sum_all": 0,
            "factlab.tier": "bronze",
        }
        assert facts.read_page(other, ["sum_all"]).player_ids == []


def test_facts_of_a_plugin_that_is_switched_off_are_not_there(kernel, make_tenant):
    with kernel.context(make_tenant().id) as ctx:
        assert not [n for n in facts.read(ctx, uuid7()) if n.startswith("factlab.")]
        with pytest.raises(TermMissing):
            facts.read(ctx, uuid7(), ["factlab.tier"])


def test_facts_of_given_players_come_as_columns_in_their_order(ctx, Facts, players):
    (first, second), stranger = players(2), uuid7()
    facts.record(ctx, first, "factlab.deposit", 5)
    facts.record(ctx, second, "factlab.deposit", 6)
    facts.write(ctx, second, Facts, tier="gold")

    columns = facts.read_many(ctx, [second, stranger, first], ["sum_7d", "tier", "last_all"])

    assert columns.player_ids == [second, stranger, first]
    assert columns.values == {
        "factlab.sum_7d": [6, 0, 5],
        "factlab.tier": ["gold", "bronze", "bronze"],
        "factlab.last_all": [6, None, 5],
    }


def test_pages_meet_every_player_once(ctx, players):
    everyone = players(5)
    facts.record(ctx, everyone[0], "factlab.deposit", 1)

    first = facts.read_page(ctx, ["sum_all"], limit=2)
    second = facts.read_page(ctx, ["sum_all"], after=first.player_ids[-1], limit=3)

    assert first.player_ids + second.player_ids == everyone
    assert first.values["factlab.sum_all"] == [1, 0]
    assert [len(page) for page in facts.read_pages(ctx, ["count_7d"])] == [5]


def test_bulk_reads_agree_with_single_ones(ctx, Facts, clock, players):
    everyone = players(3)
    for n, player in enumerate(everyone):
        facts.write(ctx, player, Facts, tier=f"t{n}", net_loss=n)
        for hour in range(n + 1):
            facts.record(ctx, player, "factlab.deposit", 10 * hour)
            clock.advance(hours=hour)
    names = list(facts.read(ctx, everyone[0]))

    columns = facts.read_many(ctx, everyone, names)

    for n, player in enumerate(everyone):
        assert {name: columns.values[name][n] for name in names} == facts.read(ctx, player)


def test_a_computed_fact_is_refused_in_bulk(ctx):
    with pytest.raises(InvalidInput, match="cannot be read in bulk"):
        facts.read_many(ctx, [uuid7()], ["doubled"])


def test_a_page_has_a_limit(ctx):
    with pytest.raises(InvalidInput, match="between 1 and 10000"):
        facts.read_page(ctx, ["sum_all"], limit=10_001)


def test_additions_to_a_fact_add_up(ctx, Facts):
    player = uuid7()

    facts.add(ctx, player, Facts, net_loss=30)
    facts.add(ctx, player, Facts, net_loss=-10)
    facts.write(ctx, player, Facts, tier="gold")

    assert facts.read(ctx, player, ["net_loss", "tier"]) == {
        "factlab.net_loss": 20,
        "factlab.tier": "gold",
    }


def test_a_misspelt_column_names_the_nearest(ctx, Facts):
    with pytest.raises(InvalidInput, match="did you mean 'net_loss'"):
        facts.write(ctx, uuid7(), Facts, net_los=1)


def test_a_table_with_another_key_holds_no_facts(ctx):
    with pytest.raises(PluginError, match="must be .tenant_id, player_id."):
        facts.write(ctx, uuid7(), TenantPluginRow, settings={})
