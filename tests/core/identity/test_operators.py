"""Operators: invited, signed in, given roles; nobody rises above who lets them in."""

from __future__ import annotations

from dataclasses import replace

import pytest
from sqlalchemy import update

from pitboss.core.audit import AuditEntry
from pitboss.core.errors import Conflict, Forbidden, InvalidInput, NotAuthenticated, NotFound, TooMany
from pitboss.core.identity import authenticate, ensure_first_operator, operators, resets, roles, sessions
from pitboss.core.identity.tables import OperatorSession, Role
from pitboss.core.notifications.tables import NotificationRow
from pitboss.core.tenancy import PLATFORM_ID
from tests.core.identity.people import ELSEWHERE, EMAIL, HOME, OPERATOR_PASSWORD

BOB = "bob@acme.test"


@pytest.fixture
def bob(kernel, do, tenant, administrator):
    """Bob of support, signed in: a principal."""
    invited = do(tenant, operators.invite_operator, BOB, role_names=["support"], actor=administrator)
    do(tenant, resets.reset_password, invited.token, OPERATOR_PASSWORD)
    return authenticate(kernel, do(tenant, sessions.sign_in_operator, BOB, OPERATOR_PASSWORD).secret)


def test_the_first_operator_may_do_everything(administrator):
    assert administrator.may("anything.at_all")
    assert administrator.label == f"operator:{EMAIL}"


def test_there_is_one_first_operator(kernel, tenant, administrator):
    assert not ensure_first_operator(kernel, tenant.id, BOB, OPERATOR_PASSWORD)


def test_the_first_operator_of_each_tenant_is_another(kernel, do, tenant, other_tenant, administrator):
    ensure_first_operator(kernel, other_tenant.id, EMAIL, "twelve white fences")

    with pytest.raises(NotAuthenticated):
        do(other_tenant, sessions.sign_in_operator, EMAIL, OPERATOR_PASSWORD)


def test_a_first_operator_needs_a_good_password(kernel, tenant):
    with pytest.raises(InvalidInput, match="12 to 128"):
        ensure_first_operator(kernel, tenant.id, EMAIL, "too short")


def test_whoever_is_invited_cannot_sign_in_before_choosing_a_password(do, tenant, administrator):
    do(tenant, operators.invite_operator, BOB, actor=administrator)

    with pytest.raises(NotAuthenticated):
        do(tenant, sessions.sign_in_operator, BOB, "")


def test_an_invitation_is_good_once_and_for_three_days(do, tenant, administrator, clock):
    invited = do(tenant, operators.invite_operator, BOB, actor=administrator)
    clock.advance(hours=72)

    with pytest.raises(InvalidInput, match="used or has expired"):
        do(tenant, resets.reset_password, invited.token, OPERATOR_PASSWORD)


def test_an_invitation_is_mailed_and_lies_sealed_meanwhile(do, kernel, tenant, administrator):
    invited = do(tenant, operators.invite_operator, BOB, actor=administrator)

    with kernel.context(tenant.id) as ctx:
        mail = ctx.session.query(NotificationRow).one()
    assert (mail.template, mail.target_id) == ("core.operator_invitation", invited.operator.id)
    assert all(invited.token not in str(getattr(mail, c.key)) for c in NotificationRow.__table__.c)


def test_an_operator_is_invited_once_a_tenant(do, tenant, administrator):
    with pytest.raises(Conflict, match="exists already"):
        do(tenant, operators.invite_operator, EMAIL.upper(), actor=administrator)


def test_an_operator_may_do_what_the_roles_say(bob):
    assert bob.may("core.players_edit")
    assert not bob.may("core.operators")


def test_a_change_of_roles_holds_at_the_next_request(kernel, do, tenant, administrator):
    invited = do(tenant, operators.invite_operator, BOB, actor=administrator)
    do(tenant, resets.reset_password, invited.token, OPERATOR_PASSWORD)
    secret = do(tenant, sessions.sign_in_operator, BOB, OPERATOR_PASSWORD).secret
    assert not authenticate(kernel, secret).may("core.audit")

    do(tenant, operators.set_roles, invited.operator.id, ["viewer"], actor=administrator)

    assert authenticate(kernel, secret).may("core.audit")


