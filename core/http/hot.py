"""Endpoints for the hottest calls: msgspec structs instead of marshmallow, the same gate and document.

    @hot(blueprint, "/bets", body=PlaceBet, answer=BetPlaced, status=201)
    @requires("betting.place")
    def place(ctx: Context, body: PlaceBet) -> BetPlaced: ...

Use Core statements built once at import: the ORM's unit of work costs more than all the rest.
"""

from __future__ import annotations

import functools
import re
from collections.abc import Callable
from http import HTTPStatus
from typing import Any, TypeVar

import msgspec
from flask import Response
from werkzeug.exceptions import BadRequest, UnsupportedMediaType

from pitboss.core.errors import InvalidInput
from pitboss.core.http.blueprints import Blueprint
from pitboss.core.http.current import current, present
from pitboss.core.http.json import check, encode
from pitboss.core.http.misfits import cured

View = TypeVar("View", bound=Callable[..., Any])
_PLACE = re.compile(r"^(?P<said>.*?)(?: - at `\$(?P<path>[^`]*)`)?$", re.DOTALL)
_STEP = re.compile(r"\.([^.\[]+)|\[(\d+|\.\.\.)\]")


class Body(msgspec.Struct, frozen=True, forbid_unknown_fields=True, gc=False):
    """Parent of what a hot endpoint is sent."""


class Reply(msgspec.Struct, frozen=True, gc=False):
    """Parent of what a hot endpoint answers."""


def hot(
    blueprint: Blueprint,
    path: str,
    *,
    body: Any,
    answer: type[msgspec.Struct],
    status: int = HTTPStatus.OK,
    method: str = "POST",
    shown: Any = None,
) -> Callable[[View], View]:
    """Mount `view(ctx, body, **path) -> answer` as a hot endpoint that stands in the API document.

    `shown` is what the document says of a body whose parts the view checks itself, one by one.
    """
    decode = msgspec.json.Decoder(body).decode
    code = int(status)

    def decorate(view: View) -> View:
        @functools.wraps(view)
        def endpoint(**path_arguments: Any) -> Response:
            asked = present()
            if asked.mimetype != "application/json":
                raise UnsupportedMediaType("send the body as application/json")
            sent = _decoded(decode, asked.get_data(), body)
            found = view(current(), sent, **path_arguments)
            return Response(encode(found), code, content_type="application/json")

        endpoint._apidoc = {"manual_doc": _documented(shown or body, answer, code)}  # type: ignore[attr-defined]  # flask-smorest keeps its documentation there
        blueprint.structs.extend((shown or body, answer))
        blueprint.add_url_rule(path, view.__name__, endpoint, methods=[method])
        return view

    return decorate


def _decoded(decode: Callable[[bytes], Any], data: bytes, body: Any) -> Any:
    try:
        check(data)
        return decode(data)
    except msgspec.ValidationError as error:
        raise invalid(error, body) from error
    except (ValueError, RecursionError) as error:
        raise BadRequest(f"the body is not valid JSON: {error}") from error


def invalid(error: msgspec.ValidationError, body: Any) -> InvalidInput:
    """Turn msgspec's sentence about a body into one message at its place.

    >>> invalid(msgspec.ValidationError("Expected `int`, got `str` - at `$.legs[0].odds`"), dict).fields
    {'legs': {'0': {'odds': ['Expected `int`, got `str`']}}}
    """
    match = _PLACE.match(str(error))
    assert match is not None, "the pattern matches any text"
    steps = [name or index for name, index in _STEP.findall(match["path"] or "")]
    fields: Any = [cured(match["said"], body, steps)]
    for step in reversed(steps):
        fields = {step: fields}
    return InvalidInput("some fields do not fit", fields if steps else {"_schema": fields})


def _documented(body: Any, answer: type[msgspec.Struct], status: int) -> dict[str, Any]:
    (schema, reply), _ = msgspec.json.schema_components(
        (body, answer), ref_template="#/components/schemas/{name}"
    )
    return {
        "requestBody": {"required": True, "content": {"application/json": {"schema": schema}}},
        "responses": {
            str(status): {
                "description": HTTPStatus(status).phrase,
                "content": {"application/json": {"schema": reply}},
            },
        },
    }
