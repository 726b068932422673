"""Papers: content by SHA-256, with the files it needs."""
