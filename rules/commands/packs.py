"""`pitboss rules export`, `load` and `promote`: a rulebook as files, and from tenant to tenant."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from pitboss.rules.commands.acting import acting, as_option, reading, tenant_option
from pitboss.rules.commands.group import PATH, json_option, write_json
from pitboss.rules.commands.reading import UnreadableFile, read_file

if TYPE_CHECKING:
    from pitboss.core.cli import Deployment
    from pitboss.rules.book.packs import Imported


@click.command()
@click.argument("keys", nargs=-1, metavar="[KEY]...")
@tenant_option
@click.option("--to", "file", type=PATH, help="Write to this file instead of the terminal.")
@click.option("--pack", help="What the pack is called; default: the code of the tenant.")
@click.option("--title", help="Its title on screen.")
@click.option("--pack-version", "version", type=int, default=1, show_default=True)
@click.pass_obj
def export(
    deployment: Deployment, /, keys: tuple[str, ...], code: str, file: Path | None, **named: Any
) -> None:
    """Write what is live, or the rules that are named, as a file of rules."""
    from pitboss.rules.book import packs

    with reading(deployment, code) as ctx:
        text = packs.export(ctx, keys or None, **named)
    if file is None:
        click.echo(text, nl=False)
        return
    try:
        file.write_text(text, "utf-8")
    except OSError as error:
        raise UnreadableFile(f"{file}: it cannot be written: {error.strerror}") from None
    click.echo(f"written  {file}")


@click.command()
@click.argument("file", type=PATH)
@tenant_option
@as_option
@click.option("--dry-run", is_flag=True, help="Say what would be stored, and store nothing.")
@click.option("--message", default="", help="Why, for whoever reads the history.")
@json_option
@click.pass_obj
def load(
    deployment: Deployment, file: Path, code: str, email: str, dry_run: bool, message: str, as_json: bool
) -> None:
    """Store the rules in FILE as drafts: all of them, or none and every reason."""
    from pitboss.rules.book import packs

    text = read_file(file)
    with acting(deployment, code, email, "rules.edit") as ctx:
        done = packs.load(ctx, text, dry_run=dry_run, message=message)
    _tell(done, as_json)


@click.command()
@click.argument("keys", nargs=-1, metavar="[KEY]...")
@click.option("--from", "source", required=True, metavar="CODE", help="The tenant whose rules they are.")
@tenant_option
@as_option
@click.option("--dry-run", is_flag=True, help="Say what would be stored, and store nothing.")
@click.option("--message", default="", help="Why, for whoever reads the history.")
@json_option
@click.pass_obj
def promote(
    deployment: Deployment,
    keys: tuple[str, ...],
    source: str,
    code: str,
    email: str,
    dry_run: bool,
    message: str,
    as_json: bool,
) -> None:
    """Bring what is live in one tenant to another, as drafts; for operators of the platform."""
    from pitboss.rules.book import promotion

    with acting(deployment, code, email, "rules.edit") as ctx:
        done = promotion.promote(ctx, source, keys or None, dry_run=dry_run, message=message)
    _tell(done, as_json)


def _tell(done: Imported, as_json: bool) -> None:
    groups = {"created": done.created, "changed": done.changed, "unchanged": done.unchanged}
    if as_json:
        write_json({**groups, "warnings": done.warnings, "is_dry_run": done.is_dry_run})
        return
    for word, keys in groups.items():
        for key in keys:
            click.echo(f"{word:10} {key}")
    for key, found in done.warnings.items():
        for warning in found:
            click.echo(f"{warning['severity']:10} {key}: {warning['sentence']}")
    stored = "nothing was stored" if done.is_dry_run else "stored as drafts"
    click.echo(
        f"{len(done.created)} new, {len(done.changed)} changed, {len(done.unchanged)} unchanged: {stored}"
    )
