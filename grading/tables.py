"""The tables of the grading service: every revision of every dossier, and what referees made of judgements.

All by code. No time, no person, no place.
"""

from sqlalchemy import JSON, Boolean, Column, Index, Integer, MetaData, String, Table, Text

metadata = MetaData(
    naming_convention={
        "ix": "ix_%(column_0_label)s",
        "uq": "uq_%(table_name)s_%(column_0_name)s",
        "fk": "fk_%(table_name)s_%(column_0_name)s_%(referred_table_name)s",
        "pk": "pk_%(table_name)s",
    }
)

dossiers = Table(
    "dossiers",
    metadata,
    Column("work_code", String(12), primary_key=True),
    Column("revision", Integer, primary_key=True),
    Column("contest_code", String(12), nullable=False),
    # What lists show, taken from the body when it came; marks are decimals as text.
    Column("stage_code", String(12), nullable=False),
    Column("stage_number", Integer, nullable=False),
    Column("module", String(40), nullable=False),
    Column("module_title", JSON, nullable=False),
    Column("failed", Boolean, nullable=False),
    Column("marks", String(40)),
    Column("max_marks", String(40)),
    Column("criteria", JSON, nullable=False),
    # Canonical JSON, as it came. Last, so that reading the columns above never walks through it.
    Column("body", Text, nullable=False),
)
Index("ix_dossiers_contest_code", dossiers.c.contest_code, dossiers.c.work_code)

overrulings = Table(
    "overrulings",
    metadata,
    # In order of their coming; the last of a referee's on a judgement holds.
    Column("id", Integer, primary_key=True),
    Column("work_code", String(12), nullable=False),
    Column("referee", String(12), nullable=False),
    Column("judgement", String(80), nullable=False),
    # Null: the word before was taken back.
    Column("met", Boolean),
    Column("reason", Text, nullable=False),
    Column("revision", Integer, nullable=False),
)
Index("ix_overrulings_work_code", overrulings.c.work_code, overrulings.c.referee)

instances = Table(
    "instances",
    metadata,
    # One row, made by chance: by it the server notices that this database is another one than before.
    Column("id", String(12), primary_key=True),
)
