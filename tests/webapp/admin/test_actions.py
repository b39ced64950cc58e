"""Laws of what operators do on pages: checked, kept once, audited, and said plainly."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import update

from pitboss.core import audit
from pitboss.core.identity.players import find_player
from pitboss.core.jobs import JobRow, JobState, enqueue, find_job
from pitboss.core.kernel import Kernel
from pitboss.core.ledger import wallet
from pitboss.core.notifications import list_notifications
from pitboss.core.tenancy import Tenant
from pitboss.core.tenancy.toggle import require

PLUGIN = "acme_sample"
SETTINGS = {"cards_per_day_max": "7", "prize_points": "50", "days_until_expiry": "10"}


def version_on(page: str) -> str:
    found = re.search(r'name="version" value="([^"]+)"', page)
    assert found is not None
    return found[1]


def entries(kernel: Kernel, tenant: Tenant, action: str) -> list[dict[str, Any]]:
    with kernel.context(tenant.id) as ctx:
        return audit.search(ctx, audit.Filter(action=action)).entries


def cash(kernel: Kernel, tenant: Tenant, player_id: UUID) -> int:
    with kernel.context(tenant.id) as ctx:
        return wallet.read_wallet(ctx.connection, player_id, tenant.currency).cash


@pytest.fixture
def player_id(tenant: Tenant, player_in: Callable[[Tenant], UUID]) -> UUID:
    return player_in(tenant)


def test_a_plugin_is_switched_off_and_on_with_the_reason_kept(
    admin: Any, kernel: Kernel, tenant: Tenant
) -> None:
    admin.post(f"/admin/plugins/{PLUGIN}/off", data={"reason": "Too many complaints"})
    off = admin.get(f"/admin/{PLUGIN}/").status_code
    admin.post(f"/admin/plugins/{PLUGIN}/on")

    assert (off, admin.get(f"/admin/{PLUGIN}/").status_code) == (404, 200)
    assert entries(kernel, tenant, "plugin.disabled")[0]["reason"] == "Too many complaints"


def test_a_required_plugin_stays_on(admin: Any, kernel: Kernel, tenant: Tenant) -> None:
    with kernel.context(tenant.id) as ctx:
        require(ctx, PLUGIN, is_required=True)
    kernel.tenants.forget()

    answer = admin.post(f"/admin/plugins/{PLUGIN}/off", follow_redirects=True)

    assert "is required for this tenant" in answer.text
    assert admin.get(f"/admin/{PLUGIN}/").status_code == 200


def test_settings_are_saved_from_the_drawn_form(admin: Any, kernel: Kernel, tenant: Tenant) -> None:
    path = f"/admin/plugins/{PLUGIN}"
    version = version_on(admin.get(path).text)

    answer = admin.post(f"{path}/settings", data=SETTINGS | {"version": version})

    assert answer.status_code == 303
    assert kernel.tenants.get(tenant.id).settings[PLUGIN]["cards_per_day_max"] == 7


def test_a_wrong_setting_is_shown_at_its_field_and_nothing_is_saved(
    admin: Any, kernel: Kernel, tenant: Tenant
) -> None:
    path = f"/admin/plugins/{PLUGIN}"
    version = version_on(admin.get(path).text)

    wrong = SETTINGS | {"version": version, "prize_points": "-1"}
    answer = admin.post(f"{path}/settings", data=wrong)

    assert answer.status_code == 422
    assert 'id="f-prize_points-error"' in answer.text
    assert 'value="-1"' in answer.text
    assert entries(kernel, tenant, "plugin.configured") == []


def test_two_editors_notice_each_other(admin: Any, kernel: Kernel, tenant: Tenant) -> None:
    path = f"/admin/plugins/{PLUGIN}"
    version = version_on(admin.get(path).text)
    admin.post(f"{path}/settings", data=SETTINGS | {"version": version})

    late = admin.post(f"{path}/settings", data=SETTINGS | {"prize_points": "9", "version": version})

    assert late.status_code == 409
    assert "Someone else saved" in late.text
    assert kernel.tenants.get(tenant.id).settings[PLUGIN]["prize_points"] == 50


def test_an_adjustment_is_posted_once_however_often_it_is_sent(
    admin: Any, kernel: Kernel, tenant: Tenant, player_id: UUID
) -> None:
    form = {"key": "one-form", "purse": "cash", "direction": "add", "amount": "10.50", "reason": "Goodwill"}

    answers = [admin.post(f"/admin/players/{player_id}/adjust", data=form) for _ in range(2)]

    assert [answer.status_code for answer in answers] == [303, 303]
    assert cash(kernel, tenant, player_id) == 1050
    assert len(entries(kernel, tenant, "wallet.adjusted")) == 1


@pytest.mark.parametrize(
    ("change", "complaint"),
    [
        ({"amount": "1.005"}, "more than the 2 decimals"),
        ({"amount": "-5"}, "must be more than zero"),
        ({"amount": "all"}, "is not an amount"),
        ({"reason": " "}, "needs a reason"),
        ({"direction": "take", "amount": "1.00"}, "cannot pay"),
        ({"purse": "pocket"}, "unknown purse"),
    ],
)
def test_a_wrong_adjustment_moves_nothing_and_says_why(
    change: dict[str, str],
    complaint: str,
    admin: Any,
    kernel: Kernel,
    tenant: Tenant,
    player_id: UUID,
) -> None:
    form = {"key": "k", "purse": "cash", "direction": "add", "amount": "5.00", "reason": "Goodwill"}

    answer = admin.post(f"/admin/players/{player_id}/adjust", data=form | change)

    assert answer.status_code == 422
    assert complaint in answer.text
    assert cash(kernel, tenant, player_id) == 0


def test_looking_at_players_does_not_let_one_adjust_or_lock(
    make_client: Callable[..., Any], player_id: UUID
) -> None:
    viewer = make_client("operator", "core.players")

    for action in ("adjust", "lock", "unlock", "close", "profile"):
        assert viewer.post(f"/admin/players/{player_id}/{action}").status_code == 403
    assert "Adjust balance" not in viewer.get(f"/admin/players/{player_id}").text


def test_a_locked_player_is_shown_with_the_reason(admin: Any, player_id: UUID) -> None:
    path = f"/admin/players/{player_id}"

    admin.post(f"{path}/lock", data={"reason": "Asked for a pause"})
    locked = admin.get(path).text
    admin.post(f"{path}/unlock", data={"reason": "Came back"})

    assert "Asked for a pause" in locked
    assert "cannot sign in" not in admin.get(path).text


def test_a_profile_is_saved_unless_it_changed_meanwhile(admin: Any, player_id: UUID) -> None:
    path = f"/admin/players/{player_id}"
    form = {"display_name": "Admiral Hopper", "country": "US", "version": version_on(admin.get(path).text)}

    admin.post(f"{path}/profile", data=form)
    late = admin.post(f"{path}/profile", data=form | {"display_name": "Late"}, follow_redirects=True)

    assert "Admiral Hopper" in late.text
    assert "Someone else changed this player" in late.text


def test_a_dead_job_is_replayed_and_a_waiting_one_cancelled(
    admin: Any, kernel: Kernel, tenant: Tenant
) -> None:
    table = JobRow.__table__
    with kernel.context(tenant.id) as ctx:
        name = next(name for name in ctx.view.tasks if name.startswith(PLUGIN))
        job_id = enqueue(ctx, name)
        here = (table.c.tenant_id == tenant.id) & (table.c.id == job_id)
        ctx.connection.execute(update(table).where(here).values(state=JobState.DEAD, error="no feed"))

    shown = admin.get("/admin/jobs?state=dead").text
    states = []
    for action in ("replay", "cancel"):
        admin.post(f"/admin/jobs/{job_id}/{action}")
        with kernel.context(tenant.id) as ctx:
            states.append(find_job(ctx, job_id).state)  # type: ignore[arg-type]  # it was enqueued

    assert "no feed" in shown
    assert states == [JobState.READY, JobState.CANCELLED]


def test_the_chain_is_verified_on_demand(admin: Any, kernel: Kernel, tenant: Tenant) -> None:
    with kernel.context(tenant.id) as ctx:
        audit.record(ctx, "rule.published", "rule:x")
        sealed = audit.seal(ctx)

    answer = admin.post("/admin/audit/verify", follow_redirects=True)

    assert f"The chain holds: {sealed} sealed entries." in answer.text


def test_the_audit_export_keeps_to_the_filter(admin: Any, kernel: Kernel, tenant: Tenant) -> None:
    with kernel.context(tenant.id) as ctx:
        audit.record(ctx, "rule.published", "rule:x")
        audit.record(ctx, "rule.retired", "rule:x")

    lines = admin.get("/admin/audit/export.csv?action=rule.retired").text.splitlines()

    assert len(lines) == 2
    assert "rule.retired" in lines[1]


def test_a_key_is_shown_once(admin: Any) -> None:
    shown = admin.post("/admin/api-keys", data={"name": "Website", "permissions": ["core.players"]}).text
    secret = re.search(r'id="secret">([^<]+)<', shown)
    assert secret is not None

    assert secret[1] not in admin.get("/admin/api-keys").text
    assert "Website" in admin.get("/admin/api-keys").text


def test_nobody_gives_a_key_more_than_they_hold(make_client: Callable[..., Any]) -> None:
    limited = make_client("operator", "core.api_keys")

    answer = limited.post(
        "/admin/api-keys", data={"name": "Grab", "permissions": ["core.players"]}, follow_redirects=True
    )

    assert "may give or take it" in answer.text


def test_what_an_operator_types_is_never_markup(admin: Any, player_id: UUID) -> None:
    form = {"key": "x", "purse": "cash", "direction": "add", "amount": "1", "reason": "<b>free</b>"}
    admin.post(f"/admin/players/{player_id}/adjust", data=form)

    text = admin.get(f"/admin/players/{player_id}").text

    assert "&lt;b&gt;free&lt;/b&gt;" in text
    assert "<b>free</b>" not in text


def test_the_dashboard_tells_of_dead_jobs_and_late_seals(
    admin: Any, kernel: Kernel, tenant: Tenant, clock: Any
) -> None:
    quiet = admin.get("/admin/").text
    table = JobRow.__table__
    with kernel.context(tenant.id) as ctx:
        audit.record(ctx, "rule.published", "rule:x")
        job_id = enqueue(ctx, next(name for name in ctx.view.tasks if name.startswith(PLUGIN)))
        here = (table.c.tenant_id == tenant.id) & (table.c.id == job_id)
        ctx.connection.execute(update(table).where(here).values(state=JobState.DEAD))
    clock.advance(hours=2)

    loud = admin.get("/admin/").text

    assert "1 dead job" not in quiet
    assert "1 dead job" in loud
    assert "The audit trail waits for its seals" in loud


NEW_PLAYER = {"email": "Grete@Mail.Test", "username": "grete", "display_name": "Grete", "country": "AT"}


def test_a_player_is_registered_by_hand_and_the_trail_says_by_whom(
    admin: Any, kernel: Kernel, tenant: Tenant
) -> None:
    answer = admin.post("/admin/players/new", data=NEW_PLAYER)

    player_id = UUID(answer.location.rpartition("/")[2])
    with kernel.context(tenant.id) as ctx:
        player = find_player(ctx, player_id)
        assert (player.email, player.username, player.country) == ("grete@mail.test", "grete", "AT")
    (entry,) = entries(kernel, tenant, "core.register_player")
    assert entry["target"] == f"player:{player_id}"
    assert entry["actor"].startswith("operator:")
    assert "grete" not in str(entry)


@pytest.mark.parametrize(("asked", "mails"), [({"is_mailed": "on"}, 1), ({}, 0)])
def test_a_registered_player_is_mailed_a_link_when_that_was_asked_for(
    admin: Any, kernel: Kernel, tenant: Tenant, asked: dict[str, str], mails: int
) -> None:
    admin.post("/admin/players/new", data=NEW_PLAYER | asked)

    with kernel.context(tenant.id) as ctx:
        sent = list_notifications(ctx, template="core.password_reset")
    assert len(sent) == mails


@pytest.mark.parametrize(
    ("change", "expected"),
    [
        ({"email": "no address"}, "Not an email address."),
        ({"email": ""}, "Missing data for required field."),
        ({"username": "a b c"}, "Use 3 to 30 of"),
        ({"country": "Austria"}, "two capital letters of ISO 3166"),
        ({"birth_date": "2999-01-01"}, "Not a day of birth."),
        ({"email": "ada@mail.test"}, "this email is taken"),
    ],
)
def test_a_registration_that_does_not_fit_says_why_and_keeps_what_was_typed(
    admin: Any, kernel: Kernel, tenant: Tenant, change: dict[str, str], expected: str
) -> None:
    admin.post("/admin/players/new", data=NEW_PLAYER | {"email": "ada@mail.test", "username": "ada"})

    answer = admin.post("/admin/players/new", data=NEW_PLAYER | change)

    assert answer.status_code == 422
    assert expected in answer.text
    assert 'value="Grete"' in answer.text
    assert len(entries(kernel, tenant, "core.register_player")) == 1


def test_who_may_only_look_registers_nobody(make_client: Callable[..., Any]) -> None:
    looker = make_client("operator", "core.players")

    assert "/admin/players/new" not in looker.get("/admin/players").text
    assert looker.post("/admin/players/new", data=NEW_PLAYER).status_code == 403
