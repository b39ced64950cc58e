"""Blueprints whose views stand in the API document: arguments and answers are marshmallow schemas."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import flask_smorest
from flask import Request
from webargs import core
from webargs.flaskparser import FlaskParser
from werkzeug.exceptions import UnsupportedMediaType

from pitboss.core.http.access import Access, View
from pitboss.core.http.json import decode
from pitboss.core.texts import marked

__all__ = ["Blueprint"]


class StrictParser(FlaskParser):
    """Refuse a body of another content type as such, and JSON that is not JSON."""

    DEFAULT_UNKNOWN_BY_LOCATION = {
        **FlaskParser.DEFAULT_UNKNOWN_BY_LOCATION,
        "query": "raise",
    }

    def _raw_load_json(self, req: Request) -> Any:
        body = req.get_data(cache=True)
        if not req.is_json:
            if not body:
                return core.missing
            raise UnsupportedMediaType("send the body as application/json")
        try:
            return decode(body)
        except UnicodeDecodeError as error:
            self.handle_request_error({"json": [marked(f"not UTF-8: {error.reason}")]})
        except (ValueError, RecursionError) as error:
            self.handle_request_error({"json": [marked(f"not valid JSON: {error}")]})

    def handle_request_error(self, messages: Any) -> None:
        """Answer 400: what was sent could not be read at all."""
        from webargs.flaskparser import abort

        abort(400, messages=messages, message=marked("the body is not valid JSON"))


class Blueprint(flask_smorest.Blueprint):  # type: ignore[misc]  # flask-smorest has no types
    """A flask-smorest blueprint with our errors and access rules.

    Pass schema instances, never classes: a class is built anew at each request. `access` is the rule
    of every view that declares none.
    """

    ARGUMENTS_PARSER = StrictParser()

    def __init__(self, *args: Any, access: Access | None = None, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.access = access
        self.structs: list[type] = []
        """msgspec structs that its hot endpoints speak."""

    def arguments(self, schema: Any, **kwargs: Any) -> Callable[[View], View]:
        if isinstance(schema, type):
            raise TypeError(f"blueprint {self.name!r}: pass {schema.__name__}(), not the class")
        decorate: Callable[[View], View] = super().arguments(schema, **kwargs)
        return decorate

    def response(self, *args: Any, **kwargs: Any) -> Callable[[View], View]:
        decorate: Callable[[View], View] = super().response(*args, **kwargs)
        return decorate
