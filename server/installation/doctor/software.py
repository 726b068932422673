"""Checks of the programs: Python, our packages, contest modules, SQLite, the built front end."""

import base64
import hashlib
import sqlite3
import sys
from importlib import metadata
from importlib.machinery import ModuleSpec, PathFinder
from pathlib import Path

from server.installation.doctor.finding import Finding, Setup, bad, ok, warn

OURS = ("agents", "server", "grading", "telephony", "chat_sim", "typing_test", "data_tasks")
DISTRIBUTION = "ccss"
_OLDEST_PYTHON = (3, 11)
_OLDEST_SQLITE = (3, 35, 0)
"""RETURNING and VACUUM INTO; 3.35 has both."""
_ROOT = Path(__file__).resolve().parents[3]
_REINSTALL = (
    "请重新安装 CCSS，且不要在同一环境安装其他软件",
    "Install CCSS anew, with nothing else in its environment",
)


def python(_: Setup) -> Finding:
    """New enough, and 64-bit."""
    said = f"Python {sys.version.split()[0]} ({sys.executable})"
    if sys.version_info[:2] < _OLDEST_PYTHON:
        return bad("python", said, said, "请安装 Python 3.11 或更新版本", "Install Python 3.11 or newer")
    if sys.maxsize < 2**32:
        return bad("python", f"{said}，32 位", f"{said}, 32-bit", "请安装 64 位 Python", "Install a 64-bit Python")
    return ok("python", said, said)


def version(_: Setup) -> Finding:
    """Ours."""
    try:
        said = f"CCSS {metadata.version(DISTRIBUTION)}"
    except metadata.PackageNotFoundError:
        return bad("version", "环境中没有 CCSS 的安装信息", "No distribution ccss in this environment", *_REINSTALL)
    return ok("version", said, said)


def packages(_: Setup) -> Finding:
    """The seven names are our folders, whatever else somebody has installed: `openai-agents` overwrites `agents`."""
    faults = []
    owners = metadata.packages_distributions()
    for name in OURS:
        spec = PathFinder.find_spec(name)
        place = _place(spec)
        if place is not None and place != _ROOT / name:
            faults.append(f"{name} ← {place}")
        others = sorted(set(owners.get(name, ())) - {DISTRIBUTION})
        faults += [f"{name} ← {other}" for other in others]
    faults += _changed()
    if not faults:
        return ok("packages", f"程序包完好（{_ROOT}）", f"Packages are ours ({_ROOT})")
    listed = "; ".join(faults[:8]) + (f" … (+{len(faults) - 8})" if len(faults) > 8 else "")
    return bad("packages", f"程序包被其他软件占用或改动：{listed}", f"Packages are not ours: {listed}", *_REINSTALL)


def _place(spec: ModuleSpec | None) -> Path | None:
    if spec is None:
        return None
    if spec.submodule_search_locations:
        return Path(next(iter(spec.submodule_search_locations))).resolve()
    return Path(spec.origin).resolve() if spec.origin else None


def _changed() -> list[str]:
    """Files of an installed wheel that differ from its record; a source tree has no record."""
    found = []
    for file in metadata.files(DISTRIBUTION) or ():
        if file.parts[0] not in OURS or file.hash is None or file.suffix != ".py":
            continue
        try:
            digest = hashlib.new(file.hash.mode, Path(str(file.locate())).read_bytes()).digest()
        except OSError:
            found.append(f"{file} 缺失 missing")
            continue
        if base64.urlsafe_b64encode(digest).rstrip(b"=").decode() != file.hash.value:
            found.append(f"{file} 被改动 changed")
    return found


def modules(_: Setup) -> Finding:
    """Every contest module loads."""
    names, faults = [], []
    for point in metadata.entry_points(group="ccss.modules"):
        names.append(point.name)
        try:
            point.load()
        except Exception as error:  # whatever a module raises when it is imported
            faults.append(f"{point.name}: {type(error).__name__}: {error}")
    if faults or not names:
        said = "; ".join(faults) or "没有 none"
        return bad("modules", f"竞赛模块无法加载：{said}", f"Contest modules don't load: {said}", *_REINSTALL)
    return ok("modules", f"竞赛模块：{'、'.join(names)}", f"Contest modules: {', '.join(names)}")


def sqlite(_: Setup) -> Finding:
    """New enough."""
    said = f"SQLite {sqlite3.sqlite_version}"
    if sqlite3.sqlite_version_info < _OLDEST_SQLITE:
        return bad("sqlite", said, said, "请换用更新的 Python", "Use a newer Python")
    return ok("sqlite", said, said)


def front_end(_: Setup) -> Finding:
    """The pages were built."""
    for place in (_ROOT / "server" / "web" / "dist", _ROOT / "static" / "dist"):
        if (place / "index.html").is_file():
            return ok("front_end", "网页界面已就绪", f"The pages are there ({place})")
    return warn(
        "front_end",
        "没有网页界面",
        "The pages were not built",
        "源码目录中请运行 make build；否则请重新安装",
        "In a source tree run: make build; else install CCSS anew",
    )
