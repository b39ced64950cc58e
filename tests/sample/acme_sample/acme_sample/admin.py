"""The admin page: every card of the tenant."""

from __future__ import annotations

import flask

from acme_sample import cards
from pitboss.core.contracts import Menu, Routes
from pitboss.core.http import current, requires

blueprint = flask.Blueprint("acme_sample_admin", __name__, template_folder="templates")
ROUTES = Routes(
    blueprint=blueprint,
    area="admin",
    menu=Menu(title="Scratch cards", icon="ticket", order=900),
    permission="acme_sample.cards",
)


@blueprint.get("/")
@requires("acme_sample.cards")
def index() -> str:
    """Show the newest cards."""
    return flask.render_template("acme_sample/cards.html", cards=cards.cards_of(current()))
