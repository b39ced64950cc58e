"""Pages of fixtures: the list, one of them, and what operators do with it."""

from __future__ import annotations

from contextlib import suppress
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from flask import request
from werkzeug.wrappers import Response

from pitboss.core.errors import NotFound, PitbossError
from pitboss.core.http import current, requires
from pitboss.core.retelling import retold
from pitboss.core.texts import gettext as _
from pitboss.core.texts import marked, spoken
from pitboss.plugins.sports.admin.outcomes import ENDS, PLACES, form_of, outcome_of
from pitboss.plugins.sports.admin.pages import (
    PAGE_ROWS,
    blueprint,
    chosen,
    done,
    failed,
    id_of,
    instant_of,
    page,
    text_of,
    whole_of,
)
from pitboss.plugins.sports.catalogue import competitions as leagues
from pitboss.plugins.sports.catalogue import sports
from pitboss.plugins.sports.fixtures import book, changing, entering
from pitboss.plugins.sports.fixtures.states import BEFORE, BY_HAND, LIVE, MOVES
from pitboss.plugins.sports.live import book as lives
from pitboss.plugins.sports.live import views as live_views
from pitboss.plugins.sports.results import book as results
from pitboss.plugins.sports.results import scores

COMPETITIONS_SHOWN_MAX = 500
LATE = timedelta(hours=3)
"""A fixture that began so long ago and is not over waits for its result."""
SHOWN = {
    "upcoming": marked("Coming up"),
    "live": marked("Being played"),
    "waiting": marked("Waiting for a result"),
    "confirm": marked("Waiting for confirmation"),
    "all": marked("All"),
}


@blueprint.get("/")
@requires("sports.read")
def fixtures() -> Response:
    """List fixtures by their start."""
    ctx = current()
    asked = {name: request.args.get(name, "").strip() for name in ("show", "sport", "competition", "q")}
    asked["show"] = asked["show"] if asked["show"] in SHOWN else "upcoming"
    competition = id_of(asked["competition"])
    found = book.list_fixtures(
        ctx,
        after=_cursor(),
        limit=PAGE_ROWS + 1,
        sport=asked["sport"] or None,
        competition_ids=(competition,) if competition else (),
        text=asked["q"],
        **_span(asked["show"], ctx.clock.now()),
    )
    rows = found[:PAGE_ROWS]
    last = rows[-1] if len(found) > PAGE_ROWS else None
    return page(
        "fixtures",
        rows=rows,
        leagues=leagues.find_many(ctx, list({row.competition_id for row in rows})),
        standing=lives.of_fixtures(ctx, [row.id for row in rows]),
        results=_scores(rows),
        asked=asked,
        shown=SHOWN,
        sports=sports.every(ctx),
        competitions=leagues.list_competitions(ctx, limit=COMPETITIONS_SHOWN_MAX),
        next_cursor=f"{last.starts_at.isoformat()}~{last.id}" if last is not None else None,
    )


@blueprint.post("/fixtures")
@requires("sports.edit")
def create_fixture() -> Response:
    """Schedule a match between two, or a race whose runners are lines of text."""
    ctx = current()
    try:
        league = leagues.find(ctx, chosen("competition"))
        runners = [line.strip() for line in request.form.get("runners", "").splitlines() if line.strip()]
        sides = [text_of("home"), text_of("away")]
        names = runners if sports.find(ctx, league.sport)["kind"] == "field" else sides
        sent = {
            "sport": league.sport,
            "competition_id": league.id,
            "starts_at": instant_of("starts_at"),
            "name": text_of("name") if names is runners else "",
            "venue": text_of("venue"),
            "participants": [
                {"name": name, "team_id": None, "number": number if names is runners else None}
                for number, name in enumerate(names, 1)
                if name
            ],
        }
        row = entering.enter(ctx, sent)
    except PitbossError as error:
        return failed(str(error), "fixtures")
    return done(_("%(name)s is scheduled.", name=row.name), "fixture", fixture_id=row.id)


@blueprint.get("/fixtures/<uuid:fixture_id>")
@requires("sports.read")
def fixture(fixture_id: UUID) -> Response:
    """Show one fixture: who takes part, how it stands, its results and changes."""
    return fixture_page(fixture_id)


@blueprint.post("/fixtures/<uuid:fixture_id>/change")
@requires("sports.edit")
def change_fixture(fixture_id: UUID) -> Response:
    """Move the start or the venue."""
    try:
        values: dict[str, Any] = {"venue": text_of("venue"), "round": text_of("round")}
        if text_of("starts_at"):
            # The form shows whole minutes: an unchanged one does not cut the seconds off.
            stands = book.find(current(), fixture_id).starts_at
            moved = instant_of("starts_at")
            values["starts_at"] = stands if moved == stands.replace(second=0, microsecond=0) else moved
        changing.change(current(), fixture_id, values, reason=text_of("reason"))
    except NotFound:
        raise
    except PitbossError as error:
        return failed(str(error), "fixture", fixture_id=fixture_id)
    return done(_("The fixture is changed."), "fixture", fixture_id=fixture_id)


