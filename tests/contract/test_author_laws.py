"""The law suite of authoring: what holds for every contest module that has an author."""

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from server.core.authoring import SHEET, AnyAuthor, Draft, DraftAudio
from server.core.errors import Invalid
from server.core.frozen import sha256_hex
from server.core.text import Text
from tests.support.cases import CASES, Case, fuzzed

pytestmark = pytest.mark.contract

AUTHORED = [case for case in CASES if case.module.author is not None]
each_author = pytest.mark.parametrize("case", AUTHORED, ids=lambda case: case.module.name)
SEEDS = st.integers(0, 2**63 - 1)
UNDECIDED = {"chat_sim": ["rubric.gap"]}
"""What no machine may decide: invented tasks say so."""


def author_of(case: Case) -> AnyAuthor:
    assert case.module.author is not None
    return case.module.author


def invented(author: AnyAuthor, seed: int) -> Draft:
    """A blank draft with fictitious data in every part."""
    draft: Draft = author.blank(Text(zh="新题", en="New"))
    for part in author.parts(draft):
        draft = author.invent(draft, part.id, seed)
    return draft


def recorded_draft(author: AnyAuthor, draft: Draft, confirmed: bool = True) -> Draft:
    """The draft with a recording of every line."""
    for line in author.lines(draft):
        draft = author.with_audio(draft, line.id, recording(author, draft, line.id, confirmed))
    return draft


def recording(author: AnyAuthor, draft: Draft, line: str, confirmed: bool = True) -> DraftAudio:
    """As long as somebody would need who speaks four syllables a second."""
    said = sum(len(segment.text) for segment in author.script(draft, line).reading)
    return DraftAudio(
        sha256=sha256_hex(line),
        duration_ms=said * 250 * author.readings,
        source="recorded",
        readings=author.readings,
        peak_dbfs=-3.0,
        rms_dbfs=-20.0,
        text_sha256=author.text_sha256(draft, line),
        confirmed=confirmed,
    )


@each_author
def test_a_blank_draft_is_json_and_knows_what_is_missing(case: Case) -> None:
    author = author_of(case)
    draft = author.blank(Text(zh="新题", en="New"))
    assert author.draft_type.model_validate_json(draft.model_dump_json(by_alias=True)) == draft
    assert author.parts(draft)
    assert all(author.audio(draft, line.id) is None for line in author.lines(draft))
    assert [fault for fault in author.faults(draft) if fault.severe]
    with pytest.raises(Invalid):
        author.content(draft)


@each_author
@fuzzed
@given(seed=SEEDS)
def test_invented_data_lack_nothing_but_a_recording(case: Case, seed: int) -> None:
    author = author_of(case)
    draft = invented(author, seed)
    assert draft == invented(author, seed)
    assert draft != invented(author, seed ^ 1)
    assert author.draft_type.model_validate_json(draft.model_dump_json(by_alias=True)) == draft
    undecided = UNDECIDED.get(case.module.name, [])
    assert bool([fault for fault in author.faults(draft) if fault.severe]) == bool(author.lines(draft))
    assert [fault.path for fault in author.faults(recorded_draft(author, draft))] == undecided
    for part in author.parts(draft):
        again = author.invent(recorded_draft(author, draft), part.id, seed)
        assert all(author.audio(again, line.id) is None for line in author.lines(again))


@each_author
@fuzzed
@given(seed=SEEDS)
def test_invented_data_can_be_read_out(case: Case, seed: int) -> None:
    author = author_of(case)
    draft = invented(author, seed)
    # What has a live sound, or a recording of its own, is spoken; a module without sound has no lines.
    assert bool(author.lines(draft)) == (case.module.name != "chat_sim")
    for line in author.lines(draft):
        script = author.script(draft, line.id)
        said = "".join(segment.text for segment in (*script.opening, *script.reading, *script.repeat))
        assert said
        assert all(unicodedata.category(character) in ("Lo", "Po") for character in said)


@each_author
@fuzzed
@given(seed=SEEDS)
def test_a_recording_is_where_it_was_put(case: Case, seed: int) -> None:
    author = author_of(case)
    draft = invented(author, seed)
    for line in author.lines(draft):
        audio = recording(author, draft, line.id)
        held = author.with_audio(draft, line.id, audio)
        assert author.audio(held, line.id) == audio
        assert author.text_sha256(held, line.id) == audio.text_sha256
        assert author.with_audio(held, line.id, None) == draft


