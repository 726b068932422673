"""The default 评分表 of 听打录入: one criterion, marked by the system (seed 001, 十(二) table of 听打录入)."""

from decimal import Decimal

from server.core.outcome import Criterion, Rubric
from server.core.text import Text
from typing_test.content import DictationContent
from typing_test.scoring import CRITERION


def rubric(content: DictationContent) -> Rubric:
    """准确率 alone makes the mark."""
    accuracy = Criterion(
        key=CRITERION, title=Text(zh="准确率", en="Accuracy"), weight_pct=Decimal(100), marked_by="auto"
    )
    return Rubric(module="typing_test", max_marks=Decimal(content.counting.max_marks), criteria=(accuracy,))
