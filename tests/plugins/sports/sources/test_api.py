"""Sources over HTTP and at the command line."""

from __future__ import annotations

import base64
import json
from dataclasses import asdict

import pytest
from click.testing import CliRunner

from pitboss.plugins.sports.fixtures import book as fixtures
from pitboss.plugins.sports.sources import commands
from pitboss.plugins.sports.sources.api.imports import ImportOptions
from pitboss.plugins.sports.sources.imports import book as imports
from pitboss.plugins.sports.sources.imports.parsing import Options

ROOT = "/api/v1/sports"
CSV = b"id,sport,league,starts_at,home,away\nx1,football,Cup,2026-02-07T15:00:00Z,Ajax,PSV\n"
SOURCE = {"key": "acme", "kind": "fixtures", "title": "Acme", "licence": "CC BY 4.0"}


def send(client, file=CSV, **said):
    body = {"kind": "fixtures", "filename": "f.csv", "content": base64.b64encode(file).decode(), **said}
    return client.post(f"{ROOT}/imports", json=body)


@pytest.fixture
def fixture_id(ctx):
    row = imports.upload(ctx, "fixtures", "f.csv", CSV)
    imports.confirm(ctx, row.id)
    (fixture,) = fixtures.list_fixtures(ctx)
    ctx.commit()
    return fixture.id


def test_a_file_is_previewed_and_confirmed(operator_client):
    sent = send(operator_client)
    done = operator_client.post(f"{ROOT}/imports/{sent.json['id']}/confirm", json={})
    listed = operator_client.get(f"{ROOT}/imports", query_string={"state": "done"}).json["items"]

    assert (sent.status_code, sent.json["state"], sent.json["report"]["counts"]["created"]) == (
        201,
        "open",
        1,
    )
    assert (done.json["state"], done.json["report"]["counts"]["created"]) == ("done", 1)
    assert [one["id"] for one in listed] == [sent.json["id"]]


def test_a_long_file_comes_in_parts_over_http(operator_client):
    begun = send(operator_client, b"").json["id"]
    for number, piece in enumerate((CSV[:20], CSV[20:]), 1):
        part = {"number": number, "content": base64.b64encode(piece).decode()}
        assert operator_client.post(f"{ROOT}/imports/{begun}/parts", json=part).status_code == 200

    looked = operator_client.post(f"{ROOT}/imports/{begun}/preview")
    dropped = operator_client.post(f"{ROOT}/imports/{begun}/cancel")

    assert looked.json["report"]["counts"]["created"] == 1
    assert dropped.json["state"] == "cancelled"


@pytest.mark.parametrize(
    ("said", "field"),
    [
        ({"content": "%%%"}, "content"),
        ({"content": "A" * 800_000}, "content"),
        ({"kind": "rumours"}, "kind"),
        ({"options": {"zone": "Mars/Base"}}, "options"),
    ],
)
def test_what_does_not_fit_is_named(operator_client, said, field):
    answer = send(operator_client, **said)

    assert answer.status_code == 422
    assert field in json.dumps(answer.json)


def test_a_source_is_edited_as_it_was_read(operator_client):
    made = operator_client.post(f"{ROOT}/sources", json=SOURCE)
    changed = {"title": "Acme 2", "licence": "CC0", "priority": 5}
    blind = operator_client.put(f"{ROOT}/sources/acme", json=changed)
    kept = operator_client.put(
        f"{ROOT}/sources/acme", json=changed, headers={"If-Match": made.headers["ETag"]}
    )
    secret = operator_client.put(f"{ROOT}/sources/acme/secret", json={"secret": "s3cret"})
    listed = operator_client.get(f"{ROOT}/sources")

    assert (made.status_code, blind.status_code, kept.json["revision"]) == (201, 428, 2)
    assert secret.status_code == 204
    assert [(one["priority"], one["has_secret"], one["score"]) for one in listed.json["items"]] == [
        (5, True, 100)
    ]
    assert "s3cret" not in listed.text
    etag = operator_client.get(f"{ROOT}/sources/acme").headers["ETag"]
    assert operator_client.get(f"{ROOT}/sources/acme/calls").json["items"] == []
    gone = operator_client.delete(f"{ROOT}/sources/acme", headers={"If-Match": etag})
    assert (gone.status_code, operator_client.get(f"{ROOT}/sources/acme").status_code) == (204, 404)


