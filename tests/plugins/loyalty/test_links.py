"""Two accounts are as alike as what they share weighs."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pitboss.core.errors import InvalidInput
from pitboss.plugins.loyalty.abuse.links import (
    PLAYERS_MAX,
    SCORE_MAX,
    Kind,
    Link,
    Traits,
    clusters,
    score,
    shared,
)
from tests.plugins.loyalty.samples import law


def traits(player: str, **known: str) -> Traits:
    """Write fingerprints as words: `traits("ann", devices="d1 d2")`."""
    named: dict[str, Any] = {kind: frozenset(values.split()) for kind, values in known.items()}
    return Traits(player=player, **named)


@pytest.mark.parametrize(
    ("one", "other", "points", "reasons"),
    [
        ({}, {}, 0, ()),
        ({"devices": "d1"}, {"devices": "d2"}, 0, ()),
        (
            {"devices": "d1", "cards": "c1"},
            {"devices": "d1", "cards": "c1"},
            8,
            ("same device (+4)", "same card (+4)"),
        ),
        ({"devices": "d1 d2"}, {"devices": "d2 d1"}, 4, ("same device (+4)",)),
        ({"ips": "i"}, {"ips": "i"}, 1, ("same ip (+1)",)),
        (
            {"ips": "i", "addresses": "a"},
            {"ips": "i", "addresses": "a"},
            4,
            ("same address (+3)", "same ip (+1)"),
        ),
        ({"devices": "x"}, {"cards": "x"}, 0, ()),
    ],
)
def test_a_pair_is_scored_with_its_reasons(
    one: Any, other: Any, points: int, reasons: tuple[str, ...]
) -> None:
    found = score(shared(traits("ann", **one), traits("bob", **other)))
    assert (found.points, found.reasons) == (points, reasons)


def test_all_together_are_no_more_than_10() -> None:
    everything = {"devices": "d", "cards": "c", "ips": "i", "addresses": "a"}
    assert score(shared(traits("ann", **everything), traits("bob", **everything))).points == SCORE_MAX


def test_the_tenant_decides_what_weighs() -> None:
    assert score([Link("ip", ("i",)), Link("card", ("c",))], {"ip": 7}).points == 7


def test_accounts_hang_together_through_others() -> None:
    chain = [
        traits("ann", devices="d1"),
        traits("bob", devices="d1", cards="c1"),
        traits("cid", cards="c1"),
        traits("dee", ips="i"),
        traits("eve", ips="i"),
    ]
    assert [cluster.players for cluster in clusters(chain, score_min=4)] == [frozenset({"ann", "bob", "cid"})]


def test_the_strongest_cluster_comes_first() -> None:
    known = [
        traits("ann", devices="d1"),
        traits("bob", devices="d1"),
        traits("cid", devices="d2", cards="c"),
        traits("dee", devices="d2", cards="c"),
    ]
    assert [cluster.score for cluster in clusters(known, score_min=1)] == [8, 4]


def test_more_accounts_than_the_limit_are_refused() -> None:
    with pytest.raises(InvalidInput, match="501 accounts"):
        clusters([traits(str(number)) for number in range(PLAYERS_MAX + 1)], score_min=5)


FINGERPRINTS = st.frozensets(st.sampled_from("xyz"), max_size=2)
KNOWN = st.builds(
    Traits,
    player=st.just(""),
    devices=FINGERPRINTS,
    cards=FINGERPRINTS,
    ips=FINGERPRINTS,
    addresses=FINGERPRINTS,
)


@law
@given(one=KNOWN, other=KNOWN)
def test_a_pair_scores_the_same_from_both_sides(one: Traits, other: Traits) -> None:
    assert score(shared(one, other)) == score(shared(other, one))
    assert 0 <= score(shared(one, other)).points <= SCORE_MAX


@law
@given(known=st.lists(KNOWN, max_size=6), least=st.integers(1, 10))
def test_clusters_do_not_overlap_and_each_has_its_link(known: list[Traits], least: int) -> None:
    kinds: tuple[Kind, ...] = ("device", "card", "ip", "address")
    named = [
        traits(str(number), **{f"{k}es" if k == "address" else f"{k}s": " ".join(one.of(k)) for k in kinds})
        for number, one in enumerate(known)
    ]
    found = clusters(named, score_min=least)
    players = [player for cluster in found for player in cluster.players]
    assert len(players) == len(set(players))
    assert all(cluster.score >= least and len(cluster.players) > 1 for cluster in found)
