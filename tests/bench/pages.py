"""What a page of the admin costs the server, for a tenant with many players, rules and decisions.

The demo tenant on PostgreSQL with a crowd around it. Each page that answers GET is found by its link on
other pages, as an operator finds it, so that new pages are measured without being named here.
"""

from __future__ import annotations

import os
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from statistics import median
from tempfile import TemporaryDirectory

from flask.testing import FlaskClient

from pitboss.core.commands.up import prepare
from pitboss.core.demo import Login
from pitboss.core.garbage import spare_what_is_built
from pitboss.core.jobs.inline import run_due
from pitboss.core.kernel import Kernel, build_kernel
from pitboss.core.registry import installed
from pitboss.core.settings import load_settings
from pitboss.core.testing.databases import SECRET, postgres_missing, preparation
from pitboss.webapp.app import create_app
from tests.bench import crowd, editor
from tests.bench.figures import Figure, skipped
from tests.bench.rulebook import scratch
from tests.e2e.walk import pages_of, signed_in

PLAYERS = int(os.environ.get("PITBOSS_BENCH_PLAYERS", "100000"))
RULES = int(os.environ.get("PITBOSS_BENCH_RULES", "10000"))
DECISIONS = int(os.environ.get("PITBOSS_BENCH_DECISIONS", "1000000"))
ROUNDS = int(os.environ.get("PITBOSS_BENCH_ROUNDS", "5"))
MS_MAX = 60.0
TENANT = "demo"
BUSY = (
    "/admin/rules/rule/losing",
    "/admin/rules/segments/losing",
)
"""Pages that are asked for with much behind them; all others as the first link has them."""


def figures() -> Iterator[Figure]:
    """Measure each page, the slowest first."""
    missing = postgres_missing()
    if missing:
        yield skipped("pages", missing)
        return
    with scratch() as url, TemporaryDirectory() as folder:
        logins = fill(url, Path(folder))
        with site(url, Path(folder)) as kernel:
            yield from measured(kernel, logins)


def fill(url: str, folder: Path) -> list[Login]:
    """Make the tables, the demo and the crowd; return who can sign in."""
    preparation(installed())(url)
    kernel = _kernel(url, folder)
    logins = prepare(kernel, demo=True)
    run_due(kernel)
    tenant = kernel.tenants.by_code(TENANT)
    with kernel.context(tenant.id) as ctx:
        editor.write_rule(ctx)
        crowd.gather(ctx, players=PLAYERS, rules=RULES, decisions=DECISIONS)
    kernel.close()
    crowd.look_over(url)
    return logins


@contextmanager
def site(url: str, folder: Path) -> Iterator[Kernel]:
    """Lend a kernel on a database."""
    kernel = _kernel(url, folder)
    yield kernel
    kernel.close()


def measured(kernel: Kernel, logins: list[Login]) -> Iterator[Figure]:
    """Find the pages of the tenant's staff and of the platform, and measure each; then the rule editor."""
    app = create_app(kernel)
    spare_what_is_built()  # as every process does before it works
    found: dict[str, tuple[str, float]] = {}
    for what in ("operator", "platform"):
        login = next(login for login in logins if login.what == what)
        client = signed_in(app, login)
        for endpoint, path in pages_of(app, client, BUSY).items():
            if endpoint not in found:
                found[endpoint] = path, _milliseconds(client, path)
    for path, milliseconds in sorted(found.values(), key=lambda one: -one[1]):
        yield Figure(f"page {path}", milliseconds, "ms", bar=MS_MAX)
    yield from editor.measured(kernel, next(login for login in logins if login.what == "operator"))
    yield Figure(
        f"pages of the admin: median of {len(found)}",
        median(taken for _, taken in found.values()),
        "ms",
        bar=MS_MAX,
    )


def _milliseconds(client: FlaskClient, path: str) -> float:
    taken = []
    for _ in range(ROUNDS):
        started = time.perf_counter()
        client.get(path)
        taken.append((time.perf_counter() - started) * 1000)
    return median(taken)


def _kernel(url: str, folder: Path) -> Kernel:
    settings = load_settings(
        {},
        database_url=url,
        secret=SECRET,
        data=folder,
        log_level="CRITICAL",
        rate_limit_per_minute=1_000_000,
        port=0,
    )
    return build_kernel(settings, candidates=installed())
