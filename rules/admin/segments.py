"""Segments: how large and how they grow, who is in one and why, and as they were when they were frozen."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from werkzeug.wrappers import Response

from pitboss.core.context import Context
from pitboss.core.errors import NotFound, PitbossError
from pitboss.core.http import current, requires
from pitboss.core.identity.naming import NOBODY, player_meant
from pitboss.core.pictures import line
from pitboss.core.texts import gettext as _
from pitboss.core.texts import ngettext, number
from pitboss.rules.admin.pages import (
    PAGE_ROWS,
    asked,
    blueprint,
    cursor,
    cut,
    names_of,
    page,
    sentence_of,
    text_of,
    tried,
)
from pitboss.rules.book import store
from pitboss.rules.book.saying import say
from pitboss.rules.segments import explaining, frozen, members, preview
from pitboss.rules.segments.growth import DAYS_KEPT, overlap, sizes_by_day
from pitboss.rules.segments.refresh import check_known, size_of
from pitboss.rules.segments.tasks import REFRESH

GROWTH_DAYS = 14
FROZEN_SHOWN = 10
OTHERS_MAX = 200
"""Segments that may be chosen to compare with."""


@blueprint.get("/segments")
@requires("rules.read")
def segments() -> Response:
    """List segments by key, with how they grow."""
    ctx, after = current(), asked("cursor")["cursor"]
    rows, following = cut(members.segments_of(ctx, after=after, limit=PAGE_ROWS + 1), "key")
    series = sizes_by_day(ctx, [row.key for row in rows], GROWTH_DAYS)
    return page(
        "segments",
        rows=rows,
        next_cursor=following,
        sizes={key: sizes[-1] for key, sizes in series.items()},
        sparks={key: line(sizes, _("Players, two weeks")) for key, sizes in series.items()},
        grown={key: sizes[-1] - sizes[-8] for key, sizes in series.items()},
    )


@blueprint.get("/segments/<key>")
@requires("rules.read")
def segment(key: str) -> Response:
    """Show a segment: its size and growth, who is in it, why, and what it shares with another."""
    ctx, wanted = current(), asked("player", "other")
    check_known(ctx, key)
    rule = store.find(ctx, key)
    size, may_see = size_of(ctx, key), ctx.actor.may("rules.members")
    rows, following = cut(_members(ctx, key) if may_see else [], "player_id")
    series = [*sizes_by_day(ctx, [key], DAYS_KEPT)[key][:-1], size]
    others = {one.key: one.name or one.key for one in members.segments_of(ctx, limit=OTHERS_MAX)}
    return page(
        "segment",
        rule=rule,
        size=size,
        chart=line(series, _("Players, sixty days"), is_large=True),
        said=say(ctx, store.version(ctx, key, rule.live or rule.head).document),
        members=rows,
        next_cursor=following,
        players=names_of(ctx, [row.player_id for row in rows]),
        asked=wanted,
        others={other: name for other, name in others.items() if other != key},
        overlap=overlap(ctx, key, wanted["other"]) if wanted["other"] in others else None,
        frozen=frozen.list_frozen(ctx, segment=key, limit=FROZEN_SHOWN) if may_see else [],
        preview=_preview(ctx, rule),
        **(_explained(ctx, key, wanted["player"]) if may_see else {}),
    )


def _members(ctx: Context, key: str) -> list[members.Stay]:
    return members.list_members(ctx, key, after=cursor(), limit=PAGE_ROWS + 1)


def _preview(ctx: Context, rule: store.Stored) -> preview.Preview | None:
    """Return what a version that is not live yet would come to."""
    if rule.live == rule.head:
        return None
    try:
        return preview.preview_saved(ctx, rule.key)
    except PitbossError:
        return None  # a draft that lost a word has no size, and its own page says so


def _explained(ctx: Context, key: str, text: str) -> dict[str, Any]:
    if not text:
        return {}
    player_id = player_meant(ctx, text)
    if player_id in (None, NOBODY):
        return {"unexplained": _("No player, or more than one, has an email or user name that begins so.")}
    try:
        found = explaining.explain_now(ctx, key, player_id)
    except NotFound:
        return {"unexplained": _("There is no such player.")}
    except PitbossError as error:
        return {"unexplained": sentence_of(error)}
    return {"explained": found, "explained_player": player_id, "explained_names": names_of(ctx, [player_id])}


@blueprint.post("/segments/<key>/freeze")
@requires("rules.members")
def freeze_segment(key: str) -> Response:
    """Keep who is in a segment now."""

    def run(ctx: Context) -> str:
        made = frozen.freeze(ctx, key, text_of("reason"))
        return ngettext(
            "Frozen: %(count)s player is kept as they are now.",
            "Frozen: %(count)s players are kept as they are now.",
            made.size,
            count=number(made.size),
        )

    return tried(run, "segment", key=key)


@blueprint.post("/segments/<key>/refresh")
@requires("rules.members")
def refresh_segment(key: str) -> Response:
    """Have a segment brought up to date for all players."""

    def run(ctx: Context) -> str:
        check_known(ctx, key)
        ctx.enqueue(REFRESH, {"key": key})
        return _("It is brought up to date in the background: look again in a moment.")

    return tried(run, "segment", key=key)


@blueprint.get("/frozen/<uuid:frozen_id>")
@requires("rules.members")
def frozen_segment(frozen_id: UUID) -> Response:
    """Show who was in a segment when it was frozen."""
    ctx = current()
    found = frozen.find_frozen(ctx, frozen_id)
    ids = frozen.frozen_ids(ctx, frozen_id, after=cursor(), limit=PAGE_ROWS + 1)
    shown = list(ids[:PAGE_ROWS])
    return page(
        "frozen",
        frozen=found,
        ids=shown,
        next_cursor=shown[-1] if len(ids) > PAGE_ROWS else None,
        players=names_of(ctx, shown),
    )
