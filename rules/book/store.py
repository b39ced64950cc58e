"""Rules as they are stored: the row of each, its versions, and the steps that somebody took with it."""

from __future__ import annotations

import secrets
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any
from uuid import UUID

from sqlalchemy import Select, and_, delete, func, insert, select, update
from sqlalchemy.dialects.postgresql import insert as postgres_insert
from sqlalchemy.dialects.sqlite import insert as sqlite_insert

from pitboss.core import audit, counting
from pitboss.core.clock import uuid7
from pitboss.core.errors import NotFound, Stale, nearest
from pitboss.core.texts import gettext as _
from pitboss.core.texts import of_each
from pitboss.rules.book import live
from pitboss.rules.book.tables import BookRow, RuleRow, Stage, State, StepRow, VersionRow

if TYPE_CHECKING:
    from pitboss.core.context import Context

COMMENT_LENGTH_MAX = 4_000
REVISION_STEP_MAX = 2**20

_RULE, _VERSION, _STEP = RuleRow.__table__, VersionRow.__table__, StepRow.__table__
_BOOK = BookRow.__table__


@dataclass(frozen=True, slots=True)
class Stored:
    """A rule as it stands."""

    key: str
    kind: str
    name: str
    state: str
    stage: str
    head: int
    live: int | None
    row_path: list[str] | None
    revision: int
    changed_by: str
    changed_at: datetime

    @property
    def mark(self) -> list[Any]:
        """What the ETag is made of: a key that was deleted and written again begins with a later head."""
        return [self.key, self.head, self.revision]

    @property
    def standing(self) -> dict[str, Any]:
        """What the audit trail keeps of it."""
        return {"state": self.state, "stage": self.stage, "head": self.head, "live": self.live}


@dataclass(frozen=True, slots=True)
class Version:
    """One version of a rule."""

    key: str
    number: int
    document: Mapping[str, Any]
    author: str
    message: str
    copy_of: int | None
    created_at: datetime


@dataclass(frozen=True, slots=True)
class Step:
    """What somebody did with a version."""

    id: UUID
    key: str
    number: int
    step: str
    actor: str
    comment: str
    detail: Mapping[str, Any] | None
    at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Filter:
    """Which rules: those for which all of these hold."""

    kind: str | None = None
    state: str | None = None
    stage: str | None = None
    tag: str | None = None
    event: str | None = None
    text: str | None = None


_RULE_COLUMNS = [_RULE.c[name] for name in Stored.__slots__]
_VERSION_COLUMNS = [_VERSION.c[name] for name in Version.__slots__]
_STEP_COLUMNS = [_STEP.c[name] for name in Step.__slots__]


# -- reading -------------------------------------------------------------------------------------


def list_rules(
    ctx: Context, wanted: Filter | None = None, *, after: str = "", limit: int | None = None
) -> list[Stored]:
    """Return the rules that a filter lets through, by key."""
    query = select(*_RULE_COLUMNS).where(_RULE.c.tenant_id == ctx.tenant.id, _RULE.c.key > after)
    query = _filtered(query, wanted or Filter()).order_by(_RULE.c.key).limit(limit)
    return [Stored(*row) for row in ctx.connection.execute(query)]


def look_up(ctx: Context, key: str) -> Stored | None:
    """Return a rule, or None."""
    row = ctx.connection.execute(_one(ctx, key)).first()
    return Stored(*row) if row else None


def find(ctx: Context, key: str) -> Stored:
    """Return a rule, or raise NotFound."""
    found = look_up(ctx, key)
    if found is None:
        raise _missing(ctx, key)
    return found


def locked(ctx: Context, key: str, *, revision: int | None = None) -> Stored:
    """Return a rule, and hold off who else would change it; another revision than the caller's is Stale."""
    row = ctx.connection.execute(_one(ctx, key).with_for_update()).first()
    if row is None:
        raise _missing(ctx, key)
    found = Stored(*row)
    if revision is not None and revision != found.revision:
        raise Stale(
            _(
                "rule %(key)s is at revision %(revision)s, and %(read)s was read: %(who)s changed it "
                "meanwhile; read it again, and repeat your change on that",
                key=repr(key),
                revision=found.revision,
                read=revision,
                who=found.changed_by,
            )
        )
    return found


