"""The audit trail: who changed what, in a hash chain a tenant that shows every later change of it."""

from pitboss.core.audit.chain import Break, Head, Verification, head, seal, verify
from pitboss.core.audit.entries import AuditEntry, record
from pitboss.core.audit.export import as_csv, as_json_lines
from pitboss.core.audit.search import Filter, Found, search

__all__ = [
    "AuditEntry",
    "Break",
    "Filter",
    "Found",
    "Head",
    "Verification",
    "as_csv",
    "as_json_lines",
    "head",
    "record",
    "seal",
    "search",
    "verify",
]
