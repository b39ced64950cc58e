"""Points are earned exactly on stakes, and go again with a stake that is rolled back."""

from __future__ import annotations

from pitboss.core.clock import uuid7
from pitboss.core.contracts import Action, Cause
from pitboss.plugins.loyalty import players
from tests.plugins.loyalty.points.conftest import LOYALTY, check, configure, inbox, registered
from tests.plugins.loyalty.samples import ORACLES

EARN = ORACLES["points.earn"]["expected"]
MULTIPLIERS = {"1": "BRONZE", "1.5": "GOLD", "2": "PLATINUM"}


def test_the_oracle_is_hit_through_http(staff, stake, known, player) -> None:
    balance = 0
    for step in EARN["trace"]:
        fixed = {"tier": MULTIPLIERS[step["tier_multiplier"]], "reason": "the oracle says so"}
        assert staff.put(f"{LOYALTY}/players/{player}/tier", json=fixed).status_code == 200
        stake(step["wager"])
        row = known()
        balance += step["points"]
        assert (row.points, row.points_part) == (balance, float(step["carry"]))
    assert (row.points, row.points_earned, row.points_carry) == (EARN["total"], EARN["total"], "1/4")


def test_a_stake_sent_twice_earns_once(staff, known, player) -> None:
    sent = {"id": "t-1", "kind": "wager", "player": str(player), "amount": "25.00"}
    for _ in range(2):
        staff.post(f"{LOYALTY}/transactions", json=sent)
    assert known().points == 2


def test_a_rollback_leaves_what_would_have_been_without_it(stake, take_back, known) -> None:
    first = stake("25.00")
    stake("7.00")
    take_back(first)
    assert (known().points, known().points_carry) == (0, "7/10")
    assert known().points_earned == 0


def test_a_rollback_takes_from_its_own_lot_first(stake, take_back, lots_left) -> None:
    stake("100.00")
    second = stake("50.00")
    take_back(second)
    assert lots_left() == [10, 0]


def test_what_was_spent_is_owed_and_the_next_points_pay(kernel, staff, me, stake, take_back, known) -> None:
    mug = {"key": "mug", "title": "Mug", "price": 8, "offer": {"by_hand": "a mug"}}
    staff.post(f"{LOYALTY}/items", json=mug)
    bet = stake("100.00")
    assert me.post(f"{LOYALTY}/me/redemptions", json={"item": "mug"}).status_code == 201
    take_back(bet)
    owed = me.get(f"{LOYALTY}/me/points").json["balances"][0]
    assert (owed["balance"], owed["owed"], known().has_points_owed) == (0, 8, True)
    stake("100.00")
    paid = me.get(f"{LOYALTY}/me/points").json["balances"][0]
    assert (paid["balance"], paid["owed"], known().has_points_owed) == (2, 0, False)


def test_what_expired_is_not_taken_back_again(kernel, clock, due, stake, take_back, give, known) -> None:
    bet = stake("100.00")
    clock.advance(days=365)
    due()
    give(50)
    take_back(bet)
    assert (known().points, known().has_points_owed) == (50, False)


def test_bonus_money_earns_only_where_the_tenant_says_so(kernel, tenant, stake, known) -> None:
    stake("30.00", bonus_amount="20.00")
    assert known().points == 1
    configure(kernel, tenant, has_points_for_bonus_stakes=True)
    stake("30.00", bonus_amount="20.00")
    assert known().points == 4


def test_a_game_counts_before_its_category(kernel, tenant, stake, known) -> None:
    configure(kernel, tenant, point_contributions={"table": "0.1", "blackjack": "0.05"})
    for said, points in (
        ({}, 10),
        ({"category": "table"}, 11),
        ({"game": "blackjack", "category": "table"}, 11),
    ):
        stake("100.00", **said)
        assert known().points == points
    assert known().points_part == 0.5


def test_the_best_boost_multiplies(kernel, tenant, player, clock, stake, known) -> None:
    for multiplier in ("2", "3"):
        with kernel.context(tenant.id) as ctx:
            ctx.of(player).act("loyalty.boost_points", multiplier=multiplier, hours=24)
    stake("10.00")
    clock.advance(hours=24)
    stake("10.00")
    assert known().points == 4


