"""The health checks of sources."""

from __future__ import annotations

from pitboss.core.contracts import HealthCheck
from pitboss.core.kernel import Kernel
from pitboss.plugins.sports.sources.feeds import book
from pitboss.plugins.sports.sources.feeds.order import is_out
from pitboss.plugins.sports.sources.feeds.polling import standing_of

TOLD_MAX = 5


def check_sources(kernel: Kernel) -> str | None:
    """Name the active sources that fail or are suspended."""
    bad: list[str] = []
    for tenant in kernel.tenants.all():
        if "sports" not in tenant.enabled:
            continue
        with kernel.context(tenant.id) as ctx:
            now = ctx.clock.now()
            bad += [
                f"{tenant.code}/{row.key}: {row.error or f'score {row.score}'}"
                for row in book.list_sources(ctx)
                if row.is_active and is_out(standing_of(row), now)
            ]
    if not bad:
        return None
    more = f" and {len(bad) - TOLD_MAX} more" if len(bad) > TOLD_MAX else ""
    return f"sources fail: {'; '.join(bad[:TOLD_MAX])}{more}"


CHECKS: tuple[HealthCheck, ...] = (HealthCheck(name="sources", check=check_sources),)
