"""The plugin that a contract is held to, as it is installed."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from functools import cached_property
from importlib import import_module
from importlib.metadata import EntryPoint, entry_points
from pathlib import Path
from typing import Any

import pluggy
from sqlalchemy import Table

from pitboss.core import hooks
from pitboss.core.contracts import Guard, Listener, Manifest, Task, Term
from pitboss.core.database import Base
from pitboss.core.errors import PluginError, nearest
from pitboss.core.registry import Candidate, Registry, installed


@dataclass(frozen=True)
class Subject:
    """One installed plugin; nothing of it is imported before it is asked for."""

    entry: EntryPoint

    @property
    def name(self) -> str:
        return self.entry.name

    @property
    def module_name(self) -> str:
        """The module that its entry point names."""
        return self.entry.module

    @property
    def package(self) -> str:
        """The package that holds all of it."""
        return self.module_name.rpartition(".")[0] or self.module_name

    @cached_property
    def module(self) -> Any:
        return self.entry.load()

    @property
    def is_importable(self) -> bool:
        """Tell whether its module was imported; the test of the manifest says why it was not."""
        return self.module_name in sys.modules

    @cached_property
    def _plugins(self) -> pluggy.PluginManager:
        manager = pluggy.PluginManager(hooks.PROJECT)
        manager.add_hookspecs(hooks)
        manager.register(self.module, self.name)
        return manager

    def answers(self, hook: str) -> list[Any]:
        """Return what the plugin answers to a hook that is asked once."""
        return [i.function() for i in getattr(self._plugins.hook, hook).get_hookimpls()]

    def items(self, hook: str) -> list[Any]:
        """Return what the plugin contributes through a hook that returns lists."""
        return [item for answer in self.answers(hook) for item in answer]

    @property
    def manifest(self) -> Manifest:
        """Its manifest; the law of manifests has its own test."""
        found: Manifest = self.answers("plugin_manifest")[0]
        return found

    @property
    def terms(self) -> list[Term]:
        return self.items("register_terms")

    @property
    def listeners(self) -> list[Listener | Guard]:
        return self.items("register_listeners")

    @property
    def tasks(self) -> list[Task]:
        return self.items("register_tasks")

    def tables(self) -> list[Table]:
        """Return the tables that it declares, whatever they are called."""
        assert self.module
        found = {
            mapper.local_table
            for mapper in Base.registry.mappers
            if f"{mapper.class_.__module__}.".startswith(f"{self.package}.")
        }
        found |= {t for n, t in Base.metadata.tables.items() if n.startswith(f"{self.name}_")}
        return sorted((t for t in found if isinstance(t, Table)), key=lambda table: table.name)

    def folder(self) -> Path:
        """Return the folder of its package."""
        return Path(str(import_module(self.package).__file__)).parent

    def readme(self) -> Path | None:
        """Return its README, in its package or beside it."""
        places = (self.folder() / "README.md", self.folder().parent / "README.md")
        return next((place for place in places if place.exists()), None)

    def packs(self) -> Iterator[Path]:
        """Return its starter packs of rules."""
        yield from sorted((self.folder() / "packs").glob("*.json"))


def find_subject(name: str) -> Subject:
    """Find an installed plugin by its name."""
    plugins = {entry.name: entry for entry in entry_points(group=hooks.ENTRY_POINTS)}
    if name not in plugins:
        raise PluginError(
            f"no plugin {name!r} is installed in {sys.prefix}; {nearest(name, list(plugins))}. "
            "Install yours with: python -m pip install -e <its folder>"
        )
    return Subject(plugins[name])


def candidates_for(name: str) -> list[Candidate]:
    """Return the platform, a plugin, and the plugins that provide what it needs."""
    subject, everything = find_subject(name), installed()
    # Imported first, so that every registry of this process finds what it declares, right or wrong.
    with suppress(Exception):
        _ = subject.module
    wanted = {name}
    if subject.is_importable and any(manifest.needs for manifest in subject.answers("plugin_manifest")):
        wanted |= _providers(name, Registry(everything))
    return [c for c in everything if c.always_on or c.name in wanted]


def _providers(name: str, registry: Registry) -> set[str]:
    """Return the plugins that a plugin needs, and those that these need."""
    wanted, left = set[str](), [name]
    while left:
        wanted.add(plugin := left.pop())
        manifest = registry.manifests.get(plugin)
        for term in manifest.needs if manifest else ():
            left += [p for p in registry.providers(term)[:1] if p not in wanted]
    return wanted
