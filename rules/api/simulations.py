"""Simulations of rules over history, over HTTP."""

from __future__ import annotations

from typing import Any
from uuid import UUID

import marshmallow as ma
from flask.views import MethodView
from marshmallow.validate import Length, OneOf, Range

from pitboss.core.http import Blueprint, PageArguments, current, page, page_schema, read_id_cursor, requires
from pitboss.rules.api.schemas import NUMBER_MAX
from pitboss.rules.book import store
from pitboss.rules.book.tables import KEY_LENGTH_MAX
from pitboss.rules.replay import reports
from pitboss.rules.replay.asked import SAMPLE_DEFAULT, SAMPLE_MAX, ask
from pitboss.rules.replay.reports import Report, totals

blueprint = Blueprint(
    "rules_simulations", __name__, url_prefix="", description="Rules over history, before they are live"
)


class SimulationArguments(ma.Schema):
    """What to simulate: the newest version over the last ninety days, unless it is said."""

    class Meta:
        include = {
            "from": ma.fields.AwareDateTime(metadata={"description": "Ninety days ago unless given."}),
        }

    version = ma.fields.Int(strict=True, validate=Range(min=1, max=NUMBER_MAX))
    until = ma.fields.AwareDateTime(metadata={"description": "Now unless given; not included."})
    against = ma.fields.Raw(
        load_default="live",
        metadata={
            "description": "The version to compare with: a number, `live`, or null for none.",
            "type": ["integer", "string", "null"],
        },
    )
    over = ma.fields.Str(
        load_default="history",
        validate=OneOf(["history", "players"]),
        metadata={"description": "What was recorded, or every player as they are now."},
    )
    sample = ma.fields.Int(load_default=SAMPLE_DEFAULT, strict=True, validate=Range(min=0, max=SAMPLE_MAX))
    overlap = ma.fields.Bool(
        load_default=True, metadata={"description": "Whether to count where live rules fire too."}
    )
    schedule = ma.fields.Bool(
        load_default=True, metadata={"description": "Whether rules do nothing outside of their schedules."}
    )

    @ma.validates("against")
    def _check_against(self, value: Any, **_more: Any) -> None:
        if not (value is None or value == "live" or (type(value) is int and 1 <= value <= NUMBER_MAX)):
            raise ma.ValidationError("A version number, 'live', or null.")


class SimulationFilter(PageArguments):
    """Which simulations."""

    rule = ma.fields.Str(validate=Length(min=1, max=KEY_LENGTH_MAX))


class SimulationSchema(ma.Schema):
    """A simulation."""

    id = ma.fields.UUID(required=True)
    rule = ma.fields.Str(required=True)
    version = ma.fields.Int(required=True)
    asked = ma.fields.Dict(required=True)
    state = ma.fields.Str(required=True)
    error = ma.fields.Str(required=True, allow_none=True)
    asked_by = ma.fields.Str(required=True)
    asked_at = ma.fields.AwareDateTime(required=True)
    finished_at = ma.fields.AwareDateTime(required=True, allow_none=True)
    totals = ma.fields.Function(
        lambda found: None if found.result is None else totals(found.result),
        metadata={"type": ["object", "null"], "description": "The few numbers that matter most."},
    )


class SimulationDetailSchema(SimulationSchema):
    """A simulation with its report."""

    job_id = ma.fields.UUID(required=True, allow_none=True)
    progress_done = ma.fields.Int(required=True)
    progress_total = ma.fields.Int(required=True)
    result = ma.fields.Dict(
        required=True, allow_none=True, metadata={"description": "The report; null until it is done."}
    )


@blueprint.route("/<key>/simulations")
class RuleSimulations(MethodView):
    @requires("rules.simulate")
    @blueprint.arguments(SimulationArguments())
    @blueprint.response(202, SimulationDetailSchema())
    def post(self, sent: dict[str, Any], key: str) -> Report:
        """Simulate a rule over what was recorded: nothing is paid, and only the report is written."""
        ctx = current()
        asked = ask(
            ctx,
            key,
            sent.get("version"),
            from_=sent.get("from"),
            until=sent.get("until"),
            against=sent["against"],
            over=sent["over"],
            sample=sent["sample"],
            with_overlap=sent["overlap"],
            is_scheduled=sent["schedule"],
        )
        return reports.request(ctx, asked)

    @requires("rules.read")
    @blueprint.arguments(PageArguments(), location="query")
    @blueprint.response(200, page_schema(SimulationSchema))
    def get(self, asked: dict[str, Any], key: str) -> dict[str, Any]:
        """List the simulations of a rule, the newest first."""
        store.find(current(), key)
        return _page(asked, key)


@blueprint.route("/simulations")
class Simulations(MethodView):
    @requires("rules.read")
    @blueprint.arguments(SimulationFilter(), location="query")
    @blueprint.response(200, page_schema(SimulationSchema))
    def get(self, asked: dict[str, Any]) -> dict[str, Any]:
        """List simulations, the newest first."""
        return _page(asked, asked.get("rule"))


@blueprint.route("/simulations/<uuid:simulation_id>")
class Simulation(MethodView):
    @requires("rules.read")
    @blueprint.response(200, SimulationDetailSchema())
    def get(self, simulation_id: UUID) -> Report:
        """Show a simulation: how far it is, and its report once it is done."""
        return reports.find(current(), simulation_id)


@blueprint.route("/simulations/<uuid:simulation_id>/stop")
class SimulationStop(MethodView):
    @requires("rules.simulate")
    @blueprint.response(200, SimulationDetailSchema())
    def post(self, simulation_id: UUID) -> Report:
        """Stop a simulation that is not done yet."""
        return reports.stop(current(), simulation_id)


def _page(asked: dict[str, Any], rule: str | None) -> dict[str, Any]:
    limit, before = asked["limit"], read_id_cursor(asked.get("cursor"))
    found = reports.listed(current(), rule=rule, before=before, limit=limit + 1)
    return page(found[:limit], found[limit - 1].id if len(found) > limit else None)
