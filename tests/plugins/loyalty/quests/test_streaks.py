"""Days in a row, in the tenant's own time zone."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest

from tests.plugins.loyalty.quests.conftest import ROOT


@pytest.fixture
def tenant(make_tenant) -> Any:
    """A tenant whose day begins at 05:00 UTC."""
    return make_tenant("loyalty", time_zone="America/New_York")


def visit(client: Any) -> Any:
    answer = client.post(f"{ROOT}/me/visit")
    assert answer.status_code == 200, answer.json
    return answer.json


def test_a_visit_counts_once_for_each_local_day(player, acting, clock, known, events) -> None:
    ann = acting(player())
    clock.set(datetime(2026, 1, 6, 4, 0, tzinfo=UTC))

    assert visit(ann)["is_first_today"]
    assert not visit(ann)["is_first_today"]
    assert known(ann.player_id, "visits_today") == 1
    clock.advance(hours=2)
    # It is 01:00 of the next day in New York.
    again = visit(ann)

    assert (again["is_first_today"], again["streak"]["length"]) == (True, 2)
    assert [event.payload["streak_days"] for event in events("loyalty.visited")] == [1, 2]


def test_play_makes_a_day_and_a_rollback_unmakes_it(player, send, roll_back, clock, known) -> None:
    ann = player()
    send(ann)
    clock.advance(days=1)
    bet, other = send(ann), send(ann)
    assert known(ann, "streak_days") == 2

    roll_back(ann, bet)
    assert known(ann, "streak_days") == 2
    roll_back(ann, other)

    assert known(ann, "streak_days") == 1


def test_a_late_day_joins_two_runs(player, send, clock, known) -> None:
    ann = player()
    send(ann)
    missing = clock.advance(days=1).isoformat()
    clock.advance(days=1)
    send(ann)
    assert known(ann, "streak_days") == 1

    send(ann, at=missing)

    assert known(ann, "streak_days") == 3


def test_a_streak_ends_with_the_first_day_without_the_player(player, send, clock, known, worker) -> None:
    ann = player()
    send(ann)
    clock.advance(days=1)
    worker.tick(may_fail=True)
    assert known(ann, "streak_days") == 1

    clock.advance(days=1)
    worker.tick(may_fail=True)

    assert known(ann, "streak_days") == 0
