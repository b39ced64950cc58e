"""Results to confirm by themselves: an index of their fixtures alone, which the others do not pay for."""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None

INDEX, TABLE, FEW = "ix_sports_fixture_unconfirmed", "sports_fixture", sa.text("result_state = 'provisional'")


def upgrade() -> None:
    """Look after fixtures whose result waits."""
    op.create_index(INDEX, TABLE, ["tenant_id", "id"], postgresql_where=FEW, sqlite_where=FEW)


def downgrade() -> None:
    """Find them among all others."""
    op.drop_index(INDEX, table_name=TABLE)
