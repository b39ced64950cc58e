"""What a plugin may contribute: frozen data that every layer may import, and that imports no layer.

A plugin's hooks return these objects; the registry checks them, stamps them with their owner and
shows each tenant those of its switched-on plugins.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import TYPE_CHECKING, Any, Generic, Literal, TypeVar
from uuid import UUID

if TYPE_CHECKING:
    from datetime import datetime

    from flask import Blueprint
    from marshmallow import Schema
    from sqlalchemy import Column
    from sqlalchemy.orm import InstrumentedAttribute

    from pitboss.core.context import Context
    from pitboss.core.events import Event as RecordedEvent
    from pitboss.core.kernel import Kernel
    from pitboss.core.money import Money

API = 1
"""The plugin API that this version speaks."""
API_OLDEST = 1
"""The oldest plugin API that still loads."""

TermType = Literal["number", "money", "text", "choice", "boolean", "instant", "duration", "list", "any"]
Aggregate = Literal["sum", "count", "min", "max", "last"]
Unit = Literal["hours", "days", "weeks", "lifetime"]

T = TypeVar("T")

UNKNOWN = None
"""A variable without a value: a rule that reads it does not match, and explain names it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Permission:
    """Something that an operator may be allowed to do, such as `betting.void_bet`."""

    name: str
    title: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Manifest:
    """Who the plugin is, as data that can be read without running it."""

    name: str
    version: str
    title: str
    summary: str = ""
    api: int = API
    """The plugin API number it was written for; never an upper bound on our version."""
    needs: tuple[str, ...] = ()
    """Terms of other plugins that it cannot work without, such as `sports.event`."""
    uses: tuple[str, ...] = ()
    """Terms of other plugins that it uses where they exist."""
    settings: type[Schema] | None = None
    """Its settings for each tenant; also draws the settings form."""
    permissions: tuple[Permission, ...] = ()
    titles: Mapping[str, str] = field(default_factory=dict)
    """What people read for its codes: actions of the audit trail, operations of journals, accounts."""
    migrations: str | None = None
    """Package with a `versions` folder, such as `acme_cashback.migrations`."""
    docs: str = ""
    """Where its documentation is."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Term:
    """A word of the vocabulary: `<plugin>.<noun>`."""

    name: str
    title: str
    doc: str
    example: Any = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Event(Term):
    """Something that happened, in the past tense; `example` is a valid payload."""

    schema: type[Schema]
    is_public: bool = False
    """Whether every player may follow it where it is of no player: scores and prices, nothing private."""


@dataclass(frozen=True, slots=True)
class Window:
    """A sum over time buckets: `Window("payments.deposit", "count", 7, "days")`."""

    metric: str
    aggregate: Aggregate
    length: int = 1
    unit: Unit = "lifetime"


@dataclass(frozen=True, slots=True, kw_only=True)
class Variable(Term):
    """A fact about one player. Exactly one of column, window and compute says where it comes from."""

    type: TermType
    unit: str = ""
    choices: tuple[str, ...] = ()
    default: Any = UNKNOWN
    column: Column[Any] | InstrumentedAttribute[Any] | None = None
    """A column of a fact table, keyed by (tenant_id, player_id)."""
    window: Window | None = None
    compute: Callable[[Context], Any] | None = None
    """Computed in Python for one player: not usable in bulk, unless a formula says the same."""
    formula: str = ""
    """What `compute` computes, as an expression of rules: `days_since(last_deposit_at)`."""
    suggests: Callable[[Context], Iterable[str]] | None = None
    """What a text may be in this tenant, such as a tier: editors offer them, and others are doubted."""
    yields: bool = False
    """It gives the bare noun to a variable of another plugin that has the same, where there is one."""

    @property
    def is_stored(self) -> bool:
        """Tell whether it is kept, so that it is read for many players at once."""
        return self.compute is None

    @property
    def in_bulk(self) -> bool:
        """Tell whether rules can use it for many players at once."""
        return self.is_stored or bool(self.formula)


@dataclass(frozen=True, slots=True, kw_only=True)
class Function(Term):
    """A value that depends on arguments: `sports.odds(selection)`; `example` is a tuple of them."""

    arguments: Mapping[str, TermType] = field(default_factory=dict)
    returns: TermType
    call: Callable[..., Any]
    """Called with the context, then the arguments."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Action(Term):
    """Something that a rule or a plugin can have done; `example` is a valid set of parameters."""

    schema: type[Schema]
    run: Callable[..., Any]
    """Called with the context, then the parameters by name."""
    pays: str = ""
    """What its parameter `amount` counts: `money` of the tenant, or a unit such as `PTS`. Empty: nothing."""
    undo: Callable[[Context, Cause], None] | None = None
    """Takes back what it did for a cause, when the event behind it is rolled back; at most once."""


@dataclass(frozen=True, slots=True, kw_only=True)
class RuleKind(Term):
    """A kind of rule of the plugin's own: what operators fill in, and the rule that it means.

    `{"kind": "acme.milestone", "key": "tenth", "after": 10}` is stored as the rule that it means, so that
    all that works for rules works for it; `example` is what the schema loads.
    """

    schema: type[Schema]
    means: Callable[[Mapping[str, Any]], Mapping[str, Any]]
    """Called with what was filled in; returns a rule of a kind that every tenant has, without its key."""


