"""Shapes of names and limits that content, commands and events of 在线服务 share."""

ID = r"^[A-Za-z0-9_-]{1,32}$"
MAX_TEXT = 2_000
"""Characters kept of a reply that is being written, and of a note."""
MAX_WIRE = 20_000
"""Characters of a message that still reach `decide`, which refuses what is longer than the task allows in words."""
MAX_LINES = 20
"""Lines of an order."""
