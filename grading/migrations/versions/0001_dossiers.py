"""dossiers, and by what this database is known from another."""

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None


def upgrade() -> None:
    """To this revision."""
    op.create_table(
        "dossiers",
        sa.Column("work_code", sa.String(length=12), nullable=False),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.Column("contest_code", sa.String(length=12), nullable=False),
        sa.Column("stage_code", sa.String(length=12), nullable=False),
        sa.Column("stage_number", sa.Integer(), nullable=False),
        sa.Column("module", sa.String(length=40), nullable=False),
        sa.Column("module_title", sa.JSON(), nullable=False),
        sa.Column("failed", sa.Boolean(), nullable=False),
        sa.Column("marks", sa.String(length=40), nullable=True),
        sa.Column("max_marks", sa.String(length=40), nullable=True),
        sa.Column("criteria", sa.JSON(), nullable=False),
        sa.Column("body", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("work_code", "revision", name=op.f("pk_dossiers")),
    )
    with op.batch_alter_table("dossiers", schema=None) as batch_op:
        batch_op.create_index("ix_dossiers_contest_code", ["contest_code", "work_code"], unique=False)
    op.create_table(
        "instances",
        sa.Column("id", sa.String(length=12), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_instances")),
    )


def downgrade() -> None:
    """Back to the one before."""
    op.drop_table("instances")
    with op.batch_alter_table("dossiers", schema=None) as batch_op:
        batch_op.drop_index("ix_dossiers_contest_code")
    op.drop_table("dossiers")
