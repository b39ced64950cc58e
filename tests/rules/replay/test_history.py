"""Recorded facts as columns: of each type, known or not, on both databases."""

from __future__ import annotations

from datetime import timedelta

import pytest

from pitboss.core.clock import uuid7
from pitboss.core.database import bulk
from pitboss.core.errors import InvalidInput
from pitboss.rules.book.live import book_of
from pitboss.rules.replay import trial
from pitboss.rules.replay.asked import ask
from pitboss.rules.replay.history import Span, count_rows, read_chunks
from pitboss.rules.replay.replay import replay
from pitboss.rules.runtime.tables import JudgementRow
from tests.rules.runtime.conftest import reward

NAMES = ("casino.net_loss", "casino.country", "casino.is_barred", "casino.seen_at", "rules.segments", "now")
EVENT = "casino.round_played"


@pytest.fixture
def record(kernel, tenant, clock):
    """Write a judgement down as it stands: `record({"casino.net_loss": 5})`."""

    def write(facts, **more):
        with kernel.context(tenant.id) as ctx:
            row = {"event": EVENT, "revision": 0, "at": clock.now(), **more}
            ctx.session.add(JudgementRow(id=uuid7(), facts=facts, **row))
        clock.advance(seconds=1)

    return write


@pytest.fixture
def read(kernel, tenant, clock):
    """Read what was recorded until now, in order."""

    def rows(*names):
        with kernel.context(tenant.id) as ctx:
            words = book_of(ctx).words.of([EVENT])
            span = Span(EVENT, clock.now() - timedelta(days=1), clock.now())
            chunks = list(read_chunks(ctx, span, names or NAMES, words))
            found = [(c.whose["at"][n], c.facts.facts(n)) for c in chunks for n in range(c.rows)]
            assert count_rows(ctx, span) == len(found)
            return [facts for _, facts in sorted(found, key=lambda pair: pair[0])]

    return rows


def test_facts_come_back_as_they_were_let_in(record, read, clock):
    now = clock.now().timestamp()
    record(
        {
            "casino.net_loss": 62.57,
            "casino.country": 'Ü, "quoted"\nline',
            "casino.is_barred": True,
            "casino.seen_at": 1_764_000_000.25,
            "rules.segments": ["LOSING", "VIP"],
        }
    )
    assert read() == [
        {
            "casino.net_loss": 62.57,
            "casino.country": 'Ü, "quoted"\nline',
            "casino.is_barred": True,
            "casino.seen_at": 1_764_000_000.25,
            "rules.segments": frozenset({"LOSING", "VIP"}),
            "now": pytest.approx(now, abs=1e-3),
        }
    ]


def test_what_was_left_out_is_the_default_or_unknown(record, read):
    record({"casino.country": "GB"})
    record({})
    first, second = read("casino.net_loss", "casino.country", "casino.is_barred")
    assert first | {"now": 0} == {
        "casino.net_loss": 0.0,
        "casino.country": "GB",
        "casino.is_barred": False,
        "now": 0,
    }
    assert "casino.country" not in second


def test_what_was_recorded_as_another_type_is_unknown(record, read):
    record({"casino.seen_at": "long ago", "casino.country": "GB", "casino.net_loss": 5})
    record({"casino.seen_at": 7, "event.game": "chess"})
    first, second = read("casino.seen_at", "casino.net_loss", "event.game")
    assert "casino.seen_at" not in first
    assert (first["casino.net_loss"], second["casino.seen_at"]) == (5.0, 7.0)
    assert "event.game" not in second, "it is no longer a choice"


def test_too_many_matches_are_refused(draft, record, simulated, monkeypatch):
    draft(reward())
    for _ in range(3):
        record({"casino.net_loss": 50})
    monkeypatch.setattr(trial, "MATCHES_MAX", 3)
    assert simulated("cashback")["matches"] == 3
    monkeypatch.setattr(trial, "MATCHES_MAX", 2)
    with pytest.raises(InvalidInput, match="more than 2 rows"):
        simulated("cashback")


def test_a_replay_that_is_stopped_leaves_the_connection_usable(
    kernel, tenant, draft, record, read, monkeypatch
):
    class Enough(Exception):
        pass

    def stop(_done: int, _total: int) -> None:
        raise Enough

    draft(reward())
    for _ in range(3):
        record({"casino.net_loss": 50})
    # Each row by itself, so that there are more to come when it is stopped.
    monkeypatch.setattr(bulk, "PIECE_BYTES", 1)
    with kernel.context(tenant.id) as ctx:
        with pytest.raises(Enough):
            replay(ctx, ask(ctx, "cashback"), stop)
        ctx.rollback()
        assert replay(ctx, ask(ctx, "cashback")).rows == {EVENT: 3}
