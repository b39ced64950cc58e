"""The tables of identity: who there is, what they may do, and how they prove who they are.

Of every secret only its SHA-256 is stored; the secrets are random, so that needs no salt. Passwords,
which people choose, are stored as argon2id.
"""

from __future__ import annotations

from datetime import date, datetime
from enum import StrEnum
from typing import Any
from uuid import UUID

from sqlalchemy import Date, ForeignKeyConstraint, Index, LargeBinary, String, Text, UniqueConstraint, Uuid
from sqlalchemy.orm import Mapped, mapped_column

from pitboss.core.database import APPEND_ONLY, Base, Instant, JsonObject, TenantRow, uuid_id

EMAIL_CHARACTERS_MAX = 254
ADDRESS_CHARACTERS_MAX = 45
DEVICE_CHARACTERS_MAX = 200


class Status(StrEnum):
    """Whether someone may sign in."""

    INVITED = "invited"
    ACTIVE = "active"
    LOCKED = "locked"
    DEACTIVATED = "deactivated"


def _hash_id() -> Any:
    return mapped_column(LargeBinary(32), primary_key=True, sort_order=-90)


def _of(table: str, column: str) -> ForeignKeyConstraint:
    return ForeignKeyConstraint(["tenant_id", column], [f"{table}.tenant_id", f"{table}.id"])


class Player(TenantRow, Base):
    """A player. Personal data is here and nowhere else; other tables know the id."""

    __tablename__ = "player"
    __table_args__ = (
        UniqueConstraint("tenant_id", "email"),
        UniqueConstraint("tenant_id", "username"),
        Index("ix_player_email_start", "tenant_id", "email", postgresql_ops={"email": "text_pattern_ops"}),
        Index("ix_player_created", "tenant_id", "created_at"),
    )

    id: Mapped[UUID] = uuid_id()
    email: Mapped[str] = mapped_column(String(EMAIL_CHARACTERS_MAX))
    username: Mapped[str | None] = mapped_column(String(30))
    display_name: Mapped[str] = mapped_column(String(80))
    password_hash: Mapped[str | None] = mapped_column(String(200))
    """Nothing for a player who signs in elsewhere."""
    status: Mapped[str] = mapped_column(String(12), default=Status.ACTIVE)
    status_reason: Mapped[str | None] = mapped_column(Text)
    country: Mapped[str | None] = mapped_column(String(2))
    locale: Mapped[str | None] = mapped_column(String(10))
    birth_date: Mapped[date | None] = mapped_column(Date)
    version: Mapped[int] = mapped_column(default=1)
    """Grows with each change, for ETags."""
    created_at: Mapped[datetime] = mapped_column(Instant)
    signed_in_at: Mapped[datetime | None] = mapped_column(Instant)


class Operator(TenantRow, Base):
    """Someone of the brand's staff, or of the platform's when the tenant is the platform's own."""

    __tablename__ = "operator"
    __table_args__ = (UniqueConstraint("tenant_id", "email"),)

    id: Mapped[UUID] = uuid_id()
    email: Mapped[str] = mapped_column(String(EMAIL_CHARACTERS_MAX))
    name: Mapped[str] = mapped_column(String(80))
    password_hash: Mapped[str | None] = mapped_column(String(200))
    status: Mapped[str] = mapped_column(String(12), default=Status.INVITED)
    language: Mapped[str | None] = mapped_column(String(10))
    """In which the admin speaks to them; nothing means what their browser asks for."""
    created_at: Mapped[datetime] = mapped_column(Instant)
    signed_in_at: Mapped[datetime | None] = mapped_column(Instant)


class Role(TenantRow, Base):
    """A named set of permissions."""

    __tablename__ = "role"
    name: Mapped[str] = mapped_column(String(40), primary_key=True, sort_order=-90)
    title: Mapped[str] = mapped_column(String(80))
    permissions: Mapped[list[str]] = mapped_column(JsonObject)


