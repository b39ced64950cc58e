"""Rules out of packs: looked at, filled in, and stored as drafts."""

from __future__ import annotations

from typing import Any

import pytest

from pitboss.rules.book import store
from pitboss.rules.book.blanks import blanks_of
from pitboss.rules.book.starters import find_starter

ADMIN = "/admin/rules"
PACK = f"{ADMIN}/packs/cardroom.starter"
TEMPLATE = f"{PACK}/consolation-prize"


@pytest.fixture
def document(kernel, tenant):
    """Read the newest version of a rule."""

    def read(key: str) -> Any:
        with kernel.context(tenant.id) as ctx:
            return store.version(ctx, key, store.find(ctx, key).head).document

    return read


def test_what_a_plugin_ships_is_listed_while_it_is_on(tenant, otto, seat, make_tenant):
    page = otto.get(f"{ADMIN}/packs").text
    assert "What a card room begins with." in page
    assert "rules.rewards" in page

    without = seat("olga", "*", of=make_tenant("casino"))
    assert "Card room" not in without.get(f"{ADMIN}/packs").text
    assert without.get(PACK).status_code == 404


def test_a_pack_is_read_in_words_and_says_what_does_not_fit(tenant, otto, seat):
    page = otto.get(PACK).text

    assert "Net_loss is at least 100 GBP" in page
    assert "unknown variable &#39;luck_of_the_draw&#39;" in page
    assert f"{PACK}/misfit" not in page
    reader = seat("rita", "rules.read").get(PACK).text
    assert "Fill in" not in reader
    assert "Take all that fit" not in reader


def test_all_that_fits_is_taken_once(tenant, otto, document):
    assert "3 rules stored as drafts" in otto.post(PACK, follow_redirects=True).text
    assert document("regulars")["when"] == "rounds_7d >= 20"
    assert "Here already" in otto.get(PACK).text
    assert "No rule of this pack is left" in otto.post(PACK, follow_redirects=True).text


def test_a_rule_is_filled_in_and_its_wrong_tests_are_left_out(tenant, otto, document):
    form = {
        "key": "my-consolation", "name": "Mine", "on": "casino.round_played",
        "/when/net_loss_min": "150", "/when/rounds_7d/max": "12.5", "/when/all/0/twice_lost_min": "2",
        "/then/0/formula": "net_loss * 0.2", "/then/0/max_amount": "90",
        "/limits/budget/amount": "77", "/holdout_percent": "0",
    }  # fmt: skip
    page = otto.post(TEMPLATE, data=form, follow_redirects=True).text
    assert "1 of its tests was left out" in page

    made = document("my-consolation")
    assert made["on"] == ["casino.round_played"]
    assert made["when"] == {"net_loss_min": 150, "rounds_7d": {"max": 12.5}, "all": [{"twice_lost_min": 2}]}
    assert made["then"][0]["formula"] == "net_loss * 0.2"
    assert made["then"][0]["wagering_requirement"] == 5
    assert made["limits"]["budget"] == {"amount": 77, "period": "month"}
    assert [case["name"] for case in made["tests"]] == ["a winner"]


def test_what_does_not_fit_is_named_at_its_field_and_nothing_is_stored(tenant, otto, kernel):
    right = {"key": "mine", "name": "Mine"}
    for field, value in (
        ("/when/net_loss_min", "much"), ("/when/net_loss_min", "1e999"), ("/then/0/formula", ""),
        ("/then/0/formula", "net_los * 2"), ("/limits/per_player/count", "0"), ("key", "My Key"), ("key", ""),
    ):  # fmt: skip
        answer = otto.post(TEMPLATE, data={**right, field: value})
        assert answer.status_code == 422, (field, value)
        assert "Nothing was stored" in answer.text
        assert 'aria-invalid="true"' in answer.text, (field, value)
    with kernel.context(tenant.id) as ctx:
        assert store.list_rules(ctx) == []


def test_a_key_that_is_taken_leads_to_another(tenant, otto):
    assert 'value="consolation-prize"' in otto.get(TEMPLATE).text
    otto.post(PACK)
    assert 'value="consolation-prize-2"' in otto.get(TEMPLATE).text
    again = otto.post(TEMPLATE, data={"key": "consolation-prize", "name": "x"})
    assert again.status_code == 409
    assert "there is a rule" in again.text.lower()


def test_the_blanks_of_a_rule_read_as_a_form(kernel, tenant):
    with kernel.context(tenant.id) as ctx:
        pack = find_starter(ctx, "cardroom.starter")
    labels = {blank.place: blank.label for blank in blanks_of(pack.rule("consolation-prize"))}

    assert labels["/when/net_loss_min"] == "Net loss at least"
    assert labels["/when/rounds_7d/max"] == "Rounds 7d at most"
    assert labels["/then/0/max_amount"] == "Max amount"
    assert labels["/limits/per_player/count"] == "Times for each player, each week"
    assert [b.label for b in blanks_of(pack.rule("regulars"))] == ["Condition"]
    assert [b.label for b in blanks_of(pack.rule("high-table"))] == [
        "Stake at least",
        "Severity",
        "Cool down",
        "Message",
    ]
