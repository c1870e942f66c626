"""attempts are looked up by their cart

Revision ID: 0010
Revises: 0009
Create Date: 2026-11-22 14:10:00

"""

from alembic import op

# revision identifiers, used by Alembic.
revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None


def upgrade():
    op.create_index(op.f("ix_checkout_attempt_cart_id"), "checkout_attempt", ["cart_id"])


def downgrade():
    op.drop_index(op.f("ix_checkout_attempt_cart_id"), table_name="checkout_attempt")
