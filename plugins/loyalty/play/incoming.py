"""Read what a sender says of a player's play, and say what is wrong with it, with the cure."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Annotated, Any, Literal
from uuid import UUID

import msgspec
from msgspec import Meta

from pitboss.core.context import Context
from pitboss.core.errors import InvalidInput, nearest
from pitboss.core.http import Body
from pitboss.core.texts import marked
from pitboss.plugins.loyalty.lengths import CODE_LENGTH_MAX
from pitboss.plugins.loyalty.play.tables import SENDER_ID_LENGTH_MAX, SENDER_LENGTH_MAX

BATCH_MAX = 500
FUTURE_SECONDS_MAX = 300
"""How far a time may lie ahead: clocks of several machines differ a little."""
AGE_DAYS_MAX = 3650
"""An import brings the history of players; what is older is a mistake of units."""
AMOUNT_MAX = 10**15
"""In minor units: thousands of such amounts still have a sum that a column holds."""
SECONDS_MAX = 7 * 86_400
"""A longer session was never ended."""
ODDS_MAX = 1_000_000

PLAYED = ("deposit", "withdrawal", "wager", "win", "session")
Kind = Literal["deposit", "withdrawal", "wager", "win", "session", "rollback"]
Id = Annotated[str, Meta(min_length=1, max_length=SENDER_ID_LENGTH_MAX, pattern=r"^[!-~]+$")]
Code = Annotated[str, Meta(min_length=1, max_length=CODE_LENGTH_MAX, pattern=r"^\S(.*\S)?$")]

_COMMON = frozenset({"id", "kind", "player", "at", "sender"})
_PLAY = frozenset({"amount", "bonus_amount", "game", "category", "round"})
FIELDS: Mapping[str, frozenset[str]] = {
    "deposit": frozenset({"amount"}),
    "withdrawal": frozenset({"amount"}),
    "wager": _PLAY | {"odds", "settled"},
    "win": _PLAY | {"odds"},
    "session": frozenset({"seconds", "game", "category"}),
    "rollback": frozenset({"rolls_back"}),
}
"""What each kind may say, beside what all may."""
NEEDED: Mapping[str, str] = {
    "deposit": "amount",
    "withdrawal": "amount",
    "wager": "amount",
    "win": "amount",
    "session": "seconds",
    "rollback": "rolls_back",
}
CURES: Mapping[str, str] = {
    "id": marked(f"give your own id of it, 1 to {SENDER_ID_LENGTH_MAX} visible characters"),
    "kind": marked("give one of deposit, withdrawal, wager, win, session, rollback"),
    "player": marked("give the player's id, or user name"),
    "amount": marked('give text in major units, such as "10.50"'),
    "bonus_amount": marked('give text in major units, such as "10.50"'),
    "odds": marked('give decimal odds as text, such as "1.85"'),
    "at": marked("give an instant with its time zone, such as 2026-12-01T09:00:00Z"),
    "seconds": marked(f"give a whole number from 1 to {SECONDS_MAX}"),
    "settled": marked("give true or false"),
    "rolls_back": marked("give the id under which it was sent"),
    "round": marked(f"give text of 1 to {SENDER_ID_LENGTH_MAX} visible characters"),
    "game": marked(f"give text of 1 to {CODE_LENGTH_MAX} characters"),
    "category": marked(f"give text of 1 to {CODE_LENGTH_MAX} characters"),
    "sender": marked(f"give text of 1 to {SENDER_LENGTH_MAX} visible characters"),
}
_ODDS = re.compile(r"[0-9]{1,7}(\.[0-9]{1,8})?")


class TransactionItem(Body, frozen=True):
    """What a player did, told under the sender's own id; money is text in the tenant's currency."""

    id: Id
    kind: Kind
    player: Annotated[str, Meta(min_length=1, max_length=36)]
    """The player's id, or user name."""
    amount: str | None = None
    bonus_amount: str | None = None
    """The part of it that bonus money paid, or got."""
    game: Code | None = None
    category: Code | None = None
    odds: str | None = None
    round: Id | None = None
    seconds: Annotated[int, Meta(ge=1, le=SECONDS_MAX)] | None = None
    at: Annotated[datetime, Meta(tz=True)] | None = None
    """When it happened; the present by default."""
    settled: bool | None = None
    """False for a wager that the first win of its round settles, be it 0."""
    rolls_back: Id | None = None
    """The id of what a rollback takes back."""
    sender: Annotated[str, Meta(min_length=1, max_length=SENDER_LENGTH_MAX, pattern=r"^[!-~]+$")] | None = (
        None
    )
    """Whose ids these are, where it is not the caller: after a key was renamed, or to correct by hand."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Sent:
    """A transaction as it was sent, read: amounts are whole minor units."""

    sender: str
    sender_id: str
    player: UUID | str
    kind: str
    amount: int = 0
    bonus_amount: int = 0
    game: str | None = None
    category: str | None = None
    odds: str | None = None
    round_id: str | None = None
    seconds: int = 0
    at: datetime | None = None
    is_settled: bool = True
    rolls_back: str | None = None


def read(ctx: Context, sender: str, raw: Any) -> Sent:
    """Return what was sent, or raise InvalidInput with a message for each field that is wrong."""
    item = _converted(raw)
    problems: dict[str, list[str]] = {}
    _check_fields(item, problems)
    amount = _amount(ctx, item, "amount", problems)
    bonus = _amount(ctx, item, "bonus_amount", problems)
    _check_amounts(item, amount, bonus, problems)
    _check_odds(item, problems)
    _check_time(ctx, item.at, problems)
    _check_references(item, problems)
    refuse(problems)
    return _sent(item, sender, amount, bonus)


def _sent(item: TransactionItem, sender: str, amount: int, bonus: int) -> Sent:
    return Sent(
        sender=item.sender or sender,
        sender_id=item.id,
        player=player_of(item.player),
        kind=item.kind,
        amount=amount,
        bonus_amount=bonus,
        game=item.game,
        category=item.category,
        odds=item.odds,
        round_id=item.round,
        seconds=item.seconds or 0,
        at=item.at.astimezone(UTC) if item.at else None,
        is_settled=item.settled is not False,
        rolls_back=item.rolls_back,
    )


def refuse(problems: Mapping[str, list[str]]) -> None:
    """Raise InvalidInput when there are problems."""
    if problems:
        said = "; ".join(f"{name}: {' '.join(messages)}" for name, messages in problems.items())
        raise InvalidInput(said, problems)


def player_of(text: str) -> UUID | str:
    """Return a player's id; a text that is none is a user name."""
    try:
        return UUID(text)
    except ValueError:
        return text.strip().lower()


