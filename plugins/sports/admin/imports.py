"""Pages of imports: a file is looked at first, and then imported or dropped."""

from __future__ import annotations

from uuid import UUID

from flask import request
from werkzeug.wrappers import Response

from pitboss.core.errors import PitbossError
from pitboss.core.http import current, requires
from pitboss.core.texts import gettext as _
from pitboss.core.texts import spoken
from pitboss.plugins.sports.admin.pages import PAGE_ROWS, blueprint, done, failed, id_of, page, text_of
from pitboss.plugins.sports.catalogue import sports
from pitboss.plugins.sports.sources.imports import book
from pitboss.plugins.sports.sources.imports.parsing import KINDS, Options

STATE_KINDS = {"open": "info", "running": "warn", "done": "good", "failed": "bad", "cancelled": ""}
FILENAME_CHARACTERS_MAX = 200


@blueprint.get("/imports")
@requires("sports.sources")
def imports() -> Response:
    """List imports, the newest first, and take a new file."""
    ctx = current()
    found = book.list_imports(ctx, before=id_of(request.args.get("cursor", "")), limit=PAGE_ROWS + 1)
    following = found[PAGE_ROWS - 1].id if len(found) > PAGE_ROWS else None
    return page(
        "imports",
        rows=found[:PAGE_ROWS],
        next_cursor=following,
        kinds=KINDS,
        state_kinds=STATE_KINDS,
        sports=sports.every(ctx),
    )


@blueprint.post("/imports")
@requires("sports.sources")
def upload_import() -> Response:
    """Take a file, and show what it would do."""
    sent = request.files.get("file")
    if sent is None or not sent.filename:
        return failed(_("file: choose one"), "imports")
    options = Options(sport=text_of("sport"), competition=text_of("competition"))
    name = sent.filename[:FILENAME_CHARACTERS_MAX]
    try:
        row = book.upload(current(), text_of("kind"), name, sent.read(), options)
    except PitbossError as error:
        return failed(str(error), "imports")
    return done(_("Nothing is written yet: look at what it would do."), "show_import", import_id=row.id)


@blueprint.get("/imports/<uuid:import_id>")
@requires("sports.sources")
def show_import(import_id: UUID) -> Response:
    """Show what a file would do, or what it did."""
    row = book.find(current(), import_id)
    return page("import", item=row, report=row.report, state_kinds=STATE_KINDS)


@blueprint.post("/imports/<uuid:import_id>/confirm")
@requires("sports.sources")
def confirm_import(import_id: UUID) -> Response:
    """Import the file: all rows or none, or the good ones."""
    try:
        row = book.confirm(current(), import_id, policy=text_of("policy") or "all")
    except PitbossError as error:
        return failed(str(error), "show_import", import_id=import_id)
    return done(
        _("The import is now: %(state)s.", state=spoken(row.state).lower()),
        "show_import",
        import_id=import_id,
    )


@blueprint.post("/imports/<uuid:import_id>/cancel")
@requires("sports.sources")
def cancel_import(import_id: UUID) -> Response:
    """Drop a file, or stop its import."""
    try:
        book.cancel(current(), import_id)
    except PitbossError as error:
        return failed(str(error), "show_import", import_id=import_id)
    return done(_("The import is cancelled."), "imports")


@blueprint.get("/imports/<uuid:import_id>/problems.csv")
@requires("sports.sources")
def import_problems(import_id: UUID) -> Response:
    """Download what is wrong with a file, row by row."""
    text = book.problems_csv(book.find(current(), import_id))
    headers = {"Content-Disposition": f'attachment; filename="problems-{import_id}.csv"'}
    return Response(text, headers=headers, mimetype="text/csv")
