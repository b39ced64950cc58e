"""What each entry of a pool is paid: of a tote by its dividends, of a private pool by places."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from pitboss.plugins.betting.exact import text
from pitboss.plugins.betting.pools.dividends import Terms, declare, shared
from pitboss.plugins.betting.pools.ranking import Ranked


@dataclass(frozen=True, slots=True, kw_only=True)
class Shared:
    """What becomes of a pool, entry by entry; all of it is in one of the figures."""

    state: str
    """paid, refunded or carried."""
    payouts: Mapping[Any, int]
    """By entry; stakes that go back are in `refunds`."""
    refunds: Mapping[Any, int]
    takeout: int = 0
    breakage: int = 0
    """What is left to the house; below 0 the house adds it."""
    carried_out: int = 0
    told: dict[str, Any] = field(default_factory=dict)
    """Why, ready for JSON."""


def share_tote(
    entries: Sequence[Any], selections: Sequence[str], ranked: Ranked, terms: Terms, *, carried_in: int = 0
) -> Shared:
    """Return what a tote pays to its entries; tickets are rounded down, and the rest is breakage."""
    stakes = dict.fromkeys(selections, 0)
    for entry in entries:
        stakes[entry.selection] += entry.stake
    if not ranked.tiers:
        return _refunded(entries, carried_in)
    found = declare(stakes, ranked.tiers, terms, withdrawn=ranked.void, carried_in=carried_in)
    if found.state == "refunded":
        return _refunded(entries, carried_in)
    payouts = {
        entry.id: found.dividends[entry.selection].pays(entry.stake)
        for entry in entries
        if entry.selection in found.dividends
    }
    dividends = {
        code: {"staked": each.staked, "unbroken": text(each.unbroken), "per_unit": text(each.per_unit)}
        for code, each in found.dividends.items()
    }
    told = {"ranking": ranked.tiers, "gross": found.gross, "net": found.net, "dividends": dividends}
    return Shared(
        state=found.state,
        payouts=payouts,
        refunds=_refunds(entries, ranked.void),
        takeout=found.takeout,
        breakage=0 if found.state == "carried" else found.net - sum(payouts.values()),
        carried_out=found.carried_out,
        told=told,
    )


def share_private(entries: Sequence[Any], ranked: Ranked, shares: Sequence[Any]) -> Shared:
    """Return what friends get: the best placed answers that anybody has take the places, in order."""
    refunds = _refunds(entries, ranked.void)
    tiers = [[str(e.id) for e in entries if e.selection in tier] for tier in ranked.tiers]
    tiers = [tier for tier in tiers if tier]
    if not tiers:
        return _refunded(entries, 0)
    pot = sum(entry.stake for entry in entries) - sum(refunds.values())
    parts = shared(pot, tiers, shares)
    payouts = {entry.id: parts[str(entry.id)] for entry in entries if parts.get(str(entry.id))}
    told = {"ranking": ranked.tiers, "gross": pot, "net": pot, "places": tiers}
    return Shared(state="paid", payouts=payouts, refunds=refunds, told=told)


def _refunds(entries: Sequence[Any], void: Sequence[str]) -> dict[Any, int]:
    return {entry.id: entry.stake for entry in entries if entry.selection in void}


def _refunded(entries: Sequence[Any], carried_in: int) -> Shared:
    refunds = {entry.id: entry.stake for entry in entries}
    return Shared(state="refunded", payouts={}, refunds=refunds, carried_out=carried_in)
