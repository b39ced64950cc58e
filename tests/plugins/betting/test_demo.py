"""The demo shows markets on the fixtures that there are."""

from __future__ import annotations

from pitboss.plugins.betting.markets import demo, reading
from tests.plugins.betting.fixtures import SOON


def test_the_demo_prices_what_is_scheduled_once(ctx, world, clock):
    at = clock.now() + SOON
    made = [
        world.match("Leeds", "Hull", at=at),
        world.race("A", "B", "C", "D", at=at),
        world.match("Borg", "Connors", at=at, sport="tennis"),
    ]
    for fixture_id in made:
        ctx.emit("sports.fixture_scheduled", {"fixture_id": str(fixture_id)})

    demo.load_demo(ctx)
    first = reading.of_fixtures(ctx, made)
    demo.load_demo(ctx)

    assert {book.market.sport for book in first} == {"football", "horse-racing", "tennis"}
    assert all(book.is_priced for book in first)
    assert len(reading.of_fixtures(ctx, made)) == len(first)
