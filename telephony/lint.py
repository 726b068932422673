"""The linter of voice tasks: what is missing or can't be right (severe), what is doubtful, by the draft's paths."""

from collections.abc import Mapping

from server.core.errors import Fault, Invalid
from telephony import converting
from telephony.content import TelephonyContent
from telephony.draft import TelephonyDraft
from telephony.lint_customers import customers
from telephony.lint_desk import desk
from telephony.lint_drift import drift
from telephony.lint_faults import doubt
from telephony.lint_missing import missing
from telephony.lint_recordings import recordings


def faults(draft: TelephonyDraft, text_sha256: Mapping[str, str]) -> list[Fault]:
    """Everything; `text_sha256` of what a recording should say, by its id."""
    return [*missing(draft), *recordings(draft, text_sha256), *customers(draft), *desk(draft), *drift(draft)]


def check(content: TelephonyContent) -> list[Fault]:
    """What is wrong or doubtful in a content; a path in it is the same as in a draft.

    Of a content beyond the limits of a task only that is told, as doubts: it can be used, but not looked through.
    """
    try:
        draft = converting.draft(content)
    except Invalid as beyond:
        return [
            doubt(
                fault["path"],
                f"超出题库题目的限制，没有检查：{fault['text']['zh-CN']}",
                f"Beyond the limits of a task: {fault['text']['en']}",
            )
            for fault in beyond.extra["faults"]
        ]
    return faults(draft, {name: "" for name, _, _ in draft.recordings()})
