"""Pages of long lists: a signed cursor that says where the next one begins."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache, lru_cache
from typing import Any
from urllib.parse import urlencode
from uuid import UUID

import marshmallow as ma
from flask import request
from itsdangerous import BadSignature, URLSafeSerializer
from marshmallow.validate import Length, Range

from pitboss.core.errors import InvalidInput
from pitboss.core.http.current import current, visit
from pitboss.core.kernel import secret_of
from pitboss.core.settings import Settings

PAGE_DEFAULT = 50
PAGE_MAX = 200
CURSOR_CHARACTERS_MAX = 500


class PageArguments(ma.Schema):
    """Where a page begins, and how long it is; the parent of a list's own filters."""

    cursor = ma.fields.Str(validate=Length(min=1, max=CURSOR_CHARACTERS_MAX))
    limit = ma.fields.Int(load_default=PAGE_DEFAULT, validate=Range(min=1, max=PAGE_MAX))


@cache
def page_schema(item: type[ma.Schema]) -> ma.Schema:
    """Return the schema of a page of items."""
    name = f"{item.__name__.removesuffix('Schema')}PageSchema"
    fields: dict[str, Any] = {
        "items": ma.fields.List(ma.fields.Nested(item()), required=True),
        "next_cursor": ma.fields.Str(
            required=True, allow_none=True, metadata={"description": "Null on the last page."}
        ),
    }
    kind = ma.Schema.from_dict(fields, name=name)
    # The API document names a schema after the plugin whose module it stands in.
    kind.__module__ = item.__module__
    return kind()


def read_cursor(text: str | None) -> Any:
    """Return what a cursor of this list and tenant holds; a forged or foreign one is refused."""
    if text is None:
        return None
    try:
        return _signer().loads(text)
    except BadSignature:
        raise InvalidInput(
            "this cursor is not one of this list: begin without a cursor", {"cursor": ["Not valid."]}
        ) from None


def read_id_cursor(text: str | None) -> UUID | None:
    """Return the id that a cursor holds."""
    found = read_cursor(text)
    return None if found is None else UUID(found)


def page(items: Sequence[Any], following: Any) -> dict[str, Any]:
    """Return a page; `following` is where the next begins (plain JSON or an id), None on the last."""
    if following is None:
        return {"items": items, "next_cursor": None}
    cursor = _signer().dumps(str(following) if isinstance(following, UUID) else following)
    assert isinstance(cursor, str), "a serializer for URLs writes text"
    query = urlencode({**request.args, "cursor": cursor})
    visit().headers.append(("Link", f'<{request.path}?{query}>; rel="next"'))
    return {"items": items, "next_cursor": cursor}


def _signer() -> URLSafeSerializer:
    context = current()
    salt = f"cursor:{context.tenant.id}:{request.path}"
    return URLSafeSerializer(_secret(context.kernel.settings), salt=salt)


@lru_cache(maxsize=16)
def _secret(settings: Settings) -> str:
    # The secret may be a file: read it once, not at each page.
    return secret_of(settings)
