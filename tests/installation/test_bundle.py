"""The offline bundle as far as it can be checked without a network: wheels for both systems, scripts, contents."""

import importlib.util
import json
import os
import re
import shutil
import subprocess
import sys
import tarfile
import tomllib
import zipfile
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest
from packaging.markers import Marker
from packaging.tags import Tag, compatible_tags, cpython_tags
from packaging.utils import parse_wheel_filename

from server.installation.bundle.contents import Bundle

ROOT = Path(__file__).resolve().parents[2]
SCRIPTS = ROOT / ".ci" / "bundle"

pytestmark = pytest.mark.flow


@pytest.fixture(scope="module")
def build() -> ModuleType:
    """The builder, which is a script."""
    spec = importlib.util.spec_from_file_location("bundle_build", SCRIPTS / "build.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules[spec.name] = module
    spec.loader.exec_module(module)
    return module


def locked() -> dict[str, dict[str, Any]]:
    lock = tomllib.loads((ROOT / "uv.lock").read_text(encoding="utf-8"))
    return {f"{package['name']}=={package.get('version')}": package for package in lock["package"]}


def tags(platform: Any, python: str) -> set[Tag]:
    version = tuple(int(part) for part in python.split("."))
    platforms = list(platform.tags)
    if platform.name == "linux":
        platforms += [f"manylinux_2_{minor}_x86_64" for minor in range(5, 29)] + ["manylinux1_x86_64"]
        platforms.append("manylinux2010_x86_64")
    return {
        *cpython_tags(version, platforms=platforms),
        *compatible_tags(version, f"cp{version[0]}{version[1]}", platforms),
    }


@pytest.mark.skipif(shutil.which("uv") is None, reason="uv writes the requirements")
@pytest.mark.parametrize("tts", [False, True])
def test_every_locked_package_has_a_wheel_for_every_machine(build: ModuleType, tts: bool) -> None:
    requirements, packages = build.locked(tts=tts), locked()
    assert len(requirements) > 30
    for platform in (build.LINUX, build.WINDOWS):
        for python in build.PYTHONS:
            known = tags(platform, python)
            for line in build.for_machine(requirements, platform, python):
                name = line.split()[0]
                if name == build.PIP:
                    continue
                wheels = [wheel["url"].rsplit("/", 1)[1] for wheel in packages[name].get("wheels", ())]
                fitting = [wheel for wheel in wheels if parse_wheel_filename(wheel)[3] & known]
                assert fitting, f"{name}: no wheel for {platform.name}, Python {python}"


@pytest.mark.skipif(shutil.which("uv") is None, reason="uv writes the requirements")
def test_requirements_bear_hashes_and_keep_their_markers(build: ModuleType) -> None:
    for line in build.locked(tts=False):
        assert " --hash=sha256:" in line, line
        name, _, marker = line.split(" --hash=")[0].partition(";")
        assert "==" in name
        if marker.strip():
            Marker(marker.strip())


def test_scripts_of_linux_are_shell() -> None:
    for name in ("install.sh", "update.sh"):
        path = SCRIPTS / name
        assert path.read_bytes().startswith(b"#!/bin/sh\n")
        assert b"\r" not in path.read_bytes()
        if os.name != "nt":
            assert subprocess.run(["sh", "-n", str(path)], check=False).returncode == 0
        if (shellcheck := shutil.which("shellcheck")) is not None:
            assert subprocess.run([shellcheck, str(path)], check=False).returncode == 0


def test_scripts_of_windows_are_whole(build: ModuleType) -> None:
    for name in ("install.cmd", "update.cmd"):
        content = build.crlf(name, (SCRIPTS / name).read_bytes())
        assert content.decode("ascii").startswith("@echo off\r\n")
        assert content.count(b"\n") == content.count(b"\r\n")
        text = content.decode("ascii")
        # Parentheses outside quotes are even: cmd reads a block to the one that closes it.
        bare = "\n".join(re.sub(r'"[^"]*"', "", line) for line in text.splitlines() if not line.startswith("rem"))
        assert bare.count("(") == bare.count(")")
        assert {word[1:] for word in re.findall(r"call (:\w+)", text)} <= set(re.findall(r"^:(\w+)", text, re.M))
    known = set(
        re.findall(r"-(3\.\d+)|%%V in \(([\d. ]+)\)", (SCRIPTS / "install.cmd").read_text(encoding="ascii")).pop()
    )
    assert set(" ".join(known).split()) == set(build.PYTHONS)
    assert all(f"python{version}" in (SCRIPTS / "install.sh").read_text(encoding="utf-8") for version in build.PYTHONS)


@pytest.fixture
def bundles(build: ModuleType, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> dict[str, Path]:
    """Both archives, with a wheel of nothing and no downloads."""
    monkeypatch.setattr(build, "locked", lambda tts: ["a==1 --hash=sha256:00"])
    pip = f"{build.PIP.replace('==', '-')}-py3-none-any.whl"

    def download(requirements: Any, platform: Any, python: str, wheels: Path) -> None:
        assert len(list(requirements)) == 2
        wheels.mkdir(exist_ok=True)
        (wheels / pip).write_bytes(b"pip")

    monkeypatch.setattr(build, "download", download)
    wheel = tmp_path / "ccss-9.9.9-py3-none-any.whl"
    wheel.write_bytes(b"ours")
    return {one.name: build.build(one, wheel, None, tmp_path / "dist") for one in (build.LINUX, build.WINDOWS)}


def test_a_bundle_is_what_its_manifest_says(bundles: dict[str, Path], tmp_path: Path) -> None:
    assert [path.name for path in bundles.values()] == [
        "ccss-9.9.9-offline-linux.tar.gz",
        "ccss-9.9.9-offline-windows.zip",
    ]
    with tarfile.open(bundles["linux"]) as tar:
        assert tar.getmember("ccss-9.9.9-offline-linux/install.sh").mode & 0o111
        tar.extractall(tmp_path, filter="data")
    with zipfile.ZipFile(bundles["windows"]) as zipped:
        zipped.extractall(tmp_path)
    for name in bundles:
        root = tmp_path / f"ccss-9.9.9-offline-{name}"
        bundle = Bundle.read(root)
        bundle.check()
        assert bundle.pip.is_file()
        there = {path.relative_to(root).as_posix() for path in root.rglob("*") if path.is_file()}
        assert there == {*bundle.files, "MANIFEST.json"}
        assert "ccss==9.9.9 --hash=sha256:" in (root / "requirements.txt").read_text(encoding="utf-8")
        assert {"installer/__main__.py", "LICENSE", "suits.py"} <= there


@pytest.mark.skipif(os.name == "nt", reason="runs the shell script")
def test_the_installer_runs_from_the_bundle_alone(bundles: dict[str, Path], tmp_path: Path) -> None:
    """By a Python that sees nothing of ours: its first refusal is about the wheels of nothing."""
    with tarfile.open(bundles["linux"]) as tar:
        tar.extractall(tmp_path, filter="data")
    script = tmp_path / "ccss-9.9.9-offline-linux" / "install.sh"
    world = {"PATH": os.environ["PATH"], "HOME": str(tmp_path), "PYTHON": sys.executable, "PYTHONNOUSERSITE": "1"}
    command = [str(script), "--no-service", "--home", str(tmp_path / "home"), "--data", str(tmp_path / "data")]
    said = subprocess.run(command, capture_output=True, text=True, encoding="utf-8", env=world, check=False)
    assert said.returncode == 1
    assert "命令失败" in said.stderr
    assert not (tmp_path / "home" / "venv-9.9.9").exists()
    (script.parent / "wheels" / "ccss-9.9.9-py3-none-any.whl").write_bytes(b"other")
    said = subprocess.run(command, capture_output=True, text=True, encoding="utf-8", env=world, check=False)
    assert "wheels/ccss-9.9.9-py3-none-any.whl" in said.stderr


def test_the_installer_needs_nothing_of_ours(build: ModuleType) -> None:
    code = "import sys; sys.path.insert(0, sys.argv[1]); import bundle.__main__; print(sorted(sys.modules))"
    command = [sys.executable, "-I", "-S", "-c", code, str(build.INSTALLER.parent)]
    said = subprocess.run(command, capture_output=True, text=True, check=True)
    loaded = {name.split(".")[0] for name in json.loads(said.stdout.replace("'", '"'))}
    assert loaded - {"bundle"} <= sys.stdlib_module_names | {"__main__"}


def test_suits_asks_the_manifest(tmp_path: Path) -> None:
    for pythons, code in ((["{}.{}".format(*sys.version_info[:2])], 0), (["2.7"], 1)):
        (tmp_path / "MANIFEST.json").write_text(json.dumps({"pythons": pythons}), encoding="utf-8")
        ran = subprocess.run([sys.executable, str(SCRIPTS / "suits.py")], cwd=tmp_path, check=False)
        assert ran.returncode == code
