"""The book of imports: a file is begun, added to, looked at, confirmed or dropped."""

from __future__ import annotations

import csv
import hashlib
import io
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import asdict
from datetime import timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import Row, delete, func, insert, select, update

from pitboss.core import audit, jobs
from pitboss.core.clock import uuid7
from pitboss.core.context import Context
from pitboss.core.errors import Conflict, InvalidInput, NotFound, nearest
from pitboss.core.jobs import JobRow
from pitboss.plugins.sports.catalogue.tables import NAME_LENGTH_MAX
from pitboss.plugins.sports.sources.imports import running
from pitboss.plugins.sports.sources.imports.parsing import KINDS, Options, Parsed, parse
from pitboss.plugins.sports.sources.imports.previewing import preview
from pitboss.plugins.sports.sources.imports.reading import FILE_BYTES_MAX
from pitboss.plugins.sports.sources.tables import ImportPartRow, ImportRow

PART_BYTES_MAX = 512 * 1024
"""As much fits into one request; a longer file comes in parts."""
PARTS_MAX = FILE_BYTES_MAX // (64 * 1024)
INLINE_ROWS_MAX = 300
"""So many rows are imported while the caller waits; more are a job."""
OPEN_MAX = 50
"""Files that wait to be confirmed or dropped."""
OPEN_DAYS_MAX = 7
TASK = "sports.run_import"
POLICIES = ("all", "good")
FORMULA = ("=", "+", "-", "@", "\t", "\r")
"""How a cell begins that a spreadsheet would calculate."""

_IMPORT, _PART, _JOB = ImportRow.__table__, ImportPartRow.__table__, JobRow.__table__


def upload(
    ctx: Context, kind: str, filename: str, content: bytes, options: Options | None = None
) -> Row[Any]:
    """Take a whole file, and return the import with its preview; nothing of it is written yet."""
    # A file that cannot be read leaves nothing behind that would wait to be confirmed.
    with ctx.connection.begin_nested():
        row = begin(ctx, kind, filename, options)
        for number, start in enumerate(range(0, len(content), PART_BYTES_MAX), 1):
            add_part(ctx, row.id, number, content[start : start + PART_BYTES_MAX])
        return look_at(ctx, row.id)


def begin(ctx: Context, kind: str, filename: str, options: Options | None = None) -> Row[Any]:
    """Begin an import, whose file comes in parts."""
    if kind not in KINDS:
        raise InvalidInput(f"kind: no {kind!r}: {nearest(kind, KINDS)}", {"kind": ["Not known."]})
    is_open = (_IMPORT.c.tenant_id == ctx.tenant.id, _IMPORT.c.state == "open")
    count = ctx.connection.scalar(select(func.count()).select_from(_IMPORT).where(*is_open)) or 0
    if count >= OPEN_MAX:
        raise Conflict(f"{OPEN_MAX} imports wait to be confirmed: confirm or cancel one first")
    values = {
        "tenant_id": ctx.tenant.id,
        "id": uuid7(),
        "kind": kind,
        "filename": filename[-NAME_LENGTH_MAX:],
        "digest": "",
        "options": asdict(options or Options()),
        "state": "open",
        "report": {},
        "sent_by": ctx.actor.label,
        "at": ctx.clock.now(),
    }
    return ctx.connection.execute(insert(_IMPORT).values(values).returning(_IMPORT)).one()


def add_part(ctx: Context, import_id: UUID, number: int, content: bytes) -> Row[Any]:
    """Add the next part of a file; the same part again changes nothing."""
    row = _open(ctx, import_id)
    if not 1 <= len(content) <= PART_BYTES_MAX:
        raise InvalidInput(f"part {number}: {len(content)} bytes; send 1 to {PART_BYTES_MAX}")
    if row.size_bytes + len(content) > FILE_BYTES_MAX:
        raise InvalidInput(f"file: more than {FILE_BYTES_MAX} bytes: split it into several imports")
    parts = _parts(ctx, import_id)
    if number <= len(parts) and parts[number - 1] == content:
        return row
    if number != len(parts) + 1 or number > PARTS_MAX:
        raise Conflict(f"part {number} is not next: send part {len(parts) + 1} (at most {PARTS_MAX})")
    part = {"tenant_id": ctx.tenant.id, "import_id": import_id, "number": number, "content": content}
    ctx.connection.execute(insert(_PART), part)
    return _set(ctx, import_id, size_bytes=row.size_bytes + len(content), report={})


