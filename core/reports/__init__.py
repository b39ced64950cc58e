"""Reports: figures that plugins contribute as terms, looked at, downloaded, saved and sent by plan."""

from pitboss.core.reports.book import (
    FORMATS,
    find_run,
    find_saved,
    list_runs,
    list_saved,
    remove,
    save,
)
from pitboss.core.reports.reading import Span, Table, days_between, read, reports_of

__all__ = [
    "FORMATS",
    "Span",
    "Table",
    "days_between",
    "find_run",
    "find_saved",
    "list_runs",
    "list_saved",
    "read",
    "remove",
    "reports_of",
    "save",
]
