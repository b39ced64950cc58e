"""Kill -9 the web in the middle of requests that move money: what was answered is done, and done once."""

from __future__ import annotations

import http.client
import json
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from uuid import UUID

import pytest
from sqlalchemy import select

from pitboss.core import ledger
from pitboss.core.identity.keys import create_key
from pitboss.core.identity.players import register_player
from pitboss.core.kernel import Kernel
from pitboss.core.ledger.tables import JournalRow
from pitboss.core.tenancy import Tenant
from pitboss.core.testing.databases import SECRET
from tests.faults.servers import free_port, wait_until
from tests.faults.test_kills import KILLS

pytestmark = [pytest.mark.slow, pytest.mark.timeout(60 + 20 * KILLS)]
REQUESTS_BETWEEN_KILLS = 12


class Web:
    """A web process of our own, to be killed."""

    def __init__(self, kernel: Kernel) -> None:
        self.port = free_port()
        self._environment = {
            "DATABASE_URL": kernel.database.url.render_as_string(hide_password=False),
            "PITBOSS_SECRET": SECRET,
            "PITBOSS_RATE_LIMIT_PER_MINUTE": "100000",
            "PATH": "/usr/bin:/bin",
        }
        self._process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        command = "from pitboss.core.cli import main; main()"
        self._process = subprocess.Popen(
            [sys.executable, "-c", command, "web", "--port", str(self.port)],
            env=self._environment,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        wait_until(lambda: self.ask("GET", "/health/live"))

    def kill(self) -> None:
        assert self._process is not None
        self._process.kill()
        self._process.wait()

    def ask(self, method: str, path: str, body: object = None, **headers: str) -> int:
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=10)
        try:
            sent = None if body is None else json.dumps(body)
            connection.request(method, path, sent, {"Content-Type": "application/json", **headers})
            return connection.getresponse().status
        finally:
            connection.close()


@pytest.fixture
def web(kernel: Kernel) -> Iterator[Web]:
    process = Web(kernel)
    process.start()
    yield process
    process.kill()


@pytest.fixture
def adjust(kernel: Kernel, tenant: Tenant, web: Web) -> Callable[[int], int]:
    """Ask for one correction by its number, under its own Idempotency-Key."""
    with kernel.context(tenant.id) as ctx:
        key = create_key(ctx, "till", permissions=["core.players", "core.wallet_adjust"]).secret
        player = register_player(ctx, email="ann@mail.test", password=None).id
    path = f"/api/v1/players/{player}/wallet/adjustments"

    def ask(number: int) -> int:
        body = {"amount": "1.00", "reason": f"number {number}"}
        headers = {"X-Api-Key": key, "Idempotency-Key": f"till-{number}"}
        return web.ask("POST", path, body, **headers)

    ask.player = player  # type: ignore[attr-defined]
    return ask


class Till(threading.Thread):
    """Sends one correction after the other; after any failure the same again, with the same key."""

    def __init__(self, adjust: Callable[[int], int]) -> None:
        super().__init__(daemon=True)
        self._adjust = adjust
        self.acknowledged = 0
        self.stopping = threading.Event()

    def run(self) -> None:
        while not self.stopping.is_set():
            try:
                if self._adjust(self.acknowledged + 1) < 300:
                    self.acknowledged += 1
            except (OSError, http.client.HTTPException):
                self.stopping.wait(0.02)

    def let_work(self) -> None:
        """Wait until some more requests were answered."""
        wanted = self.acknowledged + REQUESTS_BETWEEN_KILLS

        def enough() -> None:
            assert self.acknowledged >= wanted

        wait_until(enough)


def test_killing_the_web_loses_and_doubles_nothing(
    kernel: Kernel, tenant: Tenant, web: Web, adjust: Callable[[int], int]
) -> None:
    till = Till(adjust)
    till.start()

    for _ in range(KILLS):
        till.let_work()
        web.kill()
        web.start()
    till.let_work()
    till.stopping.set()
    till.join()

    player: UUID = adjust.player  # type: ignore[attr-defined]
    of_tenant = JournalRow.__table__.c.tenant_id == tenant.id
    with kernel.context(tenant.id) as ctx:
        cash = ledger.balance(ctx.connection, ledger.purse(player, "cash", tenant.currency))
        journals = ctx.connection.scalars(select(JournalRow.__table__.c.key).where(of_tenant)).all()
        assert not any(ledger.verify(ctx.connection).values())
    assert len(journals) == till.acknowledged
    assert cash == 100 * till.acknowledged
