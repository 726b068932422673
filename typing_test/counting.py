"""Which characters count, and how many of them are right: the policy "lcs-1" (speech.md, dictation scoring).

NFC, full-width forms folded, then white space, control and format characters and every punctuation
character (Unicode P*) outside the keep-list are dropped. Correct characters = length of the longest common
subsequence: unique, order-keeping and never less favourable than a minimum-edit alignment.
"""

import unicodedata
from dataclasses import dataclass
from functools import lru_cache

from rapidfuzz.distance import LCSseq

from typing_test.policy import CountingPolicy, FieldSpec
from typing_test.sheet import Run, RunKind

_FULL_WIDTH = {code: code - 0xFEE0 for code in range(0xFF01, 0xFF5F)} | {0x3000: 0x20}


@dataclass(frozen=True, slots=True)
class Reading:
    """A text as the policy reads it: counted characters as they are compared and, one for one, as they look.

    `ignored` holds what does not count: before the first counted character, then after each; empty if nothing.
    """

    counts: str
    shown: str
    ignored: tuple[str, ...]


def read(text: str, spec: FieldSpec, policy: CountingPolicy) -> Reading:
    """The text after NFC, folding of full-width forms, and dropping of what does not count."""
    return _read(text, policy.keep, spec.case_sensitive)


@lru_cache(maxsize=16_384)
def _read(text: str, keep: str, case_sensitive: bool) -> Reading:
    """Kept, because the same key is compared with every contestant's text, and most type the same."""
    counts, shown, ignored = [], [], [""]
    for character in unicodedata.normalize("NFC", text):
        counts_as = _counts_as(character, keep, case_sensitive)
        if counts_as:
            counts.append(counts_as)
            shown.append(character)
            ignored.append("")
        else:
            ignored[-1] += character
    return Reading("".join(counts), "".join(shown), tuple(ignored) if any(ignored) else ())


@lru_cache(maxsize=16_384)
def _counts_as(character: str, keep: str, case_sensitive: bool) -> str:
    """What one character is compared as; "" if it does not count."""
    folded = character.translate(_FULL_WIDTH)
    category = unicodedata.category(folded)
    if folded.isspace() or category in ("Cc", "Cf") or (category.startswith("P") and folded not in keep):
        return ""
    return folded if case_sensitive else _lower(folded)


def _lower(character: str) -> str:
    """Lower case where that is one character; İ, for one, would become two and shift the counts."""
    lower = character.lower()
    return lower if len(lower) == 1 else character


def counted(text: str, spec: FieldSpec, policy: CountingPolicy) -> str:
    """The characters of `text` that count, as they are compared."""
    return read(text, spec, policy).counts


def correct_count(expected: Reading, typed: Reading) -> int:
    """Length of the longest common subsequence of what counts."""
    return int(LCSseq.similarity(expected.counts, typed.counts))


def align(expected: Reading, typed: Reading) -> tuple[Run, ...]:
    """The two texts side by side in reading order; between two matches, what is missing stands first."""
    runs: list[Run] = []
    if typed.ignored:
        _add(runs, "ignored", typed.ignored[0])
    key_at = at = 0
    for match in LCSseq.opcodes(expected.counts, typed.counts).as_matching_blocks():
        _add(runs, "missing", expected.shown[key_at : match.a])
        _add_typed(runs, "surplus", typed, at, match.b)
        at = match.b + match.size
        key_at = match.a + match.size
        _add_typed(runs, "correct", typed, match.b, at)
    return tuple(runs)


def _add_typed(runs: list[Run], kind: RunKind, typed: Reading, start: int, end: int) -> None:
    """Counted characters of one kind, each with the ignored ones that follow it."""
    if not typed.ignored:
        _add(runs, kind, typed.shown[start:end])
        return
    for place in range(start, end):
        _add(runs, kind, typed.shown[place])
        _add(runs, "ignored", typed.ignored[place + 1])


def _add(runs: list[Run], kind: RunKind, text: str) -> None:
    """One more run, joined to the last one if that is of the same kind."""
    if not text:
        return
    if runs and runs[-1].kind == kind:
        runs[-1] = Run(kind, runs[-1].text + text)
    else:
        runs.append(Run(kind, text))
