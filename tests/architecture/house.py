"""The sources of the house, and its laws as functions that yield one sentence for each breach."""

from __future__ import annotations

import ast
import re
import subprocess
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import cache, cached_property
from importlib import import_module
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
FOLDERS = ("core", "rules", "plugins", "webapp", "workers", "config")
MAY_IMPORT = {
    "core": set[str](),
    "rules": {"core"},
    "plugins": {"core", "rules"},
    "webapp": {"core", "rules"},
    "workers": {"core", "rules"},
    "config": set[str](),
}
TEXTS = {".py", ".md", ".cfg", ".toml", ".html", ".css", ".js", ".mjs", ".json", ".sh", ".sql", ".txt", ""}


@dataclass(frozen=True)
class Source:
    """One file: where it stands, and what it says."""

    path: Path
    text: str

    @cached_property
    def tree(self) -> ast.Module:
        return ast.parse(self.text)

    @cached_property
    def nodes(self) -> list[ast.AST]:
        return list(ast.walk(self.tree))

    @property
    def folder(self) -> str:
        return self.path.parts[0]

    @property
    def plugin(self) -> str | None:
        return self.path.parts[1] if self.folder == "plugins" and len(self.path.parts) > 2 else None

    def at(self, node: ast.AST | int, breach: str) -> str:
        line = node if isinstance(node, int) else getattr(node, "lineno", 0)
        return f"{self.path}:{line}: {breach}"


Law = Callable[[Source], Iterator[str]]


@cache
def sources(*folders: str) -> list[Source]:
    """Return our Python files, without those that tools generated or that templates become."""
    found = []
    for folder in folders or FOLDERS:
        for path in sorted((ROOT / folder).rglob("*.py")):
            inside = path.relative_to(ROOT)
            if not {"vendor", "versions", "node_modules"} & set(inside.parts):
                found.append(Source(inside, path.read_text("utf-8")))
    return found


@cache
def tracked() -> list[Source]:
    """Return every text that is committed, without what was bundled from elsewhere."""
    listed = subprocess.run(["git", "ls-files", "-z"], cwd=ROOT, capture_output=True, text=True, check=False)
    paths = [Path(name) for name in listed.stdout.split("\0") if name]
    own = [p for p in paths if "vendor" not in p.parts and ".min." not in p.name and p.suffix in TEXTS]
    return [Source(p, (ROOT / p).read_text("utf-8", errors="replace")) for p in own if (ROOT / p).is_file()]