def test_nobody_gives_a_role_that_may_do_more_than_they(do, tenant, bob):
    powerful = replace(bob, permissions=bob.permissions | {"core.operators"})

    with pytest.raises(Forbidden, match=r"'\*'"):
        do(tenant, operators.set_roles, bob.id, ["administrator"], actor=powerful)


def test_nobody_locks_a_superior(do, tenant, administrator, bob):
    with pytest.raises(Forbidden):
        do(tenant, operators.lock_operator, administrator.id, "coup", actor=bob)


def test_a_locked_operator_is_out_at_once(kernel, do, tenant, administrator, bob):
    secret = do(tenant, sessions.sign_in_operator, BOB, OPERATOR_PASSWORD).secret

    do(tenant, operators.lock_operator, bob.id, "left", actor=administrator)

    with pytest.raises(NotAuthenticated):
        authenticate(kernel, secret)
    with pytest.raises(Forbidden, match="locked"):
        do(tenant, sessions.sign_in_operator, BOB, OPERATOR_PASSWORD)


def test_an_unlocked_operator_signs_in_again(do, tenant, administrator, bob):
    do(tenant, operators.lock_operator, bob.id, "left", actor=administrator)
    do(tenant, operators.unlock_operator, bob.id, "came back", actor=administrator)

    assert do(tenant, sessions.sign_in_operator, BOB, OPERATOR_PASSWORD)


def test_the_last_administrator_is_not_locked(do, tenant, administrator):
    with pytest.raises(Conflict, match="last administrator"):
        do(tenant, operators.lock_operator, administrator.id, "bored", actor=administrator)


def test_the_last_administrator_keeps_the_role(do, tenant, administrator):
    with pytest.raises(Conflict, match="last administrator"):
        do(tenant, operators.set_roles, administrator.id, ["viewer"], actor=administrator)


def test_five_failures_block_an_operator_too(do, tenant, administrator):
    for _ in range(5):
        with pytest.raises(NotAuthenticated):
            do(tenant, sessions.sign_in_operator, EMAIL, "wrong", HOME)

    with pytest.raises(TooMany):
        do(tenant, sessions.sign_in_operator, EMAIL, OPERATOR_PASSWORD, HOME)


def test_an_operator_of_one_tenant_is_unknown_in_another(do, kernel, tenant, other_tenant, administrator):
    with pytest.raises(NotFound):
        do(other_tenant, operators.find_operator, administrator.id)
    assert do(other_tenant, operators.list_operators) == []


# -- sessions --------------------------------------------------------------------------------------


@pytest.fixture
def secret(do, tenant, administrator):
    """The cookie of a second session of the administrator."""
    return do(tenant, sessions.sign_in_operator, EMAIL, OPERATOR_PASSWORD, ELSEWHERE).secret


def test_a_session_ends_after_two_idle_hours(kernel, secret, clock):
    clock.advance(minutes=119)
    authenticate(kernel, secret)
    clock.advance(minutes=119)
    authenticate(kernel, secret)

    clock.advance(minutes=120)

    with pytest.raises(NotAuthenticated, match="expired"):
        authenticate(kernel, secret)


def test_a_session_ends_after_twelve_hours_however_busy(kernel, secret, clock):
    for _ in range(7):
        clock.advance(minutes=100)
        authenticate(kernel, secret)

    clock.advance(minutes=20)

    with pytest.raises(NotAuthenticated, match="expired"):
        authenticate(kernel, secret)


def test_when_a_session_was_seen_is_written_once_a_minute(kernel, tenant, secret, clock, count):
    start = clock.now()
    for _ in range(3):
        clock.advance(seconds=25)
        authenticate(kernel, secret)

    assert count(tenant, OperatorSession, OperatorSession.seen_at == start) == 1
    clock.advance(seconds=1)
    authenticate(kernel, secret)
    assert count(tenant, OperatorSession, OperatorSession.seen_at > start) == 1


def test_signing_out_ends_one_session(kernel, do, tenant, administrator, secret):
    do(tenant, sessions.sign_out_operator, administrator.id, authenticate(kernel, secret).session_id)

    with pytest.raises(NotAuthenticated):
        authenticate(kernel, secret)
    assert [s.id for s in do(tenant, sessions.list_operator_sessions, administrator.id)] == [
        administrator.session_id
    ]


