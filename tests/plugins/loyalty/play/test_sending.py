"""Transactions are taken once, in any order, each on its own."""

from __future__ import annotations

from typing import Any

from pitboss.core import facts
from pitboss.core.context import Context
from pitboss.core.errors import Conflict
from pitboss.core.identity.tables import Player
from pitboss.plugins.loyalty.play import ingestion
from pitboss.plugins.loyalty.play.incoming import (
    AGE_DAYS_MAX,
    AMOUNT_MAX,
    BATCH_MAX,
    FUTURE_SECONDS_MAX,
    SECONDS_MAX,
)
from pitboss.plugins.loyalty.play.tables import Transaction
from pitboss.plugins.loyalty.players.tables import LoyaltyPlayer
from tests.plugins.loyalty.play.conftest import PATH, item, statuses


def test_what_a_player_does_becomes_facts(player, send, known) -> None:
    ann = player(country="GB")

    send(
        item(ann, "deposit", "100.00", "d-1"),
        item(ann, "wager", "40.00", "w-1", bonus_amount="5.00", game="book-of-ra", category="slots"),
        item(ann, "win", "15.50", "x-1"),
        item(ann, "withdrawal", "20.00", "o-1"),
        item(ann, "session", None, "s-1", seconds=1800),
    )

    assert known(ann, "total_deposited", "total_withdrawn", "total_wagered", "total_won", "net_loss") == [
        10000,
        2000,
        4000,
        1550,
        2450,
    ]
    assert known(ann, "deposit_count", "total_bets", "session_count", "playtime") == [1, 1, 1, 1800]
    assert known(ann, "bonus_wagered_30d", "net_loss_7d", "country") == [500, 2450, "GB"]
    assert known(ann, "pnl", "average_bet", "win_loss_ratio", "volatility") == [-2450, 4000, 0.3875, 0.0]


def test_a_repeated_transaction_is_taken_once(player, send, known) -> None:
    ann = player()
    (first,) = send(item(ann, amount="10.00"))

    again = send(item(ann, amount="10.0"), item(ann, amount="10.00"))

    assert statuses(again) == ["duplicate", "duplicate"]
    assert {result["transaction_id"] for result in again} == {first["transaction_id"]}
    assert known(ann, "total_wagered") == 1000


def test_an_id_with_another_body_is_refused(player, send, known) -> None:
    ann = player()
    send(item(ann, amount="10.00"))

    (refused,) = send(item(ann, amount="11.00"))

    assert refused["status"] == "refused"
    assert refused["detail"] == (
        "id: 't-1' was sent before with another amount: give each transaction an id of its own."
    )
    assert known(ann, "total_wagered") == 1000


def test_another_sender_has_ids_of_its_own(player, send, make_client, known) -> None:
    ann = player()
    send(item(ann))

    (taken,) = send(item(ann), by=make_client("operator", "loyalty.ingest"))

    assert taken["status"] == "accepted"
    assert known(ann, "total_wagered") == 2000


def test_somebody_else_may_roll_back_in_the_senders_name(player, send, make_client, known) -> None:
    ann = player()
    send(item(ann, sender="feed"))

    rollback = item(ann, "rollback", None, "r-1", rolls_back="t-1", sender="feed")
    (taken,) = send(rollback, by=make_client("operator", "loyalty.ingest"))

    assert taken["status"] == "accepted"
    assert known(ann, "total_wagered", "total_bets", "last_wager_at") == [0, 0, None]


def test_one_wrong_row_does_not_spoil_the_others(player, send, known) -> None:
    ann = player()

    results = send(item(ann, id_="a"), item(ann, amount="ten", id_="b"), "nonsense", item(ann, id_="c"))

    assert statuses(results) == ["accepted", "refused", "refused", "accepted"]
    assert known(ann, "total_wagered") == 2000


class Picky:
    """An effect that refuses stakes on dice, after it left something in the database."""

    def taken(self, ctx: Context, tx: Transaction) -> None:
        facts.add(ctx, tx.player_id, LoyaltyPlayer, bonus_count=1)
        if tx.game == "dice":
            raise Conflict("no dice here: choose another game")

    def rolled_back(self, ctx: Context, tx: Transaction) -> None:
        """Nothing to undo."""


def test_what_an_effect_refuses_leaves_no_trace(player, send, known, monkeypatch) -> None:
    ann = player()
    monkeypatch.setattr(ingestion, "EFFECTS", (*ingestion.EFFECTS, Picky()))

    results = send(item(ann, id_="a"), item(ann, id_="b", game="dice"), item(ann, id_="c"))

    assert statuses(results) == ["accepted", "refused", "accepted"]
    assert results[1]["detail"] == "no dice here: choose another game"
    assert known(ann, "total_bets", "bonus_count") == [2, 2]
    assert statuses(send(item(ann, id_="b", amount="2.00"))) == ["accepted"]


