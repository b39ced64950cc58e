"""A system has the lines that its name and sizes say, counted without listing them."""

from __future__ import annotations

from math import comb

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pitboss.core.errors import InvalidInput
from pitboss.plugins.betting.lines import System, expand, name_of, named, sized, unit_stake
from pitboss.plugins.betting.lines.system import LEGS_MAX, LINES_LISTED_MAX, LINES_MAX, NAMED
from tests.plugins.betting.samples import ORACLES, law

SYSTEM = ORACLES["system"]


@st.composite
def systems(draw: st.DrawFn) -> System:
    legs = draw(st.integers(1, 6))
    sizes = draw(st.sets(st.integers(1, legs), min_size=1))
    return System(legs=legs, sizes=tuple(sorted(sizes)), bankers=draw(st.integers(0, 2)))


@pytest.mark.parametrize("name", SYSTEM["inputs"]["names"])
def test_each_named_system_has_its_lines(name: str) -> None:
    said, system = SYSTEM["inputs"]["names"][name], named(name)
    assert (system.legs, system.sizes[0], system.sizes[-1]) == (
        said["legs"],
        said["smallest_line"],
        said["legs"],
    )
    assert system.count == SYSTEM["expected"]["line_counts"][name]
    assert name_of(system) == name


def test_every_system_of_the_oracle_is_known() -> None:
    assert set(NAMED) == set(SYSTEM["inputs"]["names"])


def test_a_system_of_sizes_from_to_is_counted() -> None:
    assert (sized(5, 3).count, sized(5, 3, 4).count, sized(10, 2, 10).count) == (10, 15, 1013)
    assert name_of(sized(5, 3)) == ""


@law
@given(systems())
def test_it_lists_as_many_lines_as_it_counts_each_once_with_all_bankers(system: System) -> None:
    bankers = tuple(range(system.legs, system.legs + system.bankers))
    lines = list(expand(system, bankers))
    assert len(set(lines)) == len(lines) == system.count
    assert {len(line) - system.bankers for line in lines} == set(system.sizes)
    assert all(set(bankers) <= set(line) for line in lines)


@law
@given(st.integers(2, 12))
def test_full_cover_has_two_to_the_power_of_its_legs_less_one(legs: int) -> None:
    assert sized(legs, 1, legs).count == 2**legs - 1
    assert sized(legs, 1, legs).is_full_cover
    assert not sized(legs, 2, legs).is_full_cover


@pytest.mark.parametrize(
    ("legs", "sizes", "bankers"),
    [
        (0, (1,), 1),
        (3, (), 0),
        (3, (0,), 0),
        (3, (4,), 0),
        (3, (2, 1), 0),
        (3, (1, 1), 0),
        (3, (1,), -1),
        (LEGS_MAX, (1,), 1),
        (LEGS_MAX, (6,), 0),
    ],
)
def test_a_system_that_is_none_is_refused(legs: int, sizes: tuple[int, ...], bankers: int) -> None:
    with pytest.raises(InvalidInput):
        System(legs=legs, sizes=sizes, bankers=bankers)


def test_the_largest_slips_are_just_allowed() -> None:
    assert System(legs=LEGS_MAX, sizes=(LEGS_MAX,)).count == 1
    assert comb(LEGS_MAX, 4) <= LINES_MAX
    assert System(legs=LEGS_MAX, sizes=(4,)).count == comb(LEGS_MAX, 4)


def test_too_many_lines_are_counted_but_not_listed() -> None:
    system = sized(11, 1, 11)
    assert system.count == LINES_LISTED_MAX - 1 == len(list(expand(system)))
    with pytest.raises(InvalidInput, match="not listed"):
        next(expand(sized(12, 1, 12)))


def test_an_unknown_system_names_the_nearest() -> None:
    with pytest.raises(InvalidInput, match="trixie"):
        named("trixi")


@pytest.mark.parametrize("bankers", [(), (0, 0), (3,)])
def test_bankers_are_named_by_their_places(bankers: tuple[int, ...]) -> None:
    with pytest.raises(InvalidInput, match="bankers"):
        next(expand(sized(2, 1, bankers=1), bankers))


def test_a_total_stake_divides_by_its_lines_or_is_refused() -> None:
    assert unit_stake(1100, 11) == 100
    with pytest.raises(InvalidInput, match="stake 1089 or 1100"):
        unit_stake(1099, 11)
    with pytest.raises(InvalidInput, match="stake 11 or 11"):
        unit_stake(5, 11)
