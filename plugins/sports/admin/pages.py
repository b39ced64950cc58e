"""What the pages of the plugin share: their blueprint, and answers to forms."""

from __future__ import annotations

from contextlib import suppress
from datetime import datetime
from typing import Any
from uuid import UUID

from flask import Blueprint, flash, make_response, redirect, render_template, request, url_for
from marshmallow import ValidationError
from werkzeug.wrappers import Response

from pitboss.core.errors import InvalidInput
from pitboss.core.http import current
from pitboss.core.texts import codes, marked
from pitboss.core.texts import gettext as _
from pitboss.plugins.sports.api.moments import MOMENT
from pitboss.plugins.sports.fixtures.states import STATUSES

PAGE_ROWS = 50
STATUS_KINDS = {
    "scheduled": "",
    "live": "good",
    "suspended": "warn",
    "finished": "info",
    "official": "good",
    "postponed": "warn",
    "abandoned": "bad",
    "walkover": "info",
    "cancelled": "bad",
}
"""The colour of each state."""
TABS = (
    (marked("Fixtures"), "sports_admin.fixtures"),
    (marked("Competitions"), "sports_admin.competitions"),
    (marked("Teams"), "sports_admin.teams"),
    (marked("Imports"), "sports_admin.imports"),
)

CODES = codes(
    *(
        "scheduled",
        "live",
        "finished",
        "postponed",
        "cancelled",
        "abandoned",
        "suspended",
        "delayed",
        "ended",
    ),
    *("provisional", "official", "confirmed", "active", "withdrawn", "home", "away", "runner", "interrupted"),
    *("planned", "applied", "running", "failed", "done", "refused", "uploaded", "checked", "fixtures"),
    *("results", "prices", "history", "create", "change", "same", "error", "starts_at", "venue", "round"),
    *("status", "name", "withdrew", "restored", "result", "reinstated", "moved", "format", "planning"),
    *("corners", "yellow_cards", "red_cards", "shots", "shots_on_target", "fouls", "aces", "double_faults"),
)
"""What pages show in words: states, roles, kinds of imports, what a change was of, statistics."""

blueprint = Blueprint("sports_admin", __name__, template_folder="../templates")


def page(template: str, status: int = 200, /, **values: Any) -> Response:
    """Render a page of the plugin."""
    shared = {"tabs": TABS, "status_kinds": STATUS_KINDS, "statuses": STATUSES}
    return make_response(render_template(f"sports/{template}.html", **shared, **values), status)


def done(message: str, endpoint: str, **values: Any) -> Response:
    """Say what was done on the page that shows it."""
    flash(message, "good")
    return redirect(url_for(f"sports_admin.{endpoint}", **values), 303)


def failed(message: str, endpoint: str, **values: Any) -> Response:
    """Say what was refused, and why; nothing of it is kept."""
    current().rollback()
    flash(message, "bad")
    return redirect(url_for(f"sports_admin.{endpoint}", **values), 303)


def text_of(name: str) -> str:
    """Return a form's text without the blanks around it."""
    return request.form.get(name, "").strip()


def whole_of(name: str, default: int | None = None) -> int | None:
    """Return a form's whole number; an empty one is the default."""
    text = text_of(name)
    if not text:
        return default
    if not text.isdecimal():
        raise InvalidInput(_("%(name)s: %(text)s is no whole number", name=name, text=repr(text)))
    return int(text)


def id_of(text: str) -> UUID | None:
    """Return an id, or None for what is none."""
    with suppress(ValueError):
        return UUID(text)
    return None


def chosen(name: str) -> UUID:
    """Return the id that a form chose."""
    found = id_of(text_of(name))
    if found is None:
        raise InvalidInput(_("%(name)s: choose one", name=name))
    return found


def instant_of(name: str) -> datetime:
    """Return a form's instant, on the wall clock of the tenant."""
    try:
        local = datetime.fromisoformat(text_of(name))
        return MOMENT(local if local.tzinfo is not None else local.replace(tzinfo=current().tenant.zone))
    except (ValueError, ValidationError):
        raise InvalidInput(
            _(
                "%(name)s: %(text)s is no date and time between 1970 and 2200",
                name=name,
                text=repr(text_of(name)),
            )
        ) from None
