"""Addresses and names in the one form in which they are compared and stored."""

from __future__ import annotations

import re
import unicodedata

from pitboss.core.errors import InvalidInput
from pitboss.core.identity.tables import EMAIL_CHARACTERS_MAX
from pitboss.core.texts import marked

_EMAIL = re.compile(
    r"[^\s@\x00-\x1f\"(),:;<>\[\\\]]{1,64}@(?:[^\W_](?:[\w-]{0,61}[^\W_])?\.)+[^\W\d_][\w-]{1,62}"
)
_USERNAME = re.compile(r"[a-z0-9][a-z0-9._-]{2,29}")


def email_of(text: str) -> str:
    """Return an email address in its one form, or refuse it.

    >>> email_of(" Ann@Acme.Test ")
    'ann@acme.test'
    """
    email = login_of(text)
    if len(email) > EMAIL_CHARACTERS_MAX or not _EMAIL.fullmatch(email):
        raise InvalidInput(f"email: {text!r} is no email address", {"email": ["Not an email address."]})
    return email


def username_of(text: str) -> str:
    """Return a user name in its one form, or refuse it."""
    username = login_of(text)
    if not _USERNAME.fullmatch(username):
        rule = marked("Use 3 to 30 of a-z, 0-9, '.', '_' and '-'.")
        raise InvalidInput(f"username: {text!r} does not fit: {rule}", {"username": [rule]})
    return username


def login_of(text: str) -> str:
    """Return what someone typed to sign in, in the form in which it is looked up."""
    return unicodedata.normalize("NFKC", text).strip().lower()
