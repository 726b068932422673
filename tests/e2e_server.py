"""A real server for browser tests: `python -m tests.e2e_server -- COMMAND…` runs COMMAND with CCSS_URL, CCSS_TLS_URL.

For robots it also has CCSS_DATA, the data folder, and CCSS_PROGRAM.

The installation is the demo, plus a paper of 20 seconds for the automatic hand-in, and one of five hasty customers.
"""

import asyncio
import json
import os
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

from server.app import build
from server.core.text import Text
from server.demo import create_demo
from server.settings import DataFolder
from tests.support.media import end_workers

SHORT_MS = 20_000
CUSTOMERS = Path(__file__).parents[1] / "static" / "e2e" / "chat_paper.json"
"""A 在线服务 paper whose customers answer at once; the browser test reads it too."""


async def _add_papers(folder: DataFolder) -> None:
    services = await build(folder)
    try:
        module = services.modules["typing_test"]
        offered = await services.papers.offered()
        lesson = next(paper for paper in offered if (paper.module, paper.kind) == (module.name, "lesson"))
        content = await services.papers.content((await services.papers.paper(lesson.paper_id))[1])
        title = Text(zh="e2e 20 秒", en="e2e 20 seconds")
        short = content.model_copy(update={"title": title, "duration_ms": SHORT_MS})
        await services.papers.add_paper(module, short, "lesson")
        chat = services.modules["chat_sim"]
        customers = chat.content_type.model_validate_json(CUSTOMERS.read_text("utf-8"))
        await services.papers.add_paper(chat, customers, "lesson")
    finally:
        await services.database.close()


def main(command: list[str]) -> int:
    """Run the command against a fresh server; its exit code."""
    with tempfile.TemporaryDirectory(prefix="ccss-e2e-") as temporary:
        folder = DataFolder(Path(temporary) / "data")
        create_demo(folder)
        asyncio.run(_add_papers(folder))
        ccss = shutil.which("ccss", path=str(Path(sys.executable).parent)) or "ccss"
        serve = [ccss, "run", "--data", str(folder.root), "--port", "0", "--tls-port", "0"]
        with subprocess.Popen(serve, stdout=subprocess.PIPE, text=True) as server:
            try:
                assert server.stdout is not None
                secure_url, url = server.stdout.readline().split()[-2:]
                said = {"url": url, "data": str(folder.root), "pid": server.pid}
                sys.stdout.write(json.dumps(said) + "\n")
                sys.stdout.flush()
                told = {"CCSS_URL": url, "CCSS_DATA": str(folder.root), "CCSS_PROGRAM": ccss}
                told["CCSS_TLS_URL"] = secure_url
                return subprocess.run(command, env={**os.environ, **told}, check=False).returncode
            finally:
                server.terminate()
                server.wait()
                end_workers(folder)


if __name__ == "__main__":
    arguments = sys.argv[1:]
    sys.exit(main(arguments[1:] if arguments[:1] == ["--"] else arguments))
