"""Tiers rise as soon as points come, fall at the instant that was due, and say so before."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

from sqlalchemy import select

from pitboss.core import notifications
from pitboss.plugins.loyalty.rewards.tables import RewardRow
from pitboss.plugins.loyalty.tiers import standings
from tests.plugins.loyalty.points.conftest import LOYALTY, inbox, registered, tiers
from tests.plugins.loyalty.samples import ORACLES

ORACLE = ORACLES["tier.balance_and_window"]
SECOND = timedelta(seconds=1)


def instant(text: str) -> datetime:
    found = datetime.fromisoformat(text)
    return found if found.tzinfo else found.replace(tzinfo=UTC)


def rungs(**entries: int) -> list[dict[str, Any]]:
    """Return tiers by their entries."""
    return [{"code": code, "title": code.title(), "entry": entry} for code, entry in entries.items()]


def with_actions(**of: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Return the tiers, some of which give something."""
    return [{**tier, "actions": of.get(tier["code"], [])} for tier in tiers()["tiers"]]


# -- the oracle ------------------------------------------------------------------------------------


def test_the_oracle_of_the_balance_is_hit_through_the_database(
    kernel, tenant, clock, staff, player, save_tiers, known
) -> None:
    clock.set(instant("2023-01-01"))
    save_tiers()
    path = f"{LOYALTY}/players/{player}/points/adjust"
    for (at, points), (_, _, balance, title) in zip(
        ORACLE["inputs"]["balance_events"], ORACLE["expected"]["balance_mode"], strict=True
    ):
        clock.set(instant(at))
        assert staff.post(path, json={"points": points, "reason": "the oracle"}).status_code == 200
        assert (known().points, known().tier) == (balance, title.upper())


def test_the_oracle_of_the_window_is_hit_through_the_database(
    clock, due, me, player, stake, save_tiers, known
) -> None:
    clock.set(instant("2025-12-31"))
    save_tiers(mode="window", window_days=ORACLE["inputs"]["window_days"])
    earned = {instant(at): points for at, points in ORACLE["inputs"]["earned_events"]}
    shown = {instant(at): (score, title) for at, score, title in ORACLE["expected"]["window_mode"]}
    for at in sorted(earned.keys() | shown.keys()):
        clock.set(at)
        if at in earned:
            stake(f"{earned[at]}0.00")
        due()
        if at in shown:
            seen = me.get(f"{LOYALTY}/me/tier").json
            assert (seen["score"], seen["tier"]["title"]) == shown[at]
            assert known().tier == shown[at][1].upper()


# -- J8, steps 2 and 3 -----------------------------------------------------------------------------


def test_silver_comes_with_the_hundredth_point(worker, me, stake, save_tiers, known, events) -> None:
    save_tiers(
        tiers=[
            {"code": "BASIC", "title": "Basic", "entry": 0},
            {"code": "SILVER", "title": "Silver", "entry": 100, "multiplier": "1.25", "texts": ["A host."]},
            {"code": "GOLD", "title": "Gold", "entry": 340},
        ]
    )
    stake("999.00")
    assert me.get(f"{LOYALTY}/me/tier").json["next"]["sentence"] == "1 point to Silver"
    stake("1.00")
    stake("8.00")
    worker()
    assert (known().tier, known().tier_multiplier, known().points_part) == ("SILVER", 1.25, 0.0)
    assert known().points == 101
    seen = me.get(f"{LOYALTY}/me/tier").json
    assert (seen["next"]["sentence"], seen["tier"]["texts"]) == ("239 points to Gold", ["A host."])
    assert [event.payload["after"] for event in events("loyalty.tier_changed")] == ["SILVER"]
    assert inbox(me) == ["You are Silver now"]


def test_a_tier_is_lost_at_the_boundary_and_grace_and_told_of_before(
    clock, worker, due, me, stake, save_tiers, known, events
) -> None:
    save_tiers(mode="window", window_days=90, grace_days=7)
    begun = clock.now()
    stake("1000.00")
    worker()
    lost_at = begun + timedelta(days=97)
    assert instant(me.get(f"{LOYALTY}/me/tier").json["loss"]["at"]) == lost_at
    for moment in (lost_at - timedelta(days=14) - SECOND, lost_at - timedelta(days=14), lost_at - SECOND):
        clock.set(moment)
        due()
        due()
    assert (known().tier, inbox(me)) == ("SILVER", ["Stay Silver", "You are Silver now"])
    clock.set(lost_at + timedelta(hours=5))
    due()
    changed = events("loyalty.tier_changed")[-1].payload
    assert (known().tier, instant(changed["changed_at"])) == ("BASIC", lost_at)
    assert inbox(me)[0] == "You are Basic now"


