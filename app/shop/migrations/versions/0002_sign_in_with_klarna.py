"""sign in with klarna

Revision ID: 0002
Revises: 0001
Create Date: 2026-11-22 02:18:30.302902

"""

import sqlalchemy as sa
from alembic import op

# revision identifiers, used by Alembic.
revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade():
    op.create_table(
        "ended_sign_in",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("region", sa.String(), nullable=False),
        sa.Column("client_id", sa.String(), nullable=False),
        sa.Column("refresh_token", sa.LargeBinary(), nullable=False),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("due_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_ended_sign_in")),
    )
    with op.batch_alter_table("ended_sign_in", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_ended_sign_in_due_at"), ["due_at"], unique=False)

    op.create_table(
        "held_sign_in",
        sa.Column("ticket", sa.String(), nullable=False),
        sa.Column("visitor_id", sa.Integer(), nullable=True),
        sa.Column("region", sa.String(), nullable=False),
        sa.Column("answer", sa.LargeBinary(), nullable=False),
        sa.Column("target", sa.String(), nullable=False),
        sa.Column("order_number", sa.String(), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("ticket", name=op.f("pk_held_sign_in")),
    )
    with op.batch_alter_table("held_sign_in", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_held_sign_in_expires_at"), ["expires_at"], unique=False)

    op.create_table(
        "sign_in_start",
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("browser", sa.String(), nullable=False),
        sa.Column("region", sa.String(), nullable=False),
        sa.Column("nonce", sa.LargeBinary(), nullable=False),
        sa.Column("code_verifier", sa.LargeBinary(), nullable=False),
        sa.Column("target", sa.String(), nullable=False),
        sa.Column("order_number", sa.String(), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("state", name=op.f("pk_sign_in_start")),
    )
    with op.batch_alter_table("sign_in_start", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_sign_in_start_expires_at"), ["expires_at"], unique=False)

    op.create_table(
        "klarna_identity",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("user_id", sa.Integer(), nullable=False),
        sa.Column("client_id", sa.String(), nullable=False),
        sa.Column("issuer", sa.String(), nullable=False),
        sa.Column("subject", sa.String(), nullable=False),
        sa.Column("claims", sa.LargeBinary(), nullable=False),
        sa.Column("connected_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("signed_in_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("refresh_token", sa.LargeBinary(), nullable=True),
        sa.Column("refresh_expires_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("access_token", sa.LargeBinary(), nullable=True),
        sa.Column("access_expires_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("generation", sa.Integer(), nullable=False),
        sa.Column("refreshing_until", sa.DateTime(timezone=True), nullable=True),
        sa.Column("retry_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("told_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(
            ["user_id"], ["user.id"], name=op.f("fk_klarna_identity_user_id_user"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_klarna_identity")),
        sa.UniqueConstraint("issuer", "subject", name=op.f("uq_klarna_identity_issuer")),
        sa.UniqueConstraint("user_id", "issuer", name=op.f("uq_klarna_identity_user_id")),
    )
    op.create_table(
        "sign_in_event",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("user_id", sa.Integer(), nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("details", sa.JSON(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["user_id"], ["user.id"], name=op.f("fk_sign_in_event_user_id_user"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_sign_in_event")),
    )
    with op.batch_alter_table("sign_in_event", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_sign_in_event_user_id"), ["user_id"], unique=False)

    with op.batch_alter_table("checkout_attempt", schema=None) as batch_op:
        batch_op.add_column(sa.Column("carrier", sa.String(), nullable=False, server_default="nothing"))
        batch_op.alter_column("sent_fingerprint", new_column_name="credential")
    op.execute("UPDATE checkout_attempt SET carrier = 'customer_token' WHERE credential <> ''")


def downgrade():
    with op.batch_alter_table("checkout_attempt", schema=None) as batch_op:
        batch_op.alter_column("credential", new_column_name="sent_fingerprint")
        batch_op.drop_column("carrier")

    with op.batch_alter_table("sign_in_event", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_sign_in_event_user_id"))

    op.drop_table("sign_in_event")
    op.drop_table("klarna_identity")
    with op.batch_alter_table("sign_in_start", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_sign_in_start_expires_at"))
    op.drop_table("sign_in_start")
    with op.batch_alter_table("held_sign_in", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_held_sign_in_expires_at"))

    op.drop_table("held_sign_in")
    with op.batch_alter_table("ended_sign_in", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_ended_sign_in_due_at"))

    op.drop_table("ended_sign_in")
