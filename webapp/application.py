"""The Flask application, without what this platform does not use of Flask."""

from __future__ import annotations

from collections.abc import Callable
from types import CodeType
from typing import Any

from flask import Flask, Request
from flask.sessions import SecureCookieSession, SecureCookieSessionInterface
from jinja2.bccache import Bucket, BytecodeCache
from werkzeug.routing import MapAdapter, Rule

Builder = Callable[..., tuple[str, str]]


class AdminSessions(SecureCookieSessionInterface):
    """Flask's cookie of messages to people: nobody looks for it in a request of the API."""

    def open_session(self, app: Flask, request: Request) -> SecureCookieSession | None:
        if not request.path.startswith("/admin"):
            return None
        return super().open_session(app, request)


class Compiled(BytecodeCache):
    """The templates that this process compiled, for every application in it."""

    def __init__(self) -> None:
        self._known: dict[str, tuple[str, CodeType | None]] = {}

    def load_bytecode(self, bucket: Bucket) -> None:
        checksum, code = self._known.get(bucket.key, ("", None))
        if checksum == bucket.checksum:
            bucket.code = code

    def dump_bytecode(self, bucket: Bucket) -> None:
        self._known[bucket.key] = bucket.checksum, bucket.code


class LateRule(Rule):
    """A rule that compiles what builds its URL when it is first asked to: most are only ever matched."""

    def _compile_builder(self, append_unknown: bool = True) -> Builder:
        def build(rule: LateRule, /, **values: Any) -> tuple[str, str]:
            compile_now = super()._compile_builder
            compiled: Builder = compile_now(append_unknown).__get__(rule, None)
            setattr(rule, "_build_unknown" if append_unknown else "_build", compiled)
            return compiled(**values)

        return build


class Application(Flask):
    """Flask for threads and one host: what each request would be asked for nothing is left out."""

    session_interface = AdminSessions()
    url_rule_class = LateRule
    jinja_options = {"bytecode_cache": Compiled()}

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
