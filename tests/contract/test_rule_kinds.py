"""A plugin's own kind of rule: operators fill it in, and what is stored is the rule that it means."""

from __future__ import annotations

import pytest
from acme_sample import cards

from pitboss.core.clock import uuid7
from pitboss.core.errors import InvalidInput
from pitboss.core.tenancy import toggle
from pitboss.rules.book import drafts, packs, store
from tests.rules.publishing import put_to_work

SECOND = {"kind": "acme_sample.milestone", "key": "second", "name": "A second card", "after": 2}


def test_what_is_filled_in_becomes_the_rule_that_it_means(ctx):
    saved = drafts.create(ctx, {**SECOND, "tags": ["cards"]})

    assert saved.version.document == {
        "kind": "reward",
        "key": "second",
        "name": "A second card",
        "on": ["acme_sample.card_scratched"],
        "when": {"event.nth": 2},
        "then": [{"action": "acme_sample.give_card", "key": "milestone-2", "reason": "milestone"}],
        "tags": ["cards", "acme_sample.milestone"],
    }


def test_it_works_as_any_rule_does_for_each_player(kernel, tenant, worker):
    with kernel.context(tenant.id) as ctx:
        put_to_work(ctx, SECOND)
    players = [uuid7(), uuid7()]
    for player_id in players:
        with kernel.context(tenant.id) as ctx:
            given = [ctx.of(player_id).act("acme_sample.give_card", key=f"{player_id}:{n}") for n in (1, 2)]
            for card_id in given:
                cards.scratch(ctx, player_id, card_id)

    worker()

    with kernel.context(tenant.id) as ctx:
        reasons = [[card.reason for card in cards.cards_of(ctx, player_id)] for player_id in players]
    assert reasons == [["milestone", "gift", "gift"]] * 2


@pytest.mark.parametrize(
    ("change", "field", "said"),
    [
        ({"after": 0}, "after", "Must be greater than"),
        ({"after": None}, "after", "null"),
        ({"then": []}, "then", "Unknown field"),
        ({"kind": "acme_sample.milestones"}, "kind", "did you mean 'acme_sample.milestone'?"),
        ({"key": "No Key"}, "key", "small letters"),
    ],
)
def test_what_was_filled_in_wrongly_is_named_with_its_cure(ctx, change, field, said):
    with pytest.raises(InvalidInput) as error:
        drafts.create(ctx, {**SECOND, **change})

    assert said in " ".join(error.value.fields[field])
    assert store.look_up(ctx, "second") is None


def test_a_pack_may_hold_it(ctx):
    loaded = packs.store_all(ctx, [SECOND])

    assert loaded.created == ["second"]


def test_a_tenant_without_the_plugin_has_no_such_rules(kernel, tenant):
    with kernel.context(tenant.id) as ctx:
        toggle.disable(ctx, "acme_sample")
    kernel.tenants.forget()

    with kernel.context(tenant.id) as ctx, pytest.raises(InvalidInput, match="no plugin of this tenant"):
        drafts.create(ctx, SECOND)
