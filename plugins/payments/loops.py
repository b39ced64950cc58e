"""The closed loop: money goes back to where it came from, as far as it came from there."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

from pitboss.core.errors import InvalidInput
from pitboss.core.texts import marked


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """A method that a withdrawal may go to."""

    method_id: UUID
    masked: str
    paid_in: int
    """What it paid in and did not get back yet."""
    can_receive: bool = True
    is_verified: bool = False
    least: int = 1
    """The least that its provider sends."""


@dataclass(frozen=True, slots=True)
class Part:
    """What goes to one method, and why."""

    method_id: UUID
    amount: int
    reason: str


@dataclass(frozen=True, slots=True)
class Plan:
    """How a withdrawal is divided, and what was left out on the way."""

    parts: tuple[Part, ...]
    passed_over: tuple[str, ...] = ()


def plan(amount: int, places: Sequence[Place], *, wanted: UUID | None = None, is_closed: bool = True) -> Plan:
    """Divide an amount: first back to the methods that paid in, the rest to a verified one.

    The wanted method comes first among its equals; the others in the order given, the oldest payer first.
    """
    ordered = sorted(places, key=lambda place: place.method_id != wanted)
    passed_over: list[str] = []
    back = _back(amount, ordered, passed_over) if is_closed else {}
    rest = amount - sum(back.values())
    parts = {id_: (part, marked("back to the method that paid it in")) for id_, part in back.items()}
    if rest:
        place = _for_rest(rest, ordered, parts)
        before = parts.get(place.method_id, (0, ""))[0]
        why = (
            marked("what no other method paid in goes to a verified method")
            if is_closed
            else marked("to a verified method")
        )
        parts[place.method_id] = (
            before + rest,
            why if not before else marked("back to its payer, and the rest too"),
        )
    return Plan(tuple(Part(id_, *part) for id_, part in parts.items()), tuple(passed_over))


def _back(amount: int, places: Sequence[Place], passed_over: list[str]) -> dict[UUID, int]:
    """Return what goes back to each payer."""
    left, back = amount, dict[UUID, int]()
    for place in places:
        part = min(left, place.paid_in)
        if part <= 0:
            continue
        if not place.can_receive:
            passed_over.append(marked(f"{place.masked} paid in, but cannot receive"))
        elif part < place.least:
            passed_over.append(marked(f"{place.masked} is owed less than its provider sends"))
        else:
            back[place.method_id] = part
            left -= part
    return back


def _for_rest(rest: int, places: Sequence[Place], parts: dict[UUID, tuple[int, str]]) -> Place:
    """Return the verified method that takes what nobody paid in."""
    for place in places:
        has_enough = parts.get(place.method_id, (0, ""))[0] + rest >= place.least
        if place.is_verified and place.can_receive and has_enough:
            return place
    message = marked(
        "Part of it did not come from a method that can receive it: have a method verified first."
    )
    raise InvalidInput(f"method_id: {message}", {"method_id": [message]})
