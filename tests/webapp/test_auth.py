"""Signing in over HTTP: who gets tokens, who is refused, and what a refusal tells."""

from __future__ import annotations

import json

import pytest

from pitboss.core.identity import ensure_first_operator, resets
from pitboss.webapp.limits import SIGN_IN_PER_MINUTE

EMAIL, PASSWORD, NEW = "ann@acme.test", "seven blue lamps", "nine yellow mugs"
API = "/api/v1"


@pytest.fixture
def at(client):
    """Call the API: `at(tenant, "post", "/auth/session", {...}, token=...)`."""

    def call(tenant, method, path, body=None, *, token=None, headers=None):
        sent = {"X-Tenant": tenant.code} | (headers or {})
        if token is not None:
            sent["Authorization"] = f"Bearer {token}"
        # The standard library's JSON can say what ours refuses to.
        data = None if body is None else json.dumps(body)
        kind = None if body is None else "application/json"
        return client.open(API + path, method=method.upper(), headers=sent, data=data, content_type=kind)

    return call


@pytest.fixture
def registered(at, tenant):
    """Ann of the first tenant, with her tokens."""
    return at(tenant, "post", "/auth/register", {"email": EMAIL, "password": PASSWORD}).json


@pytest.fixture
def sign_in(at, tenant):
    """Sign Ann in; return the answer."""

    def call(password=PASSWORD, login=EMAIL, where=tenant):
        return at(where, "post", "/auth/session", {"login": login, "password": password})

    return call


def test_a_new_player_is_signed_in(at, tenant):
    body = {
        "email": EMAIL,
        "password": PASSWORD,
        "username": "ann",
        "country": "GB",
        "birth_date": "1990-05-17",
    }

    answer = at(tenant, "post", "/auth/register", body)

    assert answer.status_code == 201
    assert answer.json["player"]["birth_date"] == "1990-05-17"
    me = at(tenant, "get", "/me", token=answer.json["tokens"]["access_token"])
    assert me.json["id"] == answer.json["player"]["id"]


def test_no_answer_holds_a_password(at, tenant, registered):
    answer = at(tenant, "get", "/me", token=registered["tokens"]["access_token"])

    for text in (answer.text, str(registered)):
        assert PASSWORD not in text
        assert "argon2" not in text


@pytest.mark.parametrize(
    ("change", "pointer"),
    [
        ({"email": "ann"}, "#/email"),
        ({"password": "password"}, "#/password"),
        ({"username": "-x-"}, "#/username"),
        ({"country": "gb"}, "#/country"),
        ({"country": "XX"}, "#/country"),
        ({"birth_date": "17.5.1990"}, "#/birth_date"),
        ({"is_admin": True}, "#/is_admin"),
        ({"status": "active"}, "#/status"),
    ],
)
def test_a_registration_that_does_not_fit_names_the_field(at, tenant, change, pointer):
    answer = at(tenant, "post", "/auth/register", {"email": EMAIL, "password": PASSWORD} | change)

    assert answer.status_code == 422
    assert [error["pointer"] for error in answer.json["errors"]] == [pointer]


def test_a_second_registration_is_a_conflict(at, tenant, registered):
    assert at(tenant, "post", "/auth/register", {"email": EMAIL, "password": NEW}).status_code == 409


def test_without_a_tenant_nobody_signs_in(client):
    answer = client.post(f"{API}/auth/session", json={"login": EMAIL, "password": PASSWORD})

    assert answer.status_code == 422
    assert "X-Tenant" in answer.json["detail"]


def test_a_sign_in_answers_with_tokens(sign_in, registered):
    answer = sign_in()

    assert answer.status_code == 201
    assert answer.json["token_type"] == "Bearer"
    assert answer.json["expires_in_seconds"] == 900
    assert answer.json["player_id"] == registered["player"]["id"]


