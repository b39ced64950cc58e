"""What a simulation found, as a table for people and as JSON for machines."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import click

from pitboss.rules.engine.program import Program
from pitboss.rules.engine.rule import FormulaRule, Reward

if TYPE_CHECKING:
    from pitboss.rules.engine.simulation.simulate import RuleResult, Simulation

PAIRS_MAX = 20
"""How many pairs of rules that match together are shown."""

_UNKNOWN = "unknown_fact"


class Report:
    """A simulation of some rules."""

    def __init__(self, result: Simulation, rules: Sequence[Program], *, is_compared: bool) -> None:
        self.result = result
        self.is_compared = is_compared
        self.paying = {rule.key for rule in rules if isinstance(rule.rule, Reward)}
        # A formula has no condition: that it matches together with everything says nothing.
        choosing = {rule.key for rule in rules if not isinstance(rule.rule, FormulaRule)}
        pairs = [pair for pair in result.overlaps if {pair.first, pair.second} <= choosing]
        self.pairs = pairs[:PAIRS_MAX]

    @property
    def cost(self) -> float:
        """What all rewards paid; the values of formulas and alerts are no money."""
        return sum(rule.cost for rule in self.result.rules if rule.key in self.paying)

    # -- for machines ------------------------------------------------------------------------------

    def as_json(self) -> dict[str, Any]:
        """Return it for machines."""
        return {
            "rows": self.result.rows,
            "players": self.result.players,
            "cost": self.cost,
            "rules": [self._rule(rule) for rule in self.result.rules],
            "overlaps": [{"rules": [pair.first, pair.second], "rows": pair.rows} for pair in self.pairs],
            "changes": self._changes() if self.is_compared else None,
        }

    def _rule(self, rule: RuleResult) -> dict[str, Any]:
        return {
            "rule": rule.key,
            "matches": rule.matches,
            "players": rule.players,
            "cost": rule.cost if rule.key in self.paying else None,
            "mean": rule.mean,
            "max": rule.highest,
            "capped": rule.capped,
            "unpaid": rule.unpaid,
            "unknown": rule.faults.get(_UNKNOWN, 0),
            "faults": {kind: count for kind, count in rule.faults.items() if kind != _UNKNOWN},
            "sample": list(rule.sample),
        }

    def _changes(self) -> list[dict[str, Any]]:
        return [
            {
                "rule": change.key,
                "gained": change.gained,
                "lost": change.lost,
                "changed": change.changed,
                "difference": change.difference,
            }
            for change in self.result.changes
        ]

    # -- for people --------------------------------------------------------------------------------

    def tell(self) -> None:
        """Write it for people."""
        self._tell_rules()
        self._tell_faults()
        if self.pairs:
            click.echo("\nmatched together")
            pairs = [[pair.first, pair.second, f"{pair.rows:,}"] for pair in self.pairs]
            write_table(["rule", "and", "rows"], pairs, texts=2)
        if self.is_compared:
            self._tell_changes()
        players = "" if self.result.players is None else f", {self.result.players:,} players"
        click.echo(f"\n{self.result.rows:,} rows{players}: {self.cost:,.2f} paid")

    def _tell_rules(self) -> None:
        players = [] if self.result.players is None else ["players"]
        heads = ["rule", "matches", *players, "cost", "mean", "max", "unknown", "faults"]
        write_table(heads, [self._row(rule) for rule in self.result.rules])

    def _row(self, rule: RuleResult) -> list[str]:
        unknown = rule.faults.get(_UNKNOWN, 0)
        players = [] if rule.players is None else [f"{rule.players:,}"]
        return [
            rule.key,
            f"{rule.matches:,}",
            *(players if self.result.players is not None else []),
            f"{rule.cost:,.2f}" if rule.key in self.paying else "-",
            f"{rule.mean:,.2f}" if rule.paid else "-",
            f"{rule.highest:,.2f}" if rule.paid else "-",
            f"{unknown:,}",
            f"{sum(rule.faults.values()) - unknown:,}",
        ]

    def _tell_faults(self) -> None:
        for rule in self.result.rules:
            for kind, count in rule.faults.items():
                if kind != _UNKNOWN:
                    click.echo(f"fault: {rule.key} did not fire in {count:,} rows: {kind}")

    def _tell_changes(self) -> None:
        changes = self.result.changes
        click.echo("\nchange against the other version" + ("" if changes else ": none"))
        if changes:
            rows = [
                [c.key, f"{c.gained:,}", f"{c.lost:,}", f"{c.changed:,}", f"{c.difference:+,.2f}"]
                for c in changes
            ]
            write_table(["rule", "gained", "lost", "other amount", "cost"], rows)


def write_table(heads: Sequence[str], rows: Sequence[Sequence[str]], *, texts: int = 1) -> None:
    """Write columns: the first are texts to the left, and the rest numbers to the right."""
    widths = [max(map(len, column)) for column in zip(heads, *rows, strict=True)]
    for row in (heads, *rows):
        cells = [
            cell.ljust(width) if place < texts else cell.rjust(width)
            for place, (cell, width) in enumerate(zip(row, widths, strict=True))
        ]
        click.echo("  ".join(cells).rstrip())
