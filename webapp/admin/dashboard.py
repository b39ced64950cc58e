"""The first page: what needs someone's attention, and how things stand."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from flask import url_for
from sqlalchemy import func, select
from werkzeug.wrappers import Response

from pitboss.core import audit
from pitboss.core.audit.chain import AuditSeal
from pitboss.core.audit.entries import AuditEntry
from pitboss.core.context import Context
from pitboss.core.events import EventRow
from pitboss.core.health import examine
from pitboss.core.http import current, requires
from pitboss.core.http.access import is_platform
from pitboss.core.identity.tables import Player
from pitboss.core.jobs import JobRow, JobState
from pitboss.core.retelling import retold
from pitboss.core.tenancy import PLATFORM_ID
from pitboss.core.texts import gettext as _
from pitboss.core.texts import ngettext, number
from pitboss.webapp.admin.shell import page, pages

COUNTED_MAX = 10_000
"""Counting stops here and shows a plus: a dashboard must not read a whole table."""
RECENT_SHOWN = 6
JOB_LATE_SECONDS = 300
"""A ready job that waits longer means that no worker takes it."""

SEAL_LATE_SECONDS = 3600
"""Entries that are older than this should be sealed."""

_ENTRY, _SEAL = AuditEntry.__table__, AuditSeal.__table__
_JOB, _EVENT, _PLAYER = JobRow.__table__, EventRow.__table__, Player.__table__


@dataclass(frozen=True, slots=True)
class Concern:
    """Something that needs attention."""

    kind: str
    """bad or warn."""
    title: str
    text: str
    url: str = ""
    link: str = ""


@dataclass(frozen=True, slots=True)
class Tile:
    """A key figure."""

    name: str
    figure: str
    note: str = ""
    url: str = ""


@pages.get("/")
@requires()
def dashboard() -> Response:
    """Show what needs attention, then the key figures."""
    ctx = current()
    return page(
        "dashboard",
        concerns=concerns(ctx),
        tiles=_tiles(ctx),
        recent=_recent(ctx) if ctx.actor.may("core.audit") else None,
        is_platform_home=ctx.tenant.id == PLATFORM_ID,
    )


def concerns(ctx: Context) -> list[Concern]:
    """Return what needs attention, worst first, of what this operator may see."""
    found = [*_health(ctx), *_jobs(ctx), *_audit(ctx)]
    return sorted(found, key=lambda concern: concern.kind != "bad")


def _health(ctx: Context) -> list[Concern]:
    if not (ctx.actor.may("core.plugins") or is_platform(ctx.actor)):
        return []
    url = url_for("admin.plugins")
    ctx.rollback()  # checks open transactions of their own; on SQLite they would wait for ours
    return [
        Concern(
            "bad" if f.is_fatal else "warn", _capital(retold(f.name)), retold(f.problem), url, _("Plugins")
        )
        for f in examine(ctx.kernel)
        if f.problem
    ]


def _capital(text: str) -> str:
    return text[:1].upper() + text[1:]


def _jobs(ctx: Context) -> list[Concern]:
    if not ctx.actor.may("core.jobs"):
        return []
    found = []
    dead = _count(ctx, _JOB, _JOB.c.state == JobState.DEAD)
    if dead:
        text = _("They failed again and again and wait for someone to look. Nothing of them was half done.")
        url = url_for("admin.jobs", state=JobState.DEAD)
        found.append(
            Concern(
                "bad",
                ngettext("%(count)s dead job", "%(count)s dead jobs", dead, count=_shown(dead)),
                text,
                url,
                _("Dead letters"),
            )
        )
    late = ctx.clock.now() - timedelta(seconds=JOB_LATE_SECONDS)
    waiting = _count(ctx, _JOB, _JOB.c.state == JobState.READY, _JOB.c.run_at < late)
    if waiting:
        text = _("Nobody has taken them for five minutes: is a worker running?")
        found.append(
            Concern(
                "warn",
                ngettext("%(count)s late job", "%(count)s late jobs", waiting, count=_shown(waiting)),
                text,
                url_for("admin.jobs", state=JobState.READY),
                _("Jobs"),
            )
        )
    return found


def _audit(ctx: Context) -> list[Concern]:
    if not ctx.actor.may("core.audit"):
        return []
    before = ctx.clock.now() - timedelta(seconds=SEAL_LATE_SECONDS)
    newest = select(_ENTRY.c.id).where(_ENTRY.c.tenant_id == ctx.tenant.id, _ENTRY.c.at < before)
    entry_id = ctx.connection.scalar(newest.order_by(_ENTRY.c.id.desc()).limit(1))
    seal = select(_SEAL.c.seq).where(_SEAL.c.tenant_id == ctx.tenant.id, _SEAL.c.entry_id == entry_id)
    if entry_id is None or ctx.connection.scalar(seal) is not None:
        return []
    text = _("Changes of more than an hour ago are not sealed yet: is a worker running, with its schedule?")
    return [
        Concern(
            "warn",
            _("The audit trail waits for its seals"),
            text,
            url_for("admin.audit_trail"),
            _("Audit trail"),
        )
    ]


def _tiles(ctx: Context) -> list[Tile]:
    day_ago = ctx.clock.now() - timedelta(days=1)
    optional = ctx.kernel.registry.optional
    enabled = sum(name in ctx.tenant.enabled for name in optional)
    may = ctx.actor.may
    tiles = [
        Tile(
            _("Plugins on"),
            str(enabled),
            _("of %(count)s installed", count=len(optional)),
            url_for("admin.plugins") if may("core.plugins") else "",
        )
    ]
    tiles += _players(ctx)
    if may("core.events"):
        events = _count(ctx, _EVENT, _EVENT.c.at >= day_ago)
        tiles.append(Tile(_("Events"), _shown(events), _("in the last 24 hours"), url_for("admin.events")))
    if may("core.jobs"):
        open_jobs = _count(ctx, _JOB, _JOB.c.state.in_((JobState.READY, JobState.LEASED)))
        tiles.append(
            Tile(_("Jobs under way"), _shown(open_jobs), _("waiting or running"), url_for("admin.jobs"))
        )
    return tiles


def _players(ctx: Context) -> list[Tile]:
    if not ctx.actor.may("core.players"):
        return []
    everyone = _count(ctx, _PLAYER)
    day_ago = ctx.clock.now() - timedelta(days=1)
    new = _count(ctx, _PLAYER, _PLAYER.c.created_at >= day_ago)
    note = _("%(count)s in the last 24 hours", count=_shown(new))
    return [Tile(_("Players"), _shown(everyone), note, url_for("admin.players"))]


def _recent(ctx: Context) -> list[dict[str, Any]]:
    return audit.search(ctx, limit=RECENT_SHOWN).entries


def _count(ctx: Context, table: Any, *conditions: Any) -> int:
    few = select(table.c.id).where(table.c.tenant_id == ctx.tenant.id, *conditions).limit(COUNTED_MAX + 1)
    return int(ctx.connection.scalar(select(func.count()).select_from(few.subquery())) or 0)


def _shown(count: int) -> str:
    return f"{number(COUNTED_MAX)}+" if count > COUNTED_MAX else number(count)
