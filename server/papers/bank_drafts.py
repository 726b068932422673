"""Drafts of the task bank: out of JSON and into it, and what of a draft only the server may say."""

from typing import Any

from pydantic import ValidationError

from server.core.authoring import AnyAuthor, Draft, DraftAudio
from server.core.contract import AnyModule
from server.core.errors import Invalid, TooLarge, faults_of
from server.core.frozen import canonical_json
from server.core.text import Text
from server.papers.bank_schemas import MAX_DRAFT_CHARACTERS


def author_of(module: AnyModule) -> AnyAuthor:
    """The authoring side of a module; raises Invalid for one that has none."""
    if module.author is None:
        raise Invalid(
            Text(
                zh=f"“{module.title.zh}”的题目不能在题库中编写，请导入试卷",
                en=f"Tasks of {module.name} can't be written here: import a paper",
            )
        )
    return module.author


def parsed(author: AnyAuthor, raw: dict[str, Any]) -> Draft:
    """A draft from JSON data; raises Invalid with every fault and its path, TooLarge."""
    if len(canonical_json(raw)) > MAX_DRAFT_CHARACTERS:
        raise TooLarge(Text(zh="一个题目的文字不能超过 50 万字", en="A task may have 500,000 characters at most"))
    try:
        draft: Draft = author.draft_type.model_validate(raw)
    except ValidationError as error:
        found = faults_of(error.errors(include_url=False, include_context=False, include_input=False))
        raise Invalid(
            Text(zh="题目草稿不符合格式", en="The draft breaks its schema"),
            faults=[fault.model_dump(mode="json", by_alias=True) for fault in found],
        ) from error
    return draft


def dumped(draft: Draft) -> str:
    """A draft as it is kept: canonical JSON, so that equal drafts are equal texts."""
    return canonical_json(draft.model_dump(mode="json", by_alias=True))


def with_known_audio(author: AnyAuthor, draft: Draft, before: Draft) -> Draft:
    """A draft from a page: which recordings there are, and that they were heard, is only said by acts of their own.

    A line keeps a recording that the draft before has (cards may be moved and copied); one that it doesn't have
    gives way to the line's own. Raises Invalid for a recording of a line that had none.
    """
    known = {line.id: author.audio(before, line.id) for line in author.lines(before)}
    for line in author.lines(draft):
        audio = author.audio(draft, line.id)
        if audio is None or audio in known.values():
            continue
        if known.get(line.id) is None:
            raise Invalid(
                Text(
                    zh="录音只能在页面上合成、录制或上传，不能写进题目草稿",
                    en="A recording is made, recorded or handed in; it can't be written into a draft",
                )
            )
        draft = author.with_audio(draft, line.id, known[line.id])
    return draft


def recordings_of(author: AnyAuthor, draft: Draft) -> list[DraftAudio]:
    """The recordings of a draft."""
    return [audio for line in author.lines(draft) if (audio := author.audio(draft, line.id)) is not None]


def is_stale(author: AnyAuthor, draft: Draft, line: str) -> bool:
    """Whether the text of a line was changed after its recording was made."""
    audio = author.audio(draft, line)
    return audio is not None and audio.text_sha256 not in ("", author.text_sha256(draft, line))
