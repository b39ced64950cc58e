"""`pitboss new-plugin`, `pitboss contract` and `pitboss docs`: for those who write plugins."""

from __future__ import annotations

from pathlib import Path

import click

from pitboss.core.cli import Deployment
from pitboss.core.docs import write_hook_docs
from pitboss.core.errors import PluginError
from pitboss.core.scaffold import write_plugin
from pitboss.core.testing.levels import keep, measure
from pitboss.core.testing.subject import find_subject

_NEXT = """
Next:
    cd {folder}
    python -m pip install -e '.[test]'
    python -m pytest
"""


@click.command("new-plugin")
@click.argument("name")
@click.option("--path", type=click.Path(file_okay=False, path_type=Path), default=".", show_default=True)
def new_plugin(name: str, path: Path) -> None:
    """Write a plugin that works and is tested, in a folder of its own."""
    for written in write_plugin(name, path):
        click.echo(str(written))
    click.echo(_NEXT.format(folder=path / name))


@click.command()
@click.argument("name")
@click.pass_obj
def contract(deployment: Deployment, name: str) -> None:
    """Hold an installed plugin to the contract; say and keep its level, exit 1 below bronze."""
    subject = find_subject(name)
    report = measure(name, subject.manifest.version)
    keep(deployment.settings, report)
    for test in report.shortcomings:
        click.echo(f"missed  {test}")
    click.echo(f"{name} {report.version}: {report.level} ({report.passed} tests passed)")
    if report.level == "none":
        raise SystemExit(1)


@click.group()
def docs() -> None:
    """Write the reference pages that come from the code."""


@docs.command()
@click.option("--check", is_flag=True, help="Change nothing; exit 1 when the page is out of date.")
@click.option("--path", type=click.Path(path_type=Path), default="docs/hooks.md", show_default=True)
def hooks(path: Path, check: bool) -> None:
    """Write docs/hooks.md from the docstrings of the hooks and of what they return."""
    if not write_hook_docs(path, check=check) and check:
        raise PluginError(f"{path} is out of date: run `pitboss docs hooks`")
