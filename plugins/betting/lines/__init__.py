"""The lines of a slip: which combinations of its legs are bets, counted and priced without listing them."""

from pitboss.plugins.betting.lines.system import System, expand, name_of, named, sized, unit_stake

__all__ = ["System", "expand", "name_of", "named", "sized", "unit_stake"]
