"""A web process to be killed, and a till that asks it for money without pause."""

from __future__ import annotations

import http.client
import json
import os
import tempfile
import threading
from collections.abc import Mapping
from multiprocessing.process import BaseProcess
from pathlib import Path

from sqlalchemy import select

from pitboss.core import ledger
from pitboss.core.cli import main
from pitboss.core.identity.keys import create_key
from pitboss.core.identity.players import register_player
from pitboss.core.kernel import Kernel
from pitboss.core.ledger.tables import JournalRow
from pitboss.core.tenancy import Tenant
from pitboss.core.testing.databases import SECRET
from tests.faults.servers import free_port, wait_until
from tests.nursery import fork

PAUSE_SECONDS = 0.02
SHOWN_BYTES = 2_000
JOURNAL = JournalRow.__table__


class Web:
    """A web process of our own, to be killed."""

    def __init__(self, kernel: Kernel) -> None:
        self.port = free_port()
        self._environment = {
            "DATABASE_URL": kernel.database.url.render_as_string(hide_password=False),
            "PITBOSS_SECRET": SECRET,
            "PITBOSS_SAFE_MODE": "1",
            "PITBOSS_RATE_LIMIT_PER_MINUTE": "100000",
            "PATH": "/usr/bin:/bin",
        }
        self._process: BaseProcess | None = None

    def start(self) -> None:
        with tempfile.TemporaryDirectory() as folder:
            said = Path(folder) / "said"
            self._process = fork(serve, self._environment, self.port, said)
            try:
                wait_until(lambda: self.ask("GET", "/health/live"))
            except (OSError, http.client.HTTPException) as error:
                last = said.read_bytes()[-SHOWN_BYTES:].decode(errors="replace")
                error.add_note(f"the web ended with {self._process.exitcode}; {last}")
                raise

    def kill(self) -> None:
        assert self._process is not None
        self._process.kill()
        self._process.join()

    def ask(self, method: str, path: str, body: object = None, **headers: str) -> int:
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=10)
        try:
            sent = None if body is None else json.dumps(body)
            connection.request(method, path, sent, {"Content-Type": "application/json", **headers})
            return connection.getresponse().status
        finally:
            connection.close()


def serve(environment: Mapping[str, str], port: int, said: Path) -> None:
    """Be a web process that writes all that it says into a file."""
    os.environ.clear()
    os.environ.update(environment)
    with said.open("wb") as file:
        for stream in (1, 2):
            os.dup2(file.fileno(), stream)
    main(["web", "--port", str(port)])


class Till(threading.Thread):
    """Sends one correction after the other; after any failure the same again, with the same key."""

    def __init__(self, kernel: Kernel, tenant: Tenant, web: Web) -> None:
        super().__init__(daemon=True)
        self._kernel, self._tenant, self._web = kernel, tenant, web
        with kernel.context(tenant.id) as ctx:
            self._key = create_key(ctx, "till", permissions=["core.players", "core.wallet_adjust"]).secret
            self._player = register_player(ctx, email="ann@mail.test", password=None).id
        self.acknowledged = 0
        self.stopping = threading.Event()

    def run(self) -> None:
        while not self.stopping.is_set():
            try:
                if self._ask(self.acknowledged + 1) < 300:
                    self.acknowledged += 1
                    continue
            except (OSError, http.client.HTTPException):
                pass
            self.stopping.wait(PAUSE_SECONDS)

    def let_work(self, requests: int) -> None:
        """Wait until some more requests were answered."""
        wanted = self.acknowledged + requests

        def enough() -> None:
            assert self.acknowledged >= wanted

        wait_until(enough)

    def close(self) -> None:
        """Wait for the last answer, and ask no more."""
        self.stopping.set()
        self.join()

    def booked(self) -> tuple[int, int]:
        """Return how many corrections are in the books, and what they came to."""
        query = select(JOURNAL.c.key).where(JOURNAL.c.tenant_id == self._tenant.id)
        with self._kernel.context(self._tenant.id) as ctx:
            cash = ledger.purse(self._player, "cash", self._tenant.currency)
            return len(ctx.connection.scalars(query).all()), ledger.balance(ctx.connection, cash)

    def _ask(self, number: int) -> int:
        return self._web.ask(
            "POST",
            f"/api/v1/players/{self._player}/wallet/adjustments",
            {"amount": "1.00", "reason": f"number {number}"},
            **{"X-Api-Key": self._key, "Idempotency-Key": f"till-{number}"},
        )
