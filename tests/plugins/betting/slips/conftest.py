"""A match and a race with priced markets, and slips on them."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import timedelta
from decimal import Decimal
from itertools import count
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import select, update

from pitboss.plugins.betting.markets import publishing
from pitboss.plugins.betting.markets.publishing import Wanted
from pitboss.plugins.betting.markets.reading import MARKET, SELECTION

BETS, QUOTES = "/api/v1/betting/bets", "/api/v1/betting/quotes"
_serial = count(1)


@dataclass(frozen=True)
class Offer:
    """A market with its selections by code."""

    id: UUID
    fixture_id: UUID
    selections: Mapping[str, UUID]
    odds: Mapping[str, Decimal]
    version: int

    def leg(self, code: str, odds: str | None = None, **more: Any) -> dict[str, Any]:
        """Return a leg at the price that is shown."""
        shown = odds or str(self.odds[code])
        return {
            "selection_id": str(self.selections[code]),
            "odds": shown,
            "odds_version": self.version,
            **more,
        }


@pytest.fixture
def offer(kernel, tenant, world, clock) -> Callable[..., Offer]:
    """Publish a priced market: `offer({"home": "2.00", "draw": "3.40", "away": "3.75"})`."""

    def publish(odds: Mapping[str, str], *, template: str = "match_result", **more: Any) -> Offer:
        at = clock.now() + timedelta(hours=more.pop("hours", 5))
        fixture_id = more.pop("fixture_id", None) or world.match(f"Home {next(_serial)}", "Away", at=at)
        return _publish(kernel, tenant, fixture_id, template, odds, more)

    return publish


@pytest.fixture
def race(kernel, tenant, world, clock) -> Callable[..., Offer]:
    """Publish the winner of a race: `race({"A": "9.00", "B": "4.00"})`; selections by the runners' names."""

    def publish(odds: Mapping[str, str], **more: Any) -> Offer:
        fixture_id = world.race(*odds, at=clock.now() + timedelta(hours=5), sport="horse-racing")
        ids = {name: world.participant(fixture_id, name)["id"] for name in odds}
        by_id = {ids[name]: price for name, price in odds.items()}
        found = _publish(kernel, tenant, fixture_id, "winner", by_id, more)
        selections = {name: found.selections[id_] for name, id_ in ids.items()}
        return Offer(
            found.id, fixture_id, selections, {n: Decimal(p) for n, p in odds.items()}, found.version
        )

    return publish


def _publish(
    kernel: Any, tenant: Any, fixture_id: UUID, template: str, odds: Mapping[str, str], more: dict[str, Any]
) -> Offer:
    with kernel.context(tenant.id) as ctx:
        prices = {code: Decimal(price) for code, price in odds.items()}
        book = publishing.publish(ctx, fixture_id, Wanted(template=template, odds=prices, **more))
        selections = {one.code: one.id for one in book.selections}
        return Offer(book.market.id, fixture_id, selections, prices, book.market.odds_version)


@pytest.fixture
def slip() -> Callable[..., dict[str, Any]]:
    """Return the body of a bet: `slip(leg, leg, stake="10.00", reference="r1")`."""

    def body(*legs: dict[str, Any], stake: str = "10.00", **more: Any) -> dict[str, Any]:
        more.setdefault("reference", f"r{next(_serial)}")
        return {"legs": list(legs), "stake": {"amount": stake, "currency": "EUR"}, **more}

    return body


@pytest.fixture
def place(me, slip) -> Callable[..., Any]:
    """Place a bet as the player and return the answer."""

    def send(*legs: dict[str, Any], **more: Any) -> Any:
        return me.post(BETS, json=slip(*legs, **more))

    return send


@pytest.fixture
def change_market(kernel, tenant) -> Callable[..., None]:
    """Change a market or its selections as a trader's work would leave them."""

    def change(offer: Offer, *, odds: Mapping[str, str] | None = None, **values: Any) -> None:
        with kernel.context(tenant.id) as ctx:
            of_market = (MARKET.c.tenant_id == tenant.id, MARKET.c.id == offer.id)
            if odds:
                values["odds_version"] = MARKET.c.odds_version + 1
                values["priced_at"] = ctx.clock.now()
            if values:
                ctx.connection.execute(update(MARKET).where(*of_market).values(**values))
            for code, price in (odds or {}).items():
                of_selection = (SELECTION.c.tenant_id == tenant.id, SELECTION.c.id == offer.selections[code])
                changed = update(SELECTION).where(*of_selection).values(odds=Decimal(price))
                ctx.connection.execute(changed)

    return change


@pytest.fixture
def books(kernel, tenant) -> Callable[[Offer], dict[str, int]]:
    """Read what a market's answers would come to: `books(offer)` by code, and `staked`."""

    def read(offer: Offer) -> dict[str, int]:
        with kernel.context(tenant.id) as ctx:
            mine = (SELECTION.c.tenant_id == tenant.id, SELECTION.c.market_id == offer.id)
            rows = ctx.connection.execute(select(SELECTION.c.id, SELECTION.c.liability).where(*mine)).all()
            market = (MARKET.c.tenant_id == tenant.id, MARKET.c.id == offer.id)
            staked = ctx.connection.scalar(select(MARKET.c.staked).where(*market))
            owed = {row.id: row.liability for row in rows}
            return {code: staked - owed[id_] for code, id_ in offer.selections.items()} | {"staked": staked}

    return read
