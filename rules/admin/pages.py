"""What the pages of the rulebook share: their blueprint, words and colours, and answers to forms."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from contextlib import suppress
from datetime import date, datetime, time, timedelta
from typing import Any
from uuid import UUID

from flask import Blueprint, flash, make_response, redirect, render_template, request, url_for
from sqlalchemy import select
from werkzeug.wrappers import Response

from pitboss.core import contracts
from pitboss.core.context import Context
from pitboss.core.errors import InvalidInput, NotFound, PitbossError, Refused, TermMissing
from pitboss.core.http import current
from pitboss.core.identity.tables import Player
from pitboss.core.texts import codes, marked, translated
from pitboss.core.texts import gettext as _
from pitboss.rules.book import store

PAGE_ROWS = 50
DIGITS_MAX = 10
FILTER_CHARACTERS_MAX = 200
TABS = (
    (marked("Rules"), "rules", ("rules", "rule", "versions", "bulk", "importing")),
    (marked("Conflicts"), "conflicts", ()),
    (marked("Decisions"), "decisions", ("decision", "judgement", "player")),
    (marked("Segments"), "segments", ("segment", "frozen")),
    (marked("Alerts"), "alerts", ()),
    (marked("Simulations"), "simulations", ("simulation", "new_simulation")),
    (marked("Packs"), "packs", ("pack", "template")),
)
"""The pages that lists stand on, each with the pages below it."""
COLOURS: Mapping[str, str] = {
    **dict.fromkeys(("live", "published", "done", "approved", "passed", "held"), "good"),
    **dict.fromkeys(("tested", "simulated", "running", "reward", "on"), "info"),
    **dict.fromkeys(("paused", "submitted", "capped", "out_of_budget", "held_out", "stopped"), "warn"),
    **dict.fromkeys(("refused", "failed", "error", "undone"), "bad"),
    "warning": "warn",
}
"""The colour of each state; others are plain."""
WORDS: Mapping[str, str] = {
    "idle": marked("Not live yet"),
    "submitted": marked("Waits for approval"),
    "done": marked("Given"),
    "held_out": marked("Held out"),
    "capped": marked("Had it already"),
    "out_of_budget": marked("Budget used up"),
    "excluded": marked("Another was taken"),
    "nothing": marked("Came to nothing"),
    "undone": marked("Taken back"),
    "per_player": marked("Limit for each player"),
    "exclusive": marked("Exclusive group"),
    "not_asked": marked("Not asked"),
    "guards": marked("Guards of plugins"),
    "tests_failed": marked("Tests failed"),
    "rolled_back": marked("Rolled back"),
}
"""What states, outcomes, checks and steps are called on screen, where their own name does not say it."""
CODES = codes(
    *(
        "live",
        "paused",
        "retired",
        "draft",
        "approved",
        "published",
        "resumed",
        "created",
        "saved",
        "deleted",
    ),
    *("rejected", "commented", "tested", "simulated", "running", "stopped", "refused", "failed", "error"),
    *(
        "passed",
        "reward",
        "segment",
        "alert",
        "formula",
        "limit",
        "budget",
        "holdout",
        "on",
        "off",
        "warning",
    ),
    *("scheduled", "frozen", "entered", "left", "amount", "held", "unjudged"),
)
"""Names that say it."""

blueprint = Blueprint("rules_admin", __name__, template_folder="../templates")
_PLAYER = Player.__table__


# -- addresses -------------------------------------------------------------------------------------


def new_url() -> str:
    """Return where the editor begins a rule."""
    return url_for("rules_editor_admin.new")


def edit_url(key: str) -> str:
    """Return where the editor changes a rule."""
    return url_for("rules_editor_admin.edit", key=key)


# -- answers ---------------------------------------------------------------------------------------


def page(template: str, status: int = 200, /, **values: Any) -> Response:
    """Render a page of the rulebook."""
    ctx, endpoint = current(), (request.endpoint or "").rpartition(".")[2]
    book = store.book_row(ctx)
    shared = {
        "tabs": [(title, name, endpoint == name or endpoint in below) for title, name, below in TABS],
        "colours": COLOURS,
        "wordings": WORDS,
        "stopped": book if book is not None and book.is_stopped else None,
        "new_url": new_url(),
        "edit_url": edit_url,
        "unit": ctx.tenant.currency,
        "local": local,
    }
    return make_response(render_template(f"rules/{template}.html", **shared, **values), status)


def done(message: str, endpoint: str, **values: Any) -> Response:
    """Say what was done on the page that shows it."""
    flash(translated(message), "good")
    return redirect(url_for(f"rules_admin.{endpoint}", **values), 303)


def failed(message: str, endpoint: str, **values: Any) -> Response:
    """Say what was refused on the page that it concerns; nothing of it is kept."""
    current().rollback()
    flash(message, "bad")
    return redirect(url_for(f"rules_admin.{endpoint}", **values), 303)


def tried(run: Callable[[Context], str], endpoint: str, **values: Any) -> Response:
    """Do something and say so on the page that shows it; what is refused is said there too."""
    try:
        return done(run(current()), endpoint, **values)
    except PitbossError as error:
        if is_missing(error):
            raise
        return failed(sentence_of(error), endpoint, **values)


def is_missing(error: PitbossError) -> bool:
    """Tell whether what a page is about does not exist; a word that a form names is no such thing."""
    return isinstance(error, NotFound) and not isinstance(error, TermMissing)


def sentence_of(error: PitbossError) -> str:
    """Return what an error says as a sentence."""
    said = "; ".join(error.reasons) if isinstance(error, Refused) else str(error)
    return f"{said[:1].upper()}{said[1:]}{'' if said.endswith(('.', '!', '?')) else '.'}"


# -- what was asked --------------------------------------------------------------------------------


def asked(*names: str) -> dict[str, str]:
    """Return the filters of the address, without blanks around them or what no text holds."""
    sent = {name: request.args.get(name, "").replace("\0", "") for name in names}
    return {name: text.strip()[:FILTER_CHARACTERS_MAX] for name, text in sent.items()}


def text_of(name: str) -> str:
    """Return a form's text without the blanks around it."""
    return request.form.get(name, "").strip()


