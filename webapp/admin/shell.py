"""What every page of the admin shares: the blueprint, the layout's data and answers to forms."""

from __future__ import annotations

import json
import zlib
from collections.abc import Iterable, Mapping
from contextlib import suppress
from dataclasses import asdict, dataclass, field
from typing import Any
from uuid import UUID

from flask import Blueprint, current_app, flash, make_response, redirect, render_template, request, url_for
from jinja2.utils import htmlsafe_json_dumps
from markupsafe import Markup
from werkzeug.wrappers import Response

import pitboss
from pitboss.core import texts
from pitboss.core.http import current
from pitboss.core.http.access import is_platform
from pitboss.core.http.current import VISIT, Visit
from pitboss.core.identity.players import names_of
from pitboss.core.retelling import retold
from pitboss.core.tenancy import PLATFORM_ID
from pitboss.core.texts import gettext as _
from pitboss.webapp.admin.navigation import Section, navigation

pages = Blueprint("admin", __name__, url_prefix="/admin")

PAGE_ROWS = 50
"""Rows of one page of a list."""


UNDO_BYTES_MAX = 2_500
"""What an undo may carry: it travels in the cookie of the message, and browsers drop those of over 4 kB."""


@dataclass(frozen=True, slots=True)
class Undo:
    """A button beside what was done: what it posts takes that back."""

    label: str
    url: str
    fields: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Shell:
    """What the layout shows around a page."""

    tenant_name: str
    tenant_code: str
    tenant_currency: str
    actor_name: str
    is_platform: bool
    can_switch: bool
    navigation: list[Section]


def shell() -> Shell:
    """Return the layout's data for this request."""
    ctx = current()
    staff = is_platform(ctx.actor)
    return Shell(
        tenant_name=ctx.tenant.name,
        tenant_code=ctx.tenant.code,
        tenant_currency=_("all tenants") if ctx.tenant.id == PLATFORM_ID else ctx.tenant.currency,
        actor_name=ctx.actor.name or "operator",
        is_platform=staff,
        can_switch=staff,
        navigation=navigation(ctx),
    )


def has_shell() -> bool:
    """Tell whether this request belongs to a signed-in operator."""
    here: Visit | None = request.environ.get(VISIT)
    context = here.context if here is not None else None
    return context is not None and context.actor.kind != "player" and context.actor.name != "anonymous"


def page(template: str, status: int = 200, /, **values: Any) -> Response:
    """Render a page of the admin."""
    return make_response(render_template(f"admin/{template}.html", **values), status)


def done(message: str, endpoint: str, *, undo: Undo | None = None, **values: Any) -> Response:
    """Say what was done on the page that shows it, with a button that takes it back where there is a way."""
    flash(texts.translated(message), "good")
    if undo is not None and _fits(undo):
        flash(asdict(undo), "undo")  # type: ignore[arg-type]  # the cookie keeps any JSON
    return redirect(url_for(endpoint, **values), 303)


def _fits(undo: Undo) -> bool:
    return len(zlib.compress(json.dumps(asdict(undo)).encode())) <= UNDO_BYTES_MAX


def failed(message: str, endpoint: str, **values: Any) -> Response:
    """Say what was refused, and why, on the page that it concerns; nothing of it is kept."""
    current().rollback()
    flash(retold(message), "bad")
    return redirect(url_for(endpoint, **values), 303)


def asset(filename: str, of: str = "") -> str:
    """Return the address of a static file, which changes with the version; `of` names a blueprint."""
    if not of:
        return url_for("static", filename=filename, v=pitboss.__version__)
    owner = current_app.extensions["pitboss_gate"].mounts[of].owner
    version = current_app.extensions["pitboss"].registry.manifests[owner].version
    return url_for(f"{of}.static", filename=filename, v=version)


def script_texts(owner: str, folder: str = "") -> Markup:
    """Return what an owner's scripts say in the language of this request, as a block of data for the page.

    `folder` is where in the owner's code they stand, of an owner whose pages have scripts apart.
    """
    said = texts.of_scripts(owner, texts.language(), folder)
    if not said:
        return Markup()
    data = htmlsafe_json_dumps(said, ensure_ascii=False)
    return Markup('<script type="application/json" data-texts>{}</script>').format(data)


def here_with(**changes: Any) -> str:
    """Return the address of this page with other arguments; None removes one."""
    arguments: dict[str, Any] = request.args.to_dict(flat=True) | changes
    kept = {key: value for key, value in arguments.items() if value not in (None, "")}
    return url_for(str(request.endpoint), **(request.view_args or {}), **kept)


def text_of(name: str) -> str:
    """Return a form's text without the blanks around it."""
    return request.form.get(name, "").strip()


def cursor() -> UUID | None:
    """Return where this page of a list begins; what is no cursor begins at the start."""
    with suppress(ValueError):
        return UUID(request.args.get("cursor", ""))
    return None


def may(permission: str) -> bool:
    """Tell whether the operator who looks holds a permission."""
    return current().actor.may(permission)


def player_names(player_ids: Iterable[UUID]) -> dict[UUID, str]:
    """Return what players are called, for an operator who may see them."""
    return names_of(current(), player_ids) if may("core.players") else {}
