"""What a plugin may not contribute: each check raises PluginError with the rule that was broken.

The registry makes them when the plugin is loaded, and `PluginContract` one by one.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Collection, Iterable, Sequence

from marshmallow import ValidationError

from pitboss.core import hooks
from pitboss.core.contracts import (
    API,
    API_OLDEST,
    Action,
    Channel,
    Event,
    Function,
    Guard,
    Listener,
    Manifest,
    Message,
    Report,
    Task,
    Term,
    Variable,
)
from pitboss.core.database.laws import broken_laws
from pitboss.core.database.metadata import Base
from pitboss.core.errors import InvalidInput, PluginError, nearest
from pitboss.core.placeholders import Text, check, placeholders_of

NAME = re.compile(r"[a-z][a-z0-9_]{1,39}")


def check_contribution(
    manifest: Manifest,
    *,
    terms: Sequence[Term],
    listeners: Sequence[Listener | Guard],
    tasks: Sequence[Task],
    taken: Collection[str] = (),
) -> None:
    """Check all that a plugin contributes, but for its tables and routes."""
    check_names(manifest, terms=terms, listeners=listeners, tasks=tasks, taken=taken)
    for term in terms:
        check_words(manifest.name, term)
        check_example(manifest.name, term)


def check_hook_names(name: str, plugin: object) -> None:
    """Every marked function must be a hook that we know."""
    known = {n for n in dir(hooks) if hasattr(getattr(hooks, n), f"{hooks.PROJECT}_spec")}
    for attribute in dir(plugin):
        marked = getattr(getattr(plugin, attribute, None), f"{hooks.PROJECT}_impl", None)
        if marked and attribute not in known and not marked.get("specname"):
            raise PluginError(
                f"plugin {name!r} implements the unknown hook {attribute!r}: "
                f"{nearest(attribute, sorted(known))}"
            )


def check_manifest(name: str, manifest: Manifest) -> None:
    """The manifest must agree with the entry point, and speak an API that we speak."""
    if manifest.name != name:
        raise PluginError(
            f"plugin {name!r}: its manifest says {manifest.name!r}; entry point and manifest must agree"
        )
    if manifest.api > API:
        raise PluginError(
            f"plugin {name!r} is written for plugin API {manifest.api}; this platform speaks {API}: "
            "upgrade the platform"
        )
    if manifest.api < API_OLDEST:
        raise PluginError(
            f"plugin {name!r} is written for plugin API {manifest.api}; this platform speaks "
            f"{API_OLDEST} to {API}: upgrade the plugin"
        )


def check_tables(name: str, new: Iterable[str]) -> None:
    """Tables must carry the plugin's name, obey the laws of tables, and lean on no one else's."""
    for label in sorted(new):
        if not label.startswith(f"{name}_"):
            raise PluginError(f"plugin {name!r}: its table {label!r} must start with '{name}_'")
    own = [t for n, t in Base.metadata.tables.items() if n.startswith(f"{name}_")]
    for table in own:
        for law in broken_laws(table):
            raise PluginError(f"plugin {name!r}: {law}")
        for key in table.foreign_keys:
            target = key.target_fullname.split(".")[0]
            if not target.startswith(f"{name}_"):
                raise PluginError(
                    f"plugin {name!r}: {table.name} has a foreign key to {target!r}; keep the id "
                    "without a foreign key, so that either plugin can be uninstalled"
                )


def check_names(
    manifest: Manifest,
    *,
    terms: Sequence[Term],
    listeners: Sequence[Listener | Guard],
    tasks: Sequence[Task],
    taken: Collection[str] = (),
) -> None:
    """Every name must carry the plugin's prefix and be given once."""
    name = manifest.name
    for term in terms:
        if not term.name.startswith(f"{name}.") or not NAME.fullmatch(term.name[len(name) + 1 :]):
            raise PluginError(f"plugin {name!r}: the term {term.name!r} must be named '{name}.<noun>'")
        if term.name in taken:
            raise PluginError(f"plugin {name!r}: the term {term.name!r} is already taken")
        window = term.window if isinstance(term, Variable) else None
        if window is not None and not window.metric.startswith(f"{name}."):
            raise PluginError(f"plugin {name!r}: the metric {window.metric!r} is not its own")
    labels = [task.name for task in tasks] + [permission.name for permission in manifest.permissions]
    for label in labels:
        if not label.startswith(f"{name}."):
            raise PluginError(f"plugin {name!r}: {label!r} must start with '{name}.'")
    for label in _twice([*(term.name for term in terms), *labels]):
        raise PluginError(f"plugin {name!r}: {label!r} is declared twice")
    heard = [f"{i.event}>{listener_name(i)}" for i in listeners if isinstance(i, Listener)]
    for label in _twice(heard):
        event, _, function = label.partition(">")
        raise PluginError(f"plugin {name!r}: two listeners {function!r} of {event!r}: give each a name")


def check_words(name: str, term: Term) -> None:
    """A term must say what it is, and where its value comes from."""
    if not term.title or not term.doc:
        raise PluginError(f"plugin {name!r}: the term {term.name!r} needs a title and a doc sentence")
    if isinstance(term, Variable):
        _check_variable(name, term)
    if isinstance(term, Report):
        _check_report(name, term)
    if isinstance(term, Message):
        _check_message(name, term)
    if isinstance(term, Function) and not callable(term.call):
        raise PluginError(f"plugin {name!r}: the function {term.name!r} has nothing to call")


def check_example(name: str, term: Term) -> None:
    """The example of an event or an action must fit its own schema."""
    if not isinstance(term, (Event, Action)):
        return
    try:
        term.schema().load(term.example or {})
    except ValidationError as error:
        raise PluginError(
            f"plugin {name!r}: the example of {term.name!r} does not fit its own schema: {error.messages}"
        ) from error


def listener_name(listener: Listener) -> str:
    """Return the name that tells a plugin's listeners to one event apart."""
    return listener.name or getattr(listener.handle, "__name__", "listener")


def _check_variable(name: str, term: Variable) -> None:
    sources = [term.column is not None, term.window is not None, term.compute is not None]
    if sum(sources) != 1:
        raise PluginError(
            f"plugin {name!r}: the variable {term.name!r} needs exactly one of column, window, compute"
        )
    if term.type == "choice" and not term.choices:
        raise PluginError(f"plugin {name!r}: the choice {term.name!r} lists no choices")


def _check_report(name: str, report: Report) -> None:
    columns = {column.name: column.type for column in report.columns}
    wrong = [one for one in report.chart if columns.get(one) not in ("number", "money")]
    if wrong:
        raise PluginError(
            f"plugin {name!r}: the report {report.name!r} draws {wrong[0]!r}: "
            "name a column of its own that is a number or money"
        )
    if report.example is not None and len(report.example) != len(report.columns):
        raise PluginError(f"plugin {name!r}: the example of {report.name!r} must be a row of its columns")


def _check_message(name: str, message: Message) -> None:
    try:
        check(Text(message.subject, message.body), placeholders_of(message))
    except InvalidInput as error:
        raise PluginError(f"plugin {name!r}: the message {message.name!r}: {error}") from error
    known = [str(channel) for channel in Channel]
    for channel in message.channels:
        if channel not in known:
            wrong = f"the message {message.name!r} has no channel {channel!r}; {nearest(channel, known)}"
            raise PluginError(f"plugin {name!r}: {wrong}")


def _twice(labels: Iterable[str]) -> list[str]:
    return [label for label, count in Counter(labels).items() if count > 1]
