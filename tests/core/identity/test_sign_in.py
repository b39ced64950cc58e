"""Signing in: by what, how often one may be wrong, and what nobody can find out."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

import pytest
from argon2 import PasswordHasher
from sqlalchemy import update

from pitboss.core.errors import NotAuthenticated, PitbossError, Refused, TooMany
from pitboss.core.events import EventRow
from pitboss.core.identity import (
    Visitor,
    attempts,
    find_player,
    passwords,
    players,
    register_player,
    sign_in_player,
)
from pitboss.core.identity.tables import Activity, Attempts, Player, TokenFamily
from tests.core.identity.people import ELSEWHERE, EMAIL, HOME, PASSWORD, UNWELCOME

WRONG = "eight blue lamps"


@pytest.fixture
def fail(do, tenant):
    """Sign in with a wrong password, so many times."""

    def wrong(times, login=EMAIL, visitor=HOME, at=tenant):
        for _ in range(times):
            with pytest.raises(NotAuthenticated):
                do(at, sign_in_player, login, WRONG, visitor)

    return wrong


@pytest.mark.parametrize("login", [EMAIL, " Ann@Acme.TEST ", "ann", "ANN"])
def test_a_player_signs_in_by_address_or_user_name(do, tenant, player_id, login):
    assert do(tenant, sign_in_player, login, PASSWORD).player_id == player_id


def test_one_address_is_another_player_in_each_tenant(do, tenant, other_tenant, player_id, namesake_id):
    assert do(tenant, sign_in_player, EMAIL, PASSWORD).player_id == player_id
    assert do(other_tenant, sign_in_player, EMAIL, PASSWORD).player_id == namesake_id


def test_a_password_of_one_tenant_is_nothing_in_another(do, tenant, other_tenant, player_id):
    do(other_tenant, register_player, email=EMAIL, password="nine yellow mugs")

    with pytest.raises(NotAuthenticated):
        do(other_tenant, sign_in_player, EMAIL, PASSWORD)


def test_a_player_without_a_password_cannot_sign_in(do, tenant):
    do(tenant, register_player, email=EMAIL, password=None)

    with pytest.raises(NotAuthenticated):
        do(tenant, sign_in_player, EMAIL, "nobody has this password")


def test_signing_in_is_an_event_and_an_activity(do, tenant, player_id, count):
    do(tenant, sign_in_player, EMAIL, PASSWORD, HOME)

    assert count(tenant, EventRow, EventRow.name == "core.player_signed_in") == 1
    assert count(tenant, Activity, Activity.kind == "signed_in", Activity.address == HOME.address) == 1


def test_a_wrong_password_and_no_such_account_answer_alike(do, tenant, player_id):
    said = []
    for login in (EMAIL, "nobody@acme.test"):
        with pytest.raises(NotAuthenticated) as refusal:
            do(tenant, sign_in_player, login, WRONG)
        said.append(str(refusal.value))

    assert said[0] == said[1]


@pytest.mark.parametrize("login", [EMAIL, "nobody@acme.test"])
def test_each_attempt_costs_one_hash_and_leaves_one_row(do, tenant, player_id, count, monkeypatch, login):
    hashed = []
    hasher = passwords._hasher
    passwords.verify(None, "warm up the decoy")
    monkeypatch.setattr(passwords, "_hasher", _Counting(hasher, hashed))

    with pytest.raises(NotAuthenticated):
        do(tenant, sign_in_player, login, WRONG)

    assert hashed == ["verify"]
    assert count(tenant, Activity, Activity.kind == "sign_in_failed") == 1


@pytest.mark.parametrize("login", [EMAIL, "nobody@acme.test"])
def test_five_failures_block_a_login_from_one_address(do, tenant, player_id, fail, login):
    fail(5, login)

    with pytest.raises(TooMany) as refusal:
        do(tenant, sign_in_player, login, PASSWORD, HOME)
    assert refusal.value.retry_after_seconds == 60


def test_a_stranger_does_not_lock_a_player_out(do, tenant, player_id, fail):
    fail(5, visitor=ELSEWHERE)

    assert do(tenant, sign_in_player, EMAIL, PASSWORD, HOME)


def test_a_block_ends_with_its_time(do, tenant, player_id, fail, clock):
    fail(5)

    clock.advance(seconds=61)

    assert do(tenant, sign_in_player, EMAIL, PASSWORD, HOME)


def test_blocks_grow_longer(do, tenant, player_id, fail, clock):
    waited = []
    for _ in range(5):
        fail(5, visitor=HOME)
        with pytest.raises(TooMany) as refusal:
            do(tenant, sign_in_player, EMAIL, WRONG, HOME)
        waited.append(refusal.value.retry_after_seconds // 60)
        clock.advance(minutes=61)
        do(tenant, attempts.clear, "player", EMAIL)

    assert waited == [1, 5, 15, 60, 60]


def test_attempts_while_blocked_do_not_prolong_it(do, tenant, player_id, fail, clock):
    fail(5)
    for _ in range(10):
        with pytest.raises(TooMany):
            do(tenant, sign_in_player, EMAIL, WRONG, HOME)

    clock.advance(seconds=61)

    assert do(tenant, sign_in_player, EMAIL, PASSWORD, HOME)


def test_a_right_password_forgives_the_wrong_ones(do, tenant, player_id, fail):
    fail(4)
    do(tenant, sign_in_player, EMAIL, PASSWORD, HOME)

    fail(4)

    assert do(tenant, sign_in_player, EMAIL, PASSWORD, HOME)


def test_failures_are_forgotten_after_a_day(do, tenant, player_id, fail, clock):
    fail(4)
    clock.advance(hours=25)

    fail(4)

    assert do(tenant, sign_in_player, EMAIL, PASSWORD, HOME)


def test_many_addresses_together_block_an_account(do, tenant, player_id, count):
    for n in range(20):
        with pytest.raises(NotAuthenticated):
            do(tenant, sign_in_player, EMAIL, WRONG, Visitor(f"198.51.100.{n}"))

    with pytest.raises(TooMany):
        do(tenant, sign_in_player, EMAIL, PASSWORD, HOME)
    assert count(tenant, EventRow, EventRow.name == "core.player_locked") == 1


def test_unlocking_lifts_the_block_of_an_account(do, tenant, player_id, monkeypatch):
    monkeypatch.setitem(attempts.FAILURES_MAX, "account", 1)
    with pytest.raises(NotAuthenticated):
        do(tenant, sign_in_player, EMAIL, WRONG, ELSEWHERE)

    do(tenant, players.unlock_player, player_id)

    assert do(tenant, sign_in_player, EMAIL, PASSWORD, HOME)


def test_one_address_that_tries_many_accounts_is_blocked(do, tenant, player_id, monkeypatch):
    monkeypatch.setitem(attempts.FAILURES_MAX, "address", 6)
    for n in range(6):
        with pytest.raises(NotAuthenticated):
            do(tenant, sign_in_player, f"p{n}@acme.test", WRONG, ELSEWHERE)

    with pytest.raises(TooMany):
        do(tenant, sign_in_player, EMAIL, PASSWORD, ELSEWHERE)
    assert do(tenant, sign_in_player, EMAIL, PASSWORD, HOME)


def test_a_right_password_does_not_wash_an_address_clean(do, tenant, player_id, fail, kernel):
    fail(3, "nobody@acme.test")

    do(tenant, sign_in_player, EMAIL, PASSWORD, HOME)

    with kernel.context(tenant.id) as ctx:
        assert ctx.session.query(Attempts).filter_by(scope="address").one().failures == 3


def test_a_block_in_one_tenant_is_none_in_another(do, tenant, other_tenant, player_id, namesake_id, fail):
    fail(5)

    assert do(other_tenant, sign_in_player, EMAIL, PASSWORD, HOME)


def test_guesses_sent_at_once_are_all_counted(do, tenant, player_id):
    def guess(_):
        try:
            do(tenant, sign_in_player, EMAIL, WRONG, HOME)
        except (NotAuthenticated, TooMany) as error:
            return type(error)

    with ThreadPoolExecutor(8) as pool:
        answers = list(pool.map(guess, range(16)))

    assert answers.count(NotAuthenticated) == 5


def test_a_guard_refuses_a_sign_in_and_nobody_is_signed_in(do, tenant, player_id, count):
    do(tenant, players.edit_player, player_id, {"display_name": UNWELCOME})

    with pytest.raises(Refused, match="not welcome here"):
        do(tenant, sign_in_player, EMAIL, PASSWORD)
    assert count(tenant, TokenFamily) == 0


def test_a_right_password_that_a_guard_refuses_is_no_failure(do, tenant, player_id):
    do(tenant, players.edit_player, player_id, {"display_name": UNWELCOME})

    for _ in range(6):
        with pytest.raises(Refused):
            do(tenant, sign_in_player, EMAIL, PASSWORD)


def test_a_hash_of_weaker_parameters_is_made_anew(do, kernel, tenant, player_id):
    weak = PasswordHasher(time_cost=1, memory_cost=8, parallelism=1).hash(PASSWORD)
    with kernel.context(tenant.id) as ctx:
        ctx.connection.execute(update(Player).values(password_hash=weak))

    do(tenant, sign_in_player, EMAIL, PASSWORD)

    assert not passwords.is_outdated(do(tenant, find_player, player_id).password_hash)
    assert do(tenant, sign_in_player, EMAIL, PASSWORD)


def test_signing_in_within_other_work_is_refused(kernel, tenant, player_id):
    with kernel.context(tenant.id) as ctx:
        find_player(ctx, player_id)

        with pytest.raises(PitbossError, match="before anything else"):
            sign_in_player(ctx, EMAIL, PASSWORD)


class _Counting:
    """Note which hashes are computed, and compute them."""

    def __init__(self, hasher, calls):
        self._hasher, self._calls = hasher, calls

    def verify(self, *arguments):
        self._calls.append("verify")
        return self._hasher.verify(*arguments)

    def hash(self, *arguments):
        self._calls.append("hash")
        return self._hasher.hash(*arguments)
