"""`pitboss acme_sample cards`: count a tenant's cards."""

from __future__ import annotations

from collections import Counter

import click

from acme_sample.cards import cards_of
from pitboss.core.cli import Deployment


@click.command()
@click.option("--tenant", "code", required=True)
@click.pass_obj
def cards(deployment: Deployment, code: str) -> None:
    """Count a tenant's newest cards by their state."""
    kernel = deployment()
    with kernel.context(kernel.tenants.by_code(code).id) as ctx:
        states = Counter(card.state for card in cards_of(ctx))
    for state, count in sorted(states.items()):
        click.echo(f"{state:12} {count}")
