"""Structured logs: one event a line, with the request and the tenant that it belongs to."""

from __future__ import annotations

import logging
import sys
from typing import Any

import structlog

from pitboss.core.http.current import request_fields
from pitboss.core.settings import Settings

SECRET_WORDS = ("password", "secret", "token", "authorization", "cookie", "api_key")


def configure_logs(settings: Settings) -> None:
    """Send our logs, and those of the libraries, to standard error in one form."""
    shared: list[Any] = [
        structlog.contextvars.merge_contextvars,
        request_fields,
        structlog.stdlib.add_log_level,
        structlog.stdlib.add_logger_name,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
        hide_secrets,
    ]
    is_json = settings.log_format == "json"
    if is_json:
        # A person reads the console's trace; a machine reads it as one field.
        shared.append(structlog.processors.format_exc_info)
    renderer: Any = structlog.processors.JSONRenderer() if is_json else console()
    structlog.configure(
        processors=[*shared, structlog.stdlib.ProcessorFormatter.wrap_for_formatter],
        logger_factory=structlog.stdlib.LoggerFactory(),
        cache_logger_on_first_use=True,
    )
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(
        structlog.stdlib.ProcessorFormatter(
            foreign_pre_chain=shared,
            processors=[structlog.stdlib.ProcessorFormatter.remove_processors_meta, renderer],
        )
    )
    root = logging.getLogger()
    root.handlers[:] = [handler]
    root.setLevel(settings.log_level.upper())
    for library in ("alembic", "dramatiq"):
        logging.getLogger(library).setLevel(max(logging.WARNING, root.level))


def console() -> structlog.dev.ConsoleRenderer:
    """Return what writes for people; the pretty trace would show every variable, and take seconds to draw."""
    return structlog.dev.ConsoleRenderer(colors=False, exception_formatter=structlog.dev.plain_traceback)


def hide_secrets(_logger: object, _method: str, event: Any) -> Any:
    """Blank the value of every key that sounds like a secret."""
    for key in event:
        if any(word in key.lower() for word in SECRET_WORDS):
            event[key] = "***"
    return event
