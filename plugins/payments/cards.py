"""Find what looks like a card number, so that none is ever stored, logged or sent on."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator, Mapping
from typing import Any

from marshmallow import ValidationError

from pitboss.core.errors import InvalidInput
from pitboss.core.texts import marked

DIGITS_MIN, DIGITS_MAX = 13, 19
REFUSAL = marked("This looks like a card number: send the token that the provider gave for it.")
MASK = "[card number]"

_RUN = re.compile(r"(?<!\d)\d(?:[ ._/\-]{0,3}\d)+(?!\d)")
_IBAN = re.compile(r"(?<![A-Z0-9])[A-Z]{2}\d{2}(?: ?[A-Z0-9]){11,30}(?![A-Z0-9])")
_UUID = re.compile(r"(?<![0-9a-f])[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}(?![0-9a-f])", re.IGNORECASE)


def passes_luhn(digits: str) -> bool:
    """Tell whether the last digit is the check digit of the others.

    >>> passes_luhn("4111111111111111"), passes_luhn("4111111111111112")
    (True, False)
    """
    odd = sum(int(d) for d in digits[-1::-2])
    even = sum(sum(divmod(2 * int(d), 10)) for d in digits[-2::-2])
    return (odd + even) % 10 == 0


def is_iban(text: str) -> bool:
    """Tell whether a text is an account number with the right check digits.

    >>> is_iban("GB29 NWBK 6016 1331 9268 19")
    True
    """
    bare = text.replace(" ", "").upper()
    if not re.fullmatch(r"[A-Z]{2}\d{2}[A-Z0-9]{11,30}", bare):
        return False
    return int("".join(str(int(c, 36)) for c in bare[4:] + bare[:4])) % 97 == 1


def holds_card(value: Any) -> bool:
    """Tell whether a text, or any text inside a list or mapping, holds what looks like a card number."""
    return any(next(_cards(text), None) is not None for text in _texts(value))


def without_cards(text: str) -> str:
    """Return a text in which what looks like a card number is masked."""
    plain = _plain(text)
    return _RUN.sub(lambda run: MASK if holds_card(run[0]) else run[0], plain) if holds_card(text) else text


def refuse_cards(value: Any) -> None:
    """Raise a marshmallow error where a value holds what looks like a card number; it is not repeated."""
    if holds_card(value):
        raise ValidationError(REFUSAL)


def refuse_card_in(field: str, value: Any) -> None:
    """Raise InvalidInput where a field holds what looks like a card number; it is not repeated."""
    if holds_card(value):
        raise InvalidInput(f"{field}: {REFUSAL}", {field: [REFUSAL]})


def _texts(value: Any) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, bool):
        return
    elif isinstance(value, int):
        yield str(value)
    elif isinstance(value, Mapping):
        for key, item in value.items():
            yield from _texts(key)
            yield from _texts(item)
    elif isinstance(value, (list, tuple, set, frozenset)):
        for item in value:
            yield from _texts(item)


def _plain(text: str) -> str:
    """Return a text without what hides digits: other scripts' digits, and characters of no width."""
    folded = unicodedata.normalize("NFKC", text)
    seen = (c for c in folded if unicodedata.category(c) != "Cf")
    return "".join(str(unicodedata.digit(c)) if unicodedata.category(c) == "Nd" else c for c in seen)


def _cards(text: str) -> Iterator[str]:
    plain = _UUID.sub(" ", _plain(text))
    plain = _IBAN.sub(lambda found: " " if is_iban(found[0]) else found[0], plain)
    for run in _RUN.finditer(plain):
        groups = re.findall(r"\d+", run[0])
        yield from (digits for digits in _joined(groups) if passes_luhn(digits) and digits.strip("0"))


def _joined(groups: list[str]) -> Iterator[str]:
    """Yield each row of neighbouring groups that has the length of a card number."""
    for first in range(len(groups)):
        digits = ""
        for group in groups[first:]:
            digits += group
            if len(digits) > DIGITS_MAX:
                break
            if len(digits) >= DIGITS_MIN:
                yield digits
