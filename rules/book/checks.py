"""What is refused when a rule is saved: every problem with its place, its cause and its cure.

Nothing here writes. A document that passes is an envelope that the engine reads, in words that the
tenant has, whose actions exist and fit, and which breaks no live rule.
"""

from __future__ import annotations

import keyword
import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import msgspec

from pitboss.core import contracts
from pitboss.core.errors import TermMissing, nearest
from pitboss.core.texts import gettext as _
from pitboss.rules.book import actions, store
from pitboss.rules.book.calls import callers_of
from pitboss.rules.book.kinds import NotMeant, meant
from pitboss.rules.book.live import Words
from pitboss.rules.book.problems import Problem
from pitboss.rules.book.tables import KEY_LENGTH_MAX
from pitboss.rules.engine.errors import Refused
from pitboss.rules.engine.functions import SHIPPED
from pitboss.rules.engine.grammar import GRAMMAR
from pitboss.rules.engine.program import Program
from pitboss.rules.engine.rule import (
    RULE_BYTES_MAX,
    AnyRule,
    FormulaRule,
    Limit,
    read_rule,
    write_rule,
)
from pitboss.rules.vocabulary import InACircle, function_name

if TYPE_CHECKING:
    from pitboss.core.context import Context

PATHS = frozenset(
    (
        "alerts",
        "book",
        "budgets",
        "campaigns",
        "check",
        "decisions",
        "evaluate",
        "events",
        "explain",
        "holdouts",
        "judgements",
        "kinds",
        "me",
        "members",
        "packs",
        "players",
        "schema",
        "segments",
        "simulations",
        "thresholds",
        "uplift",
        "vocabulary",
    )
)
"""Keys that no rule may have, because they are paths of the API beside the rules, or may become some."""

_OPERATION = re.compile(r"[a-z][a-z0-9_]{1,39}\.[a-z][a-z0-9_]{0,79}")
_TAKEN = frozenset((*GRAMMAR, *(function.name for function in SHIPPED), "in_segment"))
"""Functions that no formula may take the place of."""

Formulas = Mapping[str, FormulaRule]


@dataclass(frozen=True, slots=True)
class Checked:
    """A document after the checks: what it means where it is right, and all that is wrong with it."""

    document: Any
    """As it is stored, where it could be read; otherwise as it came."""
    rule: AnyRule | None = None
    program: Program | None = None
    problems: tuple[Problem, ...] = ()
    unavailable: tuple[Problem, ...] = field(default=())
    """Actions of plugins that are installed, but off for this tenant: refused only where it is to run."""

    @property
    def is_right(self) -> bool:
        """Tell whether nothing is wrong with it."""
        return not self.problems


def check(ctx: Context, document: Any, *, formulas: Formulas | None = None) -> Checked:
    """Check a document against the tenant's words; `formulas` are taken beside the live ones."""
    return Checks(ctx, formulas).of(document)


class Checks:
    """The checks of one unit of work: what they need of the rulebook is read once."""

    def __init__(
        self, ctx: Context, formulas: Formulas | None = None, kinds: Mapping[str, str] | None = None
    ) -> None:
        """Take formulas beside the live ones, and the kinds of the rules that have these keys, if known."""
        self.ctx = ctx
        self.live = live_formulas(ctx)
        self.formulas = {**self.live, **(formulas or {})}
        self.words = Words(ctx, self.formulas)
        self._kinds = kinds

    def of(self, document: Any, *, has_callers_checked: bool = True) -> Checked:
        """Check a document; whether live rules could still call it means to read them all."""
        problem = _too_large(document)
        if problem is not None:
            return Checked(document, problems=(problem,))
        if isinstance(document, str | bytes):
            return Checked(document, problems=(Problem("", _("a rule is an object, and this is a text")),))
        try:
            rule = read_rule(meant(self.ctx, document))
        except NotMeant as error:
            return Checked(document, problems=error.problems)
        except Refused as refused:
            return Checked(document, problems=(Problem.of(refused),))
        return self._checked(rule, has_callers_checked=has_callers_checked)

    def _checked(self, rule: AnyRule, *, has_callers_checked: bool) -> Checked:
        ctx = self.ctx
        found = [*_key_problems(rule, self._kind_of(rule.key), self.formulas), *_event_problems(ctx, rule)]
        found += _operation_problems(rule)
        if any(problem.path.startswith("on") for problem in found):
            return Checked(write_rule(rule), rule, problems=tuple(found))
        words = self._words_of(rule)
        program = Program(rule, words.of(rule.on))
        found += _compile_problems(program)
        unavailable: list[Problem] = []
        if not found:
            found += actions.problems(ctx, program, unavailable)
            if has_callers_checked:
                found += self._broken_callers(rule, words)
        return Checked(write_rule(rule), rule, program, tuple(found), tuple(unavailable))

    def _kind_of(self, key: str) -> str | None:
        if self._kinds is not None:
            return self._kinds.get(key)
        taken = store.look_up(self.ctx, key)
        return taken.kind if taken is not None else None

    def _words_of(self, rule: AnyRule) -> Words:
        """Return the words with a formula in the place of its live version."""
        if not isinstance(rule, FormulaRule) or self.formulas.get(rule.key) == rule:
            return self.words
        return Words(self.ctx, {**self.formulas, rule.key: rule})

    def _broken_callers(self, rule: AnyRule, words: Words) -> Iterator[Problem]:
        """Yield the live rules that call a formula and could not be read with this one in its place."""
        if not isinstance(rule, FormulaRule):
            return
        documents = store.live_documents(self.ctx)
        before = Words(self.ctx, self.live)
        for key in callers_of(rule.key, documents):
            caller = read_rule(documents[key])
            reason = _why_broken(caller, words)
            if reason is not None and _why_broken(caller, before) is None:
                path = "table" if rule.formula is None else "formula"
                cause = _(
                    "the live rule %(key)s calls %(name)s() and would break (%(reason)s): change that rule "
                    "first",
                    key=repr(key),
                    name=function_name(rule.key),
                    reason=reason,
                )
                yield Problem(path, cause)


