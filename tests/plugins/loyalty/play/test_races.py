"""Two workers on one player: nothing is lost, doubled or locked for ever."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest

from pitboss.plugins.loyalty.play import ingestion
from pitboss.plugins.loyalty.play.incoming import read
from tests.plugins.loyalty.play.conftest import item, rollback

ROUNDS = 12


@pytest.fixture
def race(kernel, tenant, backend) -> Any:
    """Send batches at the same time, each in a transaction of its own."""
    if backend == "sqlite":
        pytest.skip("SQLite has one writer: there is no race")

    def work(batch: list[dict[str, Any]]) -> list[ingestion.Taken]:
        with kernel.context(tenant.id) as ctx:
            return ingestion.take(ctx, [read(ctx, "feed", one) for one in batch])

    def run(*batches: list[dict[str, Any]]) -> list[list[ingestion.Taken]]:
        with ThreadPoolExecutor(4) as pool:
            return list(pool.map(work, batches))

    return run


def test_two_workers_on_one_player_lose_nothing(player, race, known) -> None:
    ann = player()

    race(*([item(ann, id_=f"t-{n}")] for n in range(ROUNDS)))

    assert known(ann, "total_bets", "total_wagered", "wagered_1d") == [ROUNDS, ROUNDS * 1000, ROUNDS * 1000]


def test_the_same_batch_sent_at_once_is_taken_once(player, race, known) -> None:
    ann = player()
    batch = [item(ann, id_=f"t-{n}") for n in range(3)]

    answers = race(*[batch] * 6)

    accepted = [one for answer in answers for one in answer if not one.is_duplicate]
    assert (len(accepted), known(ann, "total_bets")) == (3, 3)


def test_batches_that_meet_in_other_orders_do_not_deadlock(player, race, known) -> None:
    people = [player() for _ in range(4)]
    batches = [
        [item(who, id_=f"{n}-{place}") for place, who in enumerate(people if n % 2 else reversed(people))]
        for n in range(ROUNDS)
    ]

    race(*batches)

    assert [known(who, "total_bets") for who in people] == [ROUNDS] * 4


def test_a_rollback_that_races_its_transaction_takes_it_back(player, race, known) -> None:
    ann = player()

    race(*(batch for n in range(ROUNDS) for batch in ([item(ann, id_=f"t-{n}")], [rollback(ann, f"t-{n}")])))

    assert known(ann, "total_bets", "total_wagered", "wagered_1d") == [0, 0, 0]


def test_one_id_for_two_players_is_taken_for_one(player, race, known) -> None:
    ann, bob = player(), player()

    answers = race(*([item(who, id_="same")] for who in (ann, bob) * 3))

    refused = [one for answer in answers for one in answer if one.error is not None]
    assert (len(refused), known(ann, "total_bets") + known(bob, "total_bets")) == (3, 1)
