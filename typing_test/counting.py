"""Which characters count, and how many of them are right: the policy "lcs-1" (speech.md, dictation scoring).

NFC, full-width forms folded, then white space, control and format characters and every punctuation
character (Unicode P*) outside the keep-list are dropped. Correct characters = length of the longest common
subsequence: unique, order-keeping and never less favourable than a minimum-edit alignment.
"""

import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache

from rapidfuzz.distance import LCSseq

from typing_test.policy import CountingPolicy, FieldSpec
from typing_test.sheet import Run, RunKind

_FULL_WIDTH = {code: code - 0xFEE0 for code in range(0xFF01, 0xFF5F)} | {0x3000: 0x20}


@dataclass(frozen=True, slots=True)
class Character:
    """One character as it is shown, and what it counts as: "" if it does not count."""

    shown: str
    counts_as: str


def characters(text: str, spec: FieldSpec, policy: CountingPolicy) -> tuple[Character, ...]:
    """The text, character by character, after NFC and folding of full-width forms."""
    return _characters(text, policy.keep, spec.case_sensitive)


@lru_cache(maxsize=4_096)
def _characters(text: str, keep: str, case_sensitive: bool) -> tuple[Character, ...]:
    """Kept, because the same key is compared with every contestant's text."""
    return tuple([_character(shown, keep, case_sensitive) for shown in unicodedata.normalize("NFC", text)])


@lru_cache(maxsize=16_384)
def _character(shown: str, keep: str, case_sensitive: bool) -> Character:
    folded = shown.translate(_FULL_WIDTH)
    category = unicodedata.category(folded)
    dropped = folded.isspace() or category in ("Cc", "Cf") or (category.startswith("P") and folded not in keep)
    if dropped:
        return Character(shown, "")
    return Character(shown, folded if case_sensitive else _lower(folded))


def _lower(character: str) -> str:
    """Lower case where that is one character; İ, for one, would become two and shift the counts."""
    lower = character.lower()
    return lower if len(lower) == 1 else character


def counted(text: str, spec: FieldSpec, policy: CountingPolicy) -> str:
    """The characters of `text` that count, as they are compared."""
    return key_of(characters(text, spec, policy))


def key_of(text: Sequence[Character]) -> str:
    """What a text is compared by."""
    return "".join([character.counts_as for character in text])


def correct_count(expected: str, typed: str) -> int:
    """Length of the longest common subsequence of two counted texts."""
    return int(LCSseq.similarity(expected, typed))


def align(expected: Sequence[Character], typed: Sequence[Character]) -> tuple[Run, ...]:
    """The two texts side by side in reading order, equal kinds joined to runs."""
    key, answer = key_of(expected), key_of(typed)
    kept = [c.shown for c in typed if c.counts_as]
    key_kept = [c.shown for c in expected if c.counts_as]
    ignored = _ignored_before(typed)
    if key == answer:
        return _joined([("ignored", ignored[0]), *_typed("correct", kept, ignored[1:])])
    pieces: list[tuple[RunKind, str]] = [("ignored", ignored[0])]
    gap: list[tuple[RunKind, str]] = []
    for op in LCSseq.opcodes(key, answer):
        dest = slice(op.dest_start, op.dest_end)
        after = ignored[op.dest_start + 1 : op.dest_end + 1]
        if op.tag == "equal":
            pieces += [*gap, *_typed("correct", kept[dest], after)]
            gap = []
        else:  # Between two matches, what is missing stands before what was typed instead.
            missing = "".join(key_kept[op.src_start : op.src_end])
            gap = [("missing", missing), *gap, *_typed("surplus", kept[dest], after)]
    pieces += gap
    return _joined(pieces)


def _typed(kind: RunKind, shown: list[str], ignored: list[str]) -> list[tuple[RunKind, str]]:
    """Counted characters of one kind, each with the ignored ones that follow it."""
    if not any(ignored):
        return [(kind, "".join(shown))]
    pieces: list[tuple[RunKind, str]] = []
    for counts, skipped in zip(shown, ignored, strict=True):
        pieces += ((kind, counts), ("ignored", skipped))
    return pieces


def _ignored_before(typed: Sequence[Character]) -> list[str]:
    """Ignored characters before the first counted one, then after each counted one."""
    gaps = [""]
    for character in typed:
        if character.counts_as:
            gaps.append("")
        else:
            gaps[-1] += character.shown
    return gaps


def _joined(pieces: list[tuple[RunKind, str]]) -> tuple[Run, ...]:
    runs: list[tuple[RunKind, str]] = []
    for kind, text in pieces:
        if not text:
            continue
        if runs and runs[-1][0] == kind:
            runs[-1] = (kind, runs[-1][1] + text)
        else:
            runs.append((kind, text))
    return tuple([Run(kind=kind, text=text) for kind, text in runs])
