"""Facts of every type, beside the casino's, so that the editor has to show each of its widgets."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta
from typing import Any

from marshmallow import Schema, fields, validate

from pitboss.core.contracts import Action, Manifest, Term, Variable
from pitboss.core.hooks import hookimpl
from pitboss.core.registry import Candidate


class Invitation(Schema):
    """Parameters of `lounge.invite`."""

    day = fields.String(required=True, validate=validate.OneOf(["friday", "saturday"]))
    drinks = fields.Integer(load_default=1, validate=validate.Range(0, 10))
    games = fields.List(fields.String(validate=validate.OneOf(["darts", "cards"])), load_default=())
    with_friend = fields.Boolean(load_default=False)
    note = fields.String(required=True)


def _variable(noun: str, type_: Any, value: Any, **more: Any) -> Variable:
    title = noun.replace("_", " ").capitalize()
    return Variable(
        name=f"lounge.{noun}",
        title=title,
        doc=f"{title} of a guest.",
        type=type_,
        compute=lambda _: value,
        **more,
    )


class Plugin:
    """The lounge's table of contents."""

    @hookimpl
    def plugin_manifest(self) -> Manifest:
        return Manifest(name="lounge", version="3", title="Lounge")

    @hookimpl
    def register_terms(self) -> Sequence[Term]:
        return [
            _variable("tier", "choice", "GOLD", choices=("BRONZE", "SILVER", "GOLD"), example="GOLD"),
            _variable("stay", "duration", timedelta(hours=30)),
            _variable("likes", "list", ["darts"]),
            _variable("visits", "number", 4, unit="visits"),
            Action(
                name="lounge.invite",
                title="Invite",
                doc="Invite a guest.",
                schema=Invitation,
                run=lambda *_, **__: None,
                example={"day": "friday", "note": "welcome"},
            ),
        ]


CANDIDATE = Candidate("lounge", lambda: Plugin(), "pitboss-tests", "3")
