"""cards and decks"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "acme_sample_card",
        sa.Column("tenant_id", sa.Integer(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("player_id", sa.Uuid(), nullable=False),
        sa.Column("key", sa.String(length=120), nullable=False),
        sa.Column("reason", sa.String(length=80), nullable=False),
        sa.Column("state", sa.String(length=12), nullable=False),
        sa.Column("points", sa.Integer(), nullable=True),
        sa.Column("given_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("scratched_at", sa.DateTime(timezone=True), nullable=True),
        sa.PrimaryKeyConstraint("tenant_id", "id", name=op.f("pk_acme_sample_card")),
        sa.UniqueConstraint("tenant_id", "key", name=op.f("uq_acme_sample_card_tenant_id_key")),
    )
    op.create_index(
        "ix_acme_sample_card_player", "acme_sample_card", ["tenant_id", "player_id", "id"], unique=False
    )
    op.create_table(
        "acme_sample_deck",
        sa.Column("tenant_id", sa.Integer(), nullable=False),
        sa.Column("name", sa.String(length=40), nullable=False),
        sa.Column("is_open", sa.Boolean(), nullable=False),
        sa.Column("opened_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("tenant_id", "name", name=op.f("pk_acme_sample_deck")),
    )
    op.create_table(
        "acme_sample_player",
        sa.Column("tenant_id", sa.Integer(), nullable=False),
        sa.Column("player_id", sa.Uuid(), nullable=False),
        sa.Column("cards_scratched", sa.Integer(), server_default="0", nullable=False),
        sa.Column("points_won", sa.Integer(), server_default="0", nullable=False),
        sa.PrimaryKeyConstraint("tenant_id", "player_id", name=op.f("pk_acme_sample_player")),
    )


def downgrade() -> None:
    op.drop_table("acme_sample_player")
    op.drop_table("acme_sample_deck")
    op.drop_index("ix_acme_sample_card_player", table_name="acme_sample_card")
    op.drop_table("acme_sample_card")
