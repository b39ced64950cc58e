"""Laws of what operators read where the code has a name of its own."""

from __future__ import annotations

from typing import Any

from sqlalchemy import update

from pitboss.core.jobs import JobRow, enqueue
from pitboss.core.notifications import list_templates, notify


def test_a_job_is_called_by_the_title_of_its_task(admin: Any, kernel: Any, tenant: Any) -> None:
    with kernel.context(tenant.id) as ctx:
        enqueue(ctx, "core.purge_jobs", {}, key="words")

    shown = admin.get("/admin/jobs").text

    assert "Delete finished jobs" in shown
    assert "by the platform" in shown
    assert (
        '<option value="core">Core</option>' in shown or '<option value="acme_sample">Scratch cards' in shown
    )


def test_a_job_that_hears_of_an_event_tells_who_and_of_what(admin: Any, kernel: Any, tenant: Any) -> None:
    with kernel.context(tenant.id) as ctx:
        job_id = enqueue(ctx, "core.purge_jobs", {}, key="words")
        heard = update(JobRow).where(JobRow.id == job_id).values(name="core.player_locked>rules.judge")
        ctx.session.execute(heard)

    assert "Rules hears of: Player locked" in admin.get("/admin/jobs").text


def test_events_are_chosen_by_title_and_name_their_player(admin: Any, tenant: Any, player_in: Any) -> None:
    player_in(tenant)

    shown = admin.get("/admin/events").text

    assert "Player registered (core.player_registered)" in shown
    assert ">Grace Hopper</a>" in shown


def test_names_of_players_are_for_those_who_may_see_players(
    make_client: Any, tenant: Any, player_in: Any
) -> None:
    player_in(tenant)

    assert "Grace Hopper" not in make_client("operator", "core.events").get("/admin/events").text


def test_a_notification_names_its_player(admin: Any, kernel: Any, tenant: Any, player_in: Any) -> None:
    player_id = player_in(tenant)
    with kernel.context(tenant.id) as ctx:
        template = next(t for t in list_templates(ctx) if "operator" not in t.key)
        notify(ctx, player_id, template.key, {name: name for name in template.placeholders or ()})

    assert ">Grace Hopper</a>" in admin.get("/admin/notifications").text


def test_the_audit_trail_suggests_actions_by_their_titles(admin: Any) -> None:
    assert '<option value="core.edit_player">Player edited</option>' in admin.get("/admin/audit").text
