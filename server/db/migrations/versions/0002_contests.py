"""contests: timetable, roster, classes, places, orders, announcements, corrections."""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """To this revision."""
    op.create_table(
        "seats",
        sa.Column("id", sa.String(length=26), nullable=False),
        sa.Column("label", sa.String(length=20), nullable=False),
        sa.Column("room", sa.String(length=40), nullable=False),
        sa.Column("spare", sa.Boolean(), nullable=False),
        sa.Column("token_sha256", sa.String(length=64), nullable=True),
        sa.Column("address", sa.String(length=80), nullable=True),
        sa.Column("bound_ms", sa.BigInteger(), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_seats")),
        sa.UniqueConstraint("label", name=op.f("uq_seats_label")),
        sa.UniqueConstraint("token_sha256", name=op.f("uq_seats_token_sha256")),
    )
    with op.batch_alter_table("seats", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_seats_room"), ["room"], unique=False)

    op.create_table(
        "classes",
        sa.Column("id", sa.String(length=26), nullable=False),
        sa.Column("title", sa.String(length=80), nullable=False),
        sa.Column("code", sa.String(length=12), nullable=True),
        sa.Column("registration", sa.Boolean(), nullable=False),
        sa.Column("created_by", sa.String(length=26), nullable=False),
        sa.Column("created_ms", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(["created_by"], ["accounts.id"], name=op.f("fk_classes_created_by_accounts")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_classes")),
        sa.UniqueConstraint("code", name=op.f("uq_classes_code")),
    )
    op.create_table(
        "pupils",
        sa.Column("account_id", sa.String(length=26), nullable=False),
        sa.Column("class_id", sa.String(length=26), nullable=False),
        sa.Column("number", sa.String(length=40), nullable=False),
        sa.ForeignKeyConstraint(["account_id"], ["accounts.id"], name=op.f("fk_pupils_account_id_accounts")),
        sa.ForeignKeyConstraint(["class_id"], ["classes.id"], name=op.f("fk_pupils_class_id_classes")),
        sa.PrimaryKeyConstraint("account_id", name=op.f("pk_pupils")),
        sa.UniqueConstraint("class_id", "number", name=op.f("uq_pupils_class_id")),
    )
    op.create_table(
        "announcements",
        sa.Column("id", sa.String(length=26), nullable=False),
        sa.Column("contest_id", sa.String(length=26), nullable=False),
        sa.Column("body", sa.String(length=1000), nullable=False),
        sa.Column("room", sa.String(length=40), nullable=True),
        sa.Column("announced_by", sa.String(length=26), nullable=False),
        sa.Column("at_ms", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(["announced_by"], ["accounts.id"], name=op.f("fk_announcements_announced_by_accounts")),
        sa.ForeignKeyConstraint(["contest_id"], ["contests.id"], name=op.f("fk_announcements_contest_id_contests")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_announcements")),
    )
    with op.batch_alter_table("announcements", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_announcements_contest_id"), ["contest_id"], unique=False)

    op.create_table(
        "entrants",
        sa.Column("account_id", sa.String(length=26), nullable=False),
        sa.Column("contest_id", sa.String(length=26), nullable=False),
        sa.Column("ticket_number", sa.String(length=40), nullable=False),
        sa.Column("contestant_code", sa.String(length=12), nullable=False),
        sa.Column("delegation", sa.String(length=80), nullable=False),
        sa.Column("group_title", sa.String(length=40), nullable=False),
        sa.Column("coach", sa.String(length=80), nullable=False),
        sa.ForeignKeyConstraint(["account_id"], ["accounts.id"], name=op.f("fk_entrants_account_id_accounts")),
        sa.ForeignKeyConstraint(["contest_id"], ["contests.id"], name=op.f("fk_entrants_contest_id_contests")),
        sa.PrimaryKeyConstraint("account_id", name=op.f("pk_entrants")),
        sa.UniqueConstraint("contest_id", "ticket_number", name=op.f("uq_entrants_contest_id")),
        sa.UniqueConstraint("contestant_code", name=op.f("uq_entrants_contestant_code")),
    )
    op.create_table(
        "placements",
        sa.Column("account_id", sa.String(length=26), nullable=False),
        sa.Column("contest_id", sa.String(length=26), nullable=False),
        sa.Column("seat_id", sa.String(length=26), nullable=False),
        sa.ForeignKeyConstraint(["account_id"], ["accounts.id"], name=op.f("fk_placements_account_id_accounts")),
        sa.ForeignKeyConstraint(["contest_id"], ["contests.id"], name=op.f("fk_placements_contest_id_contests")),
        sa.ForeignKeyConstraint(["seat_id"], ["seats.id"], name=op.f("fk_placements_seat_id_seats")),
        sa.PrimaryKeyConstraint("account_id", name=op.f("pk_placements")),
        sa.UniqueConstraint("contest_id", "seat_id", name=op.f("uq_placements_contest_id")),
    )
    op.create_table(
        "corrections",
        sa.Column("id", sa.String(length=26), nullable=False),
        sa.Column("contest_id", sa.String(length=26), nullable=False),
        sa.Column("stage_id", sa.String(length=26), nullable=False),
        sa.Column("corrected_by", sa.String(length=26), nullable=False),
        sa.Column("reason", sa.String(length=500), nullable=False),
        sa.Column("old_sha256", sa.String(length=64), nullable=False),
        sa.Column("new_sha256", sa.String(length=64), nullable=False),
        sa.Column("key", sa.JSON(), nullable=False),
        sa.Column("changes", sa.JSON(), nullable=False),
        sa.Column("at_ms", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(["contest_id"], ["contests.id"], name=op.f("fk_corrections_contest_id_contests")),
        sa.ForeignKeyConstraint(["corrected_by"], ["accounts.id"], name=op.f("fk_corrections_corrected_by_accounts")),
        sa.ForeignKeyConstraint(["stage_id"], ["stages.id"], name=op.f("fk_corrections_stage_id_stages")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_corrections")),
    )
    with op.batch_alter_table("corrections", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_corrections_contest_id"), ["contest_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_corrections_stage_id"), ["stage_id"], unique=False)

    op.create_table(
        "orders",
        sa.Column("id", sa.String(length=26), nullable=False),
        sa.Column("contest_id", sa.String(length=26), nullable=False),
        sa.Column("stage_id", sa.String(length=26), nullable=False),
        sa.Column("body", sa.JSON(), nullable=False),
        sa.Column("status", sa.String(length=20), nullable=False),
        sa.Column("affected", sa.Integer(), nullable=False),
        sa.Column("proposed_by", sa.String(length=26), nullable=False),
        sa.Column("proposed_ms", sa.BigInteger(), nullable=False),
        sa.Column("confirmed_by", sa.String(length=26), nullable=True),
        sa.Column("settled_ms", sa.BigInteger(), nullable=True),
        sa.ForeignKeyConstraint(["confirmed_by"], ["accounts.id"], name=op.f("fk_orders_confirmed_by_accounts")),
        sa.ForeignKeyConstraint(["contest_id"], ["contests.id"], name=op.f("fk_orders_contest_id_contests")),
        sa.ForeignKeyConstraint(["proposed_by"], ["accounts.id"], name=op.f("fk_orders_proposed_by_accounts")),
        sa.ForeignKeyConstraint(["stage_id"], ["stages.id"], name=op.f("fk_orders_stage_id_stages")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_orders")),
    )
    with op.batch_alter_table("orders", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_orders_contest_id"), ["contest_id"], unique=False)

    with op.batch_alter_table("accounts", schema=None) as batch_op:
        batch_op.alter_column(
            "role",
            new_column_name="roles",
            existing_type=sa.String(length=40),
            type_=sa.String(length=200),
            existing_nullable=False,
        )
        batch_op.add_column(sa.Column("contest_id", sa.String(length=26), nullable=True))
        batch_op.add_column(sa.Column("closed_ms", sa.BigInteger(), nullable=True))
        batch_op.create_index(batch_op.f("ix_accounts_contest_id"), ["contest_id"], unique=False)

    with op.batch_alter_table("attempts", schema=None) as batch_op:
        batch_op.add_column(sa.Column("delayed_behind", sa.String(length=26), nullable=True))
        batch_op.create_index(batch_op.f("ix_attempts_delayed_behind"), ["delayed_behind"], unique=False)
        batch_op.create_index(batch_op.f("ix_attempts_stage_id"), ["stage_id"], unique=False)
        batch_op.create_unique_constraint(batch_op.f("uq_attempts_stage_id"), ["stage_id", "contestant_id"])

    with op.batch_alter_table("contests", schema=None) as batch_op:
        batch_op.add_column(sa.Column("class_id", sa.String(length=26), nullable=True))
        batch_op.add_column(sa.Column("rules", sa.JSON(), nullable=True))
        batch_op.add_column(sa.Column("closed_ms", sa.BigInteger(), nullable=True))
        batch_op.create_index(batch_op.f("ix_contests_kind"), ["kind"], unique=False)
        batch_op.create_foreign_key(batch_op.f("fk_contests_class_id_classes"), "classes", ["class_id"], ["id"])

    with op.batch_alter_table("logins", schema=None) as batch_op:
        batch_op.add_column(sa.Column("seat_id", sa.String(length=26), nullable=True))
        batch_op.add_column(sa.Column("address", sa.String(length=80), nullable=True))
        batch_op.create_index(batch_op.f("ix_logins_account_id"), ["account_id"], unique=False)

    with op.batch_alter_table("outcomes", schema=None) as batch_op:
        batch_op.add_column(sa.Column("failed", sa.Boolean(), nullable=False, server_default=sa.false()))
        batch_op.alter_column("marks", existing_type=sa.String(length=20), nullable=True)
        batch_op.alter_column("max_marks", existing_type=sa.String(length=20), nullable=True)
        batch_op.alter_column("body", existing_type=sa.JSON(), nullable=True)
    with op.batch_alter_table("outcomes", schema=None) as batch_op:
        batch_op.alter_column("failed", server_default=None, existing_type=sa.Boolean(), existing_nullable=False)

    with op.batch_alter_table("papers", schema=None) as batch_op:
        batch_op.add_column(sa.Column("visible_from_ms", sa.BigInteger(), nullable=True))
    op.execute("UPDATE papers SET visible_from_ms = created_ms")

    with op.batch_alter_table("stages", schema=None) as batch_op:
        batch_op.add_column(sa.Column("position", sa.Integer(), nullable=False, server_default="0"))
        batch_op.add_column(sa.Column("content_sha256", sa.String(length=64), nullable=True))
        batch_op.add_column(sa.Column("scoring_sha256", sa.String(length=64), nullable=True))
        batch_op.add_column(sa.Column("planned_ms", sa.BigInteger(), nullable=True))
        batch_op.add_column(sa.Column("starts_ms", sa.BigInteger(), nullable=True))
        batch_op.add_column(sa.Column("armed_ms", sa.BigInteger(), nullable=True))
        batch_op.add_column(sa.Column("started_ms", sa.BigInteger(), nullable=True))
        batch_op.add_column(sa.Column("closed_ms", sa.BigInteger(), nullable=True))
    with op.batch_alter_table("stages", schema=None) as batch_op:
        batch_op.alter_column("position", server_default=None, existing_type=sa.Integer(), existing_nullable=False)


def downgrade() -> None:
    """Back to the one before."""
    with op.batch_alter_table("stages", schema=None) as batch_op:
        batch_op.drop_column("closed_ms")
        batch_op.drop_column("started_ms")
        batch_op.drop_column("armed_ms")
        batch_op.drop_column("starts_ms")
        batch_op.drop_column("planned_ms")
        batch_op.drop_column("scoring_sha256")
        batch_op.drop_column("content_sha256")
        batch_op.drop_column("position")

    with op.batch_alter_table("papers", schema=None) as batch_op:
        batch_op.drop_column("visible_from_ms")

    # What could not be worked out has no row in the older schema.
    op.execute("DELETE FROM outcomes WHERE failed")
    with op.batch_alter_table("outcomes", schema=None) as batch_op:
        batch_op.alter_column("body", existing_type=sa.JSON(), nullable=False)
        batch_op.alter_column("max_marks", existing_type=sa.String(length=20), nullable=False)
        batch_op.alter_column("marks", existing_type=sa.String(length=20), nullable=False)
        batch_op.drop_column("failed")

    with op.batch_alter_table("logins", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_logins_account_id"))
        batch_op.drop_column("address")
        batch_op.drop_column("seat_id")

    with op.batch_alter_table("contests", schema=None) as batch_op:
        batch_op.drop_constraint(batch_op.f("fk_contests_class_id_classes"), type_="foreignkey")
        batch_op.drop_index(batch_op.f("ix_contests_kind"))
        batch_op.drop_column("closed_ms")
        batch_op.drop_column("rules")
        batch_op.drop_column("class_id")

    with op.batch_alter_table("attempts", schema=None) as batch_op:
        batch_op.drop_constraint(batch_op.f("uq_attempts_stage_id"), type_="unique")
        batch_op.drop_index(batch_op.f("ix_attempts_stage_id"))
        batch_op.drop_index(batch_op.f("ix_attempts_delayed_behind"))
        batch_op.drop_column("delayed_behind")

    with op.batch_alter_table("accounts", schema=None) as batch_op:
        batch_op.alter_column(
            "roles",
            new_column_name="role",
            existing_type=sa.String(length=200),
            type_=sa.String(length=40),
            existing_nullable=False,
        )
        batch_op.drop_index(batch_op.f("ix_accounts_contest_id"))
        batch_op.drop_column("closed_ms")
        batch_op.drop_column("contest_id")

    with op.batch_alter_table("orders", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_orders_contest_id"))

    op.drop_table("orders")
    with op.batch_alter_table("corrections", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_corrections_stage_id"))
        batch_op.drop_index(batch_op.f("ix_corrections_contest_id"))

    op.drop_table("corrections")
    op.drop_table("placements")
    op.drop_table("entrants")
    with op.batch_alter_table("announcements", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_announcements_contest_id"))

    op.drop_table("announcements")
    op.drop_table("pupils")
    op.drop_table("classes")
    with op.batch_alter_table("seats", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_seats_room"))

    op.drop_table("seats")
