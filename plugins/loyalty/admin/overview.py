"""The overview: what waits for somebody, and what the books say of rewards and points."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from flask import url_for
from werkzeug.wrappers import Response

from pitboss.core import counting, ledger
from pitboss.core.clock import id_at
from pitboss.core.context import Context
from pitboss.core.contracts import Concern, Figure
from pitboss.core.http import current, requires
from pitboss.core.identity import names_of
from pitboss.core.ledger.accounts import HOUSE
from pitboss.core.ledger.wallet import POINTS, REWARD_POINTS
from pitboss.core.money import Money
from pitboss.core.texts import gettext as _
from pitboss.core.texts import marked, marked_plural, spoken, translated
from pitboss.plugins.loyalty import checks
from pitboss.plugins.loyalty.abuse.tables import SignalRow
from pitboss.plugins.loyalty.admin.pages import blueprint, page
from pitboss.plugins.loyalty.campaigns import book as campaigns
from pitboss.plugins.loyalty.catalogue.tables import RedemptionRow
from pitboss.plugins.loyalty.referrals.tables import ReferralRow
from pitboss.plugins.loyalty.rewards import book as rewards
from pitboss.plugins.loyalty.rewards.tables import RewardRow

NEWEST_SHOWN = 8
CAMPAIGNS_LOOKED_AT = 200
BUDGET_SHARE = 0.9
"""From this share of its budget on, a running campaign is told of."""
COSTS = ("bonus_cost", "cashback_cost")
LABELS = {POINTS: marked("Points"), REWARD_POINTS: marked("Reward points")}

_REWARD = RewardRow.__table__


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
        figures=[*_counted(ctx), _cost(ctx), *_held(ctx)],
        newest=newest,
        names=names_of(ctx, [row.player_id for row in newest]),
    )


def dashboard(ctx: Context) -> Iterator[Figure | Concern]:
    """Tell the first page what waits for somebody, and what rewards have cost."""
    yield _cost(ctx)
    yield from _concerns(ctx)


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
        count = counting.some(ctx, table, is_waiting) if ctx.actor.may(queue.permission) else 0
        narrowed: dict[str, Any] = {queue.column: queue.state}
        url, link = url_for(f"loyalty_admin.{queue.endpoint}", **narrowed), spoken(queue.endpoint)
        yield from counting.waiting(count, (queue.one, queue.many), translated(queue.text), url, link)
    if ctx.actor.may("loyalty.campaigns"):
        yield from _campaigns(ctx)


def _campaigns(ctx: Context) -> Iterator[Concern]:
    for row in campaigns.list_campaigns(ctx, state="submitted", limit=CAMPAIGNS_LOOKED_AT):
        url = url_for("loyalty_admin.campaign", key=row.key)
        text = _("Somebody else than who submitted it looks at its offer and budget, and agrees.")
        yield Concern(_("%(title)s waits for approval", title=row.title), text, url, _("Campaign"))
    for row in campaigns.list_campaigns(ctx, state="running", limit=CAMPAIGNS_LOOKED_AT):
        if row.budget is not None and row.spent >= BUDGET_SHARE * row.budget:
            url = url_for("loyalty_admin.campaign", key=row.key)
            text = _("%(percent)s %% of its budget is spent.", percent=100 * row.spent // row.budget)
            yield Concern(_("%(title)s runs out of money", title=row.title), text, url, _("Campaign"))


# -- figures ---------------------------------------------------------------------------------------


def _counted(ctx: Context) -> Iterator[Figure]:
    day_ago = id_at((ctx.clock.now() - timedelta(days=1)).timestamp())
    given = counting.some(ctx, _REWARD, _REWARD.c.id >= day_ago)
    yield Figure(
        _("Rewards given"), counting.shown(given), _("in the last 24 hours"), url_for("loyalty_admin.rewards")
    )
    active = counting.some(ctx, _REWARD, _REWARD.c.status == "active")
    yield Figure(
        _("Rewards in use"),
        counting.shown(active),
        _("not over yet"),
        url_for("loyalty_admin.rewards", status="active"),
    )


def _cost(ctx: Context) -> Figure:
    unit, house = ctx.tenant.currency, ledger.balances(ctx.connection, HOUSE)
    cost = -sum(held for account, held in house.items() if account.kind in COSTS and account.currency == unit)
    note, url = _("so far, by the ledger"), url_for("loyalty_admin.books")
    return Figure(_("Bonus and cashback cost"), Money(cost, unit), note, url)


def _held(ctx: Context) -> Iterator[Figure]:
    note, url = _("that players hold, by the ledger"), url_for("loyalty_admin.books")
    for points, label in LABELS.items():
        yield Figure(translated(label), Money(ledger.owed(ctx.connection, points), points), note, url)