def test_a_new_password_ends_the_other_sessions(kernel, do, tenant, administrator, secret):
    here = authenticate(kernel, secret)
    new = "thirteen red wheels"
    options = {"old": OPERATOR_PASSWORD, "new": new, "keep": here.session_id}

    do(tenant, resets.change_password, "operator", here.id, **options)

    assert [s.id for s in do(tenant, sessions.list_operator_sessions, here.id)] == [here.session_id]
    assert do(tenant, sessions.sign_in_operator, EMAIL, new)


def test_each_sign_in_is_audited_and_each_that_fails(do, tenant, administrator, secret, count):
    for email in (EMAIL, "nobody@acme.test"):
        with pytest.raises(NotAuthenticated):
            do(tenant, sessions.sign_in_operator, email, "wrong")

    assert count(tenant, AuditEntry, AuditEntry.action == "core.sign_in") == 2
    assert count(tenant, AuditEntry, AuditEntry.action == "core.sign_in_failed") == 2


# -- roles -----------------------------------------------------------------------------------------


def test_every_tenant_has_the_default_roles(do, tenant, other_tenant):
    for place in (tenant, other_tenant):
        assert {r.name for r in do(place, roles.list_roles)} == set(roles.DEFAULT_ROLES)


def test_the_default_roles_grant_only_what_exists(do, tenant):
    for role in do(tenant, roles.list_roles):
        do(tenant, roles.check_permissions, role.permissions)


def test_a_role_of_one_tenant_is_unknown_in_another(do, tenant, other_tenant):
    do(tenant, roles.save_role, "trader", title="Trader", permissions=["core.jobs"])

    with pytest.raises(NotFound):
        do(other_tenant, roles.find_role, "trader")


def test_an_unknown_permission_names_the_nearest_one(do, tenant):
    with pytest.raises(InvalidInput, match=r"did you mean 'core\.players'"):
        do(tenant, roles.save_role, "trader", title="Trader", permissions=["core.plyers"])


def test_nobody_makes_a_role_that_may_do_more_than_they(do, tenant, bob):
    with pytest.raises(Forbidden, match=r"core\.wallet_adjust"):
        do(tenant, roles.save_role, "boss", title="B", permissions=["core.wallet_adjust"], actor=bob)


def test_a_changed_role_is_audited_with_old_and_new(kernel, do, tenant):
    do(tenant, roles.save_role, "trader", title="Trader", permissions=["core.jobs"])
    do(tenant, roles.save_role, "trader", title="Trader", permissions=["core.audit"])

    with kernel.context(tenant.id) as ctx:
        last = ctx.session.query(AuditEntry).filter_by(target="role:trader").order_by(AuditEntry.id).all()[-1]
    assert (last.old["permissions"], last.new["permissions"]) == (["core.jobs"], ["core.audit"])


def test_the_administrators_role_is_not_changed(do, tenant):
    with pytest.raises(Conflict, match="administrator"):
        do(tenant, roles.save_role, "administrator", title="Less", permissions=[])


def test_the_administrators_role_is_not_removed(do, tenant):
    with pytest.raises(Conflict, match="administrator"):
        do(tenant, roles.delete_role, "administrator")


def test_a_role_that_someone_has_is_not_removed(do, tenant, bob):
    with pytest.raises(Conflict, match="operators have the role"):
        do(tenant, roles.delete_role, "support")
    do(tenant, operators.set_roles, bob.id, [])
    do(tenant, roles.delete_role, "support")


def test_permissions_of_plugins_that_are_gone_count_for_nothing(kernel, do, tenant, bob):
    with kernel.context(tenant.id) as ctx:
        gone = ["core.players", "gone_plugin.everything"]
        ctx.connection.execute(update(Role).where(Role.name == "support").values(permissions=gone))

    assert do(tenant, roles.effective_permissions, bob.id) == {"core.players"}


def _platform_session(kernel, do):
    platform = kernel.tenants.get(PLATFORM_ID)
    ensure_first_operator(kernel, PLATFORM_ID, EMAIL, OPERATOR_PASSWORD)
    secret = do(platform, sessions.sign_in_operator, EMAIL, OPERATOR_PASSWORD).secret
    return secret, authenticate(kernel, secret)
