"""loyalty"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "loyalty_bonus",
        sa.Column("tenant_id", sa.Integer(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("player_id", sa.Uuid(), nullable=False),
        sa.Column("amount", sa.BigInteger(), nullable=False),
        sa.Column("requirement", sa.BigInteger(), nullable=False),
        sa.Column("counted", sa.String(length=80), nullable=False),
        sa.Column("terms", sa.JSON().with_variant(postgresql.JSONB(), "postgresql"), nullable=False),
        sa.Column("breaches", sa.Integer(), nullable=False),
        sa.Column("deducted", sa.BigInteger(), nullable=False),
        sa.Column("state", sa.String(length=12), nullable=False),
        sa.Column("converted", sa.BigInteger(), nullable=False),
        sa.Column("withheld", sa.BigInteger(), nullable=False),
        sa.Column("ends", sa.JSON().with_variant(postgresql.JSONB(), "postgresql"), nullable=False),
        sa.Column("end_count", sa.Integer(), nullable=False),
        sa.Column("granted_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=True),
        sa.PrimaryKeyConstraint("tenant_id", "id", name=op.f("pk_loyalty_bonus")),
    )
    op.create_index(
        "ix_loyalty_bonus_player", "loyalty_bonus", ["tenant_id", "player_id", "state"], unique=False
    )
    op.create_table(
        "loyalty_boost",
        sa.Column("tenant_id", sa.Integer(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("player_id", sa.Uuid(), nullable=False),
        sa.Column("multiplier", sa.String(length=20), nullable=False),
        sa.Column("cause_id", sa.Uuid(), nullable=True),
        sa.Column("starts_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("ends_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("tenant_id", "id", name=op.f("pk_loyalty_boost")),
    )
    op.create_index(
        "ix_loyalty_boost_player", "loyalty_boost", ["tenant_id", "player_id", "ends_at"], unique=False
    )
    op.create_table(
        "loyalty_campaign",
        sa.Column("tenant_id", sa.Integer(), nullable=False),
        sa.Column("key", sa.String(length=64), nullable=False),
        sa.Column("title", sa.String(length=200), nullable=False),
        sa.Column("segment", sa.String(length=64), nullable=False),
        sa.Column("offer", sa.JSON().with_variant(postgresql.JSONB(), "postgresql"), nullable=False),
        sa.Column("budget", sa.BigInteger(), nullable=True),
        sa.Column("holdout_percent", sa.Float(), nullable=False),
        sa.Column("state", sa.String(length=12), nullable=False),
        sa.Column("starts_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("ends_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("frozen_id", sa.Uuid(), nullable=True),
        sa.Column("spent", sa.BigInteger(), nullable=False),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.Column("created_by", sa.String(length=160), nullable=False),
        sa.Column("submitted_by", sa.String(length=160), nullable=True),
        sa.Column("approved_by", sa.String(length=160), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("tenant_id", "key", name=op.f("pk_loyalty_campaign")),
    )
    op.create_table(
        "loyalty_campaign_member",
        sa.Column("tenant_id", sa.Integer(), nullable=False),
        sa.Column("campaign", sa.String(length=64), nullable=False),
        sa.Column("player_id", sa.Uuid(), nullable=False),
        sa.Column("outcome", sa.String(length=20), nullable=False),
        sa.Column("amount", sa.BigInteger(), nullable=False),
        sa.Column("reward_id", sa.Uuid(), nullable=True),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint(
            "tenant_id", "campaign", "player_id", name=op.f("pk_loyalty_campaign_member")
        ),
    )
    op.create_table(
        "loyalty_code",
        sa.Column("tenant_id", sa.Integer(), nullable=False),
        sa.Column("player_id", sa.Uuid(), nullable=False),
        sa.Column("code", sa.String(length=24), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("tenant_id", "player_id", name=op.f("pk_loyalty_code")),
        sa.UniqueConstraint("tenant_id", "code", name=op.f("uq_loyalty_code_tenant_id_code")),
    )
    op.create_table(
        "loyalty_count",
        sa.Column("tenant_id", sa.Integer(), nullable=False),
        sa.Column("bonus_id", sa.Uuid(), nullable=False),
        sa.Column("transaction_id", sa.Uuid(), nullable=False),
        sa.Column("outcome", sa.String(length=20), nullable=False),
        sa.Column("added", sa.String(length=80), nullable=False),
        sa.Column("used", sa.BigInteger(), nullable=False),
        sa.Column("is_undone", sa.Boolean(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("tenant_id", "bonus_id", "transaction_id", name=op.f("pk_loyalty_count")),
    )
    op.create_table(
        "loyalty_day",
        sa.Column("tenant_id", sa.Integer(), nullable=False),
        sa.Column("player_id", sa.Uuid(), nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("plays", sa.Integer(), server_default="0", nullable=False),
        sa.Column("visited_at", sa.DateTime(timezone=True), nullable=True),
        sa.PrimaryKeyConstraint("tenant_id", "player_id", "day", name=op.f("pk_loyalty_day")),
    )
    op.create_table(
        "loyalty_free_play",
        sa.Column("tenant_id", sa.Integer(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("player_id", sa.Uuid(), nullable=False),
        sa.Column("kind", sa.String(length=12), nullable=False),
        sa.Column("value", sa.BigInteger(), nullable=False),
        sa.Column("left", sa.Integer(), nullable=False),
        sa.Column("terms", sa.JSON().with_variant(postgresql.JSONB(), "postgresql"), nullable=False),
        sa.Column("granted_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=True),
        sa.PrimaryKeyConstraint("tenant_id", "id", name=op.f("pk_loyalty_free_play")),
    )
    op.create_index(
        "ix_loyalty_free_play_player",
        "loyalty_free_play",
        ["tenant_id", "player_id", "expires_at"],
        unique=False,
    )
    op.create_table(
        "loyalty_free_use",
        sa.Column("tenant_id", sa.Integer(), nullable=False),
        sa.Column("key", sa.String(length=128), nullable=False),
        sa.Column("free_play_id", sa.Uuid(), nullable=False),
        sa.Column("player_id", sa.Uuid(), nullable=False),
        sa.Column("paid", sa.BigInteger(), nullable=False),
        sa.Column("state", sa.String(length=12), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("tenant_id", "key", name=op.f("pk_loyalty_free_use")),
    )
    op.create_index(
        "ix_loyalty_free_use_play", "loyalty_free_use", ["tenant_id", "free_play_id"], unique=False
    )
    op.create_table(
        "loyalty_item",
        sa.Column("tenant_id", sa.Integer(), nullable=False),
        sa.Column("key", sa.String(length=64), nullable=False),
        sa.Column("title", sa.String(length=200), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("price", sa.BigInteger(), nullable=False),
        sa.Column("unit", sa.String(length=16), nullable=False),
        sa.Column("offer", sa.JSON().with_variant(postgresql.JSONB(), "postgresql"), nullable=False),
        sa.Column("stock", sa.Integer(), nullable=True),
        sa.Column("per_player_max", sa.Integer(), nullable=True),
        sa.Column("tier_min", sa.String(length=64), nullable=True),
        sa.Column("is_active", sa.Boolean(), nullable=False),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("tenant_id", "key", name=op.f("pk_loyalty_item")),
    )
    op.create_table(
        "loyalty_ladder",
        sa.Column("tenant_id", sa.Integer(), nullable=False),
        sa.Column("version", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("document", sa.JSON().with_variant(postgresql.JSONB(), "postgresql"), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("saved_by", sa.String(length=160), nullable=False),
        sa.Column("saved_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("tenant_id", "version", name=op.f("pk_loyalty_ladder")),
        info={"append_only": True},
    )
    op.create_table(
        "loyalty_lot",
        sa.Column("tenant_id", sa.Integer(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("player_id", sa.Uuid(), nullable=False),
        sa.Column("unit", sa.String(length=16), nullable=False),
        sa.Column("earned", sa.BigInteger(), nullable=False),
        sa.Column("left", sa.BigInteger(), nullable=False),
        sa.Column("held", sa.BigInteger(), nullable=False),
        sa.Column("expired", sa.BigInteger(), nullable=False),
        sa.Column("value", sa.String(length=80), nullable=False),
        sa.Column("cause_id", sa.Uuid(), nullable=True),
        sa.Column("earned_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("usable_from", sa.DateTime(timezone=True), nullable=True),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("is_warned", sa.Boolean(), nullable=False),
        sa.Column("is_taken_back", sa.Boolean(), nullable=False),
        sa.PrimaryKeyConstraint("tenant_id", "id", name=op.f("pk_loyalty_lot")),
    )
    op.create_index("ix_loyalty_lot_cause", "loyalty_lot", ["tenant_id", "cause_id"], unique=False)
    op.create_index(
        "ix_loyalty_lot_expiry",
        "loyalty_lot",
        ["tenant_id", "expires_at"],
        unique=False,
        postgresql_where=sa.text('"left" > 0'),
        sqlite_where=sa.text('"left" > 0'),
    )
    op.create_index(
        "ix_loyalty_lot_player",
        "loyalty_lot",
        ["tenant_id", "player_id", "unit"],
        unique=False,
        postgresql_where=sa.text('"left" > 0'),
        sqlite_where=sa.text('"left" > 0'),
    )
    op.create_table(
        "loyalty_mark",
        sa.Column("tenant_id", sa.Integer(), nullable=False),
        sa.Column("mission", sa.String(length=64), nullable=False),
        sa.Column("transaction_id", sa.Uuid(), nullable=False),
        sa.Column("player_id", sa.Uuid(), nullable=False),
        sa.Column("period_start", sa.DateTime(timezone=True), nullable=False),
        sa.Column("mark", sa.JSON().with_variant(postgresql.JSONB(), "postgresql"), nullable=False),
        sa.Column("is_undone", sa.Boolean(), nullable=False),
        sa.PrimaryKeyConstraint("tenant_id", "mission", "transaction_id", name=op.f("pk_loyalty_mark")),
    )
    op.create_index(
        "ix_loyalty_mark_player", "loyalty_mark", ["tenant_id", "player_id", "mission"], unique=False
    )
    op.create_index(
        "ix_loyalty_mark_transaction", "loyalty_mark", ["tenant_id", "transaction_id"], unique=False
    )
    op.create_table(
        "loyalty_mission",
        sa.Column("tenant_id", sa.Integer(), nullable=False),
        sa.Column("key", sa.String(length=64), nullable=False),
        sa.Column("kind", sa.String(length=12), nullable=False),
        sa.Column("title", sa.String(length=200), nullable=False),
        sa.Column("definition", sa.JSON().with_variant(postgresql.JSONB(), "postgresql"), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("is_active", sa.Boolean(), nullable=False),
        sa.Column("starts_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("ends_at", sa.DateTime(timezone=True), nullable=True),
        sa.PrimaryKeyConstraint("tenant_id", "key", name=op.f("pk_loyalty_mission")),
    )
    op.create_table(
        "loyalty_movement",
        sa.Column("tenant_id", sa.Integer(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("player_id", sa.Uuid(), nullable=False),
        sa.Column("points", sa.BigInteger(), nullable=False),
        sa.Column("is_earning", sa.Boolean(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("tenant_id", "id", name=op.f("pk_loyalty_movement")),
    )
    op.create_index(
        "ix_loyalty_movement_player", "loyalty_movement", ["tenant_id", "player_id", "at"], unique=False
    )
    op.create_table(
        "loyalty_player",
        sa.Column("tenant_id", sa.Integer(), nullable=False),
        sa.Column("player_id", sa.Uuid(), nullable=False),
        sa.Column("deposited", sa.BigInteger(), server_default="0", nullable=False),
        sa.Column("withdrawn", sa.BigInteger(), server_default="0", nullable=False),
        sa.Column("wagered", sa.BigInteger(), server_default="0", nullable=False),
        sa.Column("won", sa.BigInteger(), server_default="0", nullable=False),
        sa.Column("net_loss", sa.BigInteger(), server_default="0", nullable=False),
        sa.Column("bonus_wagered", sa.BigInteger(), server_default="0", nullable=False),
        sa.Column("wagered_since_deposit", sa.BigInteger(), server_default="0", nullable=False),
        sa.Column("deposit_count", sa.Integer(), server_default="0", nullable=False),
        sa.Column("withdrawal_count", sa.Integer(), server_default="0", nullable=False),
        sa.Column("bet_count", sa.Integer(), server_default="0", nullable=False),
        sa.Column("win_count", sa.Integer(), server_default="0", nullable=False),
        sa.Column("session_count", sa.Integer(), server_default="0", nullable=False),
        sa.Column("play_seconds", sa.BigInteger(), server_default="0", nullable=False),
        sa.Column("volatility_sum", sa.Float(), server_default="0", nullable=False),
        sa.Column("first_deposit_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("last_deposit_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("last_wager_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("last_active_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("country", sa.String(length=2), nullable=True),
        sa.Column("registered_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("points", sa.BigInteger(), server_default="0", nullable=False),
        sa.Column("points_earned", sa.BigInteger(), server_default="0", nullable=False),
        sa.Column("points_carry", sa.String(length=80), server_default="0", nullable=False),
        sa.Column("points_part", sa.Float(), server_default="0", nullable=False),
        sa.Column("has_points_owed", sa.Boolean(), server_default=sa.text("(false)"), nullable=False),
        sa.Column("reward_points", sa.BigInteger(), server_default="0", nullable=False),
        sa.Column("tier", sa.String(length=64), nullable=True),
        sa.Column("tier_multiplier", sa.Float(), server_default="1", nullable=False),
        sa.Column("bonus_count", sa.Integer(), server_default="0", nullable=False),
        sa.Column("abuse_score", sa.Integer(), server_default="0", nullable=False),
        sa.Column("is_blocked", sa.Boolean(), server_default=sa.text("(false)"), nullable=False),
        sa.Column("streak_days", sa.Integer(), server_default="0", nullable=False),
        sa.Column("streak_on", sa.Date(), nullable=True),
        sa.PrimaryKeyConstraint("tenant_id", "player_id", name=op.f("pk_loyalty_player")),
    )
    op.create_table(
        "loyalty_player_change",
        sa.Column("tenant_id", sa.Integer(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("player_id", sa.Uuid(), nullable=False),
        sa.Column("what", sa.String(length=20), nullable=False),
        sa.Column("before", sa.String(length=64), nullable=True),
        sa.Column("after", sa.String(length=64), nullable=True),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("tenant_id", "id", name=op.f("pk_loyalty_player_change")),
        info={"append_only": True},
    )
    op.create_index(
        "ix_loyalty_player_change_player",
        "loyalty_player_change",
        ["tenant_id", "player_id", "id"],
        unique=False,
    )
    op.create_table(
        "loyalty_progress",
        sa.Column("tenant_id", sa.Integer(), nullable=False),
        sa.Column("mission", sa.String(length=64), nullable=False),
        sa.Column("player_id", sa.Uuid(), nullable=False),
        sa.Column("period_start", sa.DateTime(timezone=True), nullable=False),
        sa.Column("tally", sa.JSON().with_variant(postgresql.JSONB(), "postgresql"), nullable=False),
        sa.Column("completed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("reward_id", sa.Uuid(), nullable=True),
        sa.PrimaryKeyConstraint(
            "tenant_id", "mission", "player_id", "period_start", name=op.f("pk_loyalty_progress")
        ),
    )
    op.create_table(
        "loyalty_redemption",
        sa.Column("tenant_id", sa.Integer(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("key", sa.String(length=128), nullable=False),
        sa.Column("player_id", sa.Uuid(), nullable=False),
        sa.Column("item", sa.String(length=64), nullable=False),
        sa.Column("price", sa.BigInteger(), nullable=False),
        sa.Column("unit", sa.String(length=16), nullable=False),
        sa.Column("takes", sa.JSON().with_variant(postgresql.JSONB(), "postgresql"), nullable=False),
        sa.Column("state", sa.String(length=12), nullable=False),
        sa.Column("note", sa.Text(), nullable=False),
        sa.Column("reward_id", sa.Uuid(), nullable=True),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.PrimaryKeyConstraint("tenant_id", "id", name=op.f("pk_loyalty_redemption")),
        sa.UniqueConstraint(
            "tenant_id", "player_id", "key", name=op.f("uq_loyalty_redemption_tenant_id_player_id_key")
        ),
    )
    op.create_index(
        "ix_loyalty_redemption_item", "loyalty_redemption", ["tenant_id", "item", "id"], unique=False
    )
    op.create_table(
        "loyalty_referral",
        sa.Column("tenant_id", sa.Integer(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("referrer_id", sa.Uuid(), nullable=False),
        sa.Column("friend_id", sa.Uuid(), nullable=False),
        sa.Column("state", sa.String(length=12), nullable=False),
        sa.Column("score", sa.Integer(), nullable=False),
        sa.Column("reasons", sa.JSON().with_variant(postgresql.JSONB(), "postgresql"), nullable=False),
        sa.Column("rewards", sa.JSON().with_variant(postgresql.JSONB(), "postgresql"), nullable=False),
        sa.Column("registered_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("qualified_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.PrimaryKeyConstraint("tenant_id", "id", name=op.f("pk_loyalty_referral")),
        sa.UniqueConstraint("tenant_id", "friend_id", name=op.f("uq_loyalty_referral_tenant_id_friend_id")),
    )
    op.create_index(
        "ix_loyalty_referral_referrer", "loyalty_referral", ["tenant_id", "referrer_id", "id"], unique=False
    )
    op.create_table(
        "loyalty_referral_facts",
        sa.Column("tenant_id", sa.Integer(), nullable=False),
        sa.Column("player_id", sa.Uuid(), nullable=False),
        sa.Column("referred_deposited", sa.BigInteger(), server_default="0", nullable=False),
        sa.Column("referred_wagered", sa.BigInteger(), server_default="0", nullable=False),
        sa.Column(
            "shares_device_with_referrer", sa.Boolean(), server_default=sa.text("(false)"), nullable=False
        ),
        sa.Column(
            "shares_card_with_referrer", sa.Boolean(), server_default=sa.text("(false)"), nullable=False
        ),
        sa.Column("accounts_on_device", sa.Integer(), server_default="1", nullable=False),
        sa.Column("accounts_on_card", sa.Integer(), server_default="1", nullable=False),
        sa.PrimaryKeyConstraint("tenant_id", "player_id", name=op.f("pk_loyalty_referral_facts")),
    )
    op.create_table(
        "loyalty_reward",
        sa.Column("tenant_id", sa.Integer(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("key", sa.String(length=200), nullable=False),
        sa.Column("player_id", sa.Uuid(), nullable=False),
        sa.Column("type", sa.String(length=24), nullable=False),
        sa.Column("amount", sa.BigInteger(), nullable=False),
        sa.Column("unit", sa.String(length=16), nullable=False),
        sa.Column("status", sa.String(length=12), nullable=False),
        sa.Column("rule", sa.String(length=64), nullable=True),
        sa.Column("rule_version", sa.Integer(), nullable=True),
        sa.Column("decision_id", sa.Uuid(), nullable=True),
        sa.Column("event_id", sa.Uuid(), nullable=True),
        sa.Column("campaign", sa.String(length=64), nullable=True),
        sa.Column("detail", sa.JSON().with_variant(postgresql.JSONB(), "postgresql"), nullable=True),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("issued_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("warned_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.PrimaryKeyConstraint("tenant_id", "id", name=op.f("pk_loyalty_reward")),
        sa.UniqueConstraint("tenant_id", "key", name=op.f("uq_loyalty_reward_tenant_id_key")),
    )
    op.create_index(
        "ix_loyalty_reward_decision", "loyalty_reward", ["tenant_id", "decision_id"], unique=False
    )
    op.create_index(
        "ix_loyalty_reward_due", "loyalty_reward", ["tenant_id", "status", "expires_at"], unique=False
    )
    op.create_index(
        "ix_loyalty_reward_player", "loyalty_reward", ["tenant_id", "player_id", "id"], unique=False
    )
    op.create_table(
        "loyalty_signal",
        sa.Column("tenant_id", sa.Integer(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("key", sa.String(length=200), nullable=False),
        sa.Column("player_id", sa.Uuid(), nullable=False),
        sa.Column("detector", sa.String(length=40), nullable=False),
        sa.Column("severity", sa.Integer(), nullable=False),
        sa.Column("evidence", sa.JSON().with_variant(postgresql.JSONB(), "postgresql"), nullable=False),
        sa.Column("action", sa.String(length=40), nullable=False),
        sa.Column("state", sa.String(length=12), nullable=False),
        sa.Column("resolved_by", sa.String(length=160), nullable=True),
        sa.Column("resolution", sa.Text(), nullable=False),
        sa.Column("detected_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("resolved_at", sa.DateTime(timezone=True), nullable=True),
        sa.PrimaryKeyConstraint("tenant_id", "id", name=op.f("pk_loyalty_signal")),
        sa.UniqueConstraint("tenant_id", "key", name=op.f("uq_loyalty_signal_tenant_id_key")),
    )
    op.create_index(
        "ix_loyalty_signal_player", "loyalty_signal", ["tenant_id", "player_id", "state"], unique=False
    )
    op.create_table(
        "loyalty_stake",
        sa.Column("tenant_id", sa.Integer(), nullable=False),
        sa.Column("key", sa.String(length=128), nullable=False),
        sa.Column("player_id", sa.Uuid(), nullable=False),
        sa.Column("cash", sa.BigInteger(), nullable=False),
        sa.Column("bonuses", sa.JSON().with_variant(postgresql.JSONB(), "postgresql"), nullable=False),
        sa.Column("returned", sa.BigInteger(), nullable=True),
        sa.Column("state", sa.String(length=12), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("tenant_id", "key", name=op.f("pk_loyalty_stake")),
    )
    op.create_index(
        "ix_loyalty_stake_player", "loyalty_stake", ["tenant_id", "player_id", "state"], unique=False
    )
    op.create_table(
        "loyalty_standing",
        sa.Column("tenant_id", sa.Integer(), nullable=False),
        sa.Column("player_id", sa.Uuid(), nullable=False),
        sa.Column("tier", sa.String(length=64), nullable=False),
        sa.Column("since", sa.DateTime(timezone=True), nullable=False),
        sa.Column("judged_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("term_ends_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("short_since", sa.DateTime(timezone=True), nullable=True),
        sa.Column("due_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("warned_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("score_max", sa.BigInteger(), nullable=False),
        sa.Column("fixed_tier", sa.String(length=64), nullable=True),
        sa.Column("fixed_until", sa.DateTime(timezone=True), nullable=True),
        sa.Column("fixed_reason", sa.Text(), nullable=False),
        sa.Column("fixed_by", sa.String(length=160), nullable=True),
        sa.PrimaryKeyConstraint("tenant_id", "player_id", name=op.f("pk_loyalty_standing")),
    )
    op.create_index("ix_loyalty_standing_due", "loyalty_standing", ["tenant_id", "due_at"], unique=False)
    op.create_table(
        "loyalty_trait",
        sa.Column("tenant_id", sa.Integer(), nullable=False),
        sa.Column("player_id", sa.Uuid(), nullable=False),
        sa.Column("kind", sa.String(length=12), nullable=False),
        sa.Column("digest", sa.String(length=64), nullable=False),
        sa.Column("seen_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("tenant_id", "player_id", "kind", "digest", name=op.f("pk_loyalty_trait")),
    )
    op.create_index("ix_loyalty_trait_value", "loyalty_trait", ["tenant_id", "kind", "digest"], unique=False)
    op.create_table(
        "loyalty_transaction",
        sa.Column("tenant_id", sa.Integer(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("sender", sa.String(length=100), nullable=False),
        sa.Column("sender_id", sa.String(length=128), nullable=False),
        sa.Column("player_id", sa.Uuid(), nullable=False),
        sa.Column("kind", sa.String(length=12), nullable=False),
        sa.Column("rolls_back", sa.String(length=128), nullable=True),
        sa.Column("amount", sa.BigInteger(), nullable=False),
        sa.Column("bonus_amount", sa.BigInteger(), nullable=False),
        sa.Column("game", sa.String(length=64), nullable=True),
        sa.Column("category", sa.String(length=64), nullable=True),
        sa.Column("odds", sa.String(length=20), nullable=True),
        sa.Column("round_id", sa.String(length=128), nullable=True),
        sa.Column("is_settled", sa.Boolean(), nullable=False),
        sa.Column("settled_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("seconds", sa.Integer(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("received_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("event_id", sa.Uuid(), nullable=True),
        sa.Column("rolled_back_at", sa.DateTime(timezone=True), nullable=True),
        sa.PrimaryKeyConstraint("tenant_id", "id", name=op.f("pk_loyalty_transaction")),
        sa.UniqueConstraint(
            "tenant_id",
            "sender",
            "rolls_back",
            "player_id",
            name=op.f("uq_loyalty_transaction_tenant_id_sender_rolls_back_player_id"),
        ),
        sa.UniqueConstraint(
            "tenant_id", "sender", "sender_id", name=op.f("uq_loyalty_transaction_tenant_id_sender_sender_id")
        ),
    )
    op.create_index(
        "ix_loyalty_transaction_player",
        "loyalty_transaction",
        ["tenant_id", "player_id", "at", "id"],
        unique=False,
    )
    op.create_index(
        "ix_loyalty_transaction_round",
        "loyalty_transaction",
        ["tenant_id", "sender", "round_id"],
        unique=False,
    )


def downgrade() -> None:
    op.drop_index("ix_loyalty_transaction_round", table_name="loyalty_transaction")
    op.drop_index("ix_loyalty_transaction_player", table_name="loyalty_transaction")
    op.drop_table("loyalty_transaction")
    op.drop_index("ix_loyalty_trait_value", table_name="loyalty_trait")
    op.drop_table("loyalty_trait")
    op.drop_index("ix_loyalty_standing_due", table_name="loyalty_standing")
    op.drop_table("loyalty_standing")
    op.drop_index("ix_loyalty_stake_player", table_name="loyalty_stake")
    op.drop_table("loyalty_stake")
    op.drop_index("ix_loyalty_signal_player", table_name="loyalty_signal")
    op.drop_table("loyalty_signal")
    op.drop_index("ix_loyalty_reward_player", table_name="loyalty_reward")
    op.drop_index("ix_loyalty_reward_due", table_name="loyalty_reward")
    op.drop_index("ix_loyalty_reward_decision", table_name="loyalty_reward")
    op.drop_table("loyalty_reward")
    op.drop_table("loyalty_referral_facts")
    op.drop_index("ix_loyalty_referral_referrer", table_name="loyalty_referral")
    op.drop_table("loyalty_referral")
    op.drop_index("ix_loyalty_redemption_item", table_name="loyalty_redemption")
    op.drop_table("loyalty_redemption")
    op.drop_table("loyalty_progress")
    op.drop_index("ix_loyalty_player_change_player", table_name="loyalty_player_change")
    op.drop_table("loyalty_player_change")
    op.drop_table("loyalty_player")
    op.drop_index("ix_loyalty_movement_player", table_name="loyalty_movement")
    op.drop_table("loyalty_movement")
    op.drop_table("loyalty_mission")
    op.drop_index("ix_loyalty_mark_transaction", table_name="loyalty_mark")
    op.drop_index("ix_loyalty_mark_player", table_name="loyalty_mark")
    op.drop_table("loyalty_mark")
    op.drop_index(
        "ix_loyalty_lot_player",
        table_name="loyalty_lot",
        postgresql_where=sa.text('"left" > 0'),
        sqlite_where=sa.text('"left" > 0'),
    )
    op.drop_index(
        "ix_loyalty_lot_expiry",
        table_name="loyalty_lot",
        postgresql_where=sa.text('"left" > 0'),
        sqlite_where=sa.text('"left" > 0'),
    )
    op.drop_index("ix_loyalty_lot_cause", table_name="loyalty_lot")
    op.drop_table("loyalty_lot")
    op.drop_table("loyalty_ladder")
    op.drop_table("loyalty_item")
    op.drop_index("ix_loyalty_free_use_play", table_name="loyalty_free_use")
    op.drop_table("loyalty_free_use")
    op.drop_index("ix_loyalty_free_play_player", table_name="loyalty_free_play")
    op.drop_table("loyalty_free_play")
    op.drop_table("loyalty_day")
    op.drop_table("loyalty_count")
    op.drop_table("loyalty_code")
    op.drop_table("loyalty_campaign_member")
    op.drop_table("loyalty_campaign")
    op.drop_index("ix_loyalty_boost_player", table_name="loyalty_boost")
    op.drop_table("loyalty_boost")
    op.drop_index("ix_loyalty_bonus_player", table_name="loyalty_bonus")
    op.drop_table("loyalty_bonus")
