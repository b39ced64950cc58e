"""Write a migration from the difference between the tables of the code and a database.

Run as `python -m pitboss.core.database.revise OWNER "what changes" [FOLDER]`: it upgrades a scratch
database with the migrations that exist and compares. Read what it wrote before you commit it.
"""

from __future__ import annotations

import sys
import tempfile
from collections.abc import Callable
from importlib.resources import files
from pathlib import Path
from typing import Any, Literal

from alembic.autogenerate import produce_migrations, render_python_code
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import JSON, Connection, TypeDecorator

from pitboss.core.database.metadata import Base
from pitboss.core.database.migrate import CORE
from pitboss.core.kernel import Kernel, build_kernel
from pitboss.core.settings import load_settings


def belongs_to(owner: str, kernel: Kernel) -> Callable[[str], bool]:
    """Return a test for the names of an owner's tables."""
    if owner != CORE:
        return lambda table: table.startswith(f"{owner}_")
    prefixes = (*(f"{name}_" for name in kernel.registry.optional), "alembic_")
    mapped = {str(m.local_table): m.class_.__module__ for m in Base.registry.mappers}

    def is_own(table: str) -> bool:
        # A table that the code no longer has may be one that the core dropped.
        module = mapped.get(table)
        return not table.startswith(prefixes) if module is None else module.startswith("pitboss.core.")

    return is_own


def difference(connection: Connection, is_own: Callable[[str], bool]) -> Any:
    """Return the operations that would bring a database to the tables of the code."""

    def is_read(name: str | None, kind: str, _parents: Any) -> bool:
        # The tables of others are not even looked at: reading one takes longer than comparing it.
        return kind != "table" or is_own(name or "")

    def include(item: Any, name: str | None, kind: str, _reflected: bool, _other: Any) -> bool:
        # Alembic does not see that a constraint is left out of a dialect (`ddl_if`): its info tells.
        is_here = item.info.get("dialect", connection.dialect.name) == connection.dialect.name
        return is_here and (kind != "table" or is_own(name or ""))

    options = {"include_name": is_read, "include_object": include, "compare_type": True}
    context = MigrationContext.configure(connection, opts=options | {"render_as_batch": False})
    return context, produce_migrations(context, Base.metadata)


def revise(owner: str, message: str, folder: Path | None = None) -> Path | None:
    """Write the migration that is missing; return its path, or None when nothing is."""
    with tempfile.TemporaryDirectory() as scratch:
        settings = load_settings({}, data=scratch, database_url=f"sqlite:///{scratch}/scratch.sqlite3")
        kernel = build_kernel(settings)
        kernel.migrator.upgrade()
        with kernel.database.owner() as connection:
            context, script = difference(connection, belongs_to(owner, kernel))
            up, down = script.upgrade_ops, script.downgrade_ops
            if up is None or up.is_empty():
                return None
            upgrades, downgrades = _rendered(up, context), _rendered(down, context)
        package = kernel.migrator.package(owner)
        kernel.close()
    return _write(folder or Path(str(files(package))), message, upgrades, downgrades)


def _rendered(operations: Any, context: MigrationContext) -> str:
    return render_python_code(operations, migration_context=context, render_item=_render_item)


def _render_item(kind: str, item: Any, _context: Any) -> str | Literal[False]:
    """Write our own column types as the plain types that they are in the database."""
    if kind != "type":
        return False
    if isinstance(item, JSON):
        return "sa.JSON().with_variant(postgresql.JSONB(), 'postgresql')"
    return f"sa.{item.impl_instance!r}" if isinstance(item, TypeDecorator) else False


def _write(folder: Path, message: str, upgrades: str, downgrades: str) -> Path:
    # The template is ours, so that a plugin needs none.
    template = str(files("pitboss.core.migrations"))
    script = ScriptDirectory(template, version_locations=[str(folder / "versions")])
    number = f"{len(list(script.walk_revisions())) + 1:04}"
    made = script.generate_revision(number, message, upgrades=upgrades, downgrades=downgrades)
    assert made is not None
    return Path(made.path)


if __name__ == "__main__":
    written = revise(sys.argv[1], sys.argv[2], Path(sys.argv[3]) if len(sys.argv) > 3 else None)
    print(written or "nothing changed")  # noqa: T201 - the command's answer
