"""what referees made of single judgements."""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """To this revision."""
    op.create_table(
        "overrulings",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("work_code", sa.String(length=12), nullable=False),
        sa.Column("referee", sa.String(length=12), nullable=False),
        sa.Column("judgement", sa.String(length=80), nullable=False),
        sa.Column("met", sa.Boolean(), nullable=True),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_overrulings")),
    )
    with op.batch_alter_table("overrulings", schema=None) as batch_op:
        batch_op.create_index("ix_overrulings_work_code", ["work_code", "referee"], unique=False)


def downgrade() -> None:
    """Back to the one before."""
    with op.batch_alter_table("overrulings", schema=None) as batch_op:
        batch_op.drop_index("ix_overrulings_work_code")
    op.drop_table("overrulings")
