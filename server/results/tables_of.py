"""What a module adds to workbooks of results."""

from collections.abc import Sequence

from server.core.export import Exports, ExportTable
from server.core.outcome import Outcome


def tables_of(module: object, outcome: Outcome) -> Sequence[ExportTable]:
    """Tables of one work, by its module; most modules add nothing."""
    return module.tables(outcome) if isinstance(module, Exports) else ()
