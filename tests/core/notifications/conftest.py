"""Players with preferences, a worker for what is queued, and guards that can be told what to say."""

from __future__ import annotations

import socket
import threading
from collections.abc import Iterator
from types import SimpleNamespace

import pytest
from sqlalchemy import select

from pitboss.core import notifications
from pitboss.core.clock import uuid7
from pitboss.core.contracts import Channel, Guard, Manifest, Message
from pitboss.core.hooks import hookimpl
from pitboss.core.identity.operators import set_roles
from pitboss.core.identity.preferences import change_preferences
from pitboss.core.identity.roles import save_role
from pitboss.core.identity.tables import Operator, Player, Status
from pitboss.core.jobs import JobRow
from pitboss.core.notifications.sending import send
from pitboss.core.registry import Candidate, installed

TEMPLATE = "notelab.tier_reached"


class Say:
    """What the guard answers."""

    reason: str | None = None
    error: Exception | None = None
    asked: list

    def check(self, ctx, notice):
        self.asked.append((ctx.subject, notice))
        if self.error:
            raise self.error
        return self.reason


_say = Say()


@hookimpl
def plugin_manifest():
    return Manifest(name="notelab", version="1", title="Notification laboratory")


@hookimpl
def register_listeners():
    return [Guard("core.notify", lambda ctx, notice: _say.check(ctx, notice))]


@hookimpl
def register_terms():
    return [
        Message(
            name=TEMPLATE,
            title="A tier is reached",
            doc="Sent to a player who rises to a tier.",
            subject="{tier}!",
            body="{name}, you are {tier}.",
            example={"tier": "gold"},
            channels=tuple(Channel),
        )
    ]


@pytest.fixture(scope="session")
def candidates():
    plugin = SimpleNamespace(
        plugin_manifest=plugin_manifest,
        register_listeners=register_listeners,
        register_terms=register_terms,
    )
    return [*installed(), Candidate("notelab", lambda: plugin)]


@pytest.fixture
def guard() -> Say:
    _say.reason, _say.error, _say.asked = None, None, []
    return _say


@pytest.fixture
def player(kernel, tenant, guard):
    """A registered player."""
    player_id = uuid7()
    with kernel.context(tenant.id) as ctx:
        ctx.session.add(
            Player(
                tenant_id=tenant.id, id=player_id, email=f"{player_id}@acme.test", display_name="Ann",
                status=Status.ACTIVE, locale="pl-PL", created_at=ctx.clock.now(),
            )
        )  # fmt: skip
    return player_id


@pytest.fixture
def prefer(kernel, tenant, player):
    def prefer(**choices):
        with kernel.context(tenant.id) as ctx:
            change_preferences(ctx, player, choices)

    return prefer


@pytest.fixture
def make_operator(kernel, tenant):
    """Make operators: `make_operator("core.webhooks")`, with a role that has these permissions."""

    def make(*permissions: str, status: str = Status.ACTIVE):
        operator_id = uuid7()
        common = {"tenant_id": tenant.id}
        with kernel.context(tenant.id) as ctx:
            ctx.session.add(
                Operator(
                    **common, id=operator_id, email=f"{operator_id}@acme.test", name="Bea", status=status,
                    created_at=ctx.clock.now(),
                )
            )  # fmt: skip
            ctx.session.flush()
            save_role(ctx, f"r{operator_id.hex}", title="Role", permissions=permissions)
            set_roles(ctx, operator_id, [f"r{operator_id.hex}"])
        return operator_id

    return make


@pytest.fixture
def notify(kernel, tenant, player):
    def notify(*arguments, **options):
        with kernel.context(tenant.id) as ctx:
            return notifications.notify(ctx, player, *(arguments or (TEMPLATE, {"tier": "gold"})), **options)

    return notify


@pytest.fixture
def work(kernel, tenant):
    """Send what is due, as a worker would; return what each raised."""

    def work():
        with kernel.context(tenant.id) as ctx:
            payloads = ctx.connection.scalars(
                select(JobRow.payload)
                .where(JobRow.name == "core.send_notification", JobRow.run_at <= ctx.clock.now())
                .order_by(JobRow.id)
            ).all()
        results = []
        for payload in payloads:
            try:
                results.append(send(kernel.context(tenant.id), payload))
            except Exception as error:
                results.append(error)
        return results

    return work


@pytest.fixture
def find(kernel, tenant):
    def find(notification_id):
        with kernel.context(tenant.id) as ctx:
            return notifications.find_notification(ctx, notification_id)

    return find


class MailServer:
    """A small SMTP server; `refusal` is what it says to a recipient."""

    def __init__(self) -> None:
        self.mails: list[bytes] = []
        self.refusal: bytes | None = None
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.url = f"smtp://127.0.0.1:{self._listener.getsockname()[1]}"
        self._thread = threading.Thread(target=self._serve)
        self._thread.start()

    def _serve(self) -> None:
        while True:
            try:
                peer, _ = self._listener.accept()
            except OSError:
                return
            with peer, peer.makefile("rwb", 0) as stream:
                self._talk(stream)

    def _talk(self, stream) -> None:
        stream.write(b"220 hello\r\n")
        while line := stream.readline():
            verb = line[:4].upper()
            if verb == b"QUIT":
                stream.write(b"221 bye\r\n")
                return
            if verb == b"DATA":
                stream.write(b"354 go on\r\n")
                body = b""
                while not body.endswith(b"\r\n.\r\n"):
                    body += stream.readline()
                self.mails.append(body)
            refuses = verb == b"RCPT" and self.refusal
            stream.write((self.refusal if refuses else b"250 ok") + b"\r\n")

    def close(self) -> None:
        self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()
        self._thread.join(10)


@pytest.fixture
def mail_server() -> Iterator[MailServer]:
    server = MailServer()
    yield server
    server.close()
