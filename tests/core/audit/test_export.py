"""The trail can be searched and taken out whole, and opening it in a spreadsheet is safe."""

from __future__ import annotations

import csv
import json
from datetime import timedelta

import pytest

from pitboss.core import audit
from pitboss.core.errors import InvalidInput

HOSTILE = ["=1+1", "+1", "-1", "@x", "\tx", "\r=1"]


def test_a_search_pages_backwards_through_what_fits(ctx):
    for n in range(5):
        audit.record(ctx, "player.locked", f"player:{n}")
        audit.record(ctx, "rule.saved", "rule:x")

    first = audit.search(ctx, audit.Filter(action="player.*"), limit=3)
    second = audit.search(ctx, audit.Filter(action="player.*"), after=first.cursor, limit=3)

    targets = [entry["target"] for entry in first.entries + second.entries]
    assert targets == [f"player:{n}" for n in (4, 3, 2, 1, 0)]
    assert second.cursor is None


def test_a_search_by_time_leaves_out_its_end(ctx, clock):
    for n in range(3):
        audit.record(ctx, "a.b", str(n))
        clock.advance(hours=1)
    start = clock.now() - timedelta(hours=3)

    found = audit.search(ctx, audit.Filter(action="a.b", since=start, until=start + timedelta(hours=2)))

    assert [entry["target"] for entry in found.entries] == ["1", "0"]


def test_a_wildcard_in_a_search_is_only_a_star_at_its_end(ctx):
    audit.record(ctx, "a.b", "x")

    assert audit.search(ctx, audit.Filter(action="%*")).entries == []
    assert len(audit.search(ctx, audit.Filter(action="a.*", actor=ctx.actor.label, target="x")).entries) == 1


def test_a_search_page_has_a_limit(ctx):
    with pytest.raises(InvalidInput, match="between 1 and 200"):
        audit.search(ctx, limit=201)


def test_json_lines_hold_every_field(ctx):
    audit.record(ctx, "a.b", "zażółć", old={"x": 1}, new={"x": [2]}, reason="because")

    entry = json.loads(list(audit.as_json_lines(ctx, audit.Filter(action="a.b")))[0])

    assert (entry["target"], entry["old"], entry["new"]) == ("zażółć", {"x": 1}, {"x": [2]})
    assert entry["at"] == ctx.clock.now().isoformat()


def test_no_cell_of_a_csv_starts_a_formula(ctx):
    for text in HOSTILE:
        audit.record(ctx, "a.b", "x", reason=text)

    lines = list(audit.as_csv(ctx, audit.Filter(action="a.b")))
    rows = list(csv.DictReader(lines))

    assert [row["reason"] for row in rows] == [f"'{text}" for text in HOSTILE]
    assert len(lines) == len(HOSTILE) + 1


def test_an_export_shows_one_tenant(kernel, ctx, other_tenant):
    audit.record(ctx, "a.b", "mine")
    ctx.commit()

    with kernel.context(other_tenant.id) as other:
        assert list(audit.as_json_lines(other, audit.Filter(action="a.b"))) == []