def imports(source: Source) -> Iterator[tuple[int, list[str]]]:
    """Yield the line and the dotted name of each import."""
    here = [*source.path.with_suffix("").parts]
    for node in source.nodes:
        if isinstance(node, ast.Import):
            yield from ((node.lineno, alias.name.split(".")) for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.level:
            package = here[: len(here) - node.level]
            yield node.lineno, ["pitboss", *package, *(node.module or "").split(".")]
        elif isinstance(node, ast.ImportFrom) and node.module:
            for alias in node.names:
                yield node.lineno, [*node.module.split("."), alias.name]


# -- the laws ----------------------------------------------------------------------------------


def folders_import_what_they_may(source: Source) -> Iterator[str]:
    for line, name in imports(source):
        target = name[1] if name[0] == "pitboss" and len(name) > 1 else ""
        if target not in FOLDERS or target == source.folder != "plugins":
            continue
        if target == "plugins":
            if source.plugin is None or name[2:3] != [source.plugin]:
                yield source.at(line, f"{source.folder} imports the plugin {'.'.join(name[2:])}")
        elif target not in MAY_IMPORT[source.folder]:
            yield source.at(line, f"{source.folder} may not import {target}")


def the_engine_is_pure(source: Source) -> Iterator[str]:
    if source.path.parts[:2] == ("rules", "engine"):
        for line, name in imports(source):
            if name[0] == "pitboss" and name[1:3] != ["rules", "engine"]:
                yield source.at(line, f"rules/engine imports {'.'.join(name)}; it imports nothing of ours")


def nothing_imports_a_bare_folder(source: Source) -> Iterator[str]:
    for line, name in imports(source):
        if name[0] in FOLDERS:
            yield source.at(line, f"imports bare {'.'.join(name)}: write pitboss.{'.'.join(name)}")


def plugins_leave_kernel_sql_alone(source: Source) -> Iterator[str]:
    if source.folder == "plugins":
        for line, name in imports(source):
            if name[-1] == "kernel_sql" or name[:4] == ["pitboss", "core", "database", "guards"]:
                yield source.at(line, "hand-written SQL is the kernel's own door: use expressions")


def no_folder_names_a_plugin(
    source: Source, plugins: frozenset[str], declared: frozenset[str] = frozenset()
) -> Iterator[str]:
    """Plugins meet in the vocabulary: one may name the terms that its manifest says it needs or uses."""
    for node in source.nodes:
        if not isinstance(node, ast.Constant) or not isinstance(node.value, str) or "\n" in node.value:
            continue
        if node.value in declared:
            continue
        for name in plugins - {source.plugin}:
            if node.value == name or node.value.startswith(f"{name}."):
                yield source.at(node, f"names the plugin {name!r}: {node.value[:60]!r}")


def declared_terms(plugin: str | None) -> frozenset[str]:
    """Return the terms of others that a plugin's manifest says it needs or uses."""
    if plugin is None:
        return frozenset()
    manifest = import_module(f"pitboss.plugins.{plugin}.plugin").plugin_manifest()
    return frozenset((*manifest.needs, *manifest.uses))


def the_environment_is_read_in_one_place(source: Source) -> Iterator[str]:
    if source.path == Path("core/settings.py") or source.path.parts[:2] == ("core", "testing"):
        return
    for line, name in imports(source):
        if name in (["os", "environ"], ["os", "getenv"]):
            yield source.at(line, "reads the environment: add a field to core/settings.py")
    for node in source.nodes:
        if isinstance(node, ast.Attribute) and ast.unparse(node) in ("os.environ", "os.getenv", "os.putenv"):
            yield source.at(node, "reads the environment: add a field to core/settings.py")


def the_clock_is_asked_in_one_place(source: Source) -> Iterator[str]:
    calls = ("datetime.now", "datetime.utcnow", "datetime.today", "date.today", "utcfromtimestamp")
    if source.path != Path("core/clock.py"):
        for node in source.nodes:
            if isinstance(node, ast.Call) and ast.unparse(node.func).endswith(calls):
                yield source.at(node, f"{ast.unparse(node)}: ask ctx.clock, or core/clock.py")


def validators_have_names(source: Source) -> Iterator[str]:
    for node in source.nodes:
        is_validator = isinstance(node, ast.keyword) and node.arg == "validate"
        if is_validator and any(isinstance(part, ast.Lambda) for part in ast.walk(node)):
            yield source.at(node.value, "a lambda in validate= shows no reason: use a marshmallow validator")


def every_file_says_what_it_is_for(source: Source) -> Iterator[str]:
    if source.text.strip() and not ast.get_docstring(source.tree):
        yield source.at(1, "say in one sentence what the file is for")


def nothing_is_left_over(source: Source) -> Iterator[str]:
    for number, line in enumerate(source.text.splitlines(), 1):
        if re.search(r"\b(T[O]DO|F[I]XME|X[X]X|H[A]CK)\b", line):
            yield source.at(number, f"left over: {line.strip()[:80]}")


def no_machine_is_named(source: Source) -> Iterator[str]:
    paths = r"(?<![\w.~:/$}-])/(work|root|home/\w+|Users/\w+)/"
    hosts = (
        r"\b(pypi\.org|pythonhosted\.org|registry\.npmjs\.org|registry\.yarnpkg\.com|proxy\.golang\.org)\b"
    )
    for number, line in enumerate(source.text.splitlines(), 1):
        if re.search(f"{paths}|{hosts}|artifac[t]ory", line):
            yield source.at(number, f"names a machine or a registry: {line.strip()[:80]}")


LAWS: tuple[Law, ...] = (
    folders_import_what_they_may,
    the_engine_is_pure,
    nothing_imports_a_bare_folder,
    plugins_leave_kernel_sql_alone,
    the_environment_is_read_in_one_place,
    the_clock_is_asked_in_one_place,
    validators_have_names,
    every_file_says_what_it_is_for,
)
LAWS_OF_TEXT: tuple[Law, ...] = (nothing_is_left_over, no_machine_is_named)
