"""Reports that are saved and made by plan"""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "report_run",
        sa.Column("tenant_id", sa.Integer(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("saved_id", sa.Uuid(), nullable=False),
        sa.Column("report", sa.String(length=160), nullable=False),
        sa.Column("first", sa.Date(), nullable=False),
        sa.Column("last", sa.Date(), nullable=False),
        sa.Column("format", sa.String(length=8), nullable=False),
        sa.Column("content", sa.LargeBinary(), nullable=False),
        sa.Column("made_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("tenant_id", "id", name=op.f("pk_report_run")),
    )
    op.create_index("ix_report_run_saved", "report_run", ["tenant_id", "saved_id", "id"], unique=False)
    op.create_table(
        "saved_report",
        sa.Column("tenant_id", sa.Integer(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("name", sa.String(length=120), nullable=False),
        sa.Column("report", sa.String(length=160), nullable=False),
        sa.Column("days", sa.Integer(), nullable=False),
        sa.Column("format", sa.String(length=8), nullable=False),
        sa.Column("cron", sa.String(length=80), nullable=False),
        sa.Column("next_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("owner_id", sa.Uuid(), nullable=False),
        sa.Column("made_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("tenant_id", "id", name=op.f("pk_saved_report")),
    )
    op.create_index("ix_saved_report_due", "saved_report", ["tenant_id", "next_at"], unique=False)


def downgrade() -> None:
    op.drop_index("ix_saved_report_due", table_name="saved_report")
    op.drop_table("saved_report")
    op.drop_index("ix_report_run_saved", table_name="report_run")
    op.drop_table("report_run")