def check_time(ctx: Context, at: datetime) -> str | None:
    """Say what is wrong with the time of a transaction."""
    now = ctx.clock.now()
    if at > now + timedelta(seconds=FUTURE_SECONDS_MAX):
        return marked(
            f"{at.isoformat()} lies more than {FUTURE_SECONDS_MAX} seconds ahead of {now.isoformat()}: "
            "send it when it has happened, and check the clock."
        )
    if at < now - timedelta(days=AGE_DAYS_MAX):
        return marked(
            f"{at.isoformat()} is more than {AGE_DAYS_MAX} days ago: check the unit and the time zone."
        )
    return None


def _converted(raw: Any) -> TransactionItem:
    try:
        return msgspec.convert(raw, TransactionItem)
    except msgspec.ValidationError as error:
        name, message = _explained(str(error))
        raise InvalidInput(
            f"{name or marked('the transaction')}: {message}", {name or "_schema": [message]}
        ) from None


def _explained(said: str) -> tuple[str, str]:
    """Return the field that msgspec means, and what to do about it."""
    sentence, _, place = said.partition(" - at `$.")
    name = place.rstrip("`")
    found = re.search(r"(unknown|missing required) field `(.*)`", sentence)
    if found is None:
        cure = CURES.get(name)
        return name, f"{sentence}." if cure is None else f"{sentence}: {cure}."
    name = found[2]
    if found[1] == "unknown":
        return name, marked(f"There is no such field: {nearest(name, list(CURES))}")
    return name, f"{marked('It is missing')}: {CURES[name]}."


def _check_fields(item: TransactionItem, problems: dict[str, list[str]]) -> None:
    allowed = _COMMON | FIELDS[item.kind]
    for name in item.__struct_fields__:
        if name not in allowed and getattr(item, name) is not None:
            takers = " or a ".join(kind for kind, names in FIELDS.items() if name in names)
            problems[name] = [marked(f"A {item.kind} has none: leave it out, or send a {takers}.")]
    needed = NEEDED[item.kind]
    if getattr(item, needed) is None:
        problems[needed] = [f"{marked(f'A {item.kind} needs it')}: {CURES[needed]}."]


def _amount(ctx: Context, item: TransactionItem, name: str, problems: dict[str, list[str]]) -> int:
    text = getattr(item, name)
    if text is None or name in problems:
        return 0
    try:
        minor = ctx.tenant.currencies.parse(text, ctx.tenant.currency).minor
    except InvalidInput as error:
        problems[name] = [f"{error}."]
        return 0
    if minor < 0:
        problems[name] = [marked(f"{text!r} is negative: say by the kind where the money went.")]
    elif minor > AMOUNT_MAX:
        problems[name] = [marked(f"{text!r} is more than {AMOUNT_MAX} minor units: check the unit.")]
    return minor


def _check_amounts(item: TransactionItem, amount: int, bonus: int, problems: dict[str, list[str]]) -> None:
    if item.kind in ("deposit", "withdrawal") and amount == 0 and "amount" not in problems:
        problems["amount"] = [marked(f"A {item.kind} of nothing is none: give more than 0.")]
    if bonus > amount and not problems:
        problems["bonus_amount"] = [marked(f"{item.bonus_amount!r} is more than the whole, {item.amount!r}.")]


def _check_odds(item: TransactionItem, problems: dict[str, list[str]]) -> None:
    if item.odds is None or "odds" in problems:
        return
    if not _ODDS.fullmatch(item.odds) or not 1 <= Decimal(item.odds) <= ODDS_MAX:
        problems["odds"] = [
            marked(f'{item.odds!r} are no decimal odds: write 1 to {ODDS_MAX}, such as "1.85".')
        ]


def _check_time(ctx: Context, at: datetime | None, problems: dict[str, list[str]]) -> None:
    wrong = check_time(ctx, at) if at is not None else None
    if wrong:
        problems["at"] = [wrong]


def _check_references(item: TransactionItem, problems: dict[str, list[str]]) -> None:
    if item.kind == "wager" and item.settled is False and item.round is None:
        problems["round"] = [
            marked("A wager that is not settled needs its round: a win of that round settles it.")
        ]
    if item.rolls_back == item.id:
        problems["rolls_back"] = [marked(f"{item.id!r} cannot roll back itself: name another transaction.")]
