"""Write docs/hooks.md from the source of the hooks and of the contracts, so that it cannot lag.

Run as `pitboss docs hooks`, or `python -m pitboss.core.docs PATH`.
"""

from __future__ import annotations

import ast
import inspect
import sys
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType

from pitboss.core import contracts, hooks

_HEAD = """\
# Hooks

<!-- Written from core/hooks.py and core/contracts.py by `pitboss docs hooks`. Edit those. -->

{intro}

A plugin is a module that an entry point of the group `{entry_points}` names. It implements the hooks that it
needs, each marked `@hookimpl`:

```python
from pitboss.core.hooks import hookimpl
```

[writing-a-plugin.md](writing-a-plugin.md) writes one in ten minutes.

"""


def hook_docs() -> str:
    """Return the text of docs/hooks.md."""
    head = _HEAD.format(intro=inspect.getdoc(hooks), entry_points=hooks.ENTRY_POINTS)
    oldest = contracts.API_OLDEST
    api = f"The plugin API is number {contracts.API}; plugins written for {oldest} or later load.\n\n"
    parts = [head, "## The hooks\n\n", *_hooks(), "## What they return\n\n", api, *_contracts()]
    return "".join(parts).rstrip() + "\n"


def write_hook_docs(path: Path, *, check: bool = False) -> bool:
    """Bring the page up to date, unless it is only checked; tell whether it was."""
    text = hook_docs()
    is_current = path.exists() and path.read_text("utf-8") == text
    if not check and not is_current:
        path.write_text(text, "utf-8")
    return is_current


def hook_names() -> list[str]:
    """Return the names of the hooks, in the order of the source."""
    return [node.name for node in _body(hooks) if isinstance(node, ast.FunctionDef)]


def _hooks() -> Iterator[str]:
    for node in _body(hooks):
        if isinstance(node, ast.FunctionDef):
            returns = ast.unparse(node.returns) if node.returns else "None"
            first = "The first answer wins.\n\n" if "firstresult" in ast.unparse(node) else ""
            yield f"### `{node.name}({ast.unparse(node.args)}) -> {returns}`\n\n"
            yield f"{_doc(node)}\n\n{first}"


def _contracts() -> Iterator[str]:
    for node in _body(contracts):
        if isinstance(node, ast.ClassDef) and node.name != "Owned":
            yield f"### `{node.name}`\n\n{_doc(node)}\n\n"
            yield from _fields(node)


def _fields(node: ast.ClassDef) -> Iterator[str]:
    inherited = [base.id for base in node.bases if isinstance(base, ast.Name)]
    if inherited == ["StrEnum"]:
        values = [ast.unparse(one.value) for one in node.body if isinstance(one, ast.Assign)]
        yield f"One of {', '.join(f'`{value}`' for value in values)}.\n\n"
        return
    if inherited:
        yield f"Has the fields of `{inherited[0]}`, and:\n\n"
    yield "| field | type | default | |\n|---|---|---|---|\n"
    for field, following in zip(node.body, [*node.body[1:], None], strict=True):
        if isinstance(field, ast.AnnAssign):
            default = f"`{ast.unparse(field.value)}`" if field.value else "required"
            kind = ast.unparse(field.annotation).replace("|", "\\|")
            yield f"| `{ast.unparse(field.target)}` | `{kind}` | {default} | {_attribute_doc(following)} |\n"
    yield "\n"


def _attribute_doc(following: ast.stmt | None) -> str:
    if isinstance(following, ast.Expr) and isinstance(following.value, ast.Constant):
        return inspect.cleandoc(str(following.value.value)).replace("\n", " ").replace("|", "\\|")
    return ""


def _body(module: ModuleType) -> list[ast.stmt]:
    return ast.parse(inspect.getsource(module)).body


def _doc(node: ast.FunctionDef | ast.ClassDef) -> str:
    return ast.get_docstring(node) or ""


if __name__ == "__main__":
    write_hook_docs(Path(sys.argv[1] if len(sys.argv) > 1 else "docs/hooks.md"))
