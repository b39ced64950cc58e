"""Ask a feed for a page: the port, and the client that speaks HTTP."""

from __future__ import annotations

import email.utils
import json
import re
import time
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any, Literal, Protocol
from urllib.parse import urlencode, urlsplit, urlunsplit

from pitboss.core.outgoing import FAILURES, Limits, Response, exchange
from pitboss.core.texts import marked
from pitboss.plugins.sports.sources.feeds.shapes import SHAPES
from pitboss.plugins.sports.sources.limits import check_text

PAGE_BYTES_MAX = 8 * 1024 * 1024
PAGE_ITEMS_MAX = 5_000
STEP_SECONDS_MAX = 10.0
TOTAL_SECONDS_MAX = 30.0
RETRY_AFTER_SECONDS_MAX = 24 * 3600
ERROR_CHARACTERS_MAX = 300
CURSOR_CHARACTERS_MAX = 2_000
ETAG_CHARACTERS_MAX = 200

_SECONDS = re.compile(r"[0-9]{1,9}")

Outcome = Literal["ok", "unchanged", "limited", "failed"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Question:
    """What is asked of a feed."""

    url: str
    shape: str = "items"
    headers: Mapping[str, str] = field(default_factory=dict)
    parameters: Mapping[str, str] = field(default_factory=dict)
    """Added to the address: the cursor, and the key of feeds that want it there."""
    etag: str = ""
    secret: str = ""
    """Never shown, in no error either."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """What came of it; what the network does is no exception."""

    outcome: Outcome
    status: int | None = None
    items: Sequence[Any] = ()
    next_cursor: str | None = None
    has_more: bool = False
    as_of: datetime | None = None
    etag: str = ""
    retry_after_seconds: int | None = None
    error: str = ""
    size_bytes: int = 0
    milliseconds: int = 0


class FeedClient(Protocol):
    """Ask for one page."""

    def fetch(self, question: Question, now: datetime) -> Answer:
        """Return a page, or what went wrong."""


class HttpClient:
    """Ask over HTTP: JSON, bounded in time and size, from public addresses unless others are allowed."""

    def __init__(self, *, allow_private: bool = False) -> None:
        self._allow_private = allow_private

    def fetch(self, question: Question, now: datetime) -> Answer:
        began = time.monotonic()
        limits = Limits(
            step_seconds=STEP_SECONDS_MAX, total_seconds=TOTAL_SECONDS_MAX, response_bytes=PAGE_BYTES_MAX
        )
        headers = {"accept": "application/json", "user-agent": "Pitboss-Feeds/1", **question.headers}
        if question.etag:
            headers["if-none-match"] = question.etag
        try:
            response = exchange(
                "GET", address(question), headers=headers, limits=limits, allow_private=self._allow_private
            )
            told = read(response, question.shape, now)
        except FAILURES as error:
            told = {"outcome": "failed", "error": f"{type(error).__name__}: {error}"}
        told["error"] = redacted(told.get("error", ""), question.secret)
        return Answer(**told, milliseconds=round((time.monotonic() - began) * 1000))


def address(question: Question) -> str:
    """Return the address with its parameters."""
    parts = urlsplit(question.url)
    query = "&".join(filter(None, [parts.query, urlencode(question.parameters)]))
    return urlunsplit(parts._replace(query=query, fragment=""))


def redacted(text: str, secret: str) -> str:
    """Return a text without the secret, and not longer than an error should be."""
    shown = text.replace(secret, "***") if secret else text
    return shown.replace("\x00", "")[:ERROR_CHARACTERS_MAX]


def read(response: Response, shape: str, now: datetime) -> dict[str, Any]:
    """Return what an answer says, as fields of an Answer."""
    about = {"status": response.status, "size_bytes": len(response.body)}
    if response.status == 304:
        return {**about, "outcome": "unchanged"}
    if response.status in (429, 503) and "retry-after" in response.headers:
        seconds = retry_after(response.headers["retry-after"], now)
        said = marked(f"answered {response.status}: ask again in {seconds} seconds")
        return {**about, "outcome": "limited", "retry_after_seconds": seconds, "error": said}
    problem = _problem(response)
    if problem:
        outcome = "limited" if response.status == 429 else "failed"
        return {**about, "outcome": outcome, "error": problem}
    try:
        document = json.loads(response.body.decode("utf-8-sig"), parse_float=str)
        check_text(document)
        page = _page(SHAPES[shape](document))
    except (ArithmeticError, AttributeError, LookupError, RecursionError, TypeError, ValueError) as error:
        said = marked(f"the answer is not what was agreed ({shape}): {type(error).__name__}: {error}")
        return {**about, "outcome": "failed", "error": said}
    etag = response.headers.get("etag", "")
    return {**about, **page, "outcome": "ok", "etag": etag if len(etag) <= ETAG_CHARACTERS_MAX else ""}


def retry_after(text: str, now: datetime) -> int:
    """Read the header: seconds, or a date of HTTP; what cannot be read is a minute.

    >>> retry_after("120", datetime(2026, 1, 1, tzinfo=UTC))
    120
    """
    seconds = 60
    if _SECONDS.fullmatch(text.strip()):
        seconds = int(text)
    else:
        with suppress(ArithmeticError, TypeError, ValueError):
            seconds = round((email.utils.parsedate_to_datetime(text) - now).total_seconds())
    return min(max(seconds, 1), RETRY_AFTER_SECONDS_MAX)


def _problem(response: Response) -> str:
    if 300 <= response.status < 400:
        return marked(f"answered {response.status}: redirects are not followed; register the new address")
    if not 200 <= response.status < 300:
        return marked(f"answered {response.status}")
    if response.is_cut:
        return marked(f"the answer is longer than {PAGE_BYTES_MAX} bytes: ask for smaller pages")
    if response.is_truncated:
        return marked("the answer ended before the length that it had announced")
    encoding = response.headers.get("content-encoding", "identity")
    if encoding != "identity":
        return marked(f"the answer is packed as {encoding}, which was not asked for")
    kind = response.headers.get("content-type", "").partition(";")[0].strip().lower()
    if kind != "application/json" and not kind.endswith("+json"):
        return marked(f"answered {kind or marked('no content type')}: JSON was asked for")
    return ""


def _page(page: Mapping[str, Any]) -> dict[str, Any]:
    items, cursor, as_of = page["items"], page.get("next_cursor"), page.get("as_of")
    if not isinstance(items, list):
        raise ValueError("`items` is not a list")
    if len(items) > PAGE_ITEMS_MAX:
        raise ValueError(f"{len(items)} items in one page; at most {PAGE_ITEMS_MAX}")
    if cursor is not None and (not isinstance(cursor, str) or len(cursor) > CURSOR_CHARACTERS_MAX):
        raise ValueError(f"`next_cursor` is text of at most {CURSOR_CHARACTERS_MAX} characters")
    has_more = bool(page.get("has_more")) and cursor is not None
    return {"items": items, "next_cursor": cursor, "has_more": has_more, "as_of": _instant(as_of)}


def _instant(text: object) -> datetime | None:
    if text is None:
        return None
    found = datetime.fromisoformat(str(text))
    if found.tzinfo is None:
        raise ValueError(f"`as_of` {text!r} has no offset")
    return found.astimezone(UTC)
