"""The Flask application, without what this platform does not use of Flask."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from flask import Flask, Request
from flask.sessions import SecureCookieSession, SecureCookieSessionInterface
from werkzeug.routing import MapAdapter, Rule

Builder = Callable[..., tuple[str, str]]


class AdminSessions(SecureCookieSessionInterface):
    """Flask's cookie of messages to people: nobody looks for it in a request of the API."""

    def open_session(self, app: Flask, request: Request) -> SecureCookieSession | None:
        if not request.path.startswith("/admin"):
            return None
        return super().open_session(app, request)


class LateRule(Rule):
    """A rule that compiles what builds its URL when it is first asked to: most are only ever matched."""

    def _compile_builder(self, append_unknown: bool = True) -> Builder:
        def build(rule: LateRule, **values: Any) -> tuple[str, str]:
            compile_now = super()._compile_builder
            compiled: Builder = compile_now(append_unknown).__get__(rule, None)
            setattr(rule, "_build_unknown" if append_unknown else "_build", compiled)
            return compiled(**values)

        return build


class Application(Flask):
    """Flask for threads and one host: what each request would be asked for nothing is left out."""

    session_interface = AdminSessions()
    url_rule_class = LateRule

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