def test_points_in_time_keep_the_tier(clock, due, stake, save_tiers, known) -> None:
    save_tiers(mode="window", window_days=90, grace_days=7)
    stake("1000.00")
    clock.advance(days=95)
    stake("1000.00")
    clock.advance(days=5)
    due()
    assert known().tier == "SILVER"


def test_points_that_expire_take_the_tier_with_them(clock, due, give, save_tiers, known, me) -> None:
    save_tiers()
    give(60, hours=24 * 30)
    give(60)
    assert known().tier == "SILVER"
    ends_at = clock.now() + timedelta(days=30)
    assert instant(me.get(f"{LOYALTY}/me/tier").json["loss"]["at"]) == ends_at
    clock.set(ends_at)
    due()
    assert (known().tier, known().points) == ("BASIC", 60)


def test_spending_lowers_the_balance_and_no_window(staff, me, give, save_tiers, known) -> None:
    item = {"key": "mug", "title": "Mug", "price": 50, "offer": {"by_hand": "a mug"}}
    staff.post(f"{LOYALTY}/items", json=item)
    save_tiers(mode="window", window_days=90)
    give(120)
    me.post(f"{LOYALTY}/me/redemptions", json={"item": "mug"})
    assert (known().points, known().tier) == (70, "SILVER")
    save_tiers()
    me.post(f"{LOYALTY}/me/redemptions", json={"item": "mug"})
    assert (known().points, known().tier) == (20, "BASIC")


# -- benefits --------------------------------------------------------------------------------------


def test_the_actions_of_a_tier_are_done_once(kernel, tenant, worker, stake, take_back, save_tiers) -> None:
    gift = [{"action": "loyalty.grant_points", "amount": 7, "type": "REWARD_POINTS"}]
    save_tiers(tiers=with_actions(SILVER=gift, GOLD=gift), grace_days=1)
    stake("6000.00")
    worker()
    worker()
    assert _rewards(kernel, tenant) == [("reward_points", "completed")] * 2


def test_a_tier_of_a_bet_that_did_not_stand_goes_with_it(
    kernel, tenant, worker, stake, take_back, save_tiers, known
) -> None:
    gift = [{"action": "loyalty.grant_points", "amount": 7, "type": "REWARD_POINTS"}]
    save_tiers(tiers=with_actions(SILVER=gift), mode="window", window_days=90, term_days=365)
    bet = stake("1000.00")
    worker()
    assert (known().tier, known().reward_points) == ("SILVER", 7)
    take_back(bet)
    worker()
    assert (known().tier, known().reward_points) == ("BASIC", 0)
    stake("1000.00")
    worker()
    assert (known().tier, known().reward_points) == ("SILVER", 7)


def test_a_rollback_leaves_a_tier_that_others_earned(stake, take_back, save_tiers, known) -> None:
    save_tiers(mode="window", window_days=90, term_days=365)
    bet = stake("500.00")
    stake("1000.00")
    take_back(bet)
    assert known().tier == "SILVER"


def test_a_message_that_fails_never_stops_a_bet(stake, save_tiers, known, monkeypatch) -> None:
    def fails(*_: Any, **__: Any) -> None:
        raise RuntimeError("no message today")

    monkeypatch.setattr(notifications, "notify", fails)
    save_tiers()
    stake("1000.00")
    assert known().tier == "SILVER"


# -- overrides -------------------------------------------------------------------------------------


def test_an_override_holds_until_its_end(clock, due, staff, player, stake, save_tiers, known) -> None:
    save_tiers()
    until = clock.now() + timedelta(days=10)
    path = f"{LOYALTY}/players/{player}/tier"
    sent = {"tier": "GOLD", "until": until.isoformat(), "reason": "moved from our other brand"}
    seen = staff.put(path, json=sent).json
    assert (known().tier, seen["is_fixed"], seen["override"]["reason"]) == ("GOLD", True, sent["reason"])
    stake("1000.00")
    assert known().tier == "GOLD"
    clock.set(until)
    due()
    assert (known().tier, staff.get(path).json["override"]) == ("SILVER", None)
    history = staff.get(f"{path}/history").json["items"]
    assert [(one["before"], one["after"]) for one in history] == [
        ("GOLD", "SILVER"),
        ("BASIC", "GOLD"),
        (None, "BASIC"),
    ]


def test_an_override_is_ended_by_hand(staff, player, stake, save_tiers, known) -> None:
    save_tiers()
    path = f"{LOYALTY}/players/{player}/tier"
    staff.put(path, json={"tier": "GOLD", "reason": "a mistake"})
    assert staff.delete(f"{path}?reason=corrected").status_code == 200
    assert known().tier == "BASIC"
    assert staff.put(path, json={"tier": "GOLDEN", "reason": "a typing error"}).status_code == 404


