"""Headers that every answer carries: content policy, request id, and CORS for the allowed origins."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

from pitboss.core.http.current import VISIT
from pitboss.core.settings import Settings

CONTENT_POLICY = (
    "default-src 'self'; script-src 'self'; style-src 'self'; img-src 'self' data:; "
    "object-src 'none'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'"
)
PREFLIGHT_SECONDS = 600
HSTS_SECONDS = 63_072_000
_METHODS = "GET, POST, PUT, PATCH, DELETE"
_ALLOWED = (
    "Authorization, Content-Type, Idempotency-Key, If-Match, Last-Event-ID, X-Api-Key, X-Request-Id, X-Tenant"
)
_EXPOSED = (
    "ETag, Idempotency-Replayed, Link, Location, RateLimit, RateLimit-Policy, Retry-After, X-Request-Id"
)

Wsgi = Callable[[dict[str, Any], Callable[..., Any]], Iterable[bytes]]
Header = tuple[str, str]


class Headers:
    """Wrap an application: cheaper here than in Flask, and no error page can escape it."""

    def __init__(self, wsgi: Wsgi, settings: Settings) -> None:
        self._wsgi = wsgi
        self._origins = frozenset(settings.cors_origins)
        self._always: list[Header] = [
            ("X-Content-Type-Options", "nosniff"),
            ("Referrer-Policy", "same-origin"),
            ("Cross-Origin-Opener-Policy", "same-origin"),
            ("X-Frame-Options", "DENY"),
        ]
        if settings.secure_cookies:
            policy = f"max-age={HSTS_SECONDS}; includeSubDomains"
            self._always.append(("Strict-Transport-Security", policy))

    def __call__(self, environ: dict[str, Any], start_response: Callable[..., Any]) -> Iterable[bytes]:
        origin = environ.get("HTTP_ORIGIN")
        cross = self._cross_origin(origin) if origin is not None else []
        if environ["REQUEST_METHOD"] == "OPTIONS":
            # Before routing, so that no path can be told from another by asking.
            start_response("204 No Content", [*self._always, *cross, *_preflight(cross)])
            return []

        def start(status: str, headers: list[Header], *rest: Any) -> Any:
            names = {name for name, _ in headers}
            if "Content-Security-Policy" not in names:
                headers.append(("Content-Security-Policy", CONTENT_POLICY))
            if "Cache-Control" not in names:
                headers.append(("Cache-Control", "no-store"))
            visit = environ.get(VISIT)
            extra = visit.headers if visit is not None else []
            return start_response(status, headers + extra + self._always + cross, *rest)

        return self._wsgi(environ, start)

    def _cross_origin(self, origin: str) -> list[Header]:
        if not self._origins:
            return []
        vary = ("Vary", "Origin")
        if origin not in self._origins:
            return [vary]
        return [vary, ("Access-Control-Allow-Origin", origin), ("Access-Control-Expose-Headers", _EXPOSED)]


def _preflight(cross: list[Header]) -> list[Header]:
    if len(cross) < 2:
        return []
    return [
        ("Access-Control-Allow-Methods", _METHODS),
        ("Access-Control-Allow-Headers", _ALLOWED),
        ("Access-Control-Max-Age", str(PREFLIGHT_SECONDS)),
    ]
