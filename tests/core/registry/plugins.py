"""Small plugins made on the spot."""

from __future__ import annotations

from collections.abc import Callable
from types import ModuleType
from typing import Any

from marshmallow import Schema, fields

from pitboss.core.contracts import Event, Manifest, Message, Term, Variable
from pitboss.core.hooks import hookimpl
from pitboss.core.registry import Candidate


class Played(Schema):
    """A hole that was played."""

    hole = fields.Integer(required=True)


def played(name: str = "golf.played", **more: Any) -> Event:
    about: dict[str, Any] = {"title": "Played", "doc": "A hole was played.", "example": {"hole": 1}}
    return Event(name=name, schema=Played, **{**about, **more})


def handicap(name: str = "golf.handicap", **more: Any) -> Variable:
    about: dict[str, Any] = {"title": "Handicap", "doc": "How well they play.", "type": "number"}
    source = {} if more.keys() & {"column", "window", "compute"} else {"compute": lambda ctx: 7}
    return Variable(name=name, **{**about, **source, **more})


def won(**more: Any) -> Message:
    about: dict[str, Any] = {
        "title": "A win",
        "doc": "Sent to who won.",
        "subject": "You won",
        "body": "{name}",
    }
    return Message(name="golf.won", example={"holes": 18}, **{**about, **more})


def plugin(name: str = "golf", *terms: Term, version: str = "1.0", **hooks: Any) -> Candidate:
    """Make a plugin; a hook is a function, or what it returns; other words are the manifest's."""
    described = {key: hooks.pop(key) for key in list(hooks) if key in Manifest.__dataclass_fields__}
    hooks.setdefault(
        "plugin_manifest", Manifest(**{"name": name, "version": version, "title": name, **described})
    )
    hooks.setdefault("register_terms", list(terms))
    module = ModuleType(f"a_plugin_{name}")
    for hook, answer in hooks.items():
        setattr(module, hook, hookimpl(named(hook, answer if callable(answer) else _answering(answer))))
    return Candidate(name, lambda: module, distribution=f"{name}-dist", version=version)


def _answering(answer: Any) -> Callable[[], Any]:
    return lambda: answer


def named(name: str, function: Callable[..., Any]) -> Callable[..., Any]:
    function.__name__ = name
    return function
