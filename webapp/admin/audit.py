"""The audit trail: find, compare, prove and export."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import suppress
from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from flask import Response as FlaskResponse
from flask import flash, redirect, request, url_for
from werkzeug.wrappers import Response

from pitboss.core import audit
from pitboss.core.context import Context
from pitboss.core.errors import NotFound
from pitboss.core.http import current, requires
from pitboss.core.texts import gettext as _
from pitboss.core.texts import number
from pitboss.webapp.admin.filters import titled
from pitboss.webapp.admin.shell import PAGE_ROWS, cursor, page, pages

Writer = Callable[[Context, audit.Filter], Iterator[str]]
EXPORTS: dict[str, tuple[Writer, str]] = {
    "csv": (audit.as_csv, "text/csv"),
    "jsonl": (audit.as_json_lines, "application/x-ndjson"),
}


@pages.get("/audit")
@requires("core.audit")
def audit_trail() -> Response:
    """List audit entries, newest first."""
    ctx = current()
    found = audit.search(ctx, wanted(ctx.tenant.zone), after=cursor(), limit=PAGE_ROWS)
    return page("audit", found=found, head=audit.head(ctx), sent=request.args, actions=_actions(ctx))


@pages.post("/audit/verify")
@requires("core.audit")
def verify_audit() -> Response:
    """Check the whole chain now."""
    result = audit.verify(current())
    if result.first_bad is None:
        waiting = _("%(count)s wait to be sealed.", count=number(result.unsealed)) if result.unsealed else ""
        flash(
            _("The chain holds: %(count)s sealed entries.", count=number(result.entries)) + f" {waiting}",
            "good",
        )
    else:
        flash(_("The chain is broken: %(first_bad)s", first_bad=result.first_bad), "bad")
    return redirect(url_for("admin.audit_trail"), 303)


@pages.get("/audit/export.<kind>")
@requires("core.audit")
def export_audit(kind: str) -> Response:
    """Send the entries that fit, as a file."""
    if kind not in EXPORTS:
        raise NotFound(_("no export %(kind)s: use %(known)s", kind=repr(kind), known=", ".join(EXPORTS)))
    write, content_type = EXPORTS[kind]
    ctx = current()
    body = _streamed(ctx, write, wanted(ctx.tenant.zone))
    name = f"audit-{ctx.tenant.code}-{ctx.clock.now():%Y%m%d}.{kind}"
    headers = {"Content-Disposition": f'attachment; filename="{name}"'}
    return FlaskResponse(body, 200, headers, content_type=f"{content_type}; charset=utf-8")


def _actions(ctx: Context) -> list[tuple[str, str]]:
    """Return the actions that have a title, by it: what else plugins give titles to has no point in it."""
    codes = {code for manifest in ctx.kernel.registry.manifests.values() for code in manifest.titles}
    return sorted((titled(code), code) for code in codes if "." in code)


def _streamed(ctx: Context, write: Writer, choice: audit.Filter) -> Iterator[str]:
    """Read in a unit of work of its own: the gate closes this request's before the answer is sent."""
    with ctx.kernel.context(ctx.tenant.id, ctx.actor) as own:
        yield from write(own, choice)


def wanted(zone: ZoneInfo) -> audit.Filter:
    """Return the filter of the address; a day ends at its midnight in the tenant's zone."""

    def text(name: str) -> str | None:
        return request.args.get(name, "").strip() or None

    until = day(text("until"), zone)
    return audit.Filter(
        actor=text("actor"),
        action=text("action"),
        target=text("target"),
        since=day(text("since"), zone),
        until=until + timedelta(days=1) if until else None,
    )


def day(text: str | None, zone: ZoneInfo) -> datetime | None:
    """Return the beginning of a day in a zone, or None for what is no day."""
    with suppress(ValueError):
        return datetime.combine(date.fromisoformat(text or ""), time(), zone)
    return None
