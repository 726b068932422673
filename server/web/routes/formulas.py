"""What the formula ids beside figures stand for."""

from fastapi import APIRouter

from server.kpi.formulas import Formula
from server.kpi.registry import FORMULAS
from server.web.context import Who

router = APIRouter(tags=["formulas"])


@router.get("/formulas")
async def formulas(who: Who) -> list[Formula]:
    """Every definition: figures are shown to anybody with what they mean, and whose meaning it is."""
    return list(FORMULAS)
