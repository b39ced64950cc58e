"""Passwords: which are good enough, and how they are kept and compared."""

from __future__ import annotations

import threading
import unicodedata
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from functools import cache

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

from pitboss.core.errors import InvalidInput, Unavailable
from pitboss.core.identity.common import COMMON
from pitboss.core.texts import marked

CHARACTERS_MIN = {"player": 8, "operator": 12}
CHARACTERS_MAX = 128
DISTINCT_CHARACTERS_MIN = 4
OWN_WORD_CHARACTERS_MIN = 4
"""A shorter name may well be a part of a good password."""
HASHES_AT_ONCE_MAX = 4
"""Each holds 19 MiB and a processor for some 30 ms: a flood of sign-ins waits here."""
HASH_WAIT_SECONDS_MAX = 10
MEMORY_KIB = 19 * 1024
PASSES = 2


def make_hasher() -> PasswordHasher:
    """Return what hashes at the cost that is advised."""
    return PasswordHasher(time_cost=PASSES, memory_cost=MEMORY_KIB, parallelism=1)


_hasher = make_hasher()
_slots = threading.BoundedSemaphore(HASHES_AT_ONCE_MAX)


def check_rules(password: str, *, kind: str, own_words: Iterable[str] = ()) -> None:
    """Refuse a password that would be guessed soon; how it is composed is its owner's business."""
    text, characters_min = _normalised(password), CHARACTERS_MIN[kind]
    if not characters_min <= len(text) <= CHARACTERS_MAX:
        _refuse(
            marked(f"a password has {characters_min} to {CHARACTERS_MAX} characters, this one {len(text)}")
        )
    plain = text.casefold()
    if plain in COMMON or plain.rstrip("0123456789!.?") in COMMON:
        _refuse(marked("this password is on every list of common passwords: choose another"))
    if len(set(plain)) < DISTINCT_CHARACTERS_MIN or _is_sequence(plain):
        _refuse(marked("this password is one repeated or ascending run: choose another"))
    for word in own_words:
        if len(word) >= OWN_WORD_CHARACTERS_MIN and plain.strip("0123456789!.?") == word.casefold():
            _refuse(marked("this password is your own name or address: choose another"))


def hash_password(password: str) -> str:
    """Return what to store of a password."""
    with _slot():
        return _hasher.hash(_normalised(password))


def verify(stored: str | None, password: str) -> bool:
    """Tell whether a password fits; takes as long when there is none to compare with."""
    with _slot():
        try:
            is_right = _hasher.verify(stored or _decoy(), _normalised(password)[: CHARACTERS_MAX + 1])
        except (VerificationError, InvalidHashError):
            return False
    return is_right and stored is not None


def is_outdated(stored: str) -> bool:
    """Tell whether a hash was made with other parameters than today's."""
    return _hasher.check_needs_rehash(stored)


@contextmanager
def _slot() -> Iterator[None]:
    if not _slots.acquire(timeout=HASH_WAIT_SECONDS_MAX):
        raise Unavailable("too many people sign in at this moment: try again in a minute")
    try:
        yield
    finally:
        _slots.release()


@cache
def _decoy() -> str:
    return _hasher.hash("nobody has this password")


def _normalised(password: str) -> str:
    # The same key strokes can arrive as different code points from different devices.
    return unicodedata.normalize("NFKC", password)


def _is_sequence(text: str) -> bool:
    steps = {ord(b) - ord(a) for a, b in zip(text, text[1:], strict=False)}
    return len(steps) == 1


def _refuse(why: str) -> None:
    raise InvalidInput(why, {"password": [f"{why[0].upper()}{why[1:]}."]})
