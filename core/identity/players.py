"""Players: registered, found, locked and closed."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING, Any
from uuid import UUID

from sqlalchemy import or_, select
from sqlalchemy.exc import IntegrityError

from pitboss.core import audit
from pitboss.core.clock import uuid7
from pitboss.core.errors import Conflict, InvalidInput, NotFound, Stale
from pitboss.core.identity import activity, attempts, passwords, proof, tokens
from pitboss.core.identity.names import email_of, login_of, username_of
from pitboss.core.identity.tables import Player, Status
from pitboss.core.identity.visitor import NOWHERE, Visitor

if TYPE_CHECKING:
    from pitboss.core.context import Context
    from pitboss.core.kernel import Kernel

PAGE_MAX = 200
EDITABLE = ("display_name", "country", "locale", "birth_date")
BIRTH_DATE_MIN = date(1900, 1, 1)


@dataclass(frozen=True, slots=True)
class PlayerPage:
    """A page of players; `cursor` leads to the next one."""

    players: tuple[Player, ...]
    cursor: UUID | None


def register_player(
    ctx: Context,
    *,
    email: str,
    password: str | None,
    username: str | None = None,
    display_name: str = "",
    country: str | None = None,
    locale: str | None = None,
    birth_date: date | None = None,
    visitor: Visitor = NOWHERE,
) -> Player:
    """Register a player; without a password the player cannot sign in here, but by other means."""
    player = Player(
        tenant_id=ctx.tenant.id,
        id=uuid7(),
        email=email_of(email),
        username=username_of(username) if username else None,
        display_name=display_name or username or "",
        country=country,
        locale=locale,
        birth_date=_checked_birth_date(ctx, birth_date),
        status=Status.ACTIVE,
        version=1,
        created_at=ctx.clock.now(),
    )
    if password is not None:
        own_words = [*proof.own_words(player.email, player.username), player.display_name]
        passwords.check_rules(password, kind="player", own_words=own_words)
        # Before the transaction begins: a hash takes long enough to hold up others.
        player.password_hash = passwords.hash_password(password)
    ctx.guard("core.register", player)
    _insert(ctx, player)
    activity.record(ctx, player.id, "registered", visitor)
    if ctx.actor.kind == "operator":
        audit.record(ctx, "core.register_player", target_of(player.id), new={"country": country})
    payload = {"player_id": player.id, "country": country, "locale": locale}
    ctx.emit("core.player_registered", payload, player_id=player.id)
    return player


def find_player(ctx: Context, player_id: UUID, *, for_update: bool = False) -> Player:
    """Return a player, or raise NotFound."""
    wanted = select(Player).where(Player.tenant_id == ctx.tenant.id, Player.id == player_id)
    if for_update:
        wanted = wanted.with_for_update()
    player = ctx.session.scalars(wanted.execution_options(populate_existing=True)).first()
    if player is None:
        raise NotFound(f"no player {player_id}")
    return player


def search_players(
    ctx: Context,
    *,
    text: str = "",
    status: str | None = None,
    after: UUID | None = None,
    limit: int = 50,
) -> PlayerPage:
    """Return a page of players whose address or user name starts so, in the order they registered."""
    if not 1 <= limit <= PAGE_MAX:
        raise InvalidInput(f"limit: {limit} is not 1 to {PAGE_MAX}", {"limit": [f"Choose 1 to {PAGE_MAX}."]})
    wanted = select(Player).where(Player.tenant_id == ctx.tenant.id).order_by(Player.id).limit(limit + 1)
    start = login_of(text)
    if start:
        wanted = wanted.where(
            or_(
                Player.email.startswith(start, autoescape=True),
                Player.username.startswith(start, autoescape=True),
            )
        )
    if status:
        wanted = wanted.where(Player.status == status)
    if after is not None:
        wanted = wanted.where(Player.id > after)
    found = ctx.session.scalars(wanted).all()
    shown = tuple(found[:limit])
    return PlayerPage(shown, shown[-1].id if len(found) > limit else None)


def names_of(ctx: Context, player_ids: Iterable[UUID]) -> dict[UUID, str]:
    """Return what players are called on screen."""
    wanted = set(player_ids)
    if not wanted:
        return {}
    player = Player.__table__.c
    query = select(player.id, player.display_name, player.username, player.email).where(
        player.tenant_id == ctx.tenant.id, player.id.in_(wanted)
    )
    return {row.id: row.display_name or row.username or row.email for row in ctx.connection.execute(query)}


def edit_player(
    ctx: Context, player_id: UUID, changes: Mapping[str, Any], *, version: int | None = None
) -> Player:
    """Change a player's own data; with the version that the caller saw, nobody's change is lost."""
    player = find_player(ctx, player_id, for_update=True)
    if version is not None and version != player.version:
        raise Stale("the player was changed meanwhile: read it again")
    if "birth_date" in changes:
        _checked_birth_date(ctx, changes["birth_date"])
    for name in EDITABLE:
        if name in changes:
            setattr(player, name, changes[name])
    player.version += 1
    ctx.session.flush()
    # Which fields, but not what they hold: the trail is never erased, personal data may be.
    activity.record(ctx, player_id, "profile_changed", details={"fields": sorted(changes)})
    if ctx.actor.kind != "player":
        audit.record(ctx, "core.edit_player", target_of(player_id), new={"fields": sorted(changes)})
    return player


def lock_player(ctx: Context, player_id: UUID, reason: str) -> Player:
    """Keep a player out, and end every sign-in at once."""
    player = find_player(ctx, player_id, for_update=True)
    if player.status == Status.DEACTIVATED:
        raise Conflict("this account is closed already")
    return _change_status(ctx, player, Status.LOCKED, reason)


def unlock_player(ctx: Context, player_id: UUID, reason: str = "") -> Player:
    """Let a player in again, also after too many wrong passwords."""
    player = find_player(ctx, player_id, for_update=True)
    if player.status == Status.DEACTIVATED:
        raise Conflict("this account is closed: a closed account stays closed")
    for name in filter(None, (player.email, player.username)):
        attempts.clear(ctx, "player", name)
    return _change_status(ctx, player, Status.ACTIVE, reason)


def deactivate_player(ctx: Context, player_id: UUID, reason: str = "") -> Player:
    """Close an account for good; its address stays taken, so that it cannot be opened anew."""
    player = find_player(ctx, player_id, for_update=True)
    return _change_status(ctx, player, Status.DEACTIVATED, reason)


def demo_player(kernel: Kernel, tenant_id: int, email: str, password: str) -> UUID:
    """Make sure that a demo's player exists; return its id."""
    with kernel.context(tenant_id, actor_name="demo") as ctx:
        wanted = select(Player.id).where(Player.tenant_id == tenant_id, Player.email == email_of(email))
        found: UUID | None = ctx.connection.scalar(wanted)
        if found is not None:
            return found
        return register_player(ctx, email=email, password=password, display_name="Demo player").id


