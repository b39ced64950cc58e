"""What the pages of the plugin share: their blueprint, colours, names of players, and answers to forms."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from typing import Any
from uuid import UUID

from flask import Blueprint, flash, make_response, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from pitboss.core.context import Context
from pitboss.core.errors import NotFound, PitbossError, TermMissing
from pitboss.core.http import current
from pitboss.core.retelling import retold
from pitboss.core.texts import codes, marked, translated

PAGE_ROWS = 50
TABS = (
    (marked("Overview"), "overview", "loyalty.read"),
    (marked("Players"), "players", "loyalty.read"),
    (marked("Rewards"), "rewards", "loyalty.read"),
    (marked("Tiers"), "tiers", "loyalty.read"),
    (marked("Missions"), "missions", "loyalty.read"),
    (marked("Catalogue"), "catalogue", "loyalty.read"),
    (marked("Redemptions"), "redemptions", "loyalty.read"),
    (marked("Campaigns"), "campaigns", "loyalty.campaigns"),
    (marked("Signals"), "signals", "loyalty.signals"),
    (marked("Referrals"), "referrals", "loyalty.read"),
)
"""The pages that lists stand on, and what an operator needs to see them."""
COLOURS: Mapping[str, str] = {
    **dict.fromkeys(("active", "completed", "delivered", "rewarded", "running", "done", "on"), "good"),
    **dict.fromkeys(("claimable", "sent", "qualified", "approved", "registered", "invited"), "info"),
    **dict.fromkeys(("pending", "held", "open", "submitted", "paused", "held_out", "out_of_budget"), "warn"),
    **dict.fromkeys(
        ("forfeited", "confirmed", "rejected", "clawed_back", "refused", "failed", "stopped"), "bad"
    ),
}
"""The colour of each state; others are plain."""
CODES = codes(
    *(
        "active",
        "claimable",
        "pending",
        "completed",
        "delivered",
        "expired",
        "forfeited",
        "cancelled",
        "lost",
    ),
    *("rewarded", "running", "done", "on", "off", "sent", "qualified", "approved", "registered", "invited"),
    *("held", "open", "submitted", "paused", "held_out", "out_of_budget", "confirmed", "rejected", "failed"),
    *("clawed_back", "refused", "stopped", "draft", "ended", "finished", "settled", "voided", "dismissed"),
    *("bonus", "cashback", "cash", "free_bet", "free_spins", "tickets", "points", "perk", "reward_points"),
    *("bonus_hunting", "opposite_betting", "minimal_playthrough", "chip_dumping", "multi_accounting", "ring"),
    *(
        "watch",
        "stop_bonuses",
        "hold_rewards",
        "none",
        "referrer",
        "friend",
        "mission",
        "achievement",
        "given",
    ),
    *("count", "sum", "distinct", "streak", "passed", "capped", "excluded", "nothing", "undone", "unjudged"),
    *("deposit", "withdrawal", "wager", "win", "session", "lifetime", "day", "week", "month", "not_asked"),
    *("give_points", "grant_bonus", "grant_cash", "grant_free_bet", "grant_free_spins", "grant_tickets"),
    *("flag", "half_up", "is_phantom", "is_sticky", "cool_down", "self_referral", "shared", "opened"),
    *("hold_rewards, case", "device", "card", "grant_points", "every_tier"),
    *("an ended bonus holds nothing", "a bonus stands as its reward does", "ended free play is used up"),
    *("totals are those of the transactions", "net losses are of settled play"),
    *("lots stay within what was earned", "free lots are the wallet", "held lots are the hold"),
    *("rules read the wallet", "tiers are judged by the balance"),
    *("per_player", "budget", "exclusive", "guards", "holdout", "schedule"),
)
"""What pages show in words: states, types of rewards, detectors, actions, periods."""

blueprint = Blueprint("loyalty_admin", __name__, template_folder="../templates")


# -- answers ---------------------------------------------------------------------------------------


def page(template: str, status: int = 200, /, **values: Any) -> Response:
    """Render a page of the plugin."""
    actor = current().actor
    tabs = [(title, name) for title, name, permission in TABS if actor.may(permission)]
    shared = {"tabs": tabs, "colours": COLOURS, "unit": current().tenant.currency}
    return make_response(render_template(f"loyalty/{template}.html", **shared, **values), status)


def done(message: str, endpoint: str, **values: Any) -> Response:
    """Say what was done on the page that shows it."""
    flash(translated(message), "good")
    return redirect(url_for(f"loyalty_admin.{endpoint}", **values), 303)


def tried(run: Callable[[Context], str], endpoint: str, **values: Any) -> Response:
    """Do something and say so on the page that shows it; what is refused is said there too."""
    ctx = current()
    try:
        return done(run(ctx), endpoint, **values)
    except PitbossError as error:
        if is_missing(error):
            raise
        ctx.rollback()
        flash(retold(str(error)), "bad")
        return redirect(url_for(f"loyalty_admin.{endpoint}", **values), 303)


def is_missing(error: PitbossError) -> bool:
    """Tell whether what a page is about does not exist; a word that a form names is no such thing."""
    return isinstance(error, NotFound) and not isinstance(error, TermMissing)


# -- what was asked --------------------------------------------------------------------------------


def asked(*names: str) -> dict[str, str]:
    """Return the filters of the address, without blanks around them."""
    return {name: request.args.get(name, "").strip() for name in names}


def id_of(text: str) -> UUID | None:
    """Return an id, or None for what is none."""
    with suppress(ValueError):
        return UUID(text)
    return None


def cursor() -> UUID | None:
    """Return where this page of a list begins; what is no cursor begins at the start."""
    return id_of(request.args.get("cursor", ""))


def cut(found: Sequence[Any], name: str = "id") -> tuple[list[Any], Any]:
    """Return a page of a list that was read with one row more, and where the next begins."""
    rows = list(found[:PAGE_ROWS])
    return rows, getattr(rows[-1], name) if len(found) > PAGE_ROWS else None
