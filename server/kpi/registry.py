"""All formulas that are defined here; figures of modules name them by id."""

from server.kpi.chat_formulas import CHAT_FORMULAS
from server.kpi.formulas import Formula

FORMULAS: tuple[Formula, ...] = CHAT_FORMULAS
_BY_ID = {formula.id: formula for formula in FORMULAS}


def formula(formula_id: str) -> Formula:
    """The formula of this id. Raises KeyError if there is none: a figure without a definition is shown to nobody."""
    return _BY_ID[formula_id]
