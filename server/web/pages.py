"""The built front end: precompressed files, long-lived assets, and index.html for every page address."""

from dataclasses import dataclass
from pathlib import Path

from fastapi import APIRouter, Request
from starlette.responses import HTMLResponse, Response

from server.core.errors import NotFound
from server.core.frozen import sha256_hex

_HERE = Path(__file__).resolve().parent
_ENCODINGS = (("br", ".br"), ("gzip", ".gz"))
# Not from the system's table: on Windows that is the registry, where scripts are often "text/plain".
_MEDIA_TYPES = {
    ".html": "text/html; charset=utf-8",
    ".js": "text/javascript; charset=utf-8",
    ".css": "text/css; charset=utf-8",
    ".json": "application/json",
    ".svg": "image/svg+xml",
    ".png": "image/png",
    ".webp": "image/webp",
    ".ico": "image/x-icon",
    ".woff2": "font/woff2",
    ".webmanifest": "application/manifest+json",
}
_FOREVER = "public, max-age=31536000, immutable"
_ASK = "no-cache"
_NOT_BUILT = (
    "<!doctype html><html lang=zh-CN><meta charset=utf-8><title>CCSS</title>"
    "<p>界面尚未构建，请运行 <code>make build</code>。Not built yet: run <code>make build</code>."
)


@dataclass(frozen=True, slots=True)
class _File:
    """A file with its precompressed forms, all in memory: a few megabytes, mostly the handbook's pictures."""

    media_type: str
    cache: str
    etag: str
    bodies: dict[str, bytes]


def dist_folder() -> Path | None:
    """The built front end: inside the wheel, or in the source tree; None if it has not been built."""
    for folder in (_HERE / "dist", _HERE.parents[1] / "static" / "dist"):
        if (folder / "index.html").is_file():
            return folder
    return None


def load_files(folder: Path) -> dict[str, _File]:
    """Every file of the front end by its address, read once."""
    files = {}
    for path in sorted(folder.rglob("*")):
        if not path.is_file() or path.suffix in (".br", ".gz"):
            continue
        bodies = {"": path.read_bytes()}
        for encoding, suffix in _ENCODINGS:
            packed = path.with_name(path.name + suffix)
            if packed.is_file():
                bodies[encoding] = packed.read_bytes()
        name = path.relative_to(folder).as_posix()
        media_type = _MEDIA_TYPES.get(path.suffix, "application/octet-stream")
        cache = _FOREVER if name.startswith("assets/") else _ASK
        files[f"/{name}"] = _File(media_type, cache, f'"{sha256_hex(bodies[""])[:24]}"', bodies)
    return files


def pages_router() -> APIRouter:
    """Routes for whatever is not the API; the front end decides what an address shows."""
    router = APIRouter(include_in_schema=False)
    folder = dist_folder()
    files = load_files(folder) if folder else {}

    @router.get("/{path:path}")
    async def page(path: str, request: Request) -> Response:
        if path.startswith("api/") or path == "ws":
            raise NotFound
        if not files:
            return HTMLResponse(_NOT_BUILT, 503)
        # The handbook has pages of its own: /help is help.html, /help/trainer is help/trainer.html.
        file = files.get(f"/{path}") or files.get(f"/{path.rstrip('/')}.html")
        if file is None:
            if "." in path.rsplit("/", 1)[-1]:
                raise NotFound
            file = files["/index.html"]
        return _answer(file, request)

    return router


def _answer(file: _File, request: Request) -> Response:
    headers = {"cache-control": file.cache, "etag": file.etag, "vary": "accept-encoding"}
    if request.headers.get("if-none-match") == file.etag:
        return Response(status_code=304, headers=headers)
    accepted = {part.split(";")[0].strip() for part in request.headers.get("accept-encoding", "").split(",")}
    encoding = next((name for name, _ in _ENCODINGS if name in accepted and name in file.bodies), "")
    if encoding:
        headers["content-encoding"] = encoding
    return Response(file.bodies[encoding], headers=headers, media_type=file.media_type)
