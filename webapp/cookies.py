"""The admin's cookies and the requests that they may serve: only those that our own pages sent."""

from __future__ import annotations

from urllib.parse import urlsplit

from flask import Request
from werkzeug.wrappers import Response

from pitboss.core.errors import Forbidden

SESSION = "pitboss_session"
"""The credential of an operator who is signed in."""
TENANT = "pitboss_tenant"
"""The code of the tenant that an operator of the platform looks at."""
SECURE_PREFIX = "__Host-"
"""Browsers accept such a cookie over https only, from this very host, for all of its paths."""
SAFE_METHODS = frozenset(("GET", "HEAD", "OPTIONS"))


def read_cookie(request: Request, name: str) -> str | None:
    """Return a cookie of ours; the one that only this host could have set wins."""
    return request.cookies.get(SECURE_PREFIX + name) or request.cookies.get(name)


def set_cookie(response: Response, name: str, value: str, *, is_secure: bool) -> None:
    """Set a cookie that scripts cannot read and that other sites cannot send along with a form."""
    prefix = SECURE_PREFIX if is_secure else ""
    response.set_cookie(prefix + name, value, path="/", secure=is_secure, httponly=True, samesite="Lax")


def clear_cookie(response: Response, name: str, *, is_secure: bool) -> None:
    """Remove a cookie of ours."""
    prefix = SECURE_PREFIX if is_secure else ""
    response.delete_cookie(prefix + name, path="/", secure=is_secure, httponly=True, samesite="Lax")


def refuse_other_sites(request: Request) -> None:
    """Raise Forbidden for an unsafe request that one of our own pages did not send.

    Browsers say where a request comes from in headers that no script can change; a request that says
    nothing is refused, because no browser that we serve is silent about a POST.
    """
    if request.method in SAFE_METHODS:
        return
    site = request.headers.get("Sec-Fetch-Site")
    if site is not None:
        if site not in ("same-origin", "none"):
            raise Forbidden(f"this form was sent from another site ({site}): open the page here and repeat")
        return
    origin = request.headers.get("Origin") or request.headers.get("Referer")
    if not origin or urlsplit(origin).netloc != request.host:
        raise Forbidden("this form does not say that it comes from this site: open the page here and repeat")
