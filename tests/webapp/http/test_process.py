"""The embedded server: it serves, moves to a free port, and ends."""

from __future__ import annotations

import socket
from dataclasses import replace

import requests

from pitboss.core.kernel import build_kernel
from pitboss.webapp.process import WebProcess


def serving(settings, candidates, port):
    kernel = build_kernel(replace(settings, port=port, web_threads=2), candidates=candidates)
    return kernel, WebProcess(kernel)


def test_it_serves_until_it_is_stopped(settings, candidates):
    kernel, process = serving(settings, candidates, 0)
    process.start()
    try:
        answer = requests.get(f"http://127.0.0.1:{process.port}/health/live", timeout=5)
        assert answer.json() == {"status": "ok"}
        assert "Server" not in answer.headers
    finally:
        process.stop()
        kernel.close()

    with socket.socket() as probe:
        assert probe.connect_ex(("127.0.0.1", process.port)) != 0


def test_a_taken_port_is_stepped_over(settings, candidates):
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        kernel, process = serving(settings, candidates, port)
        process.start()
        try:
            assert process.port != port
            assert str(process.port) in process.describe()[0]
        finally:
            process.stop()
            kernel.close()