class OperatorRole(TenantRow, Base):
    """That an operator has a role."""

    __tablename__ = "operator_role"
    __table_args__ = (
        _of("operator", "operator_id"),
        ForeignKeyConstraint(["tenant_id", "role"], ["role.tenant_id", "role.name"]),
        Index("ix_operator_role_role", "tenant_id", "role"),
    )

    operator_id: Mapped[UUID] = mapped_column(Uuid(), primary_key=True)
    role: Mapped[str] = mapped_column(String(40), primary_key=True)
    given_at: Mapped[datetime] = mapped_column(Instant)


class OperatorSession(TenantRow, Base):
    """An operator who is signed in to the admin."""

    __tablename__ = "operator_session"
    __table_args__ = (
        UniqueConstraint("tenant_id", "secret_hash"),
        Index("ix_operator_session_operator", "tenant_id", "operator_id"),
        Index("ix_operator_session_expires", "tenant_id", "expires_at"),
        _of("operator", "operator_id"),
    )

    id: Mapped[UUID] = uuid_id()
    secret_hash: Mapped[bytes] = mapped_column(LargeBinary(32))
    operator_id: Mapped[UUID] = mapped_column(Uuid())
    address: Mapped[str] = mapped_column(String(ADDRESS_CHARACTERS_MAX))
    device: Mapped[str] = mapped_column(String(DEVICE_CHARACTERS_MAX))
    created_at: Mapped[datetime] = mapped_column(Instant)
    seen_at: Mapped[datetime] = mapped_column(Instant)
    expires_at: Mapped[datetime] = mapped_column(Instant)
    revoked_at: Mapped[datetime | None] = mapped_column(Instant)


class ApiKey(TenantRow, Base):
    """The key of an integration; its prefix is shown, so that people can tell keys apart."""

    __tablename__ = "api_key"
    __table_args__ = (UniqueConstraint("tenant_id", "prefix"),)

    id: Mapped[UUID] = uuid_id()
    prefix: Mapped[str] = mapped_column(String(16))
    secret_hash: Mapped[bytes] = mapped_column(LargeBinary(32))
    name: Mapped[str] = mapped_column(String(80))
    permissions: Mapped[list[str]] = mapped_column(JsonObject)
    requests_per_minute: Mapped[int | None]
    created_by: Mapped[str] = mapped_column(String(160))
    created_at: Mapped[datetime] = mapped_column(Instant)
    expires_at: Mapped[datetime | None] = mapped_column(Instant)
    revoked_at: Mapped[datetime | None] = mapped_column(Instant)
    used_at: Mapped[datetime | None] = mapped_column(Instant)
    """To the minute."""


class TokenFamily(TenantRow, Base):
    """One sign-in of a player on one device: all the tokens that came from it."""

    __tablename__ = "token_family"
    __table_args__ = (
        Index("ix_token_family_player", "tenant_id", "player_id", "id"),
        Index("ix_token_family_expires", "tenant_id", "expires_at"),
        _of("player", "player_id"),
    )

    id: Mapped[UUID] = uuid_id()
    player_id: Mapped[UUID] = mapped_column(Uuid())
    address: Mapped[str] = mapped_column(String(ADDRESS_CHARACTERS_MAX))
    device: Mapped[str] = mapped_column(String(DEVICE_CHARACTERS_MAX))
    created_at: Mapped[datetime] = mapped_column(Instant)
    refreshed_at: Mapped[datetime] = mapped_column(Instant)
    expires_at: Mapped[datetime] = mapped_column(Instant)
    """However often it is refreshed."""
    revoked_at: Mapped[datetime | None] = mapped_column(Instant)
    revoked_because: Mapped[str | None] = mapped_column(String(40))


class AccessToken(TenantRow, Base):
    """What a player shows at each request. Revoking deletes the row, so that one look-up decides."""

    __tablename__ = "access_token"
    __table_args__ = (
        Index("ix_access_token_family", "tenant_id", "family_id"),
        Index("ix_access_token_expires", "tenant_id", "expires_at"),
        _of("token_family", "family_id"),
    )

    token_hash: Mapped[bytes] = _hash_id()
    family_id: Mapped[UUID] = mapped_column(Uuid())
    player_id: Mapped[UUID] = mapped_column(Uuid())
    expires_at: Mapped[datetime] = mapped_column(Instant)