@dataclass(frozen=True, slots=True)
class ReportColumn:
    """A column of a report; amounts of `money` are minor units of the tenant's currency."""

    name: str
    title: str
    type: Literal["text", "day", "number", "money"] = "text"
    is_summed: bool = True
    """Whether the sum of its numbers means anything."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Report(Term):
    """Figures over a span of time, for operators to look at, download and have sent; `example` is a row."""

    columns: tuple[ReportColumn, ...]
    rows: Callable[[Context, datetime, datetime], Iterable[tuple[Any, ...]]]
    """Called with the context, the first instant and the first one that is too late."""
    permission: str
    chart: tuple[str, ...] = ()
    """The columns that are drawn over the first one."""


class Channel(StrEnum):
    """How a message travels."""

    IN_APP = "in_app"
    EMAIL = "email"
    WEBHOOK = "webhook"


@dataclass(frozen=True, slots=True, kw_only=True)
class Message(Term):
    """A text to people, which each tenant may write anew; `example` is what its sender gives."""

    subject: str
    body: str
    """With `{placeholders}`: the names of the example, `name` of the reader and `brand` of the tenant."""
    channels: tuple[Channel, ...] = (Channel.IN_APP,)
    """Those that it is sent over when its sender names none."""


ANY = "*"
"""The name under which a listener hears every event, and a guard is asked about every operation."""


@dataclass(frozen=True, slots=True)
class Cause:
    """Why an action is done: what a rule decided, so that what it did can be explained and taken back."""

    id: UUID
    """The decision: a business identity of what the action does."""
    rule: str
    version: int
    event_id: UUID | None = None


@dataclass(frozen=True, slots=True)
class Listener:
    """Call `handle(ctx, event)` for each event of that name, as a message of its own."""

    event: str
    """The event's name; `*` for every event that the listener `wants`."""
    handle: Callable[[Context, RecordedEvent], None]
    name: str = ""
    """Distinguishes two listeners of one plugin to one event; defaults to the function's name."""
    attempts_max: int = 8
    wants: Callable[[Context, RecordedEvent], bool] | None = None
    """Asked when an event is emitted: False leaves no message. Must not be slow."""


@dataclass(frozen=True, slots=True)
class Guard:
    """Answer None to allow an operation, or the reason why not. A guard that fails refuses."""

    operation: str
    """The operation's name; `*` for every operation, of which `ctx.operation` is the name."""
    check: Callable[[Context, Any], str | None]
    order: int = 100


@dataclass(frozen=True, slots=True, kw_only=True)
class Menu:
    """An entry of the admin's navigation."""

    title: str
    icon: str = "plug"
    order: int = 100


@dataclass(frozen=True, slots=True)
class Found:
    """Something that an operator looked for: where its page is, and what tells it from others of its name."""

    title: str
    url: str
    hint: str = ""


@dataclass(frozen=True, slots=True, order=True)
class Moment:
    """A place in the order of time; of what happened at one instant, the id decides."""

    at: datetime
    id: UUID


@dataclass(frozen=True, slots=True)
class Happening:
    """Something that happened to a player, for the timeline."""

    moment: Moment
    title: str
    text: str = ""
    url: str = ""
    """Where its page is."""
    icon: str = "activity"


@dataclass(frozen=True, slots=True)
class Figure:
    """A key figure: what the books say now, with the page that shows how it came about."""

    title: str
    value: str | Money
    note: str = ""
    url: str = ""


@dataclass(frozen=True, slots=True)
class Concern:
    """Something that waits for a person."""

    title: str
    text: str
    url: str = ""
    link: str = ""
    """What the page of the address is called."""
    is_grave: bool = False
    """Whether players or money come to harm until somebody looks."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Routes:
    """A blueprint under /api/v1/<plugin> or /admin/<plugin>."""

    blueprint: Blueprint
    area: Literal["api", "admin"] = "api"
    menu: Menu | None = None
    permission: str | None = None
    """What an operator needs for all of it; views may ask for more."""
    find: Callable[[Context, str], Iterable[Found]] | None = None
    """Finds what its pages show, by a text or an id, for Ctrl-K in the admin: the first few are shown."""
    timeline: Callable[[Context, UUID, Moment | None, int], Iterable[Happening]] | None = None
    """Tells what happened to a player before a moment, the newest first and at most so much, in one query."""
    player_page: Callable[[UUID], str] | None = None
    """Returns the address of its page about a player: a tab, called as the menu is, on the player's own."""
    dashboard: Callable[[Context], Iterable[Figure | Concern]] | None = None
    """Tells the first page how things stand, and what waits for this operator; asked again each minute."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Task:
    """Work in the background: `run(ctx, payload)`; with `cron`, once a period for each tenant."""

    name: str
    run: Callable[[Context, Mapping[str, Any]], Any]
    title: str = ""
    cron: str | None = None
    """Five fields, in the tenant's time zone."""
    catches_up: bool = False
    """Whether every period that was missed has a run of its own, up to 24 of them, and its payload's
    `period_start` matters. Most work does all that is due whenever it runs: then the latest is enough."""
    attempts_max: int = 8
    time_limit_seconds: int = 600


@dataclass(frozen=True, slots=True, kw_only=True)
class HealthCheck:
    """Return None when all is well, or a sentence that says what is not."""

    name: str
    check: Callable[[Kernel], str | None]


@dataclass(frozen=True, slots=True)
class Owned(Generic[T]):
    """A contribution with the plugin that made it."""

    owner: str
    item: T
