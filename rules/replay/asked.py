"""What a simulation is asked: which version, over what, and compared with which."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Literal

from pitboss.core.context import Context
from pitboss.core.errors import InvalidInput
from pitboss.core.texts import gettext as _
from pitboss.rules.book import store
from pitboss.rules.engine.errors import Refused
from pitboss.rules.engine.rule import Reward, read_rule

SAMPLE_MAX = 200
"""How many matches are explained."""
SAMPLE_DEFAULT = 20
DAYS_DEFAULT = 90
DAYS_MAX = 4_000

Over = Literal["history", "players"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """A simulation that can be done: its versions exist, and are rewards."""

    key: str
    number: int
    rule: Reward
    against: int | None
    """The version that it is compared with."""
    before: Reward | None
    from_: datetime
    until: datetime
    over: Over = "history"
    sample: int = SAMPLE_DEFAULT
    with_overlap: bool = True
    is_scheduled: bool = True
    """Whether rules do nothing outside of their schedules."""

    @property
    def events(self) -> Sequence[str]:
        """The events that either version listens to."""
        return tuple(dict.fromkeys((*self.rule.on, *(self.before.on if self.before else ()))))

    def as_json(self) -> dict[str, Any]:
        """Return what is kept with the report."""
        return {
            "from": self.from_.isoformat(),
            "until": self.until.isoformat(),
            "against": self.against,
            "over": self.over,
            "sample": self.sample,
            "overlap": self.with_overlap,
            "schedule": self.is_scheduled,
        }


def ask(
    ctx: Context,
    key: str,
    number: int | None = None,
    *,
    from_: datetime | None = None,
    until: datetime | None = None,
    against: int | Literal["live"] | None = "live",
    **more: Any,
) -> Asked:
    """Return a simulation of a version, the newest unless it is named, or raise what stands in the way."""
    stored = store.find(ctx, key)
    number = stored.head if number is None else number
    until = until or ctx.clock.now()
    from_ = from_ or until - timedelta(days=DAYS_DEFAULT)
    if not from_ < until <= from_ + timedelta(days=DAYS_MAX):
        raise InvalidInput(
            _(
                "from %(start)s until %(end)s is no time to replay: more than nothing, at most %(most)s days",
                start=from_,
                end=until,
                most=DAYS_MAX,
            ),
            {"from": [_("Not valid.")]},
        )
    if against == "live":
        against = stored.live if stored.live != number else None
    return Asked(
        key=key,
        number=number,
        rule=_reward(ctx, key, number),
        against=against,
        before=None if against is None else _reward(ctx, key, against),
        from_=from_,
        until=until,
        **more,
    )


def asked_again(ctx: Context, key: str, number: int, kept: Mapping[str, Any]) -> Asked:
    """Return a simulation that was kept."""
    return ask(
        ctx,
        key,
        number,
        from_=datetime.fromisoformat(kept["from"]),
        until=datetime.fromisoformat(kept["until"]),
        against=kept["against"],
        over=kept["over"],
        sample=kept["sample"],
        with_overlap=kept["overlap"],
        is_scheduled=kept["schedule"],
    )


def unreadable(key: str, number: int, refusal: Refused) -> InvalidInput:
    """Return the error that a version has words that the tenant no longer has."""
    return InvalidInput(
        _(
            "version %(number)s of rule %(key)s cannot be read: %(refusal)s",
            number=number,
            key=repr(key),
            refusal=refusal,
        ),
        {refusal.path or "_schema": [str(refusal)]},
    )


def _reward(ctx: Context, key: str, number: int) -> Reward:
    try:
        rule = read_rule(store.version(ctx, key, number).document)
    except Refused as refusal:
        raise unreadable(key, number, refusal) from None
    if not isinstance(rule, Reward):
        raise InvalidInput(
            _("rule %(key)s is of kind %(kind)s: only rewards are replayed", key=repr(key), kind=rule.kind)
        )
    return rule
