"""Which live rules would break without a plugin."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from pitboss.core import contracts
from pitboss.core.contracts import Guard
from pitboss.core.texts import gettext as _
from pitboss.rules.book import store
from pitboss.rules.book.checks import live_formulas
from pitboss.rules.engine.errors import Refused
from pitboss.rules.engine.program import Program
from pitboss.rules.engine.rule import Limit, Reward, read_rule
from pitboss.rules.vocabulary import make_catalogue

if TYPE_CHECKING:
    from pitboss.core.context import Context
    from pitboss.core.registry import View
    from pitboss.rules.engine.rule import AnyRule, FormulaRule

NAMED_MAX = 5
"""So many rules are named that would break."""


@dataclass(frozen=True, slots=True)
class Need:
    """A live rule, and what of it would be missing."""

    key: str
    kind: str
    name: str
    reason: str

    def __str__(self) -> str:
        return f"{self.key} ({self.reason})"


def rules_that_need(ctx: Context, plugin: str) -> list[Need]:
    """Return the live rules that would break if a plugin were switched off, each with the reason."""
    without = ctx.kernel.registry.view(ctx.view.enabled - {plugin})
    formulas = live_formulas(ctx)
    found = []
    for document in store.live_documents(ctx).values():
        rule = read_rule(document)
        reason = _missing(rule, without, formulas, ctx.tenant.currency)
        # What is broken today is not the fault of this change.
        if reason and not _missing(rule, ctx.view, formulas, ctx.tenant.currency):
            found.append(Need(rule.key, rule.kind, rule.name, reason))
    return found


def keep_live_rules_whole(ctx: Context, plugin: str) -> str | None:
    """Refuse to switch a plugin off whose words live rules use (a guard); stopped rules need nothing."""
    row = store.book_row(ctx)
    if row is None or row.is_stopped:
        return None
    needs = rules_that_need(ctx, plugin)
    if not needs:
        return None
    named = ", ".join(map(str, needs[:NAMED_MAX]))
    if len(needs) > NAMED_MAX:
        named = _("%(items)s and %(count)s more", items=named, count=len(needs) - NAMED_MAX)
    return _("live rules need it: %(rules)s; pause or retire them first, or stop all rules", rules=named)


GUARDS = (Guard("core.disable_plugin", keep_live_rules_whole),)


def _missing(rule: AnyRule, view: View, formulas: dict[str, FormulaRule], currency: str) -> str:
    """Return what a rule needs and a set of plugins does not provide; empty when there is nothing."""
    for event in rule.on:
        if not _provides(view, event, contracts.Event):
            return _("it listens to the event %(event)s", event=event)
    for action in rule.then if isinstance(rule, Reward) else ():
        if not _provides(view, str(action.get("action")), contracts.Action):
            return _("it does %(action)s", action=action.get("action"))
    if isinstance(rule, Limit) and rule.operation.partition(".")[0] not in view.enabled:
        return _("it guards %(operation)s", operation=rule.operation)
    try:
        Program(rule, make_catalogue(view, currency, rule.on, formulas)).checked()
    except Refused as refused:
        return str(refused)
    return ""


def _provides(view: View, name: str, kind: type[contracts.Term]) -> bool:
    owned = view.terms.get(name)
    return owned is not None and isinstance(owned.item, kind)
