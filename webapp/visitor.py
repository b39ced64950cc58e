"""From where a request comes, for the records of sign-ins."""

from __future__ import annotations

from flask import request

from pitboss.core.identity import Visitor


def visitor() -> Visitor:
    """Return the address and the device of this request's caller."""
    return Visitor(request.remote_addr or "", request.user_agent.string)
