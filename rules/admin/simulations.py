"""Simulations: ask for one over history, watch it, and read what it came to."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any
from uuid import UUID

from flask import request
from werkzeug.wrappers import Response

from pitboss.core.context import Context
from pitboss.core.errors import InvalidInput, PitbossError
from pitboss.core.http import current, requires
from pitboss.core.pictures import bars
from pitboss.core.texts import day, grouped
from pitboss.core.texts import gettext as _
from pitboss.rules.admin.pages import (
    PAGE_ROWS,
    asked,
    blueprint,
    cursor,
    cut,
    day_of,
    done,
    errors_of,
    id_of,
    names_of,
    page,
    rule_names,
    sentence_of,
    text_of,
    tried,
)
from pitboss.rules.book import store
from pitboss.rules.book.store import Filter
from pitboss.rules.replay import reports
from pitboss.rules.replay.asked import DAYS_DEFAULT, ask
from pitboss.rules.replay.reports import totals

RULES_MAX = 500
"""Rewards that may be chosen from a list; the address may name any other."""
RECIPIENTS_SHOWN = 20


@blueprint.get("/simulations")
@requires("rules.read")
def simulations() -> Response:
    """List simulations, the newest first."""
    ctx, wanted = current(), asked("rule")
    found = reports.listed(ctx, rule=wanted["rule"] or None, before=cursor(), limit=PAGE_ROWS + 1)
    rows, following = cut(found)
    return page(
        "simulations",
        rows=rows,
        totals={row.id: totals(row.result) for row in rows if row.result is not None},
        next_cursor=following,
        asked=wanted,
        names=rule_names(ctx, [row.rule for row in rows]),
    )


@blueprint.get("/simulations/new")
@requires("rules.simulate")
def new_simulation() -> Response:
    """Show the form."""
    now = current().clock.now().astimezone(current().tenant.zone)
    form = {
        "rule": request.args.get("rule", ""),
        "version": request.args.get("version", ""),
        "since": f"{now - timedelta(days=DAYS_DEFAULT):%Y-%m-%d}",
        "until": f"{now:%Y-%m-%d}",
        "against": "live",
        "over": "history",
        "schedule": "on",
    }
    return _form_page(form)


@blueprint.post("/simulations")
@requires("rules.simulate")
def start_simulation() -> Response:
    """Have a worker simulate a rule; nothing is paid."""
    ctx = current()
    try:
        made = reports.request(ctx, ask(ctx, text_of("rule"), _version("version"), **_asked()))
    except PitbossError as error:
        ctx.rollback()
        return _form_page(request.form.to_dict(), error)
    return done(
        _("The simulation is on its way: this page shows how far it is."), "simulation", simulation_id=made.id
    )


def _asked() -> dict[str, Any]:
    against = text_of("against")
    return {
        "from_": _day("since"),
        "until": min(_day("until", after=1), current().clock.now()),
        "against": {"live": "live", "none": None}[against]
        if against in ("live", "none")
        else _version("against"),
        "over": "players" if text_of("over") == "players" else "history",
        "is_scheduled": text_of("schedule") == "on",
    }


def _day(name: str, *, after: int = 0) -> Any:
    found = day_of(text_of(name), after=after)
    if found is None:
        raise InvalidInput(
            _("%(name)s: choose a day, such as 2026-11-01", name=name), {name: [_("Choose a day.")]}
        )
    return found


def _version(name: str) -> int | None:
    text = text_of(name)
    if not text:
        return None
    if not text.isdecimal() or not 1 <= len(text) <= 9:
        raise InvalidInput(
            _("%(name)s: %(text)s is no version: write its number", name=name, text=repr(text[:40])),
            {name: [_("Write a number.")]},
        )
    return int(text)


def _form_page(form: dict[str, str], error: PitbossError | None = None) -> Response:
    ctx = current()
    rules = store.list_rules(ctx, Filter(kind="reward"), limit=RULES_MAX)
    return page(
        "simulate",
        200 if error is None else 422,
        form=form,
        rules=[(rule.key, rule.name or rule.key) for rule in rules],
        errors=_named(errors_of(error)),
        refusal=sentence_of(error) if error is not None else "",
    )


def _named(errors: dict[str, list[str]]) -> dict[str, list[str]]:
    """Return the errors by the names of the form."""
    return {"since" if name == "from" else name: said for name, said in errors.items()}


@blueprint.get("/simulations/<uuid:simulation_id>")
@requires("rules.read")
def simulation(simulation_id: UUID) -> Response:
    """Show a simulation: how far it is, and what it came to once it is done."""
    ctx = current()
    found = reports.find(ctx, simulation_id)
    shown = _result(ctx, found.result) if found.result is not None else {}
    return page("simulation", simulation=found, names=rule_names(ctx, [found.rule]), **shown)


def _result(ctx: Context, result: Any) -> dict[str, Any]:
    days = result["days"]
    titles = [
        _(
            "%(day)s: %(count)s given, %(amount)s %(unit)s",
            day=day(date.fromisoformat(one["day"])),
            count=one["done"],
            amount=grouped(one["paid"]),
            unit=result["unit"],
        )
        for one in days
    ]
    top, flagged = result["top"][:RECIPIENTS_SHOWN], result["flagged"]["listed"][:RECIPIENTS_SHOWN]
    ids = [
        id_of(str(one["player_id"])) for one in (*top, *flagged, *result["sample"]) if one.get("player_id")
    ]
    overlapping = [one["rule"] for one in result["overlap"]]
    return {
        "result": result,
        "top": top,
        "flagged": flagged,
        "picture": bars([float(day["paid"]) for day in days], titles, _("Cost a day")) if days else None,
        "players": {str(key): name for key, name in names_of(ctx, ids).items()},
        "other_names": rule_names(ctx, overlapping),
    }


@blueprint.post("/simulations/<uuid:simulation_id>/stop")
@requires("rules.simulate")
def stop_simulation(simulation_id: UUID) -> Response:
    """Stop a simulation that is not done yet."""

    def run(ctx: Context) -> str:
        reports.stop(ctx, simulation_id)
        return _("The simulation is stopped.")

    return tried(run, "simulation", simulation_id=simulation_id)
