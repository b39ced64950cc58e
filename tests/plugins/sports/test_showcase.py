"""The match of the demo that is always on ends, is decided by two persons, and is followed by the next."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from pitboss.plugins.sports import demo, showcase
from pitboss.plugins.sports.catalogue import competitions
from pitboss.plugins.sports.fixtures import book, changing
from pitboss.plugins.sports.live import book as lives
from pitboss.plugins.sports.results import book as results

STEPS_MAX = 40


@pytest.fixture
def cup(kernel, tenant) -> Any:
    """Begin the show, and return its competition."""
    with kernel.context(tenant.id, actor_name="demo") as ctx:
        made = competitions.ensure(ctx, "football", "Showcase Cup", country="GB")
        for _ in range(2):
            showcase.begin(ctx, made)
        return made


@pytest.fixture
def matches(kernel, tenant, cup) -> Any:
    """Read the matches of the show, the first of them first."""

    def read() -> Any:
        with kernel.context(tenant.id) as ctx:
            return sorted(book.list_fixtures(ctx, competition_ids=[cup]), key=lambda row: row.id)

    return read


def test_it_is_on_once_however_often_it_is_begun(matches):
    assert [row.status for row in matches()] == ["live"]


def test_it_is_played_to_its_end_decided_and_followed_by_the_next(matches, kernel, tenant, clock, worker):
    first = matches()[0]
    for _ in range(STEPS_MAX):
        clock.advance(seconds=showcase.STEP_SECONDS)
        worker()
        if matches()[0].status == "official":
            break

    ended, following = matches()
    script = showcase.script_of(_external_id(kernel, tenant, first))
    with kernel.context(tenant.id) as ctx:
        live, result = lives.find(ctx, ended.id), results.versions(ctx, ended.id)[0]
    assert ended.status == "official"
    assert live.is_over
    assert (live.minute, live.score) == (90, script.score(0, 90))
    goals = [sum(period[side] for period in result.outcome["periods"]) for side in ("home", "away")]
    assert goals == [live.score["home"], live.score["away"]]
    assert following.status == "scheduled"
    assert following.name != ended.name

    clock.advance(seconds=showcase.BREAK_SECONDS)
    worker()
    assert matches()[1].status == "live"


def test_the_show_goes_on_when_an_operator_ends_a_match(matches, kernel, tenant, clock, worker):
    with kernel.context(tenant.id, actor_name="ann") as ctx:
        changing.move(ctx, matches()[0].id, "abandoned", reason="Fog")

    clock.advance(seconds=showcase.STEP_SECONDS)
    worker()

    assert [row.status for row in matches()] == ["abandoned", "scheduled"]


@pytest.mark.parametrize("minute", [0, 45, 89, 90])
def test_chances_add_up_and_lean_to_how_it_stands(minute):
    script = showcase.Script({"home": 1.5, "away": 1.2}, ((20, "home"), (30, "home"), (40, "away")))

    (_, _, result), (_, _, goals) = showcase.chances(script, minute)

    assert sum(result.values()) == pytest.approx(1)
    assert sum(goals.values()) == pytest.approx(1)
    assert min(*result.values(), *goals.values()) > 0
    if minute >= 45:
        assert result["home"] > 0.5
        assert goals["over"] > 0.9


def test_the_demo_begins_and_ends_matches_as_the_day_goes_by(kernel, tenant, clock, worker, monkeypatch):
    monkeypatch.setattr(demo, "DAYS", range(0, 1))
    clock.set(clock.now().replace(hour=6, minute=0))
    with kernel.context(tenant.id, actor_name="demo") as ctx:
        demo.load_demo(ctx)
    first = _named(kernel, tenant, "Premier League")[0]
    states = [first.status]

    for hours in (7.5, 3):
        clock.advance(hours=hours)
        for _ in range(2):
            worker()
            clock.advance(seconds=demo.RESULT_DELAY_SECONDS)
        states.append(_named(kernel, tenant, "Premier League")[0].status)

    assert states == ["scheduled", "live", "official"]


def _named(kernel: Any, tenant: Any, competition: str) -> list[Any]:
    with kernel.context(tenant.id) as ctx:
        league = competitions.ensure(ctx, "football", competition, country="GB")
        soon = ctx.clock.now() + timedelta(days=1)
        return book.list_fixtures(ctx, competition_ids=[league], starts_before=soon)


def _external_id(kernel: Any, tenant: Any, fixture: Any) -> str:
    from pitboss.plugins.sports.catalogue import aliases

    with kernel.context(tenant.id) as ctx:
        return aliases.externals_of(ctx, [fixture.id])[fixture.id]["demo"]
