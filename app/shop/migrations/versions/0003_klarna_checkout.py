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
    with op.batch_alter_table("order", schema=None) as batch_op:
        batch_op.drop_column("delivered_to")
        batch_op.drop_column("way")
    with op.batch_alter_table("checkout_attempt", schema=None) as batch_op:
        batch_op.drop_column("acknowledged_at")
        batch_op.drop_column("pushed_at")
        batch_op.drop_column("way")
