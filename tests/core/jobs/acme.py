"""A plugin whose listeners and tasks do what a test tells them to, through rows of a real table."""

from __future__ import annotations

import os
import signal
import time
from collections.abc import Mapping, Sequence
from typing import Any
from uuid import UUID

from marshmallow import Schema, fields
from sqlalchemy import String, func, insert, select
from sqlalchemy.orm import Mapped, mapped_column

from pitboss.core.clock import uuid7
from pitboss.core.context import Context
from pitboss.core.contracts import Event, Listener, Manifest, Task, Term
from pitboss.core.database import Base, TenantRow, uuid_id
from pitboss.core.events import Event as Recorded
from pitboss.core.hooks import hookimpl
from pitboss.core.registry import Candidate


class Effect(TenantRow, Base):
    """One effect of one job; nothing but the kernel keeps a job from having two."""

    __tablename__ = "acme_effect"

    id: Mapped[UUID] = uuid_id()
    what: Mapped[str] = mapped_column(String(80))


EFFECT = Effect.__table__


class Knock(Schema):
    what = fields.String(required=True)
    does = fields.String(load_default="", dump_default="")


def write(ctx: Context, what: str) -> None:
    """Have the effect."""
    ctx.connection.execute(insert(EFFECT), {"tenant_id": ctx.tenant.id, "id": uuid7(), "what": what})


def effects(ctx: Context, times_min: int = 1) -> dict[str, int]:
    """Return how often each effect was had, of those that were had so often."""
    query = select(EFFECT.c.what, func.count().label("times")).where(EFFECT.c.tenant_id == ctx.tenant.id)
    query = query.group_by(EFFECT.c.what).having(func.count() >= times_min)
    return {row.what: row.times for row in ctx.connection.execute(query)}


def answer(ctx: Context, event: Recorded) -> None:
    """Have the effect, then do what the event asks for."""
    write(ctx, event.payload["what"])
    misbehave(ctx, event.payload["does"])


def misbehave(ctx: Context, does: str) -> None:
    if does == "fail":
        raise RuntimeError("told to fail: password=hunter2")
    if does == "die":
        os.kill(os.getpid(), signal.SIGKILL)
    if does == "commit":
        ctx.commit()
    if does == "nap":
        time.sleep(0.1)
    if does == "sleep":
        for _ in range(600):
            time.sleep(0.05)


def work(ctx: Context, payload: Mapping[str, Any]) -> None:
    """Have one effect."""
    write(ctx, payload.get("what", ctx.job.name if ctx.job else "?"))
    misbehave(ctx, payload.get("does", ""))


def on_call(ctx: Context) -> None:
    """Do nothing; a test puts its own in this place."""


def call(ctx: Context, payload: Mapping[str, Any]) -> None:
    """Do what the test put in place."""
    on_call(ctx)


def march(ctx: Context, payload: Mapping[str, Any]) -> None:
    """Have `steps` effects with a checkpoint after each, failing once at `fails_at`."""
    assert ctx.job is not None
    for step in range(ctx.job.saved.get("next", 0), payload["steps"]):
        write(ctx, f"{payload.get('what', 'step')} {step}")
        if step == payload.get("fails_at") and ctx.job.attempt == 1:
            raise RuntimeError("stumbled")
        ctx.job.progress(step + 1, payload["steps"])
        ctx.job.checkpoint({"next": step + 1})
        time.sleep(payload.get("rest_seconds", 0))


def daily(ctx: Context, payload: Mapping[str, Any]) -> None:
    """Have an effect named after the period."""
    write(ctx, payload["period_start"])


class Plugin:
    @hookimpl
    def plugin_manifest(self) -> Manifest:
        return Manifest(name="acme", version="1", title="Acme")

    @hookimpl
    def register_terms(self) -> Sequence[Term]:
        return [
            Event(name="acme.rang", title="Ring", doc="A bell.", schema=Knock, example={"what": "bell"}),
            Event(
                name="acme.knocked",
                title="Knock",
                doc="Someone knocked.",
                schema=Knock,
                example={"what": "door"},
            ),
        ]

    @hookimpl
    def register_listeners(self) -> Sequence[Listener]:
        return [
            Listener("acme.knocked", answer),
            Listener("acme.knocked", also, attempts_max=2),
            Listener("acme.rang", answer),
        ]

    @hookimpl
    def register_tasks(self) -> Sequence[Task]:
        return [
            Task(name="acme.work", run=work, attempts_max=3),
            Task(name="acme.march", run=march),
            Task(name="acme.call", run=call),
            Task(name="acme.hurry", run=work, time_limit_seconds=1, attempts_max=1),
            Task(name="acme.daily", run=daily, cron="30 1 * * *", catches_up=True),
        ]


def also(ctx: Context, event: Recorded) -> None:
    """Have an effect of its own, whatever the other listener does."""
    write(ctx, f"also {event.payload['what']}")
    if event.payload["does"] == "fail also":
        raise RuntimeError("told to fail")


CANDIDATE = Candidate("acme", Plugin, "acme", "1")
