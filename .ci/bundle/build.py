"""Builds the offline bundles: `make bundle` (TTS=1 with speech and voices). Needs the network, uv and a built wheel.

Wheels are those of uv.lock, by their hashes, for every Python and both systems; nothing is compiled.
"""

import argparse
import hashlib
import io
import json
import subprocess
import sys
import tarfile
import tempfile
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from packaging.markers import Marker

ROOT = Path(__file__).resolve().parents[2]
HERE = Path(__file__).resolve().parent
INSTALLER = ROOT / "server" / "installation" / "bundle"
PYTHONS = ("3.11", "3.12", "3.13", "3.14")
PIP = "pip==26.3"
PIP_SHA256 = "f3b60b20ffaadd4415ed7957212a38ac63fa4c5fa375bd0f4a797777940fad13"
COMMON = ("suits.py", "README.zh-CN.txt")


@dataclass(frozen=True)
class Platform:
    """One system that bundles are for: its wheel tags, its scripts, and what markers see there."""

    name: str
    tags: tuple[str, ...]
    scripts: tuple[str, ...]
    markers: dict[str, str]


LINUX = Platform(
    name="linux",
    tags=("manylinux_2_28_x86_64", "manylinux_2_17_x86_64", "manylinux2014_x86_64"),
    scripts=("install.sh", "update.sh"),
    markers={"sys_platform": "linux", "platform_system": "Linux", "os_name": "posix", "platform_machine": "x86_64"},
)
WINDOWS = Platform(
    name="windows",
    tags=("win_amd64",),
    scripts=("install.cmd", "update.cmd"),
    markers={"sys_platform": "win32", "platform_system": "Windows", "os_name": "nt", "platform_machine": "AMD64"},
)


def main(arguments: list[str]) -> int:
    """Build for both systems, or those named."""
    parser = argparse.ArgumentParser()
    parser.add_argument("wheel", type=Path)
    parser.add_argument("--out", type=Path, default=ROOT / "dist")
    parser.add_argument("--platform", choices=["linux", "windows"], action="append")
    parser.add_argument("--voices", type=Path, help="Folder of installed voices: makes bundles with speech.")
    options = parser.parse_args(arguments)
    for platform in (LINUX, WINDOWS):
        if platform.name in (options.platform or ["linux", "windows"]):
            made = build(platform, options.wheel, options.voices, options.out)
            sys.stdout.write(f"{made}  {made.stat().st_size / 1e6:.1f} MB\n")
    return 0


def build(platform: Platform, wheel: Path, voices: Path | None, out: Path) -> Path:
    """One bundle; returns the archive."""
    version = wheel.name.split("-")[1]
    requirements = locked(tts=voices is not None)
    with tempfile.TemporaryDirectory() as scratch:
        wheels = Path(scratch) / "wheels"
        for python in PYTHONS:
            download(for_machine(requirements, platform, python), platform, python, wheels)
        ours = f"ccss=={version} --hash=sha256:{sha256(wheel.read_bytes())}"
        files = {path.name: path.read_bytes() for path in (HERE / name for name in (*COMMON, *platform.scripts))}
        files |= {f"installer/{path.name}": path.read_bytes() for path in sorted(INSTALLER.glob("*.py"))}
        files |= {f"wheels/{path.name}": path.read_bytes() for path in (*sorted(wheels.iterdir()), wheel)}
        if voices is not None:
            files |= {
                f"voices/{path.name}": path.read_bytes() for path in sorted(voices.glob("[!.]*")) if path.is_file()
            }
        files["requirements.txt"] = "\n".join([*requirements, ours, ""]).encode()
        files["LICENSE"] = (ROOT / "LICENSE").read_bytes()
    if platform is WINDOWS:
        files = {name: crlf(name, content) for name, content in files.items()}
    manifest = {
        "version": version,
        "platform": platform.name,
        "pythons": list(PYTHONS),
        "files": {name: sha256(content) for name, content in sorted(files.items())},
    }
    files["MANIFEST.json"] = json.dumps(manifest, indent=1).replace('\n  "3.', ' "3.').encode() + b"\n"
    name = f"ccss-{version}-offline-{'tts-' if voices else ''}{platform.name}"
    out.mkdir(exist_ok=True)
    return packed(out, name, files, platform)


def locked(tts: bool) -> list[str]:
    """The locked requirements with markers and hashes, one a line."""
    command = ["uv", "export", "--frozen", "--no-dev", "--no-emit-project", "--no-annotate", "--no-header", "--quiet"]
    said = subprocess.run([*command, *(["--extra", "tts"] if tts else [])], cwd=ROOT, check=True, capture_output=True)
    return [line for line in said.stdout.decode().replace("\\\n   ", "").splitlines() if line.strip()]


def for_machine(requirements: list[str], platform: Platform, python: str) -> Iterator[str]:
    """Those that a machine needs, without markers: pip would judge them by the machine it runs on."""
    known = {"python_version": python, "python_full_version": f"{python}.0"}
    known |= {"implementation_name": "cpython", "platform_python_implementation": "CPython"}
    for line in requirements:
        name, _, hashes = line.partition(" --hash=")
        name, _, marker = name.partition(";")
        if not marker.strip() or Marker(marker.strip()).evaluate(platform.markers | known):
            yield f"{name.strip()} --hash={hashes}"
    yield f"{PIP} --hash=sha256:{PIP_SHA256}"


def download(requirements: Iterator[str], platform: Platform, python: str, wheels: Path) -> None:
    """Wheels of one Python into the folder; raises CalledProcessError for one that does not exist."""
    with tempfile.NamedTemporaryFile("w", suffix=".txt", delete=False) as file:
        file.write("\n".join(requirements))
    command = ["uv", "run", "--no-project", "--with", PIP, "python", "-m", "pip", "download", "--quiet", "--no-deps"]
    command += ["--only-binary=:all:", "--require-hashes", "--implementation", "cp", "--python-version", python]
    command += [word for tag in platform.tags for word in ("--platform", tag)]
    try:
        subprocess.run([*command, "--requirement", file.name, "--dest", str(wheels)], check=True)
    finally:
        Path(file.name).unlink()


def crlf(name: str, content: bytes) -> bytes:
    """Line ends as Windows' own programs want them; a mark of UTF-8 where there is Chinese."""
    if name.endswith(".cmd"):
        return content.replace(b"\n", b"\r\n")
    return b"\xef\xbb\xbf" + content.replace(b"\n", b"\r\n") if name.startswith("README") else content


def packed(out: Path, name: str, files: dict[str, bytes], platform: Platform) -> Path:
    """The archive, all in one folder; it has its name only when it is whole."""
    target = out / f"{name}.{'zip' if platform is WINDOWS else 'tar.gz'}"
    unfinished = target.with_name(f"{target.name}.making")
    if platform is WINDOWS:
        with zipfile.ZipFile(unfinished, "w", zipfile.ZIP_DEFLATED) as archive:
            for path, content in sorted(files.items()):
                archive.writestr(f"{name}/{path}", content)
    else:
        with tarfile.open(unfinished, "w:gz", compresslevel=6) as tar:
            for path, content in sorted(files.items()):
                entry = tarfile.TarInfo(f"{name}/{path}")
                entry.size, entry.mode = len(content), 0o755 if path.endswith(".sh") else 0o644
                tar.addfile(entry, io.BytesIO(content))
    unfinished.replace(target)
    return target


def sha256(content: bytes) -> str:
    """64 hexadecimal digits."""
    return hashlib.sha256(content).hexdigest()


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
