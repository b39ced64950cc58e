"""The gate: who gets in, where, and whether what they did is kept."""

from __future__ import annotations

import pytest

from pitboss.core.http.access import Access
from pitboss.core.kernel import build_kernel
from pitboss.core.registry import installed
from pitboss.core.tenancy import toggle
from pitboss.webapp.app import create_app
from pitboss.webapp.gate import Gate
from tests.webapp.http import routes


def test_every_route_declares_who_may_call(app):
    gate: Gate = app.extensions["pitboss_gate"]

    for rule in app.url_map.iter_rules():
        known = gate.rules[rule.endpoint]
        methods = rule.methods - {"OPTIONS"}
        assert known.area == "site" or all(isinstance(known.access[m], Access) for m in methods)


def test_only_these_routes_ask_for_nothing(app):
    gate: Gate = app.extensions["pitboss_gate"]

    open_routes = {endpoint for endpoint, rule in gate.rules.items() if rule.area == "site"}

    public = {"static", "health.live", "health.ready", "health.metrics", "rules_editor_admin.static"}
    assert open_routes == public


def test_a_caller_without_credential_is_asked_for_one(client):
    answer = client.get("/api/v1/plugins")

    assert answer.status_code == 401
    assert answer.headers["WWW-Authenticate"].startswith("Bearer")


def test_a_forged_key_is_refused(client, tenant, key):
    forged = key["X-Api-Key"][:-4] + "AAAA"

    assert client.get("/api/v1/plugins", headers={"X-Api-Key": forged}).status_code == 401


def test_a_key_moved_to_another_tenant_is_refused(client, tenant, other_tenant, key):
    moved = key["X-Api-Key"].replace(tenant.code, other_tenant.code)

    assert client.get("/api/v1/plugins", headers={"X-Api-Key": moved}).status_code == 401


def test_a_key_without_the_permission_is_refused(client, tenant, key_of):
    answer = client.get("/api/v1/plugins", headers=key_of(tenant, "core.audit"))

    assert answer.status_code == 403
    assert "core.plugins" in answer.json["detail"]


def test_an_expired_key_is_refused(client, tenant, key_of, clock):
    from datetime import timedelta

    headers = key_of(tenant, expires_at=clock.now() + timedelta(minutes=1))
    assert client.get("/api/v1/plugins", headers=headers).status_code == 200
    clock.advance(minutes=2)

    assert client.get("/api/v1/plugins", headers=headers).status_code == 401


def test_a_revoked_key_is_refused_at_once(client, kernel, tenant, key):
    from pitboss.core.identity.keys import list_keys, revoke_key

    assert client.get("/api/v1/plugins", headers=key).status_code == 200
    with kernel.context(tenant.id) as ctx:
        for row in list_keys(ctx):
            revoke_key(ctx, row.id)

    assert client.get("/api/v1/plugins", headers=key).status_code == 401


def test_a_players_token_opens_only_what_is_for_players(client, tenant, player_of):
    player_id, headers = player_of(tenant)

    assert client.get("/api/v1/bells/mine", headers=headers).json == {"player": str(player_id)}
    assert client.get("/api/v1/plugins", headers=headers).status_code == 403


def test_a_key_is_no_player(client, key):
    assert client.get("/api/v1/bells/mine", headers=key).status_code == 401


def test_a_key_does_not_act_in_another_tenant(client, other_tenant, key):
    answer = client.get("/api/v1/plugins", headers=key | {"X-Tenant": other_tenant.code})

    assert answer.status_code == 403


def test_the_platform_acts_in_any_tenant(client, tenant, platform_key):
    answer = client.post("/api/v1/bells/ring", headers=platform_key | {"X-Tenant": tenant.code})

    assert answer.json == {"entries": 1}


def test_a_public_route_takes_its_tenant_from_the_header(client, tenant):
    path = "/api/v1/bells/open/00000000-0000-0000-0000-000000000001"

    assert client.get(path, headers={"X-Tenant": tenant.code}).json == {"tenant": tenant.code}
    assert client.get(path).status_code == 401 or client.get(path).status_code == 422


def test_a_path_may_name_the_tenant_for_callers_without_headers(client, tenant, make_tenant):
    bare = make_tenant()

    answers = [client.get(f"/api/v1/bells/called/{code}") for code in (tenant.code, bare.code, "nowhere")]

    assert answers[0].json == {"tenant": tenant.code, "path": tenant.code}
    assert [answer.status_code for answer in answers[1:]] == [404, 404]


def test_a_credential_does_not_act_where_the_path_says(client, other_tenant, key):
    assert client.get(f"/api/v1/bells/called/{other_tenant.code}", headers=key).status_code == 403


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("GET", "/api/v1/bells/mine"),
        ("POST", "/api/v1/bells/ring"),
        ("DELETE", "/api/v1/bells/ring"),
        ("GET", "/api/v1/bells/open/00000000-0000-0000-0000-000000000001"),
        ("GET", "/api/v1/bells/open/00000000-0000-0000-0000-000000000001/"),
    ],
)
def test_a_disabled_plugins_routes_are_unknown_paths(client, make_tenant, key_of, method, path):
    without = make_tenant()
    headers = key_of(without) | {"X-Request-Id": "the-same-request"}

    disabled = client.open(path, method=method, headers=headers)
    unknown = client.open(path.replace("bells", "nothing"), method=method, headers=headers)

    assert disabled.status_code == unknown.status_code == 404
    assert disabled.get_data(as_text=True).replace("bells", "nothing") == unknown.get_data(as_text=True)
    differing = {"RateLimit", "RateLimit-Policy"}
    assert {*disabled.headers.keys()} - differing == {*unknown.headers.keys()} - differing


def test_a_disabled_plugin_is_404_before_authorisation(client, kernel, tenant, key_of, app):
    headers = key_of(tenant, "core.audit")
    assert client.post("/api/v1/bells/ring", headers=headers).status_code == 403
    with kernel.context(tenant.id) as ctx:
        toggle.disable(ctx, "bells")
    kernel.tenants.forget(tenant.id)

    assert client.post("/api/v1/bells/ring", headers=headers).status_code == 404


def test_what_a_good_answer_did_is_kept(client, key):
    client.post("/api/v1/bells/ring", headers=key)

    assert client.post("/api/v1/bells/ring", headers=key).json == {"entries": 2}


def test_what_a_failed_answer_did_is_undone(client, key):
    assert client.post("/api/v1/bells/break", headers=key).status_code == 500

    assert client.post("/api/v1/bells/ring", headers=key).json == {"entries": 1}


def test_a_failure_is_counted_against_its_plugin(app, client, key):
    client.post("/api/v1/bells/break", headers=key)

    assert app.extensions["pitboss_gate"].failures == {"bells": 1}


@pytest.mark.parametrize(
    ("plugin", "reason"),
    [
        (routes.Leaker(), "changes the whole application"),
        (routes.Undeclared(), "declares no access"),
        (routes.Squatter(), "is a path of the platform"),
        (routes.Wanderer(), "is outside"),
    ],
)
def test_a_plugin_whose_routes_break_the_contract_is_set_aside(settings, plugin, reason):
    candidates = [*installed(safe_mode=True), *routes.candidates_of(plugin, routes.Bells())]
    kernel = build_kernel(settings, candidates=candidates)

    app = create_app(kernel)

    (broken,) = kernel.registry.broken
    assert reason in broken.reason
    assert "bells.ring" in app.view_functions
