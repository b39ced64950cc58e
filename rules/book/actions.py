"""Whether the actions of a reward exist, and whether what the rule says of them fits."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from marshmallow import ValidationError

from pitboss.core import contracts
from pitboss.core.errors import InvalidInput, nearest
from pitboss.core.texts import gettext as _
from pitboss.rules.book.problems import Problem
from pitboss.rules.engine.program import Action, Program
from pitboss.rules.engine.rule import Reward

if TYPE_CHECKING:
    from pitboss.core.context import Context

AMOUNT = "amount"
_UNKNOWN = "Unknown field."
_PAYMENT = ("formula", AMOUNT, "max_amount")


def problems(ctx: Context, program: Program, unavailable: list[Problem]) -> Iterator[Problem]:
    """Yield what is wrong with each action; those of plugins that are off are put aside."""
    rule = program.rule
    if not isinstance(rule, Reward):
        return
    for n, (action, written) in enumerate(zip(program.actions, rule.then, strict=True)):
        path = f"then[{n}]"
        owned = installed(ctx, action.name)
        if owned is None:
            known = [name for name, o in ctx.view.terms.items() if isinstance(o.item, contracts.Action)]
            cause = _(
                "no action %(name)s for this tenant: %(cure)s",
                name=repr(action.name),
                cure=nearest(action.name, known),
            )
            yield Problem(f"{path}.action", cause)
            continue
        if action.name not in ctx.view.terms:
            cause = _(
                "the action %(name)s is of the plugin %(owner)s, which is off: switch it on before you "
                "publish",
                name=repr(action.name),
                owner=repr(owned.owner),
            )
            unavailable.append(Problem(f"{path}.action", cause))
        yield from _payment_problems(owned.item, action, written, path)
        yield from _parameter_problems(owned.item, action, path)


def installed(ctx: Context, name: str) -> contracts.Owned[contracts.Action] | None:
    """Return an action of the tenant's plugins, or of one that is installed and off."""
    for owned in ctx.kernel.registry.all("register_terms"):
        if owned.item.name == name and isinstance(owned.item, contracts.Action):
            return owned
    return None


def _payment_problems(
    term: contracts.Action, action: Action, written: Mapping[str, Any], path: str
) -> Iterator[Problem]:
    if term.pays and action.amount is None:
        cause = _(
            "the action %(name)s pays %(unit)s: say how much, with 'formula', 'amount' or a table",
            name=repr(term.name),
            unit=term.pays,
        )
        yield Problem(path, cause)
    if not term.pays:
        for key in _PAYMENT:
            if key in written:
                yield Problem(
                    f"{path}.{key}",
                    _(
                        "the action %(name)s pays nothing: remove %(key)s",
                        name=repr(term.name),
                        key=repr(key),
                    ),
                )


def _parameter_problems(term: contracts.Action, action: Action, path: str) -> Iterator[Problem]:
    schema = term.schema()
    try:
        # The amount is computed when the rule fires.
        schema.load(dict(action.parameters), partial=(AMOUNT,))
    except ValidationError as error:
        known = [name for name in schema.fields if name != AMOUNT]
        yield from _told(InvalidInput.of(term.name, error).fields, path, known)


def _told(messages: Any, path: str, known: Sequence[str]) -> Iterator[Problem]:
    """Yield the messages of marshmallow, each at its place."""
    if isinstance(messages, Mapping):
        for key, inner in messages.items():
            yield from _told(inner, path if key == "_schema" else _below(path, key), known)
        return
    for message in messages if isinstance(messages, list | tuple) else (messages,):
        name = path.rpartition(".")[2]
        if message == _UNKNOWN:
            yield Problem(
                path, _("unknown parameter %(name)s: %(cure)s", name=repr(name), cure=nearest(name, known))
            )
        else:
            yield Problem(
                path, _("the parameter %(name)s does not fit: %(message)s", name=repr(name), message=message)
            )


def _below(path: str, key: Any) -> str:
    return f"{path}[{key}]" if isinstance(key, int) else f"{path}.{key}"
