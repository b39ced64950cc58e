"""notes about players"""

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "player_note",
        sa.Column("tenant_id", sa.Integer(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("player_id", sa.Uuid(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("author", sa.String(length=160), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(
            ["tenant_id", "player_id"],
            ["player.tenant_id", "player.id"],
            name=op.f("fk_player_note_tenant_id_player_id"),
        ),
        sa.PrimaryKeyConstraint("tenant_id", "id", name=op.f("pk_player_note")),
    )
    op.create_index("ix_player_note_player", "player_note", ["tenant_id", "player_id", "id"], unique=False)


def downgrade() -> None:
    op.drop_index("ix_player_note_player", table_name="player_note")
    op.drop_table("player_note")
