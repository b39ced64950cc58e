"""Every page of the admin, by name: what the laws of accessibility are held against."""

from __future__ import annotations

from tests.e2e.scene import PLUGIN, Scene


def pages_of(scene: Scene) -> dict[str, dict[str, str]]:
    """Return the paths of the pages of a tenant's staff, and of the platform's operators."""
    player = f"/admin/players/{scene.players[1]}"
    locked = f"/admin/players/{scene.players[3]}"
    staff = {
        "dashboard": "/admin/",
        "players": "/admin/players",
        "players-none": "/admin/players?q=nobody",
        "player-new": "/admin/players/new",
        "player": player,
        "player-locked": locked,
        "player-timeline": f"{player}/timeline",
        "player-activity": f"{player}/activity",
        "reports": "/admin/reports",
        "report": "/admin/reports/core.registrations",
        "plugin-page": f"/admin/{PLUGIN}/",
        "jobs": "/admin/jobs",
        "events": "/admin/events",
        "notifications": "/admin/notifications",
        "notification": f"/admin/notifications/{scene.notification}",
        "templates": "/admin/notifications/templates",
        "template": f"/admin/notifications/templates/{scene.template}",
        "webhooks": "/admin/webhooks",
        "webhook": f"/admin/webhooks/{scene.endpoint}",
        "plugins": "/admin/plugins",
        "plugin": f"/admin/plugins/{PLUGIN}",
        "plugin-core": "/admin/plugins/core",
        "operators": "/admin/operators",
        "operator": f"/admin/operators/{scene.operator}",
        "roles": "/admin/roles",
        "role": "/admin/roles/support",
        "role-fixed": "/admin/roles/administrator",
        "api-keys": "/admin/api-keys",
        "audit": "/admin/audit",
        "vocabulary": "/admin/vocabulary",
        "account": "/admin/account",
        "confirm": "/admin/confirm",
        "not-found": "/admin/no-such-page",
        "sign-in": "/admin/sign-in",
        "invitation": "/admin/invitation?token=x",
    }
    platform = {"platform-dashboard": "/admin/", "tenants": "/admin/tenants", "health": "/admin/health"}
    return {"staff": staff, "platform": platform}
