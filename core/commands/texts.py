"""`pitboss texts`: bring the catalogues up to date with what is said, and tell what they lack."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from pathlib import Path

import click

from pitboss.core import catalogues
from pitboss.core.catalogues import Translation
from pitboss.core.errors import InvalidInput, nearest
from pitboss.core.extraction import Said, said_by
from pitboss.core.registry import Registry, installed
from pitboss.core.texts import ENGLISH, LANGUAGES

TRANSLATED = tuple(name for name in LANGUAGES if name != ENGLISH)


@click.group()
def texts() -> None:
    """Find what is said to people, and what it is in other languages."""


@texts.command()
@click.argument("owners", nargs=-1)
def update(owners: tuple[str, ...]) -> None:
    """Write the catalogues anew: what is said is added, what nobody says is removed.

    A text that another owner has translated brings its translation along.
    """
    for owner, folder, said in _said_by_each(owners):
        for language in TRANSLATED:
            known = {one.key: one for one in _shared(language)}
            known |= {one.key: one for one in catalogues.read(folder, language)}
            catalogues.write(folder, language, said, known)
            missing = sum(one.key not in known for one in said)
            click.echo(f"{owner} {language}: {len(said)} texts, {missing} not translated")


@texts.command()
@click.argument("owners", nargs=-1)
def check(owners: tuple[str, ...]) -> None:
    """Name the texts that are not translated, or not as they are said; exit 1 when there are any."""
    found = 0
    for owner, folder, said in _said_by_each(owners):
        for language in TRANSLATED:
            for flaw in catalogues.flaws(said, catalogues.read(folder, language)):
                click.echo(f"{owner} {language}: {flaw}")
                found += 1
    if found:
        raise SystemExit(1)


def _said_by_each(owners: Iterable[str]) -> Iterator[tuple[str, Path, list[Said]]]:
    known = catalogues.owners()
    registry = Registry(installed())
    for owner in owners or known:
        if owner not in known:
            raise InvalidInput(f"owner {owner!r}: nobody is called so; {nearest(owner, list(known))}")
        yield owner, known[owner], said_by(owner, known[owner], registry)


def _shared(language: str) -> Iterator[Translation]:
    for folder in catalogues.owners().values():
        yield from catalogues.read(folder, language)
