"""A listener to every event, a guard of every operation, and the cause of an action."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import pytest
from marshmallow import Schema, fields
from sqlalchemy import event

from pitboss.core import events
from pitboss.core.context import Context
from pitboss.core.contracts import ANY, Event, Guard, Listener, Manifest, Term
from pitboss.core.errors import Refused
from pitboss.core.hooks import hookimpl
from pitboss.core.registry import Candidate, installed

heard: list[str] = []


class Said(Schema):
    what = fields.String(required=True)


def hear(_ctx: Context, event: Any) -> None:
    heard.append(f"{event.name} {event.payload['what']}")


def wants(_ctx: Context, event: Any) -> bool:
    return event.name.startswith("parrot.") and event.payload["what"] != "nothing"


def refuse_shouting(ctx: Context, payload: Any) -> str | None:
    return f"no shouting at {ctx.operation}" if payload == "AAAH" else None


class Parrot:
    @hookimpl
    def plugin_manifest(self) -> Manifest:
        return Manifest(name="parrot", version="1", title="Parrot")

    @hookimpl
    def register_terms(self) -> Sequence[Term]:
        return [
            Event(name=f"parrot.{noun}", title=noun, doc="A sound.", schema=Said, example={"what": "hello"})
            for noun in ("said", "sung")
        ]

    @hookimpl
    def register_listeners(self) -> Sequence[Listener | Guard]:
        return [Listener(ANY, hear, wants=wants), Guard(ANY, refuse_shouting)]


@pytest.fixture(scope="session")
def candidates() -> Sequence[Candidate]:
    return [*installed(safe_mode=True), Candidate("parrot", lambda: Parrot(), "pitboss-tests", "1")]


def test_a_listener_to_any_event_hears_those_that_it_wants(kernel, tenant, worker) -> None:
    heard.clear()
    with kernel.context(tenant.id) as ctx:
        for noun, what in (("said", "one"), ("sung", "two"), ("said", "nothing")):
            ctx.emit(f"parrot.{noun}", {"what": what})
    worker()
    assert sorted(heard) == ["parrot.said one", "parrot.sung two"]


def test_an_event_that_is_not_wanted_leaves_no_job(kernel, tenant, worker) -> None:
    with kernel.context(tenant.id) as ctx:
        ctx.emit("parrot.said", {"what": "nothing"})
    assert worker() == 0


def test_a_guard_of_any_operation_is_told_which_one(kernel, tenant) -> None:
    with kernel.context(tenant.id) as ctx:
        ctx.guard("parrot.sleep", "quietly")
        with pytest.raises(Refused, match="no shouting at parrot.sleep"):
            ctx.guard("parrot.sleep", "AAAH")
        assert ctx.operation == ""


def test_many_events_leave_the_jobs_of_their_listeners_in_one_statement(kernel, tenant, worker) -> None:
    heard.clear()
    with kernel.context(tenant.id) as ctx:
        told = [events.prepare(ctx, "parrot.said", {"what": str(n)}) for n in range(3)]
        sent: list[str] = []

        def note(_connection: Any, _cursor: Any, statement: str, *_: Any) -> None:
            sent.append(statement)

        event.listen(ctx.connection, "before_cursor_execute", note)
        events.record(ctx, told)

    worker()

    assert heard == [f"parrot.said {n}" for n in range(3)]
    # On PostgreSQL they travel with the events, in a message that no listener sees.
    assert sum("INSERT INTO job" in statement for statement in sent) == kernel.database.is_sqlite
