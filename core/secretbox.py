"""Encrypt secrets at rest, each bound to the very cell that holds it.

AES-256-GCM under a key drawn from the deployment's secret. Tenant, table, column and primary key are
authenticated with it, so a ciphertext that is copied to another row, or another tenant, does not open.
The name of the key stands in front: after PITBOSS_SECRET changed, the old one in
PITBOSS_PREVIOUS_SECRETS still opens what it sealed.
"""

from __future__ import annotations

import base64
import hashlib
import os
from dataclasses import dataclass
from functools import lru_cache

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from pitboss.core.errors import ConfigError, PitbossError
from pitboss.core.settings import Settings, secret_of

VERSION = "s1"
KEY_BYTES = 32
NONCE_BYTES = 12
_PURPOSE = b"pitboss secrets at rest"


class SecretUnreadable(PitbossError):
    """Say that a stored secret cannot be opened: its key is gone, or it was moved or changed."""


@dataclass(frozen=True, slots=True)
class Cell:
    """Where a secret lies."""

    tenant_id: int
    table: str
    column: str
    key: str

    @property
    def label(self) -> bytes:
        """Return it as unambiguous bytes: each part carries its length."""
        parts = (str(self.tenant_id), self.table, self.column, self.key)
        return b"".join(b"%d:%s" % (len(p.encode()), p.encode()) for p in parts)


class SecretBox:
    """Seal with one key; open with it and the ones before it."""

    def __init__(self, secret: str, previous: tuple[str, ...] = ()) -> None:
        keys = [_key(text) for text in (secret, *previous)]
        self._keys = {_name(key): AESGCM(key) for key in reversed(keys)}
        self._current = _name(keys[0])

    def seal(self, plain: str, cell: Cell) -> str:
        """Encrypt a secret for the cell that will hold it."""
        nonce = os.urandom(NONCE_BYTES)
        sealed = self._keys[self._current].encrypt(nonce, plain.encode(), cell.label)
        return ".".join((VERSION, self._current, base64.urlsafe_b64encode(nonce + sealed).decode()))

    def open(self, sealed: str, cell: Cell) -> str:
        """Decrypt what a cell holds."""
        version, _, rest = sealed.partition(".")
        name, _, body = rest.partition(".")
        if version != VERSION or name not in self._keys:
            raise SecretUnreadable(
                f"{cell.table}.{cell.column} was sealed with the key {name!r}, which is not here: "
                "put the secret of that time into PITBOSS_PREVIOUS_SECRETS"
            )
        try:
            raw = base64.urlsafe_b64decode(body)
            return self._keys[name].decrypt(raw[:NONCE_BYTES], raw[NONCE_BYTES:], cell.label).decode()
        except (InvalidTag, ValueError) as error:
            raise SecretUnreadable(
                f"{cell.table}.{cell.column} of {cell.key!r} was changed or moved: enter it again"
            ) from error

    def is_current(self, sealed: str) -> bool:
        """Tell whether a secret is sealed with the present key, or should be sealed anew."""
        return sealed.startswith(f"{VERSION}.{self._current}.")


@lru_cache(maxsize=8)
def box_of(settings: Settings) -> SecretBox:
    """Return the deployment's box."""
    return SecretBox(secret_of(settings), settings.previous_secrets)


def _key(secret: str) -> bytes:
    if not secret:
        raise ConfigError("an empty secret seals nothing: set PITBOSS_SECRET")
    return HKDF(algorithm=SHA256(), length=KEY_BYTES, salt=None, info=_PURPOSE).derive(secret.encode())


def _name(key: bytes) -> str:
    return hashlib.sha256(_PURPOSE + key).hexdigest()[:8]