def live_formulas(ctx: Context) -> dict[str, FormulaRule]:
    """Return the formulas that rules may call, also those that are scheduled for later."""
    found = {key: read_rule(document) for key, document in store.live_documents(ctx, kind="formula").items()}
    return {key: rule for key, rule in found.items() if isinstance(rule, FormulaRule)}


# -- the envelope ----------------------------------------------------------------------------------


def _too_large(document: Any) -> Problem | None:
    try:
        size = len(msgspec.json.encode(document))
    except (TypeError, ValueError, RecursionError):
        return Problem("", _("this is not JSON, or nests too deep to be a rule"))
    if size <= RULE_BYTES_MAX:
        return None
    return Problem(
        "",
        _(
            "the rule has %(size)s bytes, and at most %(most)s are allowed: split it",
            size=size,
            most=RULE_BYTES_MAX,
        ),
    )


def _key_problems(rule: AnyRule, taken: str | None, formulas: Formulas) -> Iterator[Problem]:
    if len(rule.key) > KEY_LENGTH_MAX:
        yield Problem(
            "key",
            _(
                "a key has at most %(most)s characters, and this has %(count)s",
                most=KEY_LENGTH_MAX,
                count=len(rule.key),
            ),
        )
    if rule.key in PATHS:
        yield Problem("key", _("%(key)s is a path of the API: choose another key", key=repr(rule.key)))
    if taken is not None and taken != rule.kind:
        cause = _(
            "the key %(key)s is taken by a rule of the kind %(kind)s: a rule keeps its kind, so choose "
            "another key",
            key=repr(rule.key),
            kind=taken,
        )
        yield Problem("key", cause)
    if isinstance(rule, FormulaRule):
        yield from _name_problems(rule.key, formulas)


def _name_problems(key: str, formulas: Formulas) -> Iterator[Problem]:
    """Yield why a formula could not be called by its key."""
    name = function_name(key)
    if not name.isidentifier() or keyword.iskeyword(name):
        yield Problem(
            "key",
            _("rules call a formula by its key, and %(name)s() cannot be written: rename it", name=name),
        )
    if name in _TAKEN:
        yield Problem("key", _("there is a function %(name)s() already: choose another key", name=name))
    for other in formulas:
        if other != key and function_name(other) == name:
            yield Problem(
                "key",
                _(
                    "the formula %(other)s is called as %(name)s() too: choose another key",
                    other=repr(other),
                    name=name,
                ),
            )


def _event_problems(ctx: Context, rule: AnyRule) -> Iterator[Problem]:
    known = [name for name, owned in ctx.view.terms.items() if isinstance(owned.item, contracts.Event)]
    for n, name in enumerate(rule.on):
        if name not in known:
            yield Problem(
                f"on[{n}]",
                _(
                    "no event %(name)s for this tenant: %(cure)s",
                    name=repr(name),
                    cure=cure_of(ctx, name, known),
                ),
            )


def _operation_problems(rule: AnyRule) -> Iterator[Problem]:
    if isinstance(rule, Limit) and not _OPERATION.fullmatch(rule.operation):
        cause = _(
            "%(operation)s is not the name of an operation: an operation is named as in plugin.place_order",
            operation=repr(rule.operation[:80]),
        )
        yield Problem("operation", cause)


def cure_of(ctx: Context, name: str, known: list[str]) -> str:
    """Say how to come by a term that the tenant does not have."""
    providers = ctx.kernel.registry.providers(name)
    if providers:
        return _("switch the plugin %(plugin)s on, which provides it", plugin=repr(providers[0]))
    return nearest(name, known)


# -- what it says ----------------------------------------------------------------------------------


def _compile_problems(program: Program) -> Iterator[Problem]:
    """Yield what the engine refuses, of each part of a rule, so that one does not hide the others."""
    circle = _circle(program)
    if circle is not None:
        yield Problem("formula", circle)
        return
    parts: tuple[Callable[[], Any], ...] = (
        lambda: program.when,
        lambda: program.actions,
        lambda: program.value,
        program.checked,
    )
    found: dict[Problem, None] = {}
    for part in parts:
        try:
            part()
        except Refused as refused:
            found[Problem.of(refused)] = None
    yield from found


def _circle(program: Program) -> str | None:
    """Call a formula once, so that a circle is found where nothing calls it yet; say how it goes round."""
    if not isinstance(program.rule, FormulaRule):
        return None
    function = program.catalogue.functions.get(function_name(program.key))
    try:
        if function is not None and function.inline is not None:
            function.inline(())
    except InACircle as circle:
        return circle.cause
    except Refused:
        pass  # told below, with its place
    return None


def _why_broken(rule: AnyRule, words: Words) -> str | None:
    """Return why a rule cannot be read with these words, or None when it can."""
    try:
        Program(rule, words.of(rule.on)).checked()
    except (Refused, TermMissing) as error:
        return str(error)
    return None
