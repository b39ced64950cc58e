"""The OpenAPI document: operation ids, security and problem answers on every operation."""

from __future__ import annotations

from typing import Any

import flask_smorest
import marshmallow as ma
from flask import Flask, Response

from pitboss.core.http.fields import Amount
from pitboss.webapp import problem

METHODS = ("get", "put", "post", "patch", "delete")
SECURITY = {
    "bearer": {"type": "http", "scheme": "bearer", "description": "Access token of a login."},
    "apiKey": {"type": "apiKey", "in": "header", "name": "X-Api-Key"},
}


class ProblemSchema(ma.Schema):
    """RFC 9457."""

    type = ma.fields.Str(required=True)
    title = ma.fields.Str(required=True)
    status = ma.fields.Int(required=True)
    detail = ma.fields.Str()
    instance = ma.fields.Str()
    request_id = ma.fields.Str()
    reasons = ma.fields.List(ma.fields.Str())
    errors = ma.fields.List(ma.fields.Dict(keys=ma.fields.Str(), values=ma.fields.Str()))


class Api(flask_smorest.Api):  # type: ignore[misc]  # flask-smorest has no types
    """flask-smorest, with our problem documents."""

    ERROR_SCHEMA = ProblemSchema

    def __init__(self, app: Flask) -> None:
        app.config.update(API_TITLE="Pitboss", API_VERSION="v1", OPENAPI_VERSION="3.1.0")
        super().__init__(app)
        self.register_field(Amount, "string", "decimal")
        self.structs: list[type] = []

    def handle_http_exception(self, error: Exception) -> Response:
        return problem.answer(error)

    def register_blueprint(self, blp: Any, **options: Any) -> None:
        super().register_blueprint(blp, **options)
        self.structs.extend(getattr(blp, "structs", ()))
