"""The production servers of the docs: they start, answer, stream, and tell of all their processes."""

from __future__ import annotations

import http.client
import re
import subprocess
import sys
from collections.abc import Iterator
from importlib.util import find_spec
from pathlib import Path

import pytest

from pitboss.core.kernel import Kernel
from pitboss.core.testing.databases import SECRET
from tests.faults.servers import free_port, wait_until

# Which database answers makes no difference to a server.
pytestmark = [pytest.mark.slow, pytest.mark.one_backend("sqlite")]

APP = "pitboss.webapp.wsgi:app"
SERVERS = {
    "gunicorn": "--worker-class gthread --threads 8 --workers 2 --graceful-timeout 2 --bind 127.0.0.1:{port}",
    "granian": ("--interface wsgi --workers 2 --blocking-threads 8 --workers-kill-timeout 10 --port {port}"),
}
REQUESTS = 30


@pytest.fixture(params=SERVERS)
def port(request: pytest.FixtureRequest, kernel: Kernel, tmp_path: Path) -> Iterator[int]:
    """A server with two worker processes on a port."""
    name = request.param
    if find_spec(name) is None:
        pytest.skip(f"{name} is not installed (pip install 'pitboss[fast]')")
    metrics, port = tmp_path / "metrics", free_port()
    metrics.mkdir()
    environment = {
        "DATABASE_URL": kernel.database.url.render_as_string(hide_password=False),
        "PITBOSS_SECRET": SECRET,
        "PITBOSS_SAFE_MODE": "1",
        "PROMETHEUS_MULTIPROC_DIR": str(metrics),
        "PATH": f"{Path(sys.executable).parent}:/usr/bin:/bin",
    }
    command = [name, *SERVERS[name].format(port=port).split(), APP]
    with (tmp_path / "server.log").open("wb") as log:
        server = subprocess.Popen(command, env=environment, cwd=tmp_path, stdout=log, stderr=log)
    try:
        wait_until(lambda: ask(port, "/"))
        yield port
    finally:
        server.terminate()
        server.wait(60)


def ask(port: int, path: str, **headers: str) -> tuple[int, str]:
    """Ask on a connection of its own, so that any worker may answer."""
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=30)
    try:
        connection.request("GET", path, headers=headers)
        answer = connection.getresponse()
        return answer.status, answer.read().decode()
    finally:
        connection.close()


def test_metrics_count_the_requests_of_every_process(port: int) -> None:
    for _ in range(REQUESTS):
        assert ask(port, "/health/live")[0] == 200

    counted = re.search(
        r'request_seconds_count\{[^}]*route="health.live"[^}]*\} (\S+)', ask(port, "/metrics")[1]
    )

    assert counted is not None
    assert float(counted[1]) == REQUESTS


def test_an_event_stream_begins_at_once(port: int, tenant, key_of) -> None:
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=30)
    connection.request("GET", "/api/v1/events/stream", headers=key_of(tenant, "core.events"))

    answer = connection.getresponse()

    assert answer.headers["Content-Type"].startswith("text/event-stream")
    assert answer.fp.readline() != b""
    assert ask(port, "/health/live")[0] == 200
    connection.close()
