"""the book of bets"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "betting_bet",
        sa.Column("tenant_id", sa.Integer(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("player_id", sa.Uuid(), nullable=False),
        sa.Column("reference", sa.String(length=128), nullable=False),
        sa.Column("fingerprint", sa.String(length=64), nullable=False),
        sa.Column("kind", sa.String(length=12), nullable=False),
        sa.Column("system", sa.JSON().with_variant(postgresql.JSONB(), "postgresql"), nullable=False),
        sa.Column("is_each_way", sa.Boolean(), nullable=False),
        sa.Column("state", sa.String(length=12), nullable=False),
        sa.Column("reason", sa.String(length=1000), nullable=False),
        sa.Column("currency", sa.String(length=8), nullable=False),
        sa.Column("line_count", sa.Integer(), nullable=False),
        sa.Column("unit_stake", sa.BigInteger(), nullable=False),
        sa.Column("stake", sa.BigInteger(), nullable=False),
        sa.Column("running_stake", sa.BigInteger(), nullable=False),
        sa.Column("potential", sa.BigInteger(), nullable=False),
        sa.Column("payout", sa.BigInteger(), nullable=False),
        sa.Column("free_bet_id", sa.Uuid(), nullable=True),
        sa.Column("price_policy", sa.String(length=12), nullable=False),
        sa.Column("builder_odds", sa.Numeric(precision=12, scale=4), nullable=True),
        sa.Column("decision", sa.JSON().with_variant(postgresql.JSONB(), "postgresql"), nullable=False),
        sa.Column("exposures", sa.JSON().with_variant(postgresql.JSONB(), "postgresql"), nullable=False),
        sa.Column("placed_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("accept_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("accepted_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("settled_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("settlement_version", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("tenant_id", "id", name=op.f("pk_betting_bet")),
        sa.UniqueConstraint(
            "tenant_id", "player_id", "reference", name=op.f("uq_betting_bet_tenant_id_player_id_reference")
        ),
    )
    op.create_index(
        "ix_betting_bet_pending", "betting_bet", ["tenant_id", "state", "accept_at"], unique=False
    )
    op.create_index("ix_betting_bet_player", "betting_bet", ["tenant_id", "player_id", "id"], unique=False)
    op.create_table(
        "betting_cash_out",
        sa.Column("tenant_id", sa.Integer(), nullable=False),
        sa.Column("bet_id", sa.Uuid(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("reference", sa.String(length=128), nullable=False),
        sa.Column("stake", sa.BigInteger(), nullable=False),
        sa.Column("amount", sa.BigInteger(), nullable=False),
        sa.Column("offer", sa.JSON().with_variant(postgresql.JSONB(), "postgresql"), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("tenant_id", "bet_id", "number", name=op.f("pk_betting_cash_out")),
        info={"append_only": True},
    )
    op.create_table(
        "betting_external_bet",
        sa.Column("tenant_id", sa.Integer(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("player_id", sa.Uuid(), nullable=False),
        sa.Column("reference", sa.String(length=128), nullable=False),
        sa.Column("bookmaker", sa.String(length=200), nullable=False),
        sa.Column("fixture_id", sa.Uuid(), nullable=False),
        sa.Column("fixture_name", sa.String(length=200), nullable=False),
        sa.Column("sport", sa.String(length=64), nullable=False),
        sa.Column("template", sa.String(length=64), nullable=False),
        sa.Column("line", sa.String(length=16), nullable=False),
        sa.Column("selection", sa.String(length=64), nullable=False),
        sa.Column("odds", sa.Numeric(precision=12, scale=4), nullable=False),
        sa.Column("currency", sa.String(length=8), nullable=False),
        sa.Column("stake", sa.BigInteger(), nullable=False),
        sa.Column("payout", sa.BigInteger(), nullable=False),
        sa.Column("state", sa.String(length=12), nullable=False),
        sa.Column("result_version", sa.Integer(), nullable=False),
        sa.Column("explanation", sa.JSON().with_variant(postgresql.JSONB(), "postgresql"), nullable=False),
        sa.Column("note", sa.String(length=500), nullable=False),
        sa.Column("placed_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("graded_at", sa.DateTime(timezone=True), nullable=True),
        sa.PrimaryKeyConstraint("tenant_id", "id", name=op.f("pk_betting_external_bet")),
        sa.UniqueConstraint(
            "tenant_id",
            "player_id",
            "reference",
            name=op.f("uq_betting_external_bet_tenant_id_player_id_reference"),
        ),
    )
    op.create_index(
        "ix_betting_external_bet_fixture",
        "betting_external_bet",
        ["tenant_id", "fixture_id", "id"],
        unique=False,
    )
    op.create_index(
        "ix_betting_external_bet_player",
        "betting_external_bet",
        ["tenant_id", "player_id", "id"],
        unique=False,
    )
    op.create_table(
        "betting_free_bet",
        sa.Column("tenant_id", sa.Integer(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("player_id", sa.Uuid(), nullable=False),
        sa.Column("cause", sa.String(length=128), nullable=False),
        sa.Column("amount", sa.BigInteger(), nullable=False),
        sa.Column("currency", sa.String(length=8), nullable=False),
        sa.Column("odds_min", sa.Numeric(precision=12, scale=4), nullable=True),
        sa.Column("sport_codes", sa.JSON().with_variant(postgresql.JSONB(), "postgresql"), nullable=False),
        sa.Column("state", sa.String(length=12), nullable=False),
        sa.Column("bet_id", sa.Uuid(), nullable=True),
        sa.Column("granted_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("tenant_id", "id", name=op.f("pk_betting_free_bet")),
        sa.UniqueConstraint(
            "tenant_id", "player_id", "cause", name=op.f("uq_betting_free_bet_tenant_id_player_id_cause")
        ),
    )
    op.create_index(
        "ix_betting_free_bet_expires", "betting_free_bet", ["tenant_id", "state", "expires_at"], unique=False
    )
    op.create_index(
        "ix_betting_free_bet_player", "betting_free_bet", ["tenant_id", "player_id", "state"], unique=False
    )
    op.create_table(
        "betting_joint_model",
        sa.Column("tenant_id", sa.Integer(), nullable=False),
        sa.Column("fixture_id", sa.Uuid(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("grid", sa.JSON().with_variant(postgresql.JSONB(), "postgresql"), nullable=False),
        sa.Column("book_sum", sa.Numeric(precision=12, scale=4), nullable=False),
        sa.Column("source", sa.String(length=200), nullable=False),
        sa.Column("made_by", sa.String(length=160), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("tenant_id", "fixture_id", "version", name=op.f("pk_betting_joint_model")),
        info={"append_only": True},
    )
    op.create_table(
        "betting_limit",
        sa.Column("tenant_id", sa.Integer(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("scope", sa.String(length=12), nullable=False),
        sa.Column("subject", sa.String(length=64), nullable=False),
        sa.Column("measure", sa.String(length=20), nullable=False),
        sa.Column("amount", sa.BigInteger(), nullable=False),
        sa.Column("reason", sa.String(length=500), nullable=False),
        sa.Column("set_by", sa.String(length=160), nullable=False),
        sa.Column("set_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("tenant_id", "id", name=op.f("pk_betting_limit")),
        sa.UniqueConstraint(
            "tenant_id",
            "subject",
            "scope",
            "measure",
            name=op.f("uq_betting_limit_tenant_id_subject_scope_measure"),
        ),
    )
    op.create_table(
        "betting_market",
        sa.Column("tenant_id", sa.Integer(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("fixture_id", sa.Uuid(), nullable=False),
        sa.Column("sport", sa.String(length=64), nullable=False),
        sa.Column("competition", sa.String(length=64), nullable=False),
        sa.Column("template", sa.String(length=64), nullable=False),
        sa.Column("period", sa.String(length=64), nullable=False),
        sa.Column("line", sa.String(length=16), nullable=False),
        sa.Column("name", sa.String(length=200), nullable=False),
        sa.Column("fixture_name", sa.String(length=200), nullable=False),
        sa.Column("winners", sa.Integer(), server_default="1", nullable=False),
        sa.Column("status", sa.String(length=12), nullable=False),
        sa.Column("suspensions", sa.JSON().with_variant(postgresql.JSONB(), "postgresql"), nullable=False),
        sa.Column("is_in_play", sa.Boolean(), nullable=False),
        sa.Column("goes_in_play", sa.Boolean(), nullable=False),
        sa.Column("starts_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("first_starts_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("closes_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("odds_version", sa.Integer(), nullable=False),
        sa.Column("priced_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("book_sum", sa.Numeric(precision=12, scale=4), nullable=True),
        sa.Column("moves_by", sa.String(length=12), server_default="", nullable=False),
        sa.Column("pricing", sa.JSON().with_variant(postgresql.JSONB(), "postgresql"), nullable=False),
        sa.Column("rules_id", sa.Uuid(), nullable=False),
        sa.Column("staked", sa.BigInteger(), server_default="0", nullable=False),
        sa.Column("refund", sa.BigInteger(), server_default="0", nullable=False),
        sa.Column("result_version", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("tenant_id", "id", name=op.f("pk_betting_market")),
        sa.UniqueConstraint(
            "tenant_id",
            "fixture_id",
            "template",
            "period",
            "line",
            name=op.f("uq_betting_market_tenant_id_fixture_id_template_period_line"),
        ),
    )
    op.create_index(
        "ix_betting_market_closing", "betting_market", ["tenant_id", "status", "closes_at"], unique=False
    )
    op.create_index("ix_betting_market_fixture", "betting_market", ["tenant_id", "fixture_id"], unique=False)
    op.create_table(
        "betting_market_result",
        sa.Column("tenant_id", sa.Integer(), nullable=False),
        sa.Column("market_id", sa.Uuid(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("result_version", sa.Integer(), nullable=False),
        sa.Column("outcomes", sa.JSON().with_variant(postgresql.JSONB(), "postgresql"), nullable=False),
        sa.Column("source", sa.JSON().with_variant(postgresql.JSONB(), "postgresql"), nullable=False),
        sa.Column("actor", sa.String(length=160), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("tenant_id", "market_id", "version", name=op.f("pk_betting_market_result")),
        info={"append_only": True},
    )
    op.create_table(
        "betting_player",
        sa.Column("tenant_id", sa.Integer(), nullable=False),
        sa.Column("player_id", sa.Uuid(), nullable=False),
        sa.Column("staked", sa.BigInteger(), server_default="0", nullable=False),
        sa.Column("returned", sa.BigInteger(), server_default="0", nullable=False),
        sa.Column("net_loss", sa.BigInteger(), server_default="0", nullable=False),
        sa.Column("open_stake", sa.BigInteger(), server_default="0", nullable=False),
        sa.Column("biggest_win", sa.BigInteger(), server_default="0", nullable=False),
        sa.Column("bet_count", sa.Integer(), server_default="0", nullable=False),
        sa.Column("settled_count", sa.Integer(), server_default="0", nullable=False),
        sa.Column("win_count", sa.Integer(), server_default="0", nullable=False),
        sa.Column("in_play_count", sa.Integer(), server_default="0", nullable=False),
        sa.Column("cash_out_count", sa.Integer(), server_default="0", nullable=False),
        sa.Column("odds_sum", sa.Numeric(precision=18, scale=4), server_default="0", nullable=False),
        sa.Column("last_bet_at", sa.DateTime(timezone=True), nullable=True),
        sa.PrimaryKeyConstraint("tenant_id", "player_id", name=op.f("pk_betting_player")),
    )
    op.create_table(
        "betting_pool",
        sa.Column("tenant_id", sa.Integer(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("kind", sa.String(length=12), nullable=False),
        sa.Column("fixture_id", sa.Uuid(), nullable=False),
        sa.Column("sport", sa.String(length=64), nullable=False),
        sa.Column("competition", sa.String(length=64), nullable=False),
        sa.Column("template", sa.String(length=64), nullable=False),
        sa.Column("places", sa.Integer(), nullable=False),
        sa.Column("name", sa.String(length=200), nullable=False),
        sa.Column("selections", sa.JSON().with_variant(postgresql.JSONB(), "postgresql"), nullable=False),
        sa.Column("terms", sa.JSON().with_variant(postgresql.JSONB(), "postgresql"), nullable=False),
        sa.Column("series", sa.String(length=64), nullable=False),
        sa.Column("invite", sa.String(length=40), nullable=False),
        sa.Column("currency", sa.String(length=8), nullable=False),
        sa.Column("state", sa.String(length=12), nullable=False),
        sa.Column("closes_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("gross", sa.BigInteger(), server_default="0", nullable=False),
        sa.Column("entry_count", sa.Integer(), server_default="0", nullable=False),
        sa.Column("carried_in", sa.BigInteger(), server_default="0", nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("outcome", sa.JSON().with_variant(postgresql.JSONB(), "postgresql"), nullable=False),
        sa.Column("made_by", sa.String(length=160), nullable=False),
        sa.Column("made_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.PrimaryKeyConstraint("tenant_id", "id", name=op.f("pk_betting_pool")),
    )
    op.create_index("ix_betting_pool_fixture", "betting_pool", ["tenant_id", "fixture_id"], unique=False)
    op.create_index("ix_betting_pool_series", "betting_pool", ["tenant_id", "series"], unique=False)
    op.create_table(
        "betting_price_move",
        sa.Column("tenant_id", sa.Integer(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("market_id", sa.Uuid(), nullable=False),
        sa.Column("selection_id", sa.Uuid(), nullable=False),
        sa.Column("odds_version", sa.Integer(), nullable=False),
        sa.Column("before", sa.Numeric(precision=12, scale=4), nullable=True),
        sa.Column("odds", sa.Numeric(precision=12, scale=4), nullable=True),
        sa.Column("cause", sa.String(length=20), nullable=False),
        sa.Column("detail", sa.JSON().with_variant(postgresql.JSONB(), "postgresql"), nullable=False),
        sa.Column("actor", sa.String(length=160), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("tenant_id", "id", name=op.f("pk_betting_price_move")),
        info={"append_only": True},
    )
    op.create_index(
        "ix_betting_price_move_market",
        "betting_price_move",
        ["tenant_id", "market_id", "odds_version"],
        unique=False,
    )
    op.create_table(
        "betting_refusal",
        sa.Column("tenant_id", sa.Integer(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("player_id", sa.Uuid(), nullable=False),
        sa.Column("operation", sa.String(length=40), nullable=False),
        sa.Column("code", sa.String(length=40), nullable=False),
        sa.Column("reason", sa.String(length=2000), nullable=False),
        sa.Column("asked", sa.JSON().with_variant(postgresql.JSONB(), "postgresql"), nullable=False),
        sa.Column("decision", sa.JSON().with_variant(postgresql.JSONB(), "postgresql"), nullable=False),
        sa.Column("actor", sa.String(length=160), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("tenant_id", "id", name=op.f("pk_betting_refusal")),
        info={"append_only": True},
    )
    op.create_index(
        "ix_betting_refusal_player", "betting_refusal", ["tenant_id", "player_id", "id"], unique=False
    )
    op.create_table(
        "betting_settlement",
        sa.Column("tenant_id", sa.Integer(), nullable=False),
        sa.Column("bet_id", sa.Uuid(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("run_id", sa.Uuid(), nullable=True),
        sa.Column("cause", sa.String(length=20), nullable=False),
        sa.Column("stake", sa.BigInteger(), nullable=False),
        sa.Column("payout", sa.BigInteger(), nullable=False),
        sa.Column("explanation", sa.JSON().with_variant(postgresql.JSONB(), "postgresql"), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("tenant_id", "bet_id", "version", name=op.f("pk_betting_settlement")),
        info={"append_only": True},
    )
    op.create_index("ix_betting_settlement_run", "betting_settlement", ["tenant_id", "run_id"], unique=False)
    op.create_table(
        "betting_settlement_rules",
        sa.Column("tenant_id", sa.Integer(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("key", sa.String(length=64), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("terms", sa.JSON().with_variant(postgresql.JSONB(), "postgresql"), nullable=False),
        sa.Column("reason", sa.String(length=500), nullable=False),
        sa.Column("made_by", sa.String(length=160), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("tenant_id", "id", name=op.f("pk_betting_settlement_rules")),
        sa.UniqueConstraint(
            "tenant_id", "key", "version", name=op.f("uq_betting_settlement_rules_tenant_id_key_version")
        ),
        info={"append_only": True},
    )
    op.create_table(
        "betting_settlement_run",
        sa.Column("tenant_id", sa.Integer(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("key", sa.String(length=160), nullable=False),
        sa.Column("fixture_id", sa.Uuid(), nullable=False),
        sa.Column("market_id", sa.Uuid(), nullable=True),
        sa.Column("result_version", sa.Integer(), nullable=False),
        sa.Column("kind", sa.String(length=12), nullable=False),
        sa.Column("state", sa.String(length=12), nullable=False),
        sa.Column("detail", sa.JSON().with_variant(postgresql.JSONB(), "postgresql"), nullable=False),
        sa.Column("after_bet_id", sa.Uuid(), nullable=True),
        sa.Column("bet_count", sa.Integer(), nullable=False),
        sa.Column("looked_count", sa.Integer(), nullable=False),
        sa.Column("settled_count", sa.Integer(), nullable=False),
        sa.Column("paid", sa.BigInteger(), nullable=False),
        sa.Column("taken_back", sa.BigInteger(), nullable=False),
        sa.Column("started_by", sa.String(length=160), nullable=False),
        sa.Column("started_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.PrimaryKeyConstraint("tenant_id", "id", name=op.f("pk_betting_settlement_run")),
        sa.UniqueConstraint("tenant_id", "key", name=op.f("uq_betting_settlement_run_tenant_id_key")),
    )
    op.create_index(
        "ix_betting_settlement_run_fixture",
        "betting_settlement_run",
        ["tenant_id", "fixture_id"],
        unique=False,
    )
    op.create_table(
        "betting_strategy",
        sa.Column("tenant_id", sa.Integer(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("player_id", sa.Uuid(), nullable=False),
        sa.Column("name", sa.String(length=200), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("mode", sa.String(length=12), nullable=False),
        sa.Column("stopped_because", sa.String(length=500), nullable=False),
        sa.Column("made_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("changed_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("tenant_id", "id", name=op.f("pk_betting_strategy")),
    )
    op.create_index("ix_betting_strategy_mode", "betting_strategy", ["tenant_id", "mode", "id"], unique=False)
    op.create_index(
        "ix_betting_strategy_player", "betting_strategy", ["tenant_id", "player_id", "id"], unique=False
    )
    op.create_table(
        "betting_strategy_evaluation",
        sa.Column("tenant_id", sa.Integer(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("strategy_id", sa.Uuid(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("begins_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("ends_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("figures", sa.JSON().with_variant(postgresql.JSONB(), "postgresql"), nullable=False),
        sa.Column("bets", sa.JSON().with_variant(postgresql.JSONB(), "postgresql"), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("tenant_id", "id", name=op.f("pk_betting_strategy_evaluation")),
        info={"append_only": True},
    )
    op.create_index(
        "ix_betting_strategy_evaluation",
        "betting_strategy_evaluation",
        ["tenant_id", "strategy_id", "id"],
        unique=False,
    )
    op.create_table(
        "betting_strategy_version",
        sa.Column("tenant_id", sa.Integer(), nullable=False),
        sa.Column("strategy_id", sa.Uuid(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("document", sa.JSON().with_variant(postgresql.JSONB(), "postgresql"), nullable=False),
        sa.Column("made_by", sa.String(length=160), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint(
            "tenant_id", "strategy_id", "version", name=op.f("pk_betting_strategy_version")
        ),
        info={"append_only": True},
    )
    op.create_table(
        "betting_suggestion",
        sa.Column("tenant_id", sa.Integer(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("player_id", sa.Uuid(), nullable=False),
        sa.Column("key", sa.String(length=128), nullable=False),
        sa.Column("model", sa.String(length=200), nullable=False),
        sa.Column("model_version", sa.String(length=64), nullable=False),
        sa.Column("inputs", sa.JSON().with_variant(postgresql.JSONB(), "postgresql"), nullable=False),
        sa.Column("legs", sa.JSON().with_variant(postgresql.JSONB(), "postgresql"), nullable=False),
        sa.Column("why", sa.String(length=2000), nullable=False),
        sa.Column("state", sa.String(length=12), nullable=False),
        sa.Column("withheld_because", sa.String(length=1000), nullable=False),
        sa.Column("bet_id", sa.Uuid(), nullable=True),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.PrimaryKeyConstraint("tenant_id", "id", name=op.f("pk_betting_suggestion")),
        sa.UniqueConstraint(
            "tenant_id", "player_id", "key", name=op.f("uq_betting_suggestion_tenant_id_player_id_key")
        ),
    )
    op.create_index(
        "ix_betting_suggestion_player", "betting_suggestion", ["tenant_id", "player_id", "id"], unique=False
    )
    op.create_table(
        "betting_leg",
        sa.Column("tenant_id", sa.Integer(), nullable=False),
        sa.Column("bet_id", sa.Uuid(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("fixture_id", sa.Uuid(), nullable=False),
        sa.Column("market_id", sa.Uuid(), nullable=False),
        sa.Column("selection_id", sa.Uuid(), nullable=False),
        sa.Column("selection_code", sa.String(length=64), nullable=False),
        sa.Column("sport", sa.String(length=64), nullable=False),
        sa.Column("competition", sa.String(length=64), nullable=False),
        sa.Column("is_in_play", sa.Boolean(), nullable=False),
        sa.Column("name", sa.String(length=600), nullable=False),
        sa.Column("odds", sa.Numeric(precision=12, scale=4), nullable=False),
        sa.Column("shown_odds", sa.Numeric(precision=12, scale=4), nullable=False),
        sa.Column("odds_version", sa.Integer(), nullable=False),
        sa.Column("closing_odds", sa.Numeric(precision=12, scale=4), nullable=True),
        sa.Column("is_banker", sa.Boolean(), nullable=False),
        sa.Column("place_terms", sa.JSON().with_variant(postgresql.JSONB(), "postgresql"), nullable=False),
        sa.Column("rules_id", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(
            ["tenant_id", "bet_id"],
            ["betting_bet.tenant_id", "betting_bet.id"],
            name=op.f("fk_betting_leg_tenant_id_bet_id"),
        ),
        sa.PrimaryKeyConstraint("tenant_id", "bet_id", "number", name=op.f("pk_betting_leg")),
    )
    op.create_index(
        "ix_betting_leg_fixture", "betting_leg", ["tenant_id", "fixture_id", "bet_id"], unique=False
    )
    op.create_index(
        "ix_betting_leg_market", "betting_leg", ["tenant_id", "market_id", "bet_id"], unique=False
    )
    op.create_table(
        "betting_pool_entry",
        sa.Column("tenant_id", sa.Integer(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("pool_id", sa.Uuid(), nullable=False),
        sa.Column("player_id", sa.Uuid(), nullable=False),
        sa.Column("reference", sa.String(length=128), nullable=False),
        sa.Column("selection", sa.String(length=64), nullable=False),
        sa.Column("stake", sa.BigInteger(), nullable=False),
        sa.Column("state", sa.String(length=12), nullable=False),
        sa.Column("payout", sa.BigInteger(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["tenant_id", "pool_id"],
            ["betting_pool.tenant_id", "betting_pool.id"],
            name=op.f("fk_betting_pool_entry_tenant_id_pool_id"),
        ),
        sa.PrimaryKeyConstraint("tenant_id", "id", name=op.f("pk_betting_pool_entry")),
        sa.UniqueConstraint(
            "tenant_id",
            "player_id",
            "reference",
            name=op.f("uq_betting_pool_entry_tenant_id_player_id_reference"),
        ),
    )
    op.create_index(
        "ix_betting_pool_entry_player", "betting_pool_entry", ["tenant_id", "player_id", "id"], unique=False
    )
    op.create_index(
        "ix_betting_pool_entry_pool", "betting_pool_entry", ["tenant_id", "pool_id", "id"], unique=False
    )
    op.create_table(
        "betting_selection",
        sa.Column("tenant_id", sa.Integer(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("market_id", sa.Uuid(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("code", sa.String(length=64), nullable=False),
        sa.Column("name", sa.String(length=200), nullable=False),
        sa.Column("participant_id", sa.Uuid(), nullable=True),
        sa.Column("status", sa.String(length=12), nullable=False),
        sa.Column("withdrawn_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("withdrawn_odds", sa.Numeric(precision=12, scale=4), nullable=True),
        sa.Column("odds", sa.Numeric(precision=12, scale=4), nullable=True),
        sa.Column("probability", sa.Numeric(precision=9, scale=8), nullable=True),
        sa.Column("is_overridden", sa.Boolean(), nullable=False),
        sa.Column("liability", sa.BigInteger(), server_default="0", nullable=False),
        sa.ForeignKeyConstraint(
            ["tenant_id", "market_id"],
            ["betting_market.tenant_id", "betting_market.id"],
            name=op.f("fk_betting_selection_tenant_id_market_id"),
        ),
        sa.PrimaryKeyConstraint("tenant_id", "id", name=op.f("pk_betting_selection")),
        sa.UniqueConstraint(
            "tenant_id", "market_id", "code", name=op.f("uq_betting_selection_tenant_id_market_id_code")
        ),
    )
    op.create_table(
        "betting_strategy_pick",
        sa.Column("tenant_id", sa.Integer(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("strategy_id", sa.Uuid(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("market_id", sa.Uuid(), nullable=False),
        sa.Column("selection_id", sa.Uuid(), nullable=False),
        sa.Column("code", sa.String(length=64), nullable=False),
        sa.Column("name", sa.String(length=600), nullable=False),
        sa.Column("odds", sa.Numeric(precision=12, scale=4), nullable=False),
        sa.Column("odds_version", sa.Integer(), nullable=False),
        sa.Column("stake", sa.BigInteger(), nullable=False),
        sa.Column("facts", sa.JSON().with_variant(postgresql.JSONB(), "postgresql"), nullable=False),
        sa.Column("state", sa.String(length=12), nullable=False),
        sa.Column("bet_id", sa.Uuid(), nullable=True),
        sa.Column("refused_because", sa.String(length=1000), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["tenant_id", "strategy_id"],
            ["betting_strategy.tenant_id", "betting_strategy.id"],
            name=op.f("fk_betting_strategy_pick_tenant_id_strategy_id"),
        ),
        sa.PrimaryKeyConstraint("tenant_id", "id", name=op.f("pk_betting_strategy_pick")),
        sa.UniqueConstraint(
            "tenant_id",
            "strategy_id",
            "market_id",
            name=op.f("uq_betting_strategy_pick_tenant_id_strategy_id_market_id"),
        ),
    )
    op.create_index(
        "ix_betting_strategy_pick", "betting_strategy_pick", ["tenant_id", "strategy_id", "id"], unique=False
    )


def downgrade() -> None:
    op.drop_index("ix_betting_strategy_pick", table_name="betting_strategy_pick")
    op.drop_table("betting_strategy_pick")
    op.drop_table("betting_selection")
    op.drop_index("ix_betting_pool_entry_pool", table_name="betting_pool_entry")
    op.drop_index("ix_betting_pool_entry_player", table_name="betting_pool_entry")
    op.drop_table("betting_pool_entry")
    op.drop_index("ix_betting_leg_market", table_name="betting_leg")
    op.drop_index("ix_betting_leg_fixture", table_name="betting_leg")
    op.drop_table("betting_leg")
    op.drop_index("ix_betting_suggestion_player", table_name="betting_suggestion")
    op.drop_table("betting_suggestion")
    op.drop_table("betting_strategy_version")
    op.drop_index("ix_betting_strategy_evaluation", table_name="betting_strategy_evaluation")
    op.drop_table("betting_strategy_evaluation")
    op.drop_index("ix_betting_strategy_player", table_name="betting_strategy")
    op.drop_index("ix_betting_strategy_mode", table_name="betting_strategy")
    op.drop_table("betting_strategy")
    op.drop_index("ix_betting_settlement_run_fixture", table_name="betting_settlement_run")
    op.drop_table("betting_settlement_run")
    op.drop_table("betting_settlement_rules")
    op.drop_index("ix_betting_settlement_run", table_name="betting_settlement")
    op.drop_table("betting_settlement")
    op.drop_index("ix_betting_refusal_player", table_name="betting_refusal")
    op.drop_table("betting_refusal")
    op.drop_index("ix_betting_price_move_market", table_name="betting_price_move")
    op.drop_table("betting_price_move")
    op.drop_index("ix_betting_pool_series", table_name="betting_pool")
    op.drop_index("ix_betting_pool_fixture", table_name="betting_pool")
    op.drop_table("betting_pool")
    op.drop_table("betting_player")
    op.drop_table("betting_market_result")
    op.drop_index("ix_betting_market_fixture", table_name="betting_market")
    op.drop_index("ix_betting_market_closing", table_name="betting_market")
    op.drop_table("betting_market")
    op.drop_table("betting_limit")
    op.drop_table("betting_joint_model")
    op.drop_index("ix_betting_free_bet_player", table_name="betting_free_bet")
    op.drop_index("ix_betting_free_bet_expires", table_name="betting_free_bet")
    op.drop_table("betting_free_bet")
    op.drop_index("ix_betting_external_bet_player", table_name="betting_external_bet")
    op.drop_index("ix_betting_external_bet_fixture", table_name="betting_external_bet")
    op.drop_table("betting_external_bet")
    op.drop_table("betting_cash_out")
    op.drop_index("ix_betting_bet_player", table_name="betting_bet")
    op.drop_index("ix_betting_bet_pending", table_name="betting_bet")
    op.drop_table("betting_bet")
