"""A file is read as it comes from a spreadsheet, a browser or another country."""

from __future__ import annotations

from datetime import UTC, date, datetime
from decimal import Decimal
from zoneinfo import ZoneInfo

import pytest

from pitboss.core.errors import InvalidInput
from pitboss.plugins.sports.sources.imports import columns, football, plain, reading, values
from pitboss.plugins.sports.sources.imports.reading import read_table
from pitboss.plugins.sports.sources.prices.codes import read_codes
from pitboss.plugins.sports.sources.records import Unreadable

NOW = datetime(2026, 1, 5, 12, tzinfo=UTC)
HEADER = "Div,Date,Time,HomeTeam,AwayTeam,FTHG,FTAG,FTR,HTHG,HTAG,HS,AS,HC,AC,B365H,B365D,B365A,VCH,VCD,VCA"
HEADER += ",PSH,PSCH,MaxH,AvgH,B365>2.5,PC<2.5,AHh,B365AHH,AHCh,PCAHA,,"
ROW = "E0,11/08/2023,20:00,Burnley,Man City,0,3,A,0,2,6,17,6,5,8,5.5,1.33,9,5,1.4"
ROW += ",8.5,9.02,10,8.3,1.67,2.4,1.5,1.95,1.75,1.9,,"


def read_football(*lines, header=HEADER, encode="utf-8"):
    return football.read(read_table("\r\n".join([header, *lines]).encode(encode)))


@pytest.mark.parametrize(
    ("content", "encoding", "delimiter"),
    [
        ("home,away\nMálaga,Betis\n".encode(), "utf-8", ","),
        ("\ufeffhome,away\nMálaga,Betis\n".encode(), "utf-8-sig", ","),
        ("home;away\nMálaga;Betis\n".encode("latin-1"), "cp1252", ";"),
        ("home\taway\nMálaga\tBetis\n".encode("utf-16"), "utf-16", "\t"),
        ('"home"|"away, and more"\nMálaga|Betis\n'.encode(), "utf-8", "|"),
        ("home,away,,\nMálaga,Betis,,\n,,,\n".encode(), "utf-8", ","),
    ],
)
def test_every_usual_encoding_and_delimiter_is_read(content, encoding, delimiter):
    table = read_table(content)

    assert (table.encoding, table.delimiter, len(table.header)) == (encoding, delimiter, 2)
    assert [row.text("home") for row in table.rows] == ["Málaga"]


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"", "the first line must name the columns"),
        (b"PK\x03\x04...", "save the sheet as CSV"),
        (b"a,b\x00", "not text"),
        (b"a,b,a\n", "'a' stands in the header twice"),
        (b",".join(b"c%d" % n for n in range(reading.COLUMNS_MAX + 1)), "251 columns; at most 250"),
    ],
)
def test_a_file_that_cannot_be_read_says_why(content, said):
    with pytest.raises(InvalidInput, match=said):
        read_table(content)


def test_limits_are_kept(monkeypatch):
    monkeypatch.setattr(reading, "ROWS_MAX", 2)
    assert len(read_table(b"a\n1\n2\n").rows) == 2
    with pytest.raises(InvalidInput, match="more than 2 rows"):
        read_table(b"a\n1\n2\n3\n")
    monkeypatch.setattr(reading, "FILE_BYTES_MAX", 3)
    with pytest.raises(InvalidInput, match="4 bytes; at most 3"):
        read_table(b"a\n1\n")


def test_a_row_that_does_not_fit_the_header_is_told_with_its_line():
    table = read_table(b'a,b\n1,2\n1,2,3\n1,"' + b"x" * 2001 + b'"\n')

    assert [(p.place, p.message.split(" ")[0]) for p in table.problems] == [(3, "The"), (4, "A")]
    assert len(table.rows) == 1


def test_columns_are_described_by_what_they_hold():
    table = read_table(
        b"Date,Time,Home,Goals,Odds,Empty\n01/02/2026,19:45,Ajax,2,1.85,\n2/2/26,20:00,PSV,0,2,\n"
    )

    assert [(c.name, c.kind, c.filled) for c in columns.describe(table)] == [
        ("Date", "date", 2),
        ("Time", "time", 2),
        ("Home", "text", 2),
        ("Goals", "whole", 2),
        ("Odds", "decimal", 2),
        ("Empty", "empty", 0),
    ]


@pytest.mark.parametrize(
    ("text", "day"),
    [
        ("14/08/2005", date(2005, 8, 14)),
        ("14/08/05", date(2005, 8, 14)),
        ("28/12/93", date(1993, 12, 28)),
        ("2005-08-14", date(2005, 8, 14)),
        ("1.2.2026", date(2026, 2, 1)),
    ],
)
def test_both_forms_of_a_date_are_read_day_first(text, day):
    assert values.read_date("Date", text) == day


@pytest.mark.parametrize(
    ("read", "text", "said"),
    [
        (values.read_date, "08/14/2005", "the day comes before the month"),
        (values.read_date, "yesterday", "Write the date as"),
        (values.read_time, "25:00", "Write the time as"),
        (values.read_instant, "2026-01-01T10:00", "Say the offset"),
        (values.read_whole, "1.5", "whole number"),
        (values.read_whole, "-1", "whole number"),
        (values.read_price, "1", "more than 1"),
        (values.read_price, "1.1234567", "at most 6 decimals"),
        (values.read_price, "NaN", "more than 1"),
        (values.read_line, "2.3", "in quarters"),
    ],
)
def test_a_value_that_cannot_be_read_names_the_cure(read, text, said):
    with pytest.raises(Unreadable, match=said):
        read("column", text)


