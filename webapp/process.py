"""The web server inside `pitboss up` and `pitboss web`: waitress on threads of its own."""

from __future__ import annotations

import errno
import socket
import threading
from typing import Any

import structlog
from waitress.server import create_server

from pitboss.core import demo
from pitboss.core.errors import ConfigError
from pitboss.core.kernel import Kernel
from pitboss.webapp.app import create_app
from pitboss.webapp.stream import Streams

log = structlog.get_logger(__name__)

EMBEDDED_STREAMS_MAX = 12
"""Event streams of the embedded server: each holds a thread."""
PORTS_TRIED_MAX = 20
STOP_SECONDS_MAX = 10
CONNECTIONS_MAX = 500


class WebProcess:
    """Serve a kernel over HTTP until it is stopped."""

    def __init__(self, kernel: Kernel) -> None:
        self._kernel = kernel
        self._server: Any = None
        self._thread: threading.Thread | None = None
        self._streams: Streams | None = None
        self._watched: dict[int, Any] = {}
        self.port: int | None = None
        """The port that is served."""

    def start(self) -> None:
        """Bind, and serve on a thread; return when requests are taken."""
        settings = self._kernel.settings
        app = create_app(self._kernel)
        self._streams = app.extensions["pitboss_streams"]
        streams = min(settings.sse_connections_max, EMBEDDED_STREAMS_MAX)
        self._streams.connections_max = streams
        # A stream holds its thread, so the requests get theirs on top.
        self._server = self._bound(app, threads=settings.web_threads + streams)
        self.port = int(self._server.effective_port)
        self._thread = threading.Thread(target=self._server.run, name="pitboss-web", daemon=True)
        self._thread.start()

    def stop(self) -> None:
        """Finish what is under way, and end."""
        if self._streams is not None:
            self._streams.stopping.set()
        if self._server is not None:
            self._server.task_dispatcher.shutdown(cancel_pending=False, timeout=STOP_SECONDS_MAX)
            # Sockets are closed by the thread that polls them.
            self._server.trigger.pull_trigger(self._close_sockets)
        if self._thread is not None:
            self._thread.join(STOP_SECONDS_MAX)

    def _close_sockets(self) -> None:
        for watched in list(self._watched.values()):
            watched.close()

    def describe(self) -> list[str]:
        """Say where the site is."""
        site = self._kernel.settings.public_url or f"http://{self._kernel.settings.host}:{self.port}"
        play = [f"play   {site}/play/  (the bettor's site of the demo)"] if demo.codes(self._kernel) else []
        return [f"admin  {site}/admin/", *play, f"API    {site}/api/docs"]

    def _bound(self, app: Any, *, threads: int) -> Any:
        settings = self._kernel.settings
        return create_server(
            app,
            sockets=[_free_socket(settings.host, settings.port)],
            map=self._watched,
            threads=threads,
            connection_limit=CONNECTIONS_MAX,
            max_request_body_size=2 * settings.request_bytes_max,
            ident=None,
            clear_untrusted_proxy_headers=False,
        )


def _free_socket(host: str, first: int) -> socket.socket:
    """Bind to a port, or to the next one that is free; port 0 leaves the choice to the system."""
    for port in [0] if first == 0 else range(first, first + PORTS_TRIED_MAX):
        family, _, _, _, address = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0]
        try:
            found = socket.create_server(address, family=family)
        except OSError as error:
            if error.errno not in (errno.EADDRINUSE, errno.EACCES):
                raise
            log.info("port is taken", port=port)
        else:
            found.setblocking(False)
            return found
    raise ConfigError(f"ports {first} to {first + PORTS_TRIED_MAX - 1} are taken: choose one with --port")
