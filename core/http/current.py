"""The unit of work of the request that is being answered."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from flask import Request, has_request_context, request

from pitboss.core.errors import InvalidInput

if TYPE_CHECKING:
    from pitboss.core.context import Context
    from pitboss.core.identity.principal import Principal

VISIT = "pitboss.visit"
"""Where the gate leaves what it knows, in the WSGI environment."""
TENANT_IN_PATH = "tenant_code"
"""The part of a path that names the tenant, for callers who cannot send a header."""


class Visit:
    """What the gate knows of one request."""

    __slots__ = (
        "actor",
        "after_commit",
        "claim",
        "context",
        "endpoint",
        "failed_owner",
        "headers",
        "request_id",
        "rule",
        "started",
    )

    def __init__(self, request_id: str, started: float) -> None:
        self.request_id = request_id
        self.started = started
        self.headers: list[tuple[str, str]] = [("X-Request-Id", request_id)]
        self.after_commit: list[Callable[[], object]] = []
        """Called when what the request did is kept."""
        self.actor: Principal | None = None
        self.context: Context | None = None
        self.endpoint: str | None = None
        self.rule: Any = None
        self.claim: Any = None
        self.failed_owner: str | None = None


def visit() -> Visit:
    """Return what the gate knows of this request."""
    found: Visit = present().environ[VISIT]
    return found


def present() -> Request:
    """Return the request itself: each attribute of Flask's proxy costs half a microsecond."""
    found: Request = request._get_current_object()  # type: ignore[attr-defined]  # the proxy's own method
    return found


def current() -> Context:
    """Return the unit of work of this request; it commits when the answer is below 400."""
    context = visit().context
    if context is None:
        raise InvalidInput("which tenant? send the header X-Tenant with its code", {"X-Tenant": ["Missing."]})
    return context


def request_fields(_logger: object, _method: str, event: Any) -> Any:
    """Add the request and the tenant to a log line that is written while answering (for structlog)."""
    found: Visit | None = request.environ.get(VISIT) if has_request_context() else None
    if found is not None:
        event.setdefault("request_id", found.request_id)
        if found.context is not None:
            event.setdefault("tenant", found.context.tenant.code)
    return event
