"""The past is kept once, does not change, and is read in bulk."""

from __future__ import annotations

import os
import time
from datetime import date
from pathlib import Path

import polars
import pytest

from pitboss.plugins.sports.catalogue import teams
from pitboss.plugins.sports.sources.history import reading, recording
from pitboss.plugins.sports.sources.imports import book as imports

REAL = Path(os.environ.get("PITBOSS_TEST_MATCHES", "nowhere"))
"""Matches with the columns of football-data, as parquet; made by others, and so not in the repository."""
HEADER = "Div,Date,HomeTeam,AwayTeam,FTHG,FTAG,FTR,HTHG,HTAG,HC,AC,PSH,PSCH\n"
ROWS = (
    "E0,14/08/2005,Arsenal,Newcastle,2,0,H,0,0,8,4,1.5,1.45\n"
    "E0,20/08/2005,Man United,Aston Villa,1,0,H,,,,,,\n"
)


def bring(ctx, text, **options):
    row = imports.upload(ctx, "history", "E0.csv", text.encode())
    return imports.confirm(ctx, row.id, **options)


def test_the_past_is_kept_once(ctx):
    first, second = bring(ctx, HEADER + ROWS), bring(ctx, HEADER + ROWS + ROWS)

    assert (first.report["counts"]["created"], second.report["counts"]["created"]) == (2, 0)
    assert (second.report["counts"]["same"], recording.count(ctx)) == (4, 2)


def test_the_past_does_not_change(ctx):
    bring(ctx, HEADER + ROWS)

    row = bring(ctx, HEADER + ROWS.replace(",2,0,H", ",3,0,H"))

    assert (row.state, row.report["problem_count"]) == ("failed", 1)
    assert "History has 2-0 for Arsenal v Newcastle" in row.report["problems"][0]["message"]


def test_a_team_is_one_under_all_of_its_names(ctx):
    team = teams.create(ctx, "football", {"name": "Manchester United", "country": "GB"})
    teams.add_alias(ctx, team, "Man United")
    bring(ctx, HEADER + ROWS)

    row = bring(ctx, HEADER + ROWS.replace("Man United", "Manchester United FC"))

    assert row.report["counts"]["same"] == 2
    assert "Manchester United" in reading.read_columns(ctx, "football")["home"]


def test_the_past_is_read_as_columns_up_to_a_day(ctx):
    bring(ctx, HEADER + ROWS)

    found = reading.read_columns(ctx, "football", figures=["corners"], prices=["PSCH"])
    before = reading.read_columns(ctx, "football", before_day=date(2005, 8, 20), figures=["corners"])

    assert found["corners_home"].to_list() == [8, None]
    assert found["PSCH"].to_list() == [1.45, None]
    assert found.schema["starts_at"] == polars.Datetime("us", "UTC")
    assert before["played_on"].to_list() == [date(2005, 8, 14)]


def test_a_match_without_its_score_is_none_of_the_past(ctx):
    row = bring(ctx, HEADER + "E0,14/08/2005,Arsenal,Newcastle,,,,,,,,,\n")

    assert (row.state, recording.count(ctx)) == ("failed", 0)


@pytest.mark.skipif(not REAL.exists(), reason="PITBOSS_TEST_MATCHES names no file of real matches")
@pytest.mark.parametrize(
    ("season", "matches"), [(2022, 4_000), pytest.param(2005, 45_007, marks=pytest.mark.whole)]
)
def test_seasons_of_six_leagues_are_imported_in_bulk(ctx, record_property, season, matches):
    frame = polars.read_parquet(REAL).filter(polars.col("Season") >= season).rename({"Season": "Year"})
    whole = [
        name for name in frame.columns if frame[name].dtype == polars.Float64 and name[-1] not in "HDA5h"
    ]
    text = frame.with_columns(
        polars.col("Date").dt.strftime("%d/%m/%Y"), polars.col(whole).cast(polars.Int64)
    ).write_csv(float_precision=None)

    began = time.monotonic()
    row = bring(ctx, text, policy="good", is_now=True)
    record_property("seconds", round(time.monotonic() - began, 1))

    kept = recording.count(ctx)
    closing = frame["PSCH"].is_not_null().sum()
    found = reading.read_columns(ctx, "football", figures=["shots"], prices=["PSCH", "PSCD", "PSCA"])
    record_property("matches", kept)
    assert (kept, row.report["problem_count"]) == (len(frame), 0)
    assert kept >= matches
    assert found["PSCH"].is_not_null().sum() == closing
    assert found["competition"].n_unique() == 6
