"""The first page: what needs someone's attention, and how things stand."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import timedelta
from typing import Any

from flask import url_for
from sqlalchemy import select
from werkzeug.wrappers import Response

from pitboss.core import audit, counting, ledger
from pitboss.core.audit.chain import AuditSeal
from pitboss.core.audit.entries import AuditEntry
from pitboss.core.context import Context
from pitboss.core.contracts import Concern, Figure
from pitboss.core.health import examine
from pitboss.core.http import current, requires
from pitboss.core.http.access import is_platform
from pitboss.core.identity.tables import Player
from pitboss.core.jobs import JobRow, JobState
from pitboss.core.money import Money
from pitboss.core.retelling import retold
from pitboss.core.tenancy import PLATFORM_ID
from pitboss.core.texts import gettext as _
from pitboss.core.texts import marked_plural
from pitboss.webapp.admin import asking
from pitboss.webapp.admin.shell import page, pages

ASKED_MAX = 20
"""Figures and concerns of one plugin: more would be a page of its own."""
RECENT_SHOWN = 6
JOB_LATE_SECONDS = 300
"""A ready job that waits longer means that no worker takes it."""

SEAL_LATE_SECONDS = 3600
"""Entries that are older than this should be sealed."""

DEAD = marked_plural("%(count)s dead job", "%(count)s dead jobs")
LATE = marked_plural("%(count)s late job", "%(count)s late jobs")
_ENTRY, _SEAL = AuditEntry.__table__, AuditSeal.__table__
_JOB, _PLAYER = JobRow.__table__, Player.__table__


@pages.get("/")
@requires()
def dashboard() -> Response:
    """Show what needs attention and the key figures; the page asks for both again while it is open."""
    ctx = current()
    found = [*_own(ctx), *_of_plugins(ctx)]
    return page(
        "dashboard",
        concerns=worst_first(one for one in found if isinstance(one, Concern)),
        figures=[one for one in found if isinstance(one, Figure)],
        recent=_recent(ctx) if ctx.actor.may("core.audit") else None,
        is_platform_home=ctx.tenant.id == PLATFORM_ID,
    )


def worst_first(concerns: Iterable[Concern]) -> list[Concern]:
    """Return concerns with those that do harm leading."""
    return sorted(concerns, key=lambda concern: not concern.is_grave)


def concerns(ctx: Context) -> Iterator[Concern]:
    """Yield what needs attention of the platform itself, of what this operator may see."""
    yield from _health(ctx)
    yield from _jobs(ctx)
    yield from _audit(ctx)


def _own(ctx: Context) -> Iterator[Figure | Concern]:
    yield from concerns(ctx)
    yield from _figures(ctx)


def _of_plugins(ctx: Context) -> Iterator[Figure | Concern]:
    for _plugin, told in asking.each(ctx, lambda routes: routes.dashboard, limit=ASKED_MAX):
        yield from told


def _health(ctx: Context) -> Iterator[Concern]:
    if not (ctx.actor.may("core.plugins") or is_platform(ctx.actor)):
        return
    url = url_for("admin.plugins")
    ctx.rollback()  # checks open transactions of their own; on SQLite they would wait for ours
    for finding in examine(ctx.kernel):
        if finding.problem:
            title, text = _capital(retold(finding.name)), retold(finding.problem)
            yield Concern(title, text, url, _("Plugins"), finding.is_fatal)


def _capital(text: str) -> str:
    return text[:1].upper() + text[1:]


def _jobs(ctx: Context) -> Iterator[Concern]:
    if not ctx.actor.may("core.jobs"):
        return
    dead = counting.some(ctx, _JOB, _JOB.c.state == JobState.DEAD)
    text = _("They failed again and again and wait for someone to look. Nothing of them was half done.")
    url = url_for("admin.jobs", state=JobState.DEAD)
    yield from counting.waiting(dead, DEAD, text, url, _("Dead letters"), is_grave=True)
    since = ctx.clock.now() - timedelta(seconds=JOB_LATE_SECONDS)
    late = counting.some(ctx, _JOB, _JOB.c.state == JobState.READY, _JOB.c.run_at < since)
    text = _("Nobody has taken them for five minutes: is a worker running?")
    yield from counting.waiting(late, LATE, text, url_for("admin.jobs", state=JobState.READY), _("Jobs"))


def _audit(ctx: Context) -> Iterator[Concern]:
    if not ctx.actor.may("core.audit"):
        return
    before = ctx.clock.now() - timedelta(seconds=SEAL_LATE_SECONDS)
    newest = select(_ENTRY.c.id).where(_ENTRY.c.tenant_id == ctx.tenant.id, _ENTRY.c.at < before)
    entry_id = ctx.connection.scalar(newest.order_by(_ENTRY.c.id.desc()).limit(1))
    seal = select(_SEAL.c.seq).where(_SEAL.c.tenant_id == ctx.tenant.id, _SEAL.c.entry_id == entry_id)
    if entry_id is not None and ctx.connection.scalar(seal) is None:
        title = _("The audit trail waits for its seals")
        text = _(
            "Changes of more than an hour ago are not sealed yet: is a worker running, with its schedule?"
        )
        yield Concern(title, text, url_for("admin.audit_trail"), _("Audit trail"))


# -- figures ---------------------------------------------------------------------------------------


def _figures(ctx: Context) -> Iterator[Figure]:
    if ctx.actor.may("core.players"):
        yield from _players(ctx)
    if ctx.actor.may("core.jobs"):
        under_way = counting.some(ctx, _JOB, _JOB.c.state.in_((JobState.READY, JobState.LEASED)))
        note = _("waiting or running")
        yield Figure(_("Jobs under way"), counting.shown(under_way), note, url_for("admin.jobs"))


def _players(ctx: Context) -> Iterator[Figure]:
    everyone = counting.some(ctx, _PLAYER)
    new = counting.some(ctx, _PLAYER, _PLAYER.c.created_at >= ctx.clock.now() - timedelta(days=1))
    note = _("%(count)s in the last 24 hours", count=counting.shown(new))
    yield Figure(_("Players"), counting.shown(everyone), note, url_for("admin.players"))
    if ctx.tenant.id != PLATFORM_ID:
        owed = Money(ledger.owed(ctx.connection, ctx.tenant.currency), ctx.tenant.currency)
        note, url = _("cash, bets, bonuses and pools, by the ledger"), url_for("admin.reports")
        yield Figure(_("Held for players"), owed, note, url)


def _recent(ctx: Context) -> list[dict[str, Any]]:
    return audit.search(ctx, limit=RECENT_SHOWN).entries
