"""`pitboss db`: move the tables up and down, and say where they stand."""

from __future__ import annotations

import click

from pitboss.core.cli import Deployment
from pitboss.core.database.migrate import MigrationStatus


@click.group()
def db() -> None:
    """Upgrade, downgrade and inspect the tables of the core and of each plugin."""


@db.command()
@click.argument("owner", required=False)
@click.option("--revision", default="head", show_default=True)
@click.pass_obj
def upgrade(deployment: Deployment, owner: str | None, revision: str) -> None:
    """Bring the tables of OWNER, or of all, up to a revision."""
    _print(deployment().migrator.upgrade(owner, revision))


@db.command()
@click.argument("owner")
@click.option("--revision", default="base", show_default=True)
@click.option("--yes", is_flag=True, help="Do not ask.")
@click.pass_obj
def downgrade(deployment: Deployment, owner: str, revision: str, yes: bool) -> None:
    """Take the tables of OWNER back to a revision; what they hold is lost."""
    if not yes:
        click.confirm(f"Take {owner} back to {revision}? Its data is lost", abort=True)
    _print(deployment().migrator.downgrade(owner, revision))


@db.command()
@click.pass_obj
def status(deployment: Deployment) -> None:
    """Say where each owner's tables stand; exit 1 when any is behind."""
    found = deployment().migrator.status()
    _print(found)
    if not all(entry.is_current for entry in found):
        raise SystemExit(1)


def _print(found: list[MigrationStatus]) -> None:
    for entry in found:
        state = "current" if entry.is_current else f"behind: head is {entry.head}"
        click.echo(f"{entry.owner:24} {entry.current or '-':24} {state}")
