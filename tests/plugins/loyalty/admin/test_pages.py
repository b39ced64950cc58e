"""The pages of operators: what they show, and that their forms do what the API does, once and by name."""

from __future__ import annotations

import re
from collections.abc import Iterator

import pytest

from pitboss.core import audit, ledger
from pitboss.core.clock import uuid7
from pitboss.core.identity import register_player
from pitboss.core.identity.principal import system_principal
from pitboss.core.tenancy import toggle
from pitboss.plugins.loyalty import checks, players
from pitboss.plugins.loyalty.campaigns import book as campaigns
from pitboss.plugins.loyalty.catalogue import redemptions
from pitboss.plugins.loyalty.referrals import book as referrals
from pitboss.plugins.loyalty.rewards import book
from pitboss.plugins.loyalty.tiers import ladder as ladders
from pitboss.plugins.loyalty.tiers import standings
from tests.plugins.loyalty.admin.scene import CAMPAIGN
from tests.plugins.loyalty.play.conftest import item, tell
from tests.rules.runtime.conftest import live

__all__ = ["live"]
ADMIN = "/admin/loyalty"


@pytest.fixture(autouse=True)
def _books_are_right(kernel, tenant) -> Iterator[None]:
    """After each test no law of the books is broken."""
    yield
    with kernel.context(tenant.id) as ctx:
        assert checks.broken(ctx) == {}


@pytest.fixture
def staff(make_client):
    """Somebody else than who made the scene."""
    return make_client("operator", "*")


@pytest.fixture
def post(staff):
    """Send a form and return the page that follows: `post("players/...", reason="...")`."""

    def send(path: str, **form: str) -> str:
        return staff.post(f"{ADMIN}/{path}", data=form, follow_redirects=True).text

    return send


def test_every_page_shows_the_scene(shown, staff):
    answers = {path: staff.get(path) for path in shown.paths()}

    assert {path: answer.status_code for path, answer in answers.items()} == dict.fromkeys(answers, 200)
    waiting = ("1 open signal of abuse", "1 redemption to send", "1 held referral", "1 reward held back")
    for page in (answers[f"{ADMIN}/"].text, staff.get("/admin/").text):
        for waits in (*waiting, "Come back waits for approval", "Bonus and cashback cost"):
            assert waits in page
    assert '<dt>Value</dt><dd><span class="amount">0.20' in answers[f"{ADMIN}/rewards/{shown.spins}"].text
    assert "Not asked yet" in answers[f"{ADMIN}/books"].text
    assert "All tie" in staff.post(f"{ADMIN}/books").text


def test_every_page_of_an_empty_brand_helps(tenant, staff):
    paths = ("", "players", "rewards", "missions", "catalogue", "redemptions", "campaigns", "signals")
    for path in (*paths, "referrals"):
        assert "empty-title" in staff.get(f"{ADMIN}/{path}").text, path


def test_pages_and_tabs_are_for_who_may_see_them(shown, make_client):
    reader = make_client("operator", "loyalty.read")

    overview = reader.get(f"{ADMIN}/").text
    assert "Signals" not in overview
    assert "Campaigns" not in overview
    for path in (
        f"signals/{shown.signal}",
        "campaigns/comeback",
        f"players/{shown.ann}/give",
        "missions/new",
    ):
        assert reader.get(f"{ADMIN}/{path}").status_code == 403, path
    for path in (f"players/{shown.ann}/points", f"referrals/{shown.referral}/clear", "tiers"):
        assert reader.post(f"{ADMIN}/{path}", data={}).status_code == 403, path
    player = reader.get(f"{ADMIN}/players/{shown.ben}").text
    assert "Risk" not in player
    assert make_client("operator", "core.players").get(f"{ADMIN}/").status_code == 403


def test_filters_take_whatever_an_address_says(shown, staff):
    for path in (
        "rewards?status=%00&rule=%00",
        "signals?severity=99999&player=x",
        "catalogue?cursor=%F0%9F%90%99",
    ):
        assert staff.get(f"{ADMIN}/{path}").status_code in (200, 400, 422), path


