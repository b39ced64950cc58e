"""The first minutes of a new user: `pitboss up`, the printed logins, the API, the admin, a clean end."""

from __future__ import annotations

import json
import os
import re
import signal
import subprocess
import sys
import urllib.request
from collections.abc import Callable, Iterator
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

pytestmark = pytest.mark.slow

START_LINES_MAX = 60


class Running:
    """A `pitboss up` of our own, and what it printed."""

    def __init__(self, data: Path) -> None:
        plain = {k: v for k, v in os.environ.items() if k not in ("DATABASE_URL", "REDIS_URL")}
        command = "from pitboss.core.cli import main; main()"
        self._process = subprocess.Popen(
            [sys.executable, "-c", command, "--data", str(data), "up", "--port", "0"],
            env={**plain, "PYTHONUNBUFFERED": "1"},
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            text=True,
        )
        self.printed = self._read()
        address = re.search(r"http://127\.0\.0\.1:\d+", self.printed)
        assert address is not None, self.printed
        self.url = address.group()

    def _read(self) -> str:
        """Return what it prints until it is ready: the demo logins come last."""
        assert self._process.stdout is not None
        lines = []
        for line in self._process.stdout:
            lines.append(line)
            if "platform@demo.test" in line or len(lines) > START_LINES_MAX:
                break
        return "".join(lines)

    def password_of(self, email: str) -> str:
        match = re.search(rf"{re.escape(email)}\s+(\S+)", self.printed)
        assert match is not None, self.printed
        return match.group(1)

    def ask(self, path: str, body: Any = None, **headers: str) -> tuple[int, Any]:
        data = None if body is None else json.dumps(body).encode()
        request = urllib.request.Request(self.url + path, data=data, headers=headers)
        if data is not None:
            request.add_header("Content-Type", "application/json")
        with urllib.request.urlopen(request, timeout=20) as answer:
            text = answer.read().decode()
            is_json = "json" in answer.headers.get_content_type()
            return answer.status, json.loads(text) if is_json else text

    @property
    def is_running(self) -> bool:
        return self._process.poll() is None

    def end(self) -> int:
        self._process.send_signal(signal.SIGINT)
        code = self._process.wait(60)
        assert self._process.stdout is not None
        self._process.stdout.close()
        return code


@pytest.fixture
def begin(tmp_path: Path) -> Iterator[Callable[[], Running]]:
    """Start the platform, each time on the same data."""
    begun: list[Running] = []

    def start() -> Running:
        begun.append(Running(tmp_path))
        return begun[-1]

    yield start
    for platform in begun:
        if platform.is_running:
            platform.end()


def test_it_shows_all_that_it_says_ends_cleanly_and_keeps_its_logins(begin: Callable[[], Running]) -> None:
    """One walk: each start loads the demo, which is most of what this takes."""
    first = begin()
    _look_around(first)
    _find_the_wallet(first)
    assert first.end() == 0

    second = begin()
    assert second.password_of("admin@demo.test") == first.password_of("admin@demo.test")
    assert second.end() == 0


def _look_around(running: Running) -> None:
    assert running.ask("/health/ready")[0] == 200
    assert "swagger" in running.ask("/api/docs")[1].lower()
    assert "password" in running.ask("/admin/")[1]
    assert f"{running.url}/play/" in running.printed
    assert running.password_of("player@demo.test") in running.ask("/play/")[1]


def _find_the_wallet(running: Running) -> None:
    login = {"login": "player@demo.test", "password": running.password_of("player@demo.test")}

    _, tokens = running.ask("/api/v1/auth/session", login, **{"X-Tenant": "demo"})
    signed_in = {"Authorization": f"Bearer {tokens['access_token']}"}
    _, me = running.ask("/api/v1/me", **signed_in)
    _, wallet = running.ask("/api/v1/wallet", **signed_in)

    assert me["email"] == "player@demo.test"
    assert wallet["currency"] == "GBP"
    assert Decimal(wallet["cash"]) > 100
