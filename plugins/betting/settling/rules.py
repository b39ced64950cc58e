"""The written rules by which a market is graded and a slip settles: data of the tenant, in versions."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from fractions import Fraction
from typing import Literal

from pitboss.core.errors import InvalidInput
from pitboss.plugins.betting.exact import Rounding, rounded
from pitboss.plugins.betting.settling import rule4
from pitboss.plugins.betting.settling.bonuses import Bonus
from pitboss.plugins.betting.settling.deadheat import Policy
from pitboss.plugins.betting.settling.eachway import STANDARD, Row, WinOnly

VoidLeg = Literal["drop", "void_slip"]
"""A void leg counts as odds of 1, or makes the whole slip void."""
BuilderVoid = Literal["void_slip", "reprice"]
"""A void leg of a bet builder makes it void, or the other legs are priced again."""
Retirement = Literal["void", "after_periods", "winner_stands"]
Abandoned = Literal["void", "decided_stands", "result_stands"]
Unlisted = Literal["refuse", "lost"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Rules:
    """How legs are graded and slips are paid; every default is the common reading."""

    periods: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    """Which periods of the result make up a named one. `""` is the whole match: without it, all count."""
    retirement: Retirement = "after_periods"
    """Who retires loses: never, once `retirement_periods_min` are complete, or always."""
    retirement_periods_min: int = 1
    abandoned: Abandoned = "decided_stands"
    """Of a match that was not finished stands: nothing, what could not change any more, or all."""
    unlisted: Unlisted = "refuse"
    """A participant that a result does not name: grading is refused, or it lost."""
    dead_heat: Policy = "stake"
    is_dead_heat_draw_void: bool = False
    """In a match-up, a tie is void; else it is a dead heat."""
    rule4_bands: tuple[rule4.Band, ...] = rule4.TATTERSALLS
    rule4_pence_max: int = rule4.PENCE_MAX
    rule4_pence_waived: int = 0
    """A total of at most this is not taken."""
    place_table: tuple[Row, ...] = STANDARD
    place_terms_at: Literal["bet", "off"] = "bet"
    """Whether the runners are counted when the bet is struck or when the race starts."""
    win_only: WinOnly = "win"
    void_leg: VoidLeg = "drop"
    builder_void: BuilderVoid = "void_slip"
    bonus: Bonus | None = None
    """Extras of full-cover bets; off unless the operator writes them."""
    rounding: Rounding = "half_up"
    """The name of a rounding rule, or a function."""

    def __post_init__(self) -> None:
        rule4.check_bands(self.rule4_bands)
        if self.retirement_periods_min < 1:
            raise InvalidInput(f"retirement_periods_min is {self.retirement_periods_min}: give 1 or more")

    def round(self, value: Fraction) -> int:
        """Round once, as the tenant says."""
        return rounded(value, self.rounding)
