"""Laws of the small pictures."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pitboss.core.pictures import STRIP, TALL, WIDE, bars, interval, line

VALUES = st.lists(st.integers(-(10**9), 10**9), min_size=1, max_size=40)


@given(VALUES)
def test_bars_stay_in_the_picture_and_say_which_way_they_go(values):
    drawn = bars(values, [str(value) for value in values], "Any")

    for bar, value in zip(drawn.bars, values, strict=True):
        assert bar.is_below == (value < 0)
        assert bar.y >= -0.01
        assert bar.y + bar.height <= TALL + 0.02
        assert bar.x + bar.width <= WIDE + 0.02


@given(VALUES, st.integers(0, 10**10))
def test_a_line_and_its_limit_stay_in_the_picture(values, limit):
    drawn = line(values, "Any", is_large=True, limit=limit)

    heights = [float(point.split(",")[1]) for point in drawn.points.split()]
    assert drawn.limit is not None
    assert all(0 <= height <= TALL for height in (*heights, drawn.limit))
    assert all(height >= drawn.limit for height, value in zip(heights, values, strict=True) if value <= limit)


@pytest.mark.parametrize(("low", "value", "high"), [(-2, 1, 4), (1, 2, 3), (-3, -2, -1), (0, 0, 0)])
def test_an_interval_stands_in_order_beside_nothing(low, value, high):
    drawn = interval(low, value, high, "Any")

    assert 0 <= drawn.low <= drawn.value <= drawn.high <= drawn.width
    assert drawn.height == STRIP
    assert (drawn.zero < drawn.low) == (low > 0)
    assert (drawn.zero > drawn.high) == (high < 0)
