"""What a search can find: articles of a 知识库, whatever module they belong to."""

from server.core.frozen import Frozen


class Entry(Frozen):
    """An article as the search sees it."""

    id: str
    title: str
    body: str
    keywords: tuple[str, ...] = ()


class Hit(Frozen):
    """An article that was found; a higher score fits better, `excerpt` shows where it fits."""

    id: str
    title: str
    score: int
    excerpt: str
