"""Settlement in the admin: runs with what they would change, and why each bet paid what it paid."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any
from uuid import UUID

from flask import Blueprint, render_template, request, url_for
from werkzeug.wrappers import Response

from pitboss.core.contracts import Menu, Routes
from pitboss.core.errors import PitbossError
from pitboss.core.http import current, requires
from pitboss.core.retelling import retold
from pitboss.core.texts import gettext as _
from pitboss.core.texts import marked
from pitboss.plugins.betting.markets import reading
from pitboss.plugins.betting.pages import cursor, done, reason
from pitboss.plugins.betting.settling import aloud, operating, previewing, proving, runs, shown, standing
from pitboss.plugins.betting.settling.named import named, settled_by
from pitboss.plugins.betting.settling.previewing import Change, Preview

PAGE_ROWS = 50
KINDS = {
    "waiting": (marked("Waits"), "warn"),
    "running": (marked("Running"), "info"),
    "held": (marked("Held"), "bad"),
    "stopped": (marked("Stopped"), "warn"),
    "superseded": (marked("Out of date"), ""),
    "done": (marked("Done"), "good"),
}
"""What each state is called on screen, and its colour."""
CAUSES = {
    "result": marked("by the result"),
    "correction": marked("by a correction"),
    "void": marked("by a void"),
}
TITLES = {"settle": marked("Settlement"), "correct": marked("Correction"), "void": marked("Void")}

blueprint = Blueprint(
    "betting_settling_admin", __name__, url_prefix="/settlements", template_folder="../templates"
)
ROUTES = Routes(
    blueprint=blueprint,
    area="admin",
    menu=Menu(title="Settlements", icon="check", order=230),
    permission="betting.read",
    dashboard=standing.concerns,
)


@blueprint.get("/")
@requires("betting.read")
def settlements() -> str:
    """List settlement runs, the newest first."""
    state = request.args.get("state", "")
    found = operating.listed(
        current(), state=state if state in KINDS else "", before=cursor(), limit=PAGE_ROWS + 1
    )
    following = found[PAGE_ROWS - 1].id if len(found) > PAGE_ROWS else None
    rows = found[:PAGE_ROWS]
    return _page("settlements", runs=rows, fixtures=_fixtures(rows), state=state, following=following)


@blueprint.get("/<uuid:run_id>")
@requires("betting.read")
def settlement(run_id: UUID) -> str:
    """Show a run with its bets; of a correction that waits also what it would change."""
    ctx = current()
    run = runs.find(ctx, run_id)
    preview, problem = _preview(run)
    found = settled_by(ctx, run_id, after=cursor(), limit=PAGE_ROWS + 1)
    settled = found[:PAGE_ROWS]
    return _page(
        "settlement",
        run=run,
        preview=preview,
        summary="" if preview is None else shown.summary(ctx, preview),
        problem=problem,
        fixture=_fixtures([run]).get(run.fixture_id),
        settled=settled,
        named=named(ctx, [*(one.bet_id for one in settled), *(one.bet_id for one in _changes(preview))]),
        market_names=_market_names(run.fixture_id),
        following=settled[-1].bet_id if len(found) > PAGE_ROWS else None,
    )


@blueprint.get("/what-if/<uuid:fixture_id>")
@requires("betting.read")
def what_if(fixture_id: UUID) -> str:
    """Show what the newest result of a fixture would change, before anybody confirms it."""
    ctx, preview, problem = current(), None, ""
    result = ctx.value("sports.result", str(fixture_id), 0)
    if result is not None:
        preview, problem = _looked(lambda: previewing.of_result(ctx, fixture_id, result["outcome"]))
    return _page(
        "what_if",
        fixture_id=fixture_id,
        fixture=ctx.value("sports.fixture", str(fixture_id)),
        result=result,
        preview=preview,
        problem=problem,
        summary="" if preview is None else shown.summary(ctx, preview),
        named=named(ctx, [one.bet_id for one in _changes(preview)]),
        market_names=_market_names(fixture_id),
    )


@blueprint.post("/<uuid:run_id>/confirm")
@requires("betting.settle")
def confirm_settlement(run_id: UUID) -> Response:
    """Confirm a correction."""
    return _do(operating.confirm, run_id, _("The correction is confirmed: its bets are settled again."))


@blueprint.post("/<uuid:run_id>/release")
@requires("betting.approve")
def release_settlement(run_id: UUID) -> Response:
    """Let a held run go on."""
    return _do(operating.release, run_id, _("The run goes on."))


@blueprint.post("/<uuid:run_id>/stop")
@requires("betting.settle")
def stop_settlement(run_id: UUID) -> Response:
    """Stop a run."""
    return _do(operating.stop, run_id, _("The run stops after the piece that it is at."))


@blueprint.post("/<uuid:run_id>/resume")
@requires("betting.settle")
def resume_settlement(run_id: UUID) -> Response:
    """Go on with a run."""
    return _do(operating.resume, run_id, _("The run goes on after the last bet that is done."))


@blueprint.get("/bets/<uuid:bet_id>/explanation")
@requires("betting.read")
def bet_explanation(bet_id: UUID) -> str:
    """Explain a bet so that it can be read aloud to its player."""
    ctx = current()
    found = proving.explain(ctx, bet_id)
    return _page(
        "explanation",
        bet=shown.explanation(found),
        total=lambda said: aloud.total(ctx.tenant.currencies, said, found["currency"]),
        aloud=aloud,
        ends=shown.ENDS,
        causes=CAUSES,
    )


def _fixtures(rows: Sequence[Any]) -> dict[UUID, Mapping[str, Any]]:
    """Return the fixtures of runs, as far as they are still known."""
    ids = list(dict.fromkeys(str(row.fixture_id) for row in rows))
    return {UUID(one["id"]): one for one in current().value("sports.fixtures", ids)}


def _market_names(fixture_id: UUID) -> dict[str, str]:
    return {str(book.market.id): book.market.name for book in reading.of_fixtures(current(), [fixture_id])}


def _changes(preview: Preview | None) -> Sequence[Change]:
    return () if preview is None else preview.changes


def _do(how: Callable[..., Any], run_id: UUID, message: str) -> Response:
    shown = url_for("betting_settling_admin.settlement", run_id=run_id)
    return done(lambda: how(current(), run_id, reason=reason()), message, back_to=shown)


def _preview(run: Any) -> tuple[Preview | None, str]:
    if run.kind != "correct" or run.state != "waiting":
        return None, ""
    return _looked(lambda: previewing.of_run(current(), run))


def _looked(look: Callable[[], Preview]) -> tuple[Preview | None, str]:
    """Return a preview, or why there is none."""
    try:
        return look(), ""
    except PitbossError as error:
        return None, retold(str(error))


def _page(template: str, **values: Any) -> str:
    return render_template(f"betting/{template}.html", kinds=KINDS, titles=TITLES, **values)
