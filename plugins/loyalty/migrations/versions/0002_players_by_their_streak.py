"""Players by their streak"""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_index(
        "ix_loyalty_player_streak",
        "loyalty_player",
        ["tenant_id", "streak_days"],
        unique=False,
        postgresql_where=sa.text("streak_days > 0"),
        sqlite_where=sa.text("streak_days > 0"),
    )


def downgrade() -> None:
    op.drop_index(
        "ix_loyalty_player_streak",
        table_name="loyalty_player",
        postgresql_where=sa.text("streak_days > 0"),
        sqlite_where=sa.text("streak_days > 0"),
    )
