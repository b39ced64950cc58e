"""Bets in the admin: find one, see why it was taken, void it; and a player with limits and free bets."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any
from uuid import UUID

from flask import Blueprint, render_template, request, url_for
from werkzeug.wrappers import Response

from pitboss.core import audit, facts
from pitboss.core.context import Context
from pitboss.core.contracts import Menu, Routes
from pitboss.core.errors import InvalidInput
from pitboss.core.http import current, requires
from pitboss.core.identity import find_player, names_of
from pitboss.core.identity.players import target_of
from pitboss.core.money import Money
from pitboss.core.texts import codes, grouped, marked
from pitboss.core.texts import gettext as _
from pitboss.plugins.betting.markets import boards
from pitboss.plugins.betting.pages import UNSAID, cursor, done, said
from pitboss.plugins.betting.records import elsewhere as records
from pitboss.plugins.betting.records import suggesting
from pitboss.plugins.betting.settling import reading, shown, voiding
from pitboss.plugins.betting.slips import (
    allowed,
    cashout,
    finding,
    freebets,
    history,
    limitbook,
    oddstext,
    refusals,
    standing,
    storing,
    timeline,
    whose,
)
from pitboss.plugins.betting.slips.actions import PLAYER_MEASURES
from pitboss.plugins.betting.strategies import book as strategies
from pitboss.plugins.betting.strategies.admin import MODES

PAGE_ROWS = 50
NEWEST = 10
"""Of each list on a player's page."""
KINDS = {
    "pending": (marked("Pending"), "warn"),
    "accepted": (marked("Open"), "info"),
    "settled": (marked("Settled"), ""),
    "cashed_out": (marked("Cashed out"), "warn"),
    "rejected": (marked("Rejected"), "bad"),
    "voided": (marked("Voided"), ""),
}
"""What each state is called on screen, and its colour."""
FREE_BET_KINDS = {
    "open": (marked("Open"), "good"),
    "used": (marked("Used"), "info"),
    "expired": (marked("Expired"), ""),
    "cancelled": (marked("Taken back"), "bad"),
}
SUGGESTION_KINDS = {
    "offered": (marked("Offered"), "info"),
    "withheld": (marked("Withheld"), "warn"),
    "dismissed": (marked("Dismissed"), ""),
    "followed": (marked("Followed"), "good"),
}
MEASURE_TITLES = {
    "stake_min": marked("Smallest stake of a bet"),
    "stake_max": marked("Highest stake of a bet"),
    "payout_max": marked("Highest payout of a bet"),
    "exposure_max": marked("Exposure of a market, or of all markets of a fixture"),
    "day_stake_max": marked("Stakes of one player in a day"),
}
PRICE_POLICIES = {
    "none": marked("The price shown, or no bet"),
    "higher_only": marked("The price shown, or a better one"),
    "any": marked("Whatever the price is"),
}
FIGURES = (
    ("betting.staked", marked("Staked")),
    ("betting.returned", marked("Returned")),
    ("betting.net_loss", marked("Net loss")),
    ("betting.open_stake", marked("At risk now")),
)
NOBODY: Mapping[str, Sequence[UUID]] = {"player_ids": []}
"""Whom a name means that nobody has."""
_FILTERS = ("state", "kind", "product", "sport", "reference")

CODES = codes(
    *("single", "multiple", "system", "builder", "pre_match", "in_play", "free_bet", "each_way"),
    *("platform", "sport", "competition", "template", "fixture", "market", "player"),
    *("open", "accepted", "settled", "cashed_out", "rejected", "voided", "pending", "part"),
    *("won", "lost", "void", "push", "half_won", "half_lost", "withdrawn", "suspended"),
    *("american-football", "baseball", "basketball", "boxing", "cricket", "cycling", "darts", "esports"),
    *("football", "golf", "greyhounds", "handball", "horse-racing", "ice-hockey", "motor-racing", "rugby"),
    *("snooker", "tennis", "volleyball", "trader", "feed", "margin", "liability", "opening", "published"),
    *("scheduled", "live", "finished", "postponed", "cancelled", "abandoned", "withdrawal"),
    *("insufficient_funds", "odds_changed", "offer_expired", "limit", "refused", "invalid", "state"),
)
"""What pages show in words: kinds of slips, scopes of limits, states, sports, causes, codes of refusals."""

