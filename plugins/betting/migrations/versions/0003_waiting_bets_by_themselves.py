"""Waiting bets by themselves: an index of those alone, which other bets do not pay for."""

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None

INDEX, TABLE, WAITING = "ix_betting_bet_pending", "betting_bet", sa.text("state = 'pending'")


def upgrade() -> None:
    """Look after those that wait."""
    op.drop_index(INDEX, table_name=TABLE)
    op.create_index(INDEX, TABLE, ["tenant_id", "id"], postgresql_where=WAITING, sqlite_where=WAITING)


def downgrade() -> None:
    """Look after all of them by state."""
    op.drop_index(INDEX, table_name=TABLE)
    op.create_index(INDEX, TABLE, ["tenant_id", "state", "accept_at"])
