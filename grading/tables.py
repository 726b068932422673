"""The tables of the grading service: every revision of every dossier, by work code. No time, no person, no place."""

from sqlalchemy import Column, Index, Integer, MetaData, String, Table, Text

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
    # Canonical JSON, as it came.
    Column("body", Text, nullable=False),
)
Index("ix_dossiers_contest_code", dossiers.c.contest_code, dossiers.c.work_code)
