"""All tables of the plugin, gathered for migrations and checks."""

from pitboss.plugins.betting.facts import tables as facts
from pitboss.plugins.betting.markets import tables as markets
from pitboss.plugins.betting.pools import tables as pools
from pitboss.plugins.betting.records import tables as records
from pitboss.plugins.betting.settling import tables as settling
from pitboss.plugins.betting.slips import tables as slips
from pitboss.plugins.betting.strategies import tables as strategies

__all__ = ["facts", "markets", "pools", "records", "settling", "slips", "strategies"]
