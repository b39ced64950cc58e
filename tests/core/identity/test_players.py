"""Players: registered once a tenant, found, edited, locked and closed."""

from __future__ import annotations

from datetime import date
from uuid import UUID

import pytest

from pitboss.core.audit import AuditEntry
from pitboss.core.errors import Conflict, Forbidden, InvalidInput, NotAuthenticated, NotFound, Refused, Stale
from pitboss.core.events import EventRow
from pitboss.core.identity import authenticate, find_player, players, register_player, sign_in_player
from pitboss.core.identity.tables import Player
from tests.core.identity.people import EMAIL, PASSWORD, UNWELCOME


def test_an_address_is_stored_in_one_form(do, tenant):
    player = do(tenant, register_player, email="  Ann@ACME.test ", password=PASSWORD)

    assert player.email == "ann@acme.test"


@pytest.mark.parametrize(
    "email",
    ["", "ann", "ann@", "@acme.test", "ann@acme", "a b@acme.test", "a@b@acme.test", "x" * 250 + "@acme.test"],
)
def test_what_is_no_address_is_refused(do, tenant, email):
    with pytest.raises(InvalidInput, match="no email address"):
        do(tenant, register_player, email=email, password=PASSWORD)


@pytest.mark.parametrize("username", ["ab", "ann@acme", "-ann", "a" * 31, "ann smith"])
def test_what_is_no_user_name_is_refused(do, tenant, username):
    with pytest.raises(InvalidInput, match="username"):
        do(tenant, register_player, email=EMAIL, password=PASSWORD, username=username)


def test_an_address_registers_once_a_tenant(do, tenant, player_id):
    with pytest.raises(Conflict, match="email is taken"):
        do(tenant, register_player, email=EMAIL.upper(), password=PASSWORD)


def test_a_user_name_registers_once_a_tenant(do, tenant, player_id):
    with pytest.raises(Conflict, match="username is taken"):
        do(tenant, register_player, email="bob@acme.test", username="Ann", password=PASSWORD)


def test_two_tenants_have_players_of_one_address_apart(do, tenant, other_tenant, player_id, namesake_id):
    assert player_id != namesake_id
    with pytest.raises(NotFound):
        do(other_tenant, find_player, player_id)


def test_the_password_is_nowhere_in_plain_text(do, tenant, player_id):
    player = do(tenant, find_player, player_id)

    assert player.password_hash.startswith("$argon2id$")


def test_registering_emits_an_event_without_personal_data(do, kernel, tenant, player_id):
    with kernel.context(tenant.id) as ctx:
        event = ctx.session.query(EventRow).filter_by(name="core.player_registered").one()

    assert event.player_id == player_id
    assert EMAIL not in str(event.payload)
    assert EMAIL not in event.actor


def test_nobody_is_born_tomorrow(do, tenant):
    with pytest.raises(InvalidInput, match="birth_date"):
        do(tenant, register_player, email=EMAIL, password=PASSWORD, birth_date=date(2030, 1, 1))


def test_a_guard_refuses_a_registration(do, tenant, count):
    with pytest.raises(Refused, match="not welcome here"):
        do(tenant, register_player, email=EMAIL, password=PASSWORD, display_name=UNWELCOME)
    assert count(tenant, Player) == 0


def test_a_search_finds_the_start_of_an_address_of_one_tenant(
    do, tenant, other_tenant, player_id, namesake_id
):
    do(tenant, register_player, email="bob@acme.test", password=None)

    found = do(tenant, players.search_players, text="ANN@")

    assert [p.id for p in found.players] == [player_id]


def test_a_search_takes_wildcards_for_letters(do, tenant, player_id):
    assert do(tenant, players.search_players, text="%").players == ()


def test_a_search_goes_on_where_the_page_ended(do, tenant):
    ids = [do(tenant, register_player, email=f"p{n}@acme.test", password=None).id for n in range(5)]

    first = do(tenant, players.search_players, limit=3)
    second = do(tenant, players.search_players, limit=3, after=first.cursor)

    assert [p.id for p in (*first.players, *second.players)] == ids
    assert second.cursor is None


@pytest.mark.parametrize("limit", [0, players.PAGE_MAX + 1])
def test_a_page_has_its_limits(do, tenant, limit):
    with pytest.raises(InvalidInput, match="limit"):
        do(tenant, players.search_players, limit=limit)


def test_an_edit_of_an_older_version_is_refused(do, tenant, player_id):
    do(tenant, players.edit_player, player_id, {"country": "GB"}, version=1)

    with pytest.raises(Stale):
        do(tenant, players.edit_player, player_id, {"country": "FR"}, version=1)


def test_the_audit_trail_of_an_edit_holds_no_personal_data(do, kernel, tenant, player_id):
    do(tenant, players.edit_player, player_id, {"display_name": "Ann Smith"})

    with kernel.context(tenant.id) as ctx:
        entry = ctx.session.query(AuditEntry).filter_by(action="core.edit_player").one()
    assert entry.new == {"fields": ["display_name"]}


def test_locking_ends_every_sign_in_at_once(do, kernel, tenant, player_id):
    tokens = do(tenant, sign_in_player, EMAIL, PASSWORD)

    do(tenant, players.lock_player, player_id, "asked to")

    with pytest.raises(NotAuthenticated):
        authenticate(kernel, tokens.access_token)
    with pytest.raises(Forbidden, match="locked"):
        do(tenant, sign_in_player, EMAIL, PASSWORD)


def test_a_locked_account_looks_like_any_other_to_who_has_not_the_password(do, tenant, player_id):
    do(tenant, players.lock_player, player_id, "asked to")

    with pytest.raises(NotAuthenticated, match="name or the password is wrong"):
        do(tenant, sign_in_player, EMAIL, "eight blue lamps")


def test_locking_leaves_a_namesake_of_another_tenant_alone(
    do, kernel, tenant, other_tenant, player_id, namesake_id
):
    tokens = do(other_tenant, sign_in_player, EMAIL, PASSWORD)

    do(tenant, players.lock_player, player_id, "asked to")

    assert authenticate(kernel, tokens.access_token).id == namesake_id


def test_an_unlocked_player_signs_in_again(do, tenant, player_id):
    do(tenant, players.lock_player, player_id, "asked to")
    do(tenant, players.unlock_player, player_id)

    assert do(tenant, sign_in_player, EMAIL, PASSWORD).player_id == player_id


def test_a_closed_account_stays_closed_and_keeps_its_address(do, tenant, player_id):
    do(tenant, players.deactivate_player, player_id, "self-excluded")

    with pytest.raises(Conflict, match="closed"):
        do(tenant, players.unlock_player, player_id)
    with pytest.raises(Conflict, match="taken"):
        do(tenant, register_player, email=EMAIL, password=PASSWORD)


def test_each_change_of_status_is_an_event_and_an_audit_entry(do, tenant, player_id, count):
    do(tenant, players.lock_player, player_id, "asked to")
    do(tenant, players.lock_player, player_id, "asked twice")
    do(tenant, players.deactivate_player, player_id)

    assert count(tenant, EventRow, EventRow.name == "core.player_locked") == 1
    assert count(tenant, EventRow, EventRow.name == "core.player_deactivated") == 1
    assert count(tenant, AuditEntry, AuditEntry.target == f"player:{player_id}") == 2


def test_an_unknown_player_is_not_found(do, tenant):
    with pytest.raises(NotFound, match="no player"):
        do(tenant, players.lock_player, UUID(int=1), "why")
