"""A receiver that behaves as badly as it is told, and a plugin with an event."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import replace
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from types import SimpleNamespace

import pytest
from marshmallow import Schema, fields
from sqlalchemy import select

from pitboss.core.contracts import Event, Manifest
from pitboss.core.hooks import hookimpl
from pitboss.core.jobs import JobRow
from pitboss.core.registry import Candidate, installed
from pitboss.core.webhooks import deliver


class _Happened(Schema):
    amount = fields.Integer(required=True)


@hookimpl
def plugin_manifest():
    return Manifest(name="hooklab", version="1", title="Hook laboratory")


@hookimpl
def register_terms():
    common = {"schema": _Happened, "example": {"amount": 1}, "doc": "It happened."}
    return [Event(name=f"hooklab.{n}", title=n, **common) for n in ("happened", "ended")]


@pytest.fixture(scope="session")
def candidates():
    plugin = SimpleNamespace(plugin_manifest=plugin_manifest, register_terms=register_terms)
    return [*installed(), Candidate("hooklab", lambda: plugin)]


@pytest.fixture
def settings(settings):
    return replace(settings, webhook_allow_private=True)


class Receiver:
    """A local server; `answer` is what it does with the next requests."""

    def __init__(self) -> None:
        self.requests: list[SimpleNamespace] = []
        self.status, self.headers, self.body = 200, {}, b"thanks"
        self.stall = threading.Event()
        self.stall.set()
        receiver = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self):
                body = self.rfile.read(int(self.headers["content-length"]))
                receiver.requests.append(
                    SimpleNamespace(path=self.path, headers=dict(self.headers), body=body)
                )
                receiver.stall.wait(30)
                self.send_response(receiver.status)
                for name, value in receiver.headers.items():
                    self.send_header(name, value)
                self.end_headers()
                with suppress(OSError):  # the caller read enough and hung up
                    self.wfile.write(receiver.body)

            def log_message(self, *arguments):
                pass

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self.server.server_port}/hook?x=1"
        self.thread = threading.Thread(target=self.server.serve_forever, args=(0.01,))
        self.thread.start()

    def close(self) -> None:
        self.stall.set()
        self.server.shutdown()
        self.thread.join(10)
        self.server.server_close()


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    receiver = Receiver()
    yield receiver
    receiver.close()


@pytest.fixture
def work(kernel, tenant):
    """Run the deliveries that wait, as a worker would; return what each raised."""

    def work() -> list[Exception | None]:
        with kernel.context(tenant.id) as ctx:
            query = select(JobRow.payload).where(
                JobRow.name == "core.deliver_webhook", JobRow.tenant_id == tenant.id
            )
            payloads = ctx.connection.scalars(query.order_by(JobRow.id)).all()
        results: list[Exception | None] = []
        for payload in payloads:
            try:
                deliver(kernel.context(tenant.id), payload)
                results.append(None)
            except Exception as error:
                results.append(error)
        return results

    return work
