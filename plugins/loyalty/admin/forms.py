"""Read what forms said: texts, numbers, instants, money and JSON, each refused by the name of its field."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Mapping
from datetime import datetime
from decimal import Decimal, InvalidOperation
from typing import Any, NoReturn

from flask import request

from pitboss.core.context import Context
from pitboss.core.contracts import Action, Owned
from pitboss.core.errors import InvalidInput, PitbossError
from pitboss.core.http import current
from pitboss.core.money import Money
from pitboss.core.retelling import retold
from pitboss.core.texts import gettext as _
from pitboss.core.texts import translated

REASON_CHARACTERS_MIN, REASON_CHARACTERS_MAX = 3, 500
DIGITS_MAX = 15
TEXT_CHARACTERS_MAX = 200
"""Of a title, or another text of one line."""


def text_of(name: str) -> str:
    """Return a form's text without the blanks around it."""
    return request.form.get(name, "").strip()


def needed(name: str, *, length_max: int = TEXT_CHARACTERS_MAX) -> str:
    """Return a form's text, or refuse that it is empty or too long."""
    text = text_of(name) or refuse(name, _("Fill it in."))
    return (
        text
        if len(text) <= length_max
        else refuse(name, _("Use at most %(count)s characters.", count=length_max))
    )


def reason_of(name: str = "reason") -> str:
    """Return why something is done."""
    text = text_of(name)
    if not REASON_CHARACTERS_MIN <= len(text) <= REASON_CHARACTERS_MAX:
        refuse(
            name,
            _(
                "Say why, in %(least)s to %(most)s characters.",
                least=REASON_CHARACTERS_MIN,
                most=REASON_CHARACTERS_MAX,
            ),
        )
    return text


def is_on(name: str) -> bool:
    """Tell whether a box is ticked."""
    return name in request.form


def whole_of(name: str) -> int | None:
    """Return a form's whole number; an empty one is None."""
    text = text_of(name)
    if not text:
        return None
    digits = text.removeprefix("-")
    if not (digits.isascii() and digits.isdecimal()) or len(text) > DIGITS_MAX:
        refuse(
            name,
            _("%(text)s is no whole number of at most %(count)s digits.", text=repr(text), count=DIGITS_MAX),
        )
    return int(text)


def decimal_of(name: str) -> Decimal | None:
    """Return a form's number; an empty one is None."""
    text = text_of(name)
    try:
        found = Decimal(text) if text else None
    except InvalidOperation:
        found = Decimal("NaN")
    if found is not None and not found.is_finite():
        refuse(name, _("%(text)s is no number.", text=repr(text)))
    return found


def money_of(name: str, unit: str | None = None) -> Money | None:
    """Return a form's amount, of the tenant's currency unless another unit is named; an empty one is None."""
    text, tenant = text_of(name), current().tenant
    try:
        return tenant.currencies.parse(text, unit or tenant.currency) if text else None
    except InvalidInput as error:
        refuse(name, retold(str(error)))


def instant_of(name: str) -> datetime | None:
    """Return a form's instant, on the wall clock of the tenant; an empty one is None."""
    text = text_of(name)
    if not text:
        return None
    try:
        found = datetime.fromisoformat(text)
        return found if found.tzinfo is not None else found.replace(tzinfo=current().tenant.zone)
    except ValueError:
        refuse(name, _("%(text)s is no date and time.", text=repr(text)))


def lines_of(name: str) -> list[str]:
    """Return the lines of a form's text that say something."""
    return [line.strip() for line in request.form.get(name, "").splitlines() if line.strip()]


def json_of(name: str, default: Any) -> Any:
    """Return a JSON document that a form holds; an empty one is the default."""
    text = text_of(name)
    try:
        return json.loads(text) if text else default
    except (ValueError, RecursionError) as error:
        refuse(name, _("It is no JSON: %(error)s", error=error))


def refuse(name: str, said: str) -> NoReturn:
    """Refuse a field by its name."""
    raise InvalidInput(f"{name.replace('_', ' ')}: {said}", {name: [said]})


def local(at: datetime | None) -> str:
    """Write an instant as a form's field shows it, on the wall clock of the tenant."""
    return "" if at is None else at.astimezone(current().tenant.zone).strftime("%Y-%m-%dT%H:%M:%S")


def errors_of(error: PitbossError) -> dict[str, list[str]]:
    """Return what is wrong with each field, by dotted names."""
    return dict(_flat(error.fields)) if isinstance(error, InvalidInput) else {}


def _flat(found: Mapping[Any, Any], prefix: str = "") -> Any:
    for name, said in found.items():
        if isinstance(said, Mapping):
            yield from _flat(said, f"{prefix}{name}.")
        else:
            yield f"{prefix}{name}", [str(one) for one in (said if isinstance(said, list) else [said])]


# -- what is given ---------------------------------------------------------------------------------


def actions_of(ctx: Context) -> list[tuple[str, str]]:
    """Return what a mission, an item or a campaign can give: each action with its title.

    What pays, or can be taken back, is a reward; others settle stakes, raise signals and the like.
    """
    terms = [
        o for o in ctx.view.terms.values() if isinstance(o.item, Action) and (o.item.pays or o.item.undo)
    ]
    titles = Counter(translated(o.item.title) for o in terms)
    return sorted(((o.item.name, _told(ctx, o, titles)) for o in terms), key=lambda pair: pair[1])


def _told(ctx: Context, owned: Owned[Any], titles: Mapping[str, int]) -> str:
    """Return what an action is called, with its plugin where two are called the same."""
    title = translated(owned.item.title)
    plugin = translated(ctx.kernel.registry.manifests[owned.owner].title)
    return f"{title} ({plugin})" if titles[title] > 1 else title


def offer_of(prefix: str = "offer") -> dict[str, Any] | None:
    """Return the action that a form chose, with its amount and its further parameters; None for none."""
    action, amount = text_of(f"{prefix}_action"), text_of(f"{prefix}_amount")
    if not action:
        return None
    terms = json_of(f"{prefix}_terms", {})
    if not isinstance(terms, dict):
        refuse(f"{prefix}_terms", _('Write an object, such as {"expiry_hours": 48}.'))
    return {"action": action, **({"amount": amount} if amount else {}), **terms}


def offer_fields(offer: Mapping[str, Any] | None, prefix: str = "offer") -> dict[str, str]:
    """Return an offer as the fields of a form show it."""
    terms = {name: value for name, value in (offer or {}).items() if name not in ("action", "amount")}
    return {
        f"{prefix}_action": (offer or {}).get("action", ""),
        f"{prefix}_amount": str((offer or {}).get("amount", "")),
        f"{prefix}_terms": json.dumps(terms, indent=2, ensure_ascii=False) if terms else "",
    }
