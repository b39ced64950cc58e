"""`pitboss doctor`: what is installed, what is wrong, and what to do about it."""

from __future__ import annotations

import platform

import click

import pitboss
from pitboss.core.cli import Deployment
from pitboss.core.health import examine


@click.command()
@click.pass_obj
def doctor(deployment: Deployment) -> None:
    """Examine this deployment; exit 1 when anything is wrong."""
    kernel = deployment()
    click.echo(f"pitboss {pitboss.__version__} on Python {platform.python_version()}")
    click.echo(f"database  {kernel.database.url.render_as_string(hide_password=True)}")
    click.echo(f"jobs      {'Redis' if kernel.settings.redis_url else 'the database'}")
    click.echo(f"plugins   {', '.join(kernel.registry.optional) or 'none'}\n")
    findings = examine(kernel)
    for finding in findings:
        click.echo(f"{'ok  ' if finding.problem is None else 'BAD '} {finding.name}")
        if finding.problem:
            click.echo(f"     {finding.problem}")
    if any(finding.problem for finding in findings):
        raise SystemExit(1)
