"""What a plugin needs to speak HTTP: its unit of work, who may call, blueprints, fields and pages."""

from pitboss.core.http.access import (
    Access,
    access_of,
    answers_secret,
    keyed,
    platform_only,
    player_only,
    public,
    requires,
    signed_in,
)
from pitboss.core.http.blueprints import Blueprint
from pitboss.core.http.current import Visit, current, visit

__all__ = [
    "Access",
    "Blueprint",
    "Visit",
    "access_of",
    "answers_secret",
    "current",
    "keyed",
    "platform_only",
    "player_only",
    "public",
    "requires",
    "signed_in",
    "visit",
]