def test_a_blocked_player_earns_nothing(kernel, tenant, player, stake, known) -> None:
    with kernel.context(tenant.id) as ctx:
        players.lock(ctx, player)
        players.change(ctx, player, is_blocked=True)
    stake("100.00")
    assert known().points == 0


def test_points_can_wait_before_they_are_spent(kernel, tenant, clock, me, stake) -> None:
    configure(kernel, tenant, points_pending_days=2)
    stake("100.00")
    pending = me.get(f"{LOYALTY}/me/points").json["balances"][0]
    clock.advance(days=2)
    ready = me.get(f"{LOYALTY}/me/points").json["balances"][0]
    assert [(one["balance"], one["usable"]) for one in (pending, ready)] == [(10, 0), (10, 10)]


# -- rules and operators ---------------------------------------------------------------------------


GRANTS: list[tuple[dict[str, str], str]] = [
    ({}, "points"),
    ({"type": "LOYALTY_POINTS", "currency": "LP"}, "points"),
    ({"type": "REWARD_POINTS", "currency": "RP"}, "reward_points"),
    ({"type": "REWARD_POINTS"}, "reward_points"),
    ({"currency": "RWD"}, "reward_points"),
]


def test_a_grant_pays_the_unit_that_a_rule_names(kernel, tenant, player, known) -> None:
    has = {"points": 0, "reward_points": 0}
    for number, (said, column) in enumerate(GRANTS):
        for _ in range(2):
            with kernel.context(tenant.id) as ctx:
                ctx.of(player).act("loyalty.grant_points", amount=50, key=f"once-{number}", **said)
        has[column] += 50
        assert {name: getattr(known(), name) for name in has} == has


def test_what_a_rule_gave_is_taken_back_once(kernel, tenant, player, give, known) -> None:
    give(30)
    cause = Cause(uuid7(), "a-rule", 1)
    with kernel.context(tenant.id) as ctx:
        ctx.cause = cause
        ctx.of(player).act("loyalty.grant_points", amount=50)
    assert known().points == 80
    for _ in range(2):
        with kernel.context(tenant.id) as ctx:
            ctx.view.term("loyalty.grant_points", Action).undo(ctx, cause)
    assert known().points == 30


def test_an_operator_adjusts_with_a_reason(make_client, staff, player, known, kernel, tenant) -> None:
    path = f"{LOYALTY}/players/{player}/points/adjust"
    assert staff.post(path, json={"points": 80, "reason": "a lost parcel"}).status_code == 200
    assert staff.post(path, json={"points": -30, "reason": "found again"}).status_code == 200
    assert known().points == 50
    assert staff.post(path, json={"points": -51, "reason": "too many"}).status_code == 409
    assert staff.post(path, json={"points": 5}).status_code == 422
    assert make_client("operator", "loyalty.read").post(path, json={}).status_code == 403
    unknown = f"{LOYALTY}/players/{tenant.id:032x}/points/adjust"
    assert staff.post(unknown, json={"points": 5, "reason": "nobody"}).status_code == 404


# -- expiry ----------------------------------------------------------------------------------------


def test_points_expire_on_their_day_once_and_with_notice(clock, due, give, me, lots_left, known) -> None:
    give(100, hours=24 * 60)
    give(60)
    clock.advance(days=46)
    due()
    due()
    assert [text for text in inbox(me) if "expire" in text] == ["Your points expire soon"]
    clock.advance(days=14)
    for _ in range(2):
        clock.advance(minutes=5)
        due()
    assert (lots_left(), known().points) == ([0, 60], 60)
    moves = me.get(f"{LOYALTY}/me/points/history").json["items"]
    assert [(one["what"], one["points"]) for one in moves if one["what"] == "points.expire"] == [
        ("points.expire", -100)
    ]


def test_nothing_crosses_tenants(kernel, other_tenant, make_client, player, stake) -> None:
    stake("100.00")
    stranger = registered(kernel, other_tenant)
    staff = make_client("operator", "loyalty.read", of=other_tenant)
    assert staff.get(f"{LOYALTY}/players/{player}/points").status_code == 404
    assert staff.get(f"{LOYALTY}/players/{stranger}/points").json["lots"] == []
    check(kernel, other_tenant)