def _change_status(ctx: Context, player: Player, status: Status, reason: str) -> Player:
    before = player.status
    if before == status:
        return player
    player.status, player.status_reason = status, reason or None
    player.version += 1
    ctx.session.flush()
    if status != Status.ACTIVE:
        tokens.sign_out_everywhere(ctx, player.id, because=f"account_{status}")
    kind = "unlocked" if status == Status.ACTIVE else str(status)
    activity.record(ctx, player.id, kind)
    audit.record(
        ctx,
        f"core.player_{kind}",
        target_of(player.id),
        old={"status": before},
        new={"status": status},
        reason=reason or None,
    )
    _emit_status(ctx, player.id, status)
    return player


def _emit_status(ctx: Context, player_id: UUID, status: Status) -> None:
    if status == Status.LOCKED:
        ctx.emit("core.player_locked", {"player_id": player_id, "because": "operator"}, player_id=player_id)
    elif status == Status.DEACTIVATED:
        ctx.emit("core.player_deactivated", {"player_id": player_id}, player_id=player_id)


def _insert(ctx: Context, player: Player) -> None:
    for field in ("email", "username"):
        value = getattr(player, field)
        is_same = getattr(Player, field) == value
        if value and ctx.session.scalar(select(Player.id).where(Player.tenant_id == ctx.tenant.id, is_same)):
            raise Conflict(f"this {field} is taken: sign in, or choose another")
    ctx.session.add(player)
    try:
        ctx.session.flush()
    except IntegrityError as error:
        raise Conflict("this email or username is taken: sign in, or choose another") from error


def _checked_birth_date(ctx: Context, birth_date: date | None) -> date | None:
    today = ctx.clock.now().astimezone(ctx.tenant.zone).date()
    if birth_date is not None and not BIRTH_DATE_MIN <= birth_date <= today:
        raise InvalidInput(
            f"birth_date: {birth_date} is not a day of birth", {"birth_date": ["Not a day of birth."]}
        )
    return birth_date


def target_of(player_id: UUID) -> str:
    """Return what the audit trail calls a player."""
    return f"player:{player_id}"
