"""the rulebook"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "rules_alert",
        sa.Column("tenant_id", sa.Integer(), nullable=False),
        sa.Column("subject", sa.String(length=120), nullable=False),
        sa.Column("rule", sa.String(length=64), nullable=False),
        sa.Column("is_on", sa.Boolean(), nullable=False),
        sa.Column("fired_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("times", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("tenant_id", "subject", "rule", name=op.f("pk_rules_alert")),
    )
    op.create_table(
        "rules_book",
        sa.Column("tenant_id", sa.Integer(), nullable=False),
        sa.Column("revision", sa.BigInteger(), nullable=False),
        sa.Column("is_stopped", sa.Boolean(), nullable=False),
        sa.Column("stopped_by", sa.String(length=160), nullable=True),
        sa.Column("stopped_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("reason", sa.Text(), nullable=True),
        sa.PrimaryKeyConstraint("tenant_id", name=op.f("pk_rules_book")),
    )
    op.create_table(
        "rules_budget",
        sa.Column("tenant_id", sa.Integer(), nullable=False),
        sa.Column("owner", sa.String(length=80), nullable=False),
        sa.Column("period_start", sa.DateTime(timezone=True), nullable=False),
        sa.Column("total", sa.BigInteger(), nullable=False),
        sa.Column("spent", sa.BigInteger(), nullable=False),
        sa.Column("is_told", sa.Boolean(), nullable=False),
        sa.CheckConstraint("spent >= 0 AND spent <= total", name=op.f("ck_rules_budget_never_over")),
        sa.PrimaryKeyConstraint("tenant_id", "owner", "period_start", name=op.f("pk_rules_budget")),
    )
    op.create_table(
        "rules_decision",
        sa.Column("tenant_id", sa.Integer(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("event_id", sa.Uuid(), nullable=False),
        sa.Column("rule", sa.String(length=64), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("player_id", sa.Uuid(), nullable=True),
        sa.Column("outcome", sa.String(length=20), nullable=False),
        sa.Column("amount", sa.BigInteger(), nullable=True),
        sa.Column("unit", sa.String(length=16), nullable=True),
        sa.Column("detail", sa.JSON().with_variant(postgresql.JSONB(), "postgresql"), nullable=True),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("tenant_id", "id", name=op.f("pk_rules_decision")),
        sa.UniqueConstraint(
            "tenant_id", "event_id", "rule", name=op.f("uq_rules_decision_tenant_id_event_id_rule")
        ),
    )
    op.create_index(
        "ix_rules_decision_player", "rules_decision", ["tenant_id", "player_id", "id"], unique=False
    )
    op.create_index("ix_rules_decision_rule", "rules_decision", ["tenant_id", "rule", "id"], unique=False)
    op.create_table(
        "rules_frozen",
        sa.Column("tenant_id", sa.Integer(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("segment", sa.String(length=64), nullable=False),
        sa.Column("reason", sa.String(length=200), nullable=False),
        sa.Column("size", sa.Integer(), nullable=False),
        sa.Column("frozen_by", sa.String(length=160), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("tenant_id", "id", name=op.f("pk_rules_frozen")),
        info={"unchanged": True},
    )
    op.create_index("ix_rules_frozen_segment", "rules_frozen", ["tenant_id", "segment", "id"], unique=False)
    op.create_table(
        "rules_frozen_member",
        sa.Column("tenant_id", sa.Integer(), nullable=False),
        sa.Column("frozen_id", sa.Uuid(), nullable=False),
        sa.Column("player_id", sa.Uuid(), nullable=False),
        sa.PrimaryKeyConstraint("tenant_id", "frozen_id", "player_id", name=op.f("pk_rules_frozen_member")),
        info={"unchanged": True},
    )
    op.create_table(
        "rules_judgement",
        sa.Column("tenant_id", sa.Integer(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("event", sa.String(length=80), nullable=False),
        sa.Column("player_id", sa.Uuid(), nullable=True),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.Column("facts", sa.JSON().with_variant(postgresql.JSONB(), "postgresql"), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("tenant_id", "id", name=op.f("pk_rules_judgement")),
        info={"unchanged": True},
    )
    op.create_index("ix_rules_judgement_event", "rules_judgement", ["tenant_id", "event", "at"], unique=False)
    op.create_index(
        "ix_rules_judgement_player", "rules_judgement", ["tenant_id", "player_id", "id"], unique=False
    )
    op.create_table(
        "rules_member",
        sa.Column("tenant_id", sa.Integer(), nullable=False),
        sa.Column("segment", sa.String(length=64), nullable=False),
        sa.Column("player_id", sa.Uuid(), nullable=False),
        sa.Column("entered_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("left_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("event_id", sa.Uuid(), nullable=True),
        sa.Column("left_event_id", sa.Uuid(), nullable=True),
        sa.PrimaryKeyConstraint(
            "tenant_id", "segment", "player_id", "entered_at", name=op.f("pk_rules_member")
        ),
    )
    op.create_index(
        "ix_rules_member_now",
        "rules_member",
        ["tenant_id", "segment", "player_id"],
        unique=True,
        sqlite_where=sa.text("left_at IS NULL"),
        postgresql_where=sa.text("left_at IS NULL"),
    )
    op.create_index(
        "ix_rules_member_player", "rules_member", ["tenant_id", "player_id", "entered_at"], unique=False
    )
    op.create_table(
        "rules_player",
        sa.Column("tenant_id", sa.Integer(), nullable=False),
        sa.Column("player_id", sa.Uuid(), nullable=False),
        sa.Column("segments", sa.JSON().with_variant(postgresql.JSONB(), "postgresql"), nullable=False),
        sa.Column("segment", sa.String(length=64), nullable=True),
        sa.PrimaryKeyConstraint("tenant_id", "player_id", name=op.f("pk_rules_player")),
    )
    op.create_table(
        "rules_report",
        sa.Column("tenant_id", sa.Integer(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("rule", sa.String(length=64), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("asked", sa.JSON().with_variant(postgresql.JSONB(), "postgresql"), nullable=False),
        sa.Column("state", sa.String(length=12), nullable=False),
        sa.Column("error", sa.Text(), nullable=True),
        sa.Column("result", sa.JSON().with_variant(postgresql.JSONB(), "postgresql"), nullable=True),
        sa.Column("job_id", sa.Uuid(), nullable=True),
        sa.Column("asked_by", sa.String(length=160), nullable=False),
        sa.Column("asked_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("finished_at", sa.DateTime(timezone=True), nullable=True),
        sa.PrimaryKeyConstraint("tenant_id", "id", name=op.f("pk_rules_report")),
    )
    op.create_index("ix_rules_report_rule", "rules_report", ["tenant_id", "rule", "id"], unique=False)
    op.create_table(
        "rules_rule",
        sa.Column("tenant_id", sa.Integer(), nullable=False),
        sa.Column("key", sa.String(length=64), nullable=False),
        sa.Column("kind", sa.String(length=40), nullable=False),
        sa.Column("name", sa.String(length=200), nullable=False),
        sa.Column("state", sa.String(length=12), nullable=False),
        sa.Column("stage", sa.String(length=12), nullable=False),
        sa.Column("head", sa.Integer(), nullable=False),
        sa.Column("live", sa.Integer(), nullable=True),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.Column("words", sa.Text(), nullable=False),
        sa.Column("changed_by", sa.String(length=160), nullable=False),
        sa.Column("changed_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("tenant_id", "key", name=op.f("pk_rules_rule")),
    )
    op.create_index("ix_rules_rule_live", "rules_rule", ["tenant_id", "state", "kind"], unique=False)
    op.create_table(
        "rules_step",
        sa.Column("tenant_id", sa.Integer(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("key", sa.String(length=64), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("step", sa.String(length=20), nullable=False),
        sa.Column("actor", sa.String(length=160), nullable=False),
        sa.Column("comment", sa.Text(), nullable=False),
        sa.Column("detail", sa.JSON().with_variant(postgresql.JSONB(), "postgresql"), nullable=True),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("tenant_id", "id", name=op.f("pk_rules_step")),
        info={"append_only": True},
    )
    op.create_index("ix_rules_step_key", "rules_step", ["tenant_id", "key", "id"], unique=False)
    op.create_table(
        "rules_subscription",
        sa.Column("tenant_id", sa.Integer(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("player_id", sa.Uuid(), nullable=False),
        sa.Column("rule", sa.String(length=64), nullable=False),
        sa.Column("about", sa.String(length=80), nullable=False),
        sa.Column("threshold", sa.Float(), nullable=True),
        sa.Column("channels", sa.JSON().with_variant(postgresql.JSONB(), "postgresql"), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("tenant_id", "id", name=op.f("pk_rules_subscription")),
        sa.UniqueConstraint(
            "tenant_id",
            "player_id",
            "rule",
            "about",
            name=op.f("uq_rules_subscription_tenant_id_player_id_rule_about"),
        ),
    )
    op.create_index(
        "ix_rules_subscription_rule", "rules_subscription", ["tenant_id", "rule", "id"], unique=False
    )
    op.create_table(
        "rules_use",
        sa.Column("tenant_id", sa.Integer(), nullable=False),
        sa.Column("rule", sa.String(length=64), nullable=False),
        sa.Column("player_id", sa.Uuid(), nullable=False),
        sa.Column("period_start", sa.DateTime(timezone=True), nullable=False),
        sa.Column("count", sa.Integer(), nullable=False),
        sa.Column("last_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("tenant_id", "rule", "player_id", name=op.f("pk_rules_use")),
    )
    op.create_table(
        "rules_version",
        sa.Column("tenant_id", sa.Integer(), nullable=False),
        sa.Column("key", sa.String(length=64), nullable=False),
        sa.Column("number", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("document", sa.JSON().with_variant(postgresql.JSONB(), "postgresql"), nullable=False),
        sa.Column("author", sa.String(length=160), nullable=False),
        sa.Column("message", sa.Text(), nullable=False),
        sa.Column("copy_of", sa.Integer(), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("tenant_id", "key", "number", name=op.f("pk_rules_version")),
        info={"append_only": True},
    )


def downgrade() -> None:
    op.drop_table("rules_version")
    op.drop_table("rules_use")
    op.drop_index("ix_rules_subscription_rule", table_name="rules_subscription")
    op.drop_table("rules_subscription")
    op.drop_index("ix_rules_step_key", table_name="rules_step")
    op.drop_table("rules_step")
    op.drop_index("ix_rules_rule_live", table_name="rules_rule")
    op.drop_table("rules_rule")
    op.drop_index("ix_rules_report_rule", table_name="rules_report")
    op.drop_table("rules_report")
    op.drop_table("rules_player")
    op.drop_index("ix_rules_member_player", table_name="rules_member")
    op.drop_index(
        "ix_rules_member_now",
        table_name="rules_member",
        sqlite_where=sa.text("left_at IS NULL"),
        postgresql_where=sa.text("left_at IS NULL"),
    )
    op.drop_table("rules_member")
    op.drop_index("ix_rules_judgement_player", table_name="rules_judgement")
    op.drop_index("ix_rules_judgement_event", table_name="rules_judgement")
    op.drop_table("rules_judgement")
    op.drop_table("rules_frozen_member")
    op.drop_index("ix_rules_frozen_segment", table_name="rules_frozen")
    op.drop_table("rules_frozen")
    op.drop_index("ix_rules_decision_rule", table_name="rules_decision")
    op.drop_index("ix_rules_decision_player", table_name="rules_decision")
    op.drop_table("rules_decision")
    op.drop_table("rules_budget")
    op.drop_table("rules_book")
    op.drop_table("rules_alert")
