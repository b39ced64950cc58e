"""Kinds of rules that plugins add: what operators fill in is stored as the rule that it means.

So all that works for rules, from the editor to a decision that explains itself, works for them.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from marshmallow import ValidationError

from pitboss.core.contracts import RuleKind
from pitboss.core.errors import nearest
from pitboss.core.texts import gettext as _
from pitboss.rules.book.problems import Problem
from pitboss.rules.engine.rule import KINDS

if TYPE_CHECKING:
    from pitboss.core.context import Context

OF_EVERY_RULE = ("key", "name", "description", "priority", "effective", "tags", "tests")
"""What may stand beside the fields of a kind, as in any rule."""


class NotMeant(Exception):
    """A document of a plugin's kind does not say a rule: `problems` says why."""

    def __init__(self, problems: tuple[Problem, ...]) -> None:
        """Keep the reasons."""
        super().__init__("; ".join(map(str, problems)))
        self.problems = problems


def meant(ctx: Context, document: Any) -> Any:
    """Return the rule that a document of a plugin's kind means; any other document is what it says."""
    name = document.get("kind") if isinstance(document, Mapping) else None
    if not isinstance(name, str) or name in KINDS or "." not in name:
        return document
    kind = _kind_of(ctx, name)
    common = {key: document[key] for key in OF_EVERY_RULE if key in document}
    own = {key: value for key, value in document.items() if key not in common and key != "kind"}
    try:
        filled_in = kind.schema().load(own)
    except ValidationError as error:
        raise NotMeant(tuple(_problems(error.messages_dict))) from None
    tags = [*document.get("tags", ()), name]
    return {**kind.means(filled_in), **common, "tags": list(dict.fromkeys(tags))}


def _kind_of(ctx: Context, name: str) -> RuleKind:
    owned = ctx.view.terms.get(name)
    if owned is not None and isinstance(owned.item, RuleKind):
        return owned.item
    known = [*KINDS, *(n for n, o in ctx.view.terms.items() if isinstance(o.item, RuleKind))]
    cause = _(
        "no plugin of this tenant has rules of the kind %(name)s: %(cure)s",
        name=repr(name),
        cure=nearest(name, known),
    )
    raise NotMeant((Problem("kind", cause),))


def _problems(messages: Mapping[str, Any], above: str = "") -> list[Problem]:
    found: list[Problem] = []
    for field, message in messages.items():
        path = f"{above}{field}"
        if isinstance(message, Mapping):
            found += _problems(message, f"{path}.")
        else:
            found.append(Problem(path, " ".join(map(str, message))))
    return found