@each_author
@fuzzed
@given(seed=SEEDS, confirmed=st.booleans(), stale=st.booleans())
def test_a_draft_becomes_content_if_nothing_severe_speaks_against_it(
    case: Case, seed: int, confirmed: bool, stale: bool
) -> None:
    author = author_of(case)
    draft = recorded_draft(author, invented(author, seed ^ 1 if stale else seed), confirmed)
    if stale:
        audios = {line.id: author.audio(draft, line.id) for line in author.lines(draft)}
        draft = invented(author, seed)
        for line, audio in audios.items():
            draft = author.with_audio(draft, line, audio)
    severe = [fault for fault in author.faults(draft) if fault.severe]
    assert bool(severe) == (bool(author.lines(draft)) and (stale or not confirmed))
    if severe:
        with pytest.raises(Invalid) as refused:
            author.content(draft)
        assert [fault["path"] for fault in refused.value.extra["faults"]] == [fault.path for fault in severe]
        return
    content = author.content(draft)
    assert not [fault for fault in case.module.check(content) if fault.severe]
    assert case.module.parts(content) == author.parts(draft)
    assert author.content(author.draft(content)) == content


@each_author
def test_a_content_is_a_faultless_draft(case: Case) -> None:
    author = author_of(case)
    draft = author.draft(case.content)
    assert not [fault for fault in author.faults(draft) if fault.severe]
    assert author.content(draft) == case.content


@each_author
@fuzzed
@given(seeds=st.lists(SEEDS, min_size=1, max_size=5))
def test_combined_contents_keep_every_line_of_their_keys(case: Case, seeds: list[int]) -> None:
    author = author_of(case)
    contents = [author.content(recorded_draft(author, invented(author, seed))) for seed in seeds]
    combined = author.combine(contents, Text(zh="试卷"), 123_000)
    assert (combined.title, combined.duration_ms) == (Text(zh="试卷"), 123_000)
    lines = [line.accepted for content in contents for line in case.module.key(content)]
    assert [line.accepted for line in case.module.key(combined)] == lines
    assert case.module.files(combined) == frozenset().union(*(case.module.files(content) for content in contents))
    assert author.combine(contents, Text(zh="试卷"), 123_000) == combined
    assert case.module.content_type.model_validate_json(combined.model_dump_json(by_alias=True)) == combined


@each_author
@fuzzed
@given(seed=SEEDS)
def test_rows_become_a_draft_and_rows_again(case: Case, seed: int) -> None:
    author = author_of(case)
    draft = invented(author, seed)
    for part in author.parts(draft):
        rows = author.rows(draft, part.id)
        assert all(list(row) == [column.title for column in author.columns] for row in rows)
        (again,) = author.from_table(rows)
        assert again.faults == []
        only = author.parts(again.draft)[0].id
        assert author.rows(again.draft, only) == rows
        assert [fault.path for fault in author.faults(again.draft)] == [fault.path for fault in author.faults(draft)]


@each_author
def test_the_example_row_is_right(case: Case) -> None:
    author = author_of(case)
    (made,) = author.from_table([author.example])
    assert made.faults == []
    assert set(author.example) <= {column.title for column in author.columns}
    assert all(author.example[column.title] for column in author.columns if column.required)


@each_author
def test_unknown_parts_are_refused(case: Case) -> None:
    author = author_of(case)
    draft = invented(author, 1)
    for act in (author.text_sha256, author.script, author.audio, author.rows):
        for unknown in ("no-such-part", "no.such"):
            with pytest.raises(Invalid):
                act(draft, unknown)
    with pytest.raises(Invalid):
        author.invent(draft, "no-such-part", 1)
    with pytest.raises(Invalid):
        author.with_audio(draft, "no-such-part", None)


@each_author
@fuzzed
@given(seed=SEEDS)
def test_a_faultless_draft_can_be_tried_out(case: Case, seed: int) -> None:
    author = author_of(case)
    draft = recorded_draft(author, invented(author, seed))
    content = author.content(draft)
    assert author.trial(draft, None) == content
    assert set(author.pictures(draft)) <= case.module.files(content)
    assert author.plan(content) == author.plan(content)


@each_author
def test_every_sheet_has_columns_of_the_table_and_a_right_example(case: Case) -> None:
    author = author_of(case)
    known = {column.title for column in author.columns}
    for sheet in author.sheets:
        assert sheet.columns[0] == author.columns[0].title
        assert set(sheet.example) <= set(sheet.columns) <= known
    if author.sheets:
        (made,) = author.from_table([{**sheet.example, SHEET: sheet.title} for sheet in author.sheets])
        assert made.faults == []
        assert not [fault for fault in author.faults(made.draft) if fault.severe]
