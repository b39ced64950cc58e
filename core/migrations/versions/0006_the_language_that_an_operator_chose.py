"""The language that an operator chose"""

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("operator", sa.Column("language", sa.String(length=10), nullable=True))


def downgrade() -> None:
    op.drop_column("operator", "language")
