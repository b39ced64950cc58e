"""What changed between two versions of a rule, in the words of operators: `net loss at least: 100 -> 150`.

Conditions are compared as what they mean: a threshold that moved is one change, however it is written.
Without a catalogue, because a word was lost since, the text of the conditions is compared.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal

from pitboss.core.texts import codes, marked, spoken, translated
from pitboss.core.texts import gettext as _
from pitboss.rules.engine.catalogue import Catalogue
from pitboss.rules.engine.errors import Refused
from pitboss.rules.engine.forms import condition
from pitboss.rules.engine.insight.wording import bare_names, plain
from pitboss.rules.engine.text import Naming, text_of
from pitboss.rules.engine.tree import AllOf, Among, Compare, Constant, Fact, Node

How = Literal["added", "removed", "changed"]

_WORDS = {
    "==": "",
    "!=": marked("anything but"),
    "<": marked("less than"),
    "<=": marked("at most"),
    ">": marked("more than"),
    ">=": marked("at least"),
}
_MIRRORED = {"<": ">", "<=": ">=", ">": "<", ">=": "<="}
_TEXTS = ("name", "description", "tags", "message", "unit")
_PARTS = ("on", "priority", "stop", "exclusive", "limits", "holdout_percent", "effective")
_OTHERS = ("operation", "severity", "channels", "cool_down", "value", "formula")
_LAST = ("tests",)
_TITLES = {
    "on": marked("events"),
    "exclusive": marked("group"),
    "holdout_percent": marked("holdout percent"),
    "max_amount": marked("at most"),
    "effective": marked("schedule"),
    "cool_down": marked("cool-down"),
}
CODES = codes(
    *(
        "name",
        "description",
        "tags",
        "message",
        "unit",
        "priority",
        "stop",
        "limits",
        "operation",
        "severity",
    ),
    *("channels", "value", "formula", "tests", "per_player", "count", "period", "budget", "amount", "from"),
    *("until", "group", "pick", "type", "then", "note", "hit", "rows", "default", "when"),
)
"""Parts of a rule that are called by their own names, in words."""


@dataclass(frozen=True, slots=True)
class Change:
    """One change: what of the rule, how, and from what to what."""

    part: str
    """condition, action, amount, table, limits, schedule, text or tests, and the like."""
    how: How
    what: str
    old: Any = None
    new: Any = None

    @property
    def sentence(self) -> str:
        """The change as people read it."""
        if self.how == "changed":
            return f"{self.what}: {shown(self.old)} -> {shown(self.new)}"
        value = self.new if self.how == "added" else self.old
        said = f": {shown(value)}" if value is not None else ""
        return f"{self.how} {self.part} {self.what}{said}".rstrip()

    def as_json(self) -> dict[str, Any]:
        """Return it for machines, with its sentence."""
        names = ("part", "how", "what", "old", "new", "sentence")
        return {name: getattr(self, name) for name in names}


def diff(
    old: Mapping[str, Any],
    new: Mapping[str, Any],
    words: Catalogue | None = None,
    title_of: Callable[[str], str] = str,
) -> list[Change]:
    """Return what changed from one document to another: what it does first, its texts last.

    `title_of` says what an action is called.
    """
    return [
        *_conditions(old.get("when", {}), new.get("when", {}), words),
        *_actions(old.get("then", ()), new.get("then", ()), title_of),
        *_table(old.get("table"), new.get("table"), words),
        *_fields(old, new, _OTHERS),
        *_fields(old, new, _PARTS),
        *_fields(old, new, _TEXTS, part="text"),
        *_fields(old, new, _LAST, part="tests"),
    ]


def shown(value: Any) -> str:
    """Write a value of a document for people."""
    if value is None:
        return _("none")
    if isinstance(value, bool):
        return _("yes") if value else _("no")
    if isinstance(value, Mapping):
        return ", ".join(f"{_title(key)} {shown(item)}" for key, item in value.items()) or _("none")
    if isinstance(value, list | tuple):
        if any(isinstance(item, Mapping) for item in value):
            return f"{len(value)}"
        return ", ".join(map(shown, value)) or _("none")
    return str(value)


# -- conditions ------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class _Term:
    """One condition at the top: what it asks of what, and the limit, where it has one."""

    subject: str
    limit: str | None
    text: str


def _conditions(old: Any, new: Any, words: Catalogue | None) -> Iterator[Change]:
    if old == new:
        return
    terms = None if words is None else _read_both(old, new, words)
    if terms is None:
        yield Change("condition", "changed", _("condition"), old, new)
        return
    gone, come = _without_common(*terms)
    for term in list(gone):
        successor = next((other for other in come if _is_moved(term, other)), None)
        if successor is not None:
            gone.remove(term)
            come.remove(successor)
            yield Change("condition", "changed", term.subject, term.limit, successor.limit)
    yield from (Change("condition", "removed", term.text) for term in gone)
    yield from (Change("condition", "added", term.text) for term in come)


def _read_both(old: Any, new: Any, words: Catalogue) -> tuple[list[_Term], list[_Term]] | None:
    try:
        return list(_terms(condition(old, words), words)), list(_terms(condition(new, words), words))
    except Refused:
        return None


def _terms(node: Node, words: Catalogue) -> Iterator[_Term]:
    if isinstance(node, AllOf):
        for item in node.items:
            yield from _terms(item, words)
    else:
        yield _term(node, words)


def _term(node: Node, words: Catalogue) -> _Term:
    naming = bare_names(words)
    text = text_of(node, naming)
    match node:
        case Compare(op, left, Constant(value)):
            return _Term(f"{_name(left, naming)} {translated(_WORDS[op])}".strip(), _said(value, left), text)
        case Compare(op, Constant(value), right):
            word = translated(_WORDS[_MIRRORED.get(op, op)])
            return _Term(f"{_name(right, naming)} {word}".strip(), _said(value, right), text)
        case Among(item, options):
            said = ", ".join(_said(option, item) for option in sorted(options))
            return _Term(_("%(fact)s one of", fact=_name(item, naming)), said, text)
    return _Term("", None, text)


def _name(node: Node, naming: Naming) -> str:
    return _spoken(text_of(node, naming))


def _said(value: Any, like: Node) -> str:
    """Write a limit as people read it, with the unit of the fact."""
    return plain(value, like.type, like.variable if isinstance(like, Fact) else None)


def _spoken(name: str) -> str:
    """Write the name of a fact as words: `net_loss` as net loss."""
    return name.replace("_", " ") if name.replace("_", "").replace(".", "").isalnum() else name


def _is_moved(old: _Term, new: _Term) -> bool:
    return bool(old.subject) and old.subject == new.subject


def _without_common(old: Sequence[_Term], new: Sequence[_Term]) -> tuple[list[_Term], list[_Term]]:
    both = {term.text for term in old} & {term.text for term in new}
    return [t for t in old if t.text not in both], [t for t in new if t.text not in both]


# -- actions ---------------------------------------------------------------------------------------


def _actions(old: Sequence[Any], new: Sequence[Any], title_of: Callable[[str], str]) -> Iterator[Change]:
    left = list(new)
    for action in old:
        successor = next((other for other in left if other.get("action") == action.get("action")), None)
        if successor is None:
            yield Change("action", "removed", title_of(str(action.get("action"))), _parameters(action))
            continue
        left.remove(successor)
        yield from _action(action, successor, title_of(str(action.get("action"))))
    for action in left:
        yield Change("action", "added", title_of(str(action.get("action"))), None, _parameters(action))


def _action(old: Mapping[str, Any], new: Mapping[str, Any], name: str) -> Iterator[Change]:
    # Another way to say how much is one change, not an amount less and a formula more.
    amounts = [action.get("formula", action.get("amount")) for action in (old, new)]
    if amounts[0] != amounts[1]:
        yield Change("amount", _how(*amounts), _("%(action)s, amount", action=name), *amounts)
    for key in _keys(old, new):
        before, after = old.get(key), new.get(key)
        if key not in ("action", "formula", "amount") and before != after:
            part = "cap" if key == "max_amount" else "action"
            yield Change(part, _how(before, after), f"{name}, {_title(key)}", before, after)


def _parameters(action: Mapping[str, Any]) -> dict[str, Any] | None:
    return {key: value for key, value in action.items() if key != "action"} or None


# -- tables, and the rest --------------------------------------------------------------------------


def _table(old: Any, new: Any, words: Catalogue | None) -> Iterator[Change]:
    if old == new:
        return
    if old is None or new is None:
        yield Change("table", _how(old, new), "", old, new)
        return
    for key in _keys(old, new):
        before, after = old.get(key), new.get(key)
        if key != "rows" and before != after:
            how = _how(before, after)
            yield Change(
                "table",
                how,
                _("table %(part)s", part=_title(key)) if how == "changed" else key,
                before,
                after,
            )
    yield from _rows(old["rows"], new["rows"], words)


def _rows(old: Sequence[Any], new: Sequence[Any], words: Catalogue | None) -> Iterator[Change]:
    for n in range(max(len(old), len(new))):
        before = old[n] if n < len(old) else None
        after = new[n] if n < len(new) else None
        if before == after:
            continue
        if before is None or after is None:
            yield Change("row", _how(before, after), str(n + 1), before, after)
            continue
        for change in _conditions(before.get("when", {}), after.get("when", {}), words):
            joint = ", " if change.how == "changed" else ": "
            what = _("in row %(n)s", n=n + 1) + joint + change.what
            yield Change("condition", change.how, what, change.old, change.new)
        for key in ("then", "priority", "note"):
            if before.get(key) != after.get(key):
                yield Change(
                    "row",
                    "changed",
                    _("row %(n)s %(part)s", n=n + 1, part=_title(key)),
                    before.get(key),
                    after.get(key),
                )


def _fields(
    old: Mapping[str, Any], new: Mapping[str, Any], names: Sequence[str], *, part: str = ""
) -> Iterator[Change]:
    for name in names:
        before, after = old.get(name), new.get(name)
        if before == after:
            continue
        nested = isinstance(before or {}, Mapping) and isinstance(after or {}, Mapping)
        if nested:
            yield from _nested(part or _title(name), _title(name), before or {}, after or {})
        else:
            yield Change(part or _title(name), "changed", _title(name), before, after)


def _nested(part: str, what: str, old: Mapping[str, Any], new: Mapping[str, Any]) -> Iterator[Change]:
    for key in _keys(old, new):
        before, after = old.get(key), new.get(key)
        if before == after:
            continue
        if isinstance(before, Mapping) and isinstance(after, Mapping):
            yield from _nested(part, f"{what} {_title(key)}", before, after)
        else:
            yield Change(part, "changed", f"{what} {_title(key)}", before, after)


def _how(old: Any, new: Any) -> How:
    return "added" if old is None else "removed" if new is None else "changed"


def _keys(old: Mapping[str, Any], new: Mapping[str, Any]) -> list[str]:
    return list(dict.fromkeys((*old, *new)))


def _title(key: str) -> str:
    return translated(_TITLES[key]) if key in _TITLES else spoken(key).lower()
