"""Access and refresh tokens: short, rotating, revocable, and of one tenant."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from uuid import uuid4

import pytest

from pitboss.core.errors import NotAuthenticated, NotFound
from pitboss.core.identity import authenticate, players, sign_in_player, tokens
from pitboss.core.identity.tables import AccessToken, Activity, RefreshToken, TokenFamily
from pitboss.core.identity.tasks import purge
from tests.core.identity.people import ELSEWHERE, EMAIL, HOME, PASSWORD


@pytest.fixture
def signed_in(do, tenant, player_id):
    """Ann's tokens."""
    return do(tenant, sign_in_player, EMAIL, PASSWORD, HOME)


def test_an_access_token_says_who_and_where(kernel, tenant, player_id, signed_in):
    principal = authenticate(kernel, signed_in.access_token)

    assert (principal.kind, principal.id, principal.tenant_id) == ("player", player_id, tenant.id)
    assert principal.session_id == signed_in.session_id
    assert not principal.permissions


def test_a_players_label_holds_no_personal_data(kernel, signed_in, player_id):
    assert authenticate(kernel, signed_in.access_token).label == f"player:{player_id}"


def test_no_token_is_stored_in_plain_text(kernel, tenant, signed_in):
    with kernel.context(tenant.id) as ctx:
        stored = {row.token_hash for kind in (AccessToken, RefreshToken) for row in ctx.session.query(kind)}

    assert len(stored) == 2
    assert all(len(digest) == 32 and digest.hex() not in str(signed_in) for digest in stored)


def test_an_access_token_ends_after_fifteen_minutes(kernel, signed_in, clock):
    clock.advance(minutes=14, seconds=59)
    authenticate(kernel, signed_in.access_token)

    clock.advance(seconds=1)

    with pytest.raises(NotAuthenticated, match="expired"):
        authenticate(kernel, signed_in.access_token)


def test_a_refresh_token_gives_the_next_pair(do, kernel, tenant, signed_in, player_id):
    renewed = do(tenant, tokens.refresh, signed_in.refresh_token)

    assert renewed.session_id == signed_in.session_id
    assert authenticate(kernel, renewed.access_token).id == player_id
    assert renewed.refresh_token != signed_in.refresh_token


def test_a_refresh_token_that_comes_twice_ends_the_family(do, kernel, tenant, signed_in, count):
    renewed = do(tenant, tokens.refresh, signed_in.refresh_token, HOME)

    with pytest.raises(NotAuthenticated):
        do(tenant, tokens.refresh, signed_in.refresh_token, ELSEWHERE)

    with pytest.raises(NotAuthenticated):
        authenticate(kernel, renewed.access_token)
    with pytest.raises(NotAuthenticated):
        do(tenant, tokens.refresh, renewed.refresh_token)
    is_theft = Activity.kind == "refresh_token_reused"
    assert count(tenant, Activity, is_theft, Activity.address == ELSEWHERE.address) == 1


def test_a_theft_on_one_device_leaves_the_others_signed_in(do, kernel, tenant, signed_in, player_id):
    other = do(tenant, sign_in_player, EMAIL, PASSWORD, ELSEWHERE)
    do(tenant, tokens.refresh, signed_in.refresh_token)
    with pytest.raises(NotAuthenticated):
        do(tenant, tokens.refresh, signed_in.refresh_token)

    assert authenticate(kernel, other.access_token).id == player_id


def test_of_two_refreshes_at_once_one_is_theft(do, tenant, signed_in, count):
    def renew(_):
        try:
            return do(tenant, tokens.refresh, signed_in.refresh_token)
        except NotAuthenticated:
            return None

    with ThreadPoolExecutor(4) as pool:
        answers = list(pool.map(renew, range(4)))

    assert sum(answer is not None for answer in answers) == 1
    assert count(tenant, TokenFamily, TokenFamily.revoked_because == "refresh_token_reused") == 1


def test_a_refresh_token_ends_after_thirty_silent_days(do, tenant, signed_in, clock):
    clock.advance(days=30)

    with pytest.raises(NotAuthenticated):
        do(tenant, tokens.refresh, signed_in.refresh_token)


def test_a_sign_in_ends_after_ninety_days_however_busy(do, kernel, tenant, signed_in, clock):
    renewed = signed_in
    for _ in range(3):
        clock.advance(days=29, hours=23)
        renewed = do(tenant, tokens.refresh, renewed.refresh_token)
    clock.advance(hours=3)

    with pytest.raises(NotAuthenticated):
        authenticate(kernel, renewed.access_token)
    with pytest.raises(NotAuthenticated):
        do(tenant, tokens.refresh, renewed.refresh_token)


