"""the row path"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    json = sa.JSON().with_variant(postgresql.JSONB(), "postgresql")
    op.add_column("rules_rule", sa.Column("row_path", json, nullable=True))


def downgrade() -> None:
    op.drop_column("rules_rule", "row_path")
