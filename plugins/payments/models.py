"""Tables: payment methods, payments with their history, what providers said, and reconciliation."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Index, String, Text, UniqueConstraint, Uuid, text
from sqlalchemy.orm import Mapped, mapped_column

from pitboss.core.database import APPEND_ONLY, Base, Instant, JsonObject, MinorUnits, TenantRow, uuid_id

PROVIDER_LENGTH_MAX = 40
STATE_LENGTH_MAX = 20
REFERENCE_LENGTH_MAX = 100
REASON_LENGTH_MAX = 500
ACTOR_LENGTH_MAX = 160
_PUZZLING = text("attention IS NOT NULL")


class MethodRow(TenantRow, Base):
    """A player's account at a provider: a sealed token, never card data."""

    __tablename__ = "payments_method"
    __table_args__ = (
        UniqueConstraint("tenant_id", "player_id", "provider", "fingerprint"),
        Index("ix_payments_method_fingerprint", "tenant_id", "fingerprint"),
    )

    id: Mapped[UUID] = uuid_id()
    player_id: Mapped[UUID] = mapped_column(Uuid())
    provider: Mapped[str] = mapped_column(String(PROVIDER_LENGTH_MAX))
    kind: Mapped[str] = mapped_column(String(20))
    """card, bank, wallet or other."""
    token: Mapped[str] = mapped_column(Text)
    """Sealed for this very cell."""
    masked: Mapped[str] = mapped_column(String(40))
    """What the player sees of it: `Visa •••• 4242`."""
    fingerprint: Mapped[str] = mapped_column(String(64))
    """The same for the same account whoever adds it, keyed by tenant, and not to be turned back."""
    can_receive: Mapped[bool]
    state: Mapped[str] = mapped_column(String(STATE_LENGTH_MAX))
    """active or removed."""
    verified_at: Mapped[datetime | None] = mapped_column(Instant)
    verified_by: Mapped[str | None] = mapped_column(String(ACTOR_LENGTH_MAX))
    evidence: Mapped[str | None] = mapped_column(String(REASON_LENGTH_MAX))
    details: Mapped[dict[str, Any]] = mapped_column(JsonObject)
    created_at: Mapped[datetime] = mapped_column(Instant)
    removed_at: Mapped[datetime | None] = mapped_column(Instant)


class PaymentRow(TenantRow, Base):
    """A deposit or a withdrawal."""

    __tablename__ = "payments_payment"
    __table_args__ = (
        UniqueConstraint("tenant_id", "player_id", "kind", "request_key", "line"),
        Index("ix_payments_payment_player", "tenant_id", "player_id", "id"),
        Index("ix_payments_payment_state", "tenant_id", "kind", "state", "id"),
        Index("ix_payments_payment_reference", "tenant_id", "provider", "reference"),
        Index("ix_payments_payment_method", "tenant_id", "method_id"),
        # They are few: no other payment pays for their being found.
        Index(
            "ix_payments_payment_attention",
            "tenant_id",
            "id",
            postgresql_where=_PUZZLING,
            sqlite_where=_PUZZLING,
        ),
    )

    id: Mapped[UUID] = uuid_id()
    kind: Mapped[str] = mapped_column(String(12))
    player_id: Mapped[UUID] = mapped_column(Uuid())
    method_id: Mapped[UUID] = mapped_column(Uuid())
    provider: Mapped[str] = mapped_column(String(PROVIDER_LENGTH_MAX))
    currency: Mapped[str] = mapped_column(String(8))
    amount: Mapped[int] = mapped_column(MinorUnits)
    """What was asked for, the fee included."""
    fee: Mapped[int] = mapped_column(MinorUnits)
    settled: Mapped[int] = mapped_column(MinorUnits)
    """What arrived of a deposit, or left by a withdrawal; 0 until it did."""
    taken_back: Mapped[int] = mapped_column(MinorUnits)
    """What of a deposit was refunded or charged back."""
    state: Mapped[str] = mapped_column(String(STATE_LENGTH_MAX))
    reference: Mapped[str | None] = mapped_column(String(REFERENCE_LENGTH_MAX))
    """The provider's name for it."""
    reason: Mapped[str] = mapped_column(String(REASON_LENGTH_MAX))
    """Why it failed or was rejected, or why a withdrawal goes to this method."""
    attention: Mapped[str | None] = mapped_column(String(REASON_LENGTH_MAX))
    """Why a person must look at it."""
    action: Mapped[dict[str, Any] | None] = mapped_column(JsonObject)
    """What the player has to do: where to go, or what to write on a transfer."""
    details: Mapped[dict[str, Any]] = mapped_column(JsonObject)
    request_key: Mapped[str] = mapped_column(String(64))
    request_hash: Mapped[str] = mapped_column(String(64))
    line: Mapped[int]
    """The place among the withdrawals of one request."""
    created_at: Mapped[datetime] = mapped_column(Instant)
    changed_at: Mapped[datetime] = mapped_column(Instant)
    completed_at: Mapped[datetime | None] = mapped_column(Instant)
    expires_at: Mapped[datetime | None] = mapped_column(Instant)


