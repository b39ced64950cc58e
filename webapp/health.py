"""Is it running, can it serve, and how much does it do: for load balancers and Prometheus."""

from __future__ import annotations

import hmac
from http import HTTPStatus

import redis
from flask import Blueprint, Response, current_app, request

from pitboss.core.errors import Forbidden, NotAuthenticated
from pitboss.core.health import Finding, examine
from pitboss.core.kernel import Kernel
from pitboss.core.texts import marked
from pitboss.webapp.metrics import jobs_text, requests_text

blueprint = Blueprint("health", __name__)

REDIS_WAIT_SECONDS = 1
_LOOPBACK = ("127.0.0.1", "::1")


@blueprint.get("/health/live")
def live() -> dict[str, str]:
    """Answer as long as this process runs."""
    return {"status": "ok"}


@blueprint.get("/health/ready")
def ready() -> tuple[dict[str, object], int]:
    """Answer 200 when nothing stands in the way of serving, and name what is not well."""
    findings = findings_of(current_app.extensions["pitboss"])
    is_ready = not any(finding.problem and finding.is_fatal for finding in findings)
    body: dict[str, object] = {
        "status": "ok" if is_ready else "failing",
        "checks": {finding.name: finding.problem or "ok" for finding in findings},
    }
    return body, HTTPStatus.OK if is_ready else HTTPStatus.SERVICE_UNAVAILABLE


def findings_of(kernel: Kernel) -> list[Finding]:
    """Return what was looked at of a deployment: what the core examines, and Redis where it is used."""
    findings = examine(kernel)
    if kernel.settings.redis_url:
        findings.append(Finding("redis", _redis(kernel.settings.redis_url)))
    return findings


@blueprint.get("/metrics")
def metrics() -> Response:
    """Return what Prometheus reads, to the holder of the token or to this machine."""
    kernel: Kernel = current_app.extensions["pitboss"]
    settings = kernel.settings
    _check_may_read_metrics(settings.metrics_token)
    text = requests_text(settings.metrics_folder) + jobs_text(kernel)
    return Response(text, content_type="text/plain; version=0.0.4; charset=utf-8")


def _redis(url: str) -> str | None:
    client = redis.Redis.from_url(
        url, socket_timeout=REDIS_WAIT_SECONDS, socket_connect_timeout=REDIS_WAIT_SECONDS
    )
    try:
        client.ping()
    except redis.RedisError as error:
        return marked(f"Redis does not answer ({type(error).__name__})")
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
