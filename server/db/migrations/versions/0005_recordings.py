"""recordings: what seats upload, what was sealed, remarks."""

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """To this revision."""
    op.create_table(
        "recorders",
        sa.Column("id", sa.String(length=26), nullable=False),
        sa.Column("attempt_id", sa.String(length=26), nullable=False),
        sa.Column("call_id", sa.String(length=40), nullable=False),
        sa.Column("token_sha256", sa.String(length=64), nullable=False),
        sa.Column("media_type", sa.String(length=40), nullable=False),
        sa.Column("began_ms", sa.BigInteger(), nullable=False),
        sa.Column("ended_ms", sa.BigInteger(), nullable=True),
        sa.Column("chunks", sa.Integer(), nullable=True),
        sa.ForeignKeyConstraint(["attempt_id"], ["attempts.id"], name=op.f("fk_recorders_attempt_id_attempts")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_recorders")),
    )
    with op.batch_alter_table("recorders", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_recorders_attempt_id"), ["attempt_id"], unique=False)
    op.create_table(
        "recorder_chunks",
        sa.Column("recorder_id", sa.String(length=26), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("sha256", sa.String(length=64), nullable=False),
        sa.Column("size", sa.Integer(), nullable=False),
        sa.Column("arrived_ms", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(
            ["recorder_id"], ["recorders.id"], name=op.f("fk_recorder_chunks_recorder_id_recorders")
        ),
        sa.PrimaryKeyConstraint("recorder_id", "number", name=op.f("pk_recorder_chunks")),
    )
    with op.batch_alter_table("recorder_chunks", schema=None) as batch_op:
        batch_op.create_index("ix_recorder_chunks_arrived", ["recorder_id", "arrived_ms"], unique=False)
    op.create_table(
        "recordings",
        sa.Column("id", sa.String(length=26), nullable=False),
        sa.Column("attempt_id", sa.String(length=26), nullable=False),
        sa.Column("contest_id", sa.String(length=26), nullable=False),
        sa.Column("call_id", sa.String(length=40), nullable=False),
        sa.Column("state", sa.String(length=20), nullable=False),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.Column("sources_sha256", sa.String(length=64), nullable=False),
        sa.Column("listed_ms", sa.BigInteger(), nullable=False),
        sa.Column("began_ms", sa.BigInteger(), nullable=False),
        sa.Column("duration_ms", sa.BigInteger(), nullable=False),
        sa.Column("sha256", sa.String(length=64), nullable=True),
        sa.Column("peaks_sha256", sa.String(length=64), nullable=True),
        sa.Column("stretches", sa.JSON(), nullable=False),
        sa.Column("facts", sa.JSON(), nullable=False),
        sa.Column("sealed_ms", sa.BigInteger(), nullable=True),
        sa.Column("tries", sa.Integer(), nullable=False),
        sa.Column("error", sa.String(length=500), nullable=True),
        sa.Column("complete", sa.Boolean(), nullable=False),
        sa.ForeignKeyConstraint(["attempt_id"], ["attempts.id"], name=op.f("fk_recordings_attempt_id_attempts")),
        sa.ForeignKeyConstraint(["contest_id"], ["contests.id"], name=op.f("fk_recordings_contest_id_contests")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_recordings")),
        sa.UniqueConstraint("attempt_id", "call_id", name=op.f("uq_recordings_attempt_id")),
    )
    with op.batch_alter_table("recordings", schema=None) as batch_op:
        for column in ("attempt_id", "contest_id", "state"):
            batch_op.create_index(batch_op.f(f"ix_recordings_{column}"), [column], unique=False)
    op.create_table(
        "recording_comments",
        sa.Column("id", sa.String(length=26), nullable=False),
        sa.Column("recording_id", sa.String(length=26), nullable=False),
        sa.Column("author_id", sa.String(length=26), nullable=False),
        sa.Column("at_ms", sa.BigInteger(), nullable=False),
        sa.Column("until_ms", sa.BigInteger(), nullable=True),
        sa.Column("body", sa.Text(), nullable=False),
        sa.Column("made_ms", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(["author_id"], ["accounts.id"], name=op.f("fk_recording_comments_author_id_accounts")),
        sa.ForeignKeyConstraint(
            ["recording_id"], ["recordings.id"], name=op.f("fk_recording_comments_recording_id_recordings")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_recording_comments")),
    )
    with op.batch_alter_table("recording_comments", schema=None) as batch_op:
        batch_op.create_index("ix_recording_comments_recording_id", ["recording_id"], unique=False)


def downgrade() -> None:
    """Back to the one before."""
    for table in ("recording_comments", "recordings", "recorder_chunks", "recorders"):
        op.drop_table(table)
