"""Players by the day they came"""

from alembic import op

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_index("ix_player_created", "player", ["tenant_id", "created_at"], unique=False)


def downgrade() -> None:
    op.drop_index("ix_player_created", table_name="player")