def test_one_transaction_may_come_alone(player, make_client) -> None:
    answer = make_client("api_key", "loyalty.ingest").post(PATH, json=item(player()))

    assert (answer.status_code, answer.json["accepted"]) == (200, 1)


def test_a_player_may_be_named_by_user_name(player, send, known) -> None:
    ann = player(username="crm-4711")

    assert statuses(send(item("CRM-4711"))) == ["accepted"]
    assert known(ann, "total_wagered") == 1000


WRONG: list[tuple[str, dict[str, Any], str, str]] = [
    ("no id", {"id": None}, "id", "Expected `str`, got `null`: give your own id of it"),
    ("an empty id", {"id": ""}, "id", "give your own id of it"),
    ("an id with a space", {"id": "a b"}, "id", "give your own id of it"),
    (
        "another kind",
        {"kind": "bet"},
        "kind",
        "give one of deposit, withdrawal, wager, win, session, rollback.",
    ),
    ("no player", {"player": None}, "player", "give the player's id, or user name."),
    ("a float", {"amount": 10.5}, "amount", 'give text in major units, such as "10.50".'),
    ("a whole number", {"amount": 10}, "amount", 'give text in major units, such as "10.50".'),
    ("no amount", {"amount": None}, "amount", "A wager needs it: give text in major units"),
    ("words", {"amount": "ten"}, "amount", "'ten' is not an amount: write it as \"10.50\"."),
    ("three decimals", {"amount": "1.005"}, "amount", "'1.005' has more than the 2 decimals of EUR."),
    ("a negative amount", {"amount": "-1.00"}, "amount", "say by the kind where the money went."),
    ("infinity", {"amount": "Infinity"}, "amount", "is not a finite amount."),
    (
        "too much",
        {"amount": f"{AMOUNT_MAX}"},
        "amount",
        f"more than {AMOUNT_MAX} minor units: check the unit.",
    ),
    ("more bonus than stake", {"bonus_amount": "11.00"}, "bonus_amount", "more than the whole, '10.00'."),
    ("a deposit of nothing", {"kind": "deposit", "amount": "0"}, "amount", "give more than 0."),
    (
        "a deposit on a game",
        {"kind": "deposit", "game": "slots"},
        "game",
        "leave it out, or send a wager or a win",
    ),
    ("odds as a number", {"odds": 1.5}, "odds", 'give decimal odds as text, such as "1.85".'),
    ("fractional odds", {"odds": "1/2"}, "odds", 'write 1 to 1000000, such as "1.85".'),
    ("odds below one", {"odds": "0.5"}, "odds", "'0.5' are no decimal odds"),
    ("an unknown field", {"amout": "1"}, "amout", "There is no such field: did you mean 'amount'?"),
    ("no time zone", {"at": "2026-01-05T11:00:00"}, "at", "give an instant with its time zone"),
    ("yesterday in words", {"at": "yesterday"}, "at", "give an instant with its time zone"),
    ("tomorrow", {"at": "2026-01-06T12:00:00Z"}, "at", f"lies more than {FUTURE_SECONDS_MAX} seconds ahead"),
    ("long ago", {"at": "1999-01-01T00:00:00Z"}, "at", f"is more than {AGE_DAYS_MAX} days ago"),
    ("seconds of a wager", {"seconds": 5}, "seconds", "A wager has none: leave it out, or send a session."),
    (
        "an endless session",
        {"seconds": SECONDS_MAX + 1},
        "seconds",
        f"a whole number from 1 to {SECONDS_MAX}.",
    ),
    (
        "unsettled without a round",
        {"settled": False},
        "round",
        "needs its round: a win of that round settles it.",
    ),
    ("settled in words", {"settled": "no"}, "settled", "give true or false."),
    (
        "a rollback of nothing",
        {"kind": "rollback", "amount": None},
        "rolls_back",
        "give the id under which it",
    ),
    (
        "a rollback of itself",
        {"kind": "rollback", "amount": None, "rolls_back": "t-1"},
        "rolls_back",
        "'t-1' cannot roll back itself",
    ),
    ("a game without a name", {"game": " "}, "game", "give text of 1 to 64 characters."),
]


def test_a_wrong_transaction_is_refused_with_the_cure(player, send, known) -> None:
    ann = player()

    refused = send(*({**item(ann), **change} for _, change, _, _ in WRONG))

    for (name, _, field, said), result in zip(WRONG, refused, strict=True):
        assert (name, result["status"]) == (name, "refused")
        assert (name, [error["pointer"] for error in result["errors"]]) == (name, [f"#/{field}"])
        assert said in result["errors"][0]["detail"], name
    assert known(ann, "total_bets") == 0


def test_all_that_is_wrong_is_said_at_once(player, send) -> None:
    (refused,) = send(item(player(), amount="x", odds="y", seconds=3))

    assert {error["pointer"] for error in refused["errors"]} == {"#/amount", "#/odds", "#/seconds"}


