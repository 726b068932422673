"""What a contestant's browser loads before the desk stands, gzipped, as the front end's own script counts it."""

import json
import shutil
import subprocess
from pathlib import Path
from typing import Any

from tests.bench.figures import Figure, note

STATIC = Path(__file__).resolve().parents[2] / "static"
BUILD_S = 240


def measure() -> Figure:
    """Kilobytes (1,000 bytes) of the built front end; it is built if it is not there."""
    if not (STATIC / "dist" / "index.html").is_file():
        note("building the front end")
        _npm("run", "build")
    sizes: dict[str, Any] = json.loads(_npm("run", "--silent", "size", "--", "--json").splitlines()[-1])
    return Figure(
        name="web.first_load_gz_kb",
        value=sizes["first_load_gz_kb"],
        unit="kB",
        anchor="<= 100",
        conditions={
            "gzip_level": 9,
            "files": len(sizes["files"]),
            "what": "page, entry, desk, dictation, styles",
        },
    )


def _npm(*arguments: str) -> str:
    npm = shutil.which("npm")
    if npm is None:
        raise RuntimeError("no npm: run `make setup`")
    command = [npm, "--prefix", str(STATIC), *arguments]
    done = subprocess.run(command, capture_output=True, text=True, timeout=BUILD_S, check=False)
    if not done.stdout.strip():
        raise RuntimeError(f"npm {' '.join(arguments)}: {done.stderr.strip()}")
    return done.stdout.strip()
