"""The log by time"""

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_index("ix_event_log_at", "event_log", ["at"], unique=False, postgresql_using="brin")


def downgrade() -> None:
    op.drop_index("ix_event_log_at", table_name="event_log", postgresql_using="brin")