def test_a_wrong_password_and_no_such_account_answer_alike(sign_in, registered):
    answers = [sign_in(password="wrong"), sign_in(login="nobody@acme.test")]

    said = [{k: v for k, v in answer.json.items() if k != "request_id"} for answer in answers]
    assert [answer.status_code for answer in answers] == [401, 401]
    assert said[0] == said[1]


def test_a_player_of_one_tenant_does_not_sign_in_to_another(sign_in, registered, other_tenant):
    assert sign_in(where=other_tenant).status_code == 401


def test_a_failure_is_remembered_although_the_request_is_refused(sign_in, registered):
    for _ in range(5):
        assert sign_in(password="wrong").status_code == 401

    blocked = sign_in()

    assert blocked.status_code == 429
    assert blocked.headers["Retry-After"] == "60"


def test_one_sign_in_too_many_from_an_address_is_refused(at, tenant, registered):
    def guess(n):
        return at(tenant, "post", "/auth/session", {"login": f"p{n}@acme.test", "password": "x"}).status_code

    # The registration counted as well; the minute may turn in between, so two rounds are tried.
    assert 429 in [guess(n) for n in range(2 * SIGN_IN_PER_MINUTE)]


def test_refreshing_gives_the_next_pair(at, tenant, registered):
    old = registered["tokens"]

    renewed = at(tenant, "post", "/auth/refresh", {"refresh_token": old["refresh_token"]})

    assert renewed.status_code == 201
    assert at(tenant, "get", "/me", token=renewed.json["access_token"]).status_code == 200


def test_a_replayed_refresh_token_ends_the_session(at, tenant, registered):
    body = {"refresh_token": registered["tokens"]["refresh_token"]}
    renewed = at(tenant, "post", "/auth/refresh", body).json

    assert at(tenant, "post", "/auth/refresh", body).status_code == 401

    assert at(tenant, "get", "/me", token=renewed["access_token"]).status_code == 401


def test_an_idempotency_key_replays_no_tokens(at, tenant, registered):
    body = {"refresh_token": registered["tokens"]["refresh_token"]}
    headers = {"Idempotency-Key": "the-same-key"}

    assert at(tenant, "post", "/auth/refresh", body, headers=headers).status_code == 201
    assert at(tenant, "post", "/auth/refresh", body, headers=headers).status_code == 401


def test_an_expired_access_token_is_refused(at, tenant, registered, clock):
    clock.advance(minutes=15)

    answer = at(tenant, "get", "/me", token=registered["tokens"]["access_token"])

    assert answer.status_code == 401
    assert "expired" in answer.json["detail"]


def test_a_token_moved_to_another_tenant_is_refused(at, tenant, other_tenant, registered):
    token = registered["tokens"]["access_token"]

    assert at(other_tenant, "get", "/me", token=token).status_code == 403
    moved = token.replace(tenant.code, other_tenant.code)
    assert at(other_tenant, "get", "/me", token=moved).status_code == 401


@pytest.mark.parametrize("token", ["x", "pba__", "pba_nobody_x", "pba_demo_\u00e9", "Bearer", "a" * 5000])
def test_a_forged_token_is_refused(client, token):
    answer = client.get(
        f"{API}/me", headers={"Authorization": f"Bearer {token}".encode("latin-1").decode("latin-1")}
    )

    assert answer.status_code == 401
    assert answer.content_type == "application/problem+json"


def test_signing_out_ends_the_tokens_at_once(at, tenant, registered):
    token = registered["tokens"]["access_token"]

    assert at(tenant, "delete", "/auth/session", token=token).status_code == 204

    assert at(tenant, "get", "/me", token=token).status_code == 401


def test_a_player_signs_another_device_out(at, tenant, registered, sign_in):
    here, there = registered["tokens"]["access_token"], sign_in().json
    listed = at(tenant, "get", "/auth/sessions", token=here).json

    ended = at(tenant, "delete", f"/auth/sessions/{there['session_id']}", token=here)

    assert [session["is_current"] for session in listed] == [False, True]
    assert ended.status_code == 204
    assert at(tenant, "get", "/me", token=there["access_token"]).status_code == 401
    assert at(tenant, "get", "/me", token=here).status_code == 200


