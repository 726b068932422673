"""SQL of papers and contents."""

from typing import Any

from sqlalchemy import insert, select

from server.db.database import Database
from server.papers.tables import contents, papers


class PapersRepository:
    """Rows in, rows out."""

    def __init__(self, database: Database) -> None:
        self._db = database

    async def add_content(self, sha256: str, module: str, body: str) -> None:
        """Insert a content unless it is there."""
        async with self._db.write() as connection:
            if await connection.scalar(select(contents.c.sha256).where(contents.c.sha256 == sha256)) is None:
                await connection.execute(insert(contents).values(sha256=sha256, module=module, body=body))

    async def add_paper(self, values: dict[str, Any]) -> None:
        """Insert a paper."""
        async with self._db.write() as connection:
            await connection.execute(insert(papers).values(**values))

    async def content(self, sha256: str) -> Any:
        """A content's row, or None."""
        async with self._db.read() as connection:
            return (await connection.execute(select(contents).where(contents.c.sha256 == sha256))).one_or_none()

    async def paper(self, paper_id: str) -> Any:
        """A paper's row, or None."""
        async with self._db.read() as connection:
            return (await connection.execute(select(papers).where(papers.c.id == paper_id))).one_or_none()

    async def papers(self) -> list[Any]:
        """All papers, oldest first."""
        async with self._db.read() as connection:
            return list((await connection.execute(select(papers).order_by(papers.c.id))).all())
