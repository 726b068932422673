"""`python -m tests.bench [--only PART] [--quick] [--minutes N]`: BENCH lines on stdout."""

import argparse
import sys
import time
from collections.abc import Callable, Iterable

from tests.bench import (
    chat,
    first_load,
    hall,
    kills,
    recovery,
    scoring,
    soak,
    soak_voice,
    understanding,
    voice,
    voice_lost,
    voice_replay,
)
from tests.bench.figures import Figure, note

Measure = Callable[[], Figure | list[Figure]]
CORE: tuple[Measure, ...] = (scoring.measure, first_load.measure, recovery.measure, hall.measure, kills.measure)
SOAK_MINUTES = 10.0


def main() -> int:
    """Measure and print; 1 if something acknowledged was lost, for speed alone never fails."""
    parser = argparse.ArgumentParser(prog="python -m tests.bench")
    parser.add_argument(
        "--only",
        choices=("core", "hall", "voice", "chat", "understanding", "soak", "soak-voice"),
        default="core",
        help="which figures",
    )
    parser.add_argument("--minutes", type=float, default=SOAK_MINUTES, help="length of the soak")
    parser.add_argument("--calls", type=int, default=soak_voice.CALLS, help="calls of soak-voice")
    parser.add_argument("--stretch", action="store_true", help="of chat: a hall larger than is promised, too")
    parser.add_argument("--quick", action="store_true", help="few for a short time, only to try it out")
    chosen = parser.parse_args()
    measures: Iterable[Measure] = CORE
    if chosen.only == "hall":
        measures = (lambda: hall.measure(chosen.quick),)
    if chosen.only == "voice":
        measures = (
            lambda: voice.measure(chosen.quick),
            lambda: voice_lost.measure(chosen.quick),
            voice_replay.measure,
        )
    if chosen.only == "chat":
        measures = (understanding.measure, lambda: chat.measure(chosen.quick))
        measures += (chat.stretch,) if chosen.stretch else ()
    if chosen.only == "understanding":
        measures = (understanding.measure,)
    if chosen.only == "soak":
        measures = (lambda: soak.measure(chosen.minutes),)
    if chosen.only == "soak-voice":
        measures = (lambda: soak_voice.measure(chosen.minutes, chosen.calls),)
    lost = False
    for measure in measures:
        began = time.monotonic()
        measured = measure()
        for figure in measured if isinstance(measured, list) else [measured]:
            sys.stdout.write(f"{figure.line()}\n")
            sys.stdout.flush()
            verdict = "reached" if figure.reached else f"MISSED, should be {figure.anchor}"
            note(f"{figure.name}: {figure.value} {figure.unit}, {verdict} ({time.monotonic() - began:.0f} s)")
            lost |= figure.unit == "count" and not figure.reached
    return int(lost)


if __name__ == "__main__":
    sys.exit(main())