def version(ctx: Context, key: str, number: int) -> Version:
    """Return one version of a rule; those of a rule that was deleted stay."""
    query = select(*_VERSION_COLUMNS).where(_of(ctx, _VERSION, key), _VERSION.c.number == number)
    row = ctx.connection.execute(query).first()
    if row is None:
        raise NotFound(_("rule %(key)s has no version %(number)s", key=repr(key), number=number))
    return Version(*row)


def versions(ctx: Context, key: str, *, before: int | None = None, limit: int | None = None) -> list[Version]:
    """Return the versions of a rule, the newest first."""
    query = select(*_VERSION_COLUMNS).where(_of(ctx, _VERSION, key))
    if before is not None:
        query = query.where(_VERSION.c.number < before)
    rows = ctx.connection.execute(query.order_by(_VERSION.c.number.desc()).limit(limit))
    return [Version(*row) for row in rows]


def steps(
    ctx: Context,
    key: str,
    *,
    number: int | None = None,
    before: UUID | None = None,
    limit: int | None = None,
) -> list[Step]:
    """Return what was done with a rule, or with one version of it: the newest first."""
    query = select(*_STEP_COLUMNS).where(_of(ctx, _STEP, key))
    if number is not None:
        query = query.where(_STEP.c.number == number)
    if before is not None:
        query = query.where(_STEP.c.id < before)
    rows = ctx.connection.execute(query.order_by(_STEP.c.id.desc()).limit(limit))
    return [Step(**{**row._mapping, "detail": _said(row.detail)}) for row in rows]


def _said(detail: Mapping[str, Any] | None) -> Mapping[str, Any] | None:
    """Return what a step came to in the language of this request."""
    return None if detail is None else {name: of_each(value) for name, value in detail.items()}


def numbers_with(ctx: Context, key: str, steps: Collection[str]) -> list[int]:
    """Return the versions of a rule with which one of these steps was taken: the newest first."""
    query = select(_STEP.c.number).where(_of(ctx, _STEP, key), _STEP.c.step.in_(steps)).distinct()
    return list(ctx.connection.scalars(query.order_by(_STEP.c.number.desc())))


def live_documents(ctx: Context, *, kind: str | None = None) -> dict[str, dict[str, Any]]:
    """Return what is live, by key, also what is scheduled for later."""
    return {key: document for key, _, document in _documents(ctx, _RULE.c.live, State.LIVE, kind)}


def head_documents(ctx: Context, keys: list[str] | None = None) -> dict[str, tuple[int, dict[str, Any]]]:
    """Return the newest version of each rule, by key: its number, and what it says."""
    rows = _documents(ctx, _RULE.c.head, None, None)
    wanted = None if keys is None else set(keys)
    return {key: (number, document) for key, number, document in rows if wanted is None or key in wanted}


def documents(ctx: Context, rules: Sequence[Stored]) -> dict[str, dict[str, Any]]:
    """Return what these rules say, by key: what is live of each, or else the newest version."""
    # By keys and a join: to plan a list of pairs takes longer than to answer it.
    query = _documents_of(ctx, func.coalesce(_RULE.c.live, _RULE.c.head))
    query = query.where(_RULE.c.key.in_([rule.key for rule in rules]))
    return {row.key: row.document for row in ctx.connection.execute(query)} if rules else {}


def names(ctx: Context, keys: Collection[str]) -> dict[str, str]:
    """Return what rules are called on screen, by key; one without a name is called by its key."""
    if not keys:
        return {}
    query = select(_RULE.c.key, _RULE.c.name).where(_RULE.c.tenant_id == ctx.tenant.id, _RULE.c.key.in_(keys))
    return {row.key: row.name or row.key for row in ctx.connection.execute(query)}