class ReversalRow(TenantRow, Base):
    """A refund, chargeback or won dispute of a deposit, each once by the provider's reference."""

    __tablename__ = "payments_reversal"
    __table_args__ = (UniqueConstraint("tenant_id", "payment_id", "kind", "reference"),)

    id: Mapped[UUID] = uuid_id()
    payment_id: Mapped[UUID] = mapped_column(Uuid())
    kind: Mapped[str] = mapped_column(String(STATE_LENGTH_MAX))
    """refunded, charged_back or reinstated."""
    reference: Mapped[str] = mapped_column(String(REFERENCE_LENGTH_MAX))
    amount: Mapped[int] = mapped_column(MinorUnits)
    reason: Mapped[str] = mapped_column(String(REASON_LENGTH_MAX))
    created_at: Mapped[datetime] = mapped_column(Instant)
    posted_at: Mapped[datetime | None] = mapped_column(Instant)
    """None while what it takes back has not arrived yet."""


class ApprovalRow(TenantRow, Base):
    """One operator's agreement to a step of a payment."""

    __tablename__ = "payments_approval"
    __table_args__ = (
        Index("ix_payments_approval_payment", "tenant_id", "payment_id", "id"),
        {"info": APPEND_ONLY},
    )

    id: Mapped[UUID] = uuid_id()
    payment_id: Mapped[UUID] = mapped_column(Uuid())
    step: Mapped[str] = mapped_column(String(STATE_LENGTH_MAX))
    """approve or confirm."""
    actor_id: Mapped[UUID] = mapped_column(Uuid())
    actor: Mapped[str] = mapped_column(String(ACTOR_LENGTH_MAX))
    reference: Mapped[str] = mapped_column(String(REFERENCE_LENGTH_MAX))
    evidence: Mapped[str] = mapped_column(String(REASON_LENGTH_MAX))
    amount: Mapped[int | None] = mapped_column(MinorUnits)
    at: Mapped[datetime] = mapped_column(Instant)


class LogRow(TenantRow, Base):
    """What happened to a payment: changes of state, what was said about it, and notes."""

    __tablename__ = "payments_log"
    __table_args__ = (
        Index("ix_payments_log_payment", "tenant_id", "payment_id", "id"),
        {"info": APPEND_ONLY},
    )

    id: Mapped[UUID] = uuid_id()
    payment_id: Mapped[UUID] = mapped_column(Uuid())
    what: Mapped[str] = mapped_column(String(40))
    before: Mapped[str | None] = mapped_column(String(STATE_LENGTH_MAX))
    after: Mapped[str | None] = mapped_column(String(STATE_LENGTH_MAX))
    actor: Mapped[str] = mapped_column(String(ACTOR_LENGTH_MAX))
    text: Mapped[str] = mapped_column(Text)
    at: Mapped[datetime] = mapped_column(Instant)


class CallbackRow(TenantRow, Base):
    """What a provider told of by itself, once by the provider's id of it."""

    __tablename__ = "payments_callback"
    __table_args__ = (Index("ix_payments_callback_reference", "tenant_id", "provider", "reference"),)

    provider: Mapped[str] = mapped_column(String(PROVIDER_LENGTH_MAX), primary_key=True, sort_order=-90)
    event_id: Mapped[str] = mapped_column(String(REFERENCE_LENGTH_MAX), primary_key=True, sort_order=-89)
    kind: Mapped[str] = mapped_column(String(STATE_LENGTH_MAX))
    payment_id: Mapped[UUID | None] = mapped_column(Uuid())
    reference: Mapped[str | None] = mapped_column(String(REFERENCE_LENGTH_MAX))
    news: Mapped[dict[str, Any]] = mapped_column(JsonObject)
    """The parts that were understood; never what was sent as a whole."""
    outcome: Mapped[str] = mapped_column(String(20))
    """applied, late, unmatched or attention."""
    received_at: Mapped[datetime] = mapped_column(Instant)


