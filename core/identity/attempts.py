"""Count sign-ins that fail, and block for ever longer: an account, an address, or both together.

An attempt is counted before its password is looked at and forgiven when it was right, so that a
thousand guesses sent at once are a thousand guesses. Accounts are known here by the hash of what was
typed, so that one which does not exist is blocked like one that does.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from math import ceil
from typing import TYPE_CHECKING, Any

from sqlalchemy import bindparam, case, delete, select, update
from sqlalchemy.dialects.postgresql import insert as postgres_insert
from sqlalchemy.dialects.sqlite import insert as sqlite_insert

from pitboss.core.errors import TooMany
from pitboss.core.identity.credentials import digest
from pitboss.core.identity.tables import Attempts
from pitboss.core.texts import marked

if TYPE_CHECKING:
    from pitboss.core.context import Context

FAILURES_MAX = {"pair": 5, "account": 20, "address": 100}
"""Failures until the next block: an account from one address, an account, an address.

The first is what a person notices; the second is high, so that a stranger cannot lock a player out with
a handful of guesses from elsewhere.
"""
RESETS_MAX = {"reset": 3, "reset_address": 20}
"""Requests for a new password until the next block."""
BLOCK_MINUTES = (1, 5, 15, 60)
"""The first, second... block; the last one repeats."""
FORGOTTEN_AFTER_HOURS = 24

_ROW = Attempts.__table__
_ONE = (
    (_ROW.c.tenant_id == bindparam("of_tenant"))
    & (_ROW.c.scope == bindparam("of_scope"))
    & (_ROW.c.key_hash == bindparam("of_key"))
)


def count(ctx: Context, kind: str, login: str, address: str) -> list[str]:
    """Count one attempt; return the scopes that it used up, or raise TooMany when one was before."""
    return _count(ctx, _keys(kind, login, address), FAILURES_MAX)


def count_reset(ctx: Context, kind: str, login: str, address: str) -> None:
    """Count one request for a new password, or raise TooMany."""
    keys = {"reset": f"{kind}:{login}", "reset_address": address}
    _count(ctx, {scope: digest(key) for scope, key in keys.items()}, RESETS_MAX)


def forgive(ctx: Context, kind: str, login: str, address: str) -> None:
    """Take back an attempt that was right; the address keeps the others' failures."""
    clear(ctx, kind, login, address)
    one_less = update(_ROW).where(_ONE).values(failures=_ROW.c.failures - 1, blocked_until=None)
    ctx.connection.execute(one_less, _at(ctx, "address", digest(address)))


def clear(ctx: Context, kind: str, login: str, address: str = "") -> None:
    """Lift the block of an account, and of that account from one address."""
    keys = _keys(kind, login, address)
    for scope in ("pair", "account"):
        ctx.connection.execute(delete(_ROW).where(_ONE), _at(ctx, scope, keys[scope]))


def _keys(kind: str, login: str, address: str) -> dict[str, bytes]:
    account = f"{kind}:{login}"
    keys = {"pair": f"{account} {address}", "account": account, "address": address}
    return {scope: digest(key) for scope, key in keys.items()}


def _count(ctx: Context, keys: dict[str, bytes], limits: dict[str, int]) -> list[str]:
    used_up = []
    for scope, key in keys.items():
        failures = _count_one(ctx, scope, key)
        if failures % limits[scope] == 0:
            block = min(failures // limits[scope], len(BLOCK_MINUTES)) - 1
            until = ctx.clock.now() + timedelta(minutes=BLOCK_MINUTES[block])
            blocked = update(_ROW).where(_ONE).values(blocked_until=until)
            ctx.connection.execute(blocked, _at(ctx, scope, key))
            used_up.append(scope)
    return used_up


def _count_one(ctx: Context, scope: str, key: bytes) -> int:
    now = ctx.clock.now()
    oldest = now - timedelta(hours=FORGOTTEN_AFTER_HOURS)
    insert = sqlite_insert if ctx.connection.dialect.name == "sqlite" else postgres_insert
    row = {"tenant_id": ctx.tenant.id, "scope": scope, "key_hash": key, "failures": 1, "last_at": now}
    statement = insert(_ROW).values(**row)
    counted = statement.on_conflict_do_update(
        index_elements=["tenant_id", "scope", "key_hash"],
        set_={
            "failures": case((_ROW.c.last_at < oldest, 1), else_=_ROW.c.failures + 1),
            "last_at": now,
            "blocked_until": None,
        },
        where=_ROW.c.blocked_until.is_(None) | (_ROW.c.blocked_until <= now),
    )
    failures: int | None = ctx.connection.scalar(counted.returning(_ROW.c.failures))
    if failures is None:
        until = ctx.connection.scalar(select(_ROW.c.blocked_until).where(_ONE), _at(ctx, scope, key))
        raise _blocked(now, until or now)
    return failures


def _blocked(now: datetime, until: datetime) -> TooMany:
    seconds = max(1, ceil((until - now).total_seconds()))
    return TooMany(
        marked(f"too many attempts: try again in {ceil(seconds / 60)} minutes"), retry_after_seconds=seconds
    )


def _at(ctx: Context, scope: str, key: bytes) -> dict[str, Any]:
    return {"of_tenant": ctx.tenant.id, "of_scope": scope, "of_key": key}
