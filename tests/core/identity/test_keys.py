"""API keys: shown once, bound to their tenant, never stronger than their maker."""

from __future__ import annotations

from datetime import timedelta

import pytest

from pitboss.core.errors import Conflict, Forbidden, InvalidInput, NotAuthenticated, NotFound
from pitboss.core.identity import Principal, authenticate, keys
from pitboss.core.identity.tables import ApiKey


@pytest.fixture
def key(do, tenant):
    """A key that may see players."""
    permissions = ["core.players"]
    return do(tenant, keys.create_key, "shop", permissions=permissions, requests_per_minute=30)


def test_a_key_says_who_and_what_it_may_do(kernel, tenant, key):
    principal = authenticate(kernel, key.secret)

    assert (principal.kind, principal.tenant_id, principal.label) == ("api_key", tenant.id, "api_key:shop")
    assert principal.permissions == {"core.players"}
    assert principal.requests_per_minute == 30


def test_a_key_shows_its_prefix_and_keeps_no_secret(do, tenant, key):
    (stored,) = do(tenant, keys.list_keys)

    assert key.secret.startswith(f"pbk_{tenant.code}_{stored.prefix}_")
    assert len(stored.secret_hash) == 32


def test_a_revoked_key_ends_at_once(kernel, do, tenant, key):
    authenticate(kernel, key.secret)

    do(tenant, keys.revoke_key, key.key.id)

    with pytest.raises(NotAuthenticated):
        authenticate(kernel, key.secret)


def test_a_key_ends_at_its_time(kernel, do, tenant, clock):
    ends = clock.now() + timedelta(seconds=1)
    made = do(tenant, keys.create_key, "shop", permissions=[], expires_at=ends)
    authenticate(kernel, made.secret)

    clock.advance(seconds=1)

    with pytest.raises(NotAuthenticated, match="expired"):
        authenticate(kernel, made.secret)


def test_a_prefix_with_another_secret_opens_nothing(kernel, do, tenant, key):
    other = do(tenant, keys.create_key, "other", permissions=["*"])
    mixed = "_".join([*other.secret.split("_", 3)[:3], key.secret.split("_", 3)[3]])

    with pytest.raises(NotAuthenticated):
        authenticate(kernel, mixed)


def test_a_key_never_crosses_tenants(kernel, do, tenant, other_tenant, key):
    with pytest.raises(NotAuthenticated):
        authenticate(kernel, key.secret.replace(tenant.code, other_tenant.code))
    assert do(other_tenant, keys.list_keys) == []
    with pytest.raises(NotFound):
        do(other_tenant, keys.revoke_key, key.key.id)


def test_when_a_key_was_used_is_written_once_a_minute(kernel, tenant, key, clock, count):
    start = clock.now()
    for _ in range(3):
        authenticate(kernel, key.secret)
        clock.advance(seconds=25)

    assert count(tenant, ApiKey, ApiKey.used_at == start) == 1


def test_nobody_makes_a_key_that_may_do_more_than_they(do, tenant):
    clerk = Principal(kind="operator", tenant_id=tenant.id, permissions=frozenset({"core.api_keys"}))

    with pytest.raises(Forbidden, match=r"core\.players"):
        do(tenant, keys.create_key, "shop", permissions=["core.players"], actor=clerk)


@pytest.mark.parametrize(
    "wrong",
    [
        {"permissions": ["core.nothing"]},
        {"permissions": [], "requests_per_minute": 0},
        {"permissions": [], "requests_per_minute": keys.REQUESTS_PER_MINUTE_MAX + 1},
    ],
)
def test_what_a_key_cannot_be_is_refused(do, tenant, wrong):
    with pytest.raises(InvalidInput):
        do(tenant, keys.create_key, "shop", **wrong)


def test_a_key_cannot_end_before_it_begins(do, tenant, clock):
    with pytest.raises(InvalidInput, match="expires_at"):
        do(tenant, keys.create_key, "shop", permissions=[], expires_at=clock.now())


def test_one_key_more_than_the_limit_is_refused(do, tenant, key, monkeypatch):
    monkeypatch.setattr(keys, "KEYS_MAX", 1)

    with pytest.raises(Conflict, match="at most 1 API keys"):
        do(tenant, keys.create_key, "another", permissions=[])
    do(tenant, keys.revoke_key, key.key.id)
    do(tenant, keys.create_key, "another", permissions=[])