def test_a_time_of_summer_is_an_hour_before_utc():
    sent, _ = read_football(ROW)

    assert sent[0].fixture.starts_at == datetime(2023, 8, 11, 19, tzinfo=UTC)
    assert sent[0].fixture.season == "2023/24"


def test_a_row_of_football_data_becomes_a_fixture_with_its_result():
    sent, problems = read_football(ROW)

    assert problems == []
    assert sent[0].fixture.label == "Burnley v Man City"
    assert (sent[0].fixture.competition.name, sent[0].fixture.competition.external_id) == (
        "Premier League",
        "E0",
    )
    assert sent[0].outcome == {
        "periods": [{"code": "1h", "home": 0, "away": 2}, {"code": "2h", "home": 0, "away": 1}],
        "statistics": {"shots": {"home": 6, "away": 17}, "corners": {"home": 6, "away": 5}},
    }
    assert sent[0].score == (0, 3)


def test_a_match_without_a_score_at_half_time_has_that_of_the_regular_time():
    (sent, _), problems = read_football(ROW.replace(",0,3,A,0,2", ",0,3,A,,"), ROW)

    assert (sent.outcome["periods"], problems) == ([{"code": "regular", "home": 0, "away": 3}], [])


def test_price_columns_are_told_apart_from_counts_and_from_each_other():
    codes = read_codes(HEADER.split(","))

    told = {(c.column, c.bookmaker, c.market, c.selection, c.is_closing) for c in codes.values()}
    assert {
        ("VCH", "betvictor", "match_result", "home", False),
        ("PSCH", "pinnacle", "match_result", "home", True),
        ("MaxH", "market_best", "match_result", "home", False),
        ("B365>2.5", "bet365", "over_under", "over", False),
        ("PC<2.5", "pinnacle", "over_under", "under", True),
        ("B365AHH", "bet365", "asian_handicap", "home", False),
        ("PCAHA", "pinnacle", "asian_handicap", "away", True),
    } < told
    assert not {"HTHG", "AHh", "AHCh", "FTR", "HS", "AC"} & codes.keys()


def test_prices_are_dated_no_sooner_than_they_may_be_counted_on():
    (sent,), _ = read_football(ROW)

    prices = {(p.bookmaker, p.market, p.line, p.selection, p.at): p.price for p in sent.prices}
    kick_off, early = datetime(2023, 8, 11, 19, tzinfo=UTC), datetime(2023, 8, 11, 18, tzinfo=UTC)
    assert prices["pinnacle", "match_result", "", "home", early] == Decimal("8.5")
    assert prices["pinnacle", "match_result", "", "home", kick_off] == Decimal("9.02")
    assert prices["bet365", "asian_handicap", "1.5", "home", early] == Decimal("1.95")
    assert prices["pinnacle", "asian_handicap", "1.75", "away", kick_off] == Decimal("1.9")
    assert prices["bet365", "over_under", "2.5", "over", early] == Decimal("1.67")


def test_a_match_to_come_has_no_result():
    (sent,), problems = read_football("E0,11/08/2026,20:00,Burnley,Man City" + "," * 27)

    assert (sent.outcome, problems) == (None, [])


@pytest.mark.parametrize(
    ("changed", "column"),
    [
        (("11/08/2023", "31/02/2023"), "Date"),
        ((",0,3,A,", ",0,3,H,"), "FTR"),
        ((",0,3,A,0,2", ",0,3,A,1,2"), "HTHG"),
        ((",0,3,A,", ",,3,A,"), "FTHG"),
        (("Burnley", ""), "HomeTeam"),
        (("Burnley", "Man City"), "AwayTeam"),
    ],
)
def test_a_wrong_row_is_told_by_line_and_column_and_the_others_stay(changed, column):
    sent, problems = read_football(ROW.replace(*changed), ROW)

    assert [(p.place, p.column) for p in problems] == [(2, column)]
    assert [one.place for one in sent] == [3]


def test_a_price_that_cannot_be_read_does_not_cost_the_row():
    (sent,), problems = read_football(ROW.replace(",8,5.5,", ",8,abc,"))

    assert [(p.column, p.value) for p in problems] == [("B365D", "abc")]
    assert len(sent.prices) == 13


def test_files_of_further_leagues_name_their_columns_otherwise():
    sent, _ = read_football(
        "Argentina,Liga,2023,28/01/2023,20:00,Boca Juniors,Tucuman,1,0,H",
        header="Country,League,Season,Date,Time,Home,Away,HG,AG,Res",
    )

    assert sent[0].fixture.competition.name == "Argentina Liga"
    assert sent[0].score == (1, 0)


def test_plain_tables_are_read_by_our_names_or_usual_ones():
    table = read_table(
        b"Kick-off;Home Team;Away Team;League;odds;book;market;side\n"
        b"2026-08-14T20:00;A;B;Cup;1,85;X;match_result;home\n"
    )

    (sent,), problems = plain.read(
        table, sport="football", competition="", zone=ZoneInfo("Europe/Berlin"), now=NOW
    )

    assert problems == []
    assert sent.fixture.starts_at == datetime(2026, 8, 14, 18, tzinfo=UTC)
    assert (sent.prices[0].price, sent.prices[0].at) == (Decimal("1.85"), NOW)


def test_missing_columns_are_named_with_the_nearest():
    assert plain.missing_columns(["hom", "away", "date"]) == ["no column 'home': did you mean 'hom'?"]