blueprint = Blueprint("betting_bets", __name__, url_prefix="/bets", template_folder="../templates")
ROUTES = Routes(
    blueprint=blueprint,
    area="admin",
    menu=Menu(title="Bets", icon="list-details", order=220),
    permission="betting.read",
    find=finding.find,
    timeline=timeline.timeline,
    player_page=lambda player_id: url_for("betting_bets.bettor", player_id=player_id),
    dashboard=standing.figures,
)


@blueprint.get("/")
@requires("betting.read")
def bets() -> str:
    """List bets, the newest first."""
    ctx = current()
    asked = {name: request.args[name] for name in _FILTERS if request.args.get(name)}
    player, players = _players_asked(ctx)
    rows = history.search(ctx, {**asked, **players}, before=cursor(), limit=PAGE_ROWS + 1)
    following = rows[PAGE_ROWS - 1].id if len(rows) > PAGE_ROWS else None
    legs = storing.legs_of(ctx, [row.id for row in rows])
    return _page(
        "bets",
        rows=rows[:PAGE_ROWS],
        pills=_pills(ctx, rows),
        names=names_of(ctx, [row.player_id for row in rows]),
        legs=legs,
        asked=asked,
        player=player,
        is_nobody=players == NOBODY,
        sports=boards.sport_codes(ctx),
        following=following,
        products=history.PRODUCTS,
        slip_kinds=history.KINDS,
    )


@blueprint.get("/<uuid:bet_id>")
@requires("betting.read")
def bet(bet_id: UUID) -> str:
    """Show a bet: its legs, its money, and why it was allowed."""
    ctx = current()
    row = storing.find(ctx, bet_id)
    legs = storing.legs_of(ctx, [bet_id])[bet_id]
    return _page(
        "bet",
        bet=row,
        legs=legs,
        pill=_pills(ctx, [row])[bet_id],
        player=find_player(ctx, row.player_id),
        taken=cashout.list_of(ctx, bet_id),
        measures=MEASURE_TITLES,
        limits=allowed.told(ctx, row, legs),
        price_policies=PRICE_POLICIES,
        odds_text=oddstext.text,
    )


@blueprint.post("/<uuid:bet_id>/void")
@requires("betting.void")
def void(bet_id: UUID) -> Response:
    """Void a bet: its stake goes back."""

    def do(ctx: Context, reason: str) -> None:
        voiding.void_bet(ctx, bet_id, reason=reason)

    return _do(do, _("The bet is void, and its stake given back."), "bet", bet_id=bet_id)


@blueprint.get("/refusals")
@requires("betting.read")
def refused() -> str:
    """List what was not taken, and why."""
    ctx = current()
    code = request.args.get("code", "")
    player, players = _players_asked(ctx)
    wanted = {"code": code} if code else {}
    rows = refusals.search(ctx, {**wanted, **players}, before=cursor(), limit=PAGE_ROWS + 1)
    following = rows[PAGE_ROWS - 1].id if len(rows) > PAGE_ROWS else None
    return _page(
        "refusals",
        rows=rows[:PAGE_ROWS],
        names=names_of(ctx, [row.player_id for row in rows]),
        code=code,
        player=player,
        is_nobody=players == NOBODY,
        following=following,
    )


@blueprint.get("/players/<uuid:player_id>")
@requires("betting.read")
def bettor(player_id: UUID) -> str:
    """Show a player's betting: figures, newest bets, limits and free bets."""
    ctx = current()
    player = find_player(ctx, player_id)
    rows = history.search(ctx, {"player_id": player_id}, limit=NEWEST)
    known = facts.read(ctx, player_id, [name for name, __ in FIGURES])
    return _page(
        "bettor",
        player=player,
        rows=rows,
        pills=_pills(ctx, rows),
        legs=storing.legs_of(ctx, [row.id for row in rows]),
        figures=[(title, known.get(name) or 0) for name, title in FIGURES],
        limits=limitbook.every(ctx, scope="player", subject=str(player_id)),
        free_bets=freebets.of_player(ctx, player_id),
        settings=ctx.settings("betting"),
        own_strategies=strategies.of_player(ctx, player_id),
        modes=MODES,
        odds_text=oddstext.text,
        suggestions=suggesting.everything(ctx, player_id, limit=NEWEST),
        suggestion_kinds=SUGGESTION_KINDS,
        elsewhere=records.listed(ctx, player_id, limit=NEWEST),
        titles=MEASURE_TITLES,
        measures=[(name, MEASURE_TITLES[name]) for name in PLAYER_MEASURES],
    )


