"""Drafts to contents and back."""

from collections.abc import Sequence
from typing import Any

from pydantic import ValidationError

from chat_sim.content import ChatContent
from chat_sim.draft import ChatDraft
from chat_sim.lint_shape import shape
from server.core.errors import Fault, Invalid, faults_of
from server.core.text import Text


def content(draft: ChatDraft, found: Sequence[Fault]) -> ChatContent:
    """The content that a draft makes; raises Invalid with every severe fault."""
    if severe := [fault for fault in found if fault.severe]:
        raise refusal(
            Text(zh=f"题目还有 {len(severe)} 处必须修改", en=f"{len(severe)} faults keep the task from being used"),
            severe,
        )
    return shaped(draft)


def shaped(draft: ChatDraft) -> ChatContent:
    """The content of a draft that lacks nothing, however doubtful it is; raises Invalid with all that is missing."""
    made, missing = shape(ChatContent, data_of(draft))
    if not isinstance(made, ChatContent):
        raise refusal(Text(zh="题目还没有填完", en="Something of the task is missing"), missing)
    return made


def draft(given: ChatContent) -> ChatDraft:
    """A content as a draft; raises Invalid for one beyond the limits of a task."""
    try:
        return ChatDraft.model_validate(given.model_dump(exclude={"schema_version"}))
    except ValidationError as error:
        found = faults_of(
            {"loc": one["loc"], "msg": one["msg"]}
            for one in error.errors(include_url=False, include_context=False, include_input=False)
        )
        raise refusal(
            Text(zh="这份试卷超出题库题目的限制", en="This paper is beyond the limits of a task"), found
        ) from error


def data_of(draft: ChatDraft) -> dict[str, Any]:
    """A draft's data, in the shape of a content."""
    return draft.model_dump()


def refusal(text: Text, found: Sequence[Fault]) -> Invalid:
    """The refusal with every fault and its path."""
    return Invalid(text, faults=[fault.model_dump(mode="json", by_alias=True) for fault in found])
