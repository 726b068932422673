"""bank: tasks and their versions, what a paper was made of."""

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """To this revision."""
    op.create_table(
        "bank_tasks",
        sa.Column("id", sa.String(length=26), nullable=False),
        sa.Column("module", sa.String(length=40), nullable=False),
        sa.Column("folder", sa.String(length=200), nullable=False),
        sa.Column("tags", sa.JSON(), nullable=False),
        sa.Column("shared", sa.Boolean(), nullable=False),
        sa.Column("draft", sa.Text(), nullable=False),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.Column("created_by", sa.String(length=26), nullable=False),
        sa.Column("created_ms", sa.BigInteger(), nullable=False),
        sa.Column("changed_by", sa.String(length=26), nullable=False),
        sa.Column("changed_ms", sa.BigInteger(), nullable=False),
        sa.Column("deleted_ms", sa.BigInteger(), nullable=True),
        sa.ForeignKeyConstraint(["changed_by"], ["accounts.id"], name=op.f("fk_bank_tasks_changed_by_accounts")),
        sa.ForeignKeyConstraint(["created_by"], ["accounts.id"], name=op.f("fk_bank_tasks_created_by_accounts")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_bank_tasks")),
    )
    with op.batch_alter_table("bank_tasks", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_bank_tasks_folder"), ["folder"], unique=False)

    op.create_table(
        "bank_versions",
        sa.Column("task_id", sa.String(length=26), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("content_sha256", sa.String(length=64), nullable=False),
        sa.Column("draft", sa.Text(), nullable=False),
        sa.Column("note", sa.String(length=200), nullable=False),
        sa.Column("created_by", sa.String(length=26), nullable=False),
        sa.Column("created_ms", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(
            ["content_sha256"], ["paper_contents.sha256"], name=op.f("fk_bank_versions_content_sha256_paper_contents")
        ),
        sa.ForeignKeyConstraint(["created_by"], ["accounts.id"], name=op.f("fk_bank_versions_created_by_accounts")),
        sa.ForeignKeyConstraint(["task_id"], ["bank_tasks.id"], name=op.f("fk_bank_versions_task_id_bank_tasks")),
        sa.PrimaryKeyConstraint("task_id", "number", name=op.f("pk_bank_versions")),
    )
    with op.batch_alter_table("papers", schema=None) as batch_op:
        batch_op.add_column(sa.Column("sources", sa.JSON(), nullable=True))


def downgrade() -> None:
    """Back to the revision before."""
    with op.batch_alter_table("papers", schema=None) as batch_op:
        batch_op.drop_column("sources")

    op.drop_table("bank_versions")
    with op.batch_alter_table("bank_tasks", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_bank_tasks_folder"))

    op.drop_table("bank_tasks")
