"""JSON as the API reads and writes it: strict on the way in, compact on the way out."""

from __future__ import annotations

import json
import re
from typing import Any, NoReturn

import msgspec
from flask import Response
from flask.json.provider import DefaultJSONProvider

DEPTH_MAX = 64
"""Lists and objects inside one another, in a body."""
NUMBER_DIGITS_MAX = 400
"""Digits of one number."""

_STRING = re.compile(rb'"(?:[^"\\]|\\.)*"', re.DOTALL)
_NUL = re.compile(rb"(?<!\\)(?:\\\\)*\\u0000")
_NO_BRACKETS = bytes(set(range(256)) - set(b"[]{}"))

encode = msgspec.json.Encoder(decimal_format="string").encode


def decode(data: bytes | str) -> Any:
    """Read JSON; NaN, infinity, deep nesting and huge numbers are a ValueError.

    >>> decode('{"a": NaN}')
    Traceback (most recent call last):
    ValueError: NaN is not JSON
    """
    body = data.encode() if isinstance(data, str) else data
    check(body)
    found = json.loads(body, parse_constant=_refuse, parse_int=_whole, parse_float=_fraction)
    if b"\\ud" in body.lower():
        # Half a surrogate pair is JSON, but no text: no database and no answer can hold it.
        json.dumps(found, ensure_ascii=False).encode()
    return found


def check(body: bytes) -> None:
    """Raise ValueError for what parses but that nothing behind the parser can hold."""
    refuse_depth(body)
    if b"\\u0000" in body and _NUL.search(body):
        raise ValueError("the character NUL is not text")


def refuse_depth(body: bytes) -> None:
    """Raise ValueError when lists and objects nest deeper than any document of ours."""
    if body.count(b"[") + body.count(b"{") <= DEPTH_MAX:
        return
    brackets = _STRING.sub(b"", body).translate(None, _NO_BRACKETS)
    for _ in range(DEPTH_MAX):
        # Each pass peels the innermost level, at the speed of bytes.replace.
        brackets = brackets.replace(b"[]", b"").replace(b"{}", b"")
        if not brackets:
            return
    raise ValueError(f"nested deeper than {DEPTH_MAX}")


class StrictJSON(DefaultJSONProvider):
    """Flask's JSON with the rules of this module."""

    def dumps(self, obj: Any, **_options: Any) -> str:
        return encode(obj).decode()

    def loads(self, s: str | bytes, **_options: Any) -> Any:
        return decode(s)

    def response(self, *args: Any, **kwargs: Any) -> Response:
        body = self._prepare_response_obj(args, kwargs)
        return Response(encode(body), content_type=self.mimetype)


def _refuse(constant: str) -> NoReturn:
    raise ValueError(f"{constant} is not JSON")


def _whole(text: str) -> int:
    if len(text) > NUMBER_DIGITS_MAX:
        raise ValueError(f"a number has more than {NUMBER_DIGITS_MAX} digits")
    return int(text)


def _fraction(text: str) -> float:
    value = float(text)
    if value in (float("inf"), float("-inf")):
        raise ValueError(f"{text[:20]} is out of range")
    return value