def test_a_source_at_no_address_is_refused(operator_client):
    answer = operator_client.post(f"{ROOT}/sources", json={**SOURCE, "url": "ftp://example.org/"})

    assert answer.status_code == 422
    assert "must begin with https" in answer.text


def test_prices_are_sent_and_read_with_their_history(operator_client, fixture_id):
    where = f"{ROOT}/fixtures/{fixture_id}/prices"
    prices = [
        {"bookmaker": "x", "market": "match_result", "selection": side, "price": price}
        for side, price in (("home", "2.00"), ("draw", "4.00"), ("away", "4.00"))
    ]

    sent = operator_client.post(where, json={"prices": prices})
    taken_down = operator_client.post(where, json={"prices": [{**prices[0], "price": None}]})
    first = operator_client.get(f"{where}/history", query_string={"limit": 2}).json
    rest = operator_client.get(
        f"{where}/history", query_string={"limit": 2, "cursor": first["next_cursor"]}
    ).json

    (market,) = sent.json["markets"]
    assert market["fair"] == {"home": "0.500000", "draw": "0.250000", "away": "0.250000"}
    assert market["best"]["home"]["price"] == "2"
    assert len(first["items"]) == 2
    assert len(rest["items"]) == 1
    assert taken_down.status_code == 200
    wrong = [operator_client.post(where, json={"prices": [{**prices[0], "price": p}]}) for p in ("1", "x", 2)]
    assert [answer.status_code for answer in wrong] == [422, 422, 422]
    early = operator_client.get(where, query_string={"at": "2020-01-01T00:00:00Z"}).json
    assert early["markets"] == []


def test_history_is_listed_page_by_page(operator_client):
    rows = b"Div,Date,HomeTeam,AwayTeam,FTHG,FTAG,FTR\nE0,14/08/2005,A,B,2,0,H\nE0,15/08/2005,C,D,2,0,H\n"
    sent = send(operator_client, rows, kind="history").json["id"]
    operator_client.post(f"{ROOT}/imports/{sent}/confirm", json={})

    first = operator_client.get(f"{ROOT}/history", query_string={"limit": 1}).json
    second = operator_client.get(
        f"{ROOT}/history", query_string={"limit": 1, "cursor": first["next_cursor"]}
    ).json

    assert [one["home"] for one in (*first["items"], *second["items"])] == ["C", "A"]


def run(kernel, *arguments):
    class Deployment:
        def __call__(self):
            return kernel

    command, *rest = arguments
    return CliRunner().invoke(command, rest, obj=Deployment())


def test_the_command_line_previews_and_imports(kernel, tenant, ctx, tmp_path):
    file = tmp_path / "f.csv"
    file.write_bytes(CSV + b"x2,football,Cup,soon,Ajax,NAC\n")
    asked = (str(file), "--tenant", tenant.code)

    shown = run(kernel, commands.import_file, *asked, "--preview")
    refused = run(kernel, commands.import_file, *asked)
    taken = run(kernel, commands.import_file, *asked, "--good")

    assert "2 rows as table: 1 created" in shown.output
    assert "new in teams: PSV" in shown.output
    assert "line 3 starts_at: 'soon': Write the instant as" in refused.output
    assert (shown.exit_code, refused.exit_code, taken.exit_code) == (0, 1, 0)
    assert len(fixtures.list_fixtures(ctx)) == 1


def test_the_options_of_http_are_those_of_an_import():
    assert ImportOptions().load({}) == asdict(Options())
