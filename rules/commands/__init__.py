"""`pitboss rules`: rules in files, without a database, and the rulebook of a tenant."""

from __future__ import annotations

import click

from pitboss.rules.commands import (
    book,
    check,
    explain,
    files,
    history,
    packs,
    simulate,
    switching,
    transfer,
    trial,
)
from pitboss.rules.commands.group import RulesGroup

__all__ = ["rules"]


@click.group(cls=RulesGroup)
def rules() -> None:
    """Work on rules in files, without a database, or on the rulebook of a tenant.

    PATH is a file of rules (one, a list, or a pack), or a folder in which each .json file is read.
    With --tenant a command works on the rulebook of that tenant.

    \b
    Exit codes:
      0  fine
      1  a rule failed, was refused, or has a finding
      2  wrong use, or input that cannot be read
    """


for command in (
    trial.test,
    trial.evaluate,
    check.check,
    explain.explain,
    simulate.simulate,
    files.format_files,
    transfer.schema,
    transfer.import_rule,
    book.list_rules,
    book.show,
    book.save,
    book.submit,
    book.approve,
    book.reject,
    book.publish,
    book.rollback,
    switching.pause,
    switching.resume,
    switching.retire,
    switching.stop,
    switching.start,
    packs.export,
    packs.load,
    packs.promote,
    history.replay,
    history.why,
):
    rules.add_command(command)