def counts(ctx: Context) -> dict[str, int]:
    """Return how many rules there are in each state."""
    query = select(_RULE.c.state, func.count()).where(_RULE.c.tenant_id == ctx.tenant.id)
    found = {row[0]: row[1] for row in ctx.connection.execute(query.group_by(_RULE.c.state))}
    return {str(state): found.get(state, 0) for state in State}


def count_at(ctx: Context, stage: Stage) -> int:
    """Return how many rules have their newest version at a stage."""
    return counting.some(ctx, _RULE, _RULE.c.stage == stage)


# -- writing -------------------------------------------------------------------------------------


def next_number(ctx: Context, key: str) -> int:
    """Return the number of the next version; that of a version that was deleted does not come again."""
    highest = ctx.connection.scalar(select(func.max(_VERSION.c.number)).where(_of(ctx, _VERSION, key)))
    return (highest or 0) + 1


def add_version(
    ctx: Context, number: int, document: Mapping[str, Any], *, message: str = "", copy_of: int | None = None
) -> Version:
    """Write down a version."""
    key = document["key"]
    made = Version(key, number, dict(document), ctx.actor.label, message, copy_of, ctx.clock.now())
    values = {name: getattr(made, name) for name in Version.__slots__}
    ctx.connection.execute(insert(_VERSION).values(tenant_id=ctx.tenant.id, **values))
    return made


def add_rule(ctx: Context, made: Version) -> Stored:
    """Write down a new rule, whose first version this is."""
    ctx.connection.execute(
        insert(_RULE).values(
            tenant_id=ctx.tenant.id,
            key=made.key,
            state=State.IDLE,
            stage=Stage.DRAFT,
            head=made.number,
            live=None,
            row_path=None,
            revision=1,
            **_shown(made),
            **_signed(ctx),
        )
    )
    return find(ctx, made.key)


def move(ctx: Context, before: Stored, *, newest: Version | None = None, **values: Any) -> Stored:
    """Bring a rule that is locked to another stage, state or version; return it as it is then."""
    shown = _shown(newest) | {"head": newest.number} if newest is not None else {}
    ctx.connection.execute(
        update(_RULE)
        .where(_of(ctx, _RULE, before.key))
        .values(revision=before.revision + 1, **shown, **values, **_signed(ctx))
    )
    return find(ctx, before.key)


def remove(ctx: Context, key: str) -> None:
    """Take a rule out of the book; its versions and steps stay, as the record of what was."""
    ctx.connection.execute(delete(_RULE).where(_of(ctx, _RULE, key)))


def add_step(
    ctx: Context, rule: Stored, step: str, *, number: int | None = None, comment: str = "", detail: Any = None
) -> None:
    """Write down what the actor did with a version: the newest, unless another is named."""
    ctx.connection.execute(
        insert(_STEP).values(
            tenant_id=ctx.tenant.id,
            id=uuid7(),
            key=rule.key,
            number=rule.head if number is None else number,
            step=step,
            actor=ctx.actor.label,
            comment=comment,
            detail=detail,
            at=ctx.clock.now(),
        )
    )


def tell(
    ctx: Context,
    step: str,
    *,
    before: Stored | None,
    after: Stored,
    number: int | None = None,
    comment: str = "",
    detail: Any = None,
) -> None:
    """Write down a step, in the history of the rule and in the audit trail, and let listeners know."""
    number = after.head if number is None else number
    add_step(ctx, after, step, number=number, comment=comment, detail=detail)
    old = before.standing if before is not None else None
    audit.record(
        ctx, f"rules.{step}", f"rule:{after.key}", old=old, new=after.standing, reason=comment or None
    )
    payload = {"key": after.key, "kind": after.kind, "step": step, "version": number}
    ctx.emit("rules.rule_changed", payload)


# -- the book ------------------------------------------------------------------------------------


