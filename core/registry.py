"""Everything that the plugins contributed, checked and stamped with its owner; and one tenant's view of it.

Pluggy runs here, when the process starts, and never again: at request time all is dictionaries.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from importlib.metadata import EntryPoint, entry_points
from types import MappingProxyType, ModuleType
from typing import Any, TypeVar

import pluggy
import structlog
from sqlalchemy.orm import Mapper

from pitboss.core import hooks
from pitboss.core.checks import (
    NAME,
    check_contribution,
    check_hook_names,
    check_manifest,
    check_tables,
)
from pitboss.core.checks import listener_name as listener_name
from pitboss.core.contracts import (
    ANY,
    API,
    Event,
    Function,
    Guard,
    HealthCheck,
    Listener,
    Manifest,
    Owned,
    Permission,
    Routes,
    Task,
    Term,
    Variable,
)
from pitboss.core.database.metadata import Base
from pitboss.core.errors import PluginError, TermMissing, nearest
from pitboss.core.texts import in_words

log = structlog.get_logger(__name__)

PARTS = "pitboss.parts"
"""Entry points of what is always on: our own folders, through the same hooks."""
_PLATFORM = ("pitboss.core.", "pitboss.rules.", "pitboss.webapp.", "pitboss.workers.")
_SEPARATORS = re.compile(r"[./]")
VIEWS_MAX = 4096
"""Distinct sets of plugins whose view is kept; a view is a few kilobytes."""

_REGISTER: Mapping[str, Any] = {
    "register_terms": Term,
    "register_listeners": (Listener, Guard),
    "register_routes": Routes,
    "register_tasks": Task,
    "register_commands": object,
    "register_health_checks": HealthCheck,
}
T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Candidate:
    """A plugin that may be loaded: its name, how to import it, and who ships it."""

    name: str
    load: Callable[[], Any]
    distribution: str = "?"
    version: str = "?"
    always_on: bool = False


@dataclass(frozen=True, slots=True)
class SetAside:
    """A plugin that is not running, and why."""

    name: str
    distribution: str
    reason: str


@dataclass(frozen=True, slots=True)
class Blocked:
    """Versions of a plugin that are known to be bad."""

    name: str
    below: str
    reason: str


@dataclass(frozen=True)
class View:
    """What the tenants with one set of switched-on plugins can use. Shared between them."""

    enabled: frozenset[str]
    terms: Mapping[str, Owned[Term]]
    short_names: Mapping[str, str]
    listeners: Mapping[str, tuple[Owned[Listener], ...]]
    guards: Mapping[str, tuple[Owned[Guard], ...]]
    tasks: Mapping[str, Owned[Task]]

    def listening(self, event: str) -> tuple[Owned[Listener], ...]:
        """Return who listens to an event, by its name or to all."""
        return (*self.listeners.get(event, ()), *self.listeners.get(ANY, ()))

    def guarding(self, operation: str) -> tuple[Owned[Guard], ...]:
        """Return who is asked about an operation, by its name or about all."""
        return (*self.guards.get(operation, ()), *self.guards.get(ANY, ()))

    def public_events(self) -> list[str]:
        """Return the names of the events that every player may follow."""
        return [n for n, o in self.terms.items() if isinstance(o.item, Event) and o.item.is_public]

    def term(self, name: str, kind: type[T]) -> T:
        """Return a term by its full or its unambiguous short name."""
        owned = self.terms.get(name) or self.terms.get(self.short_names.get(name, ""))
        if owned is None or not isinstance(owned.item, kind):
            known = [n for n, o in self.terms.items() if isinstance(o.item, kind)]
            raise TermMissing(f"no {kind.__name__.lower()} {name!r} for this tenant; {nearest(name, known)}")
        return owned.item


@dataclass
class _Contribution:
    candidate: Candidate
    manifest: Manifest
    items: dict[str, list[Any]] = field(default_factory=dict)


class Registry:
    """Load, check and stamp the plugins of this process."""

    def __init__(
        self,
        candidates: Iterable[Candidate],
        *,
        strict: bool = False,
        blocked: Sequence[Blocked] = (),
    ) -> None:
        self._plugins = pluggy.PluginManager(hooks.PROJECT)
        self._plugins.add_hookspecs(hooks)
        self._strict = strict
        self._blocked = tuple(blocked)
        self._loaded: dict[str, _Contribution] = {}
        self._set_aside: dict[str, SetAside] = {}
        self._titles: dict[str, str] = {}
        for candidate in candidates:
            self._isolated(candidate, self._load)
        self._check_needs()
        self.view = lru_cache(maxsize=VIEWS_MAX)(self._view)

    # -- what is here --------------------------------------------------------------------------

    @property
    def manifests(self) -> Mapping[str, Manifest]:
        """Every running plugin's manifest, in the order in which they were loaded."""
        return {name: part.manifest for name, part in self._loaded.items()}

    @property
    def always_on(self) -> frozenset[str]:
        """Names that no tenant can switch off, because they are the platform itself."""
        return frozenset(n for n, part in self._loaded.items() if part.candidate.always_on)

    def is_always_on(self, name: str) -> bool:
        """Tell whether a name is part of the platform itself."""
        part = self._loaded.get(name)
        return part is not None and part.candidate.always_on

    @property
    def optional(self) -> list[str]:
        """Names that a tenant can switch on and off."""
        return [name for name in self._loaded if name not in self.always_on]

    @property
    def broken(self) -> list[SetAside]:
        """The plugins that were set aside, with the reasons."""
        return list(self._set_aside.values())

    def distribution(self, name: str) -> str:
        """Return what to `pip uninstall` to be rid of a plugin."""
        return self._loaded[name].candidate.distribution

    def all(self, hook: str) -> list[Owned[Any]]:
        """Return everything contributed through a hook, with its owners."""
        return [Owned(name, item) for name, part in self._loaded.items() for item in part.items[hook]]

    def permissions(self) -> list[Permission]:
        """Return every permission that a role may grant."""
        return [p for manifest in self.manifests.values() for p in manifest.permissions]

    def title_of(self, code: str) -> str:
        """Return what people read for a code: its title, that of a term, or its last part in words."""
        return self._titles.get(code) or in_words(_SEPARATORS.split(code)[-1])

    def providers(self, term: str) -> list[str]:
        """Return the installed plugins that provide a term."""
        return [o.owner for o in self.all("register_terms") if o.item.name == term]

    def package_of(self, name: str) -> str:
        """Return the package that a plugin stands in, where its data files are."""
        plugin = self._plugins.get_plugin(name)
        module = plugin.__name__ if isinstance(plugin, ModuleType) else type(plugin).__module__
        return module.rpartition(".")[0]

    def missing(self, enabled: Iterable[str]) -> dict[str, list[str]]:
        """Return, for a set of plugins, the needed terms that none of them provides."""
        names = set(enabled) | self.always_on
        parts = {name: part for name, part in self._loaded.items() if name in names}
        provided = {term.name for part in parts.values() for term in part.items["register_terms"]}
        found = {}
        for name, part in sorted(parts.items()):
            lacking = [t for t in part.manifest.needs if t not in provided]
            if lacking:
                found[name] = lacking
        return found

    def in_order(self, names: Iterable[str]) -> list[str]:
        """Order plugins so that each comes after those whose terms it needs."""
        ordered: list[str] = []
        left = [name for name in self._loaded if name in set(names) | self.always_on]
        while left:
            ready = [n for n in left if n not in self.missing({*ordered, n})] or left[:1]
            ordered.append(ready[0])
            left.remove(ready[0])
        return ordered

    # -- asking plugins ------------------------------------------------------------------------

    def tell(self, owner: str, hook: str, **arguments: Any) -> None:
        """Call one plugin's implementation of a hook, if it has one."""
        for implementation in getattr(self._plugins.hook, hook).get_hookimpls():
            if implementation.plugin_name == owner:
                accepted = {n: arguments[n] for n in implementation.argnames}
                implementation.function(**accepted)

    def identifiers(self) -> list[Owned[Callable[..., Any]]]:
        """Return who recognises callers, so that the gate can ask each and know who answered."""
        found = self._plugins.hook.identify.get_hookimpls()
        return [Owned(i.plugin_name, i.function) for i in reversed(found)]

    def add(self, candidate: Candidate) -> None:
        """Load one more plugin, in a test that brings its own."""
        self._isolated(candidate, self._load)
        self.view.cache_clear()

    def set_aside(self, name: str, reason: str) -> None:
        """Stop a plugin that proved broken after it was loaded."""
        contribution = self._loaded.pop(name)
        self._remember_broken(contribution.candidate, PluginError(reason))
        self.view.cache_clear()

    # -- loading -------------------------------------------------------------------------------

    def _isolated(self, candidate: Candidate, step: Callable[[Candidate], None]) -> None:
        tables, mappers = set(Base.metadata.tables), set(Base.registry.mappers)
        try:
            step(candidate)
        except (Exception, SystemExit) as error:  # noqa: BLE001 - the isolation boundary of plugin loading
            _forget_tables(tables, mappers)
            self._remember_broken(candidate, error)

    def _remember_broken(self, candidate: Candidate, error: Exception | SystemExit) -> None:
        if self._strict or candidate.always_on:
            raise error
        # Another distribution may hold the name, and run well.
        if candidate.name not in self._loaded and self._plugins.has_plugin(candidate.name):
            self._plugins.unregister(name=candidate.name)
        reason = str(error) if isinstance(error, PluginError) else f"{type(error).__name__}: {error}"
        log.error("plugin is set aside", plugin=candidate.name, reason=reason, exc_info=error)
        self._set_aside[candidate.name] = SetAside(candidate.name, candidate.distribution, reason)

    def _load(self, candidate: Candidate) -> None:
        name = candidate.name
        self._check_candidate(candidate)
        tables = set(Base.metadata.tables)
        plugin = candidate.load()
        # One mapper that does not configure stops all of them: find it while its plugin is at hand.
        Base.registry.configure()
        # The core's tables have no prefix; a test holds them to the other laws.
        if not candidate.always_on:
            check_tables(name, set(Base.metadata.tables) - tables - _tables_of_ours())
        self._plugins.register(plugin, name)
        check_hook_names(name, plugin)
        manifests = self._answers(name, "plugin_manifest")
        if len(manifests) != 1 or not isinstance(manifests[0], Manifest):
            raise PluginError(f"plugin {name!r} needs exactly one plugin_manifest() -> Manifest")
        manifest = manifests[0]
        check_manifest(name, manifest)
        if manifest.api < API:
            log.warning("plugin speaks an older API", plugin=name, api=manifest.api, ours=API)
        contribution = _Contribution(candidate, manifest)
        for hook, kind in _REGISTER.items():
            answers = self._answers(name, hook)
            if None in answers:
                raise PluginError(f"plugin {name!r}: {hook}() returned None: return a list")
            items = [item for answer in answers for item in answer]
            for item in items:
                if not isinstance(item, kind):
                    raise PluginError(f"plugin {name!r}: {hook}() returned {item!r}")
            contribution.items[hook] = items
        check_contribution(
            manifest,
            terms=contribution.items["register_terms"],
            listeners=contribution.items["register_listeners"],
            tasks=contribution.items["register_tasks"],
            taken={o.item.name for o in self.all("register_terms")},
        )
        self._loaded[name] = contribution
        self._titles |= {term.name: term.title for term in contribution.items["register_terms"]}
        self._titles |= manifest.titles

    def _answers(self, owner: str, hook: str) -> list[Any]:
        implementations = getattr(self._plugins.hook, hook).get_hookimpls()
        return [i.function() for i in implementations if i.plugin_name == owner]

    def _check_candidate(self, candidate: Candidate) -> None:
        name = candidate.name
        if not NAME.fullmatch(name):
            raise PluginError(f"plugin name {name!r}: use 2 to 40 of a-z, 0-9 and _")
        if name in self._loaded or name in self._set_aside:
            raise PluginError(f"two distributions provide a plugin {name!r}: uninstall one")
        for entry in self._blocked:
            if entry.name == name and _is_below(candidate.version, entry.below):
                raise PluginError(
                    f"plugin {name!r} {candidate.version} is blocked: {entry.reason}; "
                    f"upgrade {candidate.distribution} to {entry.below} or newer"
                )

    def _check_needs(self) -> None:
        """Set aside what cannot work with what is installed, until all that is left can."""
        while True:
            lacking = self.missing(self._loaded)
            if not lacking:
                return
            name, terms = next(iter(lacking.items()))
            reason = (
                f"plugin {name!r} needs the term {terms[0]!r}: install a plugin that provides it "
                f"(installed: {', '.join(self._loaded) or 'none'})"
            )
            contribution = self._loaded.pop(name)
            self._remember_broken(contribution.candidate, PluginError(reason))

    # -- views ---------------------------------------------------------------------------------

    def _view(self, enabled: frozenset[str]) -> View:
        names = (enabled | self.always_on) & set(self._loaded)
        terms = {o.item.name: o for o in self.all("register_terms") if o.owner in names}
        listeners: dict[str, list[Owned[Listener]]] = defaultdict(list)
        guards: dict[str, list[Owned[Guard]]] = defaultdict(list)
        for owned in self.all("register_listeners"):
            if owned.owner in names and isinstance(owned.item, Listener):
                listeners[owned.item.event].append(owned)
            elif owned.owner in names:
                guards[owned.item.operation].append(owned)
        return View(
            enabled=frozenset(names),
            terms=MappingProxyType(terms),
            short_names=MappingProxyType(_short_names(terms)),
            listeners=MappingProxyType({k: tuple(v) for k, v in listeners.items()}),
            guards=MappingProxyType(
                {k: tuple(sorted(v, key=lambda o: o.item.order)) for k, v in guards.items()}
            ),
            tasks=MappingProxyType({o.item.name: o for o in self.all("register_tasks") if o.owner in names}),
        )


