"""Manage the addresses that take events."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any
from uuid import UUID

from sqlalchemy import insert, select, update

from pitboss.core import audit, contracts
from pitboss.core.clock import uuid7
from pitboss.core.errors import Conflict, InvalidInput, NotFound
from pitboss.core.outgoing import check_url
from pitboss.core.secretbox import Cell, box_of
from pitboss.core.texts import marked
from pitboss.core.webhooks.fanout import forget
from pitboss.core.webhooks.signing import new_secret
from pitboss.core.webhooks.tables import EndpointRow

if TYPE_CHECKING:
    from pitboss.core.context import Context

ENDPOINTS_MAX = 50
PATTERNS_MAX = 50
DESCRIPTION_LENGTH_MAX = 200
OVERLAP_HOURS = 24
"""How long messages are signed with the old secret too, after a rotation."""

_ENDPOINT = EndpointRow.__table__
_FAMILY = re.compile(r"\*|[a-z][a-z0-9_]{1,39}\.\*")


@dataclass(frozen=True, slots=True)
class Endpoint:
    """An address that takes events, without its secrets."""

    id: UUID
    url: str
    events: tuple[str, ...]
    description: str
    is_enabled: bool
    disabled_reason: str | None
    failures: int
    failing_since: datetime | None
    is_rotating: bool
    created_by: str
    created_at: datetime


def create_endpoint(
    ctx: Context, url: str, events: Sequence[str], *, description: str = ""
) -> tuple[Endpoint, str]:
    """Make an endpoint; return it with its signing secret, which is shown this once."""
    if len(list_endpoints(ctx)) >= ENDPOINTS_MAX:
        raise Conflict(f"a tenant has at most {ENDPOINTS_MAX} endpoints: delete one first")
    endpoint_id, secret = uuid7(), new_secret()
    fields = _checked(ctx, {"url": url, "events": events, "description": description})
    ctx.connection.execute(
        insert(_ENDPOINT).values(
            tenant_id=ctx.tenant.id,
            id=endpoint_id,
            secret=seal(ctx, endpoint_id, secret),
            is_enabled=True,
            failures=0,
            created_by=ctx.actor.label,
            created_at=ctx.clock.now(),
            **fields,
        )
    )
    audit.record(ctx, "webhook.created", f"webhook:{endpoint_id}", new=fields)
    forget(ctx)
    return find_endpoint(ctx, endpoint_id), secret


def list_endpoints(ctx: Context) -> list[Endpoint]:
    """Return the tenant's endpoints, oldest first."""
    rows = ctx.connection.execute(_living(ctx).order_by(_ENDPOINT.c.id))
    return [_endpoint(ctx, row) for row in rows]


def find_endpoint(ctx: Context, endpoint_id: UUID) -> Endpoint:
    """Return one endpoint."""
    return _endpoint(ctx, endpoint_row(ctx, endpoint_id))


def update_endpoint(ctx: Context, endpoint_id: UUID, **changes: Any) -> Endpoint:
    """Change url, events, description or is_enabled; switching it on forgives its failures."""
    before = find_endpoint(ctx, endpoint_id)
    fields = _checked(ctx, changes)
    if "is_enabled" in fields:
        is_on = fields["is_enabled"]
        by = None if is_on else marked(f"switched off by {ctx.actor.label}")
        fields |= {"disabled_reason": by, "failures": 0, "failing_since": None}
    if fields:
        _write(ctx, endpoint_id, **fields)
    old = {name: _plain(getattr(before, name)) for name in changes}
    new = {name: fields[name] for name in changes}
    audit.record(ctx, "webhook.changed", f"webhook:{endpoint_id}", old=old, new=new)
    return find_endpoint(ctx, endpoint_id)


def rotate_secret(ctx: Context, endpoint_id: UUID) -> str:
    """Give an endpoint a new secret; for a day its messages are signed with both."""
    row = endpoint_row(ctx, endpoint_id)
    secret = new_secret()
    _write(
        ctx,
        endpoint_id,
        secret=seal(ctx, endpoint_id, secret),
        # Sealed for its own column: what lies in `secret` does not open in `previous_secret`.
        previous_secret=seal(ctx, endpoint_id, _open(ctx, row, "secret"), "previous_secret"),
        previous_until=ctx.clock.now() + timedelta(hours=OVERLAP_HOURS),
    )
    audit.record(ctx, "webhook.secret_rotated", f"webhook:{endpoint_id}")
    return secret


