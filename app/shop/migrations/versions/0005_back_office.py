"""back office

Revision ID: 0005
Revises: 0004
Create Date: 2026-11-22 03:40:51.730915

"""

import sqlalchemy as sa
from alembic import op

# revision identifiers, used by Alembic.
revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None

# Column constraints, because SQLite adds no other kind to a table without copying it, and copying "order" would
# take the lines with it: they are deleted with their order.
AMOUNTS = {
    "captured": "captured_at_klarna CHECK (captured >= 0 AND (captured = 0 OR klarna_order_id IS NOT NULL))",
    "released": "within_total CHECK (released >= 0 AND captured + released <= total)",
    "refunded": "refunded_within_captured CHECK (refunded >= 0 AND refunded <= captured)",
}


def upgrade():
    op.add_column("user", sa.Column("is_staff", sa.Boolean(), nullable=False, server_default=sa.false()))
    for name, check in AMOUNTS.items():
        op.execute(f'ALTER TABLE "order" ADD COLUMN {name} INTEGER DEFAULT 0 NOT NULL CONSTRAINT ck_order_{check}')
    op.add_column("order", sa.Column("revision", sa.Integer(), nullable=False, server_default="0"))
    op.add_column("order", sa.Column("authorized_until", sa.String(), nullable=False, server_default=""))
    op.add_column("order", sa.Column("differs", sa.String(), nullable=False, server_default=""))
    op.create_table(
        "order_action",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("order_id", sa.Integer(), nullable=False),
        sa.Column("user_id", sa.Integer(), nullable=True),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("nonce", sa.String(), nullable=False),
        sa.Column("idempotency_key", sa.String(), nullable=False),
        sa.Column("amount", sa.Integer(), nullable=False),
        sa.Column("request", sa.JSON(), nullable=False),
        sa.Column("body", sa.JSON(), nullable=False),
        sa.Column("klarna_id", sa.String(), nullable=False),
        sa.Column("refusal", sa.String(), nullable=False),
        sa.Column("correlation_id", sa.String(), nullable=False),
        sa.Column("asked_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["order_id"], ["order.id"], name=op.f("fk_order_action_order_id_order"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["user_id"], ["user.id"], name=op.f("fk_order_action_user_id_user"), ondelete="SET NULL"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_order_action")),
        sa.UniqueConstraint("idempotency_key", name=op.f("uq_order_action_idempotency_key")),
        sa.UniqueConstraint("nonce", name=op.f("uq_order_action_nonce")),
        sqlite_autoincrement=True,
    )
    op.create_index(op.f("ix_order_action_order_id"), "order_action", ["order_id"])


def downgrade():
    op.drop_table("order_action")
    op.execute("""UPDATE "order" SET state = 'placed' WHERE state IN ('part_captured', 'captured', 'refunded')""")
    # A constraint goes with its column; the last one dropped is the one the others name.
    for name in ("differs", "authorized_until", "revision", "refunded", "released", "captured"):
        op.drop_column("order", name)
    op.drop_column("user", "is_staff")