# -- the ladder ------------------------------------------------------------------------------------


def test_a_ladder_is_previewed_then_saved_and_everyone_judged(
    kernel, tenant, worker, staff, give, save_tiers, known, clock
) -> None:
    save_tiers()
    others = [registered(kernel, tenant) for _ in range(3)]
    for player, points in zip(others, (50, 120, 600), strict=True):
        give(points, to=player)
    lower = tiers(tiers=rungs(BASIC=0, SILVER=40, GOLD=700))
    seen = staff.post(f"{LOYALTY}/tiers/preview", json=lower).json
    assert (seen["players"], seen["up"], seen["down"]) == (3, 1, 1)
    assert seen["flows"] == [
        {"before": "BASIC", "after": "SILVER", "players": 1},
        {"before": "GOLD", "after": "SILVER", "players": 1},
    ]
    clock.advance(seconds=1)
    read = staff.get(f"{LOYALTY}/tiers")
    sent = {"document": lower, "reason": "a summer"}
    saved = staff.put(f"{LOYALTY}/tiers", json=sent, headers={"If-Match": read.headers["ETag"]})
    assert saved.status_code == 200, saved.json
    worker()
    assert [known(player).tier for player in others] == ["SILVER"] * 3


def test_a_preview_agrees_in_mode_window(kernel, tenant, staff, give, save_tiers, clock) -> None:
    save_tiers(mode="window", window_days=90)
    give(120)
    clock.advance(days=80)
    shorter = tiers(mode="window", window_days=60)
    seen = staff.post(f"{LOYALTY}/tiers/preview", json=shorter).json
    assert seen["flows"] == [{"before": "SILVER", "after": "BASIC", "players": 1}]


def test_a_player_of_a_tier_that_is_no_more_is_placed_by_score(
    worker, give, save_tiers, known, clock
) -> None:
    save_tiers()
    give(600)
    clock.advance(seconds=1)
    save_tiers(tiers=rungs(IRON=0, STEEL=550))
    worker()
    assert known().tier == "STEEL"


WRONG: list[dict[str, Any]] = [
    {"tiers": []},
    {"tiers": rungs(A=0, B=0)},
    {"mode": "window"},
    {"tiers": [{**rungs(A=0)[0], "actions": [{"action": "loyalty.grant_nothing"}]}]},
    {"tiers": [{**rungs(A=0)[0], "actions": [{"action": "loyalty.grant_points"}]}]},
    {"colour": "red"},
]


def test_a_wrong_ladder_is_refused_and_nothing_stored(staff) -> None:
    before = staff.get(f"{LOYALTY}/tiers")
    for wrong in WRONG:
        sent = {"document": tiers(**wrong)}
        answer = staff.put(f"{LOYALTY}/tiers", json=sent, headers={"If-Match": before.headers["ETag"]})
        assert answer.status_code in (404, 422), wrong
    assert staff.get(f"{LOYALTY}/tiers").json == before.json


def test_a_stale_etag_is_refused(staff, save_tiers) -> None:
    before = staff.get(f"{LOYALTY}/tiers").headers["ETag"]
    save_tiers()
    sent = {"document": tiers()}
    assert staff.put(f"{LOYALTY}/tiers", json=sent, headers={"If-Match": before}).status_code == 412
    assert staff.put(f"{LOYALTY}/tiers", json=sent).status_code == 428


def test_the_score_that_is_kept_is_never_too_low(
    kernel, tenant, player, stake, take_back, save_tiers, clock
) -> None:
    save_tiers(mode="window", window_days=30, grace_days=2)
    bets = []
    for n in range(12):
        bets.append(stake("430.00"))
        clock.advance(days=n)
        if n % 5 == 4:
            take_back(bets.pop())
        with kernel.context(tenant.id) as ctx:
            row = standings.find(ctx, player)
            assert standings.track_of(ctx, row).score <= row.score_max


def test_a_player_of_another_tenant_is_not_found(make_client, other_tenant, player) -> None:
    stranger = make_client("operator", "loyalty.read", "loyalty.grant", of=other_tenant)
    path = f"{LOYALTY}/players/{player}/tier"
    assert stranger.get(path).status_code == 404
    assert stranger.put(path, json={"tier": "GOLD", "reason": "across"}).status_code == 404


def _rewards(kernel: Any, tenant: Any) -> list[tuple[str, str]]:
    table = RewardRow.__table__
    with kernel.context(tenant.id) as ctx:
        rows = ctx.connection.execute(select(table.c.type, table.c.status).order_by(table.c.id))
        return [tuple(row) for row in rows]
