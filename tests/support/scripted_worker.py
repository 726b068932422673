"""A media worker without sound, as a process: what a server sees of one, by the wire alone. Standard library only.

`python scripted_worker.py MODE --folder F --number K --journals J [--address A …]`. Modes: `plain`; `deaf` takes lines
and answers nobody; `broken` ends at once.
"""

import argparse
import asyncio
import json
import os
import secrets
import sys
from pathlib import Path
from typing import Any


class Scripted:
    """Does what it is told, and reports one LegUp for each call that begins."""

    def __init__(self, mode: str) -> None:
        self.mode = mode
        self.worker_id, self.token = secrets.token_hex(6), secrets.token_hex(16)
        self.ending = asyncio.Event()
        self.calls: dict[str, set[str]] = {}
        self.reports: list[dict[str, Any]] = []
        self.number = 0
        self.writer: asyncio.StreamWriter | None = None

    def tell(self, frame: dict[str, Any]) -> None:
        if self.writer is not None and not self.writer.is_closing():
            self.writer.write(json.dumps(frame).encode() + b"\n")

    def report(self, frame: dict[str, Any]) -> None:
        self.number += 1
        self.reports.append({"number": self.number, "worker_id": self.worker_id} | frame)
        self.tell(self.reports[-1])

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        join = json.loads(await reader.readline() or b"{}")
        if self.mode == "deaf":
            await asyncio.sleep(3600)
        if join.get("token") != self.token:
            writer.close()
            return
        self.writer = writer
        calls = [[attempt, call] for attempt, calls in self.calls.items() for call in sorted(calls)]
        joined = {"type": "joined", "channel": 1, "worker_id": self.worker_id, "pid": os.getpid(), "calls": calls}
        self.tell(joined)
        for report in self.reports:
            self.tell(report)
        while line := await reader.readline():
            self.do(json.loads(line))
        writer.close()

    def do(self, frame: dict[str, Any]) -> None:
        match frame["type"]:
            case "perform":
                self.perform(frame["attempt_id"], {plan["call_id"] for plan in frame["plans"]})
            case "offer" | "listen":
                known = frame["call_id"] in self.calls.get(frame["attempt_id"], set())
                said = {"sdp": f"answer of {self.worker_id}"} if known else {"fault": "no_call"}
                if "bad" in frame["sdp"]:
                    said = {"fault": "sdp"}
                if "silence" not in frame["sdp"]:
                    self.tell({"type": "answered", "request_id": frame["request_id"]} | said)
                if "hang up" in frame["sdp"] and self.writer is not None:
                    self.writer.close()
                if "nonsense" in frame["sdp"]:
                    self.tell({"type": "something new"})
            case "taken":
                self.reports = [report for report in self.reports if report["number"] > frame["number"]]
            case "retire":
                self.ending.set()

    def perform(self, attempt: str, wanted: set[str]) -> None:
        current = self.calls.get(attempt, set())
        self.calls[attempt] = wanted
        about: dict[str, Any] = {"attempt_id": attempt}
        for call in sorted(wanted - current):
            report = {"type": "leg_up", "leg": "seat", "connection": 1}
            self.report(about | {"type": "reported", "call_id": call, "at_ms": 1, "report": report})
        for call in sorted(current - wanted):
            self.report(about | {"type": "call_closed", "call_id": call})

    async def run(self, place: Path) -> None:
        server = await asyncio.start_server(self.serve, "127.0.0.1", 0)
        port = server.sockets[0].getsockname()[1]
        said = {"port": port, "pid": os.getpid(), "token": self.token, "worker_id": self.worker_id}
        unfinished = place.with_suffix(".part")
        unfinished.write_text(json.dumps(said), encoding="utf-8")
        unfinished.replace(place)
        await self.ending.wait()
        server.close()
        os.unlink(place)


def main() -> int:
    parser = argparse.ArgumentParser()
    parser.add_argument("mode", choices=("plain", "deaf", "broken"))
    parser.add_argument("--folder", type=Path)
    parser.add_argument("--number", type=int)
    parser.add_argument("--journals", type=Path)
    parser.add_argument("--address", action="append")
    chosen = parser.parse_args()
    if chosen.mode == "broken":
        return 3
    asyncio.run(Scripted(chosen.mode).run(chosen.folder / f"{chosen.number}.json"))
    return 0


if __name__ == "__main__":
    sys.exit(main())
