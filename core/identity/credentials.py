"""Credentials: `pba_<tenant>_<secret>` and its kin. Each names its tenant, so a look-up stays inside.

What is stored is the SHA-256 of the whole text, tenant included: a credential that is moved to another
tenant is another credential.
"""

from __future__ import annotations

import hashlib
import secrets
from dataclasses import dataclass
from enum import StrEnum

from pitboss.core.errors import NotAuthenticated
from pitboss.core.texts import marked

SECRET_BYTES = 32
PREFIX_BYTES = 5
CHARACTERS_MAX = 200
NOT_VALID = marked("this credential is not valid: sign in again")


class Kind(StrEnum):
    """What a credential is for; its first letters."""

    ACCESS = "pba"
    REFRESH = "pbr"
    API_KEY = "pbk"
    SESSION = "pbs"
    RESET = "pbp"


@dataclass(frozen=True, slots=True)
class Credential:
    """A credential, taken apart."""

    kind: Kind
    tenant: str
    digest: bytes
    prefix: str = ""


def new_credential(kind: Kind, tenant: str, *, prefix: str = "") -> tuple[str, bytes]:
    """Return a new credential, and what to store of it."""
    middle = f"{prefix}_" if prefix else ""
    text = f"{kind}_{tenant}_{middle}{secrets.token_urlsafe(SECRET_BYTES)}"
    return text, digest(text)


def new_prefix() -> str:
    """Return a prefix by which people know an API key."""
    return secrets.token_hex(PREFIX_BYTES)


def parse(text: str) -> Credential:
    """Take a credential apart, or raise NotAuthenticated."""
    parts = text.split("_", 2)
    if len(parts) != 3 or len(text) > CHARACTERS_MAX or not text.isascii() or parts[0] not in _KINDS:
        raise NotAuthenticated(NOT_VALID)
    kind = _KINDS[parts[0]]
    prefix = parts[2].partition("_")[0] if kind is Kind.API_KEY else ""
    return Credential(kind, parts[1], digest(text), prefix)


def digest(text: str) -> bytes:
    """Return what is stored of a random secret."""
    return hashlib.sha256(text.encode()).digest()


_KINDS = {str(kind): kind for kind in Kind}