@blueprint.post("/players/<uuid:player_id>/limits")
@requires("betting.limits")
def limit_bettor(player_id: UUID) -> Response:
    """Set a limit of a player."""

    def do(ctx: Context, reason: str) -> None:
        measure, amount = request.form.get("measure", ""), minor_of(ctx)
        limitbook.put(
            ctx, scope="player", subject=str(player_id), measure=measure, amount=amount, reason=reason
        )

    return _do(do, _("The limit is set."), "bettor", player_id=player_id)


@blueprint.post("/players/<uuid:player_id>/free-bets")
@requires("betting.limits")
def give_free_bet(player_id: UUID) -> Response:
    """Give a player a free bet; the same form gives once."""

    def do(ctx: Context, reason: str) -> None:
        key, amount = request.form.get("key", ""), minor_of(ctx)
        if not key or not reason:
            raise InvalidInput(_("a free bet is given for a reason: say why"))
        most: int = ctx.settings("betting")["free_bet_by_hand_max"]
        if amount > most:
            raise InvalidInput(
                _("a free bet given by hand is at most %(amount)s: give less", amount=_text(ctx, most))
            )
        ctx.of(player_id).act("betting.grant_free_bet", amount=amount, key=f"by-hand:{key}")
        given = {"amount": amount, "key": key}
        audit.record(ctx, "betting.free_bet_given", target_of(player_id), new=given, reason=reason)

    return _do(do, _("The free bet is given."), "bettor", player_id=player_id)


@blueprint.post("/players/<uuid:player_id>/free-bets/<uuid:free_bet_id>/take-back")
@requires("betting.limits")
def take_back_free_bet(player_id: UUID, free_bet_id: UUID) -> Response:
    """Take back a free bet that was not used."""
    return _do(
        lambda ctx, reason: freebets.take_back(ctx, player_id, free_bet_id, reason=reason or UNSAID),
        _("The free bet is taken back."),
        "bettor",
        player_id=player_id,
    )


def _players_asked(ctx: Context) -> tuple[str, Mapping[str, Sequence[UUID]]]:
    """Return what the filter says of a player, and whom it means; links of pages name them by id."""
    text = (request.args.get("player") or request.args.get("player_id", "")).strip()
    return text, {"player_ids": whose.players_called(ctx, text)} if text else {}


def _pills(ctx: Context, rows: Sequence[Any]) -> dict[UUID, tuple[str, str]]:
    """Return what each bet is called by its state, or by how it ended, and its colour."""
    ends = reading.ends_of(ctx, rows)
    return {row.id: shown.ENDS[ends[row.id]] if row.state == "settled" else KINDS[row.state] for row in rows}


def _text(ctx: Context, minor: int) -> str:
    unit = ctx.tenant.currency
    return f"{grouped(ctx.tenant.currencies.text(Money(minor, unit)))} {unit}"


def minor_of(ctx: Context) -> int:
    """Return the amount of a form in minor units; it must be above zero."""
    amount = ctx.tenant.currencies.parse(request.form.get("amount", ""), ctx.tenant.currency).minor
    if amount <= 0:
        raise InvalidInput(_("the amount must be more than zero"))
    return amount


def _do(how: Callable[[Context, str], None], message: str, page: str, **place: Any) -> Response:
    shown = url_for(f"betting_bets.{page}", **place)
    return done(lambda: how(current(), said("reason")), message, back_to=shown)


def _page(template: str, **values: Any) -> str:
    return render_template(f"betting/{template}.html", kinds=KINDS, free_bet_kinds=FREE_BET_KINDS, **values)
