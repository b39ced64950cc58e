"""The pages of the plugin, as the admin mounts them."""

from __future__ import annotations

from pitboss.core.contracts import Menu, Routes
from pitboss.plugins.sports.admin import catalogue, finding, fixtures, imports, standing
from pitboss.plugins.sports.admin.pages import blueprint

__all__ = ["ROUTES", "catalogue", "fixtures", "imports"]

ROUTES = Routes(
    blueprint=blueprint,
    area="admin",
    menu=Menu(title="Sports", icon="activity", order=200),
    permission="sports.read",
    find=finding.find,
    dashboard=standing.concerns,
)
