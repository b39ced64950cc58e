"""The pages of operators: what they show, and that their forms do what the API does."""

from __future__ import annotations

import io

import pytest

from pitboss.plugins.sports import demo
from pitboss.plugins.sports.admin.outcomes import form_of, outcome_of
from pitboss.plugins.sports.catalogue import aliases, sports
from pitboss.plugins.sports.fixtures import book
from pitboss.plugins.sports.results import book as results
from tests.plugins.sports.conftest import ROOT
from tests.plugins.sports.samples import football, league, match, race

ADMIN = "/admin/sports"


def test_a_form_says_the_result_that_it_shows():
    told = football(2, 1, (1, 0), statistics={"corners": {"home": 4, "away": 0}}, retired="away")
    sport = {"code": "football", **sports.shipped()["football"]}

    assert outcome_of(form_of(told), sport, []) == told


@pytest.fixture
def shown(kernel, tenant, clock, worker):
    """The demo, loaded twice, and a minute later."""
    for _ in range(2):
        with kernel.context(tenant.id, actor_name="demo") as ctx:
            demo.load_demo(ctx)
    clock.advance(seconds=demo.RESULT_DELAY_SECONDS)
    worker()
    return tenant


def test_the_demo_shows_every_page_alive(shown, kernel, operator_client, make_client):
    with kernel.context(shown.id) as ctx:
        rows = book.list_fixtures(ctx, limit=200)
        team = aliases.look_up(ctx, "team", "football", ["Arsenal"])["Arsenal"]
    states = [row.status for row in rows]
    assert len(rows) > 30
    assert states.count("live") == 2
    assert states.count("official") > 5

    paths = [
        "",
        "?show=all",
        "?show=live",
        "?show=waiting",
        "?show=confirm&q=x",
        "competitions",
        "teams?q=ars",
    ]
    paths += [f"teams/{team}?other=che", "imports", *(f"fixtures/{row.id}" for row in rows[::6])]
    answers = {path: operator_client.get(f"{ADMIN}/{path}") for path in paths}

    assert {path: answer.status_code for path, answer in answers.items()} == dict.fromkeys(paths, 200)
    assert "1–1, 58′" in answers["?show=live"].text
    assert "Chelsea" in answers[f"teams/{team}?other=che"].text
    assert make_client("operator", "core.players").get(f"{ADMIN}/").status_code == 403
    assert make_client("operator", "sports.read").get(f"{ADMIN}/imports").status_code == 403


def test_a_result_is_entered_refused_and_confirmed_on_the_page(operator_client, acting, ctx, clock):
    fixture = match(ctx, hours=1)
    ctx.commit()
    clock.advance(hours=3)
    path = f"{ADMIN}/fixtures/{fixture.id}"
    form = {"period-1h-home": "1", "period-1h-away": "0", "period-2h-home": "2", "period-2h-away": ""}

    refused = operator_client.post(f"{path}/result", data=form)
    assert refused.status_code == 422
    assert "The result was not recorded" in refused.text
    assert 'value="2"' in refused.text
    assert operator_client.post(f"{path}/result", data={**form, "period-2h-away": "1"}).status_code == 303
    assert "waits to be confirmed" in operator_client.get(path).text
    operator_client.post(f"{path}/confirm", data={"version": "1"})
    assert "somebody else must confirm" in operator_client.get(path).text
    with acting("bob") as other:
        results.confirm(other, fixture.id, 1)
    page = operator_client.get(path).text
    assert "confirmed by the platform (bob)" in page
    assert "Correct the result" in page


def test_a_race_is_entered_and_a_runner_withdrawn_on_the_page(operator_client, ctx, clock):
    fixture = race(ctx, hours=1)
    a, b, c = (one.id for one in book.participants_of(ctx, [fixture.id])[fixture.id])
    ctx.commit()
    path = f"{ADMIN}/fixtures/{fixture.id}"
    operator_client.post(f"{path}/runners/{b}", data={"do": "withdraw"})
    clock.advance(hours=2)

    answer = operator_client.post(
        f"{path}/result", data={f"position-{a}": "1", f"place-{c}": "did_not_finish"}
    )

    assert answer.status_code == 303
    assert results.find(ctx, fixture.id, 1).outcome["did_not_finish"] == [str(c)]


def test_fixtures_are_scheduled_moved_and_cancelled_on_the_pages(operator_client, ctx, clock):
    competition = league(ctx, country="GB")
    ctx.commit()
    form = {"competition": str(competition), "starts_at": "2026-06-05T20:00", "home": "Leeds", "away": "Hull"}

    made = operator_client.post(f"{ADMIN}/fixtures", data=form)
    assert made.status_code == 303
    path = made.location
    found = book.list_fixtures(ctx, team_id=aliases.look_up(ctx, "team", "football", ["Leeds"])["Leeds"])[0]
    assert found.starts_at.isoformat() == "2026-06-05T19:00:00+00:00"
    ctx.rollback()
    operator_client.post(f"{path}/change", data={"starts_at": "2026-06-06T15:00", "reason": "TV"})
    operator_client.post(f"{path}/status", data={"status": "cancelled", "reason": "Flood"})
    operator_client.post(f"{path}/status", data={"status": "live"})

    shown = operator_client.get(path).text
    assert "Flood" in shown
    assert "cannot become live" in shown
    twice = operator_client.post(f"{ADMIN}/fixtures", data={**form, "away": ""}, follow_redirects=True)
    assert "played by two" in twice.text


def test_teams_and_competitions_are_edited_on_the_pages(operator_client, ctx):
    match(ctx, "Spurs", "Hull")
    match(ctx, "Tottenham", "York")
    pair = aliases.look_up(ctx, "team", "football", ["Spurs", "Tottenham"])
    ctx.commit()
    path = f"{ADMIN}/teams/{pair['Spurs']}"

    operator_client.post(f"{path}/names", data={"name": "THFC"})
    operator_client.post(path, data={"name": "Spurs", "country": "GB", "kind": "team"})
    merged = operator_client.post(
        f"{path}/merge", data={"into": str(pair["Tottenham"]), "reason": "One club"}
    )
    added = operator_client.post(
        f"{ADMIN}/competitions", data={"sport": "football", "name": "Cup", "rank": "7", "is_active": "on"}
    )

    assert merged.location == f"{ADMIN}/teams/{pair['Tottenham']}"
    assert added.status_code == 303
    assert aliases.look_up(ctx, "team", "football", ["THFC"])["THFC"] == pair["Tottenham"]


def test_a_file_is_looked_at_and_imported_on_the_pages(operator_client, kernel, tenant):
    text = (
        "sport,competition,starts_at,home,away\n"
        "football,Premier League,2026-03-07T15:00:00+00:00,Arsenal,Chelsea\n"
        "football,Premier League,2026-03-07T15:00:00+00:00,Leeds,Everton\n"
        "football,Premier League,2026-03-07T17:30:00+00:00,Fulham,Brentford\n"
    )

    for _ in range(2):
        sent = {"kind": "fixtures", "file": (io.BytesIO(text.encode()), "fixtures.csv")}
        looked = operator_client.post(f"{ADMIN}/imports", data=sent, follow_redirects=True)
        assert "Nothing is written yet" in looked.text
        confirmed = operator_client.post(f"{looked.request.path}/confirm", data={"policy": "all"})
        assert confirmed.status_code == 303

    assert len(operator_client.get(f"{ROOT}/fixtures").json["items"]) == 3
