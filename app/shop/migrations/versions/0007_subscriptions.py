"""subscriptions

Revision ID: 0007
Revises: 0006
Create Date: 2026-11-22 05:53:02.908095

"""

import sqlalchemy as sa
from alembic import op

# revision identifiers, used by Alembic.
revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None


def upgrade():
    op.create_table(
        "subscription",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("user_id", sa.Integer(), nullable=False),
        sa.Column("signup_id", sa.String(), nullable=False),
        sa.Column("payment_token_id", sa.Integer(), nullable=True),
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("needs_payment", sa.Boolean(), nullable=False),
        sa.Column("product_id", sa.Integer(), nullable=True),
        sa.Column("slug", sa.String(), nullable=False),
        sa.Column("sku", sa.String(), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("tax", sa.String(), nullable=False),
        sa.Column("unit_price", sa.Integer(), nullable=False),
        sa.Column("market", sa.String(), nullable=False),
        sa.Column("quantity", sa.Integer(), nullable=False),
        sa.Column("rhythm", sa.String(), nullable=False),
        sa.Column("email", sa.String(), nullable=False),
        sa.Column("address", sa.JSON(), nullable=False),
        sa.Column("anchor_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("anchor_period", sa.Integer(), nullable=False),
        sa.Column("next_period", sa.Integer(), nullable=False),
        sa.Column("next_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint("quantity > 0", name=op.f("ck_subscription_something")),
        sa.ForeignKeyConstraint(
            ["payment_token_id"],
            ["payment_token.id"],
            name=op.f("fk_subscription_payment_token_id_payment_token"),
            ondelete="SET NULL",
        ),
        sa.ForeignKeyConstraint(
            ["product_id"], ["product.id"], name=op.f("fk_subscription_product_id_product"), ondelete="SET NULL"
        ),
        sa.ForeignKeyConstraint(
            ["signup_id"], ["token_signup.id"], name=op.f("fk_subscription_signup_id_token_signup")
        ),
        sa.ForeignKeyConstraint(
            ["user_id"], ["user.id"], name=op.f("fk_subscription_user_id_user"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_subscription")),
        sa.UniqueConstraint("signup_id", name=op.f("uq_subscription_signup_id")),
        sqlite_autoincrement=True,
    )
    op.create_index(op.f("ix_subscription_next_at"), "subscription", ["next_at"])
    op.create_index(op.f("ix_subscription_user_id"), "subscription", ["user_id"])

    op.create_table(
        "renewal",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("subscription_id", sa.Integer(), nullable=False),
        sa.Column("period", sa.Integer(), nullable=False),
        sa.Column("due_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("tries", sa.Integer(), nullable=False),
        sa.Column("refusals", sa.Integer(), nullable=False),
        sa.Column("refusal", sa.String(), nullable=False),
        sa.Column("ran_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("refused_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("next_try_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("charge_id", sa.Integer(), nullable=True),
        sa.Column("order_number", sa.String(), nullable=False),
        sa.Column("total", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["charge_id"], ["token_charge.id"], name=op.f("fk_renewal_charge_id_token_charge"), ondelete="SET NULL"
        ),
        sa.ForeignKeyConstraint(
            ["subscription_id"],
            ["subscription.id"],
            name=op.f("fk_renewal_subscription_id_subscription"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_renewal")),
        sa.UniqueConstraint("charge_id", name=op.f("uq_renewal_charge_id")),
        sa.UniqueConstraint("subscription_id", "period", name=op.f("uq_renewal_subscription_id")),
        sqlite_autoincrement=True,
    )
    op.create_index(op.f("ix_renewal_state"), "renewal", ["state"])


def downgrade():
    op.drop_table("renewal")
    op.drop_table("subscription")