def look_at(ctx: Context, import_id: UUID) -> Row[Any]:
    """Make the preview of an import anew, and return the import with it."""
    row = _open(ctx, import_id)
    content = b"".join(_parts(ctx, import_id))
    digest = hashlib.sha256(content).hexdigest()
    parsed, options = _parsed(ctx, row, content)
    report = preview(ctx, parsed, row.kind, options)
    return _set(
        ctx, import_id, digest=digest, report={**report, "sent_before": _sent_before(ctx, row, digest)}
    )


def confirm(ctx: Context, import_id: UUID, *, policy: str = "all", is_now: bool = False) -> Row[Any]:
    """Import a file: `all` rows or none of them, or the `good` ones; a long file as a job, unless now."""
    row = _open(ctx, import_id)
    if policy not in POLICIES:
        raise InvalidInput(f"policy: no {policy!r}: {nearest(policy, POLICIES)}")
    if not row.report:
        row = look_at(ctx, import_id)
    running.check_size(row.kind, row.report["rows"], policy)
    _set(ctx, import_id, state="running", options={**row.options, "policy": policy})
    told = {"kind": row.kind, "filename": row.filename, "rows": row.report["rows"], "policy": policy}
    audit.record(ctx, "sports.import_confirmed", f"import:{import_id}", new=told)
    if is_now or row.report["rows"] <= INLINE_ROWS_MAX:
        run(ctx, {"import_id": str(import_id)})
    else:
        ctx.enqueue(TASK, {"import_id": str(import_id)}, key=str(import_id))
    return find(ctx, import_id)


def cancel(ctx: Context, import_id: UUID) -> Row[Any]:
    """Drop an import; of one that runs, the rows that are written already stay."""
    row = find(ctx, import_id, is_locked=True)
    if row.state not in ("open", "running"):
        raise Conflict(f"import {import_id} is {row.state}: there is nothing to cancel")
    if row.state == "running":
        _cancel_job(ctx, import_id)
    audit.record(ctx, "sports.import_cancelled", f"import:{import_id}", old={"state": row.state})
    return _end(ctx, import_id, "cancelled", row.report)


def forget_open(ctx: Context) -> int:
    """Drop files that nobody confirmed for a while; return how many."""
    oldest = ctx.clock.now() - timedelta(days=OPEN_DAYS_MAX)
    query = select(_IMPORT.c.id).where(
        _IMPORT.c.tenant_id == ctx.tenant.id, _IMPORT.c.state == "open", _IMPORT.c.at < oldest
    )
    ids = ctx.connection.scalars(query).all()
    for import_id in ids:
        cancel(ctx, import_id)
    return len(ids)


def run(ctx: Context, payload: Mapping[str, Any]) -> None:
    """Do a confirmed import; done twice, it changes nothing more."""
    row = find(ctx, UUID(payload["import_id"]), is_locked=True)
    if row.state != "running":
        return
    parsed, options = _parsed(ctx, row, b"".join(_parts(ctx, row.id)))
    outcome = running.run(ctx, row, parsed, options)
    _end(ctx, row.id, outcome.state, outcome.report)
    counts = outcome.report["counts"]
    ctx.emit(
        "sports.import_ended",
        {
            "import_id": row.id,
            "kind": row.kind,
            "state": outcome.state,
            "created": counts["created"],
            "changed": counts["changed"],
            "problems": outcome.report["problem_count"],
        },
    )


# -- reading ---------------------------------------------------------------------------------------


