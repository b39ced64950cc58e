"""Players' sign-ins: a short access token, and a refresh token that is good once.

A refresh token that comes a second time was copied, and nobody can tell by whom: the whole family is
revoked, so that thief and player both stand outside, and the player signs in again.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any
from uuid import UUID

from sqlalchemy import ColumnElement, bindparam, delete, insert, select, update

from pitboss.core.clock import uuid7
from pitboss.core.errors import Forbidden, NotAuthenticated, NotFound
from pitboss.core.identity import activity, proof
from pitboss.core.identity.credentials import NOT_VALID, Kind, new_credential, parse
from pitboss.core.identity.tables import AccessToken, Player, RefreshToken, Status, TokenFamily
from pitboss.core.identity.visitor import NOWHERE, Visitor, apart

if TYPE_CHECKING:
    from pitboss.core.context import Context

ACCESS_MINUTES = 15
REFRESH_DAYS = 30
"""Of silence, after which a sign-in ends."""
FAMILY_DAYS = 90
"""After which a sign-in ends, however busy it is."""
FAMILIES_MAX = 20
"""Devices on which a player is signed in at once; the oldest give way."""

_PLAYER = Player.__table__
_FAMILY = TokenFamily.__table__
_ACCESS = AccessToken.__table__
_REFRESH = RefreshToken.__table__
_SPEND = (
    update(_REFRESH)
    .where(_REFRESH.c.tenant_id == bindparam("of_tenant"), _REFRESH.c.token_hash == bindparam("of_hash"))
    .where(_REFRESH.c.spent_at.is_(None))
    .values(spent_at=bindparam("now"))
)


@dataclass(frozen=True, slots=True)
class Tokens:
    """What a player's app holds; shown once."""

    access_token: str
    refresh_token: str
    expires_in_seconds: int
    session_id: UUID
    player_id: UUID


@dataclass(frozen=True, slots=True)
class SignIn:
    """One sign-in that is still good, as its player sees it."""

    id: UUID
    address: str
    device: str
    created_at: datetime
    refreshed_at: datetime
    expires_at: datetime


def sign_in_player(ctx: Context, login: str, password: str, visitor: Visitor = NOWHERE) -> Tokens:
    """Sign a player in by email address or user name; keeps what it finds, also when it refuses."""
    proven = proof.prove(ctx, "player", login, password, visitor)
    with apart(ctx) as own:
        player = _locked_player(own, proven.id)
        if player.password_hash != proven.password_hash:
            raise NotAuthenticated(proof.WRONG)
        refuse_unless_active(player.status)
        proof.refresh_hash(own, proven, password)
        own.guard("core.sign_in", player)
        tokens = open_session(own, player.id, visitor)
        seen = _PLAYER.update().where(_is(own, _PLAYER, _PLAYER.c.id, player.id))
        own.connection.execute(seen.values(signed_in_at=own.clock.now()))
        activity.record(own, player.id, "signed_in", visitor)
        payload = {"player_id": player.id, "session_id": tokens.session_id}
        own.emit("core.player_signed_in", payload, player_id=player.id)
    return tokens


def open_session(ctx: Context, player_id: UUID, visitor: Visitor = NOWHERE) -> Tokens:
    """Open a session for a player whose identity is proven, in the caller's transaction."""
    now = ctx.clock.now()
    _make_room(ctx, player_id)
    family_id, ends_at = uuid7(), now + timedelta(days=FAMILY_DAYS)
    family = {
        "tenant_id": ctx.tenant.id,
        "id": family_id,
        "player_id": player_id,
        "created_at": now,
        "refreshed_at": now,
        "expires_at": ends_at,
        **visitor.as_columns(),
    }
    ctx.connection.execute(insert(_FAMILY), family)
    return _issue(ctx, family_id, player_id, ends_at)


def refresh(ctx: Context, token: str, visitor: Visitor = NOWHERE) -> Tokens:
    """Exchange a refresh token for a new pair; a spent one revokes its whole family."""
    credential = parse(token)
    if credential.kind is not Kind.REFRESH or credential.tenant != ctx.tenant.code:
        raise NotAuthenticated(NOT_VALID)
    with apart(ctx) as own:
        tokens = _exchange(own, credential.digest, visitor)
    if tokens is None:
        raise NotAuthenticated(NOT_VALID)
    return tokens


def list_sessions(ctx: Context, player_id: UUID) -> Sequence[SignIn]:
    """Return a player's sign-ins that are still good, newest first."""
    c = _FAMILY.c
    found = (
        select(c.id, c.address, c.device, c.created_at, c.refreshed_at, c.expires_at)
        .where(_alive(ctx, player_id))
        .where(c.refreshed_at > ctx.clock.now() - timedelta(days=REFRESH_DAYS))
        .order_by(c.id.desc())
    )
    return [SignIn(*row) for row in ctx.connection.execute(found)]


def sign_out(ctx: Context, player_id: UUID, session_id: UUID, *, because: str = "signed_out") -> None:
    """End one of a player's sign-ins, at once."""
    if not _revoke(ctx, _alive(ctx, player_id) & (_FAMILY.c.id == session_id), because):
        raise NotFound(f"no session {session_id}: list them anew")
    activity.record(ctx, player_id, "signed_out", details={"session_id": str(session_id)})


