"""Is it running, can it serve, and how much does it do: for load balancers and Prometheus."""

from __future__ import annotations

import hmac
from collections.abc import Callable
from http import HTTPStatus

import redis
import structlog
from flask import Blueprint, Response, current_app, request
from prometheus_client import generate_latest

from pitboss.core.errors import Forbidden, NotAuthenticated, PitbossError
from pitboss.core.kernel import Kernel

log = structlog.get_logger(__name__)
blueprint = Blueprint("health", __name__)

REDIS_WAIT_SECONDS = 1
_LOOPBACK = ("127.0.0.1", "::1")
Check = Callable[[Kernel], str | None]


@blueprint.get("/health/live")
def live() -> dict[str, str]:
    """Answer as long as this process runs."""
    return {"status": "ok"}


@blueprint.get("/health/ready")
def ready() -> tuple[dict[str, object], int]:
    """Answer 200 when every check passes, and name those that do not."""
    kernel: Kernel = current_app.extensions["pitboss"]
    checks = {name: _asked(name, check, kernel) for name, check in _checks(kernel).items()}
    is_ready = not any(checks.values())
    body = {"status": "ok" if is_ready else "failing", "checks": {n: c or "ok" for n, c in checks.items()}}
    return body, HTTPStatus.OK if is_ready else HTTPStatus.SERVICE_UNAVAILABLE


@blueprint.get("/metrics")
def metrics() -> Response:
    """Return what Prometheus reads, to the holder of the token or to this machine."""
    kernel: Kernel = current_app.extensions["pitboss"]
    _check_may_read_metrics(kernel.settings.metrics_token)
    return Response(generate_latest(), content_type="text/plain; version=0.0.4; charset=utf-8")


def _checks(kernel: Kernel) -> dict[str, Check]:
    checks: dict[str, Check] = {"database": _database, "migrations": _migrations}
    if kernel.settings.redis_url:
        checks["redis"] = _redis
    for owned in kernel.registry.all("register_health_checks"):
        checks[f"{owned.owner}.{owned.item.name}"] = owned.item.check
    return checks


def _asked(name: str, check: Check, kernel: Kernel) -> str | None:
    try:
        return check(kernel)
    except PitbossError as error:
        return str(error)
    except Exception:
        log.exception("health check failed", check=name)
        return "the check itself failed"


def _database(kernel: Kernel) -> str | None:
    kernel.database.check()
    return None


def _migrations(kernel: Kernel) -> str | None:
    behind = [status.owner for status in kernel.migrator.status() if not status.is_current]
    cure = "run pitboss db upgrade"
    return f"migrations of {', '.join(behind)} are not applied: {cure}" if behind else None


def _redis(kernel: Kernel) -> str | None:
    client = redis.Redis.from_url(kernel.settings.redis_url, socket_timeout=REDIS_WAIT_SECONDS)
    try:
        client.ping()
    except redis.RedisError as error:
        return f"Redis does not answer: {type(error).__name__}"
    finally:
        client.close()
    return None


def _check_may_read_metrics(token: str) -> None:
    if not token:
        if request.remote_addr not in _LOOPBACK:
            raise Forbidden(
                "metrics are for this machine only: set metrics_token to read them from elsewhere"
            )
        return
    sent = request.headers.get("Authorization", "")
    if not hmac.compare_digest(sent.encode(), f"Bearer {token}".encode()):
        raise NotAuthenticated("send the metrics token as 'Authorization: Bearer <token>'")
