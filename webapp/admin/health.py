"""Is the deployment well: checks, queues, who is at work, schedules and the database, on one page."""

from __future__ import annotations

import platform

from werkzeug.wrappers import Response

import pitboss
from pitboss.core.http import current, platform_only
from pitboss.core.jobs import JobState, watch
from pitboss.core.texts import gettext as _
from pitboss.core.texts import marked
from pitboss.webapp.admin.jobs import KINDS
from pitboss.webapp.admin.shell import page, pages
from pitboss.webapp.health import findings_of

STATES = (JobState.READY, JobState.LEASED, JobState.DEAD)
"""What is shown of a queue: what waits, what runs, and what died."""


@pages.get("/health")
@platform_only()
def health() -> Response:
    """Show how the deployment fares."""
    ctx = current()
    kernel = ctx.kernel
    ctx.rollback()  # checks open transactions of their own; on SQLite they would wait for ours
    findings = findings_of(kernel)
    return page(
        "health",
        findings=sorted(findings, key=lambda one: (one.problem is None, not one.is_fatal)),
        bad=sum(one.problem is not None for one in findings),
        queues=watch.queues(kernel),
        states=[(state, KINDS[state][0]) for state in STATES],
        workers=watch.at_work(kernel),
        schedules=watch.planned(kernel),
        broken=kernel.registry.broken,
        facts=[
            (marked("Version"), f"Pitboss {pitboss.__version__}, Python {platform.python_version()}"),
            (marked("Database"), kernel.database.url.render_as_string(hide_password=True)),
            (marked("Jobs go through"), "Redis" if kernel.settings.redis_url else _("the database")),
            (marked("Plugins"), ", ".join(kernel.registry.optional) or _("none")),
        ],
    )
