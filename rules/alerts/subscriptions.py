"""What players asked to be told of: alerts that are offered to them, each at their own threshold."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import delete, func, select, update
from sqlalchemy.dialects.postgresql import insert as postgres_insert
from sqlalchemy.dialects.sqlite import insert as sqlite_insert

from pitboss.core.clock import uuid7
from pitboss.core.context import Context
from pitboss.core.errors import Conflict, InvalidInput, NotFound, nearest
from pitboss.core.texts import gettext as _
from pitboss.rules.alerts import channels as ways
from pitboss.rules.alerts.messages import facts_told
from pitboss.rules.alerts.states import forget
from pitboss.rules.alerts.subjects import shortened, subscribed_all
from pitboss.rules.alerts.tables import SubscriptionRow
from pitboss.rules.book.live import Book, LiveRule, book_of, is_offered
from pitboss.rules.engine.catalogue import WHOLE_MAX
from pitboss.rules.engine.rule import Alert
from pitboss.rules.engine.tree import facts_read
from pitboss.rules.vocabulary import THRESHOLD

SUBSCRIPTIONS_MAX = 50
"""What one player may subscribe to."""

_SUBSCRIPTION = SubscriptionRow.__table__


@dataclass(frozen=True, slots=True)
class Offer:
    """An alert that players may subscribe to."""

    rule: str
    name: str
    description: str
    needs_threshold: bool
    channels: tuple[str, ...]
    """Those that a player may choose from."""
    events: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Subscription:
    """What a player asked to be told of."""

    id: UUID
    player_id: UUID
    rule: str
    about: str
    threshold: float | None
    channels: Sequence[str]
    created_at: datetime

    @property
    def mark(self) -> list[Any]:
        """What the ETag is made of."""
        return [str(self.id), self.threshold, list(self.channels)]


_COLUMNS = [_SUBSCRIPTION.c[name] for name in Subscription.__slots__]


def offers(ctx: Context) -> list[Offer]:
    """Return the alerts that players may subscribe to, by key."""
    return [_offer(live) for _, live in sorted(_offered(book_of(ctx)).items())]


def list_subscriptions(ctx: Context, player_id: UUID) -> list[Subscription]:
    """Return what a player subscribed to, in order."""
    query = select(*_COLUMNS).where(*_of(ctx, player_id)).order_by(_SUBSCRIPTION.c.id)
    return [Subscription(*row) for row in ctx.connection.execute(query)]


def find_subscription(ctx: Context, player_id: UUID, subscription_id: UUID) -> Subscription:
    """Return one subscription of a player."""
    query = select(*_COLUMNS).where(*_of(ctx, player_id), _SUBSCRIPTION.c.id == subscription_id)
    row = ctx.connection.execute(query).first()
    if row is None:
        raise NotFound(_("no subscription %(subscription_id)s", subscription_id=subscription_id))
    return Subscription(*row)


def subscribe(
    ctx: Context,
    player_id: UUID,
    rule: str,
    *,
    threshold: float | None = None,
    channels: Sequence[str] = (),
    about: str = "",
) -> Subscription:
    """Have a player told of an alert: of one thing, or of all when `about` is empty."""
    offer = _find_offer(ctx, rule)
    query = select(func.count()).select_from(_SUBSCRIPTION).where(*_of(ctx, player_id))
    if (ctx.connection.scalar(query) or 0) >= SUBSCRIPTIONS_MAX:
        raise Conflict(
            _("a player subscribes to at most %(most)s alerts: end one first", most=SUBSCRIPTIONS_MAX)
        )
    made = Subscription(
        uuid7(),
        player_id,
        rule,
        shortened(about.strip()),
        _checked_threshold(offer, threshold),
        _checked_channels(offer, channels),
        ctx.clock.now(),
    )
    insert = sqlite_insert if ctx.connection.dialect.name == "sqlite" else postgres_insert
    statement = insert(_SUBSCRIPTION).on_conflict_do_nothing().returning(_SUBSCRIPTION.c.id)
    values = {name: getattr(made, name) for name in Subscription.__slots__}
    if ctx.connection.scalar(statement, {"tenant_id": ctx.tenant.id, **values}) is None:
        raise Conflict(
            _("there is a subscription to %(rule)s for this already: change that one", rule=repr(rule))
        )
    return made


def change(ctx: Context, player_id: UUID, subscription_id: UUID, changes: Mapping[str, Any]) -> Subscription:
    """Change the threshold or the channels; another threshold is another crossing."""
    before = find_subscription(ctx, player_id, subscription_id)
    offer, values = _find_offer(ctx, before.rule), dict(changes)
    if "threshold" in values:
        values["threshold"] = _checked_threshold(offer, values["threshold"])
    if "channels" in values:
        values["channels"] = _checked_channels(offer, values["channels"])
    if values:
        mine = (*_of(ctx, player_id), _SUBSCRIPTION.c.id == subscription_id)
        ctx.connection.execute(update(_SUBSCRIPTION).where(*mine).values(**values))
    if values.get("threshold", before.threshold) != before.threshold:
        forget(ctx, subscribed_all(subscription_id))
    return find_subscription(ctx, player_id, subscription_id)


def unsubscribe(ctx: Context, player_id: UUID, subscription_id: UUID) -> None:
    """End a subscription."""
    find_subscription(ctx, player_id, subscription_id)
    mine = (*_of(ctx, player_id), _SUBSCRIPTION.c.id == subscription_id)
    ctx.connection.execute(delete(_SUBSCRIPTION).where(*mine))
    forget(ctx, subscribed_all(subscription_id))


# -- what is allowed -------------------------------------------------------------------------------


def _offered(book: Book) -> dict[str, LiveRule]:
    return {live.key: live for live in book.of(Alert) if is_offered(live.program)}


def _find_offer(ctx: Context, rule: str) -> Offer:
    offered = _offered(book_of(ctx))
    if rule not in offered:
        raise InvalidInput(
            _(
                "rule: no alert %(rule)s is offered; %(cure)s",
                rule=repr(rule),
                cure=nearest(rule, list(offered)),
            ),
            {"rule": [_("Not offered.")]},
        )
    return _offer(offered[rule])


def _offer(live: LiveRule) -> Offer:
    rule = live.rule
    assert isinstance(rule, Alert)
    return Offer(
        rule=rule.key,
        name=rule.name or rule.key,
        description=rule.description,
        needs_threshold=THRESHOLD in {*facts_read(live.program.when), *facts_told(live)},
        channels=tuple(ways.of_player(rule.channels)) or ways.PLAYER,
        events=rule.on,
    )


def _checked_threshold(offer: Offer, threshold: float | None) -> float | None:
    if offer.needs_threshold and threshold is None:
        raise InvalidInput(
            _("threshold: %(rule)s needs one", rule=repr(offer.rule)), {"threshold": [_("Missing.")]}
        )
    if not offer.needs_threshold and threshold is not None:
        raise InvalidInput(
            _("threshold: %(rule)s has none", rule=repr(offer.rule)), {"threshold": [_("Not used.")]}
        )
    if threshold is not None and not abs(threshold) <= WHOLE_MAX:
        said = _("at most %(most)s, and finite", most=WHOLE_MAX)
        raise InvalidInput(
            _("threshold: %(value)s must be %(wanted)s", value=threshold, wanted=said), {"threshold": [said]}
        )
    return threshold


def _checked_channels(offer: Offer, channels: Sequence[str]) -> list[str]:
    wanted = list(dict.fromkeys(channels)) or list(offer.channels[:1])
    unknown = [name for name in wanted if name not in offer.channels]
    if unknown:
        said = _(
            "%(rule)s is told over %(channels)s, not %(unknown)s",
            rule=repr(offer.rule),
            channels=", ".join(offer.channels),
            unknown=", ".join(unknown),
        )
        raise InvalidInput(f"channels: {said}", {"channels": [said]})
    return wanted


def _of(ctx: Context, player_id: UUID) -> tuple[Any, ...]:
    return _SUBSCRIPTION.c.tenant_id == ctx.tenant.id, _SUBSCRIPTION.c.player_id == player_id
