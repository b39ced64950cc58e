"""What a plugin needs to speak HTTP: its unit of work, who may call, blueprints, fields and pages."""

from pitboss.core.http.access import (
    Access,
    access_of,
    answers_secret,
    commits_alone,
    keyed,
    platform_only,
    player_only,
    public,
    requires,
    signed_in,
)
from pitboss.core.http.blueprints import Blueprint
from pitboss.core.http.current import Visit, current, visit
from pitboss.core.http.etags import check_match, etag_of, is_known, send_etag
from pitboss.core.http.fields import Amount, MoneyField
from pitboss.core.http.hot import Body, Reply, hot
from pitboss.core.http.paging import PageArguments, page, page_schema, read_cursor, read_id_cursor

__all__ = [
    "Access",
    "Amount",
    "Blueprint",
    "Body",
    "MoneyField",
    "PageArguments",
    "Reply",
    "Visit",
    "access_of",
    "answers_secret",
    "check_match",
    "commits_alone",
    "current",
    "etag_of",
    "hot",
    "is_known",
    "keyed",
    "page",
    "page_schema",
    "platform_only",
    "player_only",
    "public",
    "read_cursor",
    "read_id_cursor",
    "requires",
    "send_etag",
    "signed_in",
    "visit",
]
