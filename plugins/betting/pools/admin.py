"""Pools in the admin: what stands on each answer, what it would pay, and why it paid what it paid."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from decimal import Decimal, InvalidOperation
from typing import Any
from uuid import UUID

from flask import Blueprint, flash, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from pitboss.core.contracts import Menu, Routes
from pitboss.core.errors import InvalidInput, PitbossError
from pitboss.core.http import current, requires
from pitboss.core.identity import names_of
from pitboss.core.retelling import retold
from pitboss.core.texts import gettext as _
from pitboss.core.texts import marked
from pitboss.plugins.betting.exact import real
from pitboss.plugins.betting.markets import catalogue
from pitboss.plugins.betting.pages import cursor, done, reason, said
from pitboss.plugins.betting.pools import book, ending, wording
from pitboss.plugins.betting.pools.dividends import approximates

PAGE_ROWS = 50
ENTRIES_SHOWN = 200
STATES = {
    "open": (marked("Open"), "good"),
    "paid": (marked("Paid"), "info"),
    "refunded": (marked("Refunded"), "warn"),
    "carried": (marked("Carried over"), ""),
}
"""What each state of a pool is called on screen, and its colour."""
ENTRY_STATES = {
    "open": (marked("Open"), "info"),
    "won": (marked("Won"), "good"),
    "lost": (marked("Lost"), ""),
    "refunded": (marked("Refunded"), "warn"),
}
KINDS = {"tote": marked("Of the house"), "private": marked("Among friends")}
NO_WINNER_TITLES = (
    ("refund", marked("All stakes go back")),
    ("carry", marked("It is carried over to the next of its series")),
    ("next_best", marked("The next best wins")),
)

blueprint = Blueprint("betting_pools_admin", __name__, url_prefix="/pools", template_folder="../templates")
ROUTES = Routes(
    blueprint=blueprint,
    area="admin",
    menu=Menu(title="Pools", icon="users", order=235),
    permission="betting.read",
)


@blueprint.get("/")
@requires("betting.read")
def pools() -> str:
    """List pools, the newest first."""
    state = request.args.get("state", "")
    rows = book.listed(
        current(), state=state if state in STATES else "", before=cursor(), limit=PAGE_ROWS + 1
    )
    following = rows[PAGE_ROWS - 1].id if len(rows) > PAGE_ROWS else None
    return _page("pools", rows=rows[:PAGE_ROWS], state=state, following=following)


@blueprint.get("/<uuid:pool_id>")
@requires("betting.read")
def pool(pool_id: UUID) -> str:
    """Show a pool with its answers, its entries, and how it ended."""
    ctx = current()
    row = book.find(ctx, pool_id)
    entries = book.entries(ctx, pool_id)
    return _page(
        "pool",
        pool=row,
        split=wording.describe(row.kind, row.terms),
        answers=list(_answers(row, book.stakes(ctx, row))),
        entries=entries[-ENTRIES_SHOWN:],
        left_out=max(0, len(entries) - ENTRIES_SHOWN),
        titles={code: name for code, name, __ in row.selections},
        names=names_of(ctx, [entry.player_id for entry in entries[-ENTRIES_SHOWN:]]),
        paid=sum(entry.payout for entry in entries if entry.state == "won"),
    )


@blueprint.get("/fixtures/<uuid:fixture_id>")
@requires("betting.trade")
def new_pool(fixture_id: UUID) -> str:
    """Ask for the terms of a new pool on a fixture."""
    return _form(fixture_id)


@blueprint.post("/fixtures/<uuid:fixture_id>")
@requires("betting.trade")
def open_pool(fixture_id: UUID) -> Response | tuple[str, int]:
    """Open a pool of the house; what was typed stays when something is wrong with it."""
    ctx = current()
    try:
        made = book.open_pool(
            ctx,
            fixture_id,
            kind="tote",
            template=said("template"),
            places=_whole("places"),
            series=said("series"),
            name=said("name"),
            terms={
                "takeout": str(_percent("takeout") / 100),
                "break_to": said("break_to"),
                "minimum": said("minimum"),
                "no_winner": said("no_winner"),
            },
        )
    except PitbossError as error:
        ctx.rollback()
        return _form(fixture_id, problem=retold(str(error))), error.status
    flash(_("The pool is open."), "good")
    return redirect(url_for(".pool", pool_id=made.id), 303)


@blueprint.post("/<uuid:pool_id>/cancel")
@requires("betting.void")
def cancel(pool_id: UUID) -> Response:
    """Give all stakes of an open pool back."""
    return _do(ending.cancel, pool_id, _("All stakes are given back."))


@blueprint.post("/<uuid:pool_id>/settle-again")
@requires("betting.settle")
def settle_again(pool_id: UUID) -> Response:
    """Pay a pool again, by the newest result."""
    return _do(ending.settle_again, pool_id, _("The pool is paid by the newest result."))


def _form(fixture_id: UUID, problem: str = "") -> str:
    ctx = current()
    fixture = ctx.value("sports.fixture", str(fixture_id))
    sport = fixture["sport"] if fixture else ""
    questions = [
        (one.code, one.title)
        for one in catalogue.templates_of(ctx).values()
        if sport in one.sports and one.line in ("none", "places")
    ]
    return _page(
        "pool_form",
        fixture_id=fixture_id,
        fixture=fixture,
        questions=questions,
        ends=NO_WINNER_TITLES,
        problem=problem,
        said=request.form,
    )


def _answers(pool: Any, stakes: Mapping[str, int]) -> Iterator[dict[str, Any]]:
    """Yield the answers of a pool; of a tote with what a unit on each would pay now."""
    would = approximates(stakes, wording.terms_of(pool.terms, "half_up")) if pool.kind == "tote" else {}
    for code, name, is_gone in pool.selections:
        each = would.get(code)
        yield {
            "code": code,
            "name": name,
            "is_gone": is_gone,
            "staked": stakes[code],
            "part": real(Decimal(stakes[code]) / pool.gross) if pool.gross else 0,
            "would_pay": None if each is None else f"{real(each):.2f}",
        }


def _do(how: Callable[..., Any], pool_id: UUID, message: str) -> Response:
    shown = url_for(".pool", pool_id=pool_id)
    return done(lambda: how(current(), pool_id, reason=reason()), message, back_to=shown)


def _percent(name: str) -> Decimal:
    try:
        return Decimal(said(name).replace(",", "."))
    except InvalidOperation:
        raise InvalidInput(
            _("%(name)s: %(text)s is no number: write percent, such as 18", name=name, text=repr(said(name)))
        ) from None


def _whole(name: str) -> int:
    if not said(name).isdecimal():
        raise InvalidInput(
            _("%(name)s: %(text)s is no whole number: write 1 or more", name=name, text=repr(said(name)))
        )
    return int(said(name))


def _page(template: str, **values: Any) -> str:
    return render_template(
        f"betting/{template}.html", states=STATES, entry_states=ENTRY_STATES, kinds=KINDS, **values
    )
