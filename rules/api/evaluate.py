"""Live rules as a service: facts in, matches out."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated, Any
from uuid import UUID

from msgspec import Meta

from pitboss.core.context import Context
from pitboss.core.errors import InvalidInput
from pitboss.core.http import Blueprint, Body, Reply, hot, requires
from pitboss.core.http.current import present
from pitboss.core.ingest import ID_CHARACTERS_MAX
from pitboss.core.texts import gettext as _
from pitboss.rules.book.tables import KEY_LENGTH_MAX
from pitboss.rules.engine.rule import FACTS_MAX
from pitboss.rules.runtime.outside import ITEMS_MAX, KEYS_MAX, Judged, Match, Question, do, look

NAME_CHARACTERS_MAX = 80

blueprint = Blueprint("rules_evaluate", __name__, url_prefix="", description="Live rules as a service")

Name = Annotated[str, Meta(max_length=NAME_CHARACTERS_MAX)]
Keys = Annotated[list[Annotated[str, Meta(max_length=KEY_LENGTH_MAX)]], Meta(max_length=KEYS_MAX)]
Facts = Annotated[
    dict[str, Any],
    Meta(max_length=FACTS_MAX, description="By name; money in major units; null is not known."),
]
Id = Annotated[str, Meta(min_length=1, max_length=ID_CHARACTERS_MAX, pattern=r"^[!-~]+$")]


class Item(Body, frozen=True):
    """Facts to judge: of an event, or by rules that are named."""

    facts: Facts = {}
    event: Name | None = None
    rules: Keys = []
    player_id: UUID | None = None
    id: Id | None = None


class Evaluate(Item, frozen=True):
    """One question, or a list of them under `items`; nothing is done unless `dry_run` is false."""

    items: Annotated[list[Item], Meta(min_length=1, max_length=ITEMS_MAX)] | None = None
    dry_run: bool = True
    explain: bool = False


class Matched(Reply, frozen=True, omit_defaults=True):
    """A rule that matches. An amount is text in major units, rounded as it would be paid."""

    rule: str
    version: int
    kind: str
    outcome: str | None = None
    """What became of it; for a dry run, only that another rule of its group is taken."""
    amount: str | None = None
    unit: str | None = None
    value: float | str | bool | None = None
    reason: str | None = None
    trace: dict[str, Any] | None = None


class Fault(Reply, frozen=True):
    """A rule that has no value for these facts, so that it does not fire."""

    rule: str
    kind: str
    message: str


class Evaluated(Reply, frozen=True, omit_defaults=True):
    """The answer to one question."""

    matches: list[Matched]
    errors: list[Fault] = []
    id: str | None = None
    event_id: UUID | None = None
    is_duplicate: bool = False
    others: list[dict[str, Any]] = []


class EvaluatedAll(Reply, frozen=True):
    """The answers, in the order of the questions."""

    dry_run: bool
    results: list[Evaluated]


@hot(blueprint, "/evaluate", body=Evaluate, answer=EvaluatedAll)
@requires("rules.evaluate")
def evaluate(ctx: Context, body: Evaluate) -> EvaluatedAll:
    """Judge facts by the live rules; with `dry_run` false, do what they say, once for each id."""
    asked = _questions(body, None if body.dry_run else present().headers.get("Idempotency-Key"))
    judge = look if body.dry_run else do
    found = judge(ctx, asked, with_trace=body.explain)
    results = [_result(one, judged) for one, judged in zip(asked, found, strict=True)]
    return EvaluatedAll(body.dry_run, results)


def _questions(body: Evaluate, key: str | None) -> list[Question]:
    if body.items is None:
        return [_question(body, body.id or key)]
    if body.facts or body.event or body.rules or body.player_id or body.id:
        raise InvalidInput(_("one question, or items: not both"), {"items": [_("Leave out, or give alone.")]})
    named = [item.id for item in body.items if item.id is not None]
    if len(set(named)) < len(named):
        raise InvalidInput(
            _("two items have the same id: each has one of its own"), {"items": [_("Not unique.")]}
        )
    ids = [item.id or (f"{key}:{n}" if key else None) for n, item in enumerate(body.items)]
    return [_question(item, id_) for item, id_ in zip(body.items, ids, strict=True)]


def _question(item: Item, id_: str | None) -> Question:
    return Question(
        facts=item.facts, event=item.event, rules=tuple(item.rules), player_id=item.player_id, id=id_
    )


def _result(one: Question, judged: Judged) -> Evaluated:
    return Evaluated(
        matches=_matched(judged.matches),
        errors=[Fault(error.rule, error.kind, error.message) for error in judged.errors],
        id=one.id,
        event_id=judged.event_id,
        is_duplicate=judged.is_duplicate,
        others=[dict(other) for other in judged.others],
    )


def _matched(matches: Sequence[Match]) -> list[Matched]:
    return [
        Matched(
            m.rule,
            m.version,
            m.kind,
            m.outcome,
            m.amount,
            m.unit,
            m.value,
            m.reason,
            None if m.trace is None else dict(m.trace),
        )
        for m in matches
    ]
