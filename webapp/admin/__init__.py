"""The admin: pages for operators, in one layout that plugins' pages share."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Callable
from importlib import import_module
from pathlib import Path
from typing import Any

from flask import Blueprint, Flask, redirect, url_for
from jinja2 import pass_context
from werkzeug.wrappers import Response

from pitboss.core import texts
from pitboss.core.http import public
from pitboss.core.kernel import Kernel, secret_of
from pitboss.core.retelling import retold
from pitboss.webapp.admin import errors, filters, navigation, shell

PAGES = (
    "dashboard",
    "session",
    "confirm",
    "find",
    "tenants",
    "plugins",
    "words",
    "jobs",
    "health",
    "events",
    "audit",
    "reports",
    "players",
    "timeline",
    "registration",
    "operators",
    "keys",
    "webhooks",
    "notifications",
)
"""The modules that add their views to the one blueprint."""
_ICON = re.compile(r'<symbol id="([^"]+)"')


home = Blueprint("home", __name__)


@home.get("/")
@public
def start() -> Response:
    """Lead whoever types the bare address to the admin."""
    return redirect(url_for("admin.dashboard"), 303)


def register(app: Flask) -> None:
    """Add the admin to an application."""
    kernel: Kernel = app.extensions["pitboss"]
    for name in PAGES:
        import_module(f"pitboss.webapp.admin.{name}")
    _prepare_messages(app, kernel)
    _prepare_templates(app)
    errors.register(app)
    app.register_blueprint(shell.pages)
    app.register_blueprint(home)


def _prepare_messages(app: Flask, kernel: Kernel) -> None:
    """Sign the cookie that carries a message from one page to the next."""
    secret = f"pitboss admin messages:{secret_of(kernel.settings)}"
    is_secure = kernel.settings.secure_cookies
    app.secret_key = hashlib.sha256(secret.encode()).digest()
    app.config.update(
        SESSION_COOKIE_NAME="__Host-pitboss_message" if is_secure else "pitboss_message",
        SESSION_COOKIE_SECURE=is_secure,
        SESSION_COOKIE_SAMESITE="Lax",
        SESSION_COOKIE_PATH="/",
    )


def _prepare_templates(app: Flask) -> None:
    sprite = Path(str(app.static_folder)) / "vendor" / "icons.svg"
    icons = frozenset(_ICON.findall(sprite.read_text("utf-8")))
    environment = app.jinja_env
    environment.trim_blocks = environment.lstrip_blocks = True
    environment.filters.update(filters.FILTERS)
    environment.filters["pair"] = _pair
    environment.filters["translated"] = _late(texts.translated)
    environment.filters["retold"] = _late(retold)
    environment.filters["spoken"] = _late(texts.spoken)
    environment.policies["ext.i18n.trimmed"] = True
    environment.add_extension("jinja2.ext.i18n")
    # As a format even without values, so that a per cent sign is always written twice.
    environment.install_gettext_callables(texts.translated, texts.plural, newstyle=True)  # type: ignore[attr-defined]  # the extension's own method
    environment.globals.update(
        asset=shell.asset,
        changes=filters.changes,
        has_shell=shell.has_shell,
        may=shell.may,
        player_tabs=navigation.player_tabs,
        here_with=shell.here_with,
        language=texts.language,
        languages=texts.LANGUAGES,
        script_texts=shell.script_texts,
        icon_or_plug=lambda name: name if name in icons else "plug",
    )
    app.context_processor(_layout)


def _late(say: Callable[[str], str]) -> Callable[[Any, str], str]:
    """Make a filter of a function that asks for the language: never applied while a template is compiled."""

    @pass_context
    def filtered(_context: Any, text: str) -> str:
        return say(text)

    return filtered


def _layout() -> dict[str, Any]:
    return {"shell": shell.shell()} if shell.has_shell() else {}


def _pair(value: str) -> tuple[str, str]:
    return value, value[:1].upper() + value[1:] if value.islower() and "." not in value else value