def test_another_brand_sees_nothing(shown, other_tenant, make_client):
    stranger = make_client("operator", "*", of=other_tenant)

    for path in (f"players/{shown.ann}", f"rewards/{shown.bonus}", f"signals/{shown.signal}"):
        assert stranger.get(f"{ADMIN}/{path}").status_code == 404, path


# -- players ---------------------------------------------------------------------------------------


def test_a_reward_is_given_once_and_a_wrong_field_is_named(shown, staff, kernel, tenant):
    path, form = f"{ADMIN}/players/{shown.ben}/give", {"type": "cash", "key": "k", "reason": "Sorry again"}
    assert "blocked" in staff.post(path, data={**form, "amount": "5.00"}).text
    path = f"{ADMIN}/players/{shown.ann}/give"

    wrong = staff.post(path, data={**form, "amount": "5.001"})
    assert wrong.status_code == 422
    assert 'aria-describedby="f-amount-error' in wrong.text
    assert "Sorry again" in wrong.text
    given = [staff.post(path, data={**form, "amount": "5.00"}) for _ in range(2)]

    assert given[0].location == given[1].location
    with kernel.context(tenant.id) as ctx:
        assert ledger.read_wallet(ctx.connection, shown.ann, "GBP").cash == 500
        assert audit.search(ctx, limit=1).entries[0]["reason"] == "Sorry again"


def test_what_a_type_has_no_use_for_is_left_out_of_a_gift(shown, staff, kernel, tenant):
    terms = {"wagering_requirement": "3", "expiry_hours": "24", "min_odds": "1.5", "eligible_games": "slots"}
    for kind, amount in (("tickets", "3"), ("free_bet", "2.00"), ("cashback", "1.00"), ("perk", "")):
        form = {**terms, "type": kind, "amount": amount, "perk": "host", "reason": "Sorry", "key": kind}
        assert staff.post(f"{ADMIN}/players/{shown.ann}/give", data=form).status_code == 303, kind

    with kernel.context(tenant.id) as ctx:
        rows = {row.type: row for row in book.history(ctx, shown.ann, limit=4)}
    assert rows["cashback"].detail["terms"]["multiplier"] == "3"
    assert rows["free_bet"].detail["terms"]["eligible_games"] == ["slots"]
    assert rows["perk"].detail["terms"]["perk"] == "host"


def test_points_are_adjusted_once_and_never_below_zero(shown, post, kernel, tenant):
    form = {"points": "40", "unit": "PTS", "direction": "add", "counts": "on", "reason": "Lost in a crash"}
    for _ in range(2):
        assert "40 points are added" in post(f"players/{shown.ann}/points", key="a", **form)
    taken = {**form, "direction": "take", "points": "10"}
    for _ in range(2):
        post(f"players/{shown.ann}/points", key="b", **taken)

    too_many = post(f"players/{shown.ann}/points", key="c", **{**taken, "points": "9999"})
    assert "more than can be spent" in too_many
    assert "Give a whole number" in post(f"players/{shown.ann}/points", key="e", **{**form, "points": "-5"})
    assert "Say why" in post(f"players/{shown.ann}/points", key="f", **{**form, "reason": ""})
    with kernel.context(tenant.id) as ctx:
        assert players.find(ctx, shown.ann).points == 180


def test_a_tier_is_decided_by_hand_and_given_back(shown, post):
    fixed = post(f"players/{shown.ann}/tier", tier="GOLD", until="2030-01-01T12:00", reason="Old friend")
    assert "By hand" in fixed
    assert "Old friend" in fixed
    assert "is over" in post(f"players/{shown.ann}/tier", tier="GOLD", until="2020-01-01T12:00", reason="Why")

    assert "The points decide the tier again" in post(f"players/{shown.ann}/tier/end", reason="Enough now")


