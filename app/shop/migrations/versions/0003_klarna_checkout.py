"""klarna checkout

Revision ID: 0003
Revises: 0002
Create Date: 2026-11-22 03:04:10.118402

"""

import sqlalchemy as sa
from alembic import op

# revision identifiers, used by Alembic.
revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None


def upgrade():
    with op.batch_alter_table("checkout_attempt", schema=None) as batch_op:
        batch_op.add_column(sa.Column("way", sa.String(), nullable=False, server_default="payments"))
        batch_op.add_column(sa.Column("pushed_at", sa.DateTime(timezone=True), nullable=True))
        batch_op.add_column(sa.Column("acknowledged_at", sa.DateTime(timezone=True), nullable=True))
    with op.batch_alter_table("order", schema=None) as batch_op:
        batch_op.add_column(sa.Column("way", sa.String(), nullable=False, server_default="payments"))
        batch_op.add_column(sa.Column("delivered_to", sa.JSON(none_as_null=True), nullable=True))


def downgrade():
    # Column by column: a copied table would take with it, on SQLite, what is deleted with its rows.
    op.drop_column("order", "delivered_to")
    op.drop_column("order", "way")
    op.drop_column("checkout_attempt", "acknowledged_at")
    op.drop_column("checkout_attempt", "pushed_at")
    op.drop_column("checkout_attempt", "way")