def delete_endpoint(ctx: Context, endpoint_id: UUID) -> None:
    """Remove an endpoint; what was sent to it stays on record."""
    before = find_endpoint(ctx, endpoint_id)
    _write(
        ctx,
        endpoint_id,
        url="",
        secret="",
        previous_secret=None,
        is_enabled=False,
        disabled_reason="deleted",
        deleted_at=ctx.clock.now(),
    )
    audit.record(ctx, "webhook.deleted", f"webhook:{endpoint_id}", old={"url": before.url})


def endpoint_row(ctx: Context, endpoint_id: UUID) -> Any:
    """Return the row of an endpoint that is not deleted."""
    row = ctx.connection.execute(_living(ctx).where(_ENDPOINT.c.id == endpoint_id)).first()
    if row is None:
        raise NotFound(f"no webhook endpoint {endpoint_id}")
    return row


def secrets_of(ctx: Context, row: Any) -> list[str]:
    """Return the secrets that an endpoint's messages are signed with now."""
    secrets = [_open(ctx, row, "secret")]
    if row.previous_secret and row.previous_until > ctx.clock.now():
        secrets.append(_open(ctx, row, "previous_secret"))
    return secrets


def seal(ctx: Context, endpoint_id: UUID, secret: str, column: str = "secret") -> str:
    """Encrypt a secret for its cell."""
    return box_of(ctx.kernel.settings).seal(secret, _cell(ctx, endpoint_id, column))


def _open(ctx: Context, row: Any, column: str) -> str:
    return box_of(ctx.kernel.settings).open(getattr(row, column), _cell(ctx, row.id, column))


def _cell(ctx: Context, endpoint_id: UUID, column: str) -> Cell:
    return Cell(ctx.tenant.id, _ENDPOINT.name, column, endpoint_id.hex)


def _living(ctx: Context) -> Any:
    return select(_ENDPOINT).where(_ENDPOINT.c.tenant_id == ctx.tenant.id, _ENDPOINT.c.deleted_at.is_(None))


def _write(ctx: Context, endpoint_id: UUID, **values: Any) -> None:
    ctx.connection.execute(
        update(_ENDPOINT)
        .where(_ENDPOINT.c.tenant_id == ctx.tenant.id, _ENDPOINT.c.id == endpoint_id)
        .values(**values)
    )
    forget(ctx)


def _endpoint(ctx: Context, row: Any) -> Endpoint:
    return Endpoint(
        id=row.id,
        url=row.url,
        events=tuple(row.events),
        description=row.description,
        is_enabled=row.is_enabled,
        disabled_reason=row.disabled_reason,
        failures=row.failures,
        failing_since=row.failing_since,
        is_rotating=bool(row.previous_secret) and row.previous_until > ctx.clock.now(),
        created_by=row.created_by,
        created_at=row.created_at,
    )


def _plain(value: Any) -> Any:
    return list(value) if isinstance(value, tuple) else value


def _checked(ctx: Context, fields: dict[str, Any]) -> dict[str, Any]:
    checks: dict[str, Callable[[Context, Any], Any]] = {
        "url": _checked_url,
        "events": _checked_events,
        "description": _checked_description,
        "is_enabled": lambda _, value: bool(value),
    }
    return {name: checks[name](ctx, value) for name, value in fields.items()}


def _checked_url(ctx: Context, url: str) -> str:
    check_url(url, allow_private=ctx.kernel.settings.webhook_allow_private)
    return url


def _checked_events(ctx: Context, events: Sequence[str]) -> list[str]:
    if not 1 <= len(events) <= PATTERNS_MAX:
        raise InvalidInput(f"events: name 1 to {PATTERNS_MAX} events, such as betting.* or *")
    for pattern in events:
        if not _FAMILY.fullmatch(pattern):
            ctx.view.term(pattern, contracts.Event)
    return sorted(set(events))


def _checked_description(_ctx: Context, text: str) -> str:
    if len(text) > DESCRIPTION_LENGTH_MAX:
        raise InvalidInput(f"description: at most {DESCRIPTION_LENGTH_MAX} characters")
    return text
