"""Post in a transaction of its own, past what a Connection costs, once the accounts are known."""

from __future__ import annotations

from collections.abc import Sequence

from pitboss.core.database import Database
from pitboss.core.errors import Conflict
from pitboss.core.ledger import postgres, sqlite
from pitboss.core.ledger.book import accounts_of, answer_many, meanings, posted, refused_is_invalid, submit
from pitboss.core.ledger.directory import directory_of, translated
from pitboss.core.ledger.posting import Posted, Posting


def post_alone(database: Database, tenant_id: int, posting: Posting) -> Posted:
    """Post and commit: on PostgreSQL in one round trip."""
    engine = database.engine_of(tenant_id)
    ids = directory_of(engine).known(tenant_id, accounts_of([posting]))
    if ids is None:
        with database.transaction(tenant_id) as connection:
            return submit(connection, posting)
    with refused_is_invalid(), translated(engine.dialect):
        if database.is_sqlite:
            with database.unwrapped(tenant_id) as raw:
                answer = sqlite.post_all(raw, tenant_id, [posting], ids)[0]
        else:
            with database.unbound() as raw:
                # The call itself binds the tenant, and only for as long as it runs.
                answer = postgres.post_one(raw, tenant_id, posting, ids, bind=True)
    return posted(posting, answer, ids)


def post_together(
    database: Database, tenant_id: int, postings: Sequence[Posting]
) -> Sequence[Posted | Conflict]:
    """Answer as `answer_many` does, and commit."""
    engine = database.engine_of(tenant_id)
    known = directory_of(engine).known(tenant_id, accounts_of(postings)) if database.is_sqlite else None
    if known is None:
        with database.transaction(tenant_id) as connection:
            return answer_many(connection, postings)
    with refused_is_invalid(), translated(engine.dialect), database.unwrapped(tenant_id) as raw:
        answers = sqlite.post_all(raw, tenant_id, postings, known)
    return meanings(postings, answers, known)