class PaymentsPlayer(TenantRow, Base):
    """What all of it came to for each player: facts that rules read. Money in minor units."""

    __tablename__ = "payments_player"

    player_id: Mapped[UUID] = mapped_column(Uuid(), primary_key=True)
    deposited: Mapped[int] = mapped_column(MinorUnits, default=0, server_default="0")
    deposit_count: Mapped[int] = mapped_column(default=0, server_default="0")
    reversed: Mapped[int] = mapped_column(MinorUnits, default=0, server_default="0")
    chargeback_count: Mapped[int] = mapped_column(default=0, server_default="0")
    withdrawn: Mapped[int] = mapped_column(MinorUnits, default=0, server_default="0")
    withdrawal_count: Mapped[int] = mapped_column(default=0, server_default="0")
    net_deposited: Mapped[int] = mapped_column(MinorUnits, default=0, server_default="0")
    method_count: Mapped[int] = mapped_column(default=0, server_default="0")
    first_deposit_at: Mapped[datetime | None] = mapped_column(Instant)
    last_deposit_at: Mapped[datetime | None] = mapped_column(Instant)
    last_withdrawal_at: Mapped[datetime | None] = mapped_column(Instant)
    is_held: Mapped[bool] = mapped_column(default=False, server_default=text("false"))
    """Whether no withdrawal of the player may be approved or sent."""
    held_reason: Mapped[str | None] = mapped_column(String(REASON_LENGTH_MAX))
    held_by: Mapped[str | None] = mapped_column(String(ACTOR_LENGTH_MAX))
    held_at: Mapped[datetime | None] = mapped_column(Instant)


class ReportRow(TenantRow, Base):
    """A provider's statement held against our records and the ledger."""

    __tablename__ = "payments_report"

    id: Mapped[UUID] = uuid_id()
    provider: Mapped[str] = mapped_column(String(PROVIDER_LENGTH_MAX))
    currency: Mapped[str] = mapped_column(String(8))
    since: Mapped[datetime] = mapped_column(Instant)
    until: Mapped[datetime] = mapped_column(Instant)
    source: Mapped[str] = mapped_column(String(20))
    """upload or provider."""
    counts: Mapped[dict[str, Any]] = mapped_column(JsonObject)
    totals: Mapped[dict[str, Any]] = mapped_column(JsonObject)
    is_clean: Mapped[bool]
    """Whether every row is matched and the totals tie to the clearing account."""
    made_by: Mapped[str] = mapped_column(String(ACTOR_LENGTH_MAX))
    made_at: Mapped[datetime] = mapped_column(Instant)


class ReportLineRow(TenantRow, Base):
    """One row of a reconciliation, with what to do about it."""

    __tablename__ = "payments_report_line"

    report_id: Mapped[UUID] = mapped_column(Uuid(), primary_key=True, sort_order=-90)
    line: Mapped[int] = mapped_column(primary_key=True, sort_order=-89)
    status: Mapped[str] = mapped_column(String(20))
    kind: Mapped[str] = mapped_column(String(20))
    reference: Mapped[str] = mapped_column(String(REFERENCE_LENGTH_MAX))
    payment_id: Mapped[UUID | None] = mapped_column(Uuid())
    ours: Mapped[int | None] = mapped_column(MinorUnits)
    theirs: Mapped[int | None] = mapped_column(MinorUnits)
    cure: Mapped[str] = mapped_column(String(REASON_LENGTH_MAX))


class RehearsedRow(TenantRow, Base):
    """The test provider's own books: what it was asked for, as a real provider keeps elsewhere."""

    __tablename__ = "payments_rehearsed"
    __table_args__ = (UniqueConstraint("tenant_id", "reference"),)

    key: Mapped[str] = mapped_column(String(REFERENCE_LENGTH_MAX), primary_key=True, sort_order=-90)
    reference: Mapped[str] = mapped_column(String(REFERENCE_LENGTH_MAX))
    kind: Mapped[str] = mapped_column(String(STATE_LENGTH_MAX))
    provider: Mapped[str] = mapped_column(String(PROVIDER_LENGTH_MAX))
    behaviour: Mapped[str] = mapped_column(String(40))
    """What it was told to rehearse."""
    amount: Mapped[int] = mapped_column(MinorUnits)
    currency: Mapped[str] = mapped_column(String(8))
    state: Mapped[str] = mapped_column(String(STATE_LENGTH_MAX))
    created_at: Mapped[datetime] = mapped_column(Instant)
    settled_at: Mapped[datetime | None] = mapped_column(Instant)
