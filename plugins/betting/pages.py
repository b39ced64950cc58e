"""What the pages of the admin read from a request and answer alike."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from typing import TypeVar
from uuid import UUID

from flask import flash, redirect, request
from werkzeug.wrappers import Response

from pitboss.core.errors import NotFound, PitbossError
from pitboss.core.http import current
from pitboss.core.retelling import retold
from pitboss.core.texts import marked

Changed = TypeVar("Changed")
UNSAID = marked("not said")
"""The reason of what is done without one."""


def said(name: str) -> str:
    """Return a field of the form; empty when it is not there."""
    return request.form.get(name, "").strip()


def reason() -> str:
    """Return why an operator does something."""
    return said("reason") or UNSAID


def id_of(text: str) -> UUID | None:
    """Return an id; what is none finds nothing special."""
    with suppress(ValueError):
        return UUID(text)
    return None


def cursor() -> UUID | None:
    """Return where this page of a list begins; what is no cursor begins at the start."""
    return id_of(request.args.get("cursor", ""))


def done(change: Callable[[], Changed], message: str | Callable[[Changed], str], *, back_to: str) -> Response:
    """Change something and say so on the page that shows it; what is refused changes nothing and says why.

    A message may be told by what the change returned.
    """
    try:
        changed = change()
    except NotFound:
        raise
    except PitbossError as error:
        current().rollback()
        flash(retold(str(error)), "bad")
    else:
        flash(message if isinstance(message, str) else message(changed), "good")
    return redirect(back_to, 303)
