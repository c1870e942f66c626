"""letters of parcels and refunds

Revision ID: 0008
Revises: 0007
Create Date: 2026-11-22 05:38:20.118402

"""

import sqlalchemy as sa
from alembic import op

# revision identifiers, used by Alembic.
revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None


# Nothing hangs on letters, so that SQLite may copy their table.
def upgrade():
    with op.batch_alter_table("outbox", schema=None) as batch_op:
        batch_op.add_column(sa.Column("occasion", sa.String(), nullable=False, server_default=""))
        batch_op.drop_constraint(op.f("uq_outbox_kind"), type_="unique")
        batch_op.create_unique_constraint(op.f("uq_outbox_kind"), ["kind", "order_number", "occasion"])


def downgrade():
    op.execute("DELETE FROM outbox WHERE occasion <> ''")
    with op.batch_alter_table("outbox", schema=None) as batch_op:
        batch_op.drop_constraint(op.f("uq_outbox_kind"), type_="unique")
        batch_op.create_unique_constraint(op.f("uq_outbox_kind"), ["kind", "order_number"])
        batch_op.drop_column("occasion")
