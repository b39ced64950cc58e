"""What cannot be read is refused by name, never an error of ours."""

from __future__ import annotations

from uuid import uuid4

from tests.plugins.sports.conftest import ROOT
from tests.plugins.sports.samples import match

LONG = "\ufdfa" * 200
"""A sign that stands for eighteen letters."""
LATE, EARLY = "9999-12-31T23:59:59-12:00", "0001-01-01T00:00:00+14:00"
HUGE = 10**30


def test_hostile_values_are_refused(operator_client, ctx):
    fixture = match(ctx)
    ctx.commit()
    one, nowhere = f"/fixtures/{fixture.id}", f"/fixtures/{uuid4()}"
    whole = {
        "sport": "football",
        "competition_id": str(fixture.competition_id),
        "starts_at": "2026-06-01T12:00:00Z",
        "participants": [{"name": "A" * 200}, {"name": "B" * 200}],
    }
    asked = [
        ("get", "/fixtures", {"query_string": {"starts_from": LATE}}),
        ("get", "/fixtures", {"query_string": {"starts_before": EARLY}}),
        ("get", "/fixtures", {"query_string": {"text": "\0"}}),
        ("get", "/fixtures", {"query_string": {"text": "%_\\"}}),
        ("get", "/teams", {"query_string": {"text": "\0"}}),
        ("get", "/teams", {"query_string": {"text": "'; drop table"}}),
        ("get", "/fixtures", {"query_string": {"cursor": "forged"}}),
        ("get", "/matches/today", {"query_string": {"zone": "../../etc/passwd"}}),
        ("get", "/matches/today", {"query_string": {"zone": "Europe"}}),
        ("get", "/matches/today", {"query_string": {"leagues": ",,\0,"}}),
        ("get", "/matches/today", {"query_string": {"time_range": "99h"}}),
        ("get", f"{one}/results/{HUGE}", {}),
        ("get", f"{nowhere}/live", {}),
        ("get", f"{nowhere}/results", {}),
        ("get", f"{nowhere}/appearances", {}),
        (
            "post",
            f"{one}/results",
            {"json": {"outcome": {"periods": [{"code": "1h", "home": HUGE, "away": 0}]}}},
        ),
        ("post", f"{one}/results", {"json": {"outcome": {"periods": "1h"}}}),
        ("post", f"{one}/results/confirm", {"json": {"version": HUGE}}),
        ("post", f"{nowhere}/results", {"json": {"outcome": {}}}),
        ("post", f"{one}/status", {"json": {"status": "official"}}),
        ("post", f"{one}/live", {"json": {"source": "A B", "updates": []}}),
        (
            "post",
            f"{one}/live",
            {"json": {"source": "a", "updates": [{"sequence": HUGE, "happened_at": LATE}]}},
        ),
        ("put", f"{one}/appearances", {"json": {"appearances": [{"athlete_id": str(uuid4())}]}}),
        ("post", "/sports", {"json": {"code": "x", "name": "X", "kind": "head_to_head"}}),
        ("post", "/competitions", {"json": {"sport": "nope", "name": "X"}}),
        ("post", "/competitions", {"json": {"sport": "football", "name": "!!!"}}),
        ("post", "/teams", {"json": {"sport": "football", "name": "X", "country": "gb"}}),
        ("post", "/teams", {"json": {"sport": "football", "name": LONG}}),
        ("post", "/fixtures", {"json": whole}),
    ]

    answers = {
        (path, str(sent)): getattr(operator_client, method)(f"{ROOT}{path}", **sent).status_code
        for method, path, sent in asked
    }

    assert {key: code for key, code in answers.items() if code >= 500} == {}
    assert set(answers.values()) <= {200, 201, 400, 404, 409, 422}
