"""The commands of sources: `pitboss sports import FILE` and `pitboss sports sources`."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

if TYPE_CHECKING:
    from pitboss.core.cli import Deployment

KINDS = ("fixtures", "results", "prices", "history")
PROBLEMS_SHOWN_MAX = 20


@click.command("import")
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--tenant", "code", required=True, metavar="CODE", help="Whose catalogue.")
@click.option("--kind", type=click.Choice(KINDS), default="fixtures", show_default=True)
@click.option("--preview", "is_preview", is_flag=True, help="Only show what it would do.")
@click.option("--good", "is_good", is_flag=True, help="Take the good rows, and leave the wrong ones out.")
@click.option("--sport", default="", help="Of rows that do not say it.")
@click.option("--competition", default="", help="Of rows that do not say it.")
@click.option("--zone", default="", help="Of times without an offset; else the tenant's.")
@click.option("--provider", default="", help="Whose ids the file speaks.")
@click.pass_obj
def import_file(
    deployment: Deployment,
    /,
    file: Path,
    code: str,
    kind: str,
    is_preview: bool,
    is_good: bool,
    **options: Any,
) -> None:
    """Import fixtures, results, prices or history from a CSV or JSON file."""
    from pitboss.plugins.sports.sources.imports import book
    from pitboss.plugins.sports.sources.imports.parsing import Options

    kernel = deployment()
    tenant_id = kernel.tenants.by_code(code).id
    with kernel.context(tenant_id, actor_name="command line") as ctx:
        row = book.upload(ctx, kind, file.name, file.read_bytes(), Options(**options))
        if is_preview:
            _show(row.report)
            ctx.rollback()
            return
        done = book.confirm(ctx, row.id, policy="good" if is_good else "all", is_now=True)
        _show(done.report)
    if done.state != "done":
        raise click.ClickException("nothing was imported: mend the rows above, or take the --good ones")


@click.command("sources")
@click.option("--tenant", "code", required=True, metavar="CODE", help="Whose sources.")
@click.pass_obj
def list_sources(deployment: Deployment, /, code: str) -> None:
    """List the sources of data with their scores."""
    from pitboss.plugins.sports.sources.feeds import book

    kernel = deployment()
    with kernel.context(kernel.tenants.by_code(code).id, actor_name="command line") as ctx:
        for row in book.list_sources(ctx):
            state = "suspended" if row.is_suspended else "on" if row.is_active else "off"
            click.echo(f"{row.score:3}  {state:9}  {row.kind:8}  {row.key}  {row.error}")


def _show(report: dict[str, Any]) -> None:
    counts = ", ".join(f"{count} {name}" for name, count in report["counts"].items() if count)
    click.echo(f"{report.get('rows', 0)} rows as {report.get('format')}: {counts or 'nothing to do'}")
    for kind in ("competitions", "teams"):
        for new in report.get(f"new_{kind}", []):
            hint = f" ({new['suggestion']})" if new["suggestion"] else ""
            click.echo(f"  new in {kind}: {new['name']}{hint}")
    for one in report["problems"][:PROBLEMS_SHOWN_MAX]:
        said = f": {one['value']!r}" if one["value"] else ""
        click.echo(f"  line {one['place']} {one['column']}{said}: {one['message']}")
    if report["problem_count"] > PROBLEMS_SHOWN_MAX:
        click.echo(f"  and {report['problem_count'] - PROBLEMS_SHOWN_MAX} more problems")


COMMANDS: tuple[click.Command, ...] = (import_file, list_sources)