def test_a_person_blocks_a_player_whom_no_dismissed_signal_lets_go(shown, staff, post, kernel, tenant):
    assert "Gets no rewards" in post(f"players/{shown.ben}/block", reason="Seen at the counter")
    post(f"signals/{shown.signal}/resolve", state="dismissed", reason="Brothers")
    with kernel.context(tenant.id) as ctx:
        assert players.find(ctx, shown.ben).is_blocked

    path = f"/api/v1/loyalty/players/{shown.ben}/block"
    assert staff.delete(f"{path}?reason=Cleared+up").json == {"is_blocked": False}
    assert staff.put(path, json={"reason": "Seen again"}).json == {"is_blocked": True}
    assert "gets rewards again" in post(f"players/{shown.ben}/let-go", reason="Cleared up")
    assert "not blocked" in post(f"players/{shown.ben}/let-go", reason="Cleared up")


def test_a_newcomer_stands_in_the_lowest_tier(tenant, staff, kernel, worker, make_client):
    with kernel.context(tenant.id) as ctx:
        new = register_player(ctx, email="new@loyal.test", password=None).id
    worker()

    with kernel.context(tenant.id) as ctx:
        assert players.find(ctx, new).tier == "BRONZE"
    assert "100 points to Silver" in staff.get(f"{ADMIN}/players/{new}").text


def test_who_is_there_before_loyalty_stands_in_the_lowest_tier_too(kernel, make_tenant):
    plain = make_tenant()
    with kernel.context(plain.id) as ctx:
        early = [register_player(ctx, email=f"{n}@early.test", password=None).id for n in range(2)]
    for change in (toggle.enable, toggle.disable, toggle.enable):
        with kernel.context(plain.id) as ctx:
            change(ctx, "loyalty")
        kernel.tenants.forget()

    with kernel.context(plain.id) as ctx:
        known = [(players.find(ctx, one).tier, standings.find(ctx, one).tier) for one in early]
        assert known == [("BRONZE", "BRONZE")] * 2
        assert standings.judge(ctx, early[0]).standing.tier == "BRONZE"


# -- rewards ---------------------------------------------------------------------------------------


def test_a_reward_shows_the_decision_behind_it(tenant, staff, live, kernel, worker, shown):
    live(
        {
            "kind": "reward",
            "key": "thanks",
            "on": ["loyalty.deposit_made"],
            "when": "deposit_amount >= 20",
            "then": [{"action": "loyalty.grant_cash", "amount": 5}],
        }
    )
    tell(kernel, tenant, item(shown.ann, "deposit", amount="25.00"))
    worker()
    with kernel.context(tenant.id) as ctx:
        reward_id = book.history(ctx, shown.ann, rule="thanks")[0].id

    page = staff.get(f"{ADMIN}/rewards/{reward_id}").text

    assert "no guard of a plugin refuses" in page
    assert "deposit_amount was 25" in page
    assert re.search(r'href="/admin/rules/decisions/[0-9a-f-]{36}"', page)
    assert "bonus_cost" in page
    assert "thanks" in staff.get(f"{ADMIN}/rewards?rule=thanks&type=cash&status=completed").text


def test_rewards_are_delivered_and_cancelled_with_a_reason(shown, post, staff):
    assert "Say why" in post(f"rewards/{shown.bonus}/cancel", reason="")
    assert "went back to the house" in post(f"rewards/{shown.bonus}/cancel", reason="A mistake")
    assert "can be cancelled" in post(f"rewards/{shown.bonus}/cancel", reason="A mistake")
    assert "The reward is delivered" in post(f"rewards/{shown.pending}/release", reason="Looked at it")
    assert staff.get(f"{ADMIN}/rewards/{uuid7()}").status_code == 404


# -- tiers -----------------------------------------------------------------------------------------


