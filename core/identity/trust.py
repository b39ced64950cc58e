"""Credentials that were recognised a moment ago, so that a busy caller is not looked up each time.

A credential that is withdrawn in this process is forgotten at once, and in every other within two
seconds. Admin sessions are never remembered.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from uuid import UUID

from pitboss.core.clock import Clock
from pitboss.core.identity.principal import Principal

TRUST = timedelta(seconds=2)
ENTRIES_MAX = 20_000
"""Credentials remembered; beyond it all are forgotten and looked up anew."""


class Trust:
    """The memory of one process."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._known: dict[str, tuple[Principal, datetime]] = {}
        self._withdrawn: dict[UUID, datetime] = {}

    def recall(self, credential: str) -> Principal | None:
        """Return whom a credential belongs to, when it was recognised a moment ago."""
        found = self._known.get(credential)
        if found is None:
            return None
        principal, until = found
        if until <= self._clock.now() or self._is_withdrawn(principal):
            return None
        return principal

    def remember(self, credential: str, principal: Principal, ends_at: datetime | None = None) -> None:
        """Trust a credential for a moment, but not beyond its own end."""
        if self._is_withdrawn(principal):
            return
        if len(self._known) >= ENTRIES_MAX:
            self._known.clear()
        until = self._clock.now() + TRUST
        self._known[credential] = (principal, until if ends_at is None else min(until, ends_at))

    def withdraw(self, *ids: UUID) -> None:
        """Trust neither these keys nor these sign-ins, while the change that ends them commits."""
        now = self._clock.now()
        self._withdrawn = {key: until for key, until in self._withdrawn.items() if until > now}
        self._withdrawn.update(dict.fromkeys(ids, now + 2 * TRUST))

    def _is_withdrawn(self, principal: Principal) -> bool:
        gone = self._withdrawn
        return bool(gone) and (principal.id in gone or principal.session_id in gone)
