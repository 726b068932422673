"""An installation of the first release keeps what it has when it is migrated."""

from pathlib import Path

import pytest
from alembic import command
from sqlalchemy import create_engine, text

from server.db import migrate
from server.db.database import sqlite_url

pytestmark = pytest.mark.contract


def test_people_papers_and_stages_of_the_first_revision_stay(tmp_path: Path) -> None:
    url = sqlite_url(tmp_path / "ccss.db")
    command.upgrade(migrate._config(url), "0001")
    engine = create_engine(f"sqlite:///{tmp_path / 'ccss.db'}")
    with engine.begin() as connection:
        for statement in (
            "INSERT INTO accounts VALUES ('a', 'teacher', '测试教师', 'trainer', NULL, 7)",
            "INSERT INTO contests VALUES ('c', 'practice', '{}', 0, 7)",
            "INSERT INTO stages VALUES ('s', 'c', 'typing_test', '{}', NULL, 600000)",
            "INSERT INTO paper_contents VALUES ('x', 'typing_test', '{}')",
            "INSERT INTO papers VALUES ('p', 'typing_test', 'lesson', '{}', 3, 600000, 'x', 7)",
        ):
            connection.execute(text(statement))
    migrate.upgrade(url)
    with engine.begin() as connection:
        account = connection.execute(text("SELECT roles, contest_id, closed_ms FROM accounts")).one()
        assert tuple(account) == ("trainer", None, None)
        assert connection.scalar(text("SELECT visible_from_ms FROM papers")) == 7
        stage = connection.execute(text("SELECT position, starts_ms FROM stages")).one()
        assert tuple(stage) == (0, None)
    engine.dispose()
    migrate.check(url)
