"""Campaigns: written by one person, approved by another, watched while they run, and measured."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta
from typing import TYPE_CHECKING, Any

from flask import request
from sqlalchemy import Row
from werkzeug.wrappers import Response

from pitboss.core.context import Context
from pitboss.core.errors import PitbossError, Stale
from pitboss.core.http import current, requires
from pitboss.core.identity import names_of
from pitboss.core.money import Money
from pitboss.core.pictures import Interval, Line, interval, line
from pitboss.core.texts import gettext as _
from pitboss.core.texts import marked
from pitboss.plugins.loyalty import rulebook
from pitboss.plugins.loyalty.admin.forms import (
    REASON_CHARACTERS_MAX,
    actions_of,
    decimal_of,
    errors_of,
    instant_of,
    local,
    money_of,
    needed,
    offer_fields,
    offer_of,
    refuse,
    text_of,
)
from pitboss.plugins.loyalty.admin.pages import (
    PAGE_ROWS,
    asked,
    blueprint,
    cursor,
    cut,
    done,
    page,
    tried,
)
from pitboss.plugins.loyalty.campaigns import book, runs
from pitboss.plugins.loyalty.campaigns.api import STATES
from pitboss.plugins.loyalty.lengths import CODE_LENGTH_MAX

if TYPE_CHECKING:
    from pitboss.rules.replay.uplift import Uplift

SEGMENTS_MAX = 200
HOPED = ("wager", "deposit")
DAYS_DEFAULT, DAYS_MAX = 7, 365
SPEND_POINTS = 30
"""So many moments of what was spent are drawn: each is a sum over all members."""
OUTCOMES = (runs.DONE, runs.HELD_OUT, runs.REFUSED, runs.FAILED, runs.OUT_OF_BUDGET)
PERMISSION_OF = {name: "loyalty.approve" if name == "approve" else "loyalty.campaigns" for name in book.STEPS}
SAID = {
    "submit": marked("Submitted: somebody else has to approve it."),
    "withdraw": marked("It is a draft again."),
    "approve": marked("Approved. It starts when its time has come."),
    "pause": marked("Paused: it meets nobody until it is resumed."),
    "resume": marked("It goes on where it stopped."),
    "stop": marked("Stopped for good; what was given stays."),
}
NEW: Mapping[str, Any] = {**offer_fields(None), "holdout_percent": "0"}


@blueprint.get("/campaigns")
@requires("loyalty.campaigns")
def campaigns() -> Response:
    """List campaigns by key, with what each has spent by now."""
    wanted = asked("state", "cursor")
    state = wanted["state"] if wanted["state"] in STATES else None
    found = book.list_campaigns(current(), state=state, after=wanted["cursor"], limit=PAGE_ROWS + 1)
    rows, following = cut(found, "key")
    return page("campaigns", rows=rows, next_cursor=following, asked=wanted, states=STATES)


@blueprint.get("/campaigns/new")
@requires("loyalty.campaigns")
def new_campaign() -> Response:
    """Show an empty form."""
    return _form_page(None, NEW)


@blueprint.post("/campaigns")
@requires("loyalty.campaigns")
def create_campaign() -> Response:
    """Write a campaign as a draft."""
    ctx = current()
    try:
        row = book.create(ctx, {**_sent(), "key": needed("key")})
    except PitbossError as error:
        ctx.rollback()
        return _form_page(None, request.form, error)
    return done(_("Written as a draft. Submit it when it is ready."), "campaign", key=row.key)


@blueprint.get("/campaigns/<key>")
@requires("loyalty.campaigns")
def campaign(key: str) -> Response:
    """Show a campaign: its spend, whom it met, and what it gained against its holdout."""
    ctx, wanted = current(), asked("by", "days", "outcome")
    row = book.find(ctx, key)
    by = wanted["by"] if wanted["by"] in HOPED else HOPED[0]
    days = int(wanted["days"]) if wanted["days"].isdecimal() and len(wanted["days"]) < 4 else DAYS_DEFAULT
    days = min(max(days, 1), DAYS_MAX)
    outcome = wanted["outcome"] if wanted["outcome"] in OUTCOMES else None
    result = runs.result(ctx, key, by=by, days=days)
    members = runs.members(ctx, key, outcome=outcome, after=cursor(), limit=PAGE_ROWS + 1)
    rows, following = cut(members, "player_id")
    return page(
        "campaign",
        campaign=row,
        result=result,
        spend=_spend(ctx, row),
        gain=_gain(result.uplift),
        steps=[name for name, (states, __) in book.STEPS.items() if row.state in states],
        may_step=PERMISSION_OF,
        is_own=ctx.actor.label in (row.created_by, row.submitted_by),
        size=rulebook.frozen_size(ctx, row.frozen_id) if row.frozen_id else None,
        members=rows,
        names=names_of(ctx, [member.player_id for member in rows]),
        next_cursor=following,
        asked={"by": by, "days": days, "outcome": outcome or ""},
        outcomes=OUTCOMES,
        hoped=HOPED,
    )


def _spend(ctx: Context, row: Any) -> Line | None:
    """Draw what was spent, from the start until it was over or until now, beside the budget."""
    if not row.spent:
        return None
    now = ctx.clock.now()
    start, end = row.starts_at or row.created_at, min(row.ends_at or now, now)
    step = max(end - start, timedelta()) / SPEND_POINTS
    moments = [start + step * n for n in range(SPEND_POINTS)]
    scale = 10 ** ctx.tenant.currencies.places(ctx.tenant.currency)
    series = [spent / scale for spent in (*runs.spent_by(ctx, row.key, moments), row.spent)]
    limit = row.budget / scale if row.budget else None
    return line(series, _("Spent, %(currency)s", currency=ctx.tenant.currency), is_large=True, limit=limit)


def _gain(found: Uplift | None) -> Interval | None:
    """Draw the uplift with its interval."""
    if found is None:
        return None
    low, value, high = (100 * share for share in (found.low, found.absolute, found.high))
    shown = {"value": f"{value:+.1f}", "low": f"{low:+.1f}", "high": f"{high:+.1f}"}
    says = _("Uplift of %(value)s percentage points, from %(low)s to %(high)s", **shown)
    return interval(low, value, high, says)


@blueprint.get("/campaigns/<key>/edit")
@requires("loyalty.campaigns")
def change_campaign(key: str) -> Response:
    """Show a draft as it is edited."""
    row = book.find(current(), key)
    return _form_page(row, _form(row))


@blueprint.post("/campaigns/<key>/edit")
@requires("loyalty.campaigns")
def edit_campaign(key: str) -> Response:
    """Change a draft, unless somebody else did meanwhile."""
    ctx = current()
    row = book.find(ctx, key)
    try:
        if text_of("revision") != str(row.revision):
            raise Stale(_("somebody changed it meanwhile: look at it, and change it again"))
        book.edit(ctx, key, _sent())
    except PitbossError as error:
        ctx.rollback()
        return _form_page(row, request.form, error)
    return done(_("Saved."), "campaign", key=key)


@blueprint.post("/campaigns/<key>/step")
@requires("loyalty.campaigns")
def step_campaign(key: str) -> Response:
    """Submit, withdraw, pause, resume or stop a campaign."""
    return _step(key, [name for name in book.STEPS if name != "approve"])


@blueprint.post("/campaigns/<key>/approve")
@requires("loyalty.approve")
def approve_campaign(key: str) -> Response:
    """Approve what somebody else wrote."""
    return _step(key, ["approve"])


def _step(key: str, allowed: list[str]) -> Response:
    def run(ctx: Context) -> str:
        name = text_of("step")
        if name not in allowed:
            refuse("step", _("Choose one."))
        book.step(ctx, key, name, reason=text_of("reason")[:REASON_CHARACTERS_MAX])
        return SAID[name]

    return tried(run, "campaign", key=key)


# -- the form --------------------------------------------------------------------------------------


def _sent() -> dict[str, Any]:
    budget, holdout = money_of("budget"), decimal_of("holdout_percent")
    if budget is not None and budget.minor <= 0:
        refuse("budget", _("Give more than 0, or nothing for no budget."))
    if holdout is not None and not 0 <= holdout <= 100:
        refuse("holdout_percent", _("Give 0 to 100."))
    return {
        "title": needed("title"),
        "segment": needed("segment", length_max=CODE_LENGTH_MAX),
        "offer": offer_of() or refuse("offer_action", _("Choose what is offered.")),
        "budget": budget.minor if budget is not None else None,
        "holdout_percent": float(holdout or 0),
        "starts_at": instant_of("starts_at"),
        "ends_at": instant_of("ends_at"),
    }


def _form(row: Row[Any]) -> dict[str, Any]:
    tenant = current().tenant
    budget = "" if row.budget is None else tenant.currencies.text(Money(row.budget, tenant.currency))
    return {
        "title": row.title,
        "segment": row.segment,
        "budget": budget,
        "holdout_percent": f"{row.holdout_percent:g}",
        "starts_at": local(row.starts_at),
        "ends_at": local(row.ends_at),
        **offer_fields(row.offer),
    }


def _form_page(row: Row[Any] | None, form: Mapping[str, Any], error: PitbossError | None = None) -> Response:
    ctx = current()
    segments = rulebook.segments(ctx, limit=SEGMENTS_MAX)
    return page(
        "campaign_form",
        200 if error is None else 422,
        campaign=row,
        form=form,
        segments=segments,
        actions=actions_of(ctx),
        refusal=str(error) if error is not None else "",
        errors=errors_of(error) if error is not None else {},
    )
