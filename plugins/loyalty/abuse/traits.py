"""What makes accounts look alike, kept as keyed hashes: nobody reads a device, card or address from them."""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Iterable, Mapping, Sequence
from uuid import UUID

from sqlalchemy import func, select, update
from sqlalchemy.dialects.postgresql import insert as postgres_insert
from sqlalchemy.dialects.sqlite import insert as sqlite_insert

from pitboss.core.context import Context
from pitboss.core.errors import InvalidInput, nearest
from pitboss.core.kernel import secret_of
from pitboss.core.texts import marked
from pitboss.plugins.loyalty.abuse.links import PLAYERS_MAX, WEIGHTS, Kind, Traits
from pitboss.plugins.loyalty.abuse.tables import TraitRow
from pitboss.plugins.loyalty.referrals.tables import ReferralFacts

VALUES_MAX = 20
"""Values of one kind that are taken at once."""
VALUE_LENGTH_MAX = 500
TELLING: tuple[Kind, ...] = ("device", "card", "address")
"""Kinds by which accounts are looked for: half a town may share a network."""

_TRAIT, _FACTS = TraitRow.__table__, ReferralFacts.__table__
_COUNTED: Mapping[str, str] = {"device": "accounts_on_device", "card": "accounts_on_card"}


def digest(ctx: Context, kind: str, value: str) -> str:
    """Return the keyed hash of a value, which no other tenant can compare with its own."""
    plain = " ".join(value.casefold().split())
    message = f"loyalty trait v1:{ctx.tenant.id}:{kind}:{plain}"
    return hmac.new(secret_of(ctx.kernel.settings).encode(), message.encode(), hashlib.sha256).hexdigest()


def record(ctx: Context, player_id: UUID, values: Mapping[str, Sequence[str]]) -> dict[str, list[str]]:
    """Remember what was seen of a player; return the hashes that are new, by kind."""
    now, found = ctx.clock.now(), {}
    for kind in sorted(values):
        _check(kind, values[kind])
        digests = sorted({digest(ctx, kind, value) for value in values[kind]})
        found[kind] = [one for one in digests if _is_new(ctx, player_id, kind, one, now)]
    _count_accounts(ctx, player_id, found)
    return {kind: new for kind, new in found.items() if new}


def traits_of(ctx: Context, player_ids: Iterable[UUID]) -> dict[UUID, Traits]:
    """Return what is known of players; one of whom nothing is known has empty traits."""
    known: dict[UUID, dict[str, set[str]]] = {player_id: {} for player_id in player_ids}
    query = select(_TRAIT).where(_TRAIT.c.tenant_id == ctx.tenant.id, _TRAIT.c.player_id.in_(known))
    for row in ctx.connection.execute(query):
        known[row.player_id].setdefault(row.kind, set()).add(row.digest)
    return {player_id: _traits(player_id, kinds) for player_id, kinds in known.items()}


def holders(ctx: Context, new: Mapping[str, Sequence[str]], *, kinds: Sequence[str] = TELLING) -> set[UUID]:
    """Return the players of whom one of these hashes is known, as many as are compared at once."""
    found: set[UUID] = set()
    for kind in kinds:
        if new.get(kind):
            query = select(_TRAIT.c.player_id).where(
                _TRAIT.c.tenant_id == ctx.tenant.id, _TRAIT.c.kind == kind, _TRAIT.c.digest.in_(new[kind])
            )
            found.update(ctx.connection.scalars(query.distinct().limit(PLAYERS_MAX)))
    return set(sorted(found)[:PLAYERS_MAX])


def _check(kind: str, values: Sequence[str]) -> None:
    if kind not in WEIGHTS:
        raise InvalidInput(f"no trait {kind!r}: {nearest(kind, list(WEIGHTS))}")
    if len(values) > VALUES_MAX or any(not 1 <= len(v.strip()) <= VALUE_LENGTH_MAX for v in values):
        said = marked(f"at most {VALUES_MAX} values of 1 to {VALUE_LENGTH_MAX} characters")
        raise InvalidInput(f"{kind}: {said}", {kind: [said]})


def _is_new(ctx: Context, player_id: UUID, kind: str, value: str, now: object) -> bool:
    dialect_insert = sqlite_insert if ctx.connection.dialect.name == "sqlite" else postgres_insert
    row = {"tenant_id": ctx.tenant.id, "player_id": player_id, "kind": kind, "digest": value, "seen_at": now}
    made = dialect_insert(_TRAIT).on_conflict_do_nothing().returning(_TRAIT.c.digest)
    return ctx.connection.execute(made, row).first() is not None


def _count_accounts(ctx: Context, player_id: UUID, new: Mapping[str, Sequence[str]]) -> None:
    """Keep the facts of how many accounts a device or a card is known from, for all who share it."""
    _ensure_facts(ctx, player_id)
    for kind, column in _COUNTED.items():
        for value in new.get(kind, ()):
            sharing = select(_TRAIT.c.player_id).where(
                _TRAIT.c.tenant_id == ctx.tenant.id, _TRAIT.c.kind == kind, _TRAIT.c.digest == value
            )
            count = int(ctx.connection.scalar(select(func.count()).select_from(sharing.subquery())) or 0)
            ctx.connection.execute(
                update(_FACTS)
                .where(
                    _FACTS.c.tenant_id == ctx.tenant.id,
                    _FACTS.c.player_id.in_(sharing),
                    _FACTS.c[column] < count,
                )
                .values({column: count})
            )


def _ensure_facts(ctx: Context, player_id: UUID) -> None:
    dialect_insert = sqlite_insert if ctx.connection.dialect.name == "sqlite" else postgres_insert
    row = {"tenant_id": ctx.tenant.id, "player_id": player_id}
    ctx.connection.execute(dialect_insert(_FACTS).on_conflict_do_nothing(), row)


def _traits(player_id: UUID, kinds: Mapping[str, set[str]]) -> Traits:
    return Traits(
        player=str(player_id),
        devices=frozenset(kinds.get("device", ())),
        cards=frozenset(kinds.get("card", ())),
        ips=frozenset(kinds.get("ip", ())),
        addresses=frozenset(kinds.get("address", ())),
    )