def test_a_player_signs_out_everywhere(at, tenant, registered, sign_in):
    tokens = [registered["tokens"]["access_token"], sign_in().json["access_token"]]

    assert at(tenant, "delete", "/auth/sessions", token=tokens[1]).status_code == 204

    assert [at(tenant, "get", "/me", token=token).status_code for token in tokens] == [401, 401]


def test_nobody_ends_a_strangers_session(at, tenant, registered):
    bob = at(tenant, "post", "/auth/register", {"email": "bob@acme.test", "password": PASSWORD}).json[
        "tokens"
    ]
    session = registered["tokens"]["session_id"]

    assert at(tenant, "delete", f"/auth/sessions/{session}", token=bob["access_token"]).status_code == 404


@pytest.mark.parametrize("login", [EMAIL, "nobody@acme.test"])
def test_asking_for_a_new_password_answers_alike_for_anyone(at, tenant, registered, login):
    answer = at(tenant, "post", "/auth/password-reset", {"login": login})

    assert answer.status_code == 202
    assert answer.json["detail"].startswith("if there is such an account")


def test_a_reset_token_gives_a_new_password(at, kernel, tenant, registered, sign_in):
    with kernel.context(tenant.id) as ctx:
        token = resets.request_reset(ctx, "player", EMAIL)

    body = {"token": token, "password": NEW}
    assert at(tenant, "post", "/auth/password-reset/confirm", body).status_code == 204

    assert sign_in(password=NEW).status_code == 201
    assert at(tenant, "post", "/auth/password-reset/confirm", body).status_code == 422


def test_the_old_password_gives_a_new_one_and_keeps_this_session(at, tenant, registered, sign_in):
    here, there = registered["tokens"]["access_token"], sign_in().json["access_token"]
    body = {"old_password": PASSWORD, "new_password": NEW}

    assert at(tenant, "post", "/auth/password", body, token=here).status_code == 204

    assert at(tenant, "get", "/me", token=here).status_code == 200
    assert at(tenant, "get", "/me", token=there).status_code == 401
    assert sign_in(password=NEW).status_code == 201


def test_a_wrong_old_password_is_a_wrong_field(at, tenant, registered):
    body = {"old_password": "wrong", "new_password": NEW}

    answer = at(tenant, "post", "/auth/password", body, token=registered["tokens"]["access_token"])

    assert answer.status_code == 422
    assert answer.json["errors"][0]["pointer"] == "#/old_password"


def test_an_operator_signs_in_and_out_over_the_api(at, kernel, tenant):
    ensure_first_operator(kernel, tenant.id, EMAIL, "eleven green doors")
    body = {"email": EMAIL, "password": "eleven green doors"}
    secret = at(tenant, "post", "/auth/operator-session", body).json["secret"]
    assert at(tenant, "get", "/operators", token=secret).status_code == 200

    assert at(tenant, "delete", "/auth/session", token=secret).status_code == 204

    assert at(tenant, "get", "/operators", token=secret).status_code == 401


def test_a_player_is_no_operator(at, tenant, registered):
    for path in ("/players", "/operators", "/roles", "/permissions", "/api-keys"):
        assert at(tenant, "get", path, token=registered["tokens"]["access_token"]).status_code == 403


@pytest.mark.parametrize("text", ["\ud800", "\x00", "a\u202eb", "x" * 300])
def test_odd_text_is_refused_and_never_fails_inside(at, tenant, text):
    for path, body in (
        ("/auth/session", {"login": text, "password": text}),
        ("/auth/register", {"email": text, "password": text}),
        ("/auth/password-reset", {"login": text}),
        ("/auth/refresh", {"refresh_token": text}),
    ):
        assert at(tenant, "post", path, body).status_code in (202, 400, 401, 422)