def touch(ctx: Context) -> None:
    """Say that what is live changed, so that every process looks again."""
    # By a step that nobody guesses: what a process read inside a transaction that was then rolled back
    # stands under a number that no later change gets.
    step = 1 + secrets.randbelow(REVISION_STEP_MAX)
    _write_book(ctx, {"revision": _BOOK.c.revision + step}, revision=step)
    live.changed(ctx)


def hold(ctx: Context) -> Any:
    """Keep who else would change what is live waiting until the commit; return the row of the book."""
    _write_book(ctx, {"revision": _BOOK.c.revision}, revision=0)
    return book_row(ctx)


def book_row(ctx: Context) -> Any:
    """Return the row of the book, or None before anything was live."""
    return ctx.connection.execute(select(_BOOK).where(_BOOK.c.tenant_id == ctx.tenant.id)).first()


def write_switch(ctx: Context, **values: Any) -> None:
    """Write whether all rules are stopped, by whom, when and why."""
    ctx.connection.execute(update(_BOOK).where(_BOOK.c.tenant_id == ctx.tenant.id).values(**values))


def _write_book(ctx: Context, changes: Mapping[str, Any], *, revision: int) -> None:
    dialect = ctx.connection.dialect.name
    make = sqlite_insert if dialect == "sqlite" else postgres_insert
    row = make(_BOOK).values(tenant_id=ctx.tenant.id, revision=revision, is_stopped=False)
    ctx.connection.execute(row.on_conflict_do_update(index_elements=["tenant_id"], set_=changes))


# -- statements ----------------------------------------------------------------------------------


def _one(ctx: Context, key: str) -> Any:
    return select(*_RULE_COLUMNS).where(_of(ctx, _RULE, key))


def _of(ctx: Context, table: Any, key: str) -> Any:
    return and_(table.c.tenant_id == ctx.tenant.id, table.c.key == key)


def _documents_of(ctx: Context, number: Any) -> Select[Any]:
    same = and_(
        _VERSION.c.tenant_id == _RULE.c.tenant_id, _VERSION.c.key == _RULE.c.key, _VERSION.c.number == number
    )
    query = select(_RULE.c.key, _VERSION.c.number, _VERSION.c.document).join(_VERSION, same)
    return query.where(_RULE.c.tenant_id == ctx.tenant.id)


def _documents(ctx: Context, number: Any, state: State | None, kind: str | None) -> Any:
    query = _documents_of(ctx, number)
    if state is not None:
        query = query.where(_RULE.c.state == state)
    if kind is not None:
        query = query.where(_RULE.c.kind == kind)
    return ctx.connection.execute(query.order_by(_RULE.c.key)).all()


def _filtered(query: Select[Any], wanted: Filter) -> Select[Any]:
    for name in ("kind", "state", "stage"):
        value = getattr(wanted, name)
        if value is not None:
            query = query.where(_RULE.c[name] == value)
    lines = [f"\n#{wanted.tag}\n"] if wanted.tag else []
    lines += [f"\n@{wanted.event}\n"] if wanted.event else []
    lines += [wanted.text.strip()] if wanted.text else []
    for line in lines:
        query = query.where(_RULE.c.words.contains(line.lower(), autoescape=True))
    return query


def _shown(made: Version) -> dict[str, Any]:
    """Return what the row of a rule repeats of its newest version."""
    document = made.document
    lines = [made.key, document.get("name", ""), document.get("description", "")]
    lines += [f"#{tag}" for tag in document.get("tags", ())]
    lines += [f"@{event}" for event in document.get("on", ())]
    words = "\n".join(("", *lines, "")).lower()
    return {"kind": document["kind"], "name": document.get("name", ""), "words": words}


def _signed(ctx: Context) -> dict[str, Any]:
    return {"changed_by": ctx.actor.label, "changed_at": ctx.clock.now()}


def _missing(ctx: Context, key: str) -> NotFound:
    keys = ctx.connection.scalars(select(_RULE.c.key).where(_RULE.c.tenant_id == ctx.tenant.id)).all()
    return NotFound(_("no rule %(key)s; %(cure)s", key=repr(key), cure=nearest(key, keys)))
