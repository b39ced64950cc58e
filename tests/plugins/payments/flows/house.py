"""A plugin of these tests: its guards remember what they were asked, and refuse when they are told to."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from types import SimpleNamespace
from typing import Any

from pitboss.core.context import Context
from pitboss.core.contracts import Function, Guard, Manifest
from pitboss.core.hooks import hookimpl
from pitboss.core.registry import Candidate

OPERATIONS = ("payments.deposit", "payments.withdraw", "payments.add_method")
asked: list[tuple[str, Any]] = []
refusing: list[Callable[[str, Any], str | None]] = []
"""Asked in turn: the reason of the first one that has any refuses."""
outages: list[str] = []
"""Why the foreign provider does not answer."""


def _check(ctx: Context, payload: Any) -> str | None:
    asked.append((ctx.operation, payload))
    return next((reason for refuse in refusing if (reason := refuse(ctx.operation, payload))), None)


class Foreign:
    """A provider of somebody else, who knows nothing of payments but its port."""

    is_manual = False

    def __repr__(self) -> str:
        return "Foreign()"

    def describe(self, _ctx: Any, asked: Any) -> dict[str, Any]:
        return {"kind": "wallet", "masked": "Foreign ••" + asked.token[-2:], "identity": asked.token}

    def deposit(self, _ctx: Any, asked: Any) -> dict[str, Any]:
        if outages:
            raise ConnectionError(outages[0])
        answers = {"good": {"kind": "completed", "reference": f"F-{asked.id}"}, "bad": {"kind": "perhaps"}}
        return answers[asked.token]

    pay_out = refund = deposit

    def read_callback(self, _ctx: Any, _headers: Any, _body: Any) -> Sequence[Any]:
        return ()

    def poll(self, _ctx: Any, _asked: Any) -> Sequence[Any]:
        return ()

    def statement(self, *_asked: Any) -> None:
        return None


@hookimpl
def plugin_manifest() -> Manifest:
    return Manifest(name="house", version="1", title="A house with rules")


@hookimpl
def register_listeners() -> Sequence[Guard]:
    return [Guard(operation, _check) for operation in OPERATIONS]


@hookimpl
def register_terms() -> Sequence[Function]:
    return [
        Function(
            name="house.pay",
            title="Foreign",
            doc="A provider of another plugin.",
            returns="any",
            call=lambda _ctx: Foreign(),
            example=(),
        )
    ]


_PLUGIN = SimpleNamespace(
    plugin_manifest=plugin_manifest,
    register_listeners=register_listeners,
    register_terms=register_terms,
)
CANDIDATE = Candidate("house", lambda: _PLUGIN)