def test_signing_out_is_immediate(do, kernel, tenant, signed_in, player_id):
    do(tenant, tokens.sign_out, player_id, signed_in.session_id)

    with pytest.raises(NotAuthenticated):
        authenticate(kernel, signed_in.access_token)
    with pytest.raises(NotAuthenticated):
        do(tenant, tokens.refresh, signed_in.refresh_token)


def test_nobody_ends_a_strangers_sign_in(do, tenant, other_tenant, signed_in, namesake_id):
    with pytest.raises(NotFound):
        do(tenant, tokens.sign_out, uuid4(), signed_in.session_id)
    with pytest.raises(NotFound):
        do(other_tenant, tokens.sign_out, namesake_id, signed_in.session_id)


def test_signing_out_everywhere_may_spare_the_present_device(do, kernel, tenant, signed_in, player_id):
    other = do(tenant, sign_in_player, EMAIL, PASSWORD, ELSEWHERE)

    assert do(tenant, tokens.sign_out_everywhere, player_id, but=signed_in.session_id) == 1

    authenticate(kernel, signed_in.access_token)
    with pytest.raises(NotAuthenticated):
        authenticate(kernel, other.access_token)


def test_a_player_sees_the_own_devices(do, tenant, other_tenant, signed_in, player_id, namesake_id):
    do(other_tenant, sign_in_player, EMAIL, PASSWORD, ELSEWHERE)

    (seen,) = do(tenant, tokens.list_sessions, player_id)

    assert (seen.id, seen.address, seen.device) == (signed_in.session_id, HOME.address, HOME.device)


def test_one_device_too_many_signs_the_oldest_out(do, kernel, tenant, signed_in, player_id):
    for _ in range(tokens.FAMILIES_MAX):
        do(tenant, tokens.open_session, player_id)

    assert len(do(tenant, tokens.list_sessions, player_id)) == tokens.FAMILIES_MAX
    with pytest.raises(NotAuthenticated):
        authenticate(kernel, signed_in.access_token)


@pytest.mark.parametrize(
    "forge",
    [
        lambda token, other: "",
        lambda token, other: "not a token",
        lambda token, other: token[:-1],
        lambda token, other: token + "x",
        lambda token, other: token.replace("pba", "pbs"),
        lambda token, other: token.replace("pba", "pbk"),
        lambda token, other: token.replace("pba", "pbr"),
        lambda token, other: token.replace("pba", "pbz"),
        lambda token, other: token.replace(token.split("_")[1], other.code),
        lambda token, other: token.replace(token.split("_")[1], "no-such-tenant"),
        lambda token, other: token + "\u00e9",
        lambda token, other: token * 100,
        lambda token, other: f"pba_{other.code}_",
    ],
)
def test_a_forged_credential_is_refused(kernel, signed_in, other_tenant, forge):
    with pytest.raises(NotAuthenticated):
        authenticate(kernel, forge(signed_in.access_token, other_tenant))


def test_a_refresh_token_is_no_access_token(kernel, signed_in):
    with pytest.raises(NotAuthenticated):
        authenticate(kernel, signed_in.refresh_token)


def test_an_access_token_refreshes_nothing(do, tenant, signed_in):
    with pytest.raises(NotAuthenticated):
        do(tenant, tokens.refresh, signed_in.access_token)


def test_a_refresh_token_never_crosses_tenants(do, tenant, other_tenant, signed_in):
    moved = signed_in.refresh_token.replace(tenant.code, other_tenant.code)

    for token in (signed_in.refresh_token, moved):
        with pytest.raises(NotAuthenticated):
            do(other_tenant, tokens.refresh, token)
    assert do(tenant, tokens.refresh, signed_in.refresh_token)


def test_a_closed_account_refreshes_nothing(do, tenant, signed_in, player_id):
    do(tenant, players.deactivate_player, player_id)

    with pytest.raises(NotAuthenticated):
        do(tenant, tokens.refresh, signed_in.refresh_token)


def test_what_is_long_over_is_purged_and_the_rest_stays(
    do, kernel, tenant, signed_in, player_id, count, clock
):
    clock.advance(days=100)
    present = do(tenant, sign_in_player, EMAIL, PASSWORD)
    clock.advance(days=20, minutes=1)

    do(tenant, purge, {})

    assert count(tenant, TokenFamily) == 1
    assert count(tenant, RefreshToken) == 1
    assert do(tenant, tokens.refresh, present.refresh_token)
