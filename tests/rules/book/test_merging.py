"""Laws of putting two people's changes together: nothing that only one of them changed is lost."""

from __future__ import annotations

from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from pitboss.rules.book.merging import Merged, merged

leaves = st.none() | st.booleans() | st.integers(0, 3) | st.sampled_from(["a", "b"])
values = st.recursive(
    leaves,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from("abc"), inner),
    max_leaves=6,
)
documents = st.dictionaries(st.sampled_from("abcd"), values, max_size=4)

BASE: dict[str, Any] = {
    "when": {"net_loss_min": 100},
    "then": [{"action": "grant", "amount": 5, "max_amount": 500}],
    "limits": {"per_player": {"count": 1}},
}


@given(documents, documents)
def test_who_changed_nothing_takes_what_the_other_did(base: Any, changed: Any) -> None:
    assert merged(base, changed, base) == Merged(changed, [])
    assert merged(base, base, changed) == Merged(changed, [])


@given(documents, documents)
def test_who_changed_the_same_agree(base: Any, changed: Any) -> None:
    assert merged(base, changed, changed) == Merged(changed, [])


@given(documents, documents, documents)
def test_what_only_one_of_them_changed_is_kept(base: Any, theirs: Any, own: Any) -> None:
    both = merged(base, theirs, own)

    for key in base.keys() | theirs.keys() | own.keys():
        before, after, ours = (d.get(key, "absent") for d in (base, theirs, own))
        if before == ours:
            assert both.document.get(key, "absent") == after
        elif before == after:
            assert both.document.get(key, "absent") == ours


def test_changes_within_one_action_are_put_together() -> None:
    theirs = {
        **BASE,
        "then": [{**BASE["then"][0], "max_amount": 250}],
        "limits": {"per_player": {"count": 2}},
    }
    own = {**BASE, "then": [{**BASE["then"][0], "amount": 7}], "priority": 7}

    both = merged(BASE, theirs, own)

    assert both.contested == []
    assert both.document["then"] == [{"action": "grant", "amount": 7, "max_amount": 250}]
    assert (both.document["limits"], both.document["priority"]) == ({"per_player": {"count": 2}}, 7)


def test_what_both_changed_is_named_and_ours_stands() -> None:
    theirs = {**BASE, "then": [{**BASE["then"][0], "max_amount": 250}]}
    own = {**BASE, "then": [{**BASE["then"][0], "max_amount": 300}]}

    both = merged(BASE, theirs, own)

    assert both.contested == ["then › 1 › max amount"]
    assert both.document["then"][0]["max_amount"] == 300
