"""Packs that come with the platform and with the plugins of a tenant: rules to begin with."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from importlib.resources import files
from typing import TYPE_CHECKING, Any

from pitboss.core.errors import NotFound, nearest
from pitboss.core.texts import gettext as _
from pitboss.core.texts import translated
from pitboss.rules.book import packs
from pitboss.rules.book.checks import Checks
from pitboss.rules.book.problems import Problem
from pitboss.rules.engine.rule import FILE_BYTES_MAX, read_json

if TYPE_CHECKING:
    from pitboss.core.context import Context

FOLDER = "packs"


@dataclass(frozen=True, slots=True)
class Starter:
    """A pack that somebody ships."""

    name: str
    """Whose it is and what it is called, such as `rules.rewards`."""
    owner: str
    title: str
    description: str
    version: int
    rules: tuple[Mapping[str, Any], ...]

    def rule(self, key: str) -> Mapping[str, Any]:
        """Return one of its rules, or raise NotFound."""
        found = {str(rule["key"]): rule for rule in self.rules}
        if key not in found:
            raise NotFound(
                _(
                    "the pack %(name)s has no rule %(key)s; %(cure)s",
                    name=repr(self.name),
                    key=repr(key),
                    cure=nearest(key, list(found)),
                )
            )
        return found[key]


def starters(ctx: Context) -> list[Starter]:
    """Return the packs of all that is on for the tenant, those of the rulebook itself first."""
    registry = ctx.kernel.registry
    owners = sorted(registry.in_order(ctx.view.enabled), key=lambda name: name not in registry.always_on)
    return [pack for owner in owners for pack in _shipped(owner, registry.package_of(owner))]


def find_starter(ctx: Context, name: str) -> Starter:
    """Return a pack by its name, or raise NotFound."""
    found = {pack.name: pack for pack in starters(ctx)}
    if name not in found:
        raise NotFound(_("no pack %(name)s; %(cure)s", name=repr(name), cure=nearest(name, list(found))))
    return found[name]


def misfits(ctx: Context, rules: Sequence[Mapping[str, Any]]) -> dict[str, list[str]]:
    """Return why rules of a pack cannot be written for this tenant, by key; those that fit are left out."""
    checks = Checks(ctx, packs.formulas_in(rules), {})
    found = {str(rule["key"]): checks.of(rule) for rule in rules}
    problems = {key: (*one.problems, *one.unavailable) for key, one in found.items()}
    return {key: list(dict.fromkeys(map(_cause, said))) for key, said in problems.items() if said}


def _cause(problem: Problem) -> str:
    """Say what does not fit, without all the words that there are instead."""
    before_names, *__ = translated("there are %(names)s").split("%(names)s")
    return problem.cause.partition(f": {before_names}")[0]


@lru_cache(maxsize=64)
def _shipped(owner: str, package: str) -> tuple[Starter, ...]:
    return tuple(_read(owner, package))


def _read(owner: str, package: str) -> Iterator[Starter]:
    try:
        folder = files(package).joinpath(FOLDER)
    except (ModuleNotFoundError, ValueError):
        return  # a plugin that is no package of its own ships no files
    if not folder.is_dir():
        return
    for file in sorted(folder.iterdir(), key=lambda one: one.name):
        if not file.name.endswith(".json"):
            continue
        data = read_json(file.read_bytes(), bytes_max=FILE_BYTES_MAX)
        stem = file.name.removesuffix(".json")
        if isinstance(data, dict) and "rules" in data:
            said, rules = data, data["rules"]
        elif isinstance(data, list):
            said, rules = {}, data
        else:
            continue  # the catalogue that packs speak
        yield Starter(
            name=f"{owner}.{stem}",
            owner=owner,
            title=said.get("title") or stem.capitalize(),
            description=said.get("description", ""),
            version=said.get("version", 1),
            rules=tuple(rules),
        )