def sign_out_everywhere(
    ctx: Context, player_id: UUID, *, because: str = "signed_out", but: UUID | None = None
) -> int:
    """End all sign-ins of a player, but perhaps the present one; return how many there were."""
    which = _alive(ctx, player_id)
    if but is not None:
        which = which & (_FAMILY.c.id != but)
    ended = _revoke(ctx, which, because)
    if ended and because == "signed_out":
        activity.record(ctx, player_id, "signed_out_everywhere", details={"sessions": ended})
    return ended


def refuse_unless_active(status: str) -> None:
    """Raise Forbidden for an account that may not be used; only its owner gets to see this."""
    if status == Status.LOCKED:
        raise Forbidden("this account is locked: contact support")
    if status != Status.ACTIVE:
        raise Forbidden("this account is closed: contact support")


def _exchange(ctx: Context, token_hash: bytes, visitor: Visitor) -> Tokens | None:
    now = ctx.clock.now()
    found = (
        select(_REFRESH.c.family_id, _REFRESH.c.expires_at, _FAMILY.c.player_id)
        .join(_FAMILY, (_FAMILY.c.tenant_id == _REFRESH.c.tenant_id) & (_FAMILY.c.id == _REFRESH.c.family_id))
        .where(_is(ctx, _REFRESH, _REFRESH.c.token_hash, token_hash))
    )
    token = ctx.connection.execute(found).first()
    if token is None:
        return None
    # The player first, then the family: the order in which locking an account takes them.
    player = _locked_player(ctx, token.player_id)
    of_family = _is(ctx, _FAMILY, _FAMILY.c.id, token.family_id)
    family = ctx.connection.execute(select(_FAMILY).where(of_family).with_for_update()).one()
    if family.revoked_at is not None or min(family.expires_at, token.expires_at) <= now:
        return None
    at = {"of_tenant": ctx.tenant.id, "of_hash": token_hash, "now": now}
    if ctx.connection.execute(_SPEND, at).rowcount == 0:
        _revoke(ctx, of_family, "refresh_token_reused")
        details = {"session_id": str(family.id)}
        activity.record(ctx, player.id, "refresh_token_reused", visitor, details=details)
        return None
    if player.status != Status.ACTIVE:
        return None
    ctx.connection.execute(update(_FAMILY).where(of_family).values(refreshed_at=now, **visitor.as_columns()))
    return _issue(ctx, family.id, player.id, family.expires_at)


def _issue(ctx: Context, family_id: UUID, player_id: UUID, ends_at: datetime) -> Tokens:
    now = ctx.clock.now()
    access, access_hash = new_credential(Kind.ACCESS, ctx.tenant.code)
    renewal, renewal_hash = new_credential(Kind.REFRESH, ctx.tenant.code)
    of_family = {"tenant_id": ctx.tenant.id, "family_id": family_id}
    expires_at = min(now + timedelta(minutes=ACCESS_MINUTES), ends_at)
    ctx.connection.execute(
        insert(_ACCESS),
        {**of_family, "token_hash": access_hash, "player_id": player_id, "expires_at": expires_at},
    )
    renewable_until = min(now + timedelta(days=REFRESH_DAYS), ends_at)
    ctx.connection.execute(
        insert(_REFRESH),
        {**of_family, "token_hash": renewal_hash, "expires_at": renewable_until},
    )
    seconds = int((expires_at - now).total_seconds())
    return Tokens(access, renewal, seconds, family_id, player_id)


def _make_room(ctx: Context, player_id: UUID) -> None:
    ids = select(_FAMILY.c.id).where(_alive(ctx, player_id)).order_by(_FAMILY.c.id.desc())
    oldest = ctx.connection.scalars(ids.offset(FAMILIES_MAX - 1)).all()
    if oldest:
        _revoke(ctx, _alive(ctx, player_id) & _FAMILY.c.id.in_(oldest), "too_many_sessions")


def _revoke(ctx: Context, which: ColumnElement[bool], because: str) -> int:
    revoked = update(_FAMILY).where(which).values(revoked_at=ctx.clock.now(), revoked_because=because)
    ids = ctx.connection.scalars(revoked.returning(_FAMILY.c.id)).all()
    if ids:
        ctx.kernel.trust.withdraw(*ids)
        ctx.connection.execute(
            delete(_ACCESS).where(_ACCESS.c.tenant_id == ctx.tenant.id, _ACCESS.c.family_id.in_(ids))
        )
    return len(ids)


def _alive(ctx: Context, player_id: UUID) -> ColumnElement[bool]:
    return (
        (_FAMILY.c.tenant_id == ctx.tenant.id)
        & (_FAMILY.c.player_id == player_id)
        & _FAMILY.c.revoked_at.is_(None)
        & (_FAMILY.c.expires_at > ctx.clock.now())
    )


def _locked_player(ctx: Context, player_id: UUID) -> Any:
    # Locked against a change of status or password until the tokens are written.
    of_player = _is(ctx, _PLAYER, _PLAYER.c.id, player_id)
    return ctx.connection.execute(select(_PLAYER).where(of_player).with_for_update()).one()


def _is(ctx: Context, table: Any, column: Any, value: Any) -> ColumnElement[bool]:
    found: ColumnElement[bool] = (table.c.tenant_id == ctx.tenant.id) & (column == value)
    return found
