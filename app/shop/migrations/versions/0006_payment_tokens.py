"""payment tokens

Revision ID: 0006
Revises: 0005
Create Date: 2026-11-22 05:42:27.148714

"""

import sqlalchemy as sa
from alembic import op

# revision identifiers, used by Alembic.
revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None


def upgrade():
    op.create_table(
        "ended_token",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("region", sa.String(), nullable=False),
        sa.Column("token", sa.LargeBinary(), nullable=False),
        sa.Column("idempotency_key", sa.String(), nullable=False),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("due_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_ended_token")),
    )
    op.create_index(op.f("ix_ended_token_due_at"), "ended_token", ["due_at"])

    op.create_table(
        "payment_token",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("user_id", sa.Integer(), nullable=False),
        sa.Column("market", sa.String(), nullable=False),
        sa.Column("use", sa.String(), nullable=False),
        sa.Column("token", sa.LargeBinary(), nullable=False),
        sa.Column("fingerprint", sa.String(), nullable=False),
        sa.Column("description", sa.String(), nullable=False),
        sa.Column("payment_method", sa.String(), nullable=False),
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("read_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(
            ["user_id"], ["user.id"], name=op.f("fk_payment_token_user_id_user"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_payment_token")),
        sqlite_autoincrement=True,
    )
    op.create_index(op.f("ix_payment_token_user_id"), "payment_token", ["user_id"])

    op.create_table(
        "token_charge",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("payment_token_id", sa.Integer(), nullable=True),
        sa.Column("user_id", sa.Integer(), nullable=True),
        sa.Column("order_id", sa.Integer(), nullable=True),
        sa.Column("use", sa.String(), nullable=False),
        sa.Column("market", sa.String(), nullable=False),
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("token", sa.LargeBinary(), nullable=True),
        sa.Column("body", sa.LargeBinary(), nullable=False),
        sa.Column("idempotency_key", sa.String(), nullable=False),
        sa.Column("refusal", sa.String(), nullable=False),
        sa.Column("error_code", sa.String(), nullable=False),
        sa.Column("correlation_id", sa.String(), nullable=False),
        sa.Column("step_up_id", sa.String(), nullable=False),
        sa.Column("asked_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["order_id"], ["order.id"], name=op.f("fk_token_charge_order_id_order"), ondelete="SET NULL"
        ),
        sa.ForeignKeyConstraint(
            ["payment_token_id"],
            ["payment_token.id"],
            name=op.f("fk_token_charge_payment_token_id_payment_token"),
            ondelete="SET NULL",
        ),
        sa.ForeignKeyConstraint(
            ["user_id"], ["user.id"], name=op.f("fk_token_charge_user_id_user"), ondelete="SET NULL"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_token_charge")),
        sa.UniqueConstraint("idempotency_key", name=op.f("uq_token_charge_idempotency_key")),
        sa.UniqueConstraint("order_id", name=op.f("uq_token_charge_order_id")),
        sqlite_autoincrement=True,
    )
    op.create_index(op.f("ix_token_charge_payment_token_id"), "token_charge", ["payment_token_id"])
    op.create_index(op.f("ix_token_charge_state"), "token_charge", ["state"])

    op.create_table(
        "token_event",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("user_id", sa.Integer(), nullable=False),
        sa.Column("payment_token_id", sa.Integer(), nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("order_number", sa.String(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["payment_token_id"],
            ["payment_token.id"],
            name=op.f("fk_token_event_payment_token_id_payment_token"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(["user_id"], ["user.id"], name=op.f("fk_token_event_user_id_user"), ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_token_event")),
    )
    op.create_index(op.f("ix_token_event_user_id"), "token_event", ["user_id"])

    op.create_table(
        "token_signup",
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("user_id", sa.Integer(), nullable=True),
        sa.Column("use", sa.String(), nullable=False),
        sa.Column("intent", sa.String(), nullable=False),
        sa.Column("market", sa.String(), nullable=False),
        sa.Column("description", sa.String(), nullable=False),
        sa.Column("return_to", sa.String(), nullable=False),
        sa.Column("terms", sa.JSON(), nullable=False),
        sa.Column("version", sa.String(), nullable=False),
        sa.Column("purchase", sa.JSON(), nullable=False),
        sa.Column("sold", sa.JSON(), nullable=False),
        sa.Column("order_number", sa.String(), nullable=True),
        sa.Column("callback_secret", sa.LargeBinary(), nullable=False),
        sa.Column("carrier", sa.String(), nullable=False),
        sa.Column("credential", sa.String(), nullable=False),
        sa.Column("session_key", sa.String(), nullable=False),
        sa.Column("klarna_session_id", sa.String(), nullable=True),
        sa.Column("client_token", sa.LargeBinary(), nullable=True),
        sa.Column("category", sa.JSON(), nullable=False),
        sa.Column("email", sa.String(), nullable=False),
        sa.Column("address", sa.JSON(), nullable=False),
        sa.Column("authorization_token", sa.LargeBinary(), nullable=True),
        sa.Column("authorized_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("order_id", sa.Integer(), nullable=True),
        sa.Column("order_body", sa.LargeBinary(), nullable=True),
        sa.Column("order_key", sa.String(), nullable=False),
        sa.Column("token_body", sa.LargeBinary(), nullable=True),
        sa.Column("token_key", sa.String(), nullable=False),
        sa.Column("payment_token_id", sa.Integer(), nullable=True),
        sa.Column("redirect_url", sa.String(), nullable=False),
        sa.Column("asked_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("looked_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("opened_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("changed_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["order_id"], ["order.id"], name=op.f("fk_token_signup_order_id_order"), ondelete="SET NULL"
        ),
        sa.ForeignKeyConstraint(
            ["payment_token_id"],
            ["payment_token.id"],
            name=op.f("fk_token_signup_payment_token_id_payment_token"),
            ondelete="SET NULL",
        ),
        sa.ForeignKeyConstraint(
            ["user_id"], ["user.id"], name=op.f("fk_token_signup_user_id_user"), ondelete="SET NULL"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_token_signup")),
        sa.UniqueConstraint("klarna_session_id", name=op.f("uq_token_signup_klarna_session_id")),
        sa.UniqueConstraint("order_id", name=op.f("uq_token_signup_order_id")),
        sa.UniqueConstraint("order_number", name=op.f("uq_token_signup_order_number")),
    )
    op.create_index(op.f("ix_token_signup_user_id"), "token_signup", ["user_id"])


def downgrade():
    for name in ("token_signup", "token_event", "token_charge", "payment_token", "ended_token"):
        op.drop_table(name)
