"""What a rule says, in the words of operators: its condition as a list, and what it then does."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from pitboss.core import contracts
from pitboss.core.errors import PitbossError
from pitboss.core.texts import gettext as _
from pitboss.core.texts import marked, spoken, translated
from pitboss.rules.book.checks import live_formulas
from pitboss.rules.book.diff import shown
from pitboss.rules.book.live import Words
from pitboss.rules.engine.catalogue import Catalogue
from pitboss.rules.engine.errors import Refused
from pitboss.rules.engine.forms import condition
from pitboss.rules.engine.insight.wording import bare_names, plain
from pitboss.rules.engine.text import Naming, text_of
from pitboss.rules.engine.tree import (
    AllOf,
    Among,
    AnyOf,
    Call,
    Compare,
    Constant,
    Contains,
    Fact,
    Known,
    Node,
    Not,
)

if TYPE_CHECKING:
    from pitboss.core.context import Context

_IS = {
    "==": marked("%(fact)s is %(value)s"),
    "!=": marked("%(fact)s is not %(value)s"),
    "<": marked("%(fact)s is less than %(value)s"),
    "<=": marked("%(fact)s is at most %(value)s"),
    ">": marked("%(fact)s is more than %(value)s"),
    ">=": marked("%(fact)s is at least %(value)s"),
}
_MIRRORED = {"<": ">", "<=": ">=", ">": "<", ">=": "<="}
_AMOUNTS = ("action", "formula", "amount", "max_amount")


@dataclass(frozen=True, slots=True)
class Phrase:
    """One condition in words, or a group of them."""

    text: str
    items: tuple[Phrase, ...] = ()
    is_code: bool = False
    """It stands as it is written, because no sentence says it more plainly."""


@dataclass(frozen=True, slots=True)
class Deed:
    """One thing that a rule does."""

    title: str
    amount: str = ""
    """The formula or the number, as it is written."""
    at_most: str = ""
    parameters: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True, slots=True)
class Said:
    """A rule in words."""

    on: tuple[str, ...]
    """The titles of the events that it is judged on."""
    when: tuple[Phrase, ...]
    """All of these hold; empty: always."""
    then: tuple[Deed, ...]
    rows: tuple[tuple[tuple[Phrase, ...], str], ...] = ()
    """Of a decision table: when, and what comes out."""


def say(ctx: Context, document: Mapping[str, Any]) -> Said:
    """Return a rule in words; what can no longer be read stands as it is written."""
    return say_all(ctx, [document])[0]


def say_all(ctx: Context, documents: Iterable[Mapping[str, Any]]) -> list[Said]:
    """Return the same of several rules; the words that they share are looked up once."""
    words = Words(ctx, live_formulas(ctx))
    return [_said(ctx, document, _words(words, document)) for document in documents]


def _said(ctx: Context, document: Mapping[str, Any], words: Catalogue | None) -> Said:
    table = document.get("table") or {}
    rows = tuple(
        (tuple(_phrases(row.get("when", {}), words)), shown(row["then"])) for row in table.get("rows", ())
    )
    return Said(
        on=tuple(_title(ctx, name) for name in document.get("on", ())),
        when=tuple(_phrases(document.get("when", {}), words)),
        then=tuple(_deeds(ctx, document)),
        rows=rows,
    )


def _words(words: Words, document: Mapping[str, Any]) -> Catalogue | None:
    try:
        return words.of(document.get("on", ()))
    except (PitbossError, Refused):
        return None  # an event of a plugin that is off


# -- conditions ------------------------------------------------------------------------------------


def _phrases(when: Any, words: Catalogue | None) -> Iterator[Phrase]:
    if when in ({}, None, ""):
        return
    tree = None if words is None else _tree(when, words)
    if words is None or tree is None:
        yield from _as_written(when)
        return
    naming = bare_names(words)
    parts = tree.items if isinstance(tree, AllOf) else (tree,)
    yield from (phrase(part, naming) for part in parts)


def _tree(when: Any, words: Catalogue) -> Node | None:
    try:
        return condition(when, words)
    except Refused:
        return None


def _as_written(when: Any) -> Iterator[Phrase]:
    if not isinstance(when, Mapping):
        yield Phrase(when if isinstance(when, str) else shown(when), is_code=True)
        return
    for name, value in when.items():
        yield Phrase(f"{name.replace('_', ' ')} {shown(value)}")


def phrase(node: Node, naming: Naming) -> Phrase:
    """Return a condition in words."""
    match node:
        case AllOf(items):
            return Phrase(_("all of these"), tuple(phrase(item, naming) for item in items))
        case AnyOf(items):
            return Phrase(_("at least one of these"), tuple(phrase(item, naming) for item in items))
        case Not(AnyOf(items)):
            return Phrase(_("none of these"), tuple(phrase(item, naming) for item in items))
    said = _leaf(node)
    return Phrase(text_of(node, naming), is_code=True) if said is None else Phrase(said)


def _leaf(node: Node) -> str | None:
    match node:
        case Compare(op, left, Constant(value)) if (name := _name(left)) is not None:
            return _(_IS[op], fact=name, value=_value(value, left))
        case Compare(op, Constant(value), right) if (name := _name(right)) is not None:
            return _(_IS[_MIRRORED.get(op, op)], fact=name, value=_value(value, right))
        case Compare(op, left, right) if _name(left) is not None and _name(right) is not None:
            return _(_IS[op], fact=_name(left), value=_name(right))
        case Among(item) if (name := _name(item)) is not None:
            values = ", ".join(_value(one, item) for one in node.listed)
            return _("%(fact)s is one of %(values)s", fact=name, values=values)
        case Contains(item, Constant(value)) if (name := _name(item)) is not None:
            return _("%(fact)s has %(value)s", fact=name, value=value)
        case Call(function, (Constant(value),)) if function.name == "in_segment":
            return _("Is in the segment %(segment)s", segment=value)
    return _yes_or_no(node)


def _yes_or_no(node: Node) -> str | None:
    match node:
        case Fact():
            return _("%(fact)s: yes", fact=_name(node))
        case Known(fact):
            return _("%(fact)s is known", fact=_name(fact))
        case Not(Fact() as fact):
            return _("%(fact)s: no", fact=_name(fact))
        case Not(Known(fact)):
            return _("%(fact)s is not known", fact=_name(fact))
        case Not(Call(function, (Constant(value),))) if function.name == "in_segment":
            return _("Is not in the segment %(segment)s", segment=value)
    return None


def _name(node: Node) -> str | None:
    """Return what a fact is called on screen; the field of an event with its own."""
    return translated(node.variable.title) or node.name if isinstance(node, Fact) else None


def _value(value: Any, like: Node) -> str:
    variable = replace(like.variable, unit=translated(like.variable.unit)) if isinstance(like, Fact) else None
    said = plain(value, like.type, variable)
    return {"true": _("yes"), "false": _("no")}.get(said, said) if isinstance(value, bool) else said


# -- what it does ----------------------------------------------------------------------------------


def _deeds(ctx: Context, document: Mapping[str, Any]) -> Iterator[Deed]:
    kind = document["kind"]
    if kind == "reward":
        yield from (_action(ctx, action) for action in document["then"])
    elif kind == "segment":
        yield Deed(_("The player is in the segment %(segment)s", segment=document["key"].upper()))
    elif kind == "alert":
        channels = ", ".join(document.get("channels", ())) or _("nobody: it is only recorded")
        parameters = [(_("severity"), str(document.get("severity", 5))), (_("told over"), channels)]
        if document.get("cool_down"):
            parameters.append((_("not again within"), document["cool_down"]))
        yield Deed(
            _("Tell: %(message)s", message=document["message"]),
            document.get("value", ""),
            "",
            tuple(parameters),
        )
    elif kind == "limit":
        said = {"operation": document["operation"], "message": document["message"]}
        yield Deed(_("Refuse %(operation)s, and tell the player: %(message)s", **said))
    else:
        yield Deed(_("The value is"), document.get("formula", _("what its table says")), "", _unit(document))


def _unit(document: Mapping[str, Any]) -> tuple[tuple[str, str], ...]:
    return ((_("unit"), document["unit"]),) if document.get("unit") else ()


def _action(ctx: Context, action: Mapping[str, Any]) -> Deed:
    amount = action.get("formula", action.get("amount", ""))
    most = action.get("max_amount")
    rest = tuple((spoken(key).lower(), shown(value)) for key, value in action.items() if key not in _AMOUNTS)
    at_most = "" if most is None else shown(most)
    return Deed(_title(ctx, str(action.get("action"))), str(amount), at_most, rest)


def _title(ctx: Context, name: str) -> str:
    owned = ctx.view.terms.get(name)
    is_named = owned is not None and isinstance(owned.item, contracts.Action | contracts.Event)
    return translated(owned.item.title) if owned is not None and is_named else name
