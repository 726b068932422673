"""`python -m telephony.worker --folder F --number K --journals J [--address A …]`: one media worker.

Writes F/K.json (port, pid, token, worker_id; 0600) when it can be joined. Outlives the server; ends when it is asked
to, or when there has been no server for a minute (with calls: and nobody connected for ten).
"""

import argparse
import asyncio
import contextlib
import gc
import json
import logging
import os
import secrets
import signal
import sys
from pathlib import Path

import structlog

from server.core.durable import write_whole
from server.logs import configure_logs
from telephony.worker import rtc_inside
from telephony.worker.channel import Channel
from telephony.worker.clock import WorkerClock
from telephony.worker.journals import JournalWriter
from telephony.worker.life import ALONE_MS, EMPTY_MS, Life
from telephony.worker.shelf import ReportShelf
from telephony.worker.sounds import SoundLibrary
from telephony.worker.ticker import Ticker
from telephony.worker.wires import AnyWire, OnPacket, OnState
from telephony.worker.worker import Worker

LEVELS_S = 0.5
LAST_WORDS_S = 5.0
"""How long a worker that retires waits for its last reports to be taken."""
_log = structlog.get_logger()


def make_wire(on_packet: OnPacket, on_state: OnState, tracks: int) -> AnyWire:
    """A leg goes both ways; more tracks only go out."""
    return rtc_inside.Wire(on_packet, on_state, tracks, "sendrecv" if tracks == 1 else "sendonly")


async def work(folder: Path, number: int, journals: Path, alone_ms: int) -> None:
    """From the first to the last moment of a worker."""
    worker_id, token = secrets.token_hex(6), secrets.token_urlsafe(32)
    clock, ending = WorkerClock(), asyncio.Event()
    writer = JournalWriter(journals, worker_id, lambda what: _log.error("media worker: journal", reason=what))
    library = SoundLibrary(lambda what: _log.error("media worker: sound", reason=what))
    shelf = ReportShelf(worker_id, lambda which: _log.error("media worker: report dropped", number=which))
    channel = Channel(token, worker_id, clock, shelf, ending.set)
    worker = Worker(clock, writer, library, shelf, make_wire, channel.tell)
    ticker = Ticker(lambda: worker.tick(clock.now_ns()))
    for name in ("SIGTERM", "SIGINT"):
        with contextlib.suppress(NotImplementedError):
            asyncio.get_running_loop().add_signal_handler(getattr(signal, name), ending.set)
    port = await channel.listen(worker)
    place = folder / f"{number}.json"
    said = json.dumps({"port": port, "pid": os.getpid(), "token": token, "worker_id": worker_id}).encode()
    write_whole(place, said, mode=0o600)
    _log.info("media worker: ready", number=number, worker_id=worker_id, port=port)
    gc.freeze()  # what lives as long as the process is not looked through again while sound flows
    life = Life(clock.now_ms(), min(EMPTY_MS, alone_ms), alone_ms)
    while not ending.is_set():
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(ending.wait(), LEVELS_S)
        channel.tell(worker.levels(ticker.schedule.latest_ms()))
        if life.over(clock.now_ms(), joined=channel.joined, calls=bool(worker.calls), alone=worker.alone):
            break
    ticker.stop()
    with contextlib.suppress(TimeoutError):
        await asyncio.wait_for(worker.retire(), LAST_WORDS_S)
    await channel.all_taken(LAST_WORDS_S)
    await channel.close()
    await asyncio.to_thread(writer.stop)
    _take_away(place, worker_id)
    _log.info("media worker: over", number=number, worker_id=worker_id)


def main() -> int:
    """The process."""
    parser = argparse.ArgumentParser(prog="python -m telephony.worker")
    parser.add_argument("--folder", type=Path, required=True, help="where the worker says how it is joined")
    parser.add_argument("--number", type=int, required=True, help="which of the workers this is, from 0")
    parser.add_argument("--journals", type=Path, required=True, help="where RTP journals go")
    parser.add_argument("--address", action="append", default=[], help="offer this address only; may be repeated")
    parser.add_argument(
        "--alone-ms",
        type=int,
        default=ALONE_MS,
        help="end after so long without a server and without anybody connected",
    )
    chosen = parser.parse_args()
    configure_logs()
    for noisy in ("aiortc", "aioice"):  # a line for each pair of addresses
        logging.getLogger(noisy).setLevel(logging.WARNING)
    chosen.folder.mkdir(parents=True, exist_ok=True)
    try:
        rtc_inside.advertise(chosen.address)
    except ValueError as error:
        parser.error(str(error))
    if hasattr(os, "setsid"):
        with contextlib.suppress(OSError):  # it leads a session already
            os.setsid()
        signal.signal(signal.SIGHUP, signal.SIG_IGN)
    with asyncio.Runner(loop_factory=_loop_factory()) as runner:
        runner.run(work(chosen.folder, chosen.number, chosen.journals, chosen.alone_ms))
    return 0


def _loop_factory() -> type[asyncio.AbstractEventLoop] | None:
    try:
        import uvloop
    except ImportError:  # Windows
        return asyncio.SelectorEventLoop
    return uvloop.Loop


def _take_away(place: Path, worker_id: str) -> None:
    """Unless another worker of the same number has put its own there."""
    with contextlib.suppress(OSError, ValueError, KeyError):
        if json.loads(place.read_bytes())["worker_id"] == worker_id:
            place.unlink()


if __name__ == "__main__":
    sys.exit(main())
