"""Checks of the machine: disk, clock, memory, limits."""

import os
import sqlite3
import sys
import time
from datetime import datetime
from pathlib import Path

from server.installation.doctor.data import newest_event_ms
from server.installation.doctor.finding import Finding, Setup, bad, ok, warn

_GB = 1 << 30
DISK_OK, DISK_LEAST = 5 * _GB, 1 * _GB
"""Bytes free for a day of contest, and the least to go on writing with."""
_MEMORY_OK, _MEMORY_LEAST = 2 * _GB, _GB // 2
_FSYNCS = 20
_FSYNC_SLOW_S = 0.05
_SLACK_S = 60
"""How far the clock may lie behind the newest event; a server that runs writes heartbeats all the time."""
_DRIFT_S = 0.2
_FILES = 4096
"""A few connections for each of 1000 places."""


def disk(setup: Setup) -> Finding:
    """Room for a day: 300 contestants need less than 1 GB, its backups as much again."""
    place = _existing(setup.folder.root)
    free = setup.free(place)
    said_zh, said_en = f"磁盘剩余 {free / _GB:.1f} GB", f"{free / _GB:.1f} GB free"
    cure = ("请清理磁盘，或把数据目录移到更大的磁盘", "Make room, or move the data folder to a larger disk")
    if free < DISK_LEAST:
        return bad("disk", said_zh, said_en, *cure)
    return warn("disk", said_zh, said_en, *cure) if free < DISK_OK else ok("disk", said_zh, said_en)


def fsync(setup: Setup) -> Finding:
    """How long the disk takes to keep something: every answer of a seat waits for that."""
    probe = _existing(setup.folder.root) / f"doctor-fsync-{os.getpid()}.tmp"
    took = []
    try:
        with probe.open("wb", buffering=0) as file:
            for _ in range(_FSYNCS):
                started = time.perf_counter()
                file.write(b"\0" * 4096)
                os.fsync(file.fileno())
                took.append(time.perf_counter() - started)
    except OSError as error:
        return bad(
            "fsync", f"无法写盘：{error}", f"The disk can't be written to: {error}", "请检查磁盘", "Look at the disk"
        )
    finally:
        probe.unlink(missing_ok=True)
    worst = max(took)
    said_zh, said_en = f"写盘最慢 {worst * 1000:.1f} 毫秒", f"Slowest fsync of {_FSYNCS}: {worst * 1000:.1f} ms"
    if worst > _FSYNC_SLOW_S:
        return warn(
            "fsync",
            said_zh,
            said_en,
            "磁盘太慢或正忙，多人作答时会卡顿；请换固态硬盘或停掉其他程序",
            "Slow or busy: use an SSD, or stop what else uses it",
        )
    return ok("fsync", said_zh, said_en)


def clock(setup: Setup) -> Finding:
    """A sane year, no earlier than what the journal has seen, and not being moved right now."""
    now = setup.now()
    shown = f"{datetime.fromtimestamp(now).astimezone():%Y-%m-%d %H:%M:%S}"
    cure = ("请校准系统时钟（BIOS 电池、NTP），再启动服务器", "Set the clock (battery, NTP) before the server starts")
    if not 2026 <= datetime.fromtimestamp(now).astimezone().year < 2100:
        return bad("clock", f"系统时钟不对：{shown}", f"The clock is wrong: {shown}", *cure)
    try:
        newest = newest_event_ms(setup.folder.database) / 1000 if setup.folder.database.is_file() else 0
    except sqlite3.Error:
        newest = 0  # the check of the database tells that
    if now < newest - _SLACK_S:
        then = f"{datetime.fromtimestamp(newest).astimezone():%Y-%m-%d %H:%M:%S}"
        return bad(
            "clock",
            f"系统时钟 {shown} 早于最近的记录 {then}",
            f"The clock says {shown}, but the journal has seen {then}",
            *cure,
        )
    wall, steady = setup.now(), setup.monotonic()
    time.sleep(0.1)
    drift = (setup.now() - wall) - (setup.monotonic() - steady)
    if abs(drift) > _DRIFT_S:
        return warn(
            "clock",
            f"系统时钟正在跳动（{drift:+.1f} 秒）",
            f"The clock is being moved ({drift:+.1f} s)",
            "请等待校时结束，比赛中不要改动时钟",
            "Wait until it is set; leave it alone during a contest",
        )
    return ok("clock", f"系统时钟 {shown}", f"Clock {shown}")


def time_zone(setup: Setup) -> Finding:
    """China's, where the contests are."""
    local = datetime.fromtimestamp(setup.now()).astimezone()
    said = f"UTC{local:%z}"
    if local.strftime("%z") != "+0800":
        return warn(
            "time_zone",
            f"时区为 {said}，不是北京时间",
            f"Time zone {said}, not that of China",
            "Linux 请运行 timedatectl set-timezone Asia/Shanghai；Windows 在“日期和时间”中设置",
            "Linux: timedatectl set-timezone Asia/Shanghai; Windows: Date & time",
        )
    return ok("time_zone", f"时区 {said}", f"Time zone {said}")


def memory(_: Setup) -> Finding:
    """What is free now."""
    free = _free_memory()
    if free is None:
        return ok("memory", "内存未知", "Memory unknown")
    said_zh, said_en = f"可用内存 {free / _GB:.1f} GB", f"{free / _GB:.1f} GB of memory free"
    cure = ("请关闭其他程序或增加内存", "Close other programs or add memory")
    if free < _MEMORY_LEAST:
        return bad("memory", said_zh, said_en, *cure)
    return warn("memory", said_zh, said_en, *cure) if free < _MEMORY_OK else ok("memory", said_zh, said_en)


def open_files(_: Setup) -> Finding:
    """Every connection is one."""
    if sys.platform == "win32":
        return ok("open_files", "Windows 不限制", "Windows sets no limit")
    import resource

    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    if soft != resource.RLIM_INFINITY and soft < _FILES:
        return warn(
            "open_files",
            f"打开文件数上限 {soft}（硬上限 {hard}），约够 {soft // 4} 个赛位",
            f"At most {soft} open files (hard {hard}): about {soft // 4} places",
            f"请用安装包的服务运行，或先执行 ulimit -n {_FILES}",
            f"Run it as the bundle's service, or say before: ulimit -n {_FILES}",
        )
    return ok("open_files", f"打开文件数上限 {soft}", f"At most {soft} open files")


def _existing(path: Path) -> Path:
    """The folder, or the nearest one above it that is there."""
    return next(place for place in (path.resolve(), *path.resolve().parents) if place.is_dir())


def _free_memory() -> int | None:
    """Bytes; None where the system does not tell."""
    if sys.platform == "win32":
        import ctypes

        class Status(ctypes.Structure):
            _fields_ = [("length", ctypes.c_ulong), ("load", ctypes.c_ulong)] + [
                (name, ctypes.c_ulonglong) for name in ("total", "free", "tp", "fp", "tv", "fv", "fe")
            ]

        status = Status(length=ctypes.sizeof(Status))
        told = ctypes.windll.kernel32.GlobalMemoryStatusEx(ctypes.byref(status))
        return int(status.free) if told else None
    try:
        lines = Path("/proc/meminfo").read_text(encoding="ascii").splitlines()
    except OSError:
        return None
    return next((int(line.split()[1]) * 1024 for line in lines if line.startswith("MemAvailable:")), None)