def test_tiers_are_previewed_saved_and_refused_by_name(shown, staff, kernel, tenant):
    form = {"mode": "window", "window_days": "90", "grace_days": "7", "version": "0", "reason": "Fewer steps"}
    form |= {"0.code": "bronze", "0.title": "Bronze", "0.entry": "0", "0.multiplier": "1"}
    form |= {"3.code": "GOLD", "3.title": "Gold", "3.entry": "200", "3.multiplier": "2"}
    form |= {"9.code": "SILVER", "9.title": "Silver", "9.entry": "100", "9.multiplier": "1"}

    preview = staff.post(f"{ADMIN}/tiers/preview", data=form).text
    assert "Who would move" in preview
    wrong = staff.post(f"{ADMIN}/tiers", data={**form, "3.multiplier": "101"})
    assert wrong.status_code == 422
    assert 'id="t3-multiplier-error' in wrong.text
    no_action = '[{"action": "loyalty.grant_cash"}]'
    assert staff.post(f"{ADMIN}/tiers", data={**form, "3.actions": no_action}).status_code == 422
    assert staff.post(f"{ADMIN}/tiers", data=form).status_code == 303
    stale = staff.post(f"{ADMIN}/tiers", data=form)

    assert "somebody saved other tiers" in stale.text
    with kernel.context(tenant.id) as ctx:
        saved = ladders.current(ctx)
    assert (saved.version, [tier.code for tier in saved.ladder.tiers]) == (1, ["BRONZE", "SILVER", "GOLD"])


# -- missions, catalogue and redemptions -----------------------------------------------------------


def test_a_mission_is_written_switched_and_changed_on_its_page(shown, staff, post):
    form = {"key": "slots", "kind": "mission", "title": "Slots", "on": "wager", "goal": "sum", "of": "amount"}
    form |= {"target": "100.00", "period": "week", "when": '{"category": "slots"}', "repeats": "on"}
    form |= {"offer_action": "loyalty.grant_points", "offer_amount": "50"}

    wrong = staff.post(f"{ADMIN}/missions", data={**form, "target": "a lot"})
    assert wrong.status_code == 422
    assert 'id="f-target-error' in wrong.text
    assert (
        'id="f-offer_terms-error' in staff.post(f"{ADMIN}/missions", data={**form, "offer_terms": "{"}).text
    )
    assert staff.post(f"{ADMIN}/missions", data=form).location == f"{ADMIN}/missions/slots"
    assert "It counts from now on" in post("missions/slots/switch", do="activate")
    assert "Saved." in post("missions/slots", **{**form, "title": "All slots", "version": "1"})
    assert "somebody changed it" in post("missions/slots", **{**form, "version": "1"})
    for wrong in ({"on": "no.such_event"}, {"freezes": "--5"}, {"title": "x" * 201}, {"when": "no_word > 1"}):
        assert (
            staff.post(f"{ADMIN}/missions/slots", data={**form, "version": "2", **wrong}).status_code == 422
        )
    assert "All slots" in staff.get(f"{ADMIN}/missions?active=yes").text
    assert "is deleted" in post("missions/slots/remove")


def test_an_item_is_offered_and_changed_unless_somebody_took_one(shown, staff, post):
    form = {"key": "spins", "title": "Spins", "price": "50", "unit": "PTS", "is_active": "on"}

    assert "Say what is sent" in staff.post(f"{ADMIN}/catalogue", data=form).text
    form |= {"offer_action": "loyalty.grant_spins", "offer_amount": "10", "offer_terms": '{"value": "0.20"}'}
    assert 'id="f-price-error' in staff.post(f"{ADMIN}/catalogue", data={**form, "price": "0"}).text
    assert staff.post(f"{ADMIN}/catalogue", data=form).status_code == 303
    assert "Saved." in post("catalogue/spins", **{**form, "price": "60", "mark": "1:None"})
    assert "somebody took one" in post("catalogue/spins", **{**form, "mark": "1:None"})
    assert "Spins is removed" in post("catalogue/spins/remove")
    assert "switch it off" in post("catalogue/mug/remove")


