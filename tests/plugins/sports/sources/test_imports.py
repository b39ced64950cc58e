"""A file is shown before it is taken, taken once, and taken whole or not at all."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import func, select

from pitboss.core.errors import Conflict, InvalidInput
from pitboss.plugins.sports.catalogue import teams
from pitboss.plugins.sports.fixtures import book as fixtures
from pitboss.plugins.sports.fixtures import changing
from pitboss.plugins.sports.results import book as results
from pitboss.plugins.sports.sources.imports import book as imports
from pitboss.plugins.sports.sources.imports.parsing import Options
from pitboss.plugins.sports.sources.tables import ImportPartRow

FIXTURES = b"""id,league,starts_at,home,away
a1,Premier League,2026-02-07T15:00:00Z,Arsenal,Chelsea
a2,Premier League,2026-02-07T17:30:00Z,Everton,Fulham
a3,Premier League,2026-02-08T14:00:00Z,Leeds United,Man City
"""
SPORT = Options(sport="football")
HEADER = b"Div,Date,Time,HomeTeam,AwayTeam,FTHG,FTAG,FTR,HTHG,HTAG,B365H,B365D,B365A\n"
PLAYED = HEADER + b"E0,03/01/2026,15:00,Arsenal,Chelsea,2,1,H,1,0,1.9,3.5,4.2\n"


def bring(ctx, content, *, kind="fixtures", options=SPORT, policy="all"):
    row = imports.upload(ctx, kind, "file.csv", content, options)
    return imports.confirm(ctx, row.id, policy=policy)


def all_fixtures(ctx):
    return fixtures.list_fixtures(ctx, limit=100)


def counts(row):
    return {name: count for name, count in row.report["counts"].items() if count}


def test_the_same_file_twice_makes_three_fixtures(ctx):
    first, second = bring(ctx, FIXTURES), bring(ctx, FIXTURES)

    assert [row.name for row in all_fixtures(ctx)] == [
        "Arsenal v Chelsea", "Everton v Fulham", "Leeds United v Man City"
    ]  # fmt: skip
    assert (first.state, counts(first), counts(second)) == ("done", {"created": 3}, {"same": 3})


def test_a_preview_says_what_would_happen_and_does_nothing(ctx):
    teams.create(ctx, "football", {"name": "Manchester City"})

    row = imports.upload(ctx, "fixtures", "f.csv", FIXTURES.replace(b"Man City", b"Manchester Cty"), SPORT)

    report = row.report
    assert (report["format"], report["rows"], report["counts"]["created"]) == ("table", 3, 3)
    assert {"name": "Manchester Cty", "suggestion": "did you mean 'Manchester City'?"} in report["new_teams"]
    assert report["first_rows"][0]["line"] == 2
    assert [one["kind"] for one in report["columns"]] == ["text", "text", "instant", "text", "text"]
    assert all_fixtures(ctx) == []


def test_another_feed_of_the_same_fixtures_adds_none(ctx):
    bring(ctx, FIXTURES)
    leeds = next(one for one in teams.list_teams(ctx) if one.name == "Leeds United")
    teams.add_alias(ctx, leeds, "Leeds")
    items = [
        {"id": 7, "sport": "football", "competition": "Premier League", "starts_at": "2026-02-07T15:05:00Z",
         "home": "Arsenal FC", "away": {"id": "c", "name": "Chelsea"}, "venue": "Emirates"},
        {"id": 8, "sport": "football", "competition": "Premier League", "starts_at": "2026-02-08T14:00:00Z",
         "home": "Leeds", "away": "Man City"},
    ]  # fmt: skip

    row = bring(ctx, json.dumps(items).encode(), options=Options(provider="other"))

    assert (counts(row), len(all_fixtures(ctx))) == ({"changed": 1, "same": 1}, 3)


def test_a_match_in_a_competition_of_another_name_is_no_new_one(ctx):
    bring(ctx, FIXTURES)
    other = FIXTURES.replace(b"Premier League", b"EPL").replace(b"\na", b"\nz")
    names = Options(sport="football", provider="other", names={"EPL": "Premier League"})

    refused = bring(ctx, other, options=Options(sport="football", provider="other"))
    named = bring(ctx, other, options=names)

    assert refused.state == "failed"
    assert '{"EPL": "Premier League"} in `names`' in refused.report["problems"][0]["message"]
    assert counts(named) == {"same": 3}


def test_a_file_that_nobody_confirms_is_dropped(ctx, clock):
    row = imports.upload(ctx, "fixtures", "f.csv", FIXTURES, SPORT)
    with pytest.raises(InvalidInput, match="no column 'home'"):
        imports.upload(ctx, "fixtures", "g.csv", b"a,b\n1,2\n", SPORT)
    clock.advance(days=imports.OPEN_DAYS_MAX, seconds=1)

    assert [one.id for one in imports.list_imports(ctx, state="open")] == [row.id]
    assert imports.forget_open(ctx) == 1
    assert imports.find(ctx, row.id).state == "cancelled"


def test_a_moved_kick_off_is_a_change_and_is_told(ctx, events):
    bring(ctx, FIXTURES)

    row = bring(ctx, FIXTURES.replace(b"07T17:30", b"09T20:00"))
    ctx.commit()

    (moved,) = events("sports.fixture_changed")
    assert (counts(row), len(all_fixtures(ctx))) == ({"changed": 1, "same": 2}, 3)
    assert (moved.payload["changed"], moved.payload["starts_at"][:16]) == (["starts_at"], "2026-02-09T20:00")


def test_one_wrong_row_refuses_all_and_leaves_nothing(ctx):
    wrong = FIXTURES.replace(b"Fulham", b"") + b"a4,Premier League,soon,Spurs,Wolves\n"

    row = bring(ctx, wrong)

    assert (row.state, row.report["counts"]["created"], all_fixtures(ctx)) == ("failed", 0, [])
    assert teams.list_teams(ctx) == []
    assert [(p["place"], p["column"]) for p in row.report["problems"]] == [(3, "away"), (5, "starts_at")]
    assert imports.problems_csv(row).splitlines()[1].startswith('3,away,,"Say the away')


def test_a_row_that_only_the_database_refuses_refuses_all_too(ctx):
    row = bring(ctx, FIXTURES + b"a5,Premier League,2026-02-07T15:10:00Z,Arsenal,Chelsea\n")

    assert (row.state, all_fixtures(ctx), teams.list_teams(ctx)) == ("failed", [], [])
    assert "is the fixture" in row.report["problems"][0]["message"]


def test_the_good_rows_are_taken_where_that_is_wanted(ctx):
    row = bring(ctx, FIXTURES.replace(b"Fulham", b""), policy="good")

    assert (row.state, counts(row), row.report["problem_count"]) == ("done", {"created": 2}, 1)


def test_results_make_what_was_played_finished_with_prices_and_source(ctx, clock):
    clock.set(datetime(2026, 1, 4, tzinfo=UTC))

    row = bring(ctx, PLAYED, kind="results")

    (fixture,) = all_fixtures(ctx)
    assert (row.state, counts(row)) == ("done", {"created": 1, "results": 1, "prices": 3})
    assert (fixture.status, fixture.result_version) == ("finished", 1)
    result = results.result(ctx, fixture.id)
    assert (result["source"], result["outcome"]["periods"][1]) == (
        "football-data", {"code": "2h", "home": 1, "away": 1}
    )  # fmt: skip
    assert counts(bring(ctx, PLAYED, kind="results")) == {"same": 1}


def test_a_changed_result_is_a_correction(ctx, clock):
    clock.set(datetime(2026, 1, 4, tzinfo=UTC))
    bring(ctx, PLAYED, kind="results")

    row = bring(ctx, PLAYED.replace(b",2,1,H,1", b",3,1,H,1"), kind="results")

    assert counts(row) == {"results": 1, "corrections": 1}


def test_a_result_without_its_periods_is_refused_with_the_cure(ctx):
    played = b"sport,league,starts_at,home,away,home_score,away_score\n"
    played += b"tennis,Open,2026-02-07T15:00:00Z,Ann,Bea,2,1\n"

    row = imports.upload(ctx, "results", "r.csv", played)

    assert "import it as history" in row.report["problems"][0]["message"]


def test_prices_make_no_fixture(ctx):
    prices = b"sport,league,starts_at,home,away,bookmaker,market,selection,price\n"
    prices += b"football,Premier League,2026-02-07T15:00:00Z,Arsenal,Chelsea,x,match_result,home,1.9\n"
    unknown = imports.upload(ctx, "prices", "p.csv", prices)
    bring(ctx, FIXTURES)

    row = bring(ctx, prices, kind="prices")

    assert "import the fixtures first" in unknown.report["problems"][0]["message"]
    assert counts(row)["prices"] == 1


def test_a_day_without_a_time_does_not_move_a_kick_off(ctx):
    bring(ctx, FIXTURES)

    row = bring(ctx, b"league,date,home,away\nPremier League,07/02/2026,Arsenal,Chelsea\n")

    assert counts(row) == {"same": 1}


def test_a_postponement_is_told_by_a_file(ctx):
    bring(ctx, FIXTURES)

    bring(ctx, FIXTURES.replace(b"\n", b",status\n", 1).replace(b"Fulham\n", b"Fulham,postponed\n"))

    assert [row.status for row in all_fixtures(ctx)] == ["scheduled", "postponed", "scheduled"]


def test_a_fixture_that_is_over_is_not_moved(ctx, clock):
    bring(ctx, FIXTURES)
    first = all_fixtures(ctx)[0]
    changing.move(ctx, first.id, "live")

    row = bring(ctx, FIXTURES.replace(b"07T15:00", b"07T15:30"))

    assert (counts(row), fixtures.find(ctx, first.id).starts_at.minute) == ({"same": 3}, 0)


def test_a_long_file_comes_in_parts_and_is_a_job(ctx, worker, kernel):
    lines = [b"id,sport,league,starts_at,home,away"]
    begin = datetime(2026, 3, 1, 12, tzinfo=UTC)
    for number in range(imports.INLINE_ROWS_MAX + 1):
        at = (begin + timedelta(days=number)).isoformat().encode()
        lines.append(b"x%d,football,Cup,%s,Home %d,Away %d" % (number, at, number % 50, number % 50))
    content = b"\n".join(lines)
    row = imports.begin(ctx, "fixtures", "long.csv")
    for number, start in enumerate(range(0, len(content), 9_000), 1):
        imports.add_part(ctx, row.id, number, content[start : start + 9_000])
        imports.add_part(ctx, row.id, number, content[start : start + 9_000])
    running = imports.confirm(ctx, row.id, policy="good")
    ctx.commit()

    worker()

    done = imports.find(ctx, row.id)
    assert (running.state, done.state) == ("running", "done")
    assert done.report["counts"]["created"] == imports.INLINE_ROWS_MAX + 1
    assert ctx.connection.scalar(select(func.count()).select_from(ImportPartRow.__table__)) == 0


def test_parts_come_in_order(ctx):
    row = imports.begin(ctx, "fixtures", "f.csv")

    with pytest.raises(Conflict, match="send part 1"):
        imports.add_part(ctx, row.id, 2, b"x")
    with pytest.raises(InvalidInput, match="524289 bytes; send 1 to 524288"):
        imports.add_part(ctx, row.id, 1, b"x" * (imports.PART_BYTES_MAX + 1))


def test_an_import_that_is_over_is_over(ctx):
    row = bring(ctx, FIXTURES)

    for again in (imports.confirm, imports.cancel, imports.look_at):
        with pytest.raises(Conflict, match="is done"):
            again(ctx, row.id)


def test_a_running_import_is_cancelled_with_its_job(ctx, worker, monkeypatch):
    monkeypatch.setattr(imports, "INLINE_ROWS_MAX", 0)
    row = bring(ctx, FIXTURES)
    cancelled = imports.cancel(ctx, row.id)
    ctx.commit()

    worker()

    assert (row.state, cancelled.state, all_fixtures(ctx)) == ("running", "cancelled", [])
