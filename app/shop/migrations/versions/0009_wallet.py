"""the wallet: parking tickets, and sign-ups that repair a token

Revision ID: 0009
Revises: 0008
Create Date: 2026-11-22 06:20:41.510233

"""

import sqlalchemy as sa
from alembic import op

# revision identifiers, used by Alembic.
revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None


def upgrade():
    op.add_column("token_signup", sa.Column("step_up_id", sa.String(), nullable=False, server_default=""))
    op.create_table(
        "parking_ticket",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("user_id", sa.Integer(), nullable=False),
        sa.Column("nonce", sa.String(), nullable=False),
        sa.Column("market", sa.String(), nullable=False),
        sa.Column("zone", sa.String(), nullable=False),
        sa.Column("minutes", sa.Integer(), nullable=False),
        sa.Column("total", sa.Integer(), nullable=False),
        sa.Column("order_id", sa.Integer(), nullable=True),
        sa.Column("charge_id", sa.Integer(), nullable=True),
        sa.Column("valid_from", sa.DateTime(timezone=True), nullable=True),
        sa.Column("valid_until", sa.DateTime(timezone=True), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["charge_id"],
            ["token_charge.id"],
            name=op.f("fk_parking_ticket_charge_id_token_charge"),
            ondelete="SET NULL",
        ),
        sa.ForeignKeyConstraint(
            ["order_id"], ["order.id"], name=op.f("fk_parking_ticket_order_id_order"), ondelete="SET NULL"
        ),
        sa.ForeignKeyConstraint(
            ["user_id"], ["user.id"], name=op.f("fk_parking_ticket_user_id_user"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_parking_ticket")),
        sa.UniqueConstraint("order_id", name=op.f("uq_parking_ticket_order_id")),
        sa.UniqueConstraint("user_id", "nonce", name=op.f("uq_parking_ticket_user_id")),
        sqlite_autoincrement=True,
    )
    op.create_index(op.f("ix_parking_ticket_user_id"), "parking_ticket", ["user_id"])


def downgrade():
    op.drop_table("parking_ticket")
    op.drop_column("token_signup", "step_up_id")
