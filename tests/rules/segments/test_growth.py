"""How segments grew: what was written down each day, and what is counted, are the same."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

import pytest

from pitboss.rules.segments import growth
from pitboss.rules.segments.growth import DAYS_KEPT, keep_sizes, sizes_by_day
from tests.rules.segments.conftest import segment


def test_sizes_that_are_kept_say_what_counting_says(kernel, tenant, live, player, lose, clock):
    live(segment("losing", {"net_loss_min": 100}))
    first, second, third = player(), player(), player()
    lose(first, 200_00)
    clock.advance(days=1)
    lose(second, 200_00)
    lose(third, 200_00)
    clock.advance(days=1)
    lose(first, 0, won=500_00)

    with kernel.context(tenant.id) as ctx:
        counted = sizes_by_day(ctx, ["losing"], 4)
        keep_sizes(ctx)
        kept = sizes_by_day(ctx, ["losing"], 4)
        long = sizes_by_day(ctx, ["losing"], DAYS_KEPT)

    assert counted == kept == {"losing": [0, 1, 3, 2]}
    assert len(long["losing"]) == DAYS_KEPT
    assert sum(long["losing"]) == 6


def test_today_is_counted_anew_each_time(kernel, tenant, live, player, lose):
    live(segment("losing", {"net_loss_min": 100}))
    sizes = []
    for _ in range(2):
        lose(player(), 200_00)
        with kernel.context(tenant.id) as ctx:
            keep_sizes(ctx)
            sizes.append(sizes_by_day(ctx, ["losing"], 1)["losing"])

    assert sizes == [[1], [2]]


@pytest.mark.one_backend("postgresql")  # SQLite has one writer: there is no race
def test_two_who_count_at_the_same_moment_write_it_down_once(kernel, tenant, live, player, lose, monkeypatch):
    live(segment("losing", {"net_loss_min": 100}))
    lose(player(), 200_00)
    both, counting = Barrier(2), growth.sizes_by_day

    def count_together(*asked):
        counted = counting(*asked)
        both.wait()
        return counted

    def keep(_):
        with kernel.context(tenant.id) as ctx:
            keep_sizes(ctx)

    monkeypatch.setattr(growth, "sizes_by_day", count_together)
    with ThreadPoolExecutor(2) as pool:
        list(pool.map(keep, range(2)))

    with kernel.context(tenant.id) as ctx:
        assert counting(ctx, ["losing"], 2) == {"losing": [0, 1]}
