"""days that are summed"""

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "rules_day",
        sa.Column("tenant_id", sa.Integer(), nullable=False),
        sa.Column("rule", sa.String(length=64), nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("unit", sa.String(length=16), nullable=False),
        sa.Column("hits", sa.Integer(), nullable=False),
        sa.Column("given", sa.Integer(), nullable=False),
        sa.Column("refused", sa.Integer(), nullable=False),
        sa.Column("paid", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("tenant_id", "rule", "day", "unit", name=op.f("pk_rules_day")),
    )
    op.create_table(
        "rules_segment_size",
        sa.Column("tenant_id", sa.Integer(), nullable=False),
        sa.Column("segment", sa.String(length=64), nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("size", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("tenant_id", "segment", "day", name=op.f("pk_rules_segment_size")),
    )
    op.create_index("ix_rules_decision_at", "rules_decision", ["at"], unique=False, postgresql_using="brin")


def downgrade() -> None:
    op.drop_index("ix_rules_decision_at", table_name="rules_decision", postgresql_using="brin")
    op.drop_table("rules_segment_size")
    op.drop_table("rules_day")
