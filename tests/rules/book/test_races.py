"""Two people at one rule, and two rules at one moment: one waits for the other, and nothing is lost."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from typing import Any

from pitboss.core.errors import PitbossError
from pitboss.rules.book import drafts, store
from tests.rules.book.conftest import reward

AT_ONCE = 4


def at_once(work: Any) -> list[Any]:
    """Return what each of several threads came to: a value, or an error of ours."""

    def tried(n: int) -> Any:
        try:
            return work(n)
        except PitbossError as error:
            return type(error).__name__

    with ThreadPoolExecutor(AT_ONCE) as pool:
        return list(pool.map(tried, range(AT_ONCE)))


def test_of_many_who_save_what_they_read_one_wins(kernel, tenant, ann) -> None:
    ann.create(reward())

    def save(n: int) -> int:
        with kernel.context(tenant.id) as ctx:
            return drafts.save(ctx, "cashback", reward(priority=n + 1), revision=1).version.number

    outcomes = at_once(save)

    assert sorted(map(str, outcomes)) == ["2", *["Stale"] * (AT_ONCE - 1)]
    assert ann.get("/cashback").json["head"] == 2


def test_of_many_who_create_a_rule_one_does(kernel, tenant, ann) -> None:
    def create(n: int) -> int:
        with kernel.context(tenant.id) as ctx:
            return drafts.create(ctx, reward(priority=n)).version.number

    outcomes = at_once(create)

    assert sorted(map(str, outcomes)) == ["1", *["Conflict"] * (AT_ONCE - 1)]
    assert len(ann.get("/cashback/versions").json["items"]) == 1


def test_the_book_grows_for_each_of_many_changes(kernel, tenant) -> None:
    def touch(_n: int) -> int:
        with kernel.context(tenant.id) as ctx:
            store.touch(ctx)
            return int(store.book_row(ctx).revision)

    assert len(set(at_once(touch))) == AT_ONCE


def test_what_was_rolled_back_leaves_no_number_behind(kernel, tenant) -> None:
    seen = set()
    for is_kept in (False, True):
        ctx = kernel.context(tenant.id)
        store.touch(ctx)
        seen.add(store.book_row(ctx).revision)
        (ctx.commit if is_kept else ctx.rollback)()

    assert len(seen) == 2