@blueprint.post("/fixtures/<uuid:fixture_id>/status")
@requires("sports.edit")
def move_fixture(fixture_id: UUID) -> Response:
    """Move a fixture to another state."""
    status = text_of("status")
    if status not in BY_HAND:
        return failed(
            _("%(status)s is no state to move to", status=repr(status)), "fixture", fixture_id=fixture_id
        )
    try:
        changing.move(current(), fixture_id, status, reason=text_of("reason"))
    except NotFound:
        raise
    except PitbossError as error:
        return failed(str(error), "fixture", fixture_id=fixture_id)
    return done(
        _("The fixture is now: %(state)s.", state=spoken(status).lower()), "fixture", fixture_id=fixture_id
    )


@blueprint.post("/fixtures/<uuid:fixture_id>/runners/<uuid:participant_id>")
@requires("sports.edit")
def change_runner(fixture_id: UUID, participant_id: UUID) -> Response:
    """Withdraw a runner, or take the withdrawal back."""
    ctx, reason = current(), text_of("reason")
    try:
        if text_of("do") == "restore":
            changing.restore(ctx, fixture_id, participant_id, reason=reason)
        else:
            changing.withdraw(ctx, fixture_id, participant_id, reason=reason)
    except NotFound:
        raise
    except PitbossError as error:
        return failed(str(error), "fixture", fixture_id=fixture_id)
    return done(_("The field is changed."), "fixture", fixture_id=fixture_id)


@blueprint.post("/fixtures/<uuid:fixture_id>/result")
@requires("sports.results")
def record_result(fixture_id: UUID) -> Response:
    """Record how it ended, or correct it."""
    ctx = current()
    row = book.find(ctx, fixture_id)
    participants = book.participants_of(ctx, [fixture_id])[fixture_id]
    try:
        outcome = outcome_of(request.form, sports.find(ctx, row.sport), participants)
        version = results.record(ctx, fixture_id, outcome, reason=text_of("reason"))
    except PitbossError as error:
        ctx.rollback()
        return fixture_page(fixture_id, sent=request.form, refusal=retold(str(error)), status=422)
    return done(
        _("Version %(number)s: %(state)s.", number=version.version, state=spoken(version.state).lower()),
        "fixture",
        fixture_id=fixture_id,
    )


@blueprint.post("/fixtures/<uuid:fixture_id>/confirm")
@requires("sports.confirm")
def confirm_result(fixture_id: UUID) -> Response:
    """Confirm the version that was looked at."""
    try:
        version = results.confirm(current(), fixture_id, whole_of("version", 0) or 0)
    except PitbossError as error:
        return failed(str(error), "fixture", fixture_id=fixture_id)
    return done(
        _("Version %(number)s: %(state)s.", number=version.version, state=spoken(version.state).lower()),
        "fixture",
        fixture_id=fixture_id,
    )


def fixture_page(fixture_id: UUID, *, sent: Any = None, refusal: str = "", status: int = 200) -> Response:
    """Render the page of a fixture, with a form that was refused as it was sent."""
    ctx = current()
    row = book.find(ctx, fixture_id)
    sport, versions = sports.find(ctx, row.sport), results.versions(ctx, fixture_id)
    standing = lives.look_up(ctx, fixture_id)
    form = sent if sent is not None else form_of(versions[0].outcome) if versions else {}
    return page(
        "fixture",
        status,
        fixture=row,
        league=leagues.find(ctx, row.competition_id),
        sport=sport,
        participants=book.participants_of(ctx, [fixture_id])[fixture_id],
        versions=versions,
        summary=scores.summary(versions[0].outcome, sport) if versions else None,
        live=live_views.view(ctx, standing) if standing is not None and row.status in LIVE else None,
        changes=book.changes_of(ctx, fixture_id),
        moves=[move for move in MOVES[row.status] if move in BY_HAND],
        has_begun=row.starts_at <= ctx.clock.now(),
        is_before=row.status in BEFORE,
        starts_at_local=row.starts_at.astimezone(ctx.tenant.zone).strftime("%Y-%m-%dT%H:%M"),
        form=form,
        refusal=refusal,
        ends=ENDS,
        places=PLACES,
        actor=ctx.actor.label,
    )


def _span(show: str, now: datetime) -> dict[str, Any]:
    if show == "upcoming":
        return {"statuses": BEFORE, "starts_from": now}
    if show == "live":
        return {"statuses": LIVE}
    if show == "waiting":
        return {"statuses": (*BEFORE, *LIVE, "finished"), "starts_before": now - LATE, "result_state": ""}
    return {"result_state": "provisional"} if show == "confirm" else {}


def _scores(rows: Any) -> dict[UUID, dict[str, Any]]:
    ctx = current()
    found = results.of_fixtures(ctx, rows)
    kinds = {code: sport for code, sport in sports.every(ctx).items() if sport["kind"] == "head_to_head"}
    return {
        row.id: scores.summary(found[row.id].outcome, kinds[row.sport])
        for row in rows
        if row.id in found and row.sport in kinds
    }


def _cursor() -> tuple[datetime, UUID] | None:
    starts_at, __, one_id = request.args.get("cursor", "").partition("~")
    with suppress(ValueError):
        return datetime.fromisoformat(starts_at), UUID(one_id)
    return None
