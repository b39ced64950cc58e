"""Errors: always a problem document, never more than the caller may know."""

from __future__ import annotations

import pytest

from pitboss.core.errors import Conflict, TenantBreach
from pitboss.webapp.problem import problem_of, response_of

JSON = {"Content-Type": "application/json"}


def problem(answer, status):
    assert answer.status_code == status, answer.get_data(as_text=True)
    assert answer.content_type == "application/problem+json"
    assert answer.json["status"] == status
    assert answer.json["request_id"] == answer.headers["X-Request-Id"]
    return answer.json


def test_an_unknown_path_is_a_problem(client):
    problem(client.get("/nowhere"), 404)


def test_a_wrong_method_names_the_right_ones(client, key):
    answer = client.delete("/api/v1/plugins", headers=key)

    problem(answer, 405)
    assert "GET" in answer.headers["Allow"]


def test_wrong_fields_are_named_by_pointers(client, key):
    answer = client.post("/api/v1/bells/thing", headers=key, json={"price": 1.5, "count": "x"})

    errors = {entry["pointer"]: entry["in"] for entry in problem(answer, 422)["errors"]}
    assert errors == {"#/price": "json", "#/count": "json"}


def test_a_hot_endpoint_names_wrong_fields_alike(client, key):
    answer = client.post("/api/v1/bells/bets", headers=key, json={"stake": "x"})

    assert [entry["pointer"] for entry in problem(answer, 422)["errors"]] == ["#/stake"]


def test_a_hot_endpoint_names_the_nearest_field(client, key):
    answer = client.post("/api/v1/bells/bets", headers=key, json={"stake": 1, "steak": 1})

    [error] = problem(answer, 422)["errors"]
    assert error["detail"] == "There is no field 'steak': did you mean 'stake'?"


@pytest.mark.parametrize(
    "body",
    [
        b"{",
        b'{"count": NaN}',
        b"[" * 5000 + b"]" * 5000,
        b'{"a":' * 200 + b"1" + b"}" * 200,
        b'"\xff"',
        b'{"price": "\\u0000"}',
        b'{"price": "\\ud800", "count": 1}',
    ],
)
def test_a_body_that_is_not_json_is_refused(client, key, body):
    problem(client.post("/api/v1/bells/thing", headers=key | JSON, data=body), 400)
    hot = client.post("/api/v1/bells/bets", headers=key | JSON, data=body)
    problem(hot, 400 if hot.status_code == 400 else 422)


@pytest.mark.parametrize("body", [b"7", b"null", b"[]", b'{"stake": 1e30}', b'{"count": true, "price": {}}'])
def test_a_body_of_another_shape_is_refused(client, key, body):
    problem(client.post("/api/v1/bells/thing", headers=key | JSON, data=body), 422)
    problem(client.post("/api/v1/bells/bets", headers=key | JSON, data=body), 422)


@pytest.mark.parametrize("path", ["/api/v1/bells/thing", "/api/v1/bells/bets"])
def test_another_content_type_is_refused_as_such(client, key, path):
    problem(client.post(path, headers=key | {"Content-Type": "text/plain"}, data=b"{}"), 415)


@pytest.mark.parametrize("path", ["/api/v1/bells/thing", "/api/v1/bells/bets"])
def test_a_body_beyond_the_limit_is_refused(client, kernel, key, path):
    body = b'"' + b"x" * kernel.settings.request_bytes_max + b'"'

    problem(client.post(path, headers=key | JSON, data=body), 413)


def test_a_failure_shows_nothing_of_the_house(client, key):
    answer = client.post("/api/v1/bells/break", headers=key)

    found = problem(answer, 500)
    assert "secret" not in answer.get_data(as_text=True)
    assert "Traceback" not in answer.get_data(as_text=True)
    assert found["detail"] == "something went wrong on our side"


def test_a_sane_request_id_is_echoed(client):
    assert client.get("/x", headers={"X-Request-Id": "trace-12345678"}).headers["X-Request-Id"] == (
        "trace-12345678"
    )


@pytest.mark.parametrize("bad", ["short", "x" * 65, "with spaces in it", "<script>alert</script>"])
def test_another_request_id_is_replaced(client, bad):
    assert client.get("/x", headers={"X-Request-Id": bad}).headers["X-Request-Id"] != bad


def test_money_as_a_number_is_refused_and_as_text_is_taken(client, key):
    taken = client.post("/api/v1/bells/thing", headers=key, json={"price": "1.50", "count": 1})

    assert taken.json == {"price": "1.50", "count": 1}
    problem(client.post("/api/v1/bells/thing", headers=key, json={"price": 1, "count": 1}), 422)


def test_an_error_says_what_a_program_needs_to_go_on(app):
    moved = Conflict("the price moved: ask again").with_details(odds="1.90", odds_version=8)

    with app.test_request_context("/"):
        said = response_of(problem_of(moved)).json

    assert (said["detail"], said["details"]) == (str(moved), {"odds": "1.90", "odds_version": 8})


def test_an_error_of_ours_shows_no_details():
    assert problem_of(TenantBreach("no").with_details(secret="s")).details == {}


SPANISH = {"Accept-Language": "es-ES, en;q=0.5"}


def test_a_problem_is_said_in_the_language_that_is_asked_for(client, tenant):
    asked = {"X-Tenant": "nowhere"}
    english, spanish = (
        client.get("/api/v1/site", headers=asked),
        client.get("/api/v1/site", headers=asked | SPANISH),
    )

    assert problem(english, 404)["detail"] == "no tenant 'nowhere'"
    assert problem(spanish, 404)["detail"] == "no hay ninguna marca «nowhere»"
    assert spanish.json["title"] == "No encontrado"
    assert spanish.json["type"] == english.json["type"]


def test_a_problem_tells_its_language_and_what_it_varies_by(client):
    for headers, language in (({}, "en"), (SPANISH, "es"), ({"Accept-Language": "fr"}, "en")):
        answer = client.get("/nowhere", headers=headers)

        assert answer.headers["Content-Language"] == language
        assert "Accept-Language" in answer.headers.getlist("Vary")


def test_fields_are_named_as_before_and_their_errors_said_in_the_language(client, key):
    sent = {"price": 1.5, "count": "x"}
    answer = client.post("/api/v1/bells/thing", headers=key | SPANISH, json=sent)
    hot = client.post("/api/v1/bells/bets", headers=key | SPANISH, json={"stake": 1, "steak": 1})

    said = {entry["pointer"]: entry["detail"] for entry in problem(answer, 422)["errors"]}
    assert said["#/count"] == "No es un número entero válido."
    assert problem(hot, 422)["errors"][0]["detail"] == "No hay ningún campo «steak»: ¿quería decir «stake»?"


def test_an_answer_that_is_no_problem_asks_for_no_language(client, key):
    answer = client.get("/api/v1/plugins", headers=key | SPANISH)

    assert answer.status_code == 200
    assert "Content-Language" not in answer.headers


def test_a_request_after_a_spanish_problem_is_answered_in_english(client):
    client.get("/nowhere", headers=SPANISH)

    assert client.get("/nowhere").headers["Content-Language"] == "en"
