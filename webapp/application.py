"""The Flask application, without what this platform does not use of Flask."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from flask import Flask, Request
from flask.sessions import SecureCookieSession, SecureCookieSessionInterface
from werkzeug.routing import MapAdapter


class AdminSessions(SecureCookieSessionInterface):
    """Flask's cookie of messages to people: nobody looks for it in a request of the API."""

    def open_session(self, app: Flask, request: Request) -> SecureCookieSession | None:
        if not request.path.startswith("/admin"):
            return None
        return super().open_session(app, request)


class Application(Flask):
    """Flask for threads and one host: what each request would be asked for nothing is left out."""

    session_interface = AdminSessions()

    def ensure_sync(self, func: Callable[..., Any]) -> Callable[..., Any]:
        """Return the function as it is: the gate refuses to start with a coroutine as a view."""
        return func

    def create_url_adapter(self, request: Request | None) -> MapAdapter | None:
        """Match the path alone: no host or subdomain of ours chooses a route."""
        if request is None:
            return super().create_url_adapter(None)
        environ = request.environ
        return MapAdapter(
            self.url_map,
            environ.get("HTTP_HOST") or environ["SERVER_NAME"],
            request.root_path,
            "",
            request.scheme,
            request.path,
            request.method,
            environ.get("QUERY_STRING", ""),
        )