class RefreshToken(TenantRow, Base):
    """What buys the next pair of tokens, once. Spent ones are kept, to notice a thief."""

    __tablename__ = "refresh_token"
    __table_args__ = (
        Index("ix_refresh_token_family", "tenant_id", "family_id"),
        _of("token_family", "family_id"),
    )

    token_hash: Mapped[bytes] = _hash_id()
    family_id: Mapped[UUID] = mapped_column(Uuid())
    expires_at: Mapped[datetime] = mapped_column(Instant)
    spent_at: Mapped[datetime | None] = mapped_column(Instant)


class Attempts(TenantRow, Base):
    """Sign-ins that failed, for one account, one address, or both together."""

    __tablename__ = "sign_in_attempts"
    __table_args__ = (Index("ix_sign_in_attempts_at", "tenant_id", "last_at"),)

    scope: Mapped[str] = mapped_column(String(20), primary_key=True, sort_order=-90)
    key_hash: Mapped[bytes] = mapped_column(LargeBinary(32), primary_key=True, sort_order=-89)
    failures: Mapped[int]
    last_at: Mapped[datetime] = mapped_column(Instant)
    blocked_until: Mapped[datetime | None] = mapped_column(Instant)


class PasswordReset(TenantRow, Base):
    """Leave to choose a new password, once."""

    __tablename__ = "password_reset"
    __table_args__ = (
        Index("ix_password_reset_account", "tenant_id", "kind", "account_id"),
        Index("ix_password_reset_expires", "tenant_id", "expires_at"),
    )

    token_hash: Mapped[bytes] = _hash_id()
    kind: Mapped[str] = mapped_column(String(10))
    """player or operator"""
    account_id: Mapped[UUID] = mapped_column(Uuid())
    expires_at: Mapped[datetime] = mapped_column(Instant)


class PreferenceRow(TenantRow, Base):
    """What a player chose; where there is no row, the default holds."""

    __tablename__ = "preference"
    __table_args__ = (_of("player", "player_id"),)

    player_id: Mapped[UUID] = mapped_column(Uuid(), primary_key=True)
    key: Mapped[str] = mapped_column(String(40), primary_key=True)
    value: Mapped[Any] = mapped_column(JsonObject)
    changed_at: Mapped[datetime] = mapped_column(Instant)


class PlayerNote(TenantRow, Base):
    """What an operator wrote about a player, for other operators."""

    __tablename__ = "player_note"
    __table_args__ = (
        Index("ix_player_note_player", "tenant_id", "player_id", "id"),
        _of("player", "player_id"),
    )

    id: Mapped[UUID] = uuid_id()
    player_id: Mapped[UUID] = mapped_column(Uuid())
    at: Mapped[datetime] = mapped_column(Instant)
    author: Mapped[str] = mapped_column(String(160))
    text: Mapped[str] = mapped_column(Text)


class Activity(TenantRow, Base):
    """What was done in a player's account; a failed sign-in to no known account names no player."""

    __tablename__ = "activity"
    __table_args__ = (
        Index("ix_activity_player", "tenant_id", "player_id", "id"),
        _of("player", "player_id"),
        {"info": APPEND_ONLY},
    )

    id: Mapped[UUID] = uuid_id()
    player_id: Mapped[UUID | None] = mapped_column(Uuid())
    at: Mapped[datetime] = mapped_column(Instant)
    kind: Mapped[str] = mapped_column(String(80))
    address: Mapped[str] = mapped_column(String(ADDRESS_CHARACTERS_MAX))
    device: Mapped[str] = mapped_column(String(DEVICE_CHARACTERS_MAX))
    details: Mapped[dict[str, Any]] = mapped_column(JsonObject)
