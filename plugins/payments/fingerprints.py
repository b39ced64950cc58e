"""Tell whether two players use the same card or account, without keeping which."""

from __future__ import annotations

import hashlib
import hmac
from functools import lru_cache

from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from pitboss.core.context import Context
from pitboss.core.settings import secret_of

_PURPOSE = b"pitboss payment fingerprints"


def fingerprint(ctx: Context, identity: str) -> str:
    """Return the fingerprint of a card or account: another one for each tenant, and no way back."""
    return fingerprints(ctx, identity)[0]


def fingerprints(ctx: Context, identity: str) -> list[str]:
    """Return the fingerprint, and those under the secrets of earlier times."""
    settings = ctx.kernel.settings
    secrets = (secret_of(settings), *settings.previous_secrets)
    return [_under(secret, ctx.tenant.id, identity) for secret in secrets]


def _under(secret: str, tenant_id: int, identity: str) -> str:
    return hmac.new(_key(secret, tenant_id), identity.encode(), hashlib.sha256).hexdigest()


@lru_cache(maxsize=1024)
def _key(secret: str, tenant_id: int) -> bytes:
    info = _PURPOSE + b":%d" % tenant_id
    return HKDF(algorithm=SHA256(), length=32, salt=None, info=info).derive(secret.encode())
