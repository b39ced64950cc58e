"""Settlement rules as a tenant keeps them: numbered versions, of which the most specific one binds."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property
from typing import Any
from uuid import UUID

from sqlalchemy import func, insert, select, update

from pitboss.core import audit
from pitboss.core.clock import uuid7
from pitboss.core.context import Context
from pitboss.core.errors import InvalidInput, NotFound, Stale
from pitboss.core.texts import marked
from pitboss.plugins.betting.markets.ruleterms import check_terms, keys_of, rules_of, shipped
from pitboss.plugins.betting.markets.tables import Market, SettlementRules
from pitboss.plugins.betting.markets.templates import template_of
from pitboss.plugins.betting.settling.rules import Rules

REASON_CHARACTERS = (3, 500)
SHIPPED_REASON = "As shipped."
RULES = SettlementRules.__table__
MARKET = Market.__table__
UNSETTLED = ("draft", "open", "suspended", "closed")


@dataclass(frozen=True)
class RulesVersion:
    """One version of the rules of a key."""

    id: UUID
    key: str
    version: int
    terms: Mapping[str, Any]
    reason: str
    made_by: str
    at: datetime

    @cached_property
    def rules(self) -> Rules:
        """Return what settlement computes with."""
        return rules_of(self.terms)


def ensure_shipped(ctx: Context) -> None:
    """Write the first version of each default that the tenant does not have yet."""
    known = set(ctx.connection.scalars(select(RULES.c.key).distinct().where(_mine(ctx))))
    missing = [key for key in shipped() if key not in known]
    if missing:
        rows = [_row(ctx, key, 1, shipped()[key], SHIPPED_REASON) for key in missing]
        ctx.connection.execute(insert(RULES), rows)


def binding(ctx: Context, sport: str, template: str) -> RulesVersion:
    """Return the rules that bets on a kind of market are taken under now."""
    newest = _newest(ctx)
    return next(newest[key] for key in keys_of(sport, template) if key in newest)


def current(ctx: Context) -> list[RulesVersion]:
    """Return the newest version of each key, general ones first."""
    return [found for _, found in sorted(_newest(ctx).items())]


def find(ctx: Context, key: str, version: int = 0) -> RulesVersion:
    """Return one version of a key's rules; 0 is the newest."""
    versions = history(ctx, key)
    found = versions if version == 0 else [one for one in versions if one.version == version]
    if not found:
        raise NotFound(f"no settlement rules {key!r} version {version or marked('at all')}")
    return found[0]


def history(ctx: Context, key: str) -> list[RulesVersion]:
    """Return every version of a key, the newest first."""
    query = select(RULES).where(_mine(ctx), RULES.c.key == key).order_by(RULES.c.version.desc())
    return [_read(row) for row in ctx.connection.execute(query)]


def rules_by_id(ctx: Context, ids: Iterable[UUID]) -> dict[UUID, RulesVersion]:
    """Return versions by their id: those that bets were struck under."""
    query = select(RULES).where(_mine(ctx), RULES.c.id.in_(set(ids)))
    return {row.id: _read(row) for row in ctx.connection.execute(query)}


def save(ctx: Context, key: str, terms: Mapping[str, Any], *, reason: str, version: int) -> RulesVersion:
    """Save another version on top of `version`; new bets fall under it at once, old ones keep theirs."""
    _check_key(key)
    low, high = REASON_CHARACTERS
    if not low <= len(reason.strip()) <= high:
        raise InvalidInput(f"a reason has from {low} to {high} characters", {"reason": ["Say why."]})
    known = history(ctx, key)
    newest = known[0].version if known else 0
    if version != newest:
        raise Stale(f"rules {key!r} are at version {newest}, not {version}: read them again")
    checked = check_terms(terms)
    row = _row(ctx, key, newest + 1, checked, reason.strip())
    ctx.connection.execute(insert(RULES), [row])
    _apply(ctx, key, row["id"])
    old = dict(known[0].terms) if known else None
    audit.record(ctx, "betting.rules_saved", f"rules:{key}", old=old, new=checked, reason=reason.strip())
    return find(ctx, key)


def _apply(ctx: Context, key: str, rules_id: UUID) -> None:
    """Take new bets of unsettled markets under these rules, where nothing more special binds."""
    sport, _, template = key.partition("/")
    wanted = [MARKET.c.tenant_id == ctx.tenant.id, MARKET.c.status.in_(UNSETTLED)]
    if key != "*":
        wanted.append(MARKET.c.sport == sport)
    if template:
        wanted.append(MARKET.c.template == template)
    weaker = keys_of(sport, template)[0 if template else 1 if key != "*" else 2 :]
    replaced = select(RULES.c.id).where(_mine(ctx), RULES.c.key.in_(weaker))
    wanted.append(MARKET.c.rules_id.in_(replaced))
    ctx.connection.execute(update(MARKET).where(*wanted).values(rules_id=rules_id))


def _check_key(key: str) -> None:
    sport, _, template = key.partition("/")
    if template:
        template_of(template)
    if not sport or key.count("/") > 1:
        raise InvalidInput(f"rules of {key!r}: write *, a sport, or sport/template", {"key": ["Not valid."]})


def _newest(ctx: Context) -> dict[str, RulesVersion]:
    tops = select(RULES.c.key, func.max(RULES.c.version).label("version")).where(_mine(ctx))
    top = tops.group_by(RULES.c.key).subquery()
    query = select(RULES).where(_mine(ctx), RULES.c.key == top.c.key, RULES.c.version == top.c.version)
    return {row.key: _read(row) for row in ctx.connection.execute(query)}


def _row(ctx: Context, key: str, version: int, terms: Mapping[str, Any], reason: str) -> dict[str, Any]:
    return {
        "tenant_id": ctx.tenant.id,
        "id": uuid7(),
        "key": key,
        "version": version,
        "terms": dict(terms),
        "reason": reason,
        "made_by": ctx.actor.label,
        "at": ctx.clock.now(),
    }


def _mine(ctx: Context) -> Any:
    return RULES.c.tenant_id == ctx.tenant.id


def _read(row: Any) -> RulesVersion:
    return RulesVersion(row.id, row.key, row.version, row.terms, row.reason, row.made_by, row.at)
