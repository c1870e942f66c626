"""pending orders and the outbox

Revision ID: 0004
Revises: 0003
Create Date: 2026-11-22 03:33:02.551207

"""

import sqlalchemy as sa
from alembic import op

# revision identifiers, used by Alembic.
revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None


def upgrade():
    op.create_table(
        "outbox",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("order_number", sa.String(), nullable=True),
        sa.Column("recipient", sa.String(), nullable=False),
        sa.Column("subject", sa.String(), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("html", sa.Text(), nullable=False),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("due_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("sent_at", sa.DateTime(timezone=True), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_outbox")),
        sa.UniqueConstraint("kind", "order_number", name=op.f("uq_outbox_kind")),
    )
    with op.batch_alter_table("outbox", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_outbox_due_at"), ["due_at"], unique=False)
    with op.batch_alter_table("order", schema=None) as batch_op:
        batch_op.add_column(sa.Column("hinted_at", sa.DateTime(timezone=True), nullable=True))
        batch_op.add_column(sa.Column("looked_at", sa.DateTime(timezone=True), nullable=True))
        batch_op.create_index(batch_op.f("ix_order_state"), ["state"], unique=False)


def downgrade():
    # Words the earlier shop does not know, in those it does: nothing of either is ever sent.
    op.execute("UPDATE \"order\" SET state = 'cancelled' WHERE state IN ('rejected', 'stopped')")
    # Column by column: a copied table would take with it, on SQLite, what is deleted with its rows.
    op.drop_index("ix_order_state", "order")
    op.drop_column("order", "looked_at")
    op.drop_column("order", "hinted_at")
    op.drop_table("outbox")
