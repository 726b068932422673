"""What a formula id stands for: the definition that is shown beside every figure (shared/domain kpi.md)."""

from server.core.frozen import Frozen
from server.core.text import Text


class Formula(Frozen):
    """A KPI with its definition; `id` is `<kpi>.<variant>/<version>`, `source` says whose definition it is."""

    id: str
    title: Text
    unit: str
    definition: Text
    source: str = ""
