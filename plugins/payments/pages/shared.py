"""What the pages of payments share: the blueprint, colours of states, and answers to forms."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from typing import Any
from uuid import UUID

from flask import Blueprint, flash, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from pitboss.core.errors import Conflict, InvalidInput, PluginError, Refused
from pitboss.core.http import current
from pitboss.core.retelling import retold
from pitboss.core.texts import codes
from pitboss.core.texts import gettext as _

blueprint = Blueprint("payments_admin", __name__, template_folder="../templates")
PAGE_ROWS = 50
COLOURS = {
    "completed": "good",
    "approved": "info",
    "sent": "info",
    "pending": "info",
    "created": "info",
    "action_required": "warn",
    "requested": "warn",
    "reviewed": "warn",
    "failed": "bad",
    "rejected": "bad",
    "reversed": "bad",
    "matched": "good",
    "late": "warn",
    "missing_here": "bad",
    "missing_there": "bad",
    "amount_differs": "bad",
}
"""How a state looks; others are plain."""
CODES = codes(
    *("deposit", "withdrawal", "created", "pending", "action_required", "completed", "failed", "expired"),
    *("reversed", "requested", "reviewed", "approved", "sent", "rejected", "cancelled", "matched", "late"),
    *(
        "missing_here",
        "missing_there",
        "amount_differs",
        "active",
        "removed",
        "card",
        "bank",
        "wallet",
        "other",
    ),
    *(
        "refund",
        "refunded",
        "charged_back",
        "reinstated",
        "chargeback",
        "approve",
        "confirm",
        "fail",
        "reject",
    ),
    *("state", "note", "attention", "applied", "ignored", "duplicate", "unmatched", "settled", "held"),
    *("released", "contradicted", "lost"),
)
"""What pages show in words: kinds, states, news of providers."""


def render(template: str, **values: Any) -> str:
    """Render a page of payments."""
    return render_template(f"payments/{template}.html", colours=COLOURS, **values)


def tried(run: Callable[[Any], str], endpoint: str, **values: Any) -> Response:
    """Do something and say so on the page that shows it; what is refused is said there too."""
    ctx = current()
    try:
        flash(run(ctx), "good")
    except (Conflict, InvalidInput, Refused, PluginError) as error:
        ctx.rollback()
        flash(retold(str(error)), "bad")
    return redirect(url_for(endpoint, **values), 303)


def text_of(name: str) -> str:
    """Return a form's text without the blanks around it."""
    return request.form.get(name, "").strip()


def needed(name: str) -> str:
    """Return a form's text, or refuse that it is empty."""
    found = text_of(name)
    if not found:
        raise InvalidInput(_("%(name)s: fill it in", name=name), {name: [_("Fill it in.")]})
    return found


def id_of(name: str) -> UUID | None:
    """Return an id of the address; what is no id is none."""
    with suppress(ValueError):
        return UUID(request.args.get(name, ""))
    return None
