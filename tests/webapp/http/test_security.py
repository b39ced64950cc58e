"""What protects the house: headers, origins, limits, proxies, and who may look inside."""

from __future__ import annotations

from dataclasses import replace

import pytest

from pitboss.core.errors import TooMany, Unavailable
from pitboss.core.kernel import build_kernel
from pitboss.core.settings import load_settings
from pitboss.webapp.app import create_app
from pitboss.webapp.limits import SIGN_IN_PER_MINUTE, Limits, RedisCounter

NOBODY_THERE = "redis://127.0.0.1:1/0"


@pytest.fixture
def with_settings(settings, candidates):
    kernels = []

    def make(**changed):
        kernels.append(build_kernel(replace(settings, **changed), candidates=candidates))
        return create_app(kernels[-1]).test_client()

    yield make
    for kernel in kernels:
        kernel.close()


@pytest.mark.parametrize("path", ["/health/live", "/nowhere", "/api/docs", "/api/v1/plugins"])
def test_every_answer_carries_the_policy(client, path):
    headers = client.get(path).headers

    assert "script-src 'self'" in headers["Content-Security-Policy"]
    assert "unsafe" not in headers["Content-Security-Policy"]
    assert headers["X-Content-Type-Options"] == "nosniff"
    assert headers["X-Frame-Options"] == "DENY"


def test_https_is_insisted_on_where_it_is_served(with_settings):
    assert "Strict-Transport-Security" in with_settings(secure_cookies=True).get("/health/live").headers


def test_only_allowed_origins_may_call(with_settings):
    client = with_settings(cors_origins=("https://app.test",))

    good = client.get("/health/live", headers={"Origin": "https://app.test"})
    bad = client.get("/health/live", headers={"Origin": "https://evil.test"})

    assert good.headers["Access-Control-Allow-Origin"] == "https://app.test"
    assert "Access-Control-Allow-Origin" not in bad.headers
    assert bad.headers["Vary"] == "Origin"


def test_a_preflight_tells_nothing_of_paths(with_settings):
    client = with_settings(cors_origins=("https://app.test",))
    asked = {"Origin": "https://app.test", "Access-Control-Request-Method": "POST"}

    known = client.options("/api/v1/bells/ring", headers=asked)
    unknown = client.options("/api/v1/nothing", headers=asked)

    assert known.status_code == unknown.status_code == 204
    assert dict(known.headers) == dict(unknown.headers)
    assert "POST" in known.headers["Access-Control-Allow-Methods"]


def test_a_caller_beyond_its_limit_waits(client, tenant, key_of):
    headers = key_of(tenant, requests_per_minute=2)
    first = client.get("/api/v1/vocabulary", headers=headers)
    client.get("/api/v1/vocabulary", headers=headers)
    refused = client.get("/api/v1/vocabulary", headers=headers)

    assert "r=1" in first.headers["RateLimit"]
    assert refused.status_code in (200, 429)  # the minute may have turned between them
    assert refused.status_code == 200 or "Retry-After" in refused.headers


def test_limits_are_counted_in_redis_for_all_processes(redis_url):
    settings = load_settings({}, redis_url=redis_url, rate_limit_per_minute=1)
    one, other = Limits(settings), Limits(settings)

    spends = (one, other, one)  # of three in two minutes at most, two are in the same

    with pytest.raises(TooMany):
        _ = [limits.spend("someone") for limits in spends]


def test_without_redis_reads_go_on_and_sign_ins_do_not():
    limits = Limits(load_settings({}), RedisCounter(NOBODY_THERE))

    assert limits.spend("someone") is None
    with pytest.raises(Unavailable):
        limits.spend("someone", is_sign_in=True)


def test_sign_ins_from_one_address_are_few():
    limits = Limits(load_settings({}))

    with pytest.raises(TooMany):
        _ = [limits.spend("203.0.113.9", is_sign_in=True) for _ in range(2 * SIGN_IN_PER_MINUTE + 1)]


def test_metrics_are_for_this_machine_or_the_token(with_settings, client):
    abroad = {"REMOTE_ADDR": "203.0.113.9"}
    guarded = with_settings(metrics_token="a-token")

    assert client.get("/metrics").status_code == 200
    assert client.get("/metrics", environ_base=abroad).status_code == 403
    assert guarded.get("/metrics").status_code == 401
    headers = {"Authorization": "Bearer a-token"}
    assert guarded.get("/metrics", headers=headers, environ_base=abroad).status_code == 200


def test_forwarded_addresses_are_believed_only_from_known_proxies(with_settings):
    spoofed = {"X-Forwarded-For": "127.0.0.1"}
    abroad = {"REMOTE_ADDR": "203.0.113.9"}

    assert with_settings().get("/metrics", headers=spoofed, environ_base=abroad).status_code == 403
    proxied = with_settings(trusted_proxies=1)
    assert proxied.get("/metrics", headers=spoofed, environ_base=abroad).status_code == 200


def test_ready_names_what_is_not_well(with_settings):
    answer = with_settings(redis_url=NOBODY_THERE).get("/health/ready")

    assert answer.status_code == 503
    assert "Redis" in answer.json["checks"]["redis"]