def installed(*, safe_mode: bool = False) -> list[Candidate]:
    """Return the parts of the platform, then the plugins that are installed beside it."""
    parts = [_candidate(e, always_on=True) for e in entry_points(group=PARTS)]
    # The core is the first part: the others may lean on its terms.
    parts.sort(key=lambda candidate: (candidate.name != "core", candidate.name))
    if safe_mode:
        return parts
    plugins = sorted(entry_points(group=hooks.ENTRY_POINTS), key=lambda e: e.name)
    return parts + [_candidate(e) for e in plugins]


def _candidate(entry: EntryPoint, *, always_on: bool = False) -> Candidate:
    dist = entry.dist
    return Candidate(
        entry.name, entry.load, dist.name if dist else "?", dist.version if dist else "?", always_on
    )


def _tables_of_ours() -> set[str]:
    """Return the platform's own tables, which a plugin may be the first to import."""
    return {m.local_table.name for m in Base.registry.mappers if _is_ours(m)}  # type: ignore[attr-defined]


def _is_ours(mapper: Mapper[Any]) -> bool:
    return mapper.class_.__module__.startswith(_PLATFORM)


def _forget_tables(tables: set[str], mappers: set[Mapper[Any]]) -> None:
    """Take back what a broken plugin declared, so that it touches no other plugin's work."""
    for mapper in set(Base.registry.mappers) - mappers:
        if not _is_ours(mapper):
            # As registry.dispose does with all of them, its only public way.
            Base.registry._managers.pop(mapper.class_manager, None)
            Base.registry._dispose_manager_and_mapper(mapper.class_manager)
    for name in set(Base.metadata.tables) - tables - _tables_of_ours():
        Base.metadata.remove(Base.metadata.tables[name])


def _short_names(terms: Mapping[str, Owned[Term]]) -> dict[str, str]:
    """Map each noun to the value term that it means: the only one, or the only one that does not yield."""
    meant: dict[str, list[str]] = defaultdict(list)
    yielding: dict[str, list[str]] = defaultdict(list)
    for name, owned in terms.items():
        if isinstance(owned.item, (Variable, Function)):
            found = yielding if getattr(owned.item, "yields", False) else meant
            found[name.split(".", 1)[1]].append(name)
    named = {**yielding, **meant}
    return {noun: names[0] for noun, names in named.items() if len(names) == 1}


def _is_below(version: str, limit: str) -> bool:
    def parts(text: str) -> tuple[int, ...]:
        return tuple(int(n) for n in re.findall(r"\d+", text)[:4])

    return version == "?" or parts(version) < parts(limit)
