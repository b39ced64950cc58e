"""The overview: what waits for somebody, and what the books say of rewards and points."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from flask import url_for
from sqlalchemy import func, select
from werkzeug.wrappers import Response

from pitboss.core import ledger
from pitboss.core.context import Context
from pitboss.core.http import current, requires
from pitboss.core.identity import names_of
from pitboss.core.ledger.wallet import POINTS, REWARD_POINTS
from pitboss.core.money import Money
from pitboss.core.texts import gettext as _
from pitboss.core.texts import marked, marked_plural, ngettext, number, spoken, translated
from pitboss.plugins.loyalty import checks
from pitboss.plugins.loyalty.abuse.tables import SignalRow
from pitboss.plugins.loyalty.admin.pages import blueprint, page
from pitboss.plugins.loyalty.campaigns import book as campaigns
from pitboss.plugins.loyalty.catalogue.tables import RedemptionRow
from pitboss.plugins.loyalty.referrals.tables import ReferralRow
from pitboss.plugins.loyalty.rewards import book as rewards
from pitboss.plugins.loyalty.rewards.tables import RewardRow

COUNTED_MAX = 10_000
"""Counting stops here and shows a plus: an overview must not read a whole table."""
NEWEST_SHOWN = 8
CAMPAIGNS_LOOKED_AT = 200
BUDGET_SHARE = 0.9
"""From this share of its budget on, a running campaign is told of."""
COSTS = ("bonus_cost", "cashback_cost")
LABELS = {POINTS: marked("Points"), REWARD_POINTS: marked("Reward points")}

_REWARD = RewardRow.__table__


@dataclass(frozen=True, slots=True)
class Concern:
    """Something that waits for somebody."""

    title: str
    text: str
    url: str
    link: str


@dataclass(frozen=True, slots=True)
class Queue:
    """Rows that wait for a person."""

    endpoint: str
    table: Any
    column: str
    state: str
    one: str
    many: str
    text: str
    permission: str = "loyalty.read"


@dataclass(frozen=True, slots=True)
class Tile:
    """A key figure."""

    name: str
    figure: Any
    note: str = ""
    url: str = ""


QUEUES = (
    Queue(
        "signals",
        SignalRow.__table__,
        "state",
        "open",
        *marked_plural("%(count)s open signal of abuse", "%(count)s open signals of abuse"),
        marked("Their players may be held until someone decides."),
        "loyalty.signals",
    ),
    Queue(
        "redemptions",
        RedemptionRow.__table__,
        "state",
        "held",
        *marked_plural("%(count)s redemption to send", "%(count)s redemptions to send"),
        marked("Players paid points and wait for their things."),
    ),
    Queue(
        "referrals",
        ReferralRow.__table__,
        "state",
        "held",
        *marked_plural("%(count)s held referral", "%(count)s held referrals"),
        marked("Both sides look alike: a person decides whether they are one."),
    ),
    Queue(
        "rewards",
        _REWARD,
        "status",
        "pending",
        *marked_plural("%(count)s reward held back", "%(count)s rewards held back"),
        marked("They are delivered when somebody releases them."),
    ),
)
"""What the overview looks for."""


@blueprint.get("/")
@requires("loyalty.read")
def overview() -> Response:
    """Show what waits for somebody, then the figures."""
    ctx = current()
    newest = rewards.history(ctx, None, limit=NEWEST_SHOWN)
    return page(
        "overview",
        concerns=list(_concerns(ctx)),
        tiles=[*_counted(ctx), *_posted(ctx)],
        newest=newest,
        names=names_of(ctx, [row.player_id for row in newest]),
    )


@blueprint.get("/books")
@requires("loyalty.read")
def books() -> Response:
    """Show the laws by which loyalty's books are held against the ledger."""
    return page("books", laws=list(checks.LAWS), broken=None)


@blueprint.post("/books")
@requires("loyalty.read")
def check_books() -> Response:
    """Ask every law of every player, and show what breaks it: that reads all books, so it is asked for."""
    return page("books", laws=list(checks.LAWS), broken=checks.broken(current()))


# -- what waits ------------------------------------------------------------------------------------


def _concerns(ctx: Context) -> Iterator[Concern]:
    for queue in QUEUES:
        table = queue.table
        is_waiting = table.c[queue.column] == queue.state
        count = _count(ctx, table, is_waiting) if ctx.actor.may(queue.permission) else 0
        if count:
            narrowed: dict[str, Any] = {queue.column: queue.state}
            url = url_for(f"loyalty_admin.{queue.endpoint}", **narrowed)
            title = ngettext(queue.one, queue.many, count, count=_shown(count))
            yield Concern(title, translated(queue.text), url, spoken(queue.endpoint))
    if ctx.actor.may("loyalty.campaigns"):
        yield from _campaigns(ctx)


def _campaigns(ctx: Context) -> Iterator[Concern]:
    for row in campaigns.list_campaigns(ctx, state="submitted", limit=CAMPAIGNS_LOOKED_AT):
        url = url_for("loyalty_admin.campaign", key=row.key)
        text = _("Submitted by %(who)s: somebody else has to agree.", who=row.submitted_by)
        yield Concern(_("%(title)s waits for approval", title=row.title), text, url, _("Campaign"))
    for row in campaigns.list_campaigns(ctx, state="running", limit=CAMPAIGNS_LOOKED_AT):
        if row.budget is not None and row.spent >= BUDGET_SHARE * row.budget:
            url = url_for("loyalty_admin.campaign", key=row.key)
            text = _("%(percent)s %% of its budget is spent.", percent=100 * row.spent // row.budget)
            yield Concern(_("%(title)s runs out of money", title=row.title), text, url, _("Campaign"))


# -- figures ---------------------------------------------------------------------------------------


def _counted(ctx: Context) -> Iterator[Tile]:
    day_ago = _first_id(ctx.clock.now() - timedelta(days=1))
    given = _count(ctx, _REWARD, _REWARD.c.id >= day_ago)
    yield Tile(_("Rewards given"), _shown(given), _("in the last 24 hours"), url_for("loyalty_admin.rewards"))
    active = _count(ctx, _REWARD, _REWARD.c.status == "active")
    yield Tile(
        _("Rewards in use"),
        _shown(active),
        _("not over yet"),
        url_for("loyalty_admin.rewards", status="active"),
    )


def _posted(ctx: Context) -> Iterator[Tile]:
    """Yield what the ledger says: the house's accounts are what players got, the other way round."""
    unit, url = ctx.tenant.currency, url_for("loyalty_admin.books")
    house = ledger.balances(ctx.connection, ledger.house(COSTS[0], unit).owner)
    cost = -sum(held for account, held in house.items() if account.kind in COSTS and account.currency == unit)
    yield Tile(_("Bonus and cashback cost"), Money(cost, unit), _("so far, by the ledger"), url)
    for points, label in LABELS.items():
        held = -sum(held for account, held in house.items() if account.currency == points)
        yield Tile(translated(label), Money(held, points), _("that players hold, by the ledger"), url)


def _count(ctx: Context, table: Any, *conditions: Any) -> int:
    few = select(table.c.id).where(table.c.tenant_id == ctx.tenant.id, *conditions).limit(COUNTED_MAX + 1)
    return int(ctx.connection.scalar(select(func.count()).select_from(few.subquery())) or 0)


def _first_id(at: datetime) -> UUID:
    # The first 48 bits of a UUIDv7 are its milliseconds.
    return UUID(int=int(at.timestamp() * 1000) << 80)


def _shown(count: int) -> str:
    return f"{number(COUNTED_MAX)}+" if count > COUNTED_MAX else number(count)
