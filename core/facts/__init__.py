"""Facts: what is known of each player, kept current by the operations that change it.

A fact is a column of a plugin's fact table (`write`, `add`), a window over the time buckets of a
metric (`record`), or computed. `read` gives those of one player, `read_many` and `read_page` those of
many.
"""

from pitboss.core.facts.reading import (
    Columns,
    read,
    read_many,
    read_page,
    read_pages,
    read_variable,
)
from pitboss.core.facts.recording import Entry, record, record_many, recorded
from pitboss.core.facts.tables import FactBucket
from pitboss.core.facts.totals import total_today, totals_by_day
from pitboss.core.facts.writing import add, write

__all__ = [
    "Columns",
    "Entry",
    "FactBucket",
    "add",
    "read",
    "read_many",
    "read_page",
    "read_pages",
    "read_variable",
    "record",
    "record_many",
    "recorded",
    "total_today",
    "totals_by_day",
    "write",
]
