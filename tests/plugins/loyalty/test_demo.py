"""The demo of loyalty leaves no page empty, and loading it twice changes nothing."""

from __future__ import annotations

from typing import Any

import pytest

from pitboss.core.demo import data
from pitboss.plugins.loyalty import checks, demo

ROOT, ADMIN = "/api/v1/loyalty", "/admin/loyalty"
COUNTS = {"missions": 3, "items": 4, "campaigns": 2, "referrals": 2, "signals": 1, "redemptions": 2}
WORDS = {
    "missions": "Five bets a week",
    "catalogue": "A day at the match",
    "campaigns": "Come back",
    "signals": "/admin/loyalty/signals/",
    "referrals": "Jonas",
}
"""What a page of the admin shows of the demo."""


@pytest.fixture
def shown(kernel, make_tenant, monkeypatch) -> Any:
    """A tenant with people, and a demo of fewer days than it has."""
    monkeypatch.setattr(demo, "DAYS", 24)
    tenant = make_tenant("loyalty", country="GB", currency="GBP")
    with kernel.context(tenant.id, actor_name="demo") as ctx:
        data.load(ctx)
    return tenant


def test_every_page_of_the_demo_shows_something_and_twice_is_once(kernel, shown, make_client, worker):
    operator = make_client("operator", "*", of=shown)
    counted = []
    for _ in range(2):
        with kernel.context(shown.id, actor_name="demo") as ctx:
            demo.load_demo(ctx)
        worker()
        counted.append({name: len(operator.get(f"{ROOT}/{name}").json["items"]) for name in COUNTS})

    assert counted == [COUNTS, COUNTS]
    pages = {name: operator.get(f"{ADMIN}/{name}").text for name in WORDS}
    assert [name for name, words in WORDS.items() if words not in pages[name]] == []
    with kernel.context(shown.id) as ctx:
        assert checks.broken(ctx) == {}
