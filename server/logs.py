"""Logs: one JSON line an event on stderr; personal data only under keys that begin with `pii.`."""

import logging
import sys

import structlog


def configure_logs() -> None:
    """Set up structlog once, at the start of a process."""
    structlog.configure(
        processors=[
            structlog.contextvars.merge_contextvars,
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            structlog.processors.format_exc_info,
            structlog.processors.JSONRenderer(ensure_ascii=False),
        ],
        wrapper_class=structlog.make_filtering_bound_logger(logging.INFO),
        # Through the standard library, whose handlers never raise: a log that can't be written stops nothing.
        logger_factory=structlog.stdlib.LoggerFactory(),
    )
    logging.basicConfig(stream=sys.stderr, level=logging.INFO, format="%(message)s")
    for noisy in ("uvicorn.error", "uvicorn.access", "alembic", "aiosqlite", "httpx2"):
        logging.getLogger(noisy).setLevel(logging.WARNING)
