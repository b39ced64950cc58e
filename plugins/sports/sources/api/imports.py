"""Imports over HTTP: send a file, look at what it would do, then do it or drop it."""

from __future__ import annotations

import base64
import binascii
from typing import Any
from uuid import UUID
from zoneinfo import available_timezones

import marshmallow as ma
from flask.views import MethodView
from marshmallow.validate import Length, OneOf, Range

from pitboss.core.contracts import Routes
from pitboss.core.http import (
    Blueprint,
    PageArguments,
    current,
    page,
    page_schema,
    read_id_cursor,
    requires,
)
from pitboss.plugins.sports.catalogue.tables import CODE_LENGTH_MAX, NAME_LENGTH_MAX
from pitboss.plugins.sports.sources.api.names import names_field
from pitboss.plugins.sports.sources.imports import book
from pitboss.plugins.sports.sources.imports.parsing import KINDS, Options
from pitboss.plugins.sports.sources.imports.reading import DELIMITERS

STATES = ("open", "running", "done", "failed", "cancelled")
CONTENT_CHARACTERS_MAX = (book.PART_BYTES_MAX + 2) // 3 * 4

blueprint = Blueprint("sports_imports", __name__, url_prefix="", description="Importing files")
ROUTES = Routes(blueprint=blueprint)


class Content(ma.fields.Field[bytes]):
    """The bytes of a file, as base64."""

    def _deserialize(self, value: Any, *_place: Any, **_options: Any) -> bytes:
        if not isinstance(value, str) or len(value) > CONTENT_CHARACTERS_MAX:
            raise ma.ValidationError(f"Base64 of at most {book.PART_BYTES_MAX} bytes: send more in parts.")
        try:
            return base64.b64decode(value, validate=True)
        except (binascii.Error, ValueError):
            raise ma.ValidationError("This is not base64.") from None


def _content(**options: Any) -> Content:
    described = {"type": "string", "format": "byte", "maxLength": CONTENT_CHARACTERS_MAX}
    return Content(metadata=described, **options)


class ImportOptions(ma.Schema):
    """What a file does not say itself."""

    sport = ma.fields.Str(load_default="", validate=Length(max=CODE_LENGTH_MAX))
    competition = ma.fields.Str(load_default="", validate=Length(max=NAME_LENGTH_MAX))
    zone = ma.fields.Str(
        load_default="",
        validate=Length(max=64),
        metadata={"description": "Of times without an offset; the tenant's where it is empty."},
    )
    delimiter = ma.fields.Str(load_default="", validate=OneOf(("", *DELIMITERS)))
    provider = ma.fields.Str(
        load_default="",
        validate=Length(max=CODE_LENGTH_MAX),
        metadata={"description": "Whose ids the file speaks."},
    )
    creates_fixtures = ma.fields.Bool(load_default=True)
    names = names_field(load_default=dict)

    @ma.validates("zone")
    def _is_zone(self, value: str, **_options: Any) -> None:
        if value and value not in available_timezones():
            raise ma.ValidationError("No such time zone: write for example Europe/London.")


class NewImportArguments(ma.Schema):
    """A file; a long one is begun without content, and follows in parts."""

    kind = ma.fields.Str(required=True, validate=OneOf(KINDS))
    filename = ma.fields.Str(required=True, validate=Length(1, NAME_LENGTH_MAX))
    content = _content(load_default=b"")
    options = ma.fields.Nested(ImportOptions(), load_default=lambda: ImportOptions().load({}))


class PartArguments(ma.Schema):
    """The next part of a file."""

    number = ma.fields.Int(required=True, strict=True, validate=Range(1, book.PARTS_MAX))
    content = _content(required=True)


class ConfirmImportArguments(ma.Schema):
    """All rows or none, or the good ones."""

    policy = ma.fields.Str(load_default="all", validate=OneOf(book.POLICIES))


class ImportFilter(PageArguments):
    """Which imports."""

    state = ma.fields.Str(validate=OneOf(STATES))


class ImportSchema(ma.Schema):
    """An import, with its preview or its report."""

    id = ma.fields.UUID(required=True)
    kind = ma.fields.Str(required=True)
    filename = ma.fields.Str(required=True)
    size_bytes = ma.fields.Int(required=True)
    state = ma.fields.Str(required=True, validate=OneOf(STATES))
    options = ma.fields.Dict(required=True)
    report = ma.fields.Dict(
        required=True,
        metadata={
            "description": "Format, columns and first rows; how many fixtures are created, changed and the "
            "same; the problems by line and column, with the cure."
        },
    )
    sent_by = ma.fields.Str(required=True)
    at = ma.fields.AwareDateTime(required=True)
    ended_at = ma.fields.AwareDateTime(required=True, allow_none=True)


@blueprint.route("/imports")
class Imports(MethodView):
    @requires("sports.read")
    @blueprint.arguments(ImportFilter(), location="query")
    @blueprint.response(200, page_schema(ImportSchema))
    def get(self, asked: dict[str, Any]) -> dict[str, Any]:
        """List imports, the newest first."""
        limit, before = asked["limit"], read_id_cursor(asked.get("cursor"))
        found = book.list_imports(current(), before=before, limit=limit + 1, state=asked.get("state"))
        return page(found[:limit], found[limit - 1].id if len(found) > limit else None)

    @requires("sports.sources")
    @blueprint.arguments(NewImportArguments())
    @blueprint.response(201, ImportSchema())
    def post(self, sent: dict[str, Any]) -> Any:
        """Send a file and see what it would do; nothing is written before it is confirmed."""
        options = Options(**sent["options"])
        if not sent["content"]:
            return book.begin(current(), sent["kind"], sent["filename"], options)
        return book.upload(current(), sent["kind"], sent["filename"], sent["content"], options)


@blueprint.route("/imports/<uuid:import_id>")
class Import(MethodView):
    @requires("sports.read")
    @blueprint.response(200, ImportSchema())
    def get(self, import_id: UUID) -> Any:
        """Show an import"""
        return book.find(current(), import_id)


@blueprint.route("/imports/<uuid:import_id>/parts")
class ImportParts(MethodView):
    @requires("sports.sources")
    @blueprint.arguments(PartArguments())
    @blueprint.response(200, ImportSchema())
    def post(self, sent: dict[str, Any], import_id: UUID) -> Any:
        """Add the next part of a file; the same part again changes nothing."""
        return book.add_part(current(), import_id, sent["number"], sent["content"])


@blueprint.route("/imports/<uuid:import_id>/preview")
class ImportPreview(MethodView):
    @requires("sports.sources")
    @blueprint.response(200, ImportSchema())
    def post(self, import_id: UUID) -> Any:
        """See again what a file would do, such as after its last part."""
        return book.look_at(current(), import_id)


@blueprint.route("/imports/<uuid:import_id>/confirm")
class ConfirmImport(MethodView):
    @requires("sports.sources")
    @blueprint.arguments(ConfirmImportArguments())
    @blueprint.response(200, ImportSchema())
    def post(self, sent: dict[str, Any], import_id: UUID) -> Any:
        """Import a file; a long one runs as a job, and is shown as running."""
        return book.confirm(current(), import_id, policy=sent["policy"])


@blueprint.route("/imports/<uuid:import_id>/cancel")
class CancelImport(MethodView):
    @requires("sports.sources")
    @blueprint.response(200, ImportSchema())
    def post(self, import_id: UUID) -> Any:
        """Drop an import; rows that a running one has written stay."""
        return book.cancel(current(), import_id)
