"""Which language a request asks for."""

from __future__ import annotations

from flask import Request

from pitboss.core import texts


def preferred(request: Request) -> str:
    """Return the language of ours that comes first in Accept-Language; English without one."""
    # Not Werkzeug's best_match: for "en-GB, es" it would choose Spanish.
    asked = (tag.partition("-")[0].lower() for tag in request.accept_languages.values())
    return next((language for language in asked if language in texts.LANGUAGES), texts.ENGLISH)
