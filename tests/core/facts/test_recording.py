"""Values are added once, exactly, in the caller's transaction, and can be taken back."""

from __future__ import annotations

import pytest
from sqlalchemy import func, select

from pitboss.core import facts
from pitboss.core.clock import uuid7
from pitboss.core.errors import InvalidInput
from pitboss.core.facts.tasks import prune

ALL = ["sum_all", "count_all", "min_all", "max_all", "last_all"]


def test_recording_is_one_statement(ctx, statements):
    facts.record(ctx, uuid7(), "factlab.deposit", 1)

    # PostgreSQL is sent a document, past what counts statements.
    assert len(statements) == ctx.kernel.database.is_sqlite


def test_values_vanish_with_their_transaction(ctx):
    player = uuid7()
    facts.record(ctx, player, "factlab.deposit", 1)
    ctx.rollback()

    assert facts.read(ctx, player, ["sum_all"]) == {"factlab.sum_all": 0}


def test_undo_takes_back_sum_and_count_exactly(ctx, clock):
    player, at = uuid7(), clock.now()
    facts.record(ctx, player, "factlab.deposit", 2**53 + 1, at=at)
    facts.record(ctx, player, "factlab.deposit", 5)
    clock.advance(hours=30)
    facts.record(ctx, player, "factlab.deposit", 2**53 + 1, at=at, undo=True)

    found = facts.read(ctx, player, ["sum_7d", "count_7d", "sum_all", "count_all"])

    assert list(found.values()) == [5, 1, 5, 1]


def test_an_emptied_bucket_knows_nothing(ctx):
    player = uuid7()
    facts.record(ctx, player, "factlab.deposit", 9)
    facts.record(ctx, player, "factlab.deposit", 9, undo=True)
    assert list(facts.read(ctx, player, ALL).values()) == [0, 0, None, None, None]

    facts.record(ctx, player, "factlab.deposit", 4)

    assert list(facts.read(ctx, player, ALL).values()) == [4, 1, 4, 4, 4]


def test_whole_numbers_beyond_floats_stay_exact(ctx):
    player = uuid7()
    for value in (2**53, 1, 2**60):
        facts.record(ctx, player, "factlab.deposit", value)

    total = facts.read(ctx, player, ["sum_all"])["factlab.sum_all"]

    assert total == 2**60 + 2**53 + 1
    assert type(total) is int


def test_fractions_are_floats(ctx):
    player = uuid7()
    facts.record(ctx, player, "factlab.deposit", 0.25)
    facts.record(ctx, player, "factlab.deposit", 1)

    assert facts.read(ctx, player, ["sum_all"]) == {"factlab.sum_all": 1.25}


@pytest.mark.parametrize("value", [True, "1", None, float("nan"), float("inf"), 2**63])
def test_what_is_no_number_is_refused(ctx, value):
    with pytest.raises(InvalidInput, match="a metric takes"):
        facts.record(ctx, uuid7(), "factlab.deposit", value)


def test_the_future_is_refused(ctx, clock):
    soon = clock.now().replace(minute=clock.now().minute + 6)

    with pytest.raises(InvalidInput, match="lies in the future"):
        facts.record(ctx, uuid7(), "factlab.deposit", 1, at=soon)


@pytest.mark.parametrize("metric", ["deposit", "factlab." + "x" * 80])
def test_a_metric_has_an_owner_and_a_limit(ctx, metric):
    with pytest.raises(InvalidInput, match="at most 80 characters"):
        facts.record(ctx, uuid7(), metric, 1)


def test_pruning_keeps_every_window_and_the_lifetime(ctx, clock):
    player = uuid7()
    for _ in range(6):
        facts.record(ctx, player, "factlab.deposit", 1)
        facts.record(ctx, player, "someone.elses", 1)
        clock.advance(days=10)
    before = facts.read(ctx, player)

    assert prune(ctx) == 3

    assert facts.read(ctx, player) == before
    assert before["factlab.sum_all"] == 6
    count = select(func.count()).select_from(facts.FactBucket)
    assert ctx.connection.scalar(count.where(facts.FactBucket.metric == "someone.elses")) == 7