def id_of(text: str) -> UUID | None:
    """Return an id, or None for what is none."""
    with suppress(ValueError):
        return UUID(text)
    return None


def cursor() -> UUID | None:
    """Return where this page of a list begins; what is no cursor begins at the start."""
    return id_of(request.args.get("cursor", ""))


def place() -> int:
    """Return where this page of a list that is counted begins; what is no number begins at the start."""
    said = request.args.get("cursor", "")
    return int(said) if said.isdecimal() and len(said) < DIGITS_MAX else 0


def cut(found: Sequence[Any], name: str = "id") -> tuple[list[Any], Any]:
    """Return a page of a list that was read with one row more, and where the next begins."""
    rows = list(found[:PAGE_ROWS])
    return rows, getattr(rows[-1], name) if len(found) > PAGE_ROWS else None


def one_of(value: str, choices: Iterable[str]) -> str | None:
    """Return a filter's value where it is one of the choices, and None for all others."""
    return value if value in set(map(str, choices)) else None


def day_of(text: str, *, after: int = 0) -> datetime | None:
    """Return the midnight at which a day of the address begins for the tenant, or so many days later."""
    with suppress(ValueError, OverflowError):
        day = date.fromisoformat(text) + timedelta(days=after)
        return datetime.combine(day, time(), current().tenant.zone)
    return None


def instant_of(name: str) -> datetime | None:
    """Return a form's instant, on the wall clock of the tenant; an empty one is None."""
    text = text_of(name)
    if not text:
        return None
    try:
        found = datetime.fromisoformat(text)
    except ValueError:
        refuse(name, _("%(text)s is no date and time: write it as 2026-12-01T09:00", text=repr(text[:40])))
    return found if found.tzinfo is not None else found.replace(tzinfo=current().tenant.zone)


def local(at: datetime | None) -> str:
    """Write an instant as a form's field shows it, on the wall clock of the tenant."""
    return "" if at is None else at.astimezone(current().tenant.zone).strftime("%Y-%m-%dT%H:%M:%S")


def refuse(name: str, said: str) -> Any:
    """Refuse a field by its name."""
    raise InvalidInput(f"{name.replace('_', ' ')}: {said}", {name: [said]})


def errors_of(error: PitbossError | None) -> dict[str, list[str]]:
    """Return what is wrong with each field, by dotted names."""
    return dict(_flat(error.fields)) if isinstance(error, InvalidInput) else {}


def _flat(found: Mapping[Any, Any], prefix: str = "") -> Any:
    for name, said in found.items():
        if isinstance(said, Mapping):
            yield from _flat(said, f"{prefix}{name}.")
        else:
            yield f"{prefix}{name}", [str(one) for one in (said if isinstance(said, list) else [said])]


# -- players, events and rules by name -------------------------------------------------------------


def names_of(ctx: Context, player_ids: Iterable[UUID | None]) -> dict[UUID, str]:
    """Return what players are called on screen."""
    wanted = {player_id for player_id in player_ids if player_id is not None}
    if not wanted:
        return {}
    columns = (_PLAYER.c.id, _PLAYER.c.display_name, _PLAYER.c.username, _PLAYER.c.email)
    query = select(*columns).where(_PLAYER.c.tenant_id == ctx.tenant.id, _PLAYER.c.id.in_(wanted))
    return {row.id: row.display_name or row.username or row.email for row in ctx.connection.execute(query)}


def event_titles(ctx: Context) -> dict[str, str]:
    """Return the events of the tenant by name, each with its title."""
    found = ((name, owned.item) for name, owned in ctx.view.terms.items())
    return {name: translated(term.title) for name, term in sorted(found) if isinstance(term, contracts.Event)}


def rule_names(ctx: Context, keys: Iterable[str]) -> dict[str, str]:
    """Return what rules are called on screen, by key."""
    return store.names(ctx, set(keys))
