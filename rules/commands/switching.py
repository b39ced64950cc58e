"""`pitboss rules pause`, `resume`, `retire`, `stop` and `start`: what is at work."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from pitboss.rules.commands.acting import acting, as_option, revision_option, tenant_option

if TYPE_CHECKING:
    from pitboss.core.cli import Deployment
    from pitboss.rules.book.store import Stored


@click.command()
@click.argument("key")
@tenant_option
@as_option
@click.option("--reason", default="", help="Why.")
@revision_option
@click.pass_obj
def pause(deployment: Deployment, key: str, code: str, email: str, reason: str, revision: int | None) -> None:
    """Have a live rule do nothing until it is resumed."""
    from pitboss.rules.book import life

    with acting(deployment, code, email, "rules.publish") as ctx:
        _tell(life.pause(ctx, key, revision=revision, reason=reason))


@click.command()
@click.argument("key")
@tenant_option
@as_option
@click.option("--comment", default="", help="What to say with it.")
@revision_option
@click.pass_obj
def resume(
    deployment: Deployment, key: str, code: str, email: str, comment: str, revision: int | None
) -> None:
    """Let a paused rule work again."""
    from pitboss.rules.book import life

    with acting(deployment, code, email, "rules.publish") as ctx:
        _tell(life.resume(ctx, key, revision=revision, comment=comment))


@click.command()
@click.argument("key")
@tenant_option
@as_option
@click.option("--reason", default="", help="Why.")
@revision_option
@click.pass_obj
def retire(
    deployment: Deployment, key: str, code: str, email: str, reason: str, revision: int | None
) -> None:
    """Take a rule out of service; its history stays."""
    from pitboss.rules.book import life

    with acting(deployment, code, email, "rules.publish") as ctx:
        _tell(life.retire(ctx, key, revision=revision, reason=reason))


@click.command()
@tenant_option
@as_option
@click.option("--reason", required=True, help="Why.")
@click.pass_obj
def stop(deployment: Deployment, code: str, email: str, reason: str) -> None:
    """Stop all rules of a tenant at once."""
    from pitboss.rules.book import switch

    with acting(deployment, code, email, "rules.stop") as ctx:
        state = switch.stop(ctx, reason=reason)
    click.echo(f"all rules of {code} are stopped: {state.rules['live']} were at work")


@click.command()
@tenant_option
@as_option
@click.option("--reason", required=True, help="Why.")
@click.pass_obj
def start(deployment: Deployment, code: str, email: str, reason: str) -> None:
    """Let the rules of a tenant work again."""
    from pitboss.rules.book import switch

    with acting(deployment, code, email, "rules.stop") as ctx:
        state = switch.start(ctx, reason=reason)
    click.echo(f"the rules of {code} work again: {state.rules['live']} are live")


def _tell(rule: Stored) -> None:
    click.echo(f"{rule.key}: {rule.state}; revision {rule.revision}")
