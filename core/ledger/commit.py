"""Post as a transaction of its own, in the cheapest way that each database has."""

from __future__ import annotations

from pitboss.core.database import Database
from pitboss.core.ledger import postgres
from pitboss.core.ledger.book import accounts_of, posted, refused_is_invalid, submit
from pitboss.core.ledger.directory import directory_of, translated
from pitboss.core.ledger.group import group_of
from pitboss.core.ledger.posting import Posted, Posting


def post_and_commit(database: Database, tenant_id: int, posting: Posting) -> Posted:
    """Post, and return when it is durable: on PostgreSQL in one round trip, commit and all.

    On SQLite, threads that post at the same moment share a transaction.
    """
    if database.is_sqlite:
        return group_of(database).post(tenant_id, posting)
    engine = database.engine_of(tenant_id)
    ids = directory_of(engine).known(tenant_id, accounts_of([posting]))
    if ids is None:
        with database.transaction(tenant_id) as connection:
            return submit(connection, posting)
    with database.unbound() as raw, refused_is_invalid(), translated(engine.dialect):
        # The call itself binds the tenant, and only for as long as it runs.
        answer = postgres.post_one(raw, tenant_id, posting, ids, bind=True)
    return posted(posting, answer, ids)
