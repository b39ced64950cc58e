"""Campaigns: written by one person, approved by another, then run over a segment as it was at the start."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from sqlalchemy import Row, insert, select, update

from pitboss.core import audit
from pitboss.core.context import Context
from pitboss.core.errors import Conflict, Forbidden, InvalidInput, NotFound
from pitboss.core.texts import marked
from pitboss.plugins.loyalty import giving, offers, rulebook
from pitboss.plugins.loyalty.campaigns.tables import CampaignRow

KEY = re.compile(r"[a-z0-9][a-z0-9-]{0,49}")
RUN = "loyalty.run_campaign"
EDITABLE = ("title", "segment", "offer", "budget", "holdout_percent", "starts_at", "ends_at")
STEPS: Mapping[str, tuple[frozenset[str], str]] = {
    "submit": (frozenset({"draft"}), "submitted"),
    "withdraw": (frozenset({"submitted", "approved"}), "draft"),
    "approve": (frozenset({"submitted"}), "approved"),
    "pause": (frozenset({"running"}), "paused"),
    "resume": (frozenset({"paused"}), "running"),
    "stop": (frozenset({"approved", "running", "paused"}), "stopped"),
}
"""From which states each step leads to which."""

_CAMPAIGN = CampaignRow.__table__


# -- read ------------------------------------------------------------------------------------------


def find(ctx: Context, key: str, *, for_update: bool = False) -> Row[Any]:
    """Return a campaign; held until the transaction ends, if that is wanted."""
    query = _mine(ctx).where(_CAMPAIGN.c.key == key)
    row = ctx.connection.execute(query.with_for_update() if for_update else query).first()
    if row is None:
        raise NotFound(f"no campaign {key!r}")
    return row


def list_campaigns(
    ctx: Context, *, state: str | None = None, after: str = "", limit: int = 50
) -> list[Row[Any]]:
    """Return campaigns by key."""
    query = _mine(ctx).where(_CAMPAIGN.c.key > after)
    if state is not None:
        query = query.where(_CAMPAIGN.c.state == state)
    return list(ctx.connection.execute(query.order_by(_CAMPAIGN.c.key).limit(limit)))


# -- written ---------------------------------------------------------------------------------------


def create(ctx: Context, sent: Mapping[str, Any]) -> Row[Any]:
    """Write a new campaign as a draft."""
    key = sent["key"]
    if not KEY.fullmatch(key):
        said = marked("Small letters, digits and hyphens, at most 50.")
        raise InvalidInput(f"key: {key!r}: {said}", {"key": [said]})
    check(ctx, sent)
    if ctx.connection.execute(_mine(ctx).where(_CAMPAIGN.c.key == key)).first() is not None:
        raise Conflict(f"there is a campaign {key!r} already: choose another key")
    values = {name: sent[name] for name in EDITABLE}
    made = {"key": key, "state": "draft", "created_by": ctx.actor.label, "created_at": ctx.clock.now()}
    ctx.connection.execute(insert(_CAMPAIGN).values(tenant_id=ctx.tenant.id, **made, **values))
    _record(ctx, "created", key)
    return find(ctx, key)


def edit(ctx: Context, key: str, sent: Mapping[str, Any]) -> Row[Any]:
    """Change a draft."""
    before = find(ctx, key, for_update=True)
    if before.state != "draft":
        raise Conflict(f"campaign {key!r} is {before.state}: withdraw it before you change it")
    check(ctx, sent)
    values = {name: sent[name] for name in EDITABLE}
    # Who changed it last is its author: somebody else has to approve it.
    _change(ctx, key, **values, revision=before.revision + 1, created_by=ctx.actor.label)
    _record(ctx, "edited", key)
    return find(ctx, key)


def check(ctx: Context, values: Mapping[str, Any]) -> None:
    """Refuse a campaign whose segment, offer, budget or time could not work."""
    rulebook.check_segment(ctx, values["segment"])
    offers.check(ctx, values["offer"])
    if values["budget"] is not None and not giving.cost_of(ctx, values["offer"]):
        said = marked("the offer costs no money that a budget could count: leave the budget out")
        raise InvalidInput(f"budget: {said}", {"budget": [said]})
    starts, ends = values["starts_at"], values["ends_at"]
    if ends is not None and ends <= (starts or ctx.clock.now()):
        raise InvalidInput("ends_at: it ends before it starts", {"ends_at": ["Choose a later time."]})


# -- steps -----------------------------------------------------------------------------------------


def step(ctx: Context, key: str, name: str, *, reason: str = "") -> Row[Any]:
    """Take a step with a campaign: submit, withdraw, approve, pause, resume or stop."""
    row = find(ctx, key, for_update=True)
    allowed, after = STEPS[name]
    if row.state not in allowed:
        raise Conflict(
            f"campaign {key!r} is {row.state}: {name} is for one that is {' or '.join(sorted(allowed))}"
        )
    values: dict[str, Any] = {"state": after}
    if name == "submit":
        check(ctx, row._asdict())
        values["submitted_by"] = ctx.actor.label
    elif name == "withdraw":
        values |= {"submitted_by": None, "approved_by": None}
    elif name == "approve":
        _refuse_same_person(ctx, row)
        values["approved_by"] = ctx.actor.label
    _change(ctx, key, **values, revision=row.revision + 1)
    _record(ctx, name, key, reason=reason, old={"state": row.state}, new={"state": after})
    if name == "approve":
        start_if_due(ctx, key)
    elif name == "resume":
        _enqueue(ctx, key, row.revision + 1)
    return find(ctx, key)


def start_if_due(ctx: Context, key: str) -> bool:
    """Start an approved campaign whose time has come: freeze its segment, and have it run."""
    row, now = find(ctx, key, for_update=True), ctx.clock.now()
    if row.state != "approved" or (row.starts_at is not None and row.starts_at > now):
        return False
    frozen = rulebook.freeze(ctx, row.segment, f"campaign {key}")
    _change(ctx, key, state="running", frozen_id=frozen.id, revision=row.revision + 1)
    _record(ctx, "started", key, new={"frozen": str(frozen.id), "size": frozen.size})
    _enqueue(ctx, key, row.revision + 1)
    return True


def start_due(ctx: Context, _payload: Mapping[str, Any]) -> None:
    """Start every approved campaign whose time has come."""
    query = select(_CAMPAIGN.c.key).where(
        _CAMPAIGN.c.tenant_id == ctx.tenant.id,
        _CAMPAIGN.c.state == "approved",
        _CAMPAIGN.c.starts_at.is_(None) | (_CAMPAIGN.c.starts_at <= ctx.clock.now()),
    )
    for key in ctx.connection.scalars(query.order_by(_CAMPAIGN.c.key)).all():
        start_if_due(ctx, key)


def finish(ctx: Context, key: str) -> None:
    """End a campaign that has reached everybody, or whose time is over."""
    _change(ctx, key, state="done")
    _record(ctx, "done", key)


# -- helpers ---------------------------------------------------------------------------------------


def _refuse_same_person(ctx: Context, row: Row[Any]) -> None:
    if ctx.actor.kind != "operator":
        raise Forbidden("campaigns are approved by a person: sign in as an operator")
    if ctx.actor.label in (row.created_by, row.submitted_by):
        raise Forbidden(f"you wrote or submitted campaign {row.key!r}, so somebody else has to approve it")


def _enqueue(ctx: Context, key: str, revision: int) -> None:
    ctx.enqueue(RUN, {"key": key}, key=f"{key}:{revision}")


def _change(ctx: Context, key: str, **values: Any) -> None:
    ctx.connection.execute(
        update(_CAMPAIGN)
        .where(_CAMPAIGN.c.tenant_id == ctx.tenant.id, _CAMPAIGN.c.key == key)
        .values(**values)
    )


def _record(
    ctx: Context,
    name: str,
    key: str,
    *,
    reason: str = "",
    old: Mapping[str, Any] | None = None,
    new: Mapping[str, Any] | None = None,
) -> None:
    audit.record(ctx, f"loyalty.campaign_{name}", f"campaign:{key}", old=old, new=new, reason=reason or None)


def _mine(ctx: Context) -> Any:
    return select(_CAMPAIGN).where(_CAMPAIGN.c.tenant_id == ctx.tenant.id)
