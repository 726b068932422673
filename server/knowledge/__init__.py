"""知识库: articles, deterministic search (docs/packages/knowledge.md)."""
