"""The application for a production server: `gunicorn pitboss.webapp.wsgi:app`.

    gunicorn --worker-class gthread --threads 8 --workers 2 pitboss.webapp.wsgi:app
    granian --interface wsgi --blocking-threads 8 --workers 2 pitboss.webapp.wsgi:app

Each open event stream holds a thread: keep `sse_connections_max` below the threads of one worker.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from threading import Lock
from typing import Any

from flask import Flask

from pitboss.core.garbage import spare_what_is_built
from pitboss.core.kernel import build_kernel
from pitboss.core.logs import configure_logs
from pitboss.core.settings import load_settings
from pitboss.webapp.app import create_app

_built: list[Flask] = []
_building = Lock()


def app(environ: dict[str, Any], start_response: Callable[..., Any]) -> Iterable[bytes]:
    """Answer a request; the application is built at the first, in the process that serves it."""
    if not _built:
        # After the fork: connections must not be shared between workers.
        with _building:
            if not _built:
                _built.append(_build())
    return _built[0](environ, start_response)


def _build() -> Flask:
    settings = load_settings()
    configure_logs(settings)
    built = create_app(build_kernel(settings))
    spare_what_is_built()
    return built
