"""Which players a bulk read goes over."""

from __future__ import annotations

from typing import Any

from sqlalchemy import Select, bindparam, select

from pitboss.core.facts.tables import FactBucket

_BUCKET = FactBucket.__table__


def everyone() -> Select[Any]:
    """Select the id of every player of the tenant, as `player_id`."""
    return select(_BUCKET.c.player_id).where(_BUCKET.c.tenant_id == bindparam("tenant")).distinct()
