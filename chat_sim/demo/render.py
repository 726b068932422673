"""Renders the demo's pictures: `python -m chat_sim.demo.render [--check] [--browser FILE] [NAME ...]`.

`drawings/NAME.svg` becomes `pictures/NAME.webp`, in the size of the drawing: a Chromium, run once without a window,
draws it and encodes it. Width, height and SHA-256 go into the papers. `--check` renders nothing.
"""

from __future__ import annotations

import argparse
import base64
import hashlib
import json
import re
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

FOLDER = Path(__file__).parent
PAPERS = ("contest", "lesson", "warmup")
LARGEST_TOTAL_BYTES = 1_000_000
_QUALITY = 0.82
_BROWSERS = ("chromium", "chromium-browser", "google-chrome", "msedge")
_TIME_MS = 20_000
_DRAWN = re.compile(r'<pre id="(?P<name>[\w-]+)">data:image/webp;base64,(?P<data>[A-Za-z0-9+/=]+)</pre>')
_PAGE = """<!doctype html><meta charset="utf-8"><body><script>
const drawings = %s;
for (const [name, text] of Object.entries(drawings)) {
  const image = new Image();
  image.onload = () => {
    const canvas = document.createElement("canvas");
    canvas.width = image.naturalWidth;
    canvas.height = image.naturalHeight;
    canvas.getContext("2d").drawImage(image, 0, 0);
    const drawn = document.createElement("pre");
    drawn.id = name;
    drawn.textContent = canvas.toDataURL("image/webp", %s);
    document.body.append(drawn);
  };
  image.src = "data:image/svg+xml;charset=utf-8," + encodeURIComponent(text);
}
</script></body>"""


def load(name: str) -> dict[str, Any]:
    """A paper as plain JSON."""
    loaded: dict[str, Any] = json.loads((FOLDER / f"{name}.json").read_text(encoding="utf-8"))
    return loaded


def pictures(node: Any) -> Iterator[dict[str, Any]]:
    """Every picture below a node of loaded JSON; one file may come more than once."""
    if isinstance(node, dict):
        if "sha256" in node and "file" in node:
            yield node
        for inner in node.values():
            yield from pictures(inner)
    elif isinstance(node, list):
        for inner in node:
            yield from pictures(inner)


def size(data: bytes) -> tuple[int, int]:
    """Width and height (pixels) of a WebP image of the extended kind (RFC 9649, section 2.7). Raises ValueError."""
    if data[:4] != b"RIFF" or data[8:16] != b"WEBPVP8X" or len(data) < 30:
        raise ValueError("not an extended WebP image")
    return int.from_bytes(data[24:27], "little") + 1, int.from_bytes(data[27:30], "little") + 1


def render(browser: str, only: Sequence[str] = ()) -> Iterator[str]:
    """Renders the drawings named (all without), writes pictures and papers, yields a line for each picture."""
    drawings = {path.stem: path.read_text(encoding="utf-8") for path in sorted((FOLDER / "drawings").glob("*.svg"))}
    wanted = {name: text for name, text in drawings.items() if not only or name in only}
    (FOLDER / "pictures").mkdir(exist_ok=True)
    for name, data in _drawn(browser, wanted).items():
        (FOLDER / "pictures" / f"{name}.webp").write_bytes(data)
        width, height = size(data)
        yield f"pictures/{name}.webp: {width}×{height}, {len(data) / 1024:.0f} KiB"
    for name in PAPERS:
        loaded = load(name)
        for picture in pictures(loaded):
            data = (FOLDER / picture["file"]).read_bytes()
            picture["sha256"] = hashlib.sha256(data).hexdigest()
            picture["width"], picture["height"] = size(data)
        text = json.dumps(loaded, ensure_ascii=False, indent=2) + "\n"
        (FOLDER / f"{name}.json").write_text(text, encoding="utf-8", newline="\n")


def check() -> Iterator[str]:
    """Every fault of the shipped pictures, one line each."""
    named = set()
    for name in PAPERS:
        for picture in pictures(load(name)):
            file = picture["file"]
            named.add(file)
            path = FOLDER / file
            if not path.is_file():
                yield f"{name} {file}: is missing"
                continue
            data = path.read_bytes()
            if hashlib.sha256(data).hexdigest() != picture["sha256"]:
                yield f"{name} {file}: the sha256 is another"
            elif size(data) != (picture["width"], picture["height"]):
                yield f"{name} {file}: the size is {size(data)}"
            if not (FOLDER / "drawings" / f"{path.stem}.svg").is_file():
                yield f"{name} {file}: has no drawing"
    files = {f"pictures/{path.name}": path.stat().st_size for path in (FOLDER / "pictures").iterdir()}
    yield from (f"{file}: no paper shows it" for file in sorted(set(files) - named))
    if sum(files.values()) > LARGEST_TOTAL_BYTES:
        yield f"all pictures have {sum(files.values())} bytes, at most {LARGEST_TOTAL_BYTES} are allowed"


def _drawn(browser: str, drawings: dict[str, str]) -> dict[str, bytes]:
    with tempfile.TemporaryDirectory() as folder:
        page = Path(folder) / "page.html"
        page.write_text(_PAGE % (json.dumps(drawings).replace("</", "<\\/"), _QUALITY), encoding="utf-8")
        command = [browser, "--headless", "--disable-gpu", "--no-sandbox", f"--user-data-dir={folder}/profile"]
        command += [f"--virtual-time-budget={_TIME_MS}", "--dump-dom", page.as_uri()]
        done = subprocess.run(command, capture_output=True, text=True, encoding="utf-8", check=True)
    found = {one["name"]: base64.b64decode(one["data"]) for one in _DRAWN.finditer(done.stdout)}
    if missing := sorted(set(drawings) - set(found)):
        raise ValueError(f"the browser drew nothing of {', '.join(missing)}")
    return found


def main(arguments: Sequence[str] | None = None) -> int:
    """The command; 0 when all is well."""
    parser = argparse.ArgumentParser(prog="python -m chat_sim.demo.render", description=__doc__)
    parser.add_argument("--check", action="store_true", help="verify the shipped pictures, render nothing")
    parser.add_argument("--browser", help="a Chromium; else the first that is installed")
    parser.add_argument("names", nargs="*", help="drawings to render, as tent; all without")
    options = parser.parse_args(arguments)
    if options.check:
        faults = list(check())
        sys.stdout.writelines(f"{fault}\n" for fault in faults or ["all pictures are in order"])
        return 1 if faults else 0
    browser = options.browser or next((found for name in _BROWSERS if (found := shutil.which(name))), None)
    if browser is None:
        sys.stderr.write("no Chromium found; name one with --browser\n")
        return 1
    try:
        sys.stdout.writelines(f"{line}\n" for line in render(browser, options.names))
    except (OSError, ValueError, subprocess.CalledProcessError) as error:
        sys.stderr.write(f"{error}\n")
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
