"""The laws that a plugin's own words can be held to, without running it: each returns what breaks it."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from collections.abc import Callable
from typing import Any

from marshmallow import Schema, ValidationError

from pitboss.core.checks import (
    check_example,
    check_hook_names,
    check_manifest,
    check_names,
    check_tables,
    check_words,
)
from pitboss.core.contracts import Action, Event, Function, Manifest, RuleKind
from pitboss.core.errors import PluginError
from pitboss.core.testing.subject import Subject

IMPORT_SHARE_MAX = 0.2
"""CPU that importing a plugin may take, of what the import of the platform itself takes."""
IMPORT_ATTEMPTS_MAX = 5
IMPORT_SECONDS_MAX = 60
HEAVY = ("lightgbm", "stripe", "numpy", "pandas", "polars", "scipy", "sklearn", "torch", "boto3")
"""Libraries that are imported inside the functions that use them, so that no start pays for them."""

_MEASURE = """
import json, sys, time
began = time.process_time()
import pitboss.core.kernel, pitboss.core.http, pitboss.core.cli
before, there = set(sys.modules), time.process_time()
import {module}
share = (time.process_time() - there) / (there - began)
print(json.dumps({{"share": share, "modules": sorted(set(sys.modules) - before)}}))
"""


def manifest_problems(subject: Subject) -> list[str]:
    """One manifest, that agrees with the entry point; only hooks that exist; a version and a title."""
    found = _problems(lambda: check_hook_names(subject.name, subject.module))
    manifests = subject.answers("plugin_manifest")
    if len(manifests) != 1 or not isinstance(manifests[0], Manifest):
        return [*found, "exactly one plugin_manifest() must return a Manifest"]
    manifest = manifests[0]
    found += _problems(lambda: check_manifest(subject.name, manifest))
    if not re.match(r"\d+(\.\d+)*", manifest.version):
        found.append(f"the version {manifest.version!r} does not begin with a number such as 1.2.0")
    if not manifest.title:
        found.append("the manifest has no title")
    return found


def name_problems(subject: Subject) -> list[str]:
    """Terms, tasks, permissions and metrics carry the plugin's prefix, each once."""
    return _problems(
        lambda: check_names(
            subject.manifest, terms=subject.terms, listeners=subject.listeners, tasks=subject.tasks
        )
    )


def word_problems(subject: Subject) -> list[str]:
    """Each term says in words what it is, and shows an example."""
    found = []
    for term in subject.terms:
        found += _problems(lambda term=term: check_words(subject.name, term))  # type: ignore[misc]  # bound early
        if term.example is None:
            found.append(f"the term {term.name!r} has no example")
        if isinstance(term, Function) and len(term.arguments) != len(tuple(term.example or ())):
            found.append(f"the example of {term.name!r} must be a tuple of its arguments")
    return found


def schema_problems(subject: Subject) -> list[str]:
    """What a schema loads from an example, it dumps as JSON that loads as the same again."""
    found = []
    for term in subject.terms:
        if isinstance(term, (Event, Action, RuleKind)) and term.example is not None:
            found += _problems(lambda term=term: check_example(subject.name, term))  # type: ignore[misc]  # bound early
            found += _round_trip(term.name, term.schema, term.example)
    settings = subject.manifest.settings
    if settings is not None:
        found += _round_trip("the settings", settings, {}, partial=True)
    return found


def table_problems(subject: Subject) -> list[str]:
    """Tables carry the plugin's prefix and the tenant, and are nobody else's business."""
    tables = subject.tables()
    found = _problems(lambda: check_tables(subject.name, [t.name for t in tables]))
    for table in tables:
        for mark in ("shared", "system"):
            if table.info.get(mark):
                found.append(f"table {table.name!r} is marked {mark.upper()}: only the kernel's own may be")
    return found


def import_problems(subject: Subject) -> list[str]:
    """Importing the plugin is quick, and imports no heavy library."""
    cheapest: dict[str, Any] = {}
    for _ in range(IMPORT_ATTEMPTS_MAX):
        measured = _measure_import(subject.module_name)
        if not cheapest or measured["share"] < cheapest["share"]:
            cheapest = measured
        if cheapest["share"] < IMPORT_SHARE_MAX:
            break
    found = [
        f"importing it imports {name!r}: import that inside the functions that use it"
        for name in HEAVY
        if name in cheapest["modules"]
    ]
    if cheapest["share"] >= IMPORT_SHARE_MAX:
        spent = f"{cheapest['share']:.0%} of the CPU that the platform's own import takes"
        found.append(f"importing it takes {spent}, at most {IMPORT_SHARE_MAX:.0%} are good")
    return found


def readme_problems(subject: Subject) -> list[str]:
    """The README names each setting."""
    readme = subject.readme()
    if readme is None:
        return [f"there is no README.md in or beside {subject.folder().name}/"]
    text = readme.read_text("utf-8")
    schema = subject.manifest.settings
    settings = list(schema().fields) if schema is not None else []
    return [f"README.md does not name the setting {name!r}" for name in settings if name not in text]


def pack_problems(subject: Subject) -> list[str]:
    """Each pack is rules, or an object with `rules`, in words of the plugin or of those that it needs."""
    manifest = subject.manifest
    known = {term.name for term in subject.terms} | {*manifest.needs, *manifest.uses}
    found = []
    for path in subject.packs():
        try:
            rules = json.loads(path.read_text("utf-8"))
        except ValueError as error:
            found.append(f"{path.name}: not JSON: {error}")
            continue
        rules = rules.get("rules") if isinstance(rules, dict) else rules
        if not isinstance(rules, list) or not all(isinstance(rule, dict) for rule in rules):
            found.append(f"{path.name}: a pack is a list of rules, or an object with 'rules'")
            continue
        found += [f"{path.name}: {problem}" for rule in rules for problem in _rule_problems(rule, known)]
    return found


STATIC: tuple[Callable[[Subject], list[str]], ...] = (
    manifest_problems,
    name_problems,
    word_problems,
    schema_problems,
    table_problems,
)
"""The laws that the registry holds a plugin to when it loads it."""


def _problems(check: Callable[[], None]) -> list[str]:
    try:
        check()
    except PluginError as error:
        return [str(error)]
    return []


def _round_trip(what: str, kind: type[Schema], example: Any, **options: Any) -> list[str]:
    schema = kind()
    try:
        loaded = schema.load(example, **options)
        again = schema.load(json.loads(json.dumps(schema.dump(loaded))), **options)
    except (ValidationError, TypeError) as error:
        return [f"{what}: its example does not survive a round trip: {error}"]
    return [] if again == loaded else [f"{what}: {loaded!r} comes back from JSON as {again!r}"]


def _measure_import(module: str) -> dict[str, Any]:
    code = _MEASURE.format(module=module)
    done = subprocess.run(  # noqa: S603 - our own interpreter and code
        [sys.executable, "-c", code],
        capture_output=True,
        text=True,
        timeout=IMPORT_SECONDS_MAX,
        check=False,
    )
    if done.returncode:
        raise PluginError(f"{module!r} cannot be imported: {done.stderr.strip().splitlines()[-1]}")
    measured: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
    return measured


def _rule_problems(rule: dict[str, Any], known: set[str]) -> list[str]:
    label = repr(rule.get("key", "?"))
    found = [f"rule {label} has no {key!r}" for key in ("kind", "key", "name") if key not in rule]
    named = [*rule.get("on", ()), *(step.get("action") for step in rule.get("then", ()))]
    return found + [
        f"rule {label} uses {name!r}: the plugin neither provides, needs nor uses it"
        for name in named
        if name not in known
    ]
