"""Jobs know whom they are about"""

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("job", sa.Column("player_id", sa.Uuid(), nullable=True))


def downgrade() -> None:
    op.drop_column("job", "player_id")
