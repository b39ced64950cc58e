"""A unit of work reaches other plugins by name alone, and each wrong name or value says so."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import pytest
from sqlalchemy import select

from pitboss.core.context import Context
from pitboss.core.contracts import Action, Function, Guard, Listener, Permission, Task
from pitboss.core.errors import Forbidden, InvalidInput, Refused, TermMissing
from pitboss.core.events import EventRow
from pitboss.core.identity import Principal
from pitboss.core.jobs import JobRow
from pitboss.core.kernel import Kernel
from pitboss.core.registry import Candidate, Registry, installed
from pitboss.core.tenancy import Tenant
from tests.core.registry.plugins import Played, handicap, played, plugin

asked: list[str] = []


def ask(name: str, answer: str | None = None) -> Callable[[Context, Any], str | None]:
    def check(ctx: Context, payload: Any) -> str | None:
        asked.append(name)
        return answer

    return check


def fail(ctx: Context, payload: Any) -> str | None:
    raise ConnectionError("the register of handicaps does not answer")


def run(ctx: Context, **parameters: Any) -> Any:
    return parameters


@pytest.fixture(scope="session")
def candidates() -> Sequence[Candidate]:
    par = Function(
        name="golf.par", title="Par", doc="Par.", returns="number", call=lambda ctx, hole: hole + 3
    )
    move = Action(name="golf.move", title="Move", doc="Move it.", schema=Played, run=run, example={"hole": 2})
    guards = [
        Guard("bar.open", ask("late"), 200),
        Guard("bar.open", ask("early"), 5),
        Guard("bar.close", ask("one", "someone is thirsty")),
        Guard("bar.close", ask("two", "it is early")),
        Guard("bar.break", fail),
        Guard("bar.break", ask("after", "no")),
    ]
    listeners = [Listener("golf.played", fail, "cheer"), Listener("golf.played", fail, "tidy")]
    return [
        installed(safe_mode=True)[0],
        plugin(
            "golf",
            *(played(), handicap(), par, move),
            register_listeners=[*guards, *listeners],
            register_tasks=[Task(name="golf.mow", run=run)],
            permissions=(Permission(name="golf.greens", title="Mow"),),
        ),
        plugin("club"),
    ]


@pytest.fixture(autouse=True)
def _nobody_was_asked(logged: list[Any]) -> None:
    asked.clear()


def test_a_variable_and_a_function_are_values(ctx: Context) -> None:
    assert ctx.value("golf.handicap") == ctx.value("handicap") == 7
    assert ctx.value("golf.par", 2) == 5


@pytest.mark.parametrize(
    ("name", "error", "message"),
    [
        (
            "golf.handycap",
            TermMissing,
            "no term 'golf.handycap' for this tenant; did you mean 'golf.handicap'?",
        ),
        ("golf.played", InvalidInput, "'golf.played' is a event, not a value"),
    ],
)
def test_what_is_no_value_is_named(ctx: Context, name: str, error: type[Exception], message: str) -> None:
    with pytest.raises(error) as refusal:
        ctx.value(name)
    assert str(refusal.value).replace("an event", "a event") == message


def test_an_action_is_done_with_checked_parameters(ctx: Context) -> None:
    assert ctx.act("golf.move", hole="3") == {"hole": 3}


@pytest.mark.parametrize("parameters", [{}, {"hole": "first"}, {"hole": 1, "hold": 2}])
def test_wrong_parameters_are_named(ctx: Context, parameters: dict[str, Any]) -> None:
    with pytest.raises(InvalidInput, match="parameters of 'golf.move'") as refusal:
        ctx.act("golf.move", **parameters)
    assert refusal.value.fields


def test_an_action_that_is_missing_names_the_nearest(ctx: Context) -> None:
    with pytest.raises(TermMissing, match="no action 'golf.mve' for this tenant; did you mean 'golf.move'"):
        ctx.act("golf.mve")


def test_an_event_leaves_a_job_for_each_listener(ctx: Context) -> None:
    event = ctx.emit("golf.played", {"hole": 4})

    jobs = ctx.session.scalars(select(JobRow.name).where(JobRow.event_id == event.id)).all()
    assert sorted(jobs) == ["golf.played>golf.cheer", "golf.played>golf.tidy"]


def test_an_event_that_does_not_fit_its_schema_is_not_written(ctx: Context) -> None:
    with pytest.raises(InvalidInput, match="payload of 'golf.played'"):
        ctx.emit("golf.played", {"hole": "first"})
    assert ctx.session.scalars(select(EventRow)).all() == []


def test_an_event_that_nobody_declared_is_refused(ctx: Context) -> None:
    with pytest.raises(
        TermMissing, match="no event 'golf.plaid' for this tenant; did you mean 'golf.played'"
    ):
        ctx.emit("golf.plaid", {})


def test_a_task_that_nobody_declared_is_refused(ctx: Context) -> None:
    with pytest.raises(TermMissing, match="no task 'golf.mw' for this tenant; did you mean 'golf.mow'"):
        ctx.enqueue("golf.mw")


def test_an_operation_without_guards_is_allowed(ctx: Context) -> None:
    ctx.guard("bar.nothing")


def test_guards_are_asked_in_their_order(ctx: Context) -> None:
    ctx.guard("bar.open")
    assert asked == ["early", "late"]


def test_a_refusal_carries_the_reasons_of_all(ctx: Context) -> None:
    with pytest.raises(Refused, match="bar.close is refused: someone is thirsty; it is early") as refusal:
        ctx.guard("bar.close")
    assert refusal.value.reasons == ("someone is thirsty", "it is early")


def test_a_failing_guard_refuses_and_tells_no_secret(ctx: Context, logged: list[Any]) -> None:
    with pytest.raises(Refused) as refusal:
        ctx.guard("bar.break")

    assert refusal.value.reasons == ("golf: the check is not available now; try again later", "no")
    assert [(entry["event"], entry["plugin"]) for entry in logged] == [("guard failed", "golf")]


def test_a_tenant_without_the_plugin_has_none_of_its_words(
    kernel: Kernel, make_tenant: Callable[..., Tenant]
) -> None:
    with kernel.context(make_tenant("club").id) as ctx:
        ctx.guard("bar.close")
        for use in (lambda: ctx.value("golf.handicap"), lambda: ctx.act("golf.move", hole=1)):
            with pytest.raises(TermMissing):
                use()


def test_an_actor_without_the_permission_is_forbidden() -> None:
    ann = Principal(kind="operator", tenant_id=1, name="ann", permissions=frozenset({"club.*"}))

    ann.require("club.door")
    with pytest.raises(Forbidden, match="this needs the permission 'golf.greens': ask an administrator"):
        ann.require("golf.greens")


def test_a_noun_means_the_plugin_that_does_not_yield_it() -> None:
    club = plugin("club", handicap("club.handicap", yields=True))
    view = Registry([plugin("golf", handicap()), club]).view(frozenset({"golf", "club"}))

    assert view.short_names["handicap"] == "golf.handicap"
