"""A page of a seat over a real WebSocket of the in-process server."""

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from itertools import count
from typing import Any

from starlette.testclient import TestClient, WebSocketTestSession

PATIENCE = 1_000
"""Frames, or looks at an outcome, before a test gives up."""

Frame = dict[str, Any]


@dataclass(slots=True)
class Seat:
    """Says hello, sends commands, reads frames."""

    client: TestClient
    socket: WebSocketTestSession
    attempt_id: str
    epoch: int = 0
    _ids: Iterator[int] = field(default_factory=lambda: count(1))

    @classmethod
    @contextmanager
    def sit(cls, client: TestClient, attempt_id: str, page: str = "page-0001") -> Iterator["Seat"]:
        """A connected page that has been welcomed."""
        with client.websocket_connect("/ws") as socket:
            seat = cls(client, socket, attempt_id)
            seat.hello(page)
            yield seat

    def hello(self, page: str, after: int | None = None) -> Frame:
        """Say hello and return the welcome."""
        self.socket.send_json(
            {"type": "hello", "protocol": 1, "attempt_id": self.attempt_id, "page": page, "after": after}
        )
        welcome = self.until("welcome")
        self.epoch = welcome["epoch"]
        return welcome

    def send(self, command: Frame, id_: str | None = None) -> Frame:
        """Send a command and return its acknowledgement or refusal."""
        command_id = id_ or f"command-{next(self._ids):06d}"
        frame = {"type": "command", "id": command_id, "epoch": self.epoch, "command": command}
        self.socket.send_json({**frame, "stamp_ms": time.time_ns() // 1_000_000})
        return self.until(("acked", "refused"), lambda frame: frame["id"] == command_id)

    def start(self) -> Frame:
        """Acknowledge, begin, and return the welcome that brings the task."""
        self.send({"type": "acknowledge_rules"})
        assert self.send({"type": "start"})["type"] == "acked"
        return self.until("welcome")

    def until(self, type_: str | tuple[str, ...], wanted: Callable[[Frame], bool] = lambda _: True) -> Frame:
        """The next frame of a type that is wanted."""
        for _ in range(PATIENCE):
            frame: Frame = self.socket.receive_json()
            if frame["type"] in ((type_,) if isinstance(type_, str) else type_) and wanted(frame):
                return frame
        raise AssertionError(f"no {type_} frame came")

    def wait_for_outcome(self) -> Frame:
        """The outcome, once the scorer has made it."""
        for _ in range(PATIENCE):
            view: Frame = self.client.get(f"/api/v1/attempts/{self.attempt_id}/outcome").json()
            if view["status"] == "ready":
                return view
        raise AssertionError("the outcome did not come")
