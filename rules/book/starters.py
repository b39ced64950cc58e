"""Packs that come with the platform and with the plugins of a tenant: rules to begin with."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from importlib.resources import files
from typing import TYPE_CHECKING, Any

from pitboss.core import contracts
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
EVENTS_TRIED_MAX = 8
_WORD = re.compile(r"[a-z_0-9]+")


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


@dataclass(frozen=True, slots=True)
class Fitted:
    """The rules of a pack as they can be written for a tenant, and why the others cannot, each by key."""

    rules: dict[str, Mapping[str, Any]]
    misfits: dict[str, list[str]]


def fitted(ctx: Context, rules: Sequence[Mapping[str, Any]]) -> Fitted:
    """Fit rules of a pack: one that names no event takes the one whose fields it speaks of."""
    checks, found = Checks(ctx, packs.formulas_in(rules), {}), Fitted({}, {})
    for rule in rules:
        key, causes = str(rule["key"]), _causes(checks, rule)
        events = _events_of(ctx, rule) if causes and not rule.get("on") else ()
        fitting = ({**rule, "on": [event]} for event in events)
        one = next((other for other in fitting if not _causes(checks, other)), None)
        if causes and one is None:
            found.misfits[key] = causes
        else:
            found.rules[key] = one or rule
    return found


def _causes(checks: Checks, rule: Mapping[str, Any]) -> list[str]:
    checked = checks.of(rule)
    return list(dict.fromkeys(map(_cause, (*checked.problems, *checked.unavailable))))


def _events_of(ctx: Context, rule: Mapping[str, Any]) -> list[str]:
    """Return the few events that have most of the fields that a rule mentions."""
    if rule["kind"] not in ("reward", "alert"):
        return []
    words = {word.removesuffix("_min").removesuffix("_max") for word in _WORD.findall(json.dumps(rule))}
    events = {name: o.item for name, o in ctx.view.terms.items() if isinstance(o.item, contracts.Event)}
    shared = {name: len(words & event.schema().fields.keys()) for name, event in events.items()}
    likely = sorted((name for name, count in shared.items() if count), key=lambda name: -shared[name])
    return likely[:EVENTS_TRIED_MAX]


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