def find(ctx: Context, import_id: UUID, *, is_locked: bool = False) -> Row[Any]:
    """Return one import."""
    query = select(_IMPORT).where(_IMPORT.c.tenant_id == ctx.tenant.id, _IMPORT.c.id == import_id)
    row = ctx.connection.execute(query.with_for_update() if is_locked else query).first()
    if row is None:
        raise NotFound(f"no import {import_id}")
    return row


def list_imports(
    ctx: Context, *, before: UUID | None = None, limit: int = 50, state: str | None = None
) -> list[Row[Any]]:
    """Return imports, the newest first."""
    query = select(_IMPORT).where(_IMPORT.c.tenant_id == ctx.tenant.id)
    if state is not None:
        query = query.where(_IMPORT.c.state == state)
    if before is not None:
        query = query.where(_IMPORT.c.id < before)
    return list(ctx.connection.execute(query.order_by(_IMPORT.c.id.desc()).limit(limit)))


def problems_csv(row: Row[Any]) -> str:
    """Return the problems of an import as a table, to be worked off beside the file."""
    out = io.StringIO()
    table = csv.writer(out, lineterminator="\n")
    table.writerow(["line", "column", "value", "problem"])
    for one in row.report.get("problems", []):
        cells = (one["place"], one["column"], one["value"], one["message"])
        # A cell that begins like a formula would be one in a spreadsheet.
        table.writerow([f"'{cell}" if str(cell).startswith(FORMULA) else cell for cell in cells])
    return out.getvalue()


# -- the steps -------------------------------------------------------------------------------------


def _parsed(ctx: Context, row: Row[Any], content: bytes) -> tuple[Parsed, Options]:
    options = Options(**{name: value for name, value in row.options.items() if name != "policy"})
    # Prices without an instant are of when the file came, however late it is confirmed.
    return parse(content, row.kind, options, zone=ctx.tenant.zone, now=row.at), options


def _open(ctx: Context, import_id: UUID) -> Row[Any]:
    row = find(ctx, import_id, is_locked=True)
    if row.state != "open":
        raise Conflict(f"import {import_id} is {row.state}: send the file again as a new import")
    return row


def _parts(ctx: Context, import_id: UUID) -> list[bytes]:
    query = select(_PART.c.content).where(_PART.c.tenant_id == ctx.tenant.id, _PART.c.import_id == import_id)
    return [bytes(content) for content in ctx.connection.scalars(query.order_by(_PART.c.number))]


def _cancel_job(ctx: Context, import_id: UUID) -> None:
    query = select(_JOB.c.id).where(
        _JOB.c.tenant_id == ctx.tenant.id, _JOB.c.name == TASK, _JOB.c.key == str(import_id)
    )
    job_id = ctx.connection.scalar(query)
    if job_id is not None:
        with suppress(Conflict):  # it has failed for good, or was cancelled by itself
            jobs.cancel_job(ctx, job_id)


def _sent_before(ctx: Context, row: Row[Any], digest: str) -> str | None:
    """Return when the very same file was imported before, if it was."""
    query = select(func.max(_IMPORT.c.ended_at)).where(
        _IMPORT.c.tenant_id == ctx.tenant.id,
        _IMPORT.c.digest == digest,
        _IMPORT.c.kind == row.kind,
        _IMPORT.c.state == "done",
    )
    found = ctx.connection.scalar(query)
    return None if found is None else found.isoformat()


def _end(ctx: Context, import_id: UUID, state: str, report: Mapping[str, Any]) -> Row[Any]:
    gone = delete(_PART).where(_PART.c.tenant_id == ctx.tenant.id, _PART.c.import_id == import_id)
    ctx.connection.execute(gone)
    return _set(ctx, import_id, state=state, report=dict(report), ended_at=ctx.clock.now())


def _set(ctx: Context, import_id: UUID, **values: Any) -> Row[Any]:
    changed = update(_IMPORT).where(_IMPORT.c.tenant_id == ctx.tenant.id, _IMPORT.c.id == import_id)
    return ctx.connection.execute(changed.values(**values).returning(_IMPORT)).one()
