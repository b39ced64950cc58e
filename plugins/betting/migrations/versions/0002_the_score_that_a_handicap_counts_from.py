"""the score that a handicap counts from"""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column(
        "betting_leg", sa.Column("score_from", sa.String(length=11), server_default="", nullable=False)
    )


def downgrade() -> None:
    op.drop_column("betting_leg", "score_from")