def test_nobody_unknown_plays(send) -> None:
    (refused,) = send(item("0195f2d0-0000-7000-8000-000000000001"))

    assert refused["errors"][0]["detail"] == (
        "There is no player '0195f2d0-0000-7000-8000-000000000001': register the player first."
    )


def test_a_batch_has_a_limit(player, make_client) -> None:
    ann, key = player(), make_client("api_key", "loyalty.ingest")

    answer = key.post(PATH, json=[item(ann, id_=f"t-{n}") for n in range(BATCH_MAX + 1)])

    assert answer.status_code == 422
    assert key.post(PATH, json=[]).status_code == 422


def test_sending_needs_its_permission(player, make_client) -> None:
    assert make_client("api_key", "loyalty.read").post(PATH, json=item(player())).status_code == 403
    assert make_client("player").post(PATH, json=item(player())).status_code == 403
    assert make_client().post(PATH, json=item(player())).status_code == 401


def test_a_tenant_knows_nothing_of_the_players_of_another(
    player, send, known, make_client, tenant, other_tenant
) -> None:
    mine, theirs = player(), player(of=other_tenant)
    foreign = make_client("api_key", "loyalty.ingest", of=other_tenant)

    assert statuses(send(item(mine))) == ["accepted"]
    assert statuses(send(item(mine), by=foreign)) == ["refused"]
    assert statuses(send(item(theirs, amount="7.00"), by=foreign)) == ["accepted"]
    assert known(mine, "total_wagered") == 1000
    assert known(theirs, "total_wagered", of=other_tenant) == 700
    assert known(theirs, "total_wagered") == 0


# -- reading ---------------------------------------------------------------------------------------


def test_operators_filter_and_page_through_transactions(player, send, make_client) -> None:
    ann, bob = player(), player()
    send(*(item(ann, id_=f"a-{n}", game="dice") for n in range(3)), item(bob, id_="b-1"))
    reader = make_client("operator", "loyalty.read")

    first = reader.get(PATH, query_string={"player_id": str(ann), "limit": 2}).json
    second = reader.get(
        PATH, query_string={"player_id": str(ann), "limit": 2, "cursor": first["next_cursor"]}
    ).json

    found = [row["sender_id"] for row in first["items"] + second["items"]]
    assert (found, second["next_cursor"]) == (["a-2", "a-1", "a-0"], None)
    assert first["items"][0]["amount"] == {"amount": "10.00", "currency": "EUR"}
    every = reader.get(PATH, query_string={"limit": 3}).json
    assert [row["sender_id"] for row in every["items"]] == ["b-1", "a-2", "a-1"]
    rest = reader.get(PATH, query_string={"cursor": every["next_cursor"]}).json
    assert [row["sender_id"] for row in rest["items"]] == ["a-0"]


FILTERS: list[tuple[dict[str, str], list[str]]] = [
    ({"kind": "win"}, ["x-1"]),
    ({"game": "dice"}, ["w-1"]),
    ({"is_rolled_back": "true"}, ["d-1"]),
    ({"since": "2026-01-05T11:30:00Z", "until": "2026-01-05T12:00:00Z"}, ["x-1"]),
    ({"sender": "nobody"}, []),
]


def test_a_list_is_filtered(player, send, make_client) -> None:
    ann, reader = player(), make_client("operator", "loyalty.read")
    send(
        item(ann, "deposit", "5.00", "d-1"),
        item(ann, "wager", "5.00", "w-1", game="dice", at="2026-01-05T11:00:00Z"),
        item(ann, "win", "5.00", "x-1", at="2026-01-05T11:30:00Z"),
        item(ann, "rollback", None, "r-1", rolls_back="d-1"),
    )

    for asked, found in FILTERS:
        rows = reader.get(PATH, query_string=asked).json["items"]
        assert (asked, [row["sender_id"] for row in rows]) == (asked, found)


def test_players_see_their_own_transactions(kernel, tenant, player, send, make_client) -> None:
    me = make_client("player")
    with kernel.context(tenant.id) as ctx:
        ctx.session.add(
            Player(id=me.player_id, email="me@players.test", display_name="Me", created_at=ctx.clock.now())
        )
    send(item(player(), id_="theirs"), item(me.player_id, amount="3.00", id_="mine"))

    answer = me.get("/api/v1/loyalty/me/transactions")

    (shown,) = answer.json["items"]
    assert (shown["amount"], "sender" in shown) == ({"amount": "3.00", "currency": "EUR"}, False)
    assert make_client("operator", "*").get("/api/v1/loyalty/me/transactions").status_code == 401


def test_an_operator_rebuilds_what_is_known_of_a_player(player, send, known, make_client) -> None:
    ann = player()
    send(item(ann))

    answer = make_client("operator", "loyalty.edit").post(f"/api/v1/loyalty/players/{ann}/rebuild")

    assert (answer.status_code, known(ann, "total_wagered", "wagered_1d")) == (204, [1000, 1000])
