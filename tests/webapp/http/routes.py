"""Plugins that exist only for these tests: each shows one thing about routes."""

from __future__ import annotations

from dataclasses import replace
from typing import Any
from uuid import UUID

import marshmallow as ma
from flask import Blueprint as PlainBlueprint
from flask import Flask
from sqlalchemy import func, select

from pitboss.core import audit
from pitboss.core.contracts import Event, Manifest, Permission, Routes
from pitboss.core.hooks import hookimpl
from pitboss.core.http import (
    Amount,
    Blueprint,
    Body,
    Reply,
    current,
    hot,
    keyed,
    player_only,
    public,
    requires,
)
from pitboss.core.registry import Candidate


class ThingSchema(ma.Schema):
    """A thing with a price."""

    price = Amount(required=True)
    count = ma.fields.Int(strict=True, required=True)
    weight = ma.fields.Decimal(as_string=True, validate=ma.validate.Range(0, 10))


class Rung(ma.Schema):
    """The payload of an event."""

    times = ma.fields.Int(strict=True, required=True)


class Bet(Body, frozen=True):
    """What a hot endpoint is sent."""

    stake: int


class Placed(Reply, frozen=True):
    """What it answers."""

    stake: int
    entries: int


class Bells:
    """A plugin that behaves."""

    def __init__(self) -> None:
        self.blueprint = _bells()

    @hookimpl
    def plugin_manifest(self) -> Manifest:
        ring = Permission(name="bells.ring", title="Ring bells")
        return Manifest(name="bells", version="1", title="Bells", permissions=(ring,))

    @hookimpl
    def register_terms(self) -> list[Any]:
        rung = Event(name="bells.rung", title="Rung", doc="A bell rang.", schema=Rung, example={"times": 1})
        return [rung, replace(rung, name="bells.chimed", doc="For all to hear.", is_public=True)]

    @hookimpl
    def register_routes(self) -> list[Routes]:
        return [Routes(blueprint=self.blueprint)]


def _bells() -> Blueprint:
    blueprint = Blueprint("bells", __name__)

    @blueprint.post("/ring")
    @requires("bells.ring")
    def ring() -> dict[str, int]:
        return {"entries": _note()}

    @blueprint.post("/ring-for-money")
    @requires("bells.ring")
    @keyed
    def ring_for_money() -> dict[str, int]:
        return {"entries": _note()}

    @blueprint.post("/thing")
    @requires("bells.ring")
    @blueprint.arguments(ThingSchema())
    @blueprint.response(200, ThingSchema())
    def thing(sent: dict[str, Any]) -> dict[str, Any]:
        return sent

    @blueprint.get("/mine")
    @player_only
    def mine() -> dict[str, str]:
        return {"player": str(current().actor.player_id)}

    @blueprint.get("/open/<uuid:bell_id>")
    @public
    def opened(bell_id: UUID) -> dict[str, str]:
        return {"tenant": current().tenant.code}

    @blueprint.get("/called/<tenant_code>")
    @public
    def called(tenant_code: str) -> dict[str, str]:
        return {"tenant": current().tenant.code, "path": tenant_code}

    @blueprint.post("/break")
    @requires("bells.ring")
    def break_it() -> dict[str, int]:
        _note()
        raise RuntimeError("a secret of the house")

    @hot(blueprint, "/bets", body=Bet, answer=Placed, status=201)
    @requires("bells.ring")
    def place(ctx: Any, body: Bet) -> Placed:
        return Placed(body.stake, _note())

    return blueprint


def _note() -> int:
    """Leave a mark, and count all marks of the tenant."""
    audit.record(current(), "bells.rung", "bell:1")
    entries = audit.AuditEntry.__table__
    query = select(func.count()).where(entries.c.action == "bells.rung")
    return int(current().connection.scalar(query) or 0)


class Leaker:
    """A plugin whose blueprint would touch everyone's requests."""

    @hookimpl
    def plugin_manifest(self) -> Manifest:
        return Manifest(name="leaker", version="1", title="Leaker")

    @hookimpl
    def register_routes(self) -> list[Routes]:
        blueprint = PlainBlueprint("leaker", __name__)
        blueprint.before_app_request(lambda: "mine now")
        return [Routes(blueprint=blueprint)]


class Undeclared:
    """A plugin with a view that does not say who may call it."""

    @hookimpl
    def plugin_manifest(self) -> Manifest:
        return Manifest(name="undeclared", version="1", title="Undeclared")

    @hookimpl
    def register_routes(self) -> list[Routes]:
        blueprint = PlainBlueprint("undeclared", __name__)
        blueprint.get("/door")(lambda: "open")
        return [Routes(blueprint=blueprint)]


class Squatter:
    """A plugin that wants a path of the platform."""

    @hookimpl
    def plugin_manifest(self) -> Manifest:
        return Manifest(name="events", version="1", title="Events")

    @hookimpl
    def register_routes(self) -> list[Routes]:
        blueprint = PlainBlueprint("events", __name__)
        blueprint.get("/x")(public(lambda: "x"))
        return [Routes(blueprint=blueprint)]


class Wanderer:
    """A plugin that adds a route outside its own prefix."""

    @hookimpl
    def plugin_manifest(self) -> Manifest:
        return Manifest(name="wanderer", version="1", title="Wanderer")

    @hookimpl
    def register_routes(self) -> list[Routes]:
        blueprint = PlainBlueprint("wanderer", __name__)

        def wander(state: Any) -> None:
            app: Flask = state.app
            app.add_url_rule("/api/v1/plugins/free", "free", public(lambda: "free"))

        blueprint.record(wander)
        return [Routes(blueprint=blueprint)]


def candidates_of(*plugins: Any) -> list[Candidate]:
    """Return test plugins as candidates, named by their manifests."""
    return [Candidate(p.plugin_manifest().name, lambda p=p: p) for p in plugins]
