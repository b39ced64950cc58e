"""Passwords: refused when they would be guessed, kept as argon2id, compared at one speed."""

from __future__ import annotations

import threading

import pytest
from argon2 import PasswordHasher

from pitboss.core.errors import InvalidInput, Unavailable
from pitboss.core.identity import passwords


@pytest.fixture(autouse=True)
def _shipped_hasher(monkeypatch):
    """Other tests hash at the least cost."""
    monkeypatch.setattr(passwords, "_hasher", passwords.make_hasher())


@pytest.mark.parametrize(
    ("kind", "password"),
    [
        ("player", "seven b"),
        ("operator", "eleven gree"),
        ("player", "x7" * 65),
        ("player", "password"),
        ("player", "PassWord1"),
        ("player", "Password2024!"),
        ("player", "aaaaaaaaaaaaa"),
        ("player", "abababababab"),
        ("player", "mnopqrstuvwx"),
        ("player", "ann@acme.test"),
        ("operator", "annabella-smith"),
    ],
)
def test_a_password_that_would_be_guessed_is_refused(kind, password):
    with pytest.raises(InvalidInput) as refusal:
        passwords.check_rules(password, kind=kind, own_words=["ann@acme.test", "annabella-smith"])

    assert list(refusal.value.fields) == ["password"]


@pytest.mark.parametrize(
    "password",
    ["seven blue lamps", "\u043f\u0430\u0440\u043e\u043b\u044c-7", "x7y9" * 32, "zk4-9qwm", "ann likes it"],
)
def test_how_a_password_is_composed_is_its_owners_business(password):
    passwords.check_rules(password, kind="player", own_words=["ann@acme.test", "ann"])


def test_a_hash_names_its_parameters():
    assert passwords.hash_password("seven blue lamps").startswith("$argon2id$v=19$m=19456,t=2,p=1$")


def test_two_hashes_of_one_password_differ():
    assert passwords.hash_password("seven blue lamps") != passwords.hash_password("seven blue lamps")


def test_a_password_fits_whatever_code_points_the_device_sends():
    stored = passwords.hash_password("caf\u00e9 et croissants")

    assert passwords.verify(stored, "cafe\u0301 et croissants")


def test_without_a_hash_no_password_fits():
    assert not passwords.verify(None, "nobody has this password")


def test_a_damaged_hash_fits_no_password():
    assert not passwords.verify("$argon2id$broken", "seven blue lamps")


def test_a_hash_of_other_parameters_is_outdated():
    assert passwords.is_outdated(PasswordHasher(time_cost=2, memory_cost=16, parallelism=1).hash("x"))
    assert not passwords.is_outdated(passwords.hash_password("x"))


def test_one_hash_more_than_the_limit_waits_and_then_gives_up(monkeypatch):
    monkeypatch.setattr(passwords, "_slots", threading.BoundedSemaphore(1))
    monkeypatch.setattr(passwords, "HASH_WAIT_SECONDS_MAX", 0)

    with passwords._slot(), pytest.raises(Unavailable, match="too many people"):
        passwords.hash_password("seven blue lamps")
