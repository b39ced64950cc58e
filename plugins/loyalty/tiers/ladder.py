"""The tenant's tiers: versions that operators save, and which of them held when."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any
from weakref import WeakKeyDictionary

from marshmallow import Schema, ValidationError, fields, validate
from sqlalchemy import ColumnElement, func, insert, select

from pitboss.core import audit
from pitboss.core.context import Context
from pitboss.core.errors import InvalidInput
from pitboss.plugins.loyalty import offers
from pitboss.plugins.loyalty.lengths import CODE_LENGTH_MAX
from pitboss.plugins.loyalty.tiers.law import TIERS_MAX, Ladder, Tier
from pitboss.plugins.loyalty.tiers.tables import LadderRow

if TYPE_CHECKING:
    from pitboss.core.kernel import Kernel

DAYS_MAX = 3650
MULTIPLIER_MAX = 100
MULTIPLIER_PLACES = 3
ACTIONS_MAX = 10
TEXTS_MAX = 20
TEXT_LENGTH_MAX = 200
THRESHOLD_MAX = 10**12
LADDERS_KEPT_MAX = 1_000
"""Ladders that a process remembers; they never change, so any may be forgotten."""
BEGINNING = datetime(1970, 1, 1, tzinfo=UTC)
JUDGE_ALL = "loyalty.judge_all_tiers"

_LADDER = LadderRow.__table__


class TierDocument(Schema):
    """One tier: where it begins, what keeps it, and what it gives."""

    code = fields.String(
        required=True, validate=validate.Regexp(rf"[A-Z][A-Z0-9_]{{0,{CODE_LENGTH_MAX - 1}}}\Z")
    )
    title = fields.String(required=True, validate=validate.Length(1, TEXT_LENGTH_MAX))
    entry = fields.Integer(required=True, strict=True, validate=validate.Range(0, THRESHOLD_MAX))
    retention = fields.Integer(
        load_default=None, allow_none=True, strict=True, validate=validate.Range(0, THRESHOLD_MAX)
    )
    multiplier = fields.Decimal(
        load_default=1,
        as_string=True,
        places=MULTIPLIER_PLACES,
        validate=validate.Range(0, MULTIPLIER_MAX),
        metadata={"description": "How many times as many points a stake earns, as text: `1.25`."},
    )
    actions = fields.List(
        fields.Dict(),
        load_default=list,
        validate=validate.Length(max=ACTIONS_MAX),
        metadata={"description": "Done when the tier is first entered; written as in the `then` of a rule."},
    )
    texts = fields.List(
        fields.String(validate=validate.Length(1, TEXT_LENGTH_MAX)),
        load_default=list,
        validate=validate.Length(max=TEXTS_MAX),
        metadata={"description": "Benefits as the player reads them."},
    )


class LadderDocument(Schema):
    """All tiers from the lowest on, and how players move between them."""

    mode = fields.String(load_default="window", validate=validate.OneOf(["balance", "window"]))
    window_days = fields.Integer(
        load_default=None, allow_none=True, strict=True, validate=validate.Range(1, DAYS_MAX)
    )
    term_days = fields.Integer(
        load_default=None, allow_none=True, strict=True, validate=validate.Range(1, DAYS_MAX)
    )
    grace_days = fields.Integer(load_default=0, strict=True, validate=validate.Range(0, DAYS_MAX))
    has_soft_landing = fields.Boolean(load_default=False)
    tiers = fields.List(
        fields.Nested(TierDocument()), required=True, validate=validate.Length(min=1, max=TIERS_MAX)
    )


STARTER: Mapping[str, Any] = {
    "mode": "window",
    "window_days": 90,
    "term_days": None,
    "grace_days": 7,
    "has_soft_landing": False,
    "tiers": [
        {"code": code, "title": code.title(), "entry": entry, "multiplier": multiplier}
        for code, entry, multiplier in (
            ("BRONZE", 0, "1"),
            ("SILVER", 100, "1.25"),
            ("GOLD", 500, "1.5"),
            ("PLATINUM", 1000, "2"),
        )
    ],
}
"""What holds until an operator saves another: version 0."""


@dataclass(frozen=True, slots=True, weakref_slot=True)
class Saved:
    """A version of the ladder."""

    version: int
    ladder: Ladder
    document: Mapping[str, Any]
    saved_at: datetime

    def after(self, code: str | None) -> Tier | None:
        """Return the tier above one, or None at the top."""
        place = self.ladder.place(code) + 1 if code else 0
        return self.ladder.tiers[place] if place < len(self.ladder.tiers) else None

    def has(self, code: str | None) -> bool:
        """Tell whether a tier is one of this version."""
        return any(tier.code == code for tier in self.ladder.tiers)


_kept: WeakKeyDictionary[Kernel, dict[tuple[int, int], Saved]] = WeakKeyDictionary()


# -- reading ---------------------------------------------------------------------------------------


def current(ctx: Context) -> Saved:
    """Return the ladder that holds now."""
    return of_version(ctx, ctx.connection.scalar(select(newest(ctx))) or 0)


def newest(ctx: Context) -> ColumnElement[int]:
    """Return the version that holds now, as part of another statement."""
    version = select(func.max(_LADDER.c.version)).where(_LADDER.c.tenant_id == ctx.tenant.id)
    return func.coalesce(version.scalar_subquery(), 0)


def of_version(ctx: Context, version: int) -> Saved:
    """Return one version of the ladder."""
    kept = _kept.setdefault(ctx.kernel, {})
    found = kept.get((ctx.tenant.id, version))
    if found is None:
        found = _load(ctx, version)
        if len(kept) >= LADDERS_KEPT_MAX:
            kept.clear()
        kept[ctx.tenant.id, version] = found
    return found


def since(ctx: Context, at: datetime) -> list[tuple[Saved, datetime]]:
    """Return the ladders that held from an instant until now, each with when it ended."""
    later = select(_LADDER.c.version, _LADDER.c.saved_at).where(
        _LADDER.c.tenant_id == ctx.tenant.id, _LADDER.c.saved_at > at
    )
    rows = ctx.connection.execute(later.order_by(_LADDER.c.version)).all()
    if not rows:
        return [(current(ctx), ctx.clock.now())]
    versions = [rows[0].version - 1, *(row.version for row in rows)]
    ends = [*(row.saved_at for row in rows), ctx.clock.now()]
    return [(of_version(ctx, version), end) for version, end in zip(versions, ends, strict=True)]


def parse(document: Mapping[str, Any]) -> tuple[Ladder, dict[str, Any]]:
    """Return the ladder that a document describes, and the document in full."""
    schema = LadderDocument()
    try:
        loaded = schema.load(dict(document))
    except ValidationError as error:
        raise InvalidInput.of("the ladder", error) from error
    whole: dict[str, Any] = schema.dump(loaded)
    return _ladder(loaded), whole


# -- saving ----------------------------------------------------------------------------------------


def save(ctx: Context, document: Mapping[str, Any], *, reason: str) -> Saved:
    """Save another version; every player is judged by it in the background, from this instant on."""
    before = current(ctx)
    ladder, whole = check(ctx, document)
    saved = Saved(before.version + 1, ladder, whole, ctx.clock.now())
    ctx.connection.execute(
        insert(_LADDER).values(
            tenant_id=ctx.tenant.id,
            version=saved.version,
            document=whole,
            reason=reason,
            saved_by=ctx.actor.label,
            saved_at=saved.saved_at,
        )
    )
    audit.record(
        ctx, "loyalty.ladder_saved", "loyalty:ladder", old=before.document, new=whole, reason=reason or None
    )
    ctx.enqueue(JUDGE_ALL, {"version": saved.version}, key=f"ladder:{saved.version}")
    return saved


def check(ctx: Context, document: Mapping[str, Any]) -> tuple[Ladder, dict[str, Any]]:
    """Return what a document says, or refuse it where an action would not work."""
    ladder, whole = parse(document)
    for place, tier in enumerate(ladder.tiers):
        for offer in tier.benefits["actions"]:
            try:
                offers.check(ctx, offer)
            except InvalidInput as error:
                raise InvalidInput(
                    f"tier {tier.code!r}: {error}", {"tiers": {str(place): {"actions": [str(error)]}}}
                ) from error
    return ladder, whole


# -- helpers ---------------------------------------------------------------------------------------


def _load(ctx: Context, version: int) -> Saved:
    if version == 0:
        return Saved(0, *parse(STARTER), BEGINNING)
    row = ctx.connection.execute(
        select(_LADDER).where(_LADDER.c.tenant_id == ctx.tenant.id, _LADDER.c.version == version)
    ).one()
    return Saved(version, *parse(row.document), row.saved_at)


def _ladder(loaded: Mapping[str, Any]) -> Ladder:
    return Ladder(
        tiers=tuple(_tier(tier) for tier in loaded["tiers"]),
        mode=loaded["mode"],
        window=_days(loaded["window_days"]),
        term=_days(loaded["term_days"]),
        grace=timedelta(days=loaded["grace_days"]),
        has_soft_landing=loaded["has_soft_landing"],
    )


def _tier(loaded: Mapping[str, Any]) -> Tier:
    benefits = {name: loaded[name] for name in ("multiplier", "actions", "texts")}
    return Tier(
        code=loaded["code"],
        title=loaded["title"],
        entry=loaded["entry"],
        retention=loaded["retention"],
        benefits=benefits,
    )


def _days(number: int | None) -> timedelta | None:
    return None if number is None else timedelta(days=number)
