"""New passwords: with the old one, or with a token that is good once, for an hour, in one tenant."""

from __future__ import annotations

import pytest

from pitboss.core.errors import InvalidInput, NotAuthenticated, TooMany
from pitboss.core.events import EventRow
from pitboss.core.identity import authenticate, players, resets, sign_in_player
from pitboss.core.identity.tables import PasswordReset
from tests.core.identity.people import ELSEWHERE, EMAIL, HOME, PASSWORD

NEW = "nine yellow mugs"


@pytest.fixture
def token(do, tenant, player_id):
    """What Ann was sent."""
    return do(tenant, resets.request_reset, "player", EMAIL, HOME)


def test_a_token_gives_a_new_password(do, tenant, token, player_id):
    do(tenant, resets.reset_password, token, NEW)

    assert do(tenant, sign_in_player, EMAIL, NEW).player_id == player_id
    with pytest.raises(NotAuthenticated):
        do(tenant, sign_in_player, EMAIL, PASSWORD)


def test_a_token_is_good_once(do, tenant, token):
    do(tenant, resets.reset_password, token, NEW)

    with pytest.raises(InvalidInput, match="used or has expired"):
        do(tenant, resets.reset_password, token, "ten orange boxes")


def test_a_token_is_good_for_an_hour(do, tenant, token, clock):
    clock.advance(hours=1)

    with pytest.raises(InvalidInput, match="used or has expired"):
        do(tenant, resets.reset_password, token, NEW)


def test_a_newer_token_voids_the_older(do, tenant, token):
    do(tenant, resets.request_reset, "player", EMAIL, HOME)

    with pytest.raises(InvalidInput):
        do(tenant, resets.reset_password, token, NEW)


def test_a_token_never_crosses_tenants(do, tenant, other_tenant, token, namesake_id):
    for sent in (token, token.replace(tenant.code, other_tenant.code)):
        with pytest.raises(InvalidInput):
            do(other_tenant, resets.reset_password, sent, NEW)


@pytest.mark.parametrize("forged", ["", "x", "pbp_", "pba_acme_x", "pbp_nobody_" + "x" * 43])
def test_a_forged_token_is_refused(do, tenant, player_id, forged):
    with pytest.raises(InvalidInput):
        do(tenant, resets.reset_password, forged, NEW)


def test_a_bad_password_leaves_the_token_good(do, tenant, token):
    with pytest.raises(InvalidInput, match="8 to 128"):
        do(tenant, resets.reset_password, token, "short")

    do(tenant, resets.reset_password, token, NEW)


def test_a_reset_ends_every_sign_in(do, kernel, tenant, token):
    signed_in = do(tenant, sign_in_player, EMAIL, PASSWORD)

    do(tenant, resets.reset_password, token, NEW)

    with pytest.raises(NotAuthenticated):
        authenticate(kernel, signed_in.access_token)


def test_a_reset_lifts_the_block_of_who_forgot(do, tenant, token):
    for _ in range(5):
        with pytest.raises(NotAuthenticated):
            do(tenant, sign_in_player, EMAIL, "forgotten", HOME)

    do(tenant, resets.reset_password, token, NEW, HOME)

    assert do(tenant, sign_in_player, EMAIL, NEW, HOME)


def test_whoever_asks_for_an_unknown_account_is_not_told(do, tenant, player_id, count):
    assert do(tenant, resets.request_reset, "player", "nobody@acme.test", HOME) is None
    assert count(tenant, PasswordReset) == 0


def test_a_closed_account_gets_no_token(do, tenant, player_id):
    do(tenant, players.deactivate_player, player_id)

    assert do(tenant, resets.request_reset, "player", EMAIL) is None


def test_the_event_holds_no_token(do, kernel, tenant, token, player_id):
    with kernel.context(tenant.id) as ctx:
        event = ctx.session.query(EventRow).filter_by(name="core.password_reset_requested").one()

    assert event.payload == {"player_id": str(player_id)}


@pytest.mark.parametrize("login", [EMAIL, "nobody@acme.test"])
def test_a_fourth_request_waits(do, tenant, player_id, login):
    for _ in range(3):
        do(tenant, resets.request_reset, "player", login, HOME)

    with pytest.raises(TooMany):
        do(tenant, resets.request_reset, "player", login, ELSEWHERE)


def test_the_old_password_gives_a_new_one(do, kernel, tenant, player_id):
    here = do(tenant, sign_in_player, EMAIL, PASSWORD, HOME)
    there = do(tenant, sign_in_player, EMAIL, PASSWORD, ELSEWHERE)

    do(tenant, resets.change_password, "player", player_id, old=PASSWORD, new=NEW, keep=here.session_id)

    authenticate(kernel, here.access_token)
    with pytest.raises(NotAuthenticated):
        authenticate(kernel, there.access_token)
    assert do(tenant, sign_in_player, EMAIL, NEW)


def test_without_the_old_password_nothing_changes(do, tenant, player_id):
    with pytest.raises(InvalidInput) as refusal:
        do(tenant, resets.change_password, "player", player_id, old="wrong", new=NEW)

    assert list(refusal.value.fields) == ["old_password"]
    assert do(tenant, sign_in_player, EMAIL, PASSWORD)


def test_guessing_the_old_password_is_blocked_like_signing_in(do, tenant, player_id):
    for _ in range(5):
        with pytest.raises(InvalidInput):
            do(tenant, resets.change_password, "player", player_id, old="wrong", new=NEW)

    with pytest.raises(TooMany):
        do(tenant, resets.change_password, "player", player_id, old=PASSWORD, new=NEW)


def test_a_changed_password_voids_tokens_that_are_on_their_way(do, tenant, token, player_id):
    do(tenant, resets.change_password, "player", player_id, old=PASSWORD, new=NEW)

    with pytest.raises(InvalidInput):
        do(tenant, resets.reset_password, token, "ten orange boxes")