def test_a_redemption_is_sent_and_delivered_or_cancelled(shown, post, kernel, tenant):
    assert "on its way" in post(f"redemptions/{shown.redemption}/send", note="Parcel 7")
    assert "Parcel 7" in post(f"redemptions/{shown.redemption}/deliver", note="")
    assert "is delivered already" in post(f"redemptions/{shown.redemption}/cancel", reason="Too late")

    with kernel.context(tenant.id) as ctx:
        again = redemptions.redeem(ctx, shown.ann, "mug", key="second").id
    assert "back in their lots" in post(f"redemptions/{again}/cancel", reason="Out of mugs")


# -- campaigns, signals and referrals --------------------------------------------------------------


def test_a_campaign_is_written_by_one_and_approved_by_another(shown, staff, post, kernel, tenant):
    form = {"key": "spring", "title": "Spring", "segment": "losing", "offer_action": "loyalty.grant_cash"}
    form |= {"offer_amount": "5.00", "budget": "50.00", "holdout_percent": "10"}
    form["starts_at"] = "2040-03-01T09:00"

    wrong = staff.post(f"{ADMIN}/campaigns", data={**form, "holdout_percent": "200"})
    assert 'id="f-holdout_percent-error' in wrong.text
    for bad in ({"budget": "9" * 30}, {"segment": "x" * 65}, {"starts_at": "soon"}, {"offer_action": "a.b"}):
        assert staff.post(f"{ADMIN}/campaigns", data={**form, **bad}).status_code == 422, bad
    assert staff.post(f"{ADMIN}/campaigns", data=form).status_code == 303
    edited = post("campaigns/spring/edit", **{**form, "revision": "1", "title": "Spring again"})
    assert "Spring again" in edited
    post("campaigns/spring/step", step="submit")
    assert "somebody else has to approve" in post("campaigns/spring/approve", step="approve")
    assert "Choose one" in post("campaigns/comeback/step", step="approve")

    with kernel.context(tenant.id) as ctx:
        row = campaigns.find(ctx, "spring")
        assert (row.state, row.budget, row.starts_at.year) == ("submitted", 5_000, 2040)


def test_a_campaign_that_ran_shows_its_spend_and_what_it_gained(shown, post, live, kernel, tenant, worker):
    live({"kind": "segment", "key": "regulars", "when": "total_wagered >= 5"})
    with kernel.context(tenant.id) as ctx:
        names = [f"p{number}@loyal.test" for number in range(24)]
        regulars = [register_player(ctx, email=name, password=None).id for name in names]
    for one in regulars:
        tell(kernel, tenant, item(one, id_=str(one), amount="5.00"))
    worker()
    author = system_principal(tenant.id, "author")
    with kernel.context(tenant.id, author) as ctx:
        campaigns.create(ctx, {**CAMPAIGN, "key": "half", "segment": "regulars", "holdout_percent": 50.0})
        campaigns.step(ctx, "half", "submit")

    assert "Approved" in post("campaigns/half/approve", step="approve")
    worker()
    page = post("campaigns/half/step", step="pause")

    assert "of 24 in the segment" in page
    assert "percentage points" in page
    assert "Too few players to rely on" in page
    assert 'aria-label="Uplift of ' in page
    assert 'aria-label="Spent, ' in page
    assert 'class="limit"' in page
    assert "campaign &#39;half&#39; is done" in page


def test_a_held_referral_goes_on_or_is_rejected_with_its_signals(shown, staff, post, kernel, tenant):
    assert "same card" in staff.get(f"{ADMIN}/referrals/{shown.referral}").text
    assert "same card" in staff.get(f"{ADMIN}/signals/{shown.signal}").text
    assert "Say why" in post(f"referrals/{shown.referral}/clear", reason="")

    assert "Rejected" in post(f"referrals/{shown.referral}/reject", reason="One person")

    assert "Confirmed" in staff.get(f"{ADMIN}/signals/{shown.signal}").text
    assert "only an open one" in post(
        f"signals/{shown.signal}/resolve", state="dismissed", reason="Changed my mind"
    )
    with kernel.context(tenant.id) as ctx:
        assert referrals.find(ctx, shown.referral).state == "rejected"
