"""What is rolled back never was: whenever the rollback comes, and whatever followed."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from tests.plugins.loyalty.play.conftest import item, rollback, statuses


def test_a_rollback_takes_all_of_it_back(player, send, known, events) -> None:
    ann = player()
    (taken,) = send(item(ann, "wager", "40.00", bonus_amount="5.00"))

    send(rollback(ann, "t-1"))

    names = (
        "total_wagered",
        "total_bets",
        "net_loss",
        "bonus_wagered",
        "wagered_7d",
        "bets_7d",
        "net_loss_7d",
    )
    assert known(ann, *names, "last_wager_at", "stake_squares") == [0] * len(names) + [None, 0]
    (told,) = events("loyalty.transaction_rolled_back")
    assert told.payload["transaction_id"] == taken["transaction_id"]
    assert told.payload["event_id"] == taken["event_id"]


def test_a_rollback_may_come_before_its_transaction(player, send, known, events) -> None:
    ann = player()
    (early,) = send(rollback(ann, "t-1"))

    (late,) = send(item(ann))

    assert early["detail"] == "kept until 't-1' comes"
    assert late["status"] == "accepted"
    assert late["detail"] == "rolled back by 'r-t-1', which came before it"
    assert known(ann, "total_wagered", "total_bets", "last_active_at") == [0, 0, None]
    assert not events("loyalty.wager_placed")


def test_a_batch_may_hold_both_in_any_order(player, send, known, events) -> None:
    ann = player()

    results = send(rollback(ann, "a"), item(ann, id_="a"), item(ann, id_="b"), rollback(ann, "b"))

    assert statuses(results) == ["accepted"] * 4
    assert known(ann, "total_bets") == 0
    heard = ("loyalty.wager_placed", "loyalty.transaction_rolled_back")
    assert [event.name for event in events() if event.name in heard] == list(heard)


def test_a_rollback_is_done_once(player, send, known) -> None:
    ann = player()
    send(item(ann), rollback(ann, "t-1"))

    again, other = send(rollback(ann, "t-1"), rollback(ann, "t-1", "r-2"))

    assert (again["status"], other["status"]) == ("duplicate", "refused")
    assert other["errors"][0]["detail"] == "'t-1' is rolled back already, by 'r-t-1': leave this one out."
    assert known(ann, "total_bets") == 0


def test_a_rollback_is_never_rolled_back(player, send, known) -> None:
    ann = player()
    send(item(ann), rollback(ann, "t-1"))

    (refused,) = send(rollback(ann, "r-t-1"))

    assert refused["errors"][0]["detail"] == (
        "'r-t-1' is a rollback, and stays: send what is true under a new id."
    )


def test_a_rollback_of_a_rollback_that_comes_first_does_nothing(player, send, known) -> None:
    ann = player()
    send(rollback(ann, "r-t-1"), item(ann))

    (applied,) = send(rollback(ann, "t-1"))

    assert applied["status"] == "accepted"
    assert known(ann, "total_bets") == 0


def test_a_rollback_names_the_same_player(player, send, known) -> None:
    ann, bob = player(), player()
    send(item(ann))

    (refused,) = send(rollback(bob, "t-1"))

    assert refused["errors"][0]["detail"] == (
        "'t-1' is of another player: name the one that it was sent for."
    )
    assert known(ann, "total_bets") == 1


def test_a_rollback_for_another_player_that_came_first_is_not_applied(player, send, known) -> None:
    ann, bob = player(), player()
    send(rollback(bob, "t-1", "r-0"))

    assert statuses(send(item(ann), rollback(ann, "t-1"))) == ["accepted", "accepted"]
    assert known(ann, "total_bets") == 0


def test_first_and_last_deposits_are_those_that_stand(player, send, known) -> None:
    ann = player()
    days = {n: datetime(2026, 1, n, tzinfo=UTC) for n in (1, 2, 3)}
    send(*(item(ann, "deposit", "5.00", f"d-{n}", at=days[n].isoformat()) for n in (2, 1, 3)))
    assert known(ann, "first_deposit_at", "last_deposit_at") == [days[1], days[3]]

    send(rollback(ann, "d-1"), rollback(ann, "d-3"))

    assert known(ann, "first_deposit_at", "last_deposit_at", "deposit_count") == [days[2], days[2], 1]


def test_what_is_wagered_since_the_deposit_follows_the_deposits(player, send, known) -> None:
    ann = player()

    def hour(n: int) -> str:
        return f"2026-01-05T{n:02}:00:00Z"

    send(item(ann, "wager", "10.00", "w-1", at=hour(8)))
    assert known(ann, "wagered_since_deposit") == 1000
    send(item(ann, "deposit", "50.00", "d-1", at=hour(9)))
    assert known(ann, "wagered_since_deposit") == 0
    send(item(ann, "wager", "20.00", "w-2", at=hour(11)), item(ann, "wager", "1.00", "w-0", at=hour(7)))
    assert known(ann, "wagered_since_deposit") == 2000
    send(item(ann, "deposit", "50.00", "d-0", at=hour(6)))
    assert known(ann, "wagered_since_deposit") == 2000
    send(rollback(ann, "d-1"))
    assert known(ann, "wagered_since_deposit") == 3100


# -- rounds ----------------------------------------------------------------------------------------


def stake(player: Any, id_: str, amount: str = "10.00", round_: str = "r", **more: Any) -> Any:
    return item(player, "wager", amount, id_, settled=False, round=round_, **more)


def test_an_open_wager_is_no_loss_yet(player, send, known) -> None:
    ann = player()

    send(stake(ann, "w-1"), item(ann, "wager", "3.00", "w-2"))

    assert known(ann, "total_wagered", "net_loss", "net_loss_1d") == [1300, 300, 300]


def test_a_win_of_nothing_settles_the_round(player, send, known) -> None:
    ann = player()

    send(stake(ann, "w-1"), stake(ann, "w-2"), stake(ann, "w-3", round_="other"))
    send(item(ann, "win", "0.00", "x-1", round="r"))

    assert known(ann, "net_loss", "total_won", "total_wins") == [2000, 0, 0]


def test_a_wager_after_its_win_is_settled_at_once(player, send, known) -> None:
    ann = player()

    send(item(ann, "win", "4.00", "x-1", round="r"), stake(ann, "w-1"))

    assert known(ann, "net_loss", "net_loss_1d") == [600, 600]


def test_a_win_that_is_rolled_back_opens_the_round_again(player, send, known) -> None:
    ann = player()
    send(stake(ann, "w-1"), item(ann, "win", "4.00", "x-1", round="r"))

    send(rollback(ann, "x-1"))
    assert known(ann, "net_loss", "net_loss_1d") == [0, 0]

    send(item(ann, "win", "25.00", "x-2", round="r"))
    assert known(ann, "net_loss", "net_loss_1d") == [-1500, -1500]


def test_a_loss_counts_from_when_it_was_settled(player, send, known) -> None:
    ann = player()

    send(stake(ann, "w-1", at="2025-12-01T12:00:00Z"), item(ann, "win", "0", "x-1", round="r"))

    assert known(ann, "wagered_7d", "net_loss_7d") == [0, 1000]


def test_a_settled_wager_is_taken_back_from_where_it_counts(player, send, known) -> None:
    ann = player()
    send(
        stake(ann, "w-1", at="2026-01-01T12:00:00Z"),
        item(ann, "win", "0", "x-1", round="r"),
        rollback(ann, "w-1"),
    )

    assert known(ann, "net_loss", "net_loss_1d", "net_loss_30d") == [0, 0, 0]


def test_a_round_of_another_player_is_another_round(player, send, known) -> None:
    ann, bob = player(), player()

    send(stake(ann, "w-1"), item(bob, "win", "0", "x-1", round="r"))

    assert known(ann, "net_loss") == 0
