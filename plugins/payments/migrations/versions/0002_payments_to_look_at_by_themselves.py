"""Payments to look at by themselves: an index of those alone, which the others do not pay for."""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None

INDEX, TABLE, FEW = "ix_payments_payment_attention", "payments_payment", sa.text("attention IS NOT NULL")


def upgrade() -> None:
    """Look after those that a person must look at."""
    op.create_index(INDEX, TABLE, ["tenant_id", "id"], postgresql_where=FEW, sqlite_where=FEW)


def downgrade() -> None:
    """Find them among all others."""
    op.drop_index(INDEX, table_name=TABLE)
