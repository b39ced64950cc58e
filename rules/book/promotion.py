"""Bring rules from one tenant to another, as drafts, if the other has every word that they need."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from pitboss.core.context import Context
from pitboss.core.errors import Forbidden, InvalidInput
from pitboss.core.http.access import is_platform
from pitboss.core.texts import gettext as _
from pitboss.rules.book import packs
from pitboss.rules.book.calls import called_keys
from pitboss.rules.book.checks import cure_of, live_formulas
from pitboss.rules.book.packs import Imported
from pitboss.rules.engine.errors import Refused
from pitboss.rules.engine.program import Program
from pitboss.rules.engine.rule import read_rule
from pitboss.rules.engine.tree import Call, Fact, Node, walk
from pitboss.rules.vocabulary import EVENT_PREFIX, catalogue

if TYPE_CHECKING:
    from pitboss.core.kernel import Kernel


def promote(
    ctx: Context, source: str, keys: Sequence[str] | None = None, *, dry_run: bool = False, message: str = ""
) -> Imported:
    """Store what is live in another tenant as drafts of this one; for operators of the platform."""
    if not is_platform(ctx.actor) and ctx.actor.kind != "system":
        raise Forbidden(_("rules are promoted between tenants by operators of the platform"))
    documents, words = _read(ctx, source, keys)
    missing = _missing(ctx, documents, words)
    if missing:
        what = _(
            "tenant %(code)s lacks words of these rules, so nothing was stored", code=repr(ctx.tenant.code)
        )
        said = "; ".join(f"{name}: {cure}" for name, cure in missing.items())
        fields = {name: [cure] for name, cure in missing.items()}
        raise InvalidInput(f"{what}: {said}", {"missing": fields})
    message = message or f"promoted from {source}"
    return packs.store_all(ctx, list(documents.values()), dry_run=dry_run, message=message)


def _read(
    ctx: Context, source: str, keys: Sequence[str] | None
) -> tuple[dict[str, dict[str, Any]], dict[str, frozenset[str]]]:
    """Return the documents of the source, and the words that each of them reads."""
    with _reading(ctx.kernel, source, ctx) as there:
        if there.tenant.id == ctx.tenant.id:
            raise InvalidInput(
                _("a tenant's rules are promoted to another tenant"), {"source": [_("The same.")]}
            )
        documents = packs.documents_of(there, keys)
        if not documents:
            raise InvalidInput(
                _("no rule of tenant %(source)s is live: name the rules to promote", source=repr(source))
            )
        return documents, {key: _words(there, document) for key, document in documents.items()}


def _reading(kernel: Kernel, code: str, ctx: Context) -> Context:
    """Return a unit of work that only reads, so that it never waits for the one that writes."""
    tenant = kernel.tenants.named(code)
    actor = replace(ctx.actor, tenant_id=tenant.id)
    view = kernel.registry.view(tenant.enabled)
    return Context(kernel, tenant, view, actor, request_id=ctx.request_id, read_only=True)


def _words(ctx: Context, document: Mapping[str, Any]) -> frozenset[str]:
    """Return the terms and formulas that a rule uses, by name."""
    rule = read_rule(document)
    formulas = live_formulas(ctx)
    called = (f"{key}()" for key in called_keys(document, formulas) if key != rule.key)
    program = Program(rule, catalogue(ctx, rule.on, formulas))
    try:
        program.checked()
    except Refused as refused:
        raise InvalidInput(
            _("rule %(key)s does not work where it is: %(refused)s", key=repr(rule.key), refused=refused)
        ) from None
    actions = (action.name for action in program.actions)
    return frozenset((*rule.on, *actions, *called, *_read_terms(program)))


def _read_terms(program: Program) -> Iterator[str]:
    amounts = (action.amount for action in program.actions)
    for tree in (program.when, program.value, *amounts):
        for node in walk(tree) if tree is not None else ():
            name = _name(node)
            if "." in name and not name.startswith(EVENT_PREFIX):
                yield name


def _name(node: Node) -> str:
    if isinstance(node, Fact):
        return node.name
    return node.function.name if isinstance(node, Call) else ""


def _missing(
    ctx: Context, documents: Mapping[str, Any], words: Mapping[str, frozenset[str]]
) -> dict[str, str]:
    """Return the words that this tenant does not have, each with its cure and the rules that need it."""
    here = live_formulas(ctx)
    missing: dict[str, str] = {}
    for name in sorted(frozenset().union(*words.values())):
        users = ", ".join(key for key, used in words.items() if name in used)
        formula = name.removesuffix("()")
        if name.endswith("()"):
            if formula not in here and formula not in documents:
                missing[name] = _(
                    "the formula %(formula)s is not live here: promote it too (%(users)s)",
                    formula=repr(formula),
                    users=users,
                )
        elif name not in ctx.view.terms:
            missing[name] = f"{cure_of(ctx, name, list(ctx.view.terms))} ({users})"
    return missing
