"""A stored secret opens in its own cell, with its own key, and nowhere else."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pitboss.core.errors import ConfigError
from pitboss.core.secretbox import Cell, SecretBox, SecretUnreadable, box_of
from pitboss.core.settings import load_settings

CELL = Cell(1, "webhook_endpoint", "secret", "abc")


@given(st.text())
def test_what_was_sealed_opens(plain):
    box = SecretBox("one")

    assert box.open(box.seal(plain, CELL), CELL) == plain


def test_sealing_twice_looks_different():
    box = SecretBox("one")

    assert box.seal("x", CELL) != box.seal("x", CELL)


@pytest.mark.parametrize(
    "elsewhere",
    [{"tenant_id": 2}, {"table": "other"}, {"column": "other"}, {"key": "other"}],
)
def test_a_secret_does_not_open_in_another_cell(elsewhere):
    box = SecretBox("one")
    sealed = box.seal("x", CELL)

    with pytest.raises(SecretUnreadable, match="changed or moved"):
        box.open(sealed, replace(CELL, **elsewhere))


def test_the_parts_of_a_cell_do_not_run_together():
    assert Cell(1, "ab", "c", "d").label != Cell(1, "a", "bc", "d").label


def test_an_old_secret_opens_what_it_sealed_and_the_new_one_seals():
    old, new = SecretBox("old"), SecretBox("new", ("old",))
    sealed = old.seal("x", CELL)

    assert new.open(sealed, CELL) == "x"
    assert not new.is_current(sealed)
    assert new.is_current(new.seal("x", CELL))


def test_a_lost_key_is_named():
    sealed = SecretBox("old").seal("x", CELL)

    with pytest.raises(SecretUnreadable, match="PITBOSS_PREVIOUS_SECRETS"):
        SecretBox("new").open(sealed, CELL)


@pytest.mark.parametrize("damage", ["", "s1", "s1.x.y", "plain text"])
def test_what_is_no_sealed_secret_is_refused(damage):
    with pytest.raises(SecretUnreadable):
        SecretBox("one").open(damage, CELL)


def test_a_flipped_bit_is_noticed():
    box = SecretBox("one")
    sealed = box.seal("secret", CELL)
    broken = sealed[:-6] + ("A" if sealed[-6] != "A" else "B") + sealed[-5:]

    with pytest.raises(SecretUnreadable):
        box.open(broken, CELL)


def test_an_empty_secret_seals_nothing():
    with pytest.raises(ConfigError, match="PITBOSS_SECRET"):
        SecretBox("")


def test_the_deployment_has_one_box(tmp_path):
    settings = load_settings({}, data=tmp_path)

    sealed = box_of(settings).seal("x", CELL)

    assert box_of(load_settings({}, data=tmp_path)).open(sealed, CELL) == "x"
