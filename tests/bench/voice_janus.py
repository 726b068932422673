"""Janus (EchoTest with recording) as the anchor of the media worker's figures, from Debian's package."""

import contextlib
import itertools
import shutil
import socket
import subprocess
import time
from collections.abc import AsyncIterator, Iterator, Sequence
from contextlib import asynccontextmanager, contextmanager
from pathlib import Path
from typing import Any

import httpx2
from anyio import to_thread

START_S = 20
_GENERAL = """general: {{
  configs_folder = "{folder}"
  plugins_folder = "{plugins}"
  transports_folder = "{transports}"
  debug_level = 2
  session_timeout = 0
  server_name = "bench"
}}
nat: {{ ice_enforce_list = "{address}" }}
plugins: {{ disable = "{others}" }}
"""
_HTTP = """general: {{
  json = "compact"
  base_path = "/janus"
  http = true
  port = {port}
  ip = "127.0.0.1"
  https = false
}}
"""


class JanusTarget:
    """One session, a handle on the EchoTest each caller."""

    def __init__(self, client: httpx2.Client, url: str, pid: int) -> None:
        self.pid = pid
        self._client = client
        self._url = url
        self._numbers = itertools.count(1)

    @classmethod
    @asynccontextmanager
    async def of(cls, url: str, pid: int) -> AsyncIterator["JanusTarget"]:
        """Open the session."""
        with httpx2.Client(trust_env=False, timeout=30) as client:
            target = cls(client, url, pid)
            created = await target._post(url, {"janus": "create"})
            target._url = f"{url}/{created['data']['id']}"
            yield target

    async def open(self, number: int, offer: str) -> str:
        """An echo for a caller; its answer comes as an event."""
        attached = await self._post(self._url, {"janus": "attach", "plugin": "janus.plugin.echotest"})
        handle = attached["data"]["id"]
        body = {"audio": True, "video": False, "record": True, "filename": f"echo-{number}"}
        jsep = {"type": "offer", "sdp": offer, "trickle": False}
        await self._post(f"{self._url}/{handle}", {"janus": "message", "body": body, "jsep": jsep})
        while True:
            event = (await to_thread.run_sync(lambda: self._client.get(f"{self._url}?maxev=1"))).json()
            if event.get("sender") == handle and "jsep" in event:
                return str(event["jsep"]["sdp"])
            if event.get("janus") == "error":
                raise RuntimeError(str(event))

    async def close(self, callers: Sequence[Any]) -> tuple[int, int]:
        """What came back of what was said."""
        await self._post(self._url, {"janus": "destroy"})
        passed = sum(len(caller.spoken) for caller in callers)
        kept = sum(len(set(caller.heard)) for caller in callers)
        return passed, min(passed, kept)

    async def _post(self, url: str, body: dict[str, Any]) -> Any:
        said = body | {"transaction": f"t{next(self._numbers)}"}
        answer = (await to_thread.run_sync(lambda: self._client.post(url, json=said))).json()
        if answer.get("janus") == "error":
            raise RuntimeError(str(answer))
        return answer


@contextmanager
def janus(folder: Path, address: str) -> Iterator[tuple[str, int] | None]:
    """A Janus of our own: address of its HTTP interface, and its process; None where it isn't installed."""
    program = shutil.which("janus")
    if program is None:
        yield None
        return
    home = next(Path("/usr/lib").glob("*/janus"))
    others = (each.name for each in (home / "plugins").glob("libjanus_*.so") if "echotest" not in each.name)
    port = _free_port()
    (folder / "janus.jcfg").write_text(
        _GENERAL.format(
            folder=folder,
            plugins=home / "plugins",
            transports=home / "transports",
            address=address,
            others=",".join(others),
        )
    )
    (folder / "janus.transport.http.jcfg").write_text(_HTTP.format(port=port))
    (folder / "janus.plugin.echotest.jcfg").write_text("general: {}\n")
    log = (folder / "janus.log").open("wb")
    command = [program, "-F", str(folder), "-C", str(folder / "janus.jcfg"), "-o"]
    process = subprocess.Popen(command, cwd=folder, stdout=log, stderr=log)
    try:
        url = f"http://127.0.0.1:{port}/janus"
        _answers(url)
        yield url, process.pid
    finally:
        process.terminate()
        with contextlib.suppress(subprocess.TimeoutExpired):
            process.wait(10)
        process.kill()
        process.wait()
        log.close()


def _answers(url: str) -> None:
    deadline = time.monotonic() + START_S
    with httpx2.Client(trust_env=False) as client:
        while True:
            try:
                client.get(f"{url}/info", timeout=5).raise_for_status()
                return
            except httpx2.HTTPError:
                if time.monotonic() > deadline:
                    raise
                time.sleep(0.1)


def _free_port() -> int:
    with socket.socket() as door:
        door.bind(("127.0.0.1", 0))
        return int(door.getsockname()[1])
