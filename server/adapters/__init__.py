"""Journal, blobs and bus made of SQLite, files and asyncio."""
