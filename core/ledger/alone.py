"""Post one posting as a transaction of its own, in as few round trips as the database allows."""

from __future__ import annotations

from pitboss.core.database import Database
from pitboss.core.ledger import postgres
from pitboss.core.ledger.book import accounts_of, posted, refused_is_invalid, submit
from pitboss.core.ledger.directory import directory_of, translated
from pitboss.core.ledger.posting import Posted, Posting


def post_alone(database: Database, tenant_id: int, posting: Posting) -> Posted:
    """Post and commit: in one round trip on PostgreSQL, once the accounts are known."""
    engine = database.engine_of(tenant_id)
    ids = None if database.is_sqlite else directory_of(engine).known(tenant_id, accounts_of([posting]))
    if ids is None:
        with database.transaction(tenant_id) as connection:
            return submit(connection, posting)
    with database.unbound() as raw, refused_is_invalid(), translated(engine.dialect):
        # The call itself binds the tenant, and only for as long as it runs.
        answer = postgres.post_one(raw, tenant_id, posting, ids, bind=True)
    return posted(posting, answer, ids)
